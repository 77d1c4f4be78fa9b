"""The fixed orthogonal matrices of a group's simples, from Fourier bases of permutation modules."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from toolkit.errors import NotAvailable, NotCachedError
from toolkit.library.modules.construct import coset_module, natural_module, regular_module
from toolkit.library.point_bases import LARGEST_DEGREE, basis_on_points
from toolkit.text import listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import numpy as np
    from numpy.typing import NDArray

    from toolkit.library.structure import GroupStructure
    from toolkit.modules.permutation_module import PermutationModule

#: Up to this order the regular module is taken, which has all simples.
_SMALL_ORDER = 400
#: Subgroups of at most this index are looked for in larger groups.
_MOST_INDEX = 2000
_MOST_CLASSES = 2000


def simple_models(group: GroupStructure, labels: Iterable[str]) -> dict[str, NDArray[np.float64]]:
    """Return the matrices of some simples, per label ``(generators, d, d)``.

    Parameters
    ----------
    group
        The group.
    labels
        Of its simples.

    Raises
    ------
    UnknownLabelError
        If there is no such simple.
    NotAvailable
        If one of them occurs in no permutation module whose Fourier basis is within reach.

    Notes
    -----
    They are those of ``fourier_basis(X).models`` for every permutation module X, to rounding. Up
    to order 400 the regular module is used, beyond the smallest permutation modules at hand: the
    natural module, its square and cube, those on cosets of subgroups of index up to 2,000, and the
    regular module up to order 6,000.

    Examples
    --------
    >>> import toolkit as tk
    >>> simple_models(tk.group("S3"), ["L1"])["L1"].ravel().round(6).tolist()
    [1.0, -1.0]
    """
    wanted = list(dict.fromkeys(labels))
    known = group.simple_models
    for label in wanted:
        group.character_table.simple(label)  # raises if there is none
    missing = [label for label in wanted if label not in known]
    for X in _candidates(group) if missing else ():
        with contextlib.suppress(NotAvailable, NotCachedError):
            if not any(label in X.multiplicities for label in missing):
                continue
            for label, model in basis_on_points(group, X).models.items():
                known.setdefault(label, model)
        missing = [label for label in missing if label not in known]
        if not missing:
            break
    if missing:
        raise NotAvailable(
            group.name,
            f"matrices of {listed(missing, 5)}",
            "no permutation module that holds it has a Fourier basis within reach: points up to "
            f"{LARGEST_DEGREE}, and simples with labels L0, L1, ...",
        )
    return {label: known[label] for label in wanted}


def _candidates(group: GroupStructure) -> Iterator[PermutationModule]:
    """Yield transitive permutation modules, those whose bases are quick first."""
    if group.order <= _SMALL_ORDER:
        yield regular_module(group)
        return
    with contextlib.suppress(NotAvailable, NotCachedError):
        natural = natural_module(group)
        yield from natural.orbits
        for exponent in (2, 3):
            if natural.degree**exponent <= LARGEST_DEGREE:
                yield from sorted((natural**exponent).orbits, key=lambda X: X.degree)
    if group.order <= LARGEST_DEGREE // 4:
        yield regular_module(group)
        return
    with contextlib.suppress(NotAvailable, NotCachedError):
        for H in reversed(tuple(group.subgroup_classes(_MOST_INDEX, limit=_MOST_CLASSES))):
            yield coset_module(group, H)
    if group.order <= LARGEST_DEGREE:
        yield regular_module(group)
