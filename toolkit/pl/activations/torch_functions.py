"""Where torch has an activation, and recognising torch's modules and functions; torch unimported.

A torch module, function or tensor can only come from a caller who has imported torch, so torch is
taken from the modules that are loaded already.
"""

from __future__ import annotations

import operator
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from toolkit.errors import UnsupportedActivationError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Function: TypeAlias = Callable[..., Any]


@dataclass(frozen=True, eq=False)
class Torch:
    """Where torch has an activation.

    Parameters
    ----------
    function
        Name of the function in ``torch``, dotted, or a function of tensors that takes the
        parameters of the activation as keywords; ``None`` if a|t| + bt or the coefficients of a
        polynomial give it.
    module
        Name of the class in ``torch.nn``; empty if there is none.
    parameters
        Torch's names for the parameters, in order: keywords of the function and attributes of the
        module.
    fixed
        Further keywords of the function.
    names
        Other names of the function in ``torch``, ``torch.nn.functional``, ``torch.special`` or
        ``torch.Tensor``.
    requires
        Attributes that a module of the class must have.
    refused
        Given a module, why it is another function; empty if it is not.
    trained
        Where the module trains its parameter: the argument of the class for the initial value.
    """

    function: str | Function | None = None
    module: str = ""
    parameters: tuple[str, ...] = ()
    fixed: tuple[tuple[str, object], ...] = ()
    names: tuple[str, ...] = ()
    requires: tuple[tuple[str, object], ...] = ()
    refused: Callable[[Any], str] | None = None
    trained: str = ""

    def made(self, parameters: Mapping[str, float]) -> Function:
        """Return the function of tensors with the activation's parameters."""
        if self.function is None:
            raise AssertionError("there is no function of its own")
        keywords: dict[str, Any] = dict(parameters)
        function = self.function
        if isinstance(function, str):
            function = operator.attrgetter(function)(sys.modules["torch"])
            keywords = dict(
                zip(self.parameters, parameters.values(), strict=True), **dict(self.fixed)
            )
        return partial(function, **keywords) if keywords else function

    @property
    def function_names(self) -> tuple[str, ...]:
        """Names under which torch has the function."""
        own = self.function.rpartition(".")[2:] if isinstance(self.function, str) else ()
        return (*own, *self.names)


# -- functions of tensors -------------------------------------------------------------------------


def homogeneous(t: Any, even: float, odd: float) -> Any:  # noqa: ANN401 - a tensor
    """Return a|t| + bt."""
    return odd * t if even == 0 else even * t.abs() + odd * t


def polynomial(t: Any, coefficients: tuple[float, ...]) -> Any:  # noqa: ANN401 - a tensor
    """Return the sum of coefficients[d] t^d, by Horner's rule."""
    out = 0.0 * t + coefficients[-1]
    for c in reversed(coefficients[:-1]):
        out = out * t + c
    return out


def relu_power(t: Any, degree: int) -> Any:  # noqa: ANN401 - a tensor
    """Return t^degree for t > 0, else 0."""
    return t.clamp(min=0.0) ** degree


def heaviside(t: Any) -> Any:  # noqa: ANN401 - a tensor
    """Return the step from 0 to 1, which is 1/2 at 0; torch's own has no derivative."""
    return 0.5 + 0.5 * t.sign()


def agrees(function: Function, f: Callable[[Any], Any]) -> bool:
    """Return whether a function of tensors has the values of one of arrays, and gradients."""
    torch: Any = sys.modules["torch"]
    t = np.linspace(-7.3, 7.1, 40)
    try:
        with torch.inference_mode(False), torch.enable_grad():  # whatever the caller has set
            found = function(torch.from_numpy(t).requires_grad_())
        values = found.detach().numpy()
        differentiable = bool(found.requires_grad)
    except Exception:  # noqa: BLE001 - a user's function may fail in any way
        return False
    fits = values.shape == t.shape and np.allclose(values, f(t), rtol=1e-7, atol=1e-9)
    return bool(differentiable and fits)


# -- recognition ----------------------------------------------------------------------------------

_NOT_POINTWISE = {"Softmax", "LogSoftmax", "Softmin", "Softmax2d", "GLU", "MultiheadAttention"}


def torch_name(thing: object, known: Sequence[tuple[str, tuple[float, ...], Torch]]) -> str | None:
    """Return the name of a torch module, class or function; ``None`` for other objects.

    Parameters
    ----------
    thing
        Any object.
    known
        Name, default parameters and place in torch of each activation.

    Raises
    ------
    UnsupportedActivationError
        If it is a module of torch that acts on several numbers at once, at random, or with
        parameters that have no meaning here; the message says so.

    Notes
    -----
    A parameter that is trained (PReLU's slope) is read once, as it is now.
    """
    torch: Any = sys.modules.get("torch")
    if torch is None or not callable(thing):
        return None
    if isinstance(thing, type):
        return _name_of_class(thing, None, known)
    if isinstance(thing, torch.nn.Module):
        return _name_of_class(type(thing), thing, known)
    places = (torch, torch.nn.functional, torch.special, torch.Tensor)
    for name, _, place in known:
        for function in place.function_names:
            if any(getattr(p, function, None) is thing for p in places):
                return name
    return None


def _name_of_class(
    kind: type,
    module: Any,  # noqa: ANN401 - a torch module
    known: Sequence[tuple[str, tuple[float, ...], Torch]],
) -> str | None:
    if not kind.__module__.startswith("torch.nn.modules."):
        return None
    if kind.__name__ in _NOT_POINTWISE:
        raise UnsupportedActivationError(
            f"torch.nn.{kind.__name__} does not act on each number separately, as an "
            "activation must"
        )
    rows = [row for row in known if row[2].module == kind.__name__]
    if not rows:
        classes = dict.fromkeys(place.module for *_, place in known if place.module)
        raise UnsupportedActivationError(
            f"torch.nn.{kind.__name__} is not among the known activations: {', '.join(classes)}; "
            "for a function of one number use Activation.from_callable"
        )
    if module is None:
        return rows[0][0]
    name, defaults, place = next(
        row for row in rows if all(getattr(module, key) == value for key, value in row[2].requires)
    )
    reason = place.refused(module) if place.refused else ""
    if reason:
        raise UnsupportedActivationError(reason)
    numbers = []
    for attribute in place.parameters:
        value = getattr(module, attribute)
        if hasattr(value, "numel") and value.numel() != 1:
            raise UnsupportedActivationError(
                f"torch.nn.{kind.__name__} with {value.numel()} slopes has one activation for each "
                "channel: use each slope separately"
            )
        numbers.append(float(value.detach() if hasattr(value, "detach") else value))
    if tuple(numbers) == defaults:
        return name
    return f"{name}({','.join(map(repr, numbers))})"
