"""Texts that are nearly right: what people mistype, and what breaks parsers."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

_STRANGE = (
    "\0", "\ud800", "\u202e", "\ufeff", "é", "∞", "𝔖", "²", "½", "−", "\n", "\t", "\r", "\x1b[31m",
    "'", '"', "`", "\\", "%s", "{}", "$(id)", "../", "#", "--", "/*", ";", "0x10", "1e400", "-0",
    "nan", "1_0", "1.", ".1", "٣", "＋", "None", "true",
)  # fmt: skip
_LENGTHS = (2, 9, 40, 400, 5000)


def mutated(random: Random, text: str, alphabet: str, most: int = 12_000) -> str:
    """Return a text after one to four small or large changes.

    Parameters
    ----------
    random
        Chance.
    text
        A right one.
    alphabet
        Characters that mean something in such texts.
    most
        The most characters of the result.
    """
    for _ in range(random.choice((1, 1, 1, 2, 4))):
        at = random.randrange(len(text) + 1)
        to = min(len(text), at + random.choice((1, 1, 2, 5)))
        change = random.randrange(8)
        if change == 0:
            text = text[:at] + text[to:]
        elif change == 1:
            text = text[:at] + text[at:to] * random.choice((2, 3, 50)) + text[to:]
        elif change == 2:
            text = text[:at] + random.choice(alphabet) + text[at:]
        elif change == 3:
            text = text[:at] + random.choice(_STRANGE) + text[at:]
        elif change == 4:
            text = text[:at] + random.choice(alphabet) * random.choice(_LENGTHS) + text[at:]
        elif change == 5:
            text = text[:at] + random.choice("0123456789") * random.choice(_LENGTHS) + text[at:]
        elif change == 6:
            opened, closed = random.choice(("()", "[]", "<>", "{}", '""'))
            deep = random.choice(_LENGTHS)
            text = text[:at] + opened * deep + text[at:to] + closed * deep + text[to:]
        else:
            text = text[:at] + random.choice(alphabet) + text[to:]
    return text[:most]


def spliced(random: Random, texts: Sequence[str], joints: Sequence[str]) -> str:
    """Return one text, or two or three that are joined or cut together."""
    text = random.choice(texts)
    for _ in range(random.choice((0, 0, 1, 2))):
        other = random.choice(texts)
        text = text[: random.randrange(len(text) + 1)] + other if random.random() < 0.3 else (
            text + random.choice(joints) + other
        )  # fmt: skip
    return text


def almost(
    random: Random, texts: Sequence[str], alphabet: str, joints: Sequence[str] = (" ",)
) -> str:
    """Return a text made of right ones, mostly with changes."""
    text = spliced(random, texts, joints)
    return text if random.random() < 0.15 else mutated(random, text, alphabet)


def number(random: Random) -> object:
    """Return a number, or what stands where one should."""
    return random.choice(
        (0, 1, -1, 2, 3, 7, 10**6, 2**31, 2**63, -(2**63), 2**64, 2**127, 10**400, 0.5, -0.0, 1e308,
         float("nan"), float("inf"), True, None, "3", "", [], [1], {}, 1j)
    )  # fmt: skip


def deep(random: Random) -> object:
    """Return lists or dictionaries within each other."""
    out: object = random.choice((1, "x", None))
    for _ in range(random.choice((3, 60, 900))):
        out = [out] if random.random() < 0.5 else {"a": out}
    return out
