"""Orbits of pairs of points: the numbers that relative positions have.

Of permutation modules they are the orbitals. A function on a signed module is an odd function on
its cover, the points with both signs; attention between signed modules is attention of the points
with + to all points of the cover, and its pairs are numbered up to the group *and* the change of
all signs at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from toolkit.errors import ModuleMismatchError
from toolkit.modules.gsets.orbitals import Orbitals
from toolkit.nn.linear.hom_space import OrbitalHomSpace

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from toolkit.modules.gsets.actions import IntArray
    from toolkit.modules.module import Module


class PairLabels(NamedTuple):
    """The orbit of each pair of a query and a key.

    Parameters
    ----------
    labels
        ``(s, queries, keys)`` numbers from 0; s sets of pairs that have their own scores.
    orbits
        How many orbits there are.
    """

    labels: NDArray[np.int64]
    orbits: int


def has_signs(*modules: Module) -> bool:
    """Whether a point of some module changes sign."""
    return any(X.has_signs for X in modules)


def pair_labels(queries: Module, keys: Module) -> PairLabels:
    """Return the orbits of pairs, ``(1, |Y|, |X|)``, or ``(1, |Y|, 2 |X|)`` with signs.

    Parameters
    ----------
    queries, keys
        Modules Y and X with points. If one has signs, keys are the points of X with +, then those
        with -.

    Examples
    --------
    >>> import toolkit as tk
    >>> X = tk.group("C4").natural_module()
    >>> pair_labels(X, X).labels[0, 0]
    array([0, 1, 2, 3])
    >>> signs = tk.group("C2").signed_module_from_images([[0]], [[-1]])
    >>> pair_labels(signs, signs)
    PairLabels(labels=array([[[0, 1]]]), orbits=2)
    """
    if not has_signs(queries, keys):
        space = OrbitalHomSpace(keys.unsigned, queries.unsigned)
        return PairLabels(space.labels[None], space.count)
    OrbitalHomSpace(keys, queries)  # checks the actions
    found = Orbitals(_cover(queries), _cover(keys)).labels[0::2]
    both = np.concatenate([found[:, 0::2], found[:, 1::2]], axis=1)
    names, labels = np.unique(both, return_inverse=True)
    return PairLabels(labels.reshape(1, *both.shape).astype(np.int64), len(names))


def _cover(X: Module) -> IntArray:
    """Return images of the points with signs, 2i for +, 2i+1 for -; the last changes all signs."""
    above = 2 * X.images + (X.signs < 0)
    images = np.stack([above, above ^ 1], axis=2).reshape(len(above), -1)
    turned = np.arange(2 * X.degree) ^ 1
    return np.concatenate([images, turned[None]]).astype(np.intp)


def triple_labels(tokens: Module, fibre: Module) -> PairLabels:
    """Return the orbits of pairs of tokens seen from a point of the fibre, ``(|F|, |T|, |T|)``."""
    space = OrbitalHomSpace(fibre.unsigned, tokens.unsigned * tokens.unsigned)
    n = tokens.degree
    return PairLabels(space.labels.T.reshape(fibre.degree, n, n).copy(), space.count)


def neighbours(
    given: Iterable[int] | NDArray[np.bool_], queries: Module, keys: Module
) -> NDArray[np.bool_]:
    """Return ``(|Y|, |X|)`` which keys each query attends to, after checks.

    Parameters
    ----------
    given
        Numbers of orbitals, or booleans ``(|Y|, |X|)`` that are constant on orbitals.
    queries, keys
        The modules Y and X; signs do not matter.

    Raises
    ------
    ModuleMismatchError
        If it is no union of orbitals, or leaves a query without keys.
    """
    space = OrbitalHomSpace(keys.unsigned, queries.unsigned)
    labels, count = space.labels, space.count
    where = f"from {queries.name} to {keys.name} of {queries.group_title}"
    array = np.asarray(given if isinstance(given, np.ndarray) else list(given))
    if array.dtype == np.bool_ and array.shape == labels.shape:
        inside = np.bincount(labels[array], minlength=count)
        broken = np.flatnonzero((inside > 0) & (inside < np.bincount(labels.ravel())))
        if broken.size:
            here = labels == broken[0]
            yes, no = (np.argwhere(here & (array == value))[0].tolist() for value in (True, False))
            raise ModuleMismatchError(
                f"a neighbourhood must be a union of orbitals {where}, but it contains the pair "
                f"{tuple(yes)} and not {tuple(no)} of the same orbital"
            )
        found = array
    else:
        fits = array.ndim == 1 and array.size and array.dtype.kind in "iu"
        if not fits or array.min() < 0 or array.max() >= count:
            raise ModuleMismatchError(
                f"a neighbourhood is given by numbers of orbitals {where}, 0 to {count - 1}, or by "
                f"booleans of shape {labels.shape}, found {given!r:.60}"
            )
        found = np.isin(labels, array)
    lost = np.flatnonzero(~found.any(axis=1))
    if lost.size:
        raise ModuleMismatchError(
            f"the neighbourhood {where} leaves point {lost[0]} without points to attend to: add an "
            "orbital that starts there"
        )
    return found
