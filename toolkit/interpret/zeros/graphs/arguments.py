"""The arguments of a call of a function of torch, with what is known of the tensors among them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from torch.utils._pytree import tree_leaves

from toolkit.interpret.network.calls import Call, Ref, Tensor
from toolkit.interpret.zeros.graphs.layer_rules import NotFollowed
from toolkit.interpret.zeros.graphs.states import Constant, Functions, Invariants, State


@dataclass(frozen=True, eq=False)
class Arguments:
    """What a call is given.

    Parameters
    ----------
    call
        The call.
    states, tensors
        Of the tensors of the graph, by number.
    """

    call: Call
    states: Mapping[int, State]
    tensors: Mapping[int, Tensor]

    def get(self, place: int, name: str, default: Any = None) -> Any:  # noqa: ANN401
        """Return an argument by place or by name."""
        if len(self.call.args) > place:
            return self.call.args[place]
        return self.call.kwargs.get(name, default)

    def state(self, leaf: object) -> State:
        """Return what is known of a tensor."""
        assert isinstance(leaf, Ref)
        return self.states[leaf.number]

    def shape(self, leaf: object) -> tuple[int, ...]:
        """Return the shape of a tensor."""
        assert isinstance(leaf, Ref)
        return self.tensors[leaf.number].shape

    @property
    def refs(self) -> list[Ref]:
        """The tensors among the arguments, in order."""
        leaves = tree_leaves((self.call.args, dict(self.call.kwargs)))
        return [leaf for leaf in leaves if isinstance(leaf, Ref)]

    @property
    def given(self) -> list[State]:
        """What is known of the tensors among the arguments."""
        return [self.state(ref) for ref in self.refs]

    @property
    def out_shape(self) -> tuple[int, ...]:
        """The shape of the first output."""
        return self.call.outputs[0].shape

    def first_functions(self) -> Functions:
        """Return the first argument, which must be functions on a module.

        Raises
        ------
        NotFollowed
            If it is not.
        """
        first = self.state(self.refs[0])
        if not isinstance(first, Functions):
            raise NotFollowed("the module of its input is unknown")
        return first

    def axis(self, given: int, rank: int) -> int:
        """Return an axis counted from the end."""
        return given if given < 0 else given - rank

    def axes(self, given: object, rank: int) -> tuple[int, ...]:
        """Return axes counted from the end, all of them for ``None``."""
        if given is None or isinstance(given, bool) or (isinstance(given, Sequence) and not given):
            return tuple(range(-rank, 0))
        several: Sequence[object] = given if isinstance(given, Sequence) else (given,)
        numbers = [a for a in several if isinstance(a, int)]
        if len(numbers) < len(several):
            raise NotFollowed("its axes are not numbers")
        return tuple(self.axis(a, rank) for a in numbers)


def is_number(given: object) -> bool:
    """Whether an argument is a number of Python."""
    return isinstance(given, int | float) and not isinstance(given, bool)


def runs_along(shape: tuple[int, ...], axis: int) -> bool:
    """Whether a tensor of this shape has more than one entry along an axis from the end."""
    return len(shape) >= -axis and shape[axis] != 1


def without_points(state: Invariants | Constant, shape: tuple[int, ...], points: int) -> bool:
    """Whether numbers are the same at all points, in a product or sum with functions."""
    if isinstance(state, Invariants) and points in state.uniform:
        return True
    return not runs_along(shape, points)
