"""The statements of the theory: labels for them, links to them, and which names each is about.

A statement is a paragraph of a chapter that begins in bold: a theorem with a number, or a remark
with a title. ``Theorem 8`` in any text of the site, a docstring too, is a link to that theorem; a
number that no chapter has is a warning.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.transforms import SphinxTransform

if TYPE_CHECKING:
    from sphinx.application import Sphinx

_FOLDER = Path(__file__).parents[1] / "theory"
_HEAD = re.compile(r"^\*\*([^*]+)\*\*", re.MULTILINE)
_NAME = re.compile(r"\{py:\w+\}`(toolkit\.[\w.]+)`")
_KINDS = "Theorem|Proposition|Corollary|Lemma"
_NUMBERED = re.compile(rf"(?:{_KINDS}) (\d+)")
#: "Theorem 8", and "Theorems 3, 4 and 6".
_SPOKEN = re.compile(rf"(?:{_KINDS})s?\s\d+\b(?!\.\d)(?:(?:,| and|, and) \d+)*")


@dataclass(frozen=True)
class Statement:
    """A statement of the theory.

    Attributes
    ----------
    title
        Its head, as in the text: ``Theorem 8``.
    label
        The label of its paragraph on the site.
    chapter
        The name of the page, and its title.
    names
        The public names that its text refers to.
    """

    title: str
    label: str
    chapter: tuple[str, str]
    names: tuple[str, ...]


@cache
def statements() -> tuple[Statement, ...]:
    """Return all statements, chapter by chapter."""
    out = []
    for file in sorted(_FOLDER.glob("*.md")):
        text = file.read_text()
        heading = re.search(r"^# (.*)$", text, re.MULTILINE)
        title = heading[1] if heading else file.stem
        heads = list(_HEAD.finditer(text))
        for number, head in enumerate(heads):
            end = heads[number + 1].start() if number + 1 < len(heads) else len(text)
            words = head[1].rstrip(".")
            if words != "Definition":
                names = tuple(_NAME.findall(text[head.start() : end]))
                out.append(Statement(words, _label(words), (file.stem, title), names))
    return tuple(out)


def _label(head: str) -> str:
    number = _NUMBERED.match(head)
    words = f"statement {number[1]}" if number else f"remark {head}"
    return re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")


def statements_about(name: str) -> list[Statement]:
    """Return the statements that refer to a public name or to one of its members."""
    return [
        statement
        for statement in statements()
        if any(cited == name or cited.startswith(f"{name}.") for cited in statement.names)
    ]


def add_labels(_: Sphinx, docname: str, source: list[str]) -> None:
    """Put a label before each statement of a chapter."""
    folder, _, chapter = docname.rpartition("/")
    if folder != "theory":
        return
    known = {s.title: s.label for s in statements() if s.chapter[0] == chapter}

    def labelled(head: re.Match[str]) -> str:
        label = known.get(head[1].rstrip("."))
        return head[0] if label is None else f"({label})=\n{head[0]}"

    source[0] = _HEAD.sub(labelled, source[0])


class LinkTheorems(SphinxTransform):
    """Make a link of each theorem that a text names by its number."""

    default_priority = 500

    def apply(self, **_: object) -> None:
        """Replace the words by links, but for heads, titles, code and what is a link already."""
        kept = (nodes.literal, nodes.literal_block, nodes.strong, nodes.title, nodes.reference)
        for text in list(self.document.findall(nodes.Text)):
            if not _SPOKEN.search(text.astext()) or _inside(text, (*kept, pending_xref)):
                continue
            text.parent.replace(text, self._linked(text.astext()))

    def _linked(self, text: str) -> list[nodes.Node]:
        out: list[nodes.Node] = []
        done = 0
        for group in _SPOKEN.finditer(text):
            for word in re.finditer(rf"(?:(?:{_KINDS})s?\s)?(\d+)", group[0]):
                start = group.start() + word.start()
                out += [nodes.Text(text[done:start]), self._link(word[0], word[1])]
                done = group.start() + word.end()
        return [*out, nodes.Text(text[done:])]

    def _link(self, words: str, number: str) -> nodes.Node:
        link = pending_xref(
            "", refdomain="std", reftype="ref", reftarget=f"statement-{number}",
            refexplicit=True, refdoc=self.env.docname, refwarn=True,
        )  # fmt: skip
        link += nodes.inline("", words, classes=["std", "std-ref"])
        return link


def _inside(node: nodes.Node, kinds: tuple[type[nodes.Node], ...]) -> bool:
    parent = node.parent
    while parent is not None:
        if isinstance(parent, kinds):
            return True
        parent = parent.parent
    return False


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the labels and the links."""
    app.connect("source-read", add_labels)
    app.add_transform(LinkTheorems)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
