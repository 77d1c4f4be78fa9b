"""The tests that a text cites, shown on a page of their own.

``{test}`tests/pl/test_closure.py::test_name``` is a link to the code of that test. A file or a
function that does not exist is an error of the build.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from docutils import nodes
from sphinx.util.docutils import SphinxRole

if TYPE_CHECKING:
    from sphinx.application import Sphinx

_CITED = re.compile(r"\{test\}`([^`]+)`")
_PAGE = "theory/checks"


def _label(cited: str) -> str:
    return "check-" + re.sub(r"[^a-z0-9]+", "-", cited.lower()).strip("-")


def write_page(app: Sphinx) -> None:
    """Write the page with the code of all tests that are cited."""
    source = Path(app.srcdir)
    cited = sorted({c for page in source.glob("*/*.md") for c in _CITED.findall(page.read_text())})
    title = "The tests that the theorems cite"
    lines = [":orphan:", "", title, "=" * len(title), ""]
    for test in cited:
        file, _, name = test.partition("::")
        if not (source.parent / file).is_file():
            raise FileNotFoundError(f"a page cites {test}: there is no such file")
        lines += [f".. _{_label(test)}:", "", test, "-" * len(test), ""]
        lines += [f".. literalinclude:: ../../{file}", "   :language: python"]
        lines += [f"   :pyobject: {name}", ""]
    page = source / f"{_PAGE}.rst"
    text = "\n".join(lines)
    if not page.exists() or page.read_text() != text:
        page.write_text(text)


class Test(SphinxRole):
    """A link to the code of a test."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Return the link."""
        up = "../" * self.env.docname.count("/")
        uri = f"{up}{_PAGE}.html#{_label(self.text)}"
        name = self.text.partition("::")[2]
        link = nodes.reference("", "", internal=True, refuri=uri, reftitle=self.text)
        link += nodes.literal("", name)
        return [link], []


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the role, and write the page."""
    app.connect("builder-inited", write_page)
    app.add_role("test", Test())
    return {"parallel_read_safe": True, "parallel_write_safe": True}
