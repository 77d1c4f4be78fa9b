"""Signed modules of a group: from a subgroup H and the kernel K of a sign character of H."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from toolkit.errors import InconsistentAnswerError, ModuleMismatchError
from toolkit.library.modules.construct import coset_module, subgroup_generators
from toolkit.library.modules.elements import element_images
from toolkit.library.questions import INDEX_TWO_SUBGROUPS
from toolkit.modules.gset_expressions import Sum
from toolkit.modules.permutation_module import PermutationModule
from toolkit.modules.signed_module import SignedModule
from toolkit.text import shortened

if TYPE_CHECKING:
    from toolkit.library.modules.construct import SubgroupLike
    from toolkit.library.structure import GroupStructure
    from toolkit.modules.gsets.actions import IntArray

__all__ = ["index_two_subgroups", "signed_coset_module"]


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
            f"{group.order // below.degree}, and in {shortened(group.name)} it does not"
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
    )


def _fibres(
    above: IntArray, fibre: list[int], below: IntArray, base: int
) -> tuple[IntArray, IntArray]:
    """Return ``(n, 2)`` the pairs of points over each point, and the ``(n,)`` points below.

    Found by walking from the given pair over ``base`` along the generators; the first of each
    pair, its +, is the image of the first of the pair it was reached from.
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
