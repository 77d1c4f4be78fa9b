"""The check that images given by a user are an action of the group."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from toolkit.errors import GapNotFoundError, ModuleMismatchError, NotCachedError
from toolkit.library.modules.backends import (
    ActionBackend,
    RegularBackend,
    described_relation,
)
from toolkit.library.modules.given_order import order_that_obeys
from toolkit.library.structure import GroupStructure
from toolkit.modules.gset_expressions import Action
from toolkit.modules.gsets.actions import invert_images, orbits
from toolkit.modules.gsets.regular_points import broken_relation
from toolkit.modules.permutation_module import PermutationModule
from toolkit.modules.signed_module import SignedModule
from toolkit.text import shortened

if TYPE_CHECKING:
    from toolkit.modules.gsets.actions import IntArray
    from toolkit.modules.module import Module

#: Up to this order given images are checked here on all elements, beyond it by GAP.
CHECKED_ORDER = 2000

#: Beyond this order they are checked when they are first used, not when they are given.
LATER_ORDER = 1_000_000


def check_given_images(group: GroupStructure, images: IntArray, name: str) -> bool:
    """Check images that are given; return whether this was done, and not put off.

    It is put off for groups of more than a million elements, and where GAP would be needed and
    cannot be used.

    Raises
    ------
    ModuleMismatchError
        If there is not a row for each generator, or they are no action.

    Examples
    --------
    >>> import toolkit as tk
    >>> check_given_images(tk.group("C4"), np.array([[1, 0]]), "a coin")
    True
    """
    try:
        _require_rows(group, images, name)
        if group.order_alone > LATER_ORDER:
            return False
        _require_relations(group, images, name)
    except (GapNotFoundError, NotCachedError):
        return False
    return True


def require_action(module: Module) -> None:
    """Check that images given by a user are an action of the group, a row for each generator.

    Raises
    ------
    ModuleMismatchError
        If they are not. For a large group GAP checks them.
    """
    if not module.has_points:
        return  # matrices are checked when a module is made of them
    plain = module.cover if isinstance(module, SignedModule) else PermutationModule.of(module)
    if not isinstance(plain.contents, Action) or plain.contents.proved:
        return
    group = plain.home
    if not isinstance(group, GroupStructure):
        raise ModuleMismatchError(
            f"{plain.name} must be a module of a toolkit.Group, not {group!r}"
        )
    _require_rows(group, plain.images, plain.name)
    _require_relations(group, plain.images, plain.name)


def _require_rows(group: GroupStructure, images: IntArray, name: str) -> None:
    count = group.generator_count
    if len(images) != count:
        raise ModuleMismatchError(
            f"{name}: {shortened(group.name)} has {count} generators, so {count} rows of images "
            f"are required, found {len(images)}"
        )


def _require_relations(group: GroupStructure, images: IntArray, name: str) -> None:
    if group.order_alone > CHECKED_ORDER:
        place = np.empty(images.shape[1], dtype=np.intp)
        for orbit in orbits(images):
            points = np.sort(orbit)
            place[points] = np.arange(points.size)
            ActionBackend(group, place[images[:, points]], name).action()  # GAP checks the action
        return
    regular = np.array(RegularBackend(group).images(), dtype=np.intp)
    regular = regular.reshape(len(images), group.order_alone)
    broken = broken_relation(regular, images)
    if broken is not None:
        hint = _advice_on_order(regular, images)
        if broken_relation(regular, invert_images(images)) is None:
            hint = "; the inverse permutations are an action: give those"
        raise ModuleMismatchError(
            f"{name}: the images are not an action of {shortened(group.name)}: "
            + described_relation(broken, str)
            + hint
        )


def advice_on_order(group: GroupStructure, images: IntArray) -> str:
    """Say in which other order images of the generators would be an action, if in any.

    Groups of more than :data:`CHECKED_ORDER` elements are not tried.
    """
    if group.order_alone > CHECKED_ORDER:
        return ""
    regular = np.array(RegularBackend(group).images(), dtype=np.intp)
    return _advice_on_order(regular.reshape(len(images), group.order_alone), images)


def _advice_on_order(regular: IntArray, images: IntArray) -> str:
    order = order_that_obeys(
        len(images), lambda order: broken_relation(regular, images[order]) is None
    )
    return "" if order is None else f"; in the order {order} they are an action: give those"
