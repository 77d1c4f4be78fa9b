"""What leaves the page is opened again: pictures, tables, data, code, the address."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from explorer_page import clipboard

from toolkit.explorer.record.unpacked import unpacked

SVG = "{http://www.w3.org/2000/svg}"
DOCUMENT = """\\documentclass{standalone}
\\usepackage{tikz}
\\begin{document}
%s
\\end{document}
"""
#: A state of each view in which there is something to export.
STATES = {
    "group": "#group=S4",
    "graph": "#group=S4&view=graph&simple=L2",
    "lattice": "#group=S4&view=lattice",
    "map": "#group=S4&view=map&module=H6a",
    "overtones": "#view=overtones",
    "layer": "#group=S4&view=layer&module=H6a",
    "catalog": "#view=catalog",
}
WORDS = {
    "svg": "Picture (SVG)",
    "png": "Picture (PNG)",
    "csv": "Table (CSV)",
    "json": "Data (JSON)",
    "tex": "LaTeX (TikZ)",
    "py": "Python code",
}


def offered(page):
    """What the menu offers, as endings."""
    page.get_by_role("button", name="Export").click()
    words = page.locator("#export-menu button").all_inner_texts()
    page.get_by_role("button", name="Export").click()
    assert words[-1] == "Copy the address"
    return {ending for ending, word in WORDS.items() if word in words}


def download(page, ending):
    """The file that the menu gives, and its name."""
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as waiting:
        page.locator("#export-menu").get_by_role("button", name=WORDS[ending]).click()
    found = waiting.value
    assert re.fullmatch(rf"[A-Za-z0-9.-]+\.{ending}", found.suggested_filename)
    return Path(found.path()).read_bytes()


@pytest.mark.parametrize(
    "view",
    [v if v in ("graph", "catalog") else pytest.param(v, marks=pytest.mark.slow) for v in STATES],
)
@pytest.mark.slow
def test_what_a_view_offers_can_be_opened(open_page, browser, view, tmp_path):
    page = open_page(STATES[view], dark=True)
    page.locator(f"body[data-view={view}] main:not([aria-busy])").wait_for()
    page.wait_for_timeout(300)
    endings = offered(page)
    if view in ("group", "catalog"):
        assert {"csv", "json", "py"} <= endings
    else:
        assert {"svg", "png", "csv", "json", "py"} <= endings
    for ending in sorted(endings):
        content = download(page, ending)
        CHECKS[ending](content, page, browser, tmp_path)


def check_svg(content, page, browser, tmp_path):
    root = ET.fromstring(content.decode())
    assert root.tag == f"{SVG}svg"
    assert root.find(f"{SVG}title").text
    assert root.find(f"{SVG}desc").text
    text = content.decode()
    assert "var(--" not in text
    assert "<script" not in text
    assert not re.search(r"""(href|src)=["']http""", text)
    ground = next(iter(root.iter(f"{SVG}rect")))
    assert ground.get("fill") == "#fbfaf8"  # light, though the page is dark
    path = tmp_path / "alone.svg"
    path.write_bytes(content)
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    alone = context.new_page()
    alone.goto(path.as_uri())
    assert colours_of(alone.screenshot()) > 8
    context.close()


def colours_of(png):
    """How many colours a picture has, at a fourth of its size."""
    from PIL import Image

    image = Image.open(io.BytesIO(png)).convert("RGB")
    return len(image.resize((image.width // 4, image.height // 4)).getcolors(maxcolors=10**6))


def check_png(content, page, _browser, _tmp_path):
    from PIL import Image

    image = Image.open(io.BytesIO(content))
    root = ET.fromstring(download(page, "svg").decode())
    assert image.size == (2 * int(root.get("width")), 2 * int(root.get("height")))
    assert colours_of(content) > 8


def check_csv(content, page, _browser, _tmp_path):
    rows = list(csv.reader(io.StringIO(content.decode(), newline="")))
    assert len(rows) >= 2
    assert {len(row) for row in rows} == {len(rows[0])}
    assert "[object" not in content.decode()
    assert all(rows[0])


def check_json(content, page, _browser, _tmp_path):
    assert json.loads(content)
    assert b"[object" not in content


def check_tex(content, page, _browser, tmp_path):
    text = content.decode()
    begun = re.findall(r"\\begin\{(\w+)\}", text)
    assert "tikzpicture" in begun
    assert sorted(begun) == sorted(re.findall(r"\\end\{(\w+)\}", text))
    assert text.count("{") == text.count("}")
    assert "undefined" not in text
    assert "NaN" not in text
    if shutil.which("pdflatex"):
        source = tmp_path / "picture.tex"
        source.write_text(DOCUMENT % text)
        done = subprocess.run(
            ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", source.name],
            cwd=tmp_path, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout[-2000:]


def check_py(content, page, _browser, tmp_path):
    done = subprocess.run(  # the code of a map writes a picture
        [sys.executable, "-c", content.decode()],
        capture_output=True, text=True, check=False, cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, f"{content.decode()}\n{done.stderr}"


CHECKS = {
    "svg": check_svg,
    "png": check_png,
    "csv": check_csv,
    "json": check_json,
    "tex": check_tex,
    "py": check_py,
}


def test_the_table_of_a_group_is_the_one_on_the_screen(open_page):
    page = open_page("#group=S4&section=classes")
    rows = list(csv.reader(io.StringIO(download(page, "csv").decode(), newline="")))
    shown = page.locator("#section-classes table tr").all()
    assert rows == [row.locator("th, td").all_inner_texts() for row in shown]


def test_the_code_of_a_group_prints_what_the_page_shows(page):
    code = download(page, "py").decode()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    lines = done.stdout.splitlines()
    assert lines[0] == "24"
    assert "L2 2 R 4" in lines
    row = page.locator("#section-simples tbody tr").nth(2).locator("th, td").all_inner_texts()
    assert (row[0], row[1], row[4]) == ("L2", "2", "N1: 4")
    assert lines[-1] == "N3 24"


def test_the_data_of_a_group_are_its_record(page, sample_records):
    found = json.loads(download(page, "json"))
    assert found["title"] == "S4"
    assert found["simples"] == unpacked(sample_records["S4"])["simples"]


def test_the_address_is_copied(open_page, site):
    page = open_page("#group=S4&simple=L2")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Export").click()
    page.get_by_role("button", name="Copy the address").click()
    assert clipboard(page, "#group=") == f"{site.address}#group=S4&simple=L2"


def test_without_a_clipboard_the_text_is_there_to_copy(open_page, site):
    page = open_page("#group=S4")
    page.evaluate(
        """() => {
            Object.defineProperty(navigator, "clipboard", { value: undefined });
            document.execCommand = () => false;
        }"""
    )
    page.get_by_role("button", name="Export").click()
    page.get_by_role("button", name="Copy the address").click()
    field = page.get_by_role("textbox", name="The text to copy")
    assert field.input_value() == f"{site.address}#group=S4"
    assert page.evaluate("getSelection().toString()") == f"{site.address}#group=S4"


def test_a_citation_names_the_version_and_the_address(open_page, site):
    page = open_page("#group=S4")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Export").click()
    page.get_by_text("The version is part of what you cite: plrep-toolkit").wait_for()
    page.get_by_role("button", name="Copy a citation").click()
    copied = clipboard(page, "plrep-toolkit")
    assert re.search(rf"plrep-toolkit \S+, {re.escape(site.address)}#group=S4, \d{{4}}-", copied)
