"""Layers whose parameters are numbered by orbits or orbitals, and whose state says of which."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from toolkit.nn.linear.recipe import (
    read_recipe,
    recipe_tensor,
    require_same_recipe,
    warn_of_missing_recipe,
)
from toolkit.nn.linear.tensors.constants import LayerWithConstants

if TYPE_CHECKING:
    import torch


class LayerWithRecipe(LayerWithConstants):
    """A layer with a recipe of its parameters, which travels in its ``state_dict``.

    Its attribute ``recipe`` is what :func:`~toolkit.nn.linear.recipe.recipe_of_layer` gives.
    Parameters without a recipe are taken on trust, with a warning; those of other modules, or of
    another order of points, are refused before anything is copied.
    """

    recipe: dict[str, Any]

    def get_extra_state(self) -> torch.Tensor:
        """Return the recipe of the parameters (:mod:`toolkit.nn.linear.recipe`)."""
        return recipe_tensor(self.recipe)

    def set_extra_state(self, state: Any) -> None:  # noqa: ANN401 - torch's own signature
        """Check the recipe of loaded parameters."""
        require_same_recipe(self.recipe, read_recipe(state))

    def _load_from_state_dict(
        self,
        state_dict: dict[str, Any],
        prefix: str,
        *args: Any,  # noqa: ANN401 - torch's own
    ) -> None:
        """Refuse parameters of another recipe."""
        state = state_dict.get(prefix + "_extra_state")
        if state is not None:
            require_same_recipe(self.recipe, read_recipe(state))
        elif any(prefix + name in state_dict for name in self._parameters):
            warn_of_missing_recipe()
        super()._load_from_state_dict(state_dict, prefix, *args)
        held = next(iter(self.parameters(recurse=False)), None)
        if held is not None:  # assigned parameters may be elsewhere
            self.follow(held)
