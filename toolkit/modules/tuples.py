"""Modules whose points are tuples with the equality patterns as orbitals, whatever the group is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from toolkit.cached import cached_property
from toolkit.modules.gsets.equality_patterns import TupleTerms

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from toolkit.modules.permutation_module import PermutationModule

_Entries: TypeAlias = "tuple[PermutationModule, ...]"

#: The largest number of patterns: those of triples to triples are 203.
MOST_PATTERNS = 256


@dataclass(frozen=True, eq=False)
class TupleSpace:
    """The maps between two modules of tuples, if their orbitals are the equality patterns.

    Parameters
    ----------
    terms
        The patterns and terms.
    sizes
        The number of points of each set.
    """

    terms: TupleTerms
    sizes: tuple[int, ...]

    @property
    def has_points(self) -> NDArray[np.bool_]:
        """``(patterns,)`` whether there is a tuple of each pattern: an orbital."""
        return self.terms.has_sizes(self.sizes)

    @property
    def count(self) -> int:
        """The number of orbitals."""
        return int(self.has_points.sum())

    @cached_property
    def target(self) -> TupleTerms:
        """The patterns of the output alone: its orbits, each with an invariant function."""
        return TupleTerms(self.terms.target, ())

    def lengths(self, sets: tuple[int, ...]) -> tuple[int, ...]:
        """Return the number of points of each of some sets."""
        return tuple(self.sizes[own] for own in sets)


def tuple_space(target: PermutationModule, source: PermutationModule) -> TupleSpace | None:
    """Return two modules as tuples of the same sets, or ``None`` if they are not written so.

    Parameters
    ----------
    target, source
        Modules of one group: powers of one module, the module itself, one point; or outer
        products of such powers.

    Returns
    -------
    TupleSpace or None
        What the orbitals are if the groups act on the sets as all permutations do, or at least on
        tuples of this length. The number of orbitals decides whether they do: the pairs of an
        orbital always have equal patterns, so there are as many orbitals as patterns iff they are
        the same.

    Examples
    --------
    >>> import toolkit as tk
    >>> V = tk.group("S5").natural_module()
    >>> pairs = tuple_space(V**2, V**2)
    >>> pairs.terms.target, pairs.sizes, pairs.count, (V**2).hom_basis(V**2).count
    ((0, 0), (5,), 15, 15)
    """
    pairs: list[tuple[_Entries, _Entries]]
    if target.product == source.product == "outer":
        if len(target.factors) != len(source.factors):
            return None
        pairs = list(zip(_entries(target), _entries(source), strict=True))
    elif source.degree == 1:
        pairs = [(own, ()) for own in _entries(target)]
    elif target.degree == 1:
        pairs = [((), own) for own in _entries(source)]
    elif "outer" in (target.product, source.product):
        return None
    else:
        pairs = list(zip(_entries(target), _entries(source), strict=True))
    for rows, columns in pairs:
        every = rows + columns
        if any(own != every[0] for own in every):
            return None
    if math.prod(bell_number(len(rows) + len(columns)) for rows, columns in pairs) > MOST_PATTERNS:
        return None
    terms = TupleTerms(
        tuple(number for number, (rows, _) in enumerate(pairs) for _ in rows),
        tuple(number for number, (_, columns) in enumerate(pairs) for _ in columns),
    )
    return TupleSpace(terms, tuple((rows + columns)[0].degree for rows, columns in pairs))


def _entries(X: PermutationModule) -> list[_Entries]:
    """Return per set the modules whose points are a tuple's entries."""
    if X.product == "outer":
        return [factor.factors or (factor,) for factor in X.factors]
    return [X.factors or (X,)]


def bell_number(n: int) -> int:
    """Return the number of partitions of n entries.

    Examples
    --------
    >>> [bell_number(n) for n in range(7)]
    [1, 1, 2, 5, 15, 52, 203]
    """
    row = [1]
    for _ in range(n):
        following = [row[-1]]
        for value in row:
            following.append(following[-1] + value)
        row = following
    return row[0]
