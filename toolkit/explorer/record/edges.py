"""From the pairs of a module to the edges of its interaction graph, for any activation.

The rule, so that a page can follow it too. Take a source L and one orbit that contains it; E[K] and
O[K] are the dimensions in ``pairs["even"]`` and ``pairs["odd"]``, 0 where K is not listed.

1. L is *signed* where E[L] = 0: then some elements act as -1 on L^H. Without a bias the subgroup of
   the criterion is U, with a bias U+: put B[K] = E[K] + O[K] if L is signed, else E[K], and use B
   in place of both E and O; the source is then no longer signed.
2. Part "even", where the even part of f is no polynomial: every K with E[K] > 0.
   Otherwise part "constant", where f has a constant term: the trivial simple, where it occurs.
3. Part "odd", where the odd part of f is no polynomial: every K with O[K] > 0.
4. Part "linear", where f has a linear term: L itself, with a bias the trivial simple too.
5. Part "degree d", where f has the term t^d, d at least 2: every K in ``pairs["degree"][d]``. With
   a bias also those of all smaller degrees, L and the trivial simple.
6. The dimension reached in K is ``fixed`` of K where the linear part gives K. Otherwise a = E[K]
   if the even part, the constant or an even degree gives it, b = O[K] if the odd part or an odd
   degree does, and the dimension is a + b for a signed L, else the larger of the two.
7. An orbit without L contributes the trivial simple, dimension 1, part "constant" if f(0) is not 0;
   with a bias what the trivial simple alone reaches there. Parts unite and dimensions add up over
   the orbits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from toolkit.errors import NotAvailable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from toolkit.pl.activations.activation import Activation

_TRIVIAL = ("L0", "V0")


@dataclass(frozen=True)
class Parts:
    """What of an activation decides the edges.

    Parameters
    ----------
    even, odd
        Whether the even and the odd part are not polynomials.
    degrees
        Degrees of the terms that are known: 0, 1, ...; those of a part that is not a polynomial
        do not count, but for its linear term.
    at_zero
        Whether f(0) is not 0.

    Examples
    --------
    >>> from toolkit.pl import find_activation
    >>> Parts.of(find_activation("relu"))
    Parts(even=True, odd=False, degrees=(1,), at_zero=False)
    """

    even: bool
    odd: bool
    degrees: tuple[int, ...]
    at_zero: bool

    @classmethod
    def of(cls, f: Activation) -> Parts:
        """Return the parts of an activation."""
        degrees = {d for p in (f.even_part, f.odd_part) if p.is_polynomial for d in p.degrees}
        if f.has_linear_part:
            degrees.add(1)
        return cls(f.has_even_part, f.has_odd_part, tuple(sorted(degrees)), f.at_zero != 0)


class Edge(NamedTuple):
    """An edge: positions of two simples among the contents, parts, and the dimension reached."""

    source: int
    target: int
    parts: tuple[str, ...]
    reach: int


def edges_of(module: Mapping[str, Any], f: Parts, *, bias: bool = False) -> list[Edge]:
    """Return the edges of the interaction graph of a module, by source, then target.

    Parameters
    ----------
    module
        The record of a module, or its parts ``contents``, ``pairs`` and ``orbits``.
    f
        What is known of the activation.
    bias
        Whether a generic invariant is added first.

    Raises
    ------
    NotAvailable
        If a term has a degree of which the record says nothing.

    Notes
    -----
    Exact, and equal to :func:`toolkit.interaction_graph`.

    Examples
    --------
    >>> module = {
    ...     "contents": [{"label": "L0", "fixed": 1}, {"label": "L1", "fixed": 1}], "orbits": None,
    ...     "pairs": {"even": [[0, 1], [0, 1]], "odd": [[0, 1], [1, 1]], "degree": {}},
    ... }
    >>> [(e.source, e.target, e.parts) for e in edges_of(module, Parts(True, False, (1,), False))]
    [(0, 0, ('even', 'linear')), (1, 0, ('even',)), (1, 1, ('linear',))]
    """
    contents: Sequence[Mapping[str, Any]] = module["contents"]
    orbits: Sequence[Mapping[str, Any]] = module.get("orbits") or [
        {
            "entries": range(len(contents)),
            "fixed": [c["fixed"] for c in contents],
            "pairs": module["pairs"],
        }
    ]
    trivial = next((i for i, c in enumerate(contents) if c["label"] in _TRIVIAL), -1)
    out = []
    for source in range(len(contents)):
        found: dict[int, tuple[set[str], int]] = {}
        for orbit in orbits:
            for target, parts, reach in _on_orbit(orbit, source, trivial, f, bias):
                names, total = found.get(target, (set(), 0))
                found[target] = (names | parts, total + reach)
        out += [
            Edge(source, target, tuple(sorted(names)), reach)
            for target, (names, reach) in sorted(found.items())
        ]
    return out


def _on_orbit(
    orbit: Mapping[str, Any], source: int, invariant: int, f: Parts, bias: bool
) -> Iterator[tuple[int, set[str], int]]:
    """Yield target, parts and dimension of what a simple reaches on one orbit."""
    entries, pairs = orbit["entries"], orbit["pairs"]
    trivial = entries.index(invariant) if invariant in entries else None
    if source in entries:
        L = entries.index(source)
    elif trivial is None:
        return
    elif bias:
        L = trivial
    else:
        if f.at_zero:
            yield 0, {"constant"}, 1
        return
    even, odd = _dimensions(pairs["even"][L]), _dimensions(pairs["odd"][L])
    signed = L not in even
    if bias and trivial is not None:
        even = odd = {k: even.get(k, 0) + (odd.get(k, 0) if signed else 0) for k in {*even, *odd}}
        signed = False
    given: dict[int, set[str]] = {}
    above: dict[int, int] = {}
    below: dict[int, int] = {}

    def give(part: str, targets: Iterator[int] | Sequence[int] | set[int], parity: int) -> None:
        for k in targets:
            given.setdefault(k, set()).add(part)
            if parity == 0:
                above[k] = even.get(k, 0)
            elif parity == 1:
                below[k] = odd.get(k, 0)

    biased = {trivial} if bias and trivial is not None else set()
    if f.even:
        give("even", list(even), 0)
    elif 0 in f.degrees and trivial is not None:
        give("constant", [trivial], 0)
    if f.odd:
        give("odd", list(odd), 1)
    for d in f.degrees:
        if d >= 2:
            give(f"degree {d}", _powers(pairs["degree"], L, d, biased), d % 2)
    linear = {L, *biased} if 1 in f.degrees else set()
    give("linear", linear, 2)
    for k, parts in given.items():
        a, b = above.get(k, 0), below.get(k, 0)
        reach = a + b if signed else max(a, b)
        yield entries[k], parts, int(orbit["fixed"][k]) if k in linear else reach


def _dimensions(flat: Sequence[int]) -> dict[int, int]:
    return dict(zip(flat[::2], map(int, flat[1::2]), strict=True))  # large ones are texts


def _powers(known: Mapping[str, Any], L: int, degree: int, biased: set[int]) -> set[int]:
    """Return the simples in the powers of a degree, with a bias also of all smaller ones."""
    wanted = range(2, degree + 1) if biased else (degree,)
    out: set[int] = {L, *biased} if biased else set()
    for d in wanted:
        if str(d) not in known:
            raise NotAvailable(
                "a record",
                f"the edges of a power of degree {d}",
                f"it lists degrees {', '.join(known)}; ask toolkit.interaction_graph",
            )
        out.update(known[str(d)][L])
    return out
