r"""A smaller network with the same outputs, for inputs in given simples.

Two things are removed, both exactly (:mod:`toolkit.interpret.trimming.points` has the proof).

* *Points.* Where the function before an activation has only the simples of a set A, its
  coordinates agree along the cosets of U+_A, and so the activation runs on |G : U+_A| points in
  the place of |G : H|. Opposite coordinates are merged as well where the activation is odd (the
  sign is kept) or even (it is forgotten). Functions that are 0 are left out.
* *Blocks.* A linear layer loses the blocks W_L of simples L that do not reach it.

The linear layers between blocks of points are gathered from one weight per orbital of the
blocks, or computed simple by simple, or are one matrix (:mod:`toolkit.interpret.trimming.layers`).

A chain of layers becomes a chain of layers. Every other network is replayed call by call:
:mod:`toolkit.interpret.trimming.graphs.network`.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
import torch
from torch import nn

from toolkit.errors import ModuleMismatchError, NotAvailable
from toolkit.interpret.network.state import state_kept
from toolkit.interpret.network.trimmed import Trimmed, TrimmedInput, TrimmedStage
from toolkit.interpret.trimming.between import (
    equivariant_form,
    means_over_blocks,
    on_blocks,
    pooling_matrix,
)
from toolkit.interpret.trimming.graphs.network import (
    isotypic_basis,
    kept_basis,
    require_chain_for_all_inputs,
    trimmed_graph,
)
from toolkit.interpret.trimming.layers import PointMatrix, ReadPoints
from toolkit.interpret.trimming.points import Merging, merging
from toolkit.interpret.trimming.weights import Form, trimmed_linear
from toolkit.interpret.zeros.graphs.network import Modules, supports_in_graph
from toolkit.interpret.zeros.propagate import after_stage, chain_of, passing_labels
from toolkit.interpret.zeros.sources import read_sources
from toolkit.interpret.zeros.support import OrbitSupport, on_orbits, united
from toolkit.nn.dropout import EquivariantDropout
from toolkit.nn.normalisation.base import PartwiseNorm
from toolkit.nn.pooling import InvariantPooling
from toolkit.pl.criterion.of_module import orbit_criteria

if TYPE_CHECKING:
    from toolkit.interpret.network.call_order import Spaces
    from toolkit.interpret.network.given import Example
    from toolkit.interpret.network.stages import Stage
    from toolkit.interpret.zeros.sources import Sources
    from toolkit.modules.module import Module

#: What is done with the input: read at one point of each block, or projected to the sources.
InputRule: TypeAlias = Literal["select", "project"]


def trim(
    model: nn.Module,
    sources: Sources | Mapping[str, Sources],
    *,
    tolerance: float | None = None,
    form: Form = "auto",
    inputs: InputRule = "select",
    spaces: Spaces | None = None,
    example: Example | None = None,
    modules: Modules | None = None,
    equivariant: Iterable[str] = (),
) -> Trimmed:
    """Return a smaller network with the same outputs on inputs in the given simples.

    Parameters
    ----------
    model
        Any torch module. A chain of layers (linear ones, activations, normalisations, pooling, and
        whatever comes after invariant pooling) becomes a chain of layers; every other network, with
        sums, products, branches or functions in its ``forward``, is replayed call by call
        (:mod:`toolkit.interpret.trimming.graphs.network`).
    sources, tolerance
        The simples in the input, declared or measured; see
        :func:`~toolkit.interpret.zero_components`. For several inputs, a mapping by name.
    form
        The form of the linear layers. ``"gathered"``: a weight for each orbital of the blocks of
        points. ``"blocks"``: the remaining Fourier blocks. ``"auto"``: ``"blocks"`` where that has
        fewer weights and takes fewer operations, else ``"gathered"``; a large layer from which
        nothing can be removed is kept. ``"flat"``: whole matrices, for the fastest inference.
    inputs
        ``"select"``: the input is read at one point of each block and must lie in the sources
        (``.check_input(x)`` measures this). ``"project"``: the input is first projected onto the
        sources, at the cost of one more matrix.
    spaces
        As for :func:`~toolkit.interpret.stages_of`.
    example
        An input to run the network on, if its calls must be found in a run; for several inputs, a
        tuple or a mapping by name. The first axis is the batch. The other axes are fixed from then
        on, except in a chain.
    modules
        The module of the input, if no layer determines it; for several inputs, a tuple or a mapping
        by name. ``None`` stands for numbers that the group does not change.
    equivariant
        Names of submodules that are equivariant; see :func:`~toolkit.interpret.zero_components`.

    Returns
    -------
    Trimmed
        A network with copies of the weights; the model is not changed. ``.to_table()`` shows the
        sizes of all functions. ``.untrimmed`` lists what still runs on all points, and why.

    Raises
    ------
    ModuleMismatchError
        As for :func:`~toolkit.interpret.zero_components`; or if dropout is switched on.
    NotAvailable
        As for :func:`~toolkit.interpret.zero_components`; or if a network that is not a chain
        behaves differently for other input values, for other batch sizes or in the next run, or
        uses a tensor of unknown origin.

    Notes
    -----
    A network that is not a chain is run on batches of three sizes, including a single sample, and
    must make the same calls each time. Comparisons of ``x.shape[0]``, ``x.size(0)`` and
    ``x.numel()``, and ``len(x)``, are noticed. A ``forward`` that branches on the size in another
    way, only for other sizes (``x.shape.numel() > 1000``), is not noticed. Contexts that a
    ``forward`` enters (``torch.no_grad``, ``torch.autocast``) are not replayed.

    Submodules keep their modes, training or evaluation. Dropout that is off is left out, and stays
    off. If the calls of ``forward`` depend on the mode, the network is trimmed for its current
    mode; switching the trimmed network to the other mode is an error (``.refused_modes``). A
    network that changes its own parameters or buffers is refused; running means of norms are
    updated in copies of the norms.

    Exact in exact arithmetic. In floating point the outputs differ by rounding, in float64 by up to
    1e-12 of their size. The current biases and activations are used. Where a function is 0, the
    trimmed network has exactly 0, but the original network has rounding errors. A normalisation
    without bias divides these by the square root of its eps, which may make them visible.

    Examples
    --------
    >>> import torch, toolkit as tk
    >>> X = tk.group("C12").regular_module()
    >>> net = tk.nn.EquivariantMLP(X, [1, 16, 16, 1], "relu").double()
    >>> small = trim(net, ["L1", "L3"])  # the simples of orders 2 and 4
    >>> [(stage.name, stage.blocks, stage.points) for stage in small.stages]
    [('input', 4, 12), ('layers.0', 4, 12), ('layers.2', 4, 12), ('layers.4', 4, 12)]
    >>> small.weights_before, small.weights_after
    (3489, 1152)
    >>> x = torch.randn(5, 4, 1, dtype=torch.float64).repeat(1, 3, 1)  # of period 4
    >>> x = x - x.mean(-2, keepdim=True)
    >>> torch.allclose(small(x), net(x), rtol=1e-12)
    True

    A network with a residual sum and an activation that is a function:

    >>> class Net(torch.nn.Module):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.one, self.two = (tk.nn.EquivariantLinear(X, X, 2, 2) for _ in range(2))
    ...
    ...     def forward(self, x):
    ...         return x + self.two(torch.tanh(self.one(x)))
    >>> print(trim(Net(), ["L1"]).to_table())
    stage  points  blocks  simples
    input      12       1  L1
    one        12       1  L1
    tanh       12       1  L1
    two        12       1  L1
    add        12       1  L1
    """
    for name, value, allowed in (
        ("form", form, ("auto", "gathered", "blocks", "flat")),
        ("inputs", inputs, ("select", "project")),
    ):
        if value not in allowed:
            raise ModuleMismatchError(f"{name} must be one of {', '.join(allowed)}, not {value!r}")
    given, several = _read_once(sources), isinstance(sources, Mapping)
    with state_kept(model):
        is_plain = modules is None and isinstance(example, torch.Tensor | None) and not several
        names = (equivariant,) if isinstance(equivariant, str) else tuple(equivariant)
        why: NotAvailable | None = None
        if isinstance(model, Trimmed) or (is_plain and not names):
            try:
                return trimmed_chain(model, given, tolerance, form, inputs, spaces, example)  # type: ignore[arg-type]
            except NotAvailable as error:
                if isinstance(model, Trimmed):
                    raise
                why = error
        found = supports_in_graph(
            model,
            given,
            tolerance,
            spaces=spaces,
            example=example,
            modules=modules,
            equivariant=names,
        )
        try:
            return trimmed_graph(model, found, form, projects=inputs == "project")
        except NotAvailable as error:
            raise error from why


def _read_once(sources: Sources | Mapping[str, Sources]) -> Sources | Mapping[str, Sources]:
    """Return sources that can be read twice."""
    is_read = isinstance(sources, str | Mapping | torch.Tensor | np.ndarray)
    return tuple(sources) if isinstance(sources, Iterable) and not is_read else sources


def trimmed_chain(
    model: nn.Module,
    sources: Sources,
    tolerance: float | None,
    form: Form,
    inputs: InputRule,
    spaces: Spaces | None,
    example: torch.Tensor | None,
) -> Trimmed:
    """Return a chain of trimmed layers; see :func:`trim`.

    Raises
    ------
    NotAvailable
        If the network is no chain of layers that are known here, or not for all inputs.
    ModuleMismatchError
        As for :func:`trim`.
    """
    stages = chain_of(model, spaces, example)
    refused = require_chain_for_all_inputs(model, spaces, example)
    X = stages[0].X
    assert X is not None
    labels, _ = read_sources(X, sources, tolerance)
    return _Trimmer(model, stages, labels, form, inputs, refused).run()


class _Trimmer:
    """The state while a network is trimmed, stage by stage."""

    def __init__(
        self,
        model: nn.Module,
        stages: tuple[Stage, ...],
        labels: tuple[str, ...],
        form: Form,
        inputs: InputRule,
        refused: dict[bool, str],
    ) -> None:
        self.model, self.stages, self.labels = model, stages, labels
        self.form, self.inputs, self.refused = form, inputs, refused
        self.like = next(
            (p.detach() for p in model.parameters() if p.is_floating_point()), torch.zeros(())
        )
        self.copies: dict[int, Any] = {}
        self.layers: list[nn.Module] = []
        self.sizes: list[TrimmedStage] = []
        self.whole: list[tuple[str, str]] = []

    def run(self) -> Trimmed:
        first = self.stages[0].X
        assert first is not None
        X: Module = first
        _require_points(self.stages)
        support = tuple(OrbitSupport.of(orbit, self.labels) for orbit in orbit_criteria(X))
        ops = self._pointwise_from(0)
        merged = self._merged(X, support, ops)
        self.layers.append(self._input(X, merged))
        self._note("input", merged, support)
        support, merged = self._apply(ops, support, merged)
        at = len(ops)
        while at < len(self.stages):
            stage = self.stages[at]
            if isinstance(stage.module, InvariantPooling):
                self._invariants(stage, stage.module, merged)
                self.layers += [self._copy(s.module) for s in self.stages[at + 1 :]]
                return self._done(X)
            known = stage.kind in ("linear", "pooling") or isinstance(stage.module, PartwiseNorm)
            if stage.X is None or stage.Y is None or not known:
                raise NotAvailable(
                    type(stage.module).__name__,
                    f"how to trim the stage {stage.key!r}",
                    "it is not a known layer, activation or normalisation",
                )
            ops = self._pointwise_from(at + 1)
            after = on_orbits(after_stage(stage, support))
            target = self._merged(stage.Y, after, ops)
            self._between(stage, support, merged, target)
            self._note(stage.key, target, after)
            support, merged = self._apply(ops, after, target)
            at += 1 + len(ops)
        if not (merged.is_trivial and not merged.has_signs):
            self._expand(merged)
        return self._done(X)

    def _done(self, X: Module) -> Trimmed:
        before = sum(p.numel() for p in self.model.parameters())
        basis = kept_basis(X, self.labels, self.like)
        given = TrimmedInput("input", X.degree, self.labels, basis)
        layers = nn.Sequential(*self.layers)
        sizes, whole = tuple(self.sizes), tuple(self.whole)
        out = Trimmed(
            layers, self.labels, sizes, before, (given,), whole, self._channels(), self.refused
        )
        return out.with_modes(self.model.training, self.copies.values())

    def _channels(self) -> int | None:
        """Return the number of channels of the input, if a layer says it."""
        for stage in self.stages:
            for name in ("in_channels", "in_features"):
                if hasattr(stage.module, name):
                    return int(getattr(stage.module, name))
            keeps = _is_pointwise(stage) or stage.kind == "pooling"
            if not keeps or isinstance(stage.module, InvariantPooling):
                return None
        return None

    def _copy(self, module: nn.Module) -> nn.Module:
        """Return a copy; modules that are used twice stay one."""
        out: nn.Module = copy.deepcopy(module, self.copies)
        return out

    def _note(self, name: str, merged: Merging, support: tuple[OrbitSupport, ...]) -> None:
        simples = united(p.labels for p in support)
        self.sizes.append(TrimmedStage(name, merged.X.degree, merged.size, simples))

    # pointwise stages -----------------------------------------------------------------------

    def _pointwise_from(self, at: int) -> tuple[Stage, ...]:
        out: list[Stage] = []
        for stage in self.stages[at:]:
            if stage.X is None or not _is_pointwise(stage):
                break
            out.append(stage)
        return tuple(out)

    def _merged(
        self, X: Module, support: tuple[OrbitSupport, ...], ops: tuple[Stage, ...]
    ) -> Merging:
        """Return the blocks of a function to which pointwise stages are applied."""
        opposite = X.has_signs or _forgives_signs(ops)
        if any(p.is_zero for p in support) and ops and not self._keeps_zero(ops):
            support = tuple(
                OrbitSupport.of(p.orbit, [p.orbit.trivial]) if p.is_zero and p.orbit.trivial else p
                for p in support
            )
        return merging(X, support, opposite=opposite)

    def _keeps_zero(self, ops: tuple[Stage, ...]) -> bool:
        """Whether 0 goes to 0, as computed."""
        channels = self._channels_before(ops[0])
        x = torch.zeros(1, channels, dtype=self.like.dtype, device=self.like.device)
        with torch.no_grad():
            for stage in ops:
                x = on_blocks(stage.module)(x)
        return not bool(x.any())

    def _channels_before(self, stage: Stage) -> int:
        at = self.stages.index(stage)
        for s in reversed(self.stages[:at]):
            for name in ("out_channels", "out_features"):
                if hasattr(s.module, name):
                    return int(getattr(s.module, name))
        for s in self.stages[at:]:
            for name in ("in_channels", "in_features"):
                if hasattr(s.module, name):
                    return int(getattr(s.module, name))
        return 1

    def _apply(
        self, ops: tuple[Stage, ...], support: tuple[OrbitSupport, ...], merged: Merging
    ) -> tuple[tuple[OrbitSupport, ...], Merging]:
        for stage in ops:
            if isinstance(stage.module, nn.Identity | nn.Dropout | EquivariantDropout):
                continue
            support = on_orbits(after_stage(stage, support))
            self.layers.append(on_blocks(self._copy(stage.module)))
            if _parity(stage) == "even":
                merged = merged.without_signs()
        return support, merged

    # input, linear stages and pooling -------------------------------------------------------

    def _input(self, X: Module, merged: Merging) -> nn.Module:
        if self.inputs == "project":
            rows = isotypic_basis(X, self.labels)
            return PointMatrix(rows.T[merged.first] @ rows, self.like)
        if merged.is_trivial:
            return nn.Identity()
        return ReadPoints(merged.first, None, X.degree, self.like)

    def _expand(self, merged: Merging) -> None:
        """Add the layer from functions of blocks to functions of points."""
        self.layers.append(ReadPoints(merged.blocks, merged.signs, merged.size, self.like))

    def _between(
        self, stage: Stage, support: tuple[OrbitSupport, ...], source: Merging, target: Merging
    ) -> None:
        if stage.kind == "pooling":
            if getattr(stage.module, "reduction", "sum") == "max":
                self.whole.append((stage.key, "a maximum is taken over points"))
                self._expand(source)
                self.layers.append(self._copy(stage.module))
                return
            matrix = pooling_matrix(stage.module, source.X.degree) @ source.matrix
            self.layers.append(PointMatrix(means_over_blocks(target, matrix), self.like))
            return
        if isinstance(stage.module, PartwiseNorm):
            self.whole.append((stage.key, "its statistics are those of all points"))
            self._expand(source)
            self.layers.append(self._copy(stage.module))
            if not target.is_trivial:
                degree = target.X.degree
                self.layers.append(ReadPoints(target.first, None, degree, self.like))
            return
        assert stage.X is not None
        layer = equivariant_form(stage.module, stage.X)
        if layer is not stage.module and source.is_trivial and target.is_trivial:
            self.layers.append(
                self._copy(stage.module)
            )  # it has fewer weights than the general one
            return
        known = {label for orbit in orbit_criteria(target.X) for label in orbit.labels}
        labels = tuple(label for label in passing_labels(stage, support) if label in known)
        trimmed = trimmed_linear(layer, source, target, labels, self.form)
        self.layers.append(self._copy(stage.module) if trimmed is None else trimmed)

    def _invariants(self, stage: Stage, pooling: InvariantPooling, merged: Merging) -> None:
        if pooling.reduction == "max":
            self.whole.append((stage.key, "a maximum is taken over points"))
            self._expand(merged)
            self.layers.append(self._copy(pooling))
            return
        matrix = pooling_matrix(pooling, merged.X.degree) @ merged.matrix
        self.layers.append(PointMatrix(matrix, self.like))


def _is_pointwise(stage: Stage) -> bool:
    if isinstance(stage.module, PartwiseNorm):
        return False
    if stage.kind in ("activation", "normalisation"):
        return True
    if isinstance(stage.module, EquivariantDropout):
        return not stage.module.training or stage.module.p == 0
    return isinstance(stage.module, nn.Linear | nn.Identity | nn.Dropout)


def _parity(stage: Stage) -> Literal["odd", "even", "none"]:
    """Return the parity of a pointwise stage, as far as it is known for certain."""
    module = stage.module
    if stage.kind == "activation":
        f = stage.activation
        if f.parts_are == "measured":
            return "odd" if stage.X is not None and stage.X.has_signs else "none"
        return "odd" if f.is_odd else "even" if f.is_even else "none"
    if isinstance(module, nn.Identity | nn.Dropout | EquivariantDropout):
        return "odd"
    bias = getattr(module, "bias", None)
    return "none" if bias is not None and bool(bias.detach().any()) else "odd"


def _forgives_signs(ops: tuple[Stage, ...]) -> bool:
    """Whether opposite values stay opposite, or become equal before they could differ."""
    for stage in ops:
        parity = _parity(stage)
        if parity != "odd":
            return parity == "even"
    return True


def _require_points(stages: Iterable[Stage]) -> None:
    for stage in stages:
        for module in (stage.X, stage.Y):
            if module is not None and not module.has_points:
                raise NotAvailable(
                    module.name,
                    f"how to trim the stage {stage.key!r}",
                    "it is a linear module, whose coordinates the group mixes: only points are "
                    "merged",
                )
