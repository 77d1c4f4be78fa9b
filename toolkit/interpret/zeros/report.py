r"""The components of a network's functions that are exactly zero, for inputs in given simples.

From stage to stage the set of simples that can be present is followed exactly, with what the
network really has: its own biases (one that is absent or 0 on an orbit adds nothing there), its
own activations, and Fourier blocks that are exactly 0. Per orbit G/H also U+ and U- are
carried along, the elements by which two coordinates are the same, or opposite, functional.

* *Linear* (affine) stages pass on the simples that both modules contain. A bias that is not 0 on
  an orbit adds the trivial simple there.
* *Activations*: the theorem of :mod:`toolkit.pl`, orbit by orbit. If the activation's parts are
  only measured it counts as an unknown function, odd on signed modules.
* *Normalisations* over the channels of each point are not functions of one number, but the value
  at a point is a function F of the values there. So coordinates that agree before agree after:
  what comes out lies in Fun(G/U+), and K is present at most if K^(U+) is not 0. If F is odd (no
  bias), opposite coordinates stay opposite, and Hom_{U}(sgn, K) decides. That is an upper bound,
  which holds for every F.
* *Attention* without positional terms gives equal values where the queries are equal, so the same
  bound holds; with them the kernel of the input is the bound
  (:mod:`toolkit.interpret.zeros.attention`).
* *Normalisations by invariant statistics* (:mod:`toolkit.nn.normalisation`) multiply orbits, or
  isotypic parts, by invariant numbers: what is present stays, and nothing comes in. Biases, and
  running means in evaluation mode, add the trivial simple; where each channel has its own mean
  subtracted, the trivial simple goes. Masks of :class:`~toolkit.nn.EquivariantDropout` move
  nothing, in training either.
* *Residual sums* (:class:`~toolkit.nn.Residual`, and the two in an
  :class:`~toolkit.nn.EquivariantTransformerBlock`): the union of what is in both terms; coordinates
  agree where they do so in both. *Concatenations*: the union over the branches, or side by side.
* *Gates* (NormActivation, Gated) multiply copies of simples by invariant numbers: what is 0 stays
  0. That is an upper bound.
* *Pooling* by sums and means is linear. After a maximum everything is counted as possible.

A network that is no such chain, with functions in its ``forward``, branches, products or several
inputs, is followed as a graph of its calls: :mod:`toolkit.interpret.zeros.graphs.following` has the
rules and their proofs. There what occurs is told from what is only a bound.

**Soundness.** What is not listed is exactly 0, for all inputs in the sources and whatever the
remaining weights. **Exactness.** What is listed after linear layers and activations with known
parts occurs for generic weights; see :func:`toolkit.pl.interactions.closure.reachable`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from toolkit.errors import ModuleMismatchError, NotAvailable
from toolkit.interpret.network.stages import Stage
from toolkit.interpret.network.trimmed import Trimmed
from toolkit.interpret.zeros.graphs.following import CallSupport
from toolkit.interpret.zeros.graphs.network import (
    FollowedNetwork,
    Modules,
    supports_in_graph,
)
from toolkit.interpret.zeros.graphs.states import Unknown
from toolkit.interpret.zeros.joins import followed
from toolkit.interpret.zeros.present_values import weights_that_count
from toolkit.interpret.zeros.propagate import chain_of
from toolkit.interpret.zeros.sources import Sources, read_sources
from toolkit.interpret.zeros.support import Support, supports_on, united
from toolkit.modules.module import Module
from toolkit.text import listed, table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from toolkit.interpret.network.call_order import Spaces
    from toolkit.interpret.network.given import Example


@dataclass(frozen=True, eq=False)
class StageSupport:
    """What can be present before and after one stage.

    Parameters
    ----------
    stage
        The stage; ``None`` for the network's input.
    module
        The module of the output.
    before, after
        What can be present in input and output, per orbit; of a linear module as a whole.
    """

    stage: Stage | None
    module: Module
    before: tuple[Support, ...] = field(repr=False)
    after: tuple[Support, ...] = field(repr=False)

    @property
    def key(self) -> str:
        """The stage's name, ``"input"`` for the network's input."""
        return "input" if self.stage is None else self.stage.key

    @property
    def possible(self) -> tuple[str, ...]:
        """Labels of the simples that can be present in the output, in canonical order."""
        return united(p.labels for p in self.after)

    @property
    def impossible(self) -> tuple[str, ...]:
        """Labels of the simples of the module that are exactly 0 in the output."""
        possible = set(self.possible)
        found = united(p.orbit.labels for p in self.after)
        return tuple(label for label in found if label not in possible)

    @property
    def dimension(self) -> int:
        """Dimension of the isotypic parts that can be present."""
        return sum(
            m * d
            for p in self.after
            for label, m, d in zip(
                p.orbit.labels, p.orbit.multiplicities, p.orbit.dimensions, strict=True
            )
            if label in p.labels
        )

    @property
    def kind(self) -> str:
        """What the stage does."""
        return "input" if self.stage is None else self.stage.kind

    @property
    def is_unknown(self) -> bool:
        """Whether nothing is known of the output: never, for a stage of a chain."""
        return False

    def __repr__(self) -> str:
        return f"<{self.key}: possible {', '.join(self.possible) or 'nothing'}>"


@dataclass(frozen=True, eq=False)
class ZeroComponents:
    """What can be present in a network, and what is exactly zero, stage by stage.

    Parameters
    ----------
    sources
        Labels of the simples in the input.
    tolerance
        The share of energy below which a measured simple counts as absent; ``None`` if the
        sources were declared.
    stages
        Of a chain the input, then every stage up to the first whose output is not on a module.
        Of another network every tensor that depends on its inputs, in the order of a run
        (:class:`~toolkit.interpret.zeros.graphs.following.CallSupport`).
    unknown_from
        The name of the first stage from which on nothing is known; ``None`` if all were followed,
        up to invariants.
    unknown
        Per stage from which on something is unknown, the reason.
    results
        Keys of what the network returns; none for a chain.
    as_now
        Names of weights whose present values decide, as they are exactly 0 (of a PReLU: 1 or -1):
        ask again when they have changed. Biases that are 0 are not listed, they always count so.
    """

    sources: tuple[str, ...]
    tolerance: float | None
    stages: tuple[StageSupport | CallSupport, ...]
    unknown_from: str | None = None
    unknown: Mapping[str, str] = field(default_factory=dict)
    results: tuple[str, ...] = ()
    as_now: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[StageSupport | CallSupport]:
        return iter(self.stages)

    def __len__(self) -> int:
        return len(self.stages)

    def __getitem__(self, key: int | str) -> StageSupport | CallSupport:
        """Return a stage by its number (the input is 0) or its name."""
        if isinstance(key, int):
            return self.stages[key]
        for stage in self.stages:
            if stage.key == key:
                return stage
        raise KeyError(f"the stages are {[stage.key for stage in self.stages]}, not {key!r}")

    @property
    def zero(self) -> dict[str, tuple[str, ...]]:
        """Per stage the labels of the simples that are exactly 0 in its output.

        None where nothing is known.
        """
        return {stage.key: stage.impossible for stage in self.stages}

    def rows(self) -> list[dict[str, Any]]:
        """Return a row for each stage, as JSON data.

        ``stage``, ``kind``, ``module`` (its name, ``None`` if the tensor is no functions on one),
        ``possible``, ``occurs`` (those that occur for some weights; ``None`` for a chain, which
        does not tell them apart), ``zero`` (exactly 0), and ``unknown``: why nothing is known of
        it, ``None`` otherwise. Where nothing is known the lists are ``None``.
        """
        out: list[dict[str, Any]] = []
        for r in self.stages:
            state = r.state if isinstance(r, CallSupport) else None
            lost = state if isinstance(state, Unknown) else None
            out.append(
                {
                    "stage": r.key,
                    "kind": r.kind,
                    "module": None if r.module is None else r.module.name,
                    "possible": None if lost else list(r.possible),
                    "occurs": list(r.occurring)
                    if isinstance(r, CallSupport) and not lost
                    else None,
                    "zero": None if lost else list(r.impossible),
                    "unknown": f"from {lost.since!r} on: {lost.reason}" if lost else None,
                }
            )
        return out

    def state(self) -> dict[str, Any]:
        """Return everything as JSON data."""
        return {
            "schema": 1,
            "sources": list(self.sources),
            "tolerance": self.tolerance,
            "stages": self.rows(),
            "unknown_from": self.unknown_from,
            "unknown": dict(self.unknown),
            "results": list(self.results),
            "as_now": list(self.as_now),
        }

    def to_table(self) -> str:
        """Return a table of the stages as text.

        Of a network that is no chain, what is possible is divided into simples that occur for
        some weights, and those of which only the bound is known.
        """
        if any(isinstance(r, CallSupport) for r in self.stages):
            rows = [("stage", "kind", "occurs", "bound", "exactly zero")]
            rows += [(r.key, r.kind, *r.words) for r in self.stages if isinstance(r, CallSupport)]
            lines = table(rows)
            lines += [f"unknown from {key!r} on: {why}" for key, why in self.unknown.items()]
            return "\n".join([*lines, *self.remarks])
        chain = [("stage", "kind", "possible", "exactly zero")]
        chain += [
            (r.key or "model", r.kind, " ".join(r.possible) or "-", " ".join(r.impossible) or "-")
            for r in self.stages
        ]
        lines = table(chain)
        if self.unknown_from is not None:
            lines.append(f"unknown from {self.unknown_from or 'model'!r} on")
        return "\n".join([*lines, *self.remarks])

    @property
    def remarks(self) -> tuple[str, ...]:
        """A sentence about weights that count with the values that they have now, if there are."""
        if not self.as_now:
            return ()
        names = listed(self.as_now, 6)
        return (f"as it is now, with weights that are 0 (slopes: 1 or -1): {names}",)


def zero_components(
    model: nn.Module,
    sources: Sources | Mapping[str, Sources],
    tolerance: float | None = None,
    *,
    spaces: Spaces | None = None,
    example: Example | None = None,
    modules: Modules | None = None,
    equivariant: Iterable[str] = (),
) -> ZeroComponents:
    """Return the simples that can be present at each stage of a network; all others are 0.

    Parameters
    ----------
    model
        Any torch module. A chain of layers (:func:`~toolkit.interpret.stages_of`) is traced stage
        by stage; every other network is traced as a graph of its calls
        (:mod:`toolkit.interpret.zeros.graphs.following`), from one run on an example.
    sources
        Labels of the simples in the input; or inputs ``(..., |X|, channels)``, in which the simples
        are measured. For several inputs, a mapping from their names to one of these.
    tolerance
        For measured sources: simples with at most this share of the energy count as absent. The
        default is ``(1000 eps)^2`` for the inputs' type: 1.4e-8 for float32, 4.9e-26 for float64.
        In half precision it is ``(4 eps)^2``: 1.5e-5 for float16, 9.8e-4 for bfloat16.
    spaces
        As for :func:`~toolkit.interpret.stages_of`.
    example
        An input to run the network on; for several inputs, a tuple or a mapping by name.
    modules
        The module of the input, if no layer determines it; for several inputs, a tuple or a mapping
        by name. ``None`` stands for numbers that the group does not change.
    equivariant
        Names of submodules that are known to be equivariant. This is not checked here
        (:func:`toolkit.testing.assert_equivariant` checks it). For these submodules the kernel of
        the input bounds the output. Their modules are those in ``spaces``, by default that of their
        input.

    Returns
    -------
    ZeroComponents
        Iterate over it, read ``.zero`` or print ``.to_table()``. Whatever depends on something that
        cannot be traced is unknown, and ``.unknown`` gives the reason.

    Raises
    ------
    ModuleMismatchError
        If a label does not occur in the input's module, inputs have the wrong shape or are not
        finite, the module of the input is unknown, or dropout is active in a chain.
    NotAvailable
        If the network has already been trimmed.

    Notes
    -----
    Exact: integers and exact sums decide. A simple that is not listed as possible is 0 in exact
    arithmetic, and has the size of rounding errors in floating point. Measured sources are only as
    reliable as their tolerance.

    Biases have their current values: those of a fresh layer are 0 and add nothing, those of a
    trained layer add the trivial simple. Repeat the call after training. The same holds for weights
    that are exactly 0 now, such as those of a residual branch that starts at 0: ``.as_now`` and the
    table name them.

    Examples
    --------
    >>> import torch, toolkit as tk
    >>> X = tk.group("C8").regular_module()
    >>> net = tk.nn.EquivariantMLP(X, [1, 4, 4, 1], "relu", bias=False)
    >>> print(zero_components(net, ["L2"]).to_table())
    stage     kind        possible     exactly zero
    input     input       L2           L0 L1 L3 L4
    layers.0  linear      L2           L0 L1 L3 L4
    layers.1  activation  L0 L1 L2     L3 L4
    layers.2  linear      L0 L1 L2     L3 L4
    layers.3  activation  L0 L1 L2     L3 L4
    layers.4  linear      L0 L1 L2     L3 L4

    A network that writes sums, products and activations as functions:

    >>> class Net(torch.nn.Module):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.one, self.two = (
    ...             tk.nn.EquivariantLinear(X, X, 2, 2, bias=False) for _ in range(2)
    ...         )
    ...
    ...     def forward(self, x):
    ...         h = torch.tanh(self.one(x))
    ...         return h + x * self.two(x)
    >>> print(zero_components(Net(), ["L3"]).to_table())
    stage  kind        occurs  bound  exactly zero
    input  input       L3      -      L0 L1 L2 L4
    one    linear      L3      -      L0 L1 L2 L4
    tanh   activation  L3 L4   -      L0 L1 L2
    two    linear      L3      -      L0 L1 L2 L4
    mul    product     -       L0 L2  L1 L3 L4
    add    sum         L3 L4   L0 L2  L1
    """
    is_plain = isinstance(example, torch.Tensor | None) and not isinstance(sources, Mapping)
    chain: ZeroComponents | None = None
    if isinstance(model, Trimmed) or (modules is None and not equivariant and is_plain):
        try:
            chain = zeros_of_chain(model, sources, tolerance, spaces, example)  # type: ignore[arg-type]
        except NotAvailable:
            if isinstance(model, Trimmed):
                raise
        if chain is not None and chain.unknown_from is None:
            return chain
    try:
        found = supports_in_graph(
            model,
            sources,
            tolerance,
            spaces=spaces,
            example=example,
            modules=modules,
            equivariant=equivariant,
        )
    except ModuleMismatchError:
        if chain is None or example is not None:
            raise
        return chain  # it does not run on one made-up input
    return zeros_of_graph(model, found)


def zeros_of_graph(model: nn.Module, found: FollowedNetwork) -> ZeroComponents:
    """Return what can be present in a network that was followed as a graph."""
    graph, support = found.graph, found.support
    wanted = {n for call in graph.calls for n in call.takes} | set(graph.results)
    unknown = {
        r.state.since: r.state.reason
        for r in support
        if isinstance(r.state, Unknown) and r.number in wanted
    }
    if graph.lost and graph.lost not in unknown.values():
        unknown["what is returned"] = graph.lost  # after all calls: which result it is, may depend
    keys = {r.number: r.key for r in support}
    return ZeroComponents(
        found.labels,
        found.tolerance,
        support,
        next(iter(unknown), None),
        unknown,
        tuple(keys.get(n, "constant") for n in graph.results),
        weights_that_count(model),
    )


def zeros_of_chain(
    model: nn.Module,
    sources: Sources,
    tolerance: float | None,
    spaces: Spaces | None,
    example: torch.Tensor | None,
) -> ZeroComponents:
    """Return the supports of the stages of a chain; see :func:`zero_components`.

    Raises
    ------
    NotAvailable
        If the network is no chain of stages.
    ModuleMismatchError
        As :func:`zero_components`.
    """
    stages = chain_of(model, spaces, example, joined=True)
    X = stages[0].X
    assert X is not None  # checked by chain_of
    labels, used = read_sources(X, sources, tolerance)
    now = supports_on(X, labels)
    out = [StageSupport(None, X, now, now)]
    steps, unknown_from = followed(stages, now, spaces or {})
    out += [StageSupport(step.stage, step.module, step.before, step.after) for step in steps]
    return ZeroComponents(labels, used, tuple(out), unknown_from, as_now=weights_that_count(model))
