"""Networks whose arguments travel in their ``state_dict``: a file alone makes them again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, ClassVar

from torch import nn

from toolkit.cached import cached_property
from toolkit.errors import NotAvailable, NotCachedError, UnsupportedActivationError
from toolkit.nn.hub import module_to_json
from toolkit.nn.linear.recipe import recipe_tensor
from toolkit.nn.vectors.frame import Frame
from toolkit.nn.vectors.gated import Gated
from toolkit.nn.vectors.norm_activation import NormActivation
from toolkit.pl.activations.activation import Activation, find_activation

if TYPE_CHECKING:
    import torch

    from toolkit.modules.module import Module
    from toolkit.nn.activation import ActivationLike

#: Activations that are layers with a module, by the names that a recipe has for them.
LAYERS_BY_NAME = {"Frame": Frame, "Gated": Gated, "NormActivation": NormActivation}

# a recipe with a longer text is left out of states: modules of many images
_LONGEST_ARGUMENTS = 16_000


class NetworkWithRecipe(nn.Module):
    """A network that :func:`toolkit.nn.from_state` makes again from its weights.

    A class that can be made again names itself in ``network_name``; its ``__init__`` leaves the
    modules in ``_spaces`` and the other arguments, as JSON data, in ``_arguments``.
    """

    #: The name of the class in recipes; classes derived from it have none.
    network_name: ClassVar[str]

    _arguments: dict[str, Any]
    _spaces: tuple[Module, ...]

    @cached_property
    def recipe(self) -> dict[str, Any]:
        """The description of the network, as JSON data, which is part of its ``state_dict``.

        :func:`toolkit.nn.from_state` rebuilds the network from it. If it cannot be written,
        ``arguments`` is ``None``, and ``reason`` says why.
        """
        found: dict[str, Any] = {"network": self.network_name, "parametrization": "orbit"}

        def without(reason: str) -> dict[str, Any]:
            return {**found, "arguments": None, "reason": reason}

        if "network_name" not in vars(type(self)):
            return without(f"{type(self).__name__} is a user-defined class")
        if None in self._arguments["activation"]:
            return without("an activation is a user-defined function or layer")
        if self._arguments.get("normalisation") == UNNAMED:
            return without("a normalisation is a user-defined function")
        modules = list(dict.fromkeys(self._spaces))
        try:
            written = [module_to_json(X) for X in modules]
        except (NotAvailable, NotCachedError) as error:
            return without(f"a module has no specification: {error}")
        order = [modules.index(X) for X in self._spaces]
        arguments = {**self._arguments, "modules": written, "order": order}
        length = len(json.dumps(arguments, separators=(",", ":")))
        if length > _LONGEST_ARGUMENTS:
            return without(
                f"its modules take {length} characters to specify, too many to be stored"
            )
        return {**found, "arguments": arguments}

    def get_extra_state(self) -> torch.Tensor:
        """Return the recipe of the network (:attr:`recipe`)."""
        return recipe_tensor(self.recipe)

    def set_extra_state(self, state: Any) -> None:  # noqa: ANN401 - torch's own signature
        """Accept any recipe: the layers check their own recipes, and activations may differ."""

    def _load_from_state_dict(
        self,
        state_dict: dict[str, Any],
        prefix: str,
        local_metadata: dict[str, Any],
        strict: bool,
        missing_keys: list[str],
        *args: Any,  # noqa: ANN401 - torch's own
    ) -> None:
        """Load; older states have no recipe of the network."""
        known = list(missing_keys)
        super()._load_from_state_dict(
            state_dict, prefix, local_metadata, strict, missing_keys, *args
        )
        missing_keys[:] = [k for k in missing_keys if k in known or k != prefix + "_extra_state"]


#: Stands for a layer that has no name in a recipe.
UNNAMED = "unnamed"


def written_activation(f: ActivationLike) -> str | None:
    """Return an activation's name if that gives it again, else ``None``.

    Examples
    --------
    >>> written_activation("relu"), written_activation(Gated), written_activation(lambda x: x)
    ('relu', 'Gated', None)
    """
    if isinstance(f, str):
        return f
    for name, kind in LAYERS_BY_NAME.items():
        if f is kind:
            return name
    if isinstance(f, Activation) and not f.is_named_by_text:
        return None
    try:
        return find_activation(f).name
    except UnsupportedActivationError:
        return None


def read_activations(names: list[str]) -> list[Any]:
    """Return activations of the names that :func:`written_activation` gave.

    Examples
    --------
    >>> read_activations(["relu", "Gated"])
    ['relu', <class 'toolkit.nn.vectors.gated.Gated'>]
    """
    return [LAYERS_BY_NAME.get(name, name) for name in names]
