"""What a module is, as data: JSON that names it within its group, and a short text for people.

``X.specification`` is a dictionary with the key ``module``; :meth:`toolkit.Group.module` makes
the module again, on the same points in the same order:

==================  ==========================================================================
``module``          further keys
==================  ==========================================================================
``regular``         none
``natural``         none: the action that came with the group's name or generators
``orbit``           ``point``: the orbit of the natural action that contains this 0-based point
``cosets``          ``subgroup``: generators, as data; ``name``
``images``          ``name``, ``shape``, ``sha256``, and ``images`` unless there are too many
``signed images``   the same, and ``signs``
``signed cosets``   ``subgroup`` and ``kernel``: generators, as data; ``name``
``signed``          ``of``: a permutation module, with all signs +
``sum``             ``of``: a list; ``points``: per summand its points, unless they follow on
``copies``          ``of``, ``number``: a sum of equal modules
``product``         ``of``: a list of two or more
``power``           ``of``, ``exponent``
``matrices``        ``name``, ``shape``, ``sha256``, and ``exact`` or ``entries`` unless there are
                    too many: a linear module by matrices, with exact entries or floats
``simple``          ``label``: a simple, by its matrices in every Fourier basis
``space``           none: the vectors of the space that came with the group
``linear``          ``of``: a permutation or signed module, read as a linear one
``dual``            ``of``
``symmetric power`` ``of``, ``exponent``
``exterior power``  ``of``, ``exponent``
``outer product``   ``of``: a list; ``groups``: their groups' names; without it, one module for each
                    factor of the group
==================  ==========================================================================

The text form, which commands take as well::

    sum     = product {"+" product}
    product = outer {"*" outer}          the group acts on all factors at once
    outer   = power {"x" power}          one module for each factor of a direct product
    power   = atom ["^" WHOLE]
    atom    = "regular" | "points" | "orbit" WHOLE | LABEL | "signed" "(" GROUP "," GROUP ")"
            | SIMPLE | "space" | ("sym" | "alt") WHOLE "(" sum ")" | "dual" "(" sum ")"
            | "(" sum ")"

``points`` is the natural module, ``orbit 2`` its second orbit. A label of a subgroup, such as
``H4a`` or ``N1``, stands for the module of its cosets, and ``signed(H, K)`` for the functions on
the cosets of K that change sign under H. ``L3`` is a simple and ``space`` the vectors of a group
that came with a space, both linear modules; ``sym 2 (L3)`` and ``alt 2 (points)`` are the symmetric
and the exterior square.
"""

from __future__ import annotations

import hashlib
import itertools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias

from toolkit.errors import ModuleMismatchError
from toolkit.modules.gset_expressions import (
    Action,
    AllPlus,
    CoverOfProduct,
    NaturalSum,
    Product,
    SignedCosets,
    Sum,
)
from toolkit.text import shortened

if TYPE_CHECKING:
    from toolkit.modules.module import Module

Specification: TypeAlias = dict[str, Any]

#: Images with more entries than this are left out; their digest remains.
MOST_ENTRIES = 2048
LONGEST_TEXT = 10_000
DEEPEST_SPECIFICATION = 60


def specification_of(X: Module) -> Specification:
    """Return the specification of a module; see :attr:`.Module.specification`."""
    contents: Any = X.contents
    match contents:
        case NaturalSum():
            return {"module": "natural"}
        case Sum(summands, points):
            ends = itertools.accumulate(Y.degree for Y in summands)
            runs = [range(end - Y.degree, end) for end, Y in zip(ends, summands, strict=True)]
            if list(points) == runs:
                parts = [
                    _copies(specification_of(Y), len(list(run)))
                    for Y, run in itertools.groupby(summands)
                ]
                return parts[0] if len(parts) == 1 else {"module": "sum", "of": parts}
            parts = [specification_of(Y) for Y in summands]
            return {"module": "sum", "of": parts, "points": [list(own) for own in points]}
        case Product("diagonal", factors) if all(factors[0] == Y for Y in factors):
            one = specification_of(factors[0])
            return {"module": "power", "of": one, "exponent": len(factors)}
        case Product("diagonal", factors):
            return {"module": "product", "of": [specification_of(Y) for Y in factors]}
        case Product(_, factors):
            parts = [specification_of(Y) for Y in factors]
            groups = [Y.group for Y in factors]
            return {"module": "outer product", "of": parts, "groups": groups}
        case AllPlus(module):
            return {"module": "signed", "of": specification_of(module)}
        case SignedCosets(subgroup, kernel):
            found = {"subgroup": list(subgroup), "kernel": list(kernel)}
            return {"module": "signed cosets", **found, "name": X.name}
        case Action() | CoverOfProduct() | None:
            return _by_images(X)
        case backend:
            leaf: Specification = backend.specification
            return {**leaf, "name": X.name} if leaf["module"] == "cosets" else leaf


def _copies(one: Specification, number: int) -> Specification:
    return one if number == 1 else {"module": "copies", "of": one, "number": number}


def _by_images(X: Module) -> Specification:
    import numpy as np

    images, signed = X.images, X.contents is None
    parts = [np.asarray(images, dtype="<i8"), *([X.signs.astype("<i8")] if signed else [])]
    out: Specification = {
        "module": "signed images" if signed else "images",
        "name": X.name,
        "shape": list(images.shape),
        "sha256": digest(*parts),
    }
    if images.size <= MOST_ENTRIES:
        out["images"] = images.tolist()
        if signed:
            out["signs"] = X.signs.tolist()
    return out


