"""Typographic spellings of group names: mathematical signs, subscripts, superscripts."""

from __future__ import annotations

import re

from toolkit.errors import NamingError

_SUBSCRIPTS = "₀₁₂₃₄₅₆₇₈₉"
_SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹"

_PLAIN: dict[str, str] = {
    "×": "x",
    "⋊": ":",
    "⋉": ":",
    "∘": " o ",
    "○": " o ",
    "◦": " o ",
    "∗": " o ",
    "≀": " wr ",
    "·": ".",
    "⋅": ".",
    "−": "-",
    "′": "'",
    "’": "'",
    "Γ": "Gamma",
    "Σ": "Sigma",
    "\u03a9": "Omega",
    "\u2126": "Omega",
    "ℤ": "Z",
    "𝔽": "F",
    **{sign: str(digit) for digit, sign in enumerate(_SUBSCRIPTS)},
    "₊": "+",
    "₋": "-",
    "⁺": "+",
    "⁻": "-",
}

#: Commands of LaTeX.
_COMMANDS: dict[str, str] = {
    "times": " x ",
    "rtimes": ":",
    "ltimes": ":",
    "wr": " wr ",
    "circ": " o ",
    "cdot": ".",
    "Gamma": "Gamma",
    "Sigma": "Sigma",
    "Omega": "Omega",
}
_TOKEN = re.compile(r"\\([A-Za-z]+) *|.", re.DOTALL)


def plain_spelling(text: str) -> tuple[str, list[int] | None]:
    """Return a name in ASCII signs, and for each of its characters where it came from.

    The second is ``None`` where the text is unchanged; it has one entry more than characters.

    Examples
    --------
    >>> plain_spelling("C₂²⋊C₄")
    ('C2^2:C4', [0, 1, 2, 2, 3, 4, 5, 6])
    """
    if text.isascii() and "\\" not in text:
        return text, None
    out: list[str] = []
    origin: list[int] = []
    raised = False
    for token in _TOKEN.finditer(text):
        position, sign = token.start(), token.group()
        digit = _SUPERSCRIPTS.find(sign)
        plain = _COMMANDS.get(token[1], sign) if token[1] else _PLAIN.get(sign, sign)
        if digit >= 0:
            plain = str(digit) if raised else f"^{digit}"
        raised = digit >= 0
        out.append(plain)
        origin.extend([position] * len(plain))
    spelt = "".join(out)
    return (text, None) if spelt == text else (spelt, [*origin, len(text)])


def original_position(error: NamingError, text: str, origin: list[int] | None) -> NamingError:
    """Return an error about a plain spelling as one about the text that was typed."""
    position = error.position
    if origin is not None and position is not None:
        position = origin[min(position, len(origin) - 1)]
    return NamingError(text, position, error.problem, error.suggestion)
