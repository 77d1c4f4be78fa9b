"""Recognising torch's activations without importing torch.

A torch module or function can only be handed over by a caller who has imported torch, so it is
looked for among the modules that are loaded already, and read by its attributes.
"""

from __future__ import annotations

import sys
from typing import Any

from toolkit.errors import UnsupportedActivationError
from toolkit.pl.activations.registry import NAMES

__all__ = ["torch_name"]

# class name -> our name, and the attributes that are its numbers
_CLASSES: dict[str, tuple[str, tuple[str, ...]]] = {
    "ReLU": ("relu", ()),
    "LeakyReLU": ("leaky_relu", ("negative_slope",)),
    "PReLU": ("prelu", ("weight",)),
    "GELU": ("gelu", ()),
    "SiLU": ("silu", ()),
    "Softplus": ("softplus", ("beta",)),
    "LogSigmoid": ("logsigmoid", ()),
    "ELU": ("elu", ("alpha",)),
    "CELU": ("celu", ("alpha",)),
    "SELU": ("selu", ()),
    "Mish": ("mish", ()),
    "Tanh": ("tanh", ()),
    "Hardtanh": ("hardtanh", ("min_val", "max_val")),
    "Softshrink": ("softshrink", ("lambd",)),
    "Hardshrink": ("hardshrink", ("lambd",)),
    "Sigmoid": ("sigmoid", ()),
    "Hardsigmoid": ("hardsigmoid", ()),
    "Hardswish": ("hardswish", ()),
    "Softsign": ("softsign", ()),
    "Tanhshrink": ("tanhshrink", ()),
    "ReLU6": ("relu6", ()),
    "Identity": ("identity", ()),
}
_NOT_POINTWISE = {"Softmax", "LogSoftmax", "Softmin", "Softmax2d", "GLU", "MultiheadAttention"}
# where functions live: torch, torch.nn.functional, torch.special, torch.Tensor
_FUNCTIONS = {
    **{name.lower(): ours for name, (ours, _) in _CLASSES.items()},
    "leaky_relu": "leaky_relu",
    "abs": "abs",
    "absolute": "abs",
    "erf": "erf",
    "sin": "sin",
    "cos": "cos",
    "sign": "sign",
    "sgn": "sign",
    "square": "square",
    "expit": "sigmoid",
}
_UNFIXED = {"prelu"}  # functions whose slope is a second argument


def torch_name(thing: object) -> str | None:
    """Return our name of a torch module, class or function; ``None`` if it is none.

    Raises
    ------
    UnsupportedActivationError
        If it is a module of torch that acts on several numbers at once, at random, or with
        numbers that have no meaning here; the message says so.

    Notes
    -----
    A parameter that is trained (PReLU's slope) is read once, as it is now.
    """
    torch: Any = sys.modules.get("torch")
    if torch is None or not callable(thing):
        return None
    if isinstance(thing, type):
        return _name_of_class(thing, None)
    if isinstance(thing, torch.nn.Module):
        return _name_of_class(type(thing), thing)
    places = [torch, torch.nn.functional, torch.special, torch.Tensor]
    for name, ours in _FUNCTIONS.items():
        if ours not in _UNFIXED and any(getattr(p, name, None) is thing for p in places):
            return ours
    return None


def _name_of_class(kind: type, module: Any) -> str | None:  # noqa: ANN401 - a torch module
    if not kind.__module__.startswith("torch.nn.modules."):
        return None
    if kind.__name__ in _NOT_POINTWISE:
        raise UnsupportedActivationError(
            f"torch.nn.{kind.__name__} does not act on each number by itself, as an activation must"
        )
    if kind.__name__ not in _CLASSES:
        raise UnsupportedActivationError(
            f"torch.nn.{kind.__name__} is not among the activations known here: "
            f"{', '.join(_CLASSES)}; for a function of one number use Activation.from_callable"
        )
    ours, attributes = _CLASSES[kind.__name__]
    if module is None:
        return ours
    if getattr(module, "approximate", "none") == "tanh":
        return "gelu_tanh"
    if kind.__name__ == "Softplus" and module.threshold < 20:
        raise UnsupportedActivationError(
            f"torch.nn.Softplus with threshold {module.threshold:g} jumps where it turns linear: "
            "use 20 or more"
        )
    numbers = []
    for attribute in attributes:
        value = getattr(module, attribute)
        if hasattr(value, "numel") and value.numel() != 1:
            raise UnsupportedActivationError(
                f"torch.nn.{kind.__name__} with {value.numel()} slopes is one activation for each "
                "channel: ask about each slope by itself"
            )
        numbers.append(float(value.detach() if hasattr(value, "detach") else value))
    if numbers == [default for _, default in NAMES[ours]]:
        return ours
    return f"{ours}({','.join(map(repr, numbers))})"
