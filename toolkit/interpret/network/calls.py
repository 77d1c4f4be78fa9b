"""A network as a graph: its calls of layers and of functions, and the tensors between them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import torch
from torch import nn
from torch.utils._pytree import tree_leaves

CallKind: TypeAlias = Literal["input", "constant", "layer", "function", "lost"]


@dataclass(frozen=True)
class Ref:
    """A tensor that a call takes or makes, by its 0-based number in the graph."""

    number: int


@dataclass(frozen=True, eq=False)
class Tensor:
    """One tensor of a graph.

    Parameters
    ----------
    number
        Its 0-based number.
    shape
        Its shape in the run on the example.
    value
        The tensor itself if it does not depend on the inputs; else ``None``.
    is_trained
        Whether a parameter went into a constant: its value is that of now.
    own
        The parameter, buffer or other tensor of the network that it is, if it is one itself.
    dtype
        Its type.
    """

    number: int
    shape: tuple[int, ...]
    value: torch.Tensor | None = field(default=None, repr=False)
    is_trained: bool = False
    own: torch.Tensor | None = field(default=None, repr=False)
    dtype: torch.dtype = torch.float32


@dataclass(frozen=True, eq=False)
class Call:
    """One call: of an input, of a layer that is taken as a whole, or of a function of torch.

    Parameters
    ----------
    name
        Unique in the graph: the dotted name of the layer, or that of the module in whose
        ``forward`` the function is called and the function's own, with ``#2``, ``#3``, ... for
        further calls.
    kind
        ``"input"``, ``"constant"`` (parameters, buffers and what is made of them alone),
        ``"layer"``, ``"function"``, or ``"lost"`` (a tensor whose origin is not known).
    operation
        The function's name, or the layer's type.
    target
        The layer or the function; ``None`` for the other kinds.
    args, kwargs
        Its arguments, with :class:`Ref` in the place of tensors.
    outputs
        The tensors it makes, in the order of the leaves of what it returns.
    reason
        Why nothing is known of what it makes, if so; ``""`` otherwise.
    writes
        Numbers of the tensors among its arguments that it changes in place.
    """

    name: str
    kind: CallKind
    operation: str
    target: nn.Module | Callable[..., Any] | None
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]
    outputs: tuple[Tensor, ...]
    reason: str = ""
    writes: tuple[int, ...] = ()

    @property
    def takes(self) -> tuple[int, ...]:
        """Numbers of the tensors among its arguments, in their order."""
        return numbers_in((self.args, dict(self.kwargs)))

    def __repr__(self) -> str:
        made = ", ".join(str(t.number) for t in self.outputs)
        return f"<{self.name}: {self.operation}, {list(self.takes)} -> [{made}]>"


@dataclass(frozen=True, eq=False)
class CallGraph:
    """The calls of a network in the order of a run.

    Parameters
    ----------
    calls
        All of them; those of inputs first.
    results
        Numbers of the tensors that the network returns, in the order of leaves.
    sequence
        Names, not numbered, of all calls of layers and functions that made tensors, in their order.
    returned
        What it returns, with :class:`Ref` in the place of tensors.
    lost
        Why another input may take another way through the network; ``""`` if none was seen.
    """

    calls: tuple[Call, ...]
    results: tuple[int, ...]
    sequence: tuple[str, ...] = ()
    returned: Any = None
    lost: str = ""

    @property
    def inputs(self) -> tuple[Call, ...]:
        """The calls of kind ``"input"``."""
        return tuple(call for call in self.calls if call.kind == "input")

    @property
    def tensors(self) -> tuple[Tensor, ...]:
        """All tensors, by number."""
        return tuple(t for call in self.calls for t in call.outputs)

    def __iter__(self) -> Any:  # noqa: ANN401 - an iterator of calls
        return iter(self.calls)

    def __len__(self) -> int:
        return len(self.calls)


def numbers_in(given: object) -> tuple[int, ...]:
    """Return the numbers of the tensors among nested arguments, in their order.

    Examples
    --------
    >>> numbers_in((Ref(3), [1.5, Ref(0)], {"other": Ref(3)}))
    (3, 0, 3)
    """
    return tuple(leaf.number for leaf in tree_leaves(given) if isinstance(leaf, Ref))
