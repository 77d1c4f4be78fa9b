"""Signed modules of a group: from a sign character of a subgroup, or by signed permutations."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import numpy as np

from toolkit.errors import (
    GapNotFoundError,
    InconsistentAnswerError,
    ModuleMismatchError,
    NotAvailable,
    NotCachedError,
)
from toolkit.library.modules.backends import ActionBackend, described_relation
from toolkit.library.modules.construct import (
    coset_module,
    is_identity_of_trivial_group,
    subgroup_generators,
)
from toolkit.library.modules.elements import element_images
from toolkit.library.modules.given_actions import advice_on_order
from toolkit.library.questions import INDEX_TWO_SUBGROUPS
from toolkit.modules.gset_expressions import SignedCosets, Sum
from toolkit.modules.permutation_module import PermutationModule
from toolkit.modules.signed_module import SignedModule
from toolkit.text import shortened

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from toolkit.library.modules.construct import SubgroupLike
    from toolkit.library.structure import GroupStructure
    from toolkit.modules.gsets.actions import IntArray

_CONVENTION = (
    "the convention is (g f)(x) = sign * f(x^g): "
    "row x of the matrix of g has the sign in column x^g"
)


def signed_coset_module(
    group: GroupStructure, subgroup: SubgroupLike, kernel: SubgroupLike
) -> SignedModule:
    """See :meth:`toolkit.Group.signed_coset_module`."""
    generators = subgroup_generators(group, subgroup)
    below, above = coset_module(group, subgroup), coset_module(group, kernel)
    base = above.record.base
    moved = element_images(above, generators)
    fibre = [base]
    for point in fibre:
        fibre.extend(sorted({int(p) for p in moved[:, point]} - set(fibre)))
    # the orbit of K under H is KH/K: it has |H : H and K| points
    if len(fibre) * below.degree != above.degree:
        raise ModuleMismatchError(
            f"K of order {group.order // above.degree} must lie in H of order "
            f"{group.order // below.degree}, but in {shortened(group.name)} it does not"
        )
    if len(fibre) == 1:
        return SignedModule.from_permutation(below)
    if len(fibre) > 2:
        raise ModuleMismatchError(
            f"K must have index 1 or 2 in H, the kernel of a sign character, found {len(fibre)}"
        )
    pairs, below_points = _fibres(above.images, fibre, below.images, below.record.base)
    place = np.empty(above.degree, dtype=np.intp)
    place[pairs.ravel()] = np.arange(above.degree)
    name = f"signed {below.name} over {above.name}"
    cover = Sum((above,), (tuple(place.tolist()),))
    points = np.empty(below.degree, dtype=np.intp)
    points[below_points] = np.arange(below.degree)
    return SignedModule(
        name,
        PermutationModule(group, f"cover of {name}", above.degree, cover),
        PermutationModule(
            group, below.name, below.degree, Sum((below,), (tuple(points.tolist()),))
        ),
        SignedCosets(generators, subgroup_generators(group, kernel)),
    )


def _fibres(
    above: IntArray, fibre: list[int], below: IntArray, base: int
) -> tuple[IntArray, IntArray]:
    """Return ``(n, 2)`` the pairs of points over each point, and the ``(n,)`` points below.

    The walk starts from the given pair over ``base`` and follows the generators; the first point
    of each pair, its +, is the image of the first point of the preceding pair.
    """
    start = (fibre[0], fibre[1])
    found = {base: start}
    queue = [base]
    for x in queue:
        for up, down in zip(above, below, strict=True):
            y = int(down[x])
            if y not in found:
                found[y] = (int(up[found[x][0]]), int(up[found[x][1]]))
                queue.append(y)
    order = sorted(found, key=lambda y: (min(found[y]), y))
    return np.array([found[y] for y in order], dtype=np.intp), np.array(order, dtype=np.intp)


def index_two_subgroups(
    group: GroupStructure, subgroup: SubgroupLike
) -> tuple[tuple[object, ...], ...]:
    """See :meth:`toolkit.Group.index_two_subgroups`."""
    arguments = {"subgroup": list(subgroup_generators(group, subgroup))}

    def read(answer: dict[str, Any]) -> tuple[tuple[object, ...], ...]:
        found = answer["subgroups"]
        if len({k["order"] for k in found}) > 1:
            raise InconsistentAnswerError(
                group.name, "subgroups of one order", str([k["order"] for k in found])
            )
        return tuple(tuple(k["generators"]) for k in found)

    return group.answer(INDEX_TWO_SUBGROUPS, key=arguments, send=lambda: arguments, read=read)


def signed_module_from_images(
    group: GroupStructure, images: ArrayLike, signs: ArrayLike, name: str | None = None
) -> SignedModule:
    """See :meth:`toolkit.Group.signed_module_from_images`."""
    if group.is_table_only:
        raise NotAvailable(group.name, "a signed module", "only the character table is known")
    rows, values = _array(images, "images"), _array(signs, "signs")
    if rows.ndim == 2 and rows.shape == values.shape:
        still = (rows == np.arange(rows.shape[1])) & (values == 1)
        if is_identity_of_trivial_group(group, still):
            images, signs = rows[:0], values[:0]
    module = SignedModule.from_signs(group, images, signs, name)
    with contextlib.suppress(NotCachedError, GapNotFoundError):  # then checked when GAP is asked
        _require_representation(group, module)
    return module


def signed_module_from_matrices(
    group: GroupStructure, matrices: ArrayLike, name: str | None = None
) -> SignedModule:
    """See :meth:`toolkit.Group.signed_module_from_matrices`."""
    array = _square_matrices(matrices, name or "the signed module")
    images = np.argmax(array != 0, axis=2)
    signs = np.take_along_axis(array, images[:, :, None], axis=2)[:, :, 0]
    return signed_module_from_images(group, images, signs.astype(np.int8), name)


def _square_matrices(matrices: ArrayLike, name: str) -> NDArray[np.generic]:
    """Return ``(k, n, n)`` signed permutation matrices, or say which entry is wrong."""
    try:
        array = np.asarray(plain_arrays(matrices))
        if array.dtype == object:  # such as fractions
            array = array.astype(np.float64)
    except (TypeError, ValueError):
        array = np.empty(0, dtype=object)
    square = array.ndim == 3 and array.shape[1] == array.shape[2] > 0
    if not square or array.dtype.kind not in "biuf":
        raise ModuleMismatchError(
            f"{name}: matrices must be a real array of shape (generators, n, n), found shape "
            f"{array.shape} of {array.dtype}"
        )
    filled = array != 0
    wrong = filled & (np.abs(array) != 1)
    # with several entries in a row, or then in a column, the second is the wrong one
    wrong |= ~wrong.any() & filled & (filled.cumsum(axis=2) > 1)
    wrong |= ~wrong.any() & filled & (filled.cumsum(axis=1) > 1)
    wrong |= ~wrong.any() & ~filled.any(axis=2, keepdims=True)
    if wrong.any():
        g, row, column = np.argwhere(wrong)[0].tolist()
        raise ModuleMismatchError(
            f"{name}: a signed permutation matrix has one entry 1 or -1 in each row and each "
            f"column, and 0 elsewhere, but generator {g} has [row {row}, column {column}] = "
            f"{array[g, row, column]:.12g}{_clash(filled[g], row, column)} (all 0-based); "
            f"{_CONVENTION}"
        )
    return array


def plain_arrays(matrices: Any) -> Any:  # noqa: ANN401 - whatever is an array
    """Return sparse matrices in full, and tensors without their gradients."""
    if isinstance(matrices, list | tuple):
        return [plain_arrays(one) for one in matrices]
    for method in ("detach", "toarray"):
        if hasattr(matrices, method):
            return getattr(matrices, method)()
    return matrices


def _clash(filled: NDArray[np.bool_], row: int, column: int) -> str:
    """Say what an entry of a matrix clashes with."""
    if not filled[row, column]:
        return " and no entry in that row"
    left, above = np.flatnonzero(filled[row, :column]), np.flatnonzero(filled[:row, column])
    if left.size:
        return f" beside the entry in column {left[0]}"
    return f" below the entry in row {above[0]}" if above.size else ""


def _require_representation(group: GroupStructure, module: SignedModule) -> None:
    """Raise ModuleMismatchError unless signed permutations obey the relations of the group."""
    generators, given = group.generator_count, len(module.cover.images)
    if given != generators:
        raise ModuleMismatchError(
            f"{module.name}: {shortened(group.name)} has {generators} generators, each with its "
            f"signed permutation, found {given}"
        )
    backends = [ActionBackend(group, orbit.images, orbit.name) for orbit in module.cover.orbits]
    for backend, points in zip(backends, module.cover.orbit_points, strict=True):
        broken = backend.broken_relation()
        if broken is None:
            continue

        def show(point: int, points: Sequence[int] = points) -> str:
            return f"{'+-'[points[point] & 1]}{points[point] >> 1}"

        inverted = all(backend.is_inverted() for backend in backends)
        hint = "; their inverses, the transposed matrices, are one: give those"
        if not inverted:
            hint = advice_on_order(group, module.cover.images)
        raise ModuleMismatchError(
            f"{module.name}: the signed permutations are not a representation of "
            f"{shortened(group.name)}: {described_relation(broken, show)}{hint}; {_CONVENTION}"
        )


def _array(given: ArrayLike, what: str) -> IntArray:
    try:
        return np.asarray(given)
    except ValueError:
        raise ModuleMismatchError(
            f"{what} must be a table with one row for each generator, all rows of one length"
        ) from None
