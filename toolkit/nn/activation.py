"""Activations applied to every point and channel, after a check that they commute with the group.

On a permutation module every function of one number does; on a signed module, whose points change
sign, exactly the odd ones do (:mod:`toolkit.pl.legality`). Where torch has the function, torch's
own is used.
"""

from __future__ import annotations

import copy
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from toolkit.errors import IllegalActivationError, ModuleMismatchError, UnsupportedActivationError
from toolkit.modules.permutation_module import PermutationModule
from toolkit.modules.signed_module import SignedModule
from toolkit.pl.activations.activation import Activation, find_activation
from toolkit.pl.activations.registry import NAMES, activation_named
from toolkit.pl.legality import Culprit, legality

if TYPE_CHECKING:
    from collections.abc import Callable

    from toolkit.nn.linear.hom_space import Module

__all__ = ["ActivationLike", "Pointwise", "require_legal_on"]

ActivationLike: TypeAlias = "str | Activation | nn.Module | type[nn.Module] | Callable[..., Any]"


class Pointwise(nn.Module):
    """An activation on a module's functions, applied to each point and channel by itself.

    Parameters
    ----------
    activation
        A name (``"relu"``, ``"leaky_relu(0.2)"``, ``"t^3"``, see
        :func:`toolkit.pl.activations.activation.find_activation`), an
        :class:`~toolkit.pl.activations.activation.Activation`, a torch module or its class, or any
        function of tensors. ``"prelu"`` has a slope that is trained, the same in every channel.
    X
        The module it acts on; ``None`` for permutation modules of any size.
    device, dtype
        As in torch; for a trained slope.

    Raises
    ------
    IllegalActivationError
        If X is signed and the activation is not odd. It names the entry that breaks it.
    UnsupportedActivationError
        If it is no function of one number, or unknown.

    Notes
    -----
    Shapes ``(..., |X|, C)`` to the same. Whether an unknown function acts on each number by
    itself, and whether it is odd, is *measured* on samples, which is no proof; ``print`` says so.

    Examples
    --------
    >>> import torch, toolkit as tk
    >>> G = tk.group("S3")
    >>> Pointwise("gelu", G.regular_module())
    Pointwise(gelu on regular module of S3)
    >>> Pointwise(lambda t: t**3, G.regular_module())
    Pointwise(<lambda> on regular module of S3, parts measured)
    >>> sign = G.signed_coset_module([[1, 2, 0], [1, 0, 2]], [[1, 2, 0]])
    >>> Pointwise(torch.tanh, sign)(torch.zeros(5, 1, 4)).shape
    torch.Size([5, 1, 4])
    >>> Pointwise("relu", sign)
    Traceback (most recent call last):
        ...
    toolkit.errors.IllegalActivationError: relu is not equivariant in this basis: matrix 1 has in
    row 0 the entry -1 in column 0; use an odd activation (tanh, erf, sin, softshrink), or a
    permutation module such as the double cover, where every coordinate and its negative are two
    points
    """

    def __init__(
        self,
        activation: ActivationLike,
        X: Module | None = None,
        *,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        if not (X is None or isinstance(X, PermutationModule | SignedModule)):
            raise ModuleMismatchError(f"X must be a permutation module or None, not {X!r:.60}")
        self.X = X
        if isinstance(activation, type) and issubclass(activation, nn.Module):
            activation = activation()
        known = _known_or_measured(activation)
        if X is not None:
            require_legal_on(X, known)
        self.name, self.parts_are, self.is_odd = known.name, known.parts_are, known.is_odd
        self.function = _torch_function(activation, known)
        if isinstance(self.function, nn.Module):
            self.function.to(device=device, dtype=dtype)

    @property
    def Y(self) -> Module | None:
        """The module of the output: that of the input."""
        return self.X

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return f(x), entry by entry."""
        if self.X is not None and (x.dim() < 2 or x.shape[-2] != self.X.degree):
            raise ModuleMismatchError(
                f"the input must have shape (..., {self.X.degree}, channels), points of "
                f"{self.X.name} and channels, found {tuple(x.shape)}"
            )
        y: torch.Tensor = self.function(x)
        return y

    def reset_parameters(self) -> None:
        """Set a trained slope back to its first value."""
        if isinstance(self.function, nn.PReLU):
            self.function.reset_parameters()

    def extra_repr(self) -> str:
        """Name activation and module, and how its parts are known."""
        where = "" if self.X is None else f" on {self.X.name} of {self.X.group}"
        how = "" if self.parts_are == "exact" else f", parts {self.parts_are}"
        return f"{self.name}{where}{how}"


def require_legal_on(X: Module, activation: ActivationLike) -> None:
    """Raise IllegalActivationError unless an activation commutes with the group on a module.

    Parameters
    ----------
    X
        A permutation module, signed or not.
    activation
        As for :class:`Pointwise`.

    Notes
    -----
    Permutation matrices commute with every activation; one that holds a -1 with odd ones only.

    Examples
    --------
    >>> import toolkit as tk
    >>> require_legal_on(tk.group("S3").natural_module(), "relu")
    """
    f = _known_or_measured(activation)
    if isinstance(X, PermutationModule) or f.is_odd:
        return
    minus = np.argwhere(X.signs < 0)
    if not len(minus):
        return
    g, i = minus[0].tolist()
    culprit = str(Culprit(g, i, (int(X.images[g, i]),), (-1,)))
    if f.parts_are == "measured":
        culprit += f", and {f.name} was measured not to be odd"
    raise IllegalActivationError(f.name, culprit, legality([[[-1]]], f).advice)


# -- functions of torch ---------------------------------------------------------------------------


def _known_or_measured(activation: Any) -> Activation:  # noqa: ANN401 - see ActivationLike
    """Return the activation with its parts, measured if it is not known."""
    if isinstance(activation, nn.PReLU) and activation.num_parameters == 1:
        return activation_named("prelu")  # whatever the slope is now, it is trained
    try:
        return find_activation(activation)
    except UnsupportedActivationError:
        own = isinstance(activation, nn.Module) and type(activation).__module__.startswith("torch.")
        if own or isinstance(activation, str) or not callable(activation):
            raise
    name = getattr(activation, "__name__", type(activation).__name__)
    run = activation
    if isinstance(activation, nn.Module):
        place = next(iter([*activation.parameters(), *activation.buffers()]), None)
        if place is not None:

            def run(t: torch.Tensor) -> torch.Tensor:
                out: torch.Tensor = activation(t.to(place)).to(t)
                return out

    return Activation.from_callable(_require_pointwise(run, name), name=name)


def _require_pointwise(
    function: Callable[[torch.Tensor], torch.Tensor], name: str
) -> Callable[[torch.Tensor], torch.Tensor]:
    """Return the function of tensors after comparing it with itself on parts of its input."""
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(3, 5, 4, generator=generator, dtype=torch.float64)
    with torch.no_grad():
        try:
            whole = torch.as_tensor(function(x))
            single = [torch.as_tensor(function(v.reshape(1, 1, 1))) for v in x.flatten()[::7]]
            again = torch.as_tensor(function(x.flip(0, 1, 2))).flip(0, 1, 2)
        except Exception as error:
            raise UnsupportedActivationError(
                f"{name} is no function of tensors entry by entry: given shape (3, 5, 4) it fails "
                f"with {type(error).__name__}: {error}"
            ) from error
    fits = whole.shape == x.shape and all(v.numel() == 1 for v in single)
    if fits:
        alone = torch.stack([v.reshape(()) for v in single])
        fits = all(
            torch.allclose(one, other, rtol=1e-5, atol=1e-6, equal_nan=True)
            for one, other in ((whole.flatten()[::7], alone), (whole, again))
        )
    if not fits:
        raise UnsupportedActivationError(
            f"{name} does not act on each number by itself, as an activation must: its values "
            "change with the other entries, their order or the shape"
        )
    return function


def _torch_function(given: Any, f: Activation) -> Callable[..., torch.Tensor]:  # noqa: ANN401
    """Return what computes the activation on tensors, with gradients."""
    if not isinstance(given, str | Activation):
        function: Callable[..., torch.Tensor] = given
        return function
    text = given if isinstance(given, str) else given.name
    try:
        named = f if isinstance(given, str) else activation_named(text)
    except UnsupportedActivationError:
        named = None
    if named is not None:
        head = named.name.partition("(")[0]
        found = _by_name(head, _numbers(head, text))
        if found is not None and (isinstance(given, str) or _same(found, f)):
            return found
    if f.is_positively_homogeneous:
        return partial(_homogeneous, even=f.even, linear=f.linear)
    if f.is_polynomial:
        return partial(_polynomial, coefficients=f.coefficients)
    raise UnsupportedActivationError(
        f"{f.name} is an activation whose function torch does not have: give the function of "
        "tensors itself, as Pointwise(function, X)"
    )


def _numbers(head: str, text: str) -> tuple[float, ...]:
    """Return the numbers in a name, and the defaults of those that are left out."""
    _, bracket, rest = text.replace(" ", "").partition("(")
    given = [float(x) for x in rest.rstrip(")").split(",")] if bracket else []
    defaults = [default for _, default in NAMES.get(head, ())]
    return (*given, *defaults[len(given) :])


def _same(function: Callable[..., torch.Tensor], f: Activation) -> bool:
    t = np.linspace(-9, 9, 181) + 0.003
    if isinstance(function, nn.Module):
        function = copy.deepcopy(function).double()
    with torch.no_grad():
        found = function(torch.from_numpy(t)).numpy()
    return bool(np.allclose(found, f(t), rtol=1e-7, atol=1e-7))


_PLAIN: dict[str, Callable[..., torch.Tensor]] = {
    "relu": functional.relu,
    "abs": torch.abs,
    "gelu": functional.gelu,
    "gelu_tanh": partial(functional.gelu, approximate="tanh"),
    "silu": functional.silu,
    "logsigmoid": functional.logsigmoid,
    "selu": functional.selu,
    "mish": functional.mish,
    "tanh": torch.tanh,
    "erf": torch.erf,
    "sin": torch.sin,
    "cos": torch.cos,
    "sigmoid": torch.sigmoid,
    "hardsigmoid": functional.hardsigmoid,
    "hardswish": functional.hardswish,
    "softsign": functional.softsign,
    "tanhshrink": functional.tanhshrink,
    "relu6": functional.relu6,
    "square": torch.square,
    "sign": torch.sign,
}


def _by_name(head: str, p: tuple[float, ...]) -> Callable[..., torch.Tensor] | None:
    """Return torch's function of this name; ``None`` if the parts say it all."""
    if head in _PLAIN:
        return _PLAIN[head]
    match head:
        case "leaky_relu":
            return partial(functional.leaky_relu, negative_slope=p[0])
        case "prelu":
            return nn.PReLU(init=p[0])
        case "softplus":
            # torch turns linear at beta t = threshold, where 1e-18 is all that is lost
            return partial(functional.softplus, beta=p[0], threshold=40.0)
        case "elu":
            return partial(functional.elu, alpha=p[0])
        case "celu":
            return partial(functional.celu, alpha=p[0])
        case "hardtanh":
            return partial(functional.hardtanh, min_val=p[0], max_val=p[1])
        case "softshrink":
            return partial(functional.softshrink, lambd=p[0])
        case "hardshrink":
            return partial(functional.hardshrink, lambd=p[0])
        case "relu_squared":
            return partial(_relu_power, degree=2)
        case "relu_power":
            return partial(_relu_power, degree=int(p[0]))
        case "heaviside":
            return _heaviside
    return None


def _homogeneous(t: torch.Tensor, even: float, linear: float) -> torch.Tensor:
    """Return even |t| + linear t."""
    if even == 0:
        return linear * t
    return even * t.abs() + linear * t


def _polynomial(t: torch.Tensor, coefficients: tuple[float, ...]) -> torch.Tensor:
    """Return the polynomial's value, by Horner's rule."""
    out = torch.full_like(t, coefficients[-1])
    for c in reversed(coefficients[:-1]):
        out = out * t + c
    return out


def _relu_power(t: torch.Tensor, degree: int) -> torch.Tensor:
    return functional.relu(t) ** degree


def _heaviside(t: torch.Tensor) -> torch.Tensor:
    # torch's own has no derivative
    return (1 + torch.sign(t)) / 2
