"""Linear modules of a group: matrices read, and checked to obey the relations of the group."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from toolkit.errors import ModuleMismatchError, NamingError, NotAvailable
from toolkit.exact.cyclotomic import Cyclotomic
from toolkit.exact.matrix import ExactMatrix
from toolkit.groups.from_matrices import read_entries
from toolkit.library.modules.class_words import LISTED_ORDER, relators_of_group
from toolkit.library.modules.construct import is_identity_of_trivial_group, regular_module
from toolkit.library.modules.given_order import order_that_obeys
from toolkit.library.modules.signed import plain_arrays
from toolkit.modules.linear.expressions import ROUNDING, Given, Simple
from toolkit.modules.linear.linear_module import LinearModule
from toolkit.modules.linear.relations import (
    exact_broken_relation,
    exact_broken_relator,
    float_broken_relation,
    float_broken_relator,
    refined,
)
from toolkit.text import shortened

if TYPE_CHECKING:
    from typing import Literal

    from numpy.typing import NDArray

    from toolkit.library.structure import GroupStructure

#: Float matrices that are further from the relations of the group are refined.
_GOOD = 1e-13

#: A deviation below this is one of rounding, not of another representation.
_FEW_DIGITS = 1e-2

#: The most entries of the matrices of all elements together.
_MOST_LISTED = 1 << 24

_CONVENTION = (
    "matrices act on columns, and the matrix of a product g h, g first, is the product of the "
    "matrices of g and h in this order"
)


def linear_module(
    group: GroupStructure,
    matrices: Any,  # noqa: ANN401 - whatever is an array
    name: str | None,
    tol: float,
) -> LinearModule:
    """See :meth:`toolkit.Group.linear_module`."""
    if group.is_table_only:
        raise NotAvailable(group.name, "a linear module", "only the character table is known")
    if name is not None and not isinstance(name, str):
        raise ModuleMismatchError(f"a module's name must be a string, found {name!r:.60}")
    if not (isinstance(tol, int | float) and 0 < tol < 0.1):
        raise ModuleMismatchError(f"tol must be above 0 and below 0.1, found {tol!r:.40}")
    if not group.generator_count and isinstance(matrices, list | tuple) and not matrices:
        raise ModuleMismatchError(
            f"{name or 'the linear module'}: {shortened(group.title)} has no generators, so no "
            "matrix determines the dimension d: give the identity matrix, as [np.eye(d)]"
        )
    floats, exact = _read(matrices, name or "the linear module")
    d = floats.shape[-1]
    if is_identity_of_trivial_group(group, floats == np.eye(d)):
        floats, exact = floats[:0], ()
    title = name or f"given matrices of dimension {d}"
    return _checked(group, floats, exact, title, tol, "matrices")


def simple_module(group: GroupStructure, label: str) -> LinearModule:
    """See :meth:`toolkit.Group.simple_module`."""
    dimension = group.character_table.simple(label).dimension
    return LinearModule(group, label, dimension, Simple(label))


def space_module(group: GroupStructure, tol: float) -> LinearModule:
    """See :meth:`toolkit.Group.space_module`."""
    space = group.space_matrices
    floats: NDArray[Any] = np.linalg.inv(space.matrices).transpose(0, 2, 1)
    exact = None
    if space.exact is not None:
        exact = tuple(ExactMatrix.of(rows).inverse().T for rows in space.exact)
        floats = _as_floats(exact, space.dimension)
    # a name that brings no space does not bring it again in a file: then the matrices are written
    origin: Literal["matrices", "space"] = "space"
    if group.spec.exact_matrices() is None:
        origin = "matrices"
        if exact is None:
            floats, exact = _read(floats, "space")  # whole numbers are exact, as they will be read
    return _checked(group, floats, exact, "space", max(tol, 10 * space.residual), origin)


def _as_floats(exact: tuple[ExactMatrix, ...], dimension: int) -> NDArray[np.float64]:
    rows = [matrix.to_numpy() for matrix in exact]
    return np.array(rows, dtype=np.float64).reshape(len(exact), dimension, dimension)


def _is_finite(x: Cyclotomic | complex) -> bool:
    """Whether it is a number that floats can hold."""
    try:
        value = x.to_complex() if isinstance(x, Cyclotomic) else x
    except OverflowError:
        return False
    return math.isfinite(value.real) and math.isfinite(value.imag)


def _read(
    matrices: Any,  # noqa: ANN401 - whatever is an array
    name: str,
) -> tuple[NDArray[np.float64], tuple[ExactMatrix, ...] | None]:
    """Return matrices as floats, and with exact entries if they have such."""
    plain = plain_arrays(matrices)
    if isinstance(plain, np.ndarray) and plain.ndim == 3 and not len(plain):  # of no generators
        if plain.shape[1] != plain.shape[2] or not plain.shape[1]:
            raise ModuleMismatchError(
                f"{name}: matrices must have shape (generators, d, d), found {plain.shape}"
            )
        return np.empty(plain.shape), ()
    try:
        entries = read_entries(plain)
    except NamingError as error:
        hint = f"; {error.suggestion}" if error.suggestion else ""
        raise ModuleMismatchError(f"{name}: {error.problem}{hint}") from None
    d = len(entries[0])
    rows = [[x for row in matrix for x in row] for matrix in entries]
    for g, matrix in enumerate(rows):
        for place, x in enumerate(matrix):
            real = x.is_real if isinstance(x, Cyclotomic) else x.imag == 0
            finite = _is_finite(x)
            if not real or not finite:
                raise ModuleMismatchError(
                    f"{name}: real matrices are required, but generator {g} has [row {place // d}, "
                    f"column {place % d}] = {x!s:.40} (all 0-based); "
                    + (
                        "a complex matrix A + iB of size d is the real one [[A, -B], [B, A]] of "
                        "size 2 d: give those"
                        if finite
                        else "give finite numbers below 1e308"
                    )
                )
    if all(isinstance(x, Cyclotomic) for matrix in rows for x in matrix):
        exact = tuple(ExactMatrix.of(matrix) for matrix in entries)  # type: ignore[arg-type]
        return _as_floats(exact, d), exact
    floats = [[x.to_float() if isinstance(x, Cyclotomic) else x.real for x in m] for m in rows]
    return np.array(floats).reshape(len(rows), d, d), None


def _checked(
    group: GroupStructure,
    floats: NDArray[np.float64],
    exact: tuple[ExactMatrix, ...] | None,
    name: str,
    tol: float,
    origin: Literal["matrices", "space"],
) -> LinearModule:
    """Return the module after checking the relations of the group."""
    given, wanted, d = len(floats), group.generator_count, floats.shape[-1]
    if given != wanted:
        raise ModuleMismatchError(
            f"{name}: {shortened(group.title)} has {wanted} generators, each with its matrix, "
            f"found {given}"
        )
    relations = _Relations(group, d)
    broken, residual = relations.broken_by_floats(floats, tol)
    if broken is None and exact is None and residual > _GOOD:
        floats, residual = relations.refined(floats, residual)
    if broken is None and exact is not None:
        broken, proved = relations.broken_by_exact(exact, d)
        residual = 0.0 if proved else max(residual, ROUNDING)
    if broken is not None:
        hint = "; give more digits, or another tol" if residual < _FEW_DIGITS else ""
        order = order_that_obeys(
            wanted, lambda order: relations.broken_by_floats(floats[order], tol)[0] is None
        )
        if order is not None:
            hint = f"; in the order {order} they satisfy all relations: give those"
        if relations.broken_by_floats(floats.transpose(0, 2, 1), tol)[0] is None:
            hint = "; the transposed matrices satisfy all relations: give those"
        raise ModuleMismatchError(
            f"{name}: the matrices are not a representation of {shortened(group.title)}: in the "
            f"group, {_described(broken)} (generators are 0-based), but the product of the "
            f"matrices differs by {residual:.1e} from the required one{hint}; {_CONVENTION}"
        )
    floats = floats + 0.0  # no -0.0, which is not read again from text
    return LinearModule(group, name, d, Given(floats, exact, residual, name, origin))


class _Relations:
    """The relations of a group: all edges of its Cayley graph, or the relators of a presentation.

    Parameters
    ----------
    group, degree
        The group and the size of the matrices. For more than 20,000 elements, or more entries than
        can be listed for each of them, GAP is asked for relators.
    """

    def __init__(self, group: GroupStructure, degree: int) -> None:
        listed = group.order <= LISTED_ORDER and group.order * degree**2 <= _MOST_LISTED
        self.regular = regular_module(group).images if listed else None
        self.relators = () if listed else relators_of_group(group)

    def broken_by_floats(
        self, matrices: NDArray[np.float64], tol: float
    ) -> tuple[tuple[int, ...] | None, float]:
        if self.regular is None:
            return float_broken_relator(self.relators, matrices, tol)
        return float_broken_relation(self.regular, matrices, tol)

    def broken_by_exact(
        self, matrices: tuple[ExactMatrix, ...], degree: int
    ) -> tuple[tuple[int, ...] | None, bool]:
        if self.regular is None:
            return exact_broken_relator(self.relators, matrices, degree)
        return exact_broken_relation(self.regular, matrices, degree)

    def refined(
        self, matrices: NDArray[np.float64], residual: float
    ) -> tuple[NDArray[np.float64], float]:
        """Return matrices nearby that obey the relations to rounding, if the group is listed."""
        return (
            (matrices, residual) if self.regular is None else refined(self.regular, matrices, _GOOD)
        )


def _described(word: tuple[int, ...]) -> str:
    letters = ", ".join(str(g) if g >= 0 else f"inverse of {~g}" for g in word[:24])
    more = f", ... ({len(word)} letters)" if len(word) > 24 else ""
    return f"generators {letters}{more} in turn give the identity"
