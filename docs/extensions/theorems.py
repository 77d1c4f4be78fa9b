"""Labels for the statements of the theory, and links to them.

``Theorem 8`` in any text of the site, a docstring too, is a link to that theorem; a number that no
chapter has is a warning. What a statement is says :mod:`statements`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.transforms import SphinxTransform
from statements import HEAD, KINDS, SPOKEN, statements

if TYPE_CHECKING:
    from sphinx.application import Sphinx


def add_labels(_: Sphinx, docname: str, source: list[str]) -> None:
    """Put a label before each statement of a chapter."""
    folder, _, chapter = docname.rpartition("/")
    if folder != "theory":
        return
    known = {s.title: s.label for s in statements() if s.chapter[0] == chapter}

    def labelled(head: re.Match[str]) -> str:
        label = known.get(head[1].rstrip("."))
        return head[0] if label is None else f"({label})=\n{head[0]}"

    source[0] = HEAD.sub(labelled, source[0])


class LinkTheorems(SphinxTransform):
    """Make a link of each theorem that a text names by its number."""

    default_priority = 500

    def apply(self, **_: object) -> None:
        """Replace the words by links, but for heads, titles, code and what is a link already."""
        kept = (nodes.literal, nodes.literal_block, nodes.strong, nodes.title, nodes.reference)
        for text in list(self.document.findall(nodes.Text)):
            if not SPOKEN.search(text.astext()) or _inside(text, (*kept, pending_xref)):
                continue
            text.parent.replace(text, self._linked(text.astext()))

    def _linked(self, text: str) -> list[nodes.Node]:
        out: list[nodes.Node] = []
        done = 0
        for group in SPOKEN.finditer(text):
            for word in re.finditer(rf"(?:(?:{KINDS})s?\s)?(\d+)", group[0]):
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
