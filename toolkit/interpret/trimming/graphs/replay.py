"""A network that replays recorded calls: steps that take and make tensors, and their layers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import nn
from torch.utils._pytree import tree_map

from toolkit.errors import ModuleMismatchError
from toolkit.interpret.network.calls import Ref
from toolkit.interpret.network.watching import leaves
from toolkit.interpret.trimming.graphs.batches import for_batch
from toolkit.nn.linear.tensors.constants import LayerWithConstants
from toolkit.nn.linear.tensors.pull_back import PullBack

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class OfInputs:
    """An argument that is the device, or the type, of the network's inputs."""

    what: str


@dataclass(frozen=True, eq=False)
class Step:
    """One call of a replay.

    Parameters
    ----------
    name
        Of the call.
    layer
        0-based number of the layer; ``None`` for a function.
    function
        The function, if it is one.
    args, kwargs
        Arguments, with :class:`~toolkit.interpret.network.calls.Ref` to the places of tensors,
        :class:`~toolkit.interpret.trimming.graphs.batches.Moving` numbers and :class:`OfInputs`.
    makes
        Places of the tensors that it makes, in the order of leaves.
    frees
        Places that are not needed any more.
    """

    name: str
    layer: int | None
    function: Callable[..., Any] | None
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]
    makes: tuple[int, ...]
    frees: tuple[int, ...] = ()


@dataclass(frozen=True, eq=False)
class Program:
    """The steps of a replay; it never changes, so copies share it.

    Parameters
    ----------
    inputs
        Per input its name in the call (``None`` for one by place), whether its first axis is the
        batch, and its shape, with numbers for the axes that are fixed.
    places
        Place of each input.
    constants
        Places of parameters and other tensors of the network, in the order of the replay's.
    steps
        The steps.
    returned
        What is returned, with references to places.
    """

    inputs: tuple[tuple[str | None, bool, tuple[int, ...]], ...]
    places: tuple[int, ...]
    constants: tuple[int, ...]
    steps: tuple[Step, ...]
    returned: Any

    def __deepcopy__(self, memo: dict[int, Any]) -> Program:
        return self


