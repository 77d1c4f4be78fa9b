"""What a name says before its group is determined.

Direct and wreath products are groups at once. Extensions are not: ``(C4 x C2) : C2`` stands for
two groups, and inside a longer description for one of them, so that a name is read whole first.
"""

from __future__ import annotations

from dataclasses import dataclass

from toolkit.groups.specs.base import GroupSpec


@dataclass(frozen=True, slots=True)
class Expression:
    """Groups put together by a sign: ``x``, ``:``, ``.``, ``o``, or ``=`` between descriptions.

    Parameters
    ----------
    sign
        The sign.
    parts
        Two groups or expressions; with ``x`` two or more.
    text
        How it was written, without white space.
    """

    sign: str
    parts: tuple[Expression | GroupSpec, ...]
    text: str = ""
