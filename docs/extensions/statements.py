"""The statements of the theory, and which public names and tests each refers to.

A statement is a paragraph of a chapter that begins in bold: a theorem with a number, or a remark
with a title. Its text goes on to the next statement. Nothing here needs Sphinx, so that a test can
look where the site does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parents[1] / "theory"
_NAME = re.compile(r"\{py:\w+\}`(toolkit\.[\w.]+)`")
KINDS = "Theorem|Proposition|Corollary|Lemma"
_NUMBERED = re.compile(rf"(?:{KINDS}) (\d+)")
#: The head of a statement.
HEAD = re.compile(r"^\*\*([^*]+)\*\*", re.MULTILINE)
#: "Theorem 8", and "Theorems 3, 4 and 6".
SPOKEN = re.compile(rf"(?:{KINDS})s?\s\d+\b(?!\.\d)(?:(?:,| and|, and) \d+)*")


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
    text
        All up to the next statement.
    """

    title: str
    label: str
    chapter: tuple[str, str]
    text: str

    @property
    def number(self) -> int | None:
        """Its number; ``None`` for a remark."""
        found = _NUMBERED.match(self.title)
        return int(found[1]) if found else None

    @property
    def names(self) -> tuple[str, ...]:
        """The public names that its text refers to."""
        return tuple(_NAME.findall(self.text))


@cache
def statements() -> tuple[Statement, ...]:
    """Return all statements, chapter by chapter."""
    out = []
    for file in sorted(_FOLDER.glob("*.md")):
        text = file.read_text()
        heading = re.search(r"^# (.*)$", text, re.MULTILINE)
        title = heading[1] if heading else file.stem
        heads = list(HEAD.finditer(text))
        for number, head in enumerate(heads):
            end = heads[number + 1].start() if number + 1 < len(heads) else len(text)
            words = head[1].rstrip(".")
            if words != "Definition":
                whole = text[head.start() : end]
                out.append(Statement(words, _label(words), (file.stem, title), whole))
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
