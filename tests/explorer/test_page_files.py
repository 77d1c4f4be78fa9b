"""The files of the page: rules that need no browser."""

from __future__ import annotations

import re

import pytest
from sample_site import PAGE

SCRIPTS = sorted(PAGE.glob("js/**/*.js"))
SHEETS = sorted(PAGE.glob("css/*.css"))
IMPORT = re.compile(r"""^(?:import|export)\b[^;]*?from\s+"([^"]+)";""", re.M)
LAZY = re.compile(r"""\bimport\(["`]([^"`$]+)["`]\)""")
#: Words that turn text into markup or code, or ask another server.
FORBIDDEN = [
    "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function",
    "setTimeout(\"", "XMLHttpRequest", "WebSocket", "importScripts", "sendBeacon",
]  # fmt: skip
#: Addresses that are names of formats or links for people, never asked by the page.
ADDRESSES = (
    "http://www.w3.org/",
    "https://www.lmfdb.org/",
    "https://people.maths.bris.ac.uk/",
)


def name(path):
    return path.relative_to(PAGE).as_posix()


def imported(script):
    return [(script.parent / found).resolve() for found in IMPORT.findall(script.read_text())]


def reachable(*starts):
    found, waiting = set(), list(starts)
    while waiting:
        script = waiting.pop()
        if script not in found:
            found.add(script)
            waiting += imported(script)
    return found


@pytest.mark.parametrize("script", SCRIPTS, ids=name)
def test_scripts_keep_the_rules(script):
    text = script.read_text()
    assert text.startswith(("/**", "// ")), "a file begins with what it is for"
    assert len(text.splitlines()) <= 450
    assert [word for word in FORBIDDEN if word in text] == []
    addresses = re.findall(r"https?://[^\s\"'`)<]*", text)
    assert [one for one in addresses if not one.startswith(ADDRESSES)] == []
    for found in IMPORT.findall(text) + LAZY.findall(text):
        assert found.startswith("."), f"{found} is not a file of the page"
        assert (script.parent / found).is_file(), f"{found} is not there"
    undocumented = re.findall(r"(?<!\*/\n)^export (?:async )?function (\w+)", text, re.M)
    assert undocumented == []


def test_no_script_is_left_over():
    starts = [PAGE / "js/main.js", *PAGE.glob("js/views/*.js")]
    lazy = [(s.parent / f).resolve() for s in SCRIPTS for f in LAZY.findall(s.read_text())]
    assert set(SCRIPTS) - reachable(*starts, *lazy) == set()


def test_what_the_first_view_needs_is_asked_for_at_once():
    text = (PAGE / "index.html").read_text()
    listed = re.findall(r'<link rel="modulepreload" href="([^"]+)">', text)
    needed = reachable(PAGE / "js/main.js", PAGE / "js/views/group.js") - {PAGE / "js/main.js"}
    lines = [f'<link rel="modulepreload" href="{one}">' for one in sorted(map(name, needed))]
    assert listed == sorted(map(name, needed)), "index.html is to have: " + "\n".join(lines)
    sheets = re.findall(r'@import "([^"]+)";', (PAGE / "style.css").read_text())
    assert sorted(sheets) == [name(sheet) for sheet in SHEETS]


def test_the_page_has_no_script_of_its_own():
    text = (PAGE / "index.html").read_text()
    assert re.findall(r"<script(.*?)>(.*?)</script>", text) == [
        (' type="module" src="js/main.js"', "")
    ]
    assert re.findall(r"\son\w+=", text) == []
    assert re.findall(r"""(?:href|src)="(?:https?:)?//""", text) == []


@pytest.mark.parametrize("sheet", SHEETS, ids=name)
def test_sheets_keep_the_rules(sheet):
    text = sheet.read_text()
    assert text.startswith("/*")
    assert len(text.splitlines()) <= 450
    assert "url(" not in text
    if sheet.name != "tokens.css":
        colours = re.findall(r"#[0-9a-fA-F]{3,8}\b(?=[^{}]*;)", text)
        assert colours == [], "colours have names in tokens.css"
