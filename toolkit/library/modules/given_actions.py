"""The check that images given by a user are an action of the group."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from toolkit.errors import ModuleMismatchError
from toolkit.library.modules.backends import ActionBackend, RegularBackend
from toolkit.library.structure import GroupStructure
from toolkit.modules.gset_expressions import Action
from toolkit.modules.gsets.regular_points import broken_relation
from toolkit.modules.permutation_module import PermutationModule
from toolkit.modules.signed_module import SignedModule
from toolkit.text import shortened

if TYPE_CHECKING:
    from toolkit.modules.module import Module

#: Up to this order given images are checked here on all elements, beyond it by GAP.
CHECKED_ORDER = 2000


def require_action(module: Module) -> None:
    """Check that images given by a user are an action of the group, a row for each generator.

    Raises
    ------
    ModuleMismatchError
        If they are not. For a large group GAP checks them.
    """
    if not module.has_points:
        return  # matrices are checked when a module is made of them
    plain = _plain(module)
    if not isinstance(plain.contents, Action) or plain.contents.proved:
        return
    group, images = plain.home, plain.images
    if not isinstance(group, GroupStructure):
        raise ModuleMismatchError(
            f"{plain.name} must be a module of a toolkit.Group, not {group!r}"
        )
    count = group.generator_count
    if len(images) != count:
        raise ModuleMismatchError(
            f"{plain.name}: {shortened(group.name)} has {count} generators, so {count} rows of "
            f"images are required, found {len(images)}"
        )
    if group.order_alone > CHECKED_ORDER:
        for part in plain.orbits:
            ActionBackend(group, part.images, part.name).action()  # GAP checks the action
        return
    regular = np.array(RegularBackend(group).images(), dtype=np.intp)
    broken = broken_relation(regular.reshape(len(images), group.order_alone), images)
    if broken is not None:
        word, point = broken
        raise ModuleMismatchError(
            f"{plain.name}: the images are no action of {shortened(group.name)}: in the group the "
            f"word {list(word)} (generators from 0, ~g for an inverse) is 1, but it moves point "
            f"{point}; give the images of the generators in their order"
        )


def _plain(module: Module) -> PermutationModule:
    """Return a permutation module that has the same group."""
    return module.cover if isinstance(module, SignedModule) else PermutationModule.of(module)
