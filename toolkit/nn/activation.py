"""Activations applied to every point and channel, after a check that they commute with the group.

On a permutation module every function of one number does; on a signed module, whose points change
sign, exactly the odd ones do (:mod:`toolkit.pl.legality`). Where torch has the function, torch's
own is used. On a linear module, whose coordinates are mixed, only linear functions do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import torch
from torch import nn

from toolkit.errors import (
    IllegalActivationError,
    ModuleMismatchError,
    UnsupportedActivationError,
)
from toolkit.modules.module import Module
from toolkit.nn.linear.tensors.inputs import wrong_input
from toolkit.pl.activations.activation import Activation, activation_named, find_activation
from toolkit.pl.legality import legality, require_legal_on

if TYPE_CHECKING:
    from collections.abc import Callable

ActivationLike: TypeAlias = "str | Activation | nn.Module | type[nn.Module] | Callable[..., Any]"


class Pointwise(nn.Module):
    """An activation on the functions of a module, applied to each point and channel separately.

    Parameters
    ----------
    activation
        A name (``"relu"``, ``"leaky_relu(0.2)"``, ``"t^3"``, see
        :func:`toolkit.pl.activations.activation.find_activation`), an
        :class:`~toolkit.pl.activations.activation.Activation`, a torch module or its class, or any
        function of tensors. ``"prelu"`` has a slope that is trained, the same in every channel.
    X
        The module that it acts on; ``None`` for permutation modules of any size.
    device, dtype
        As in torch, for a trained slope.

    Raises
    ------
    IllegalActivationError
        If X is signed and the activation is not odd, or X is a linear module whose coordinates the
        group mixes. The message names the generator and the coordinate, or the row of its matrix.
    UnsupportedActivationError
        If the activation is unknown, or not a function of one number.
    ModuleMismatchError
        If X is neither a module nor ``None``, or an input has the wrong shape.

    Notes
    -----
    Maps ``(..., |X|, C)`` to the same shape. Whether an unknown function acts on each number
    separately, and whether it is odd, is *measured* on samples, which is not a proof; ``print``
    shows this.

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
    toolkit.errors.IllegalActivationError: relu is not equivariant in this basis: generator 1 takes
    coordinate 0 to minus coordinate 0, and f(-t) = -f(t) fails; use an odd activation (tanh, erf,
    sin, softshrink), or the module's .cover, a permutation module
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
        if not (X is None or isinstance(X, Module)):
            raise ModuleMismatchError(
                f"X must be a permutation or signed module or None, not {X!r:.60}"
            )
        self.X = X
        if isinstance(activation, type) and issubclass(activation, nn.Module):
            activation = activation()
        known = _known_or_measured(activation)
        if X is not None and X.has_points:
            require_legal_on(X, known)
        elif X is not None:
            _require_legal_for_matrices(X, known)
        self.name, self.parts_are, self.is_odd = known.name, known.parts_are, known.is_odd
        self.function = _torch_function(activation, known)
        # a module may be trained: then its activation is read when needed
        self._activation = None if isinstance(self.function, nn.Module) else known
        if isinstance(self.function, nn.Module):
            self.function.to(device=device, dtype=dtype)

    @property
    def activation(self) -> Activation:
        """The function of one number, with its parity parts and the current slope."""
        if self._activation is not None:
            return self._activation
        if isinstance(self.function, nn.PReLU):
            return find_activation(self.function)
        return _known_or_measured(self.function)

    @property
    def Y(self) -> Module | None:
        """The module of the output, which is that of the input."""
        return self.X

    @property
    def grid_axes(self) -> tuple[int | None, int | None]:
        """The numbers of grid axes after the channels, in input and output; any, without X."""
        return (None, None) if self.X is None else (0, 0)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return f(x), entry by entry."""
        if self.X is not None and (x.dim() < 2 or x.shape[-2] != self.X.degree):
            raise wrong_input(x, self.X)
        y: torch.Tensor = self.function(x)
        return y

    def reset_parameters(self) -> None:
        """Set a trained slope to its initial value."""
        if isinstance(self.function, nn.PReLU):
            self.function.reset_parameters()

    def extra_repr(self) -> str:
        """Describe the activation, the module and how the parity parts are known."""
        where = "" if self.X is None else f" on {self.X.name} of {self.X.group_title}"
        how = "" if self.parts_are == "exact" else f", parts {self.parts_are}"
        return f"{self.name}{where}{how}"


def _require_legal_for_matrices(X: Module, f: Activation) -> None:
    violation = legality(X.matrices, f).violation
    if violation is not None:
        raise IllegalActivationError(
            f.name,
            f"{X.name:.60} is a linear module, and {violation}",
            "use tk.nn.NormActivation(V, channels), tk.nn.Gated(V, channels) or tk.nn.Frame(V), "
            "which commute with every group",
        )


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
                f"{name} is not an entry-by-entry function of tensors: on shape (3, 5, 4) it fails "
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
            f"{name} does not act on each number separately, as an activation must: its values "
            "change with the other entries, their order or the shape"
        )
    return function


def _torch_function(given: Any, f: Activation) -> Callable[..., torch.Tensor]:  # noqa: ANN401
    """Return what computes the activation on tensors, with gradients."""
    if not isinstance(given, str | Activation):
        function: Callable[..., torch.Tensor] = given
        return function
    place = None if f.named is None else f.named.row.torch
    if place is not None and f.named is not None and place.trained:
        trained: nn.Module = getattr(nn, place.module)(**{place.trained: f.named.numbers[0]})
        return trained
    return f.on_tensors