def digest(*arrays: Any) -> str:  # noqa: ANN401 - arrays of integers
    """Return the SHA-256 digest of arrays of integers, as 64-bit little-endian numbers."""
    return hashlib.sha256(b"".join(a.astype("<i8").tobytes() for a in arrays)).hexdigest()


# -- text ------------------------------------------------------------------------------------------

_TOKEN = re.compile(r"\s*(?:(?P<whole>[0-9]+)|(?P<word>[A-Za-z][A-Za-z0-9_]*)|(?P<sign>[-+*^(),]))")
_LABEL = re.compile(r"[HN][0-9]+[a-z]*")
_SIMPLE = re.compile(r"L[0-9]+")
_POWERS = {"sym": "symmetric power", "alt": "exterior power"}


@dataclass
class _Reader:
    text: str
    position: int = 0
    depth: int = 0

    def refuse(self, what: str) -> NoReturn:
        raise ModuleMismatchError(
            f"{shortened(self.text)!r} names no module: {what} at character "
            f"{self.position + 1}; examples are regular, points, orbit 2, H4a, points^2 + regular, "
            "signed(H4a, H2a), L3, space, sym 2 (L3)"
        )

    def peek(self) -> str:
        found = _TOKEN.match(self.text, self.position)
        if found is None:
            if self.text[self.position :].strip():
                self.refuse("a sign that has no meaning here stands")
            return ""
        return found[0].strip()

    def take(self) -> str:
        token = self.peek()
        found = _TOKEN.match(self.text, self.position)
        self.position = found.end() if found else len(self.text)
        return token

    def expect(self, token: str) -> None:
        if self.peek() != token:
            self.refuse(f"{token!r} is required, found {self.peek() or 'the end'!r}")
        self.take()

    def joined(self, sign: str, kind: str, below: Any) -> Specification:  # noqa: ANN401
        parts = [below()]
        while self.peek() == sign:
            self.take()
            parts.append(below())
        return parts[0] if len(parts) == 1 else {"module": kind, "of": parts}

    def sum(self) -> Specification:
        self.depth += 1
        if self.depth > DEEPEST_SPECIFICATION:
            self.refuse(f"brackets deeper than {DEEPEST_SPECIFICATION} stand")
        out = self.joined("+", "sum", self.product)
        self.depth -= 1
        return out

    def product(self) -> Specification:
        return self.joined("*", "product", self.outer)

    def outer(self) -> Specification:
        return self.joined("x", "outer product", self.power)

    def power(self) -> Specification:
        base = self.atom()
        if self.peek() != "^":
            return base
        self.take()
        return {"module": "power", "of": base, "exponent": self.whole("an exponent")}

    def whole(self, what: str) -> int:
        token = self.peek()
        if not token.isdecimal() or len(token) > 9:
            self.refuse(f"{what} is required, found {token[:40] or 'the end'!r}")
        return int(self.take())

    def label(self) -> str:
        if not _LABEL.fullmatch(self.peek()):
            self.refuse(f"a subgroup's label is required, found {self.peek()[:40] or 'the end'!r}")
        return self.take()

    def atom(self) -> Specification:
        token = self.peek()
        if token == "(":
            return self.bracketed()
        if _LABEL.fullmatch(token):
            return {"module": "cosets", "subgroup": self.take()}
        word = token.lower()
        if _SIMPLE.fullmatch(token):
            return {"module": "simple", "label": self.take()}
        if word in _POWERS:
            self.take()
            exponent = self.whole("an exponent")
            return {"module": _POWERS[word], "of": self.bracketed(), "exponent": exponent}
        if word not in ("regular", "points", "natural", "orbit", "signed", "space", "dual"):
            self.refuse(f"a module is required, found {token[:40] or 'the end'!r}")
        self.take()
        if word == "orbit":
            return {"module": "orbit", "number": self.whole("the orbit's number, from 1,")}
        if word == "signed":
            self.expect("(")
            subgroup = self.label()
            self.expect(",")
            kernel = self.label()
            self.expect(")")
            return {"module": "signed cosets", "subgroup": subgroup, "kernel": kernel}
        if word == "dual":
            return {"module": "dual", "of": self.bracketed()}
        return {"module": "natural" if word == "points" else word}

    def bracketed(self) -> Specification:
        self.expect("(")
        out = self.sum()
        self.expect(")")
        return out


def parse_specification(text: str) -> Specification:
    """Read the text form of a specification.

    Parameters
    ----------
    text
        Such as ``"regular"``, ``"points^2 + H4a"``; the module's text has the grammar.

    Returns
    -------
    dict
        The specification; subgroups stand by their labels, which the group looks up.

    Raises
    ------
    ModuleMismatchError
        If the text names no module: what is required, what was found, and where.

    Examples
    --------
    >>> parse_specification("points^2 + H4a")["of"]
    [{'module': 'power', 'of': {'module': 'natural'}, 'exponent': 2},
     {'module': 'cosets', 'subgroup': 'H4a'}]
    """
    if len(text) > LONGEST_TEXT:
        raise ModuleMismatchError(
            f"a module's name of at most {LONGEST_TEXT} characters is required, found {len(text)}"
        )
    reader = _Reader(text)
    out = reader.sum()
    if reader.peek():
        reader.refuse(f"the end is required, found {reader.peek()[:40]!r}")
    return out