class ReadAlong(LayerWithConstants):
    """Tensors read at some points along an axis, each with a sign, or 0.

    Parameters
    ----------
    points
        ``(m,)`` 0-based, -1 where 0 is read.
    signs
        ``(m,)`` 1 or -1; ``None`` if all are 1.
    size
        The length of the axis.
    axis
        Counted from the end.
    like
        A tensor with the required type and device.
    """

    reading: PullBack

    def __init__(
        self,
        points: NDArray[np.intp],
        signs: NDArray[np.int8] | None,
        size: int,
        axis: int,
        like: torch.Tensor,
    ) -> None:
        super().__init__()
        self.shape, self.axis = (len(points), size), axis
        self.keep("reading", PullBack(points, signs, size, like.device, like.dtype))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return ``x`` with m entries in the place of n along the axis."""
        self.follow(x)
        y = self.reading.pull(x, x.dim() + self.axis)
        if self.reading.has_factors:
            factors = self.reading.table("factors").to(y.dtype)
            y = y * factors.reshape(-1, *[1] * (-self.axis - 1))
        return y

    def extra_repr(self) -> str:
        """Describe the numbers of points."""
        return f"{self.shape[1]} -> {self.shape[0]} along axis {self.axis}"


class Replay(nn.Module):
    """A network made of steps.

    Parameters
    ----------
    program
        The steps.
    layers
        The layers that they call.
    constants
        Parameters and other tensors, in the order of the program's constants.
    """

    def __init__(
        self, program: Program, layers: list[nn.Module], constants: list[torch.Tensor]
    ) -> None:
        super().__init__()
        self.program = program
        self.calls = nn.ModuleList(layers)
        self._constants: tuple[str, ...] = ()
        for i, t in enumerate(constants):
            name = f"constant_{i}"
            if isinstance(t, nn.Parameter):
                self.register_parameter(name, t)
            else:
                self.register_buffer(name, t, persistent=False)
            self._constants += (name,)

    def forward(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - what the network takes
        """Return what the network returned."""
        given = self.tensors(args, kwargs)
        return self.run(given, self.program.steps, self.program.returned)

    def tensors(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> list[torch.Tensor]:
        """Return the inputs in their order.

        Raises
        ------
        ModuleMismatchError
            If they are others than in the run that was recorded, or have other shapes.
        """
        inputs = self.program.inputs
        placed = [x for x in inputs if x[0] is None]
        named = [x[0] for x in inputs if x[0] is not None]
        if len(args) != len(placed) or set(kwargs) != set(named):
            raise ModuleMismatchError(
                f"the trimmed network takes {len(placed)} inputs by place"
                + (f" and {', '.join(str(n) for n in named)} by name" if named else "")
                + f", as the network was recorded; found {len(args)} by place"
                + (f" and {', '.join(kwargs)} by name" if kwargs else "")
            )
        given = [*args, *(kwargs[str(n)] for n in named)]
        batch = None
        for t, (name, moves, shape) in zip(given, inputs, strict=True):
            own = tuple(t.shape) if isinstance(t, torch.Tensor) else None
            fits = own is not None and len(own) == len(shape)
            fits = fits and all(n == k for n, k in zip(own[moves:], shape[moves:], strict=True))  # type: ignore[index]
            if fits and moves and own is not None:
                fits = batch in (None, own[0])
                batch = own[0]
            if not fits:
                words = ", ".join(["batch"] * moves + [str(k) for k in shape[moves:]])
                which = "its input" if len(inputs) == 1 else f"the input {name or ''}".strip()
                found = type(t).__name__ if own is None else own
                raise ModuleMismatchError(
                    f"the trimmed network replays a recorded run, in which {which} had the shape "
                    f"({words}); found {found}"
                    + (" beside inputs of another batch" if moves and batch is not None else "")
                )
        return given

    def run(self, given: list[torch.Tensor], steps: tuple[Step, ...], returned: Any) -> Any:  # noqa: ANN401
        """Return some tensors after some steps."""
        values: dict[int, Any] = dict(zip(self.program.places, given, strict=True))
        batch = 0
        for t, (_, moves, _) in zip(given, self.program.inputs, strict=True):
            if moves:
                batch = t.shape[0]
        for place, name in zip(self.program.constants, self._constants, strict=True):
            values[place] = getattr(self, name)
        like = next((t for t in given if t.is_floating_point()), given[0])
        for step in steps:
            args = _filled(step.args, values, batch, like)
            kwargs = _filled(step.kwargs, values, batch, like)
            if step.layer is not None:
                made = self.calls[step.layer](*args, **kwargs)
            else:
                assert step.function is not None
                made = step.function(*args, **kwargs)
            if len(step.makes) == 1 and isinstance(made, torch.Tensor):
                values[step.makes[0]] = made
            else:
                values.update(zip(step.makes, leaves(made), strict=True))
            for place in step.frees:
                values.pop(place, None)
        return _filled(returned, values, batch, like)


def written(x: torch.Tensor, index: Any, value: Any) -> torch.Tensor:  # noqa: ANN401 - torch's own
    """Return a copy of a tensor in which some entries have other values.

    Examples
    --------
    >>> written(torch.zeros(3), 1, 5.0)
    tensor([0., 5., 0.])
    """
    out = x.clone()
    out[index] = value
    return out


def _filled(given: Any, values: Mapping[int, Any], batch: int, like: torch.Tensor) -> Any:  # noqa: ANN401
    """Return arguments with tensors in the place of references, and numbers of this batch."""
    if isinstance(given, Ref):
        return values[given.number]
    kind = type(given)
    if kind is tuple:
        return tuple(_filled(x, values, batch, like) for x in given)
    if kind is list:
        return [_filled(x, values, batch, like) for x in given]
    if kind is dict:
        return {name: _filled(x, values, batch, like) for name, x in given.items()}
    if isinstance(given, OfInputs):
        return getattr(like, given.what)
    if isinstance(given, tuple | Mapping) and not isinstance(given, torch.Size):
        return tree_map(lambda x: _filled(x, values, batch, like), given)
    return for_batch(given, batch)
