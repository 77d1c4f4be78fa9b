"""Modules of points that the group fixes: where invariant numbers live."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from toolkit.library.change_of_group import group_of_module
from toolkit.modules.gset_expressions import Action
from toolkit.modules.permutation_module import PermutationModule

if TYPE_CHECKING:
    from toolkit.modules.module import Module


def fixed_points(V: Module, name: str, count: int) -> PermutationModule:
    """Return a module of V's group with this many points, all of which are fixed."""
    generators = group_of_module(V).generator_count
    images = np.tile(np.arange(count), (generators, 1))
    return PermutationModule(V.home, name, count, Action(images))
