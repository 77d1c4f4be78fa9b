"""Print the chapters of the theory, as the site has them, into out/theory.pdf.

It begins with a table of contents. A link from chapter to chapter, to a theorem too, is a link in
the PDF; one to another page of the site is plain text there. Run by ``make theory-pdf`` after
``make docs``. A Chromium of the system prints; where there is none the joined page
``out/theory.html`` is left to be printed by any browser.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from bs4 import BeautifulSoup

ROOT = Path(__file__).parents[1]
SITE = ROOT / "out" / "docs"
PAGE = ROOT / "out" / "theory.html"
PDF = ROOT / "out" / "theory.pdf"
STYLE = """
body { font: 11pt/1.45 serif; margin: 0; }
h1 { font-size: 18pt; } body > section + section { break-before: page; }
h2 { font-size: 14pt; } code, pre { font-size: 9pt; }
pre { background: #f3f3f3; padding: 6pt; white-space: pre-wrap; }
img, svg { max-width: 100%; } a { color: inherit; text-decoration: none; }
.headerlink, .toctree-wrapper, .copybtn { display: none; } .formula { text-align: center; }
nav li { margin: 3pt 0; }
@page { size: A4; margin: 22mm 20mm; }
"""


def chapters() -> list[str]:
    """Return the chapters in the order of the table of contents, the overview first."""
    text = (ROOT / "docs" / "theory" / "index.md").read_text()
    found = re.search(r"```\{toctree\}\n(.*?)```", text, re.DOTALL)
    assert found is not None
    return ["index", *(line for line in found[1].splitlines() if re.fullmatch(r"\w+", line))]


def joined() -> str:
    """Return one page with all chapters."""
    names = chapters()
    parts, contents = [], []
    for name in names:
        page = BeautifulSoup((SITE / "theory" / f"{name}.html").read_text(), "html.parser")
        article = page.find("article")
        assert article is not None, f"{name}.html has no article: run make docs"
        for picture in article.find_all("img"):
            picture["src"] = (SITE / "theory" / str(picture["src"])).resolve().as_uri()
        for place in article.find_all(id=True):
            place["id"] = f"{name}-{place['id']}"
        for link in article.find_all("a"):
            to = _inside(str(link.get("href", "")), name, names)
            if to is None:
                link.unwrap()
            else:
                link["href"] = to
        text = article.decode_contents().replace("¶", "")
        parts.append(f'<section id="{name}">{text}</section>')
        title = article.h1.get_text().replace("¶", "") if article.h1 else name
        contents.append(f'<li><a href="#{name}">{title}</a></li>')
    body = "\n".join([f"<nav><ul>{''.join(contents)}</ul></nav>", *parts])
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f"<title>plrep-toolkit: theory</title><style>{STYLE}</style></head>"
        f"<body>{body}</body></html>"
    )


def _inside(link: str, chapter: str, chapters: list[str]) -> str | None:
    """Return where a link of a chapter leads in the joined page, ``None`` if it leads out of it."""
    file, _, place = link.partition("#")
    target = chapter if not file else file.removesuffix(".html")
    if target not in chapters or (file and not file.endswith(".html")):
        return None
    return f"#{target}-{place}" if place else f"#{target}"


def main() -> int:
    """Write the page and print it."""
    PAGE.write_text(joined())
    names = ("chromium", "chromium-browser", "google-chrome")
    browser = next((path for path in map(shutil.which, names) if path), None)
    if browser is None:
        print(f"no Chromium was found: print {PAGE.relative_to(ROOT)} by a browser")
        return 1
    with tempfile.TemporaryDirectory() as profile:
        subprocess.run(
            [
                browser, "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer",
                "--generate-pdf-document-outline",
                f"--user-data-dir={profile}", f"--print-to-pdf={PDF}", PAGE.as_uri(),
            ],
            check=True, capture_output=True, timeout=120,
        )  # fmt: skip
    print(f"{PDF.relative_to(ROOT)}: {PDF.stat().st_size // 1024} KiB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
