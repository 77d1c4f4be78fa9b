"""Permutation modules of a group: regular, natural, on cosets, from images."""

from __future__ import annotations

from collections.abc import Iterable
from inspect import signature
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, cast

from toolkit.errors import ModuleMismatchError, NotAvailable
from toolkit.groups.invariants import SylowSubgroup
from toolkit.groups.specs.generated import Presentation
from toolkit.groups.subgroups import NormalSubgroup, SubgroupClass
from toolkit.library.modules.backends import (
    CosetBackend,
    NaturalBackend,
    RegularBackend,
    element_data,
)
from toolkit.modules.gset_expressions import Action, NaturalSum
from toolkit.modules.module import Module
from toolkit.modules.permutation_module import PermutationModule
from toolkit.text import listed, shortened

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    from toolkit.library.structure import GroupStructure

M = TypeVar("M", bound=Module)

SubgroupLike: TypeAlias = "SubgroupClass | NormalSubgroup | SylowSubgroup | str | Sequence[Any]"


def regular_module(group: GroupStructure) -> PermutationModule:
    """See :meth:`toolkit.Group.regular_module`."""
    return PermutationModule(group, "regular module", group.order, RegularBackend(group))


def trivial_module(group: GroupStructure) -> PermutationModule:
    """See :meth:`toolkit.Group.trivial_module`."""
    import numpy as np

    if group.is_table_only:
        raise NotAvailable(group.name, "the trivial module", "only the character table is known")
    images = np.zeros((group.generator_count, 1), dtype=np.intp)
    return PermutationModule(group, "1 point", 1, Action(images, proved=True))


def natural_module(group: GroupStructure) -> PermutationModule:
    """See :meth:`toolkit.Group.natural_module`."""
    known = group.facts_at_hand
    if known is not None and known.points and len(known.orbit_lengths) == 1:
        name = f"{known.points} point{'s' if known.points > 1 else ''}"
        return PermutationModule(group, name, known.points, NaturalBackend(group, 0, name))
    images = group.natural_images
    if images is None:
        raise NotAvailable(
            group.name,
            "the natural module",
            "the name brings no action on points; use regular_module() or coset_module(H)",
        )
    points = images.shape[1]
    name = f"{points} point{'s' if points > 1 else ''}"
    found = [tuple(orbit.tolist()) for orbit in group.natural_orbits]
    if len(found) == 1:
        return PermutationModule(group, name, points, NaturalBackend(group, 0, name))
    parts = []
    for number, orbit in enumerate(found, start=1):
        title = f"{name}, orbit {number}"
        backend = NaturalBackend(group, orbit[0], title)
        parts.append(PermutationModule(group, title, len(orbit), backend))
    module = PermutationModule(group, name, points, NaturalSum(tuple(parts), tuple(found)))
    vars(module)["images"] = images  # not put together from those of many orbits
    return module


def coset_module(group: GroupStructure, subgroup: SubgroupLike) -> PermutationModule:
    """See :meth:`toolkit.Group.coset_module`."""
    found = _subgroup(group, subgroup)
    if isinstance(found, SubgroupClass | NormalSubgroup):
        if found.order == 1:
            return regular_module(group)
        name = f"cosets of {found.label}"
        backend = CosetBackend(group, tuple(found.generators or ()), name)
        return PermutationModule(group, name, found.index, backend)
    try:
        known = CosetBackend(group, found, "").action()
    except NotAvailable as error:
        if "does not lie in the group" not in error.reason:
            raise
        raise ModuleMismatchError(
            f"generators of a subgroup of {shortened(group.name)} are required, one of those given "
            "does not lie in the group; G.facts.generators are its own"
        ) from None
    name = f"cosets of a subgroup of order {known.subgroup_order}"
    return PermutationModule(group, name, known.degree, CosetBackend(group, found, name))


def permutation_character(
    group: GroupStructure,
    subgroup: SubgroupLike,
    count: Callable[[tuple[object, ...], int], tuple[int, ...]],
) -> tuple[int, ...]:
    """Return, per conjugacy class, how many cosets of a subgroup its elements fix.

    An element of a class C fixes |G| |H and C| / (|H| |C|) of them. GAP does not know a table
    that comes by formula; then ``count``, from generators and order, counts H by class.
    """
    table = group.character_table
    found = _subgroup(group, subgroup)
    if isinstance(found, NormalSubgroup):
        return tuple(found.index if c in set(found.classes) else 0 for c in range(len(table)))
    if isinstance(found, SubgroupClass):
        counts, order = found.class_counts, found.order
        module = coset_module(group, found) if not counts else None
    else:
        module, counts = coset_module(group, found), ()
        order = group.order // module.degree
    if module is not None and module.fixed_points is not None:
        return module.fixed_points
    if not counts:
        counts = count(subgroup_generators(group, subgroup), order)
    return tuple(
        group.order * n // (order * size) for n, size in zip(counts, table.class_sizes, strict=True)
    )


