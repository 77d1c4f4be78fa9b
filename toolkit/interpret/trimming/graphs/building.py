"""A replay of a network on blocks of points, step by step from its graph and a plan."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn
from torch.utils._pytree import tree_flatten, tree_map, tree_unflatten

from toolkit.interpret.network.calls import Ref, numbers_in
from toolkit.interpret.network.watching import function_name
from toolkit.interpret.trimming.between import (
    equivariant_form,
    means_over_blocks,
    on_blocks,
    pooling_matrix,
)
from toolkit.interpret.trimming.graphs.batches import require_plain
from toolkit.interpret.trimming.graphs.layouts import is_same, is_whole, joined, reading
from toolkit.interpret.trimming.graphs.refusals import (
    DROPOUT,
    require_one_way,
    require_replayed,
)
from toolkit.interpret.trimming.graphs.replay import (
    OfInputs,
    Program,
    ReadAlong,
    Replay,
    Step,
    written,
)
from toolkit.interpret.trimming.layers import PointMatrix
from toolkit.interpret.trimming.weights import trimmed_linear
from toolkit.interpret.zeros.graphs.entries import plain_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from toolkit.interpret.network.calls import Call, CallGraph
    from toolkit.interpret.trimming.graphs.batches import Batched
    from toolkit.interpret.trimming.graphs.plan import Plan
    from toolkit.interpret.trimming.graphs.roles import Role
    from toolkit.interpret.trimming.points import Merging
    from toolkit.interpret.trimming.weights import Form


#: Stands for the tensor that is read at the points where the output is needed.
_QUERY = -1


class Builder:
    """Puts together the steps and the layers of a replay.

    Parameters
    ----------
    model
        The network.
    graph
        Its calls.
    numbers
        Their arguments for batches of any size.
    plan
        On which blocks tensors are kept; ``None`` to replay the network as it is.
    form
        Of linear layers.
    names
        Per input its name, ``None`` for one by place.
    projections
        Per input, by number of the tensor, an orthonormal basis ``(d, |X|)`` of the part to which
        it is projected.
    """

    def __init__(
        self,
        model: nn.Module,
        graph: CallGraph,
        numbers: Batched,
        plan: Plan | None,
        form: Form,
        names: tuple[str | None, ...],
        projections: Mapping[int, np.ndarray[Any, Any]],
    ) -> None:
        self.model, self.graph, self.numbers, self.plan, self.form = (
            model, graph, numbers, plan, form,
        )  # fmt: skip
        self.names, self.projections = names, projections
        self.like = next(
            (p.detach() for p in model.parameters() if p.is_floating_point()), torch.zeros(())
        )
        self.copies: dict[int, Any] = {}
        self.layers: list[nn.Module] = []
        self.steps: list[Step] = []
        self.constants: list[torch.Tensor] = []
        self.constant_places: list[int] = []
        self.count = 0
        # places of each tensor: on all points, and on the blocks on which it was made
        self.wholes: dict[int, int] = {}
        self.made: dict[int, tuple[int, Merging]] = {}
        self.read: dict[tuple[int, int], list[tuple[Merging, int]]] = {}
        self.layer_numbers: dict[object, int] = {}
        types = [call.outputs[0].dtype for call in graph.inputs]
        self.dtype = next((t for t in types if t.is_floating_point), None)

    def run(self) -> tuple[Replay, dict[int, int]]:
        """Return the replay, and per tensor the place where it stands on all points, if any.

        Raises
        ------
        NotAvailable
            If the network cannot be replayed for other inputs.
        ModuleMismatchError
            If dropout is on.
        """
        require_one_way(self.model, self.graph)
        places = []
        for call in self.graph.inputs:
            (tensor,) = call.outputs
            place = self._place()
            places.append(place)
            self._input(tensor.number, place)
        needed = _needed(self.graph)
        for call, arguments in zip(self.graph.calls, self.numbers.arguments, strict=True):
            if call.kind != "input" and any(t.number in needed for t in call.outputs):
                self._call(call, *arguments)
        require_plain(type(self.model).__name__, "what it returns", self.numbers.returned)
        returned = tree_map(self._whole_ref, self.numbers.returned)
        program = Program(
            tuple(self._inputs()),
            tuple(places),
            tuple(self.constant_places),
            self._freeing(tuple(self.steps), returned),
            returned,
        )
        return Replay(program, self.layers, self.constants), dict(self.wholes)

    def _inputs(self) -> list[tuple[str | None, bool, tuple[int, ...]]]:
        return [
            (name, moves, call.outputs[0].shape)
            for name, moves, call in zip(
                self.names, self.numbers.axes, self.graph.inputs, strict=True
            )
        ]

    def _freeing(self, steps: tuple[Step, ...], returned: object) -> tuple[Step, ...]:
        """Return the steps with what each of them is the last to need."""
        if self.plan is None:  # all tensors may be asked for
            return steps
        kept = set(numbers_in(returned))
        out: list[Step] = []
        for step in reversed(steps):
            own = {*numbers_in((step.args, dict(step.kwargs))), *step.makes}
            out.append(replace(step, frees=tuple(sorted(own - kept))))
            kept |= own
        return tuple(reversed(out))

    # places ----------------------------------------------------------------------------------

    def _place(self) -> int:
        self.count += 1
        return self.count - 1

    def _layer(self, key: object, layer: nn.Module) -> int:
        """Return the number of a layer; one that is there already under a key is used again."""
        if key is None or key not in self.layer_numbers:
            self.layers.append(layer)
            if key is None:
                return len(self.layers) - 1
            self.layer_numbers[key] = len(self.layers) - 1
        return self.layer_numbers[key]

    def _through(self, name: str, layer: nn.Module, place: int) -> int:
        """Add a step that sends one tensor through a new layer; return where the output is."""
        out = self._place()
        self.steps.append(Step(name, self._layer(None, layer), None, (Ref(place),), {}, (out,)))
        return out

    def _input(self, number: int, place: int) -> None:
        blocks = None if self.plan is None else self.plan.blocks.get(number)
        basis = self.projections.get(number)
        if basis is None:
            self.wholes[number] = place
        elif blocks is None:
            self.wholes[number] = self._through("input", PointMatrix(basis.T @ basis, self.like),
                                                place)  # fmt: skip
        else:
            matrix = basis.T[blocks.first] @ basis
            self._set(number, self._through("input", PointMatrix(matrix, self.like), place), blocks)

    def _set(self, number: int, place: int, blocks: Merging | None) -> None:
        """Note where a tensor is, on these blocks or on all points."""
        if blocks is None or is_whole(blocks):
            self.wholes[number] = place
        else:
            self.made[number] = (place, blocks)

    def whole(self, number: int) -> int:
        """Return the place of a tensor on all points."""
        if number not in self.wholes:
            place, blocks = self.made[number]
            points = blocks.blocks
            layer = ReadAlong(points, blocks.signs, blocks.size, self._axis(number), self.like)
            self.wholes[number] = self._through("to all points", layer, place)
        return self.wholes[number]

    def _axis(self, number: int) -> int:
        assert self.plan is not None
        return self.plan.axis(number)

    def _at(self, number: int, target: Merging) -> int:
        """Return the place of functions at the first point of each of some blocks."""
        if is_whole(target):
            return self.whole(number)
        if number in self.made:
            place, blocks = self.made[number]
            if is_same(blocks, target):
                return place
            points, signs = reading(blocks, target)
            size = blocks.size
        else:
            place, size = self.wholes[number], target.X.degree
            points, signs = target.first, np.ones(target.size, dtype=np.int8)
        known = self.read.setdefault((number, self._axis(number)), [])
        for other, at in known:
            if is_same(other, target):
                return at
        layer = ReadAlong(points, signs, size, self._axis(number), self.like)
        known.append((target, self._through("to blocks", layer, place)))
        return known[-1][1]

    def _along(self, number: int, axis: int, target: Merging) -> int:
        """Return the place of numbers that are written at every point, read at blocks."""
        place = self.whole(number)
        if is_whole(target):
            return place
        known = self.read.setdefault((number, axis), [])
        for other, at in known:
            if is_same(other, target):
                return at
        layer = ReadAlong(target.first, None, target.X.degree, axis, self.like)
        known.append((target, self._through("to blocks", layer, place)))
        return known[-1][1]

    def _whole_ref(self, leaf: Any) -> Any:  # noqa: ANN401 - any leaf of what is returned
        return Ref(self.whole(leaf.number)) if isinstance(leaf, Ref) else leaf

    # calls -----------------------------------------------------------------------------------

    def _call(self, call: Call, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
        require_replayed(self.model, self.graph, call)
        role = None if self.plan is None else self.plan.roles.get(call.name)
        if call.target is None:
            self._constant(call)
        elif role is None or role.kind == "whole":
            self._on_all_points(call, args, kwargs)
        elif role.kind in ("local", "query"):
            self._on_blocks(call, role, args, kwargs)
        elif role.kind == "extreme":
            self._extreme(call, args, kwargs)
        else:
            self._between(call, role)

    def _constant(self, call: Call) -> None:
        """Add a parameter, a buffer or another tensor of the network."""
        (tensor,) = call.outputs
        own = tensor.own
        assert own is not None
        self.constants.append(own if self.plan is None else copy.deepcopy(own, self.copies))
        place = self._place()
        self.constant_places.append(place)
        self.wholes[tensor.number] = place

    def _copy(self, module: nn.Module) -> nn.Module:
        """Return a copy, of a module that is used twice the same; the module itself, if no plan."""
        if self.plan is None:
            return module
        out: nn.Module = copy.deepcopy(module, self.copies)
        return out

    def _on_all_points(self, call: Call, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
        places = {n: self.whole(n) for n in call.takes}
        outputs = self._step(call, args, kwargs, places)
        for t, place in zip(call.outputs, outputs, strict=True):
            self.wholes[t.number] = place

    def _on_blocks(
        self, call: Call, role: Role, args: tuple[Any, ...], kwargs: Mapping[str, Any]
    ) -> None:
        assert self.plan is not None
        target = self.plan.blocks[call.outputs[0].number]
        places: dict[int, int] = {}
        if role.kind == "query":
            args, kwargs = _with_query(args, kwargs, role.query)
            places[_QUERY] = self._at(call.takes[role.query], target)
        functions = [n for n in call.takes if n in role.on_points and n in self.plan.blocks]
        for n in numbers_in((args, dict(kwargs))):
            if n == _QUERY:
                continue
            if role.kind == "local" and n in functions:
                places[n] = self._at(n, target)
            elif role.kind == "local" and n in role.on_points:
                places[n] = self._along(n, self._axis(functions[0]), target)
            else:
                places[n] = self.whole(n)
        if role.shape:
            outputs = self._shaped(call, role, target, places[call.takes[0]])
        else:
            outputs = self._step(call, args, kwargs, places, is_local=role.kind == "local")
        for t, place in zip(call.outputs, outputs, strict=True):
            self._set(t.number, place, target)

    def _extreme(self, call: Call, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
        """Add a maximum over all points: over the values that there are, 0 among them."""
        assert self.plan is not None
        taken = call.takes[0]
        blocks = self.plan.blocks[taken]
        place = self._at(taken, joined(blocks.X, [blocks], "any"))
        (out,) = self._step(call, args, kwargs, {taken: place})
        self.wholes[call.outputs[0].number] = out

    def _shaped(self, call: Call, role: Role, target: Merging, place: int) -> list[int]:
        """Add a step that brings a tensor to the shape of its output."""
        (tensor,) = call.outputs
        shape = list(self.numbers.shapes[tensor.number])
        shape[self._axis(tensor.number)] = target.size
        function = torch.reshape if role.shape == "shape" else torch.Tensor.expand
        out = self._place()
        self.steps.append(Step(call.name, None, function, (Ref(place), tuple(shape)), {}, (out,)))
        return [out]

    def _step(
        self,
        call: Call,
        args: tuple[Any, ...],
        kwargs: Mapping[str, Any],
        places: Mapping[int, int],
        *,
        is_local: bool = False,
    ) -> list[int]:
        """Add the call itself; return where its outputs are."""
        require_plain(type(self.model).__name__, repr(call.name), (args, dict(kwargs)))
        outputs = [self._place() for _ in call.outputs]
        places = {**places, **{n: self._cloned(call, places[n]) for n in call.writes}}
        args, kwargs = tree_map(lambda leaf: self._leaf(leaf, places), (args, dict(kwargs)))
        layer: int | None = None
        function: Callable[..., Any] | None = None
        if isinstance(call.target, nn.Module):
            module = call.target
            own = self._copy(module)
            if is_local and isinstance(module, (*DROPOUT, nn.Identity)):
                own = nn.Identity()  # dropout is off, and stays so
            layer = self._layer((id(module), is_local), on_blocks(own) if is_local else own)
        else:
            function, args = _function(call, args)
        self.steps.append(Step(call.name, layer, function, args, kwargs, tuple(outputs)))
        return outputs

    def _cloned(self, call: Call, place: int) -> int:
        """Return a copy of a tensor that is changed in place: others may share its memory."""
        if call.operation == "__setitem__":
            return place  # copied when it is written
        out = self._place()
        self.steps.append(Step(call.name, None, torch.clone, (Ref(place),), {}, (out,)))
        return out

    def _leaf(self, leaf: Any, places: Mapping[int, int]) -> Any:  # noqa: ANN401 - an argument
        if isinstance(leaf, Ref):
            return Ref(places[leaf.number])
        if isinstance(leaf, torch.device) and leaf == self.like.device:
            return OfInputs("device")
        if isinstance(leaf, torch.dtype) and leaf == self.dtype:
            return OfInputs("dtype")
        return leaf

    # layers between modules, and sums over points -----------------------------------------------

    def _between(self, call: Call, role: Role) -> None:
        assert self.plan is not None
        taken, (tensor,) = call.takes[0], call.outputs
        out = tensor.number
        if role.kind == "linear":
            shared = self.plan.layers[id(call.target)]
            number = self._layer((id(call.target), "trimmed"), self._trimmed(call))
            place = self._place()
            source = Ref(self._at(taken, shared.source))
            self.steps.append(Step(call.name, number, None, (source,), {}, (place,)))
            self._set(out, place, shared.target)
            return
        source_blocks = self.plan.blocks[taken]
        source_place = self._at(taken, source_blocks)
        degree = source_blocks.X.degree
        if role.kind == "total":
            matrix = np.ones((1, degree)) @ source_blocks.matrix
            if plain_name(call.operation) == "mean":
                matrix = matrix / degree
        else:
            assert isinstance(call.target, nn.Module)
            matrix = pooling_matrix(call.target, degree)
            matrix = matrix @ source_blocks.matrix
        blocks = None
        if role.kind == "pooling":
            blocks = self.plan.blocks[out]
            matrix = means_over_blocks(blocks, matrix)
        place = self._through(call.name, PointMatrix(matrix, self.like), source_place)
        if role.kind == "total" and len(tensor.shape) < len(self._shape(taken)):
            squeezed = self._place()
            args = (Ref(place), -2)
            self.steps.append(Step(call.name, None, torch.squeeze, args, {}, (squeezed,)))
            place = squeezed
        self._set(out, place, blocks)

    def _shape(self, number: int) -> tuple[Any, ...]:
        return self.numbers.shapes[number]

    def _trimmed(self, call: Call) -> nn.Module:
        """Return the layer between blocks; the layer itself if nothing can be removed."""
        assert self.plan is not None
        assert isinstance(call.target, nn.Module)
        key = (id(call.target), "trimmed")
        if key in self.layer_numbers:
            return self.layers[self.layer_numbers[key]]
        shared = self.plan.layers[id(call.target)]
        source, target = shared.source, shared.target
        layer = equivariant_form(call.target, source.X)
        if layer is not call.target and source.is_trivial and target.is_trivial:
            return self._copy(call.target)  # it has fewer weights than the general one
        found = trimmed_linear(layer, source, target, shared.labels, self.form)
        return self._copy(call.target) if found is None else found


def _with_query(
    args: tuple[Any, ...], kwargs: Mapping[str, Any], place: int
) -> tuple[tuple[Any, ...], Mapping[str, Any]]:
    """Return arguments with the query in the place of one of the tensors among them."""
    leaves, spec = tree_flatten((args, dict(kwargs)))
    at = [i for i, leaf in enumerate(leaves) if isinstance(leaf, Ref)][place]
    leaves[at] = Ref(_QUERY)
    found: tuple[tuple[Any, ...], dict[str, Any]] = tree_unflatten(leaves, spec)
    return found


def _function(call: Call, args: tuple[Any, ...]) -> tuple[Callable[..., Any], tuple[Any, ...]]:
    """Return the function of a call and its arguments, such that it can be copied and saved."""
    function = call.target
    assert callable(function)
    if call.operation == "__setitem__":
        return written, args
    name = getattr(function, "__name__", "")
    if name == "__get__":  # of an attribute such as x.T
        return getattr, (args[0], function_name(function))
    if getattr(function, "__module__", "") == "torch._tensor":  # torch wraps some operators
        return getattr(torch.Tensor, name, function), args
    return function, args


def _needed(graph: CallGraph) -> set[int]:
    """Return the tensors of which the results are made."""
    needed = set(graph.results)
    for call in reversed(graph.calls):
        if any(t.number in needed for t in call.outputs):
            needed.update(call.takes)
    return needed
