"""Lists of files with what each says of itself: benchmarks, examples, findings."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

if TYPE_CHECKING:
    from sphinx.application import Sphinx

ROOT = Path(__file__).parents[2]


def about_scripts(folder: str) -> list[tuple[str, list[str]]]:
    """Return the path of each Python script, and the first sentence of its docstring."""
    out = []
    for file in sorted((ROOT / folder).glob("*.py")):
        text = ast.get_docstring(ast.parse(file.read_text())) or ""
        sentence = " ".join(text.partition("\n\n")[0].split())
        out.append((f"{folder}/{file.name}", [sentence]))
    return out


def about_findings() -> list[tuple[str, list[str]]]:
    """Return the path of each finding, and the paragraphs of its head: expected, real, ..."""
    out = []
    for file in sorted((ROOT / "findings").glob("*.sh")):
        lines = []
        for line in file.read_text().splitlines()[1:]:
            if not line.startswith("#"):
                break
            lines.append(line[1:].strip())
        parts = re.split(
            r"(?=\b(?:Expected|Real|Packages?|Why it matters here|Reported): )", " ".join(lines)
        )
        out.append((f"findings/{file.name}", [part.strip() for part in parts if part.strip()]))
    return out


def _with_code(text: str) -> list[nodes.Node]:
    """Return a sentence whose code stands between one or two backticks."""
    parts = re.split(r"``?", text)
    return [
        nodes.literal("", part) if number % 2 else nodes.Text(part)
        for number, part in enumerate(parts)
    ]


class Listing(SphinxDirective):
    """A list of the files of one folder, each with what it says."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the list."""
        folder = self.arguments[0]
        entries = about_findings() if folder == "findings" else about_scripts(folder)
        out = nodes.definition_list()
        for path, paragraphs in entries:
            item, body = nodes.definition_list_item(), nodes.definition()
            item += nodes.term("", "", nodes.literal("", path))
            body += [nodes.paragraph("", "", *_with_code(text)) for text in paragraphs]
            item += body
            out += item
        return [out]


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directive."""
    app.add_directive("listing", Listing)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