def subgroup_generators(group: GroupStructure, subgroup: SubgroupLike) -> tuple[object, ...]:
    """Return generators, as data, of a subgroup given as a class, a label or generators."""
    found = _subgroup(group, subgroup)
    if isinstance(found, SubgroupClass | NormalSubgroup):
        return tuple(found.generators or ())
    return found


def module_from_images(
    group: GroupStructure, images: ArrayLike, name: str | None = None, *, proved: bool = False
) -> PermutationModule:
    """See :meth:`toolkit.Group.module_from_images`; ``proved`` images are certainly an action."""
    from toolkit.library.modules.given_actions import check_given_images
    from toolkit.modules.gsets.actions import validate_images

    if group.is_table_only:
        raise NotAvailable(group.name, "a module from images", "only the character table is known")
    array = validate_images(images, name or "the module").copy()
    points = array.shape[1]
    if is_identity_of_trivial_group(group, array == range(points)):
        array = array[:0]
    array.flags.writeable = False
    title = name or f"given action on {points} point{'s' if points > 1 else ''}"
    proved = proved or check_given_images(group, array, title)
    return PermutationModule(group, title, points, Action(array, proved))


def is_identity_of_trivial_group(group: GroupStructure, still: NDArray[np.bool_]) -> bool:
    """Whether rows or matrices that agree with the identity are given for no generator at all.

    A trivial group such as C1 has no generators, but people give the identity.
    """
    return (
        len(still) > 0
        and bool(still.all())
        and not group.generator_count
        and group.order_alone == 1
    )


def renamed(module: M, name: object) -> M:
    """Return the module under another name, if one is given."""
    if name is None or name == module.name:
        return module
    if not isinstance(name, str):
        raise ModuleMismatchError(f"a module's name must be a string, found {name!r:.60}")
    new: dict[str, Any] = {"name": name}
    if module.generality == 1:  # a signed module
        cover = cast("Any", module).cover
        new["cover"] = renamed(cover, f"cover of {name}")
    kind = cast("Any", type(module))  # with arguments of its own
    given = {key: getattr(module, key) for key in signature(kind).parameters}
    out: M = kind(**given | new)
    return out


def _subgroup(
    group: GroupStructure, subgroup: SubgroupLike
) -> SubgroupClass | NormalSubgroup | tuple[object, ...]:
    if isinstance(subgroup, str):
        subgroup = _subgroup_by_label(group, subgroup)
    if isinstance(subgroup, SubgroupClass | NormalSubgroup):
        if subgroup.group != group.name:
            raise ModuleMismatchError(
                f"a subgroup of {shortened(group.name)} is required, {subgroup.label} is one of "
                f"{shortened(subgroup.group)}"
            )
        return subgroup
    if isinstance(subgroup, SylowSubgroup):
        if subgroup not in group.sylow_subgroups():
            raise ModuleMismatchError(
                f"a Sylow subgroup of {shortened(group.name)} is required, this one, of order "
                f"{subgroup.order}, is of another group: take it from sylow_subgroups()"
            )
        subgroup = subgroup.generators
    if not isinstance(subgroup, Iterable):
        raise ModuleMismatchError(
            "a subgroup is given as a class, a Sylow subgroup, a label or a list of generators, "
            f"not {subgroup!r:.60}"
        )
    subgroup = tuple(subgroup)
    known = group.facts_at_hand
    if known is not None and any(_is_cycles(g, group) for g in subgroup):
        own = known.generators[:1]
        if own and not (isinstance(own[0], dict) and "perm" in own[0]):
            raise ModuleMismatchError(
                f"the elements of {shortened(group.name)} are not permutations in GAP: give words "
                "in the group's generators, as in {'word': [0]}, or data as in G.facts.generators, "
                f"{own[0]!r:.60}"
            )
    found = tuple(element_data(g, group.spec) for g in subgroup)
    if known is None:  # GAP will say it
        return found
    count = len(known.generators)
    for g in found:
        wrong = [i for i in g.get("word", ()) if not -count <= i < count]
        if wrong:
            raise ModuleMismatchError(
                f"letters of a word are generators 0 to {count - 1} of {shortened(group.name)}, or "
                f"~i for an inverse, not {wrong[0]!r:.20}"
            )
    return found


def _is_cycles(element: object, group: GroupStructure) -> bool:
    """Whether an element is written as a permutation, or as a text that can be nothing else."""
    if isinstance(element, str):
        return not isinstance(group.spec, Presentation)
    return isinstance(element, dict) and "perm" in element


def _subgroup_by_label(group: GroupStructure, label: str) -> SubgroupClass | NormalSubgroup:
    candidates: list[SubgroupClass | NormalSubgroup] = (
        list(group.normal_subgroups()) if label.startswith("N") else list(group.subgroup_classes())
    )
    for candidate in candidates:
        if candidate.label == label:
            return candidate
    if label.lstrip()[:1] in ("(", "<"):
        raise ModuleMismatchError(
            f"generators of a subgroup stand in a list, as in ['(1,2)(3,4)'], found {label[:40]!r}"
        )
    known = listed([c.label for c in candidates], 12)
    raise ModuleMismatchError(
        f"{shortened(group.name)} has the subgroups {known}; there is none called {label[:40]!r}"
    )
