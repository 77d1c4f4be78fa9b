"""The supports of a whole network as a graph: its inputs, their modules, and what follows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, TypeAlias

import torch
from torch import nn

from toolkit.errors import ModuleMismatchError
from toolkit.interpret.network.call_order import declarations, made_up_example
from toolkit.interpret.network.given import given_of
from toolkit.interpret.network.tracing import traced
from toolkit.interpret.zeros.graphs.following import CallSupport, followed_graph, guessed_inputs
from toolkit.interpret.zeros.sources import Sources, read_sources
from toolkit.modules.module import Module
from toolkit.text import listed

if TYPE_CHECKING:
    from toolkit.interpret.network.call_order import Spaces
    from toolkit.interpret.network.calls import CallGraph

#: Inputs of a network: one tensor, several by place, or by name.
Example: TypeAlias = "torch.Tensor | tuple[torch.Tensor, ...] | Mapping[str, torch.Tensor]"

#: The module of the one input, or modules by place or by name: ``None`` for invariant numbers.
Inputs: TypeAlias = "Module | tuple[Module | None, ...] | Mapping[str, Module | None]"


def graph_of(
    model: nn.Module,
    spaces: Spaces | None,
    example: Example | None,
    equivariant: Iterable[str] = (),
) -> CallGraph:
    """Return the graph of a network, run on an example that is made up if none is given.

    Raises
    ------
    ModuleMismatchError
        If an example is needed, or is none.
    """
    if example is None:
        found = made_up_example(model)
        if found is None:
            raise ModuleMismatchError(
                "the network's calls can be found only by running it: give its input as example=, "
                "or a tuple of its inputs"
            )
        batch = 3 if found.shape[-2] != 3 else 5  # no other axis has this length by accident
        example = found.new_zeros((batch, *found.shape[1:]))
    given = given_of(example)
    if not all(isinstance(t, torch.Tensor) for t in [*given.args, *given.kwargs.values()]):
        raise ModuleMismatchError("an example is a tensor, or tensors by place or by name")
    wholes = [*declarations(model, spaces or {}), *named_parts(model, equivariant)]
    return traced(model, given, wholes)


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
    inputs: Inputs | None = None,
    equivariant: Iterable[str] = (),
) -> tuple[CallGraph, tuple[CallSupport, ...], tuple[str, ...], float | None]:
    """Return the graph, its supports, the labels of the sources, and the tolerance used.

    Parameters
    ----------
    model, sources, tolerance, spaces, example, inputs, equivariant
        As in :func:`toolkit.interpret.zero_components`.

    Raises
    ------
    ModuleMismatchError
        If the inputs do not fit the network, or a label its module.
    """
    graph = graph_of(model, spaces, example, equivariant)
    declared = declarations(model, spaces or {})
    modules = modules_of_inputs(graph, inputs, guessed_inputs(graph, declared))
    names = list(modules)
    given: dict[str, Sources]
    if isinstance(sources, Mapping):
        given = {_full(names, name): value for name, value in sources.items()}
    else:
        on_modules = [name for name, X in modules.items() if isinstance(X, Module)]
        if len(on_modules) != 1:
            raise ModuleMismatchError(
                f"sources are of one input, but {len(on_modules)} inputs are on modules: give a "
                "mapping from the names of inputs to labels, and the modules as inputs="
                if len(on_modules) > 1
                else "no layer says on which module the input is: state it as inputs=X"
            )
        given = {on_modules[0]: sources}
    starts: dict[str, tuple[Module | None, tuple[str, ...] | None]] = {}
    labels: list[str] = []
    used = None
    for name, X in modules.items():
        if not isinstance(X, Module):
            starts[name] = (None, () if X is None else None)
        elif name in given:
            own, used = read_sources(X, given[name], tolerance)
            starts[name] = (X, own)
            labels += own if len(given) == 1 else [f"{name}: {' '.join(own)}"]
        else:
            raise ModuleMismatchError(f"the sources do not say what is in {name!r}")
    support = followed_graph(graph, starts, declared, frozenset(named_parts(model, equivariant)))
    return graph, support, tuple(labels), used


_UNSTATED = "unstated"


def _full(names: list[str], name: str) -> str:
    """Return the name of an input in the graph."""
    for known in (name, f"input {name}", "input" if len(names) == 1 else name):
        if known in names:
            return known
    raise ModuleMismatchError(f"the network has the inputs {listed(names, 12)}, not {name!r}")


def modules_of_inputs(
    graph: CallGraph, inputs: Inputs | None, guessed: Mapping[str, Module | None]
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
    if inputs is None:
        return found
    if isinstance(inputs, Module):
        if len(names) != 1:
            raise ModuleMismatchError(
                f"inputs= is one module, but the network has {len(names)} inputs: give a tuple"
            )
        return {names[0]: inputs}
    if isinstance(inputs, Mapping):
        stated = {_full(names, name): X for name, X in inputs.items()}
    else:
        if len(inputs) != len(names):
            raise ModuleMismatchError(
                f"inputs= has {len(inputs)} modules, but the network has {len(names)} inputs"
            )
        stated = dict(zip(names, inputs, strict=True))
    for name, X in stated.items():
        if X is not None and not isinstance(X, Module):
            raise ModuleMismatchError(
                f"the input {name!r} is on a module, or None for invariant numbers, not {X!r:.60}"
            )
    return {**found, **stated}
