"""The supports of a whole network as a graph: its inputs, their modules, and what follows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, TypeAlias

import torch
from torch import nn

from toolkit.errors import ModuleMismatchError
from toolkit.interpret.network.call_order import declarations, made_up_example
from toolkit.interpret.network.calls import CallGraph
from toolkit.interpret.network.given import Given, given_of
from toolkit.interpret.network.tracing import sequence_of, traced
from toolkit.interpret.network.undetermined import undetermined
from toolkit.interpret.zeros.graphs.following import CallSupport, followed_graph, guessed_inputs
from toolkit.interpret.zeros.graphs.states import Constant
from toolkit.interpret.zeros.sources import Sources, read_sources
from toolkit.modules.module import Module
from toolkit.text import listed

if TYPE_CHECKING:
    from collections.abc import Callable

    from toolkit.interpret.network.call_order import Spaces
    from toolkit.interpret.network.given import Example
    from toolkit.interpret.zeros.graphs.states import State

#: The module of the one input, or modules by place or by name: ``None`` for invariant numbers.
Modules: TypeAlias = "Module | tuple[Module | None, ...] | Mapping[str, Module | None]"

#: From a module, what is given as its sources and a tolerance to labels and the tolerance used.
LabelsOf: TypeAlias = "Callable[[Module, Any, float | None], tuple[tuple[str, ...], float | None]]"

#: The module of an input and the labels in it, as for
#: :func:`~toolkit.interpret.zeros.graphs.following.followed_graph`.
Start: TypeAlias = "tuple[Module | None, tuple[str, ...] | None]"


@dataclass(frozen=True, eq=False)
class FollowedNetwork:
    """A network as a graph, with what is known of its tensors.

    Parameters
    ----------
    graph
        Its calls in a run on the example.
    support
        What can be present in each tensor that depends on the inputs.
    starts
        Per input, by name, its module and the labels of the sources in it.
    labels, tolerance
        The sources as they are reported, and the tolerance used.
    example
        The inputs of the run, all of them tensors.
    wholes
        Submodules that are one call each.
    """

    graph: CallGraph
    support: tuple[CallSupport, ...]
    starts: Mapping[str, Start]
    labels: tuple[str, ...]
    tolerance: float | None
    example: Given
    wholes: tuple[nn.Module, ...]

    @property
    def states(self) -> dict[int, State]:
        """What is known of each tensor, by number."""
        found: dict[int, State] = {r.number: r.state for r in self.support}
        for t in self.graph.tensors:
            if t.value is not None:
                found.setdefault(t.number, Constant(t.value, t.is_trained))
        return found


def example_of(model: nn.Module, example: Example | None) -> Given:
    """Return the inputs of a run, made up if none are given.

    Raises
    ------
    ModuleMismatchError
        If an example is needed, or is none.
    """
    if example is None:
        found = made_up_example(model)
        if found is None:
            raise undetermined(
                model,
                "the calls of the network can be found only by running it: give its input as "
                "example=, or a tuple of its inputs",
            )
        batch = 3 if found.shape[-2] != 3 else 5  # no other axis has this length by accident
        example = found.new_zeros((batch, *found.shape[1:]))
    given = given_of(example)
    if not all(isinstance(t, torch.Tensor) for t in [*given.args, *given.kwargs.values()]):
        raise ModuleMismatchError(
            "an example is a tensor, or tensors by place or by name: wrap a network that takes "
            "lists or numbers in a module whose forward takes tensors"
        )
    return given


def named_parts(model: nn.Module, names: Iterable[str]) -> list[nn.Module]:
    """Return submodules by their names.

    Raises
    ------
    ModuleMismatchError
        If the model has none of a name.
    """
    known = dict(model.named_modules(remove_duplicate=False))
    wanted = [names] if isinstance(names, str) else list(names)
    for name in wanted:
        if name not in known:
            raise ModuleMismatchError(
                f"the model has no submodule {name!r} to declare equivariant; it has "
                f"{listed([repr(n) for n in known if n], 12)}"
            )
    return [known[name] for name in wanted]


def supports_in_graph(
    model: nn.Module,
    sources: Sources | Mapping[str, Sources],
    tolerance: float | None,
    *,
    spaces: Spaces | None = None,
    example: Example | None = None,
    modules: Modules | None = None,
    equivariant: Iterable[str] = (),
    labels_of: LabelsOf = read_sources,
) -> FollowedNetwork:
    """Return the graph of a network with its supports.

    Parameters
    ----------
    model, sources, tolerance, spaces, example, modules, equivariant
        As in :func:`toolkit.interpret.zero_components`.
    labels_of
        Reads what is given as the sources of one input on a module, with the tolerance.

    Raises
    ------
    ModuleMismatchError
        If the inputs do not fit the network, or a label its module.
    """
    declared = declarations(model, spaces or {})
    wholes = (*declared, *named_parts(model, equivariant))
    run_on = example_of(model, example)
    try:
        graph = _steady(model, traced(model, run_on, wholes), run_on, wholes)
    except ModuleMismatchError as error:
        if example is not None:
            raise
        raise ModuleMismatchError(
            "give an input of the network as example=, or a tuple of its inputs: on an artificial "
            f"input it fails ({error})"
        ) from error
    stated = modules_of_inputs(graph, modules, guessed_inputs(graph, declared))
    names = list(stated)
    given: dict[str, Sources]
    if isinstance(sources, Mapping):
        given = {_full(names, name): value for name, value in sources.items()}
    else:
        on_modules = [name for name, X in stated.items() if isinstance(X, Module)]
        if len(on_modules) != 1:
            if not on_modules:
                raise undetermined(
                    model, "no layer determines the module of the input: state it as modules=X"
                )
            raise ModuleMismatchError(
                f"sources= is for one input, but {len(on_modules)} inputs are on modules: give a "
                "mapping from the names of inputs to labels, and the modules as modules="
            )
        given = {on_modules[0]: sources}
    starts: dict[str, Start] = {}
    labels: list[str] = []
    used = None
    for name, X in stated.items():
        if X == _UNSTATED and name in given:
            raise undetermined(
                model, f"no layer determines the module of {name!r}: state it as modules="
            )
        if not isinstance(X, Module):
            starts[name] = (None, () if X is None else None)
        elif name in given:
            own, used = labels_of(X, given[name], tolerance)
            starts[name] = (X, own)
            labels += own if len(given) == 1 else [f"{name}: {' '.join(own)}"]
        else:
            raise ModuleMismatchError(f"the sources do not say what is in {name!r}")
    support = followed_graph(graph, starts, declared, frozenset(named_parts(model, equivariant)))
    return FollowedNetwork(graph, support, starts, tuple(labels), used, run_on, wholes)


def _steady(
    model: nn.Module, graph: CallGraph, given: Given, wholes: tuple[nn.Module, ...]
) -> CallGraph:
    """Return the graph after a look at what is called for one sample, and for twice as many."""
    if graph.lost or not all(t.dim() and len(t) for t in given.tensors.values()):
        return graph
    for seed, size in enumerate((lambda t: t[:1], lambda t: torch.cat([t, t]))):
        found = sequence_of(model, given.each(size), wholes, seed)
        if found is not None and found != graph.sequence:
            pairs = zip_longest(graph.sequence, found, fillvalue="nothing")
            one, other = next((x, y) for x, y in pairs if x != y)
            why = f"for other sizes of batches, or in other runs, it calls {other}, not {one}"
            return replace(graph, lost=why)
    return graph


_UNSTATED = "unstated"


def _full(names: list[str], name: str) -> str:
    """Return the name of an input in the graph."""
    for known in (name, f"input {name}", "input" if len(names) == 1 else name):
        if known in names:
            return known
    raise ModuleMismatchError(f"the network has the inputs {listed(names, 12)}, not {name!r}")


def modules_of_inputs(
    graph: CallGraph, modules: Modules | None, guessed: Mapping[str, Module | None]
) -> dict[str, Module | str | None]:
    """Return per input its module, ``None`` for invariants, or that it is not stated.

    Raises
    ------
    ModuleMismatchError
        If there are not as many inputs as are stated, or one has no such name.
    """
    names = [call.name for call in graph.inputs]
    found: dict[str, Module | str | None] = {
        name: _UNSTATED if X is None else X for name, X in guessed.items()
    }
    if modules is None:
        return found
    if isinstance(modules, Module):
        if len(names) != 1:
            raise ModuleMismatchError(
                f"modules= is one module, but the network has {len(names)} inputs: give a tuple"
            )
        return {names[0]: modules}
    if isinstance(modules, str) or not isinstance(modules, Mapping | Sequence):
        raise ModuleMismatchError(
            f"modules= is a module such as G.regular_module(), a tuple of them, or a mapping from "
            f"the names of inputs, not {modules!r:.60}"
        )
    if isinstance(modules, Mapping):
        stated = {_full(names, name): X for name, X in modules.items()}
    else:
        if len(modules) != len(names):
            raise ModuleMismatchError(
                f"modules= has {len(modules)} modules, but the network has {len(names)} inputs"
            )
        stated = dict(zip(names, modules, strict=True))
    for name, X in stated.items():
        if X is not None and not isinstance(X, Module):
            raise ModuleMismatchError(
                f"the input {name!r} is on a module, or None for invariant numbers, not {X!r:.60}"
            )
    return {**found, **stated}
