"""Recording spectra: hooks that measure the energy of each simple while a network runs.

The energies are recorded where their shares can change: of the inputs, before and after each
activation and gate (and each submodule whose space is declared), after each sum and concatenation
of functions (Residual, Concat, transformer blocks; where a network is watched at its calls also
``+`` and ``cat`` in its ``forward``), and of the outputs. Equivariant linear maps keep simples
apart. Nothing of the functions themselves is kept.

A network of containers and layers is watched by hooks of its layers
(:mod:`toolkit.interpret.network.hooks`). One with functions in its ``forward``, with several
inputs, or in which tensors are added or changed between layers, is traced in its first pass, and
then watched at its calls (:mod:`toolkit.interpret.network.live`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from toolkit.errors import ModuleMismatchError
from toolkit.interpret.network.energies import PartsByModule
from toolkit.interpret.network.given import Given, given_of, passes_of
from toolkit.interpret.network.hooks import Hooks
from toolkit.interpret.network.stages import JOINED
from toolkit.interpret.network.state import state_kept
from toolkit.interpret.network.undetermined import undetermined
from toolkit.interpret.network.watching import Watcher, is_unwatched, unwatched
from toolkit.interpret.spectral.networks import live_spectra
from toolkit.interpret.spectral.probe import SiteProbe
from toolkit.interpret.spectral.spectrum import Site, Spectra
from toolkit.interpret.zeros.graphs.stages import may_have_functions, needs_calls

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from types import TracebackType

    from torch import nn
    from torch.utils.hooks import RemovableHandle

    from toolkit.interpret.network.call_order import Spaces
    from toolkit.interpret.network.given import Example
    from toolkit.interpret.network.hooks import Plan
    from toolkit.interpret.network.live import LiveCalls
    from toolkit.interpret.network.probes import Probe
    from toolkit.interpret.network.stages import Stage
    from toolkit.interpret.zeros.graphs.network import Modules


def record(
    model: nn.Module,
    spaces: Spaces | None = None,
    per_sample: bool = False,
    example: Example | None = None,
    *,
    modules: Modules | None = None,
    every: int = 1,
) -> Recorder:
    """Return a context in which every pass through a model adds to its spectra.

    Parameters
    ----------
    model, spaces
        As in :func:`toolkit.interpret.stages_of`.
    per_sample
        Whether to keep each sample's energies as well: 8 bytes per simple, channel and site.
    example
        An input to trace the network on; for several inputs a tuple, or a mapping by name. If an
        example is needed and none is given, the first pass is used.
    modules
        The module of the input, if no layer determines it; for several inputs a tuple, or a mapping
        by name, as in :func:`toolkit.interpret.zero_components`. ``None`` stands for numbers that
        the group does not change.
    every
        Measure only one pass in ``every``, beginning with the first. This divides the average cost
        for a training step by ``every``.

    Returns
    -------
    Recorder
        ``with record(model) as spectra:`` gives the :class:`Spectra` that are filled.

    Raises
    ------
    ModuleMismatchError
        If the order of the model's stages cannot be found, or nothing can be recorded. In a pass,
        if functions do not fit the modules (sets of another size, a mask), or if a network that is
        traced by its calls makes different calls than in the first pass.
    NotAvailable
        If a module's Fourier basis is out of reach.

    Notes
    -----
    Recording changes no outputs, gradients or random numbers of the model. The hooks are removed
    when the context ends, also after an exception. A compiled network that is traced by its calls
    runs uncompiled until then. A pass that fails records nothing. Values have the model's own type,
    and energies are summed in float64. For large tensors of lower precision, products are computed
    in float32 (:mod:`toolkit.interpret.network.energy_sums`): this leaves about 1e-14 of the energy
    in a simple that is exactly empty. On a GPU nothing waits for the sums until they are read,
    except with ``per_sample``.

    The cost per site and sample is a product with a ``(|X|, |X|)`` matrix (beyond 1024 points, a
    fast transform) and the memory of some samples. A million numbers on 24 points take about two
    milliseconds of one core. If that is too slow for training, ``every=10`` measures one step in
    ten. ``benchmarks/recording.py`` measures both.

    Examples
    --------
    >>> import torch, toolkit as tk
    >>> X = tk.group("S4").natural_module()
    >>> net = tk.nn.EquivariantMLP(X, [1, 8, 1])
    >>> with tk.interpret.record(net) as spectra:
    ...     for batch in torch.randn(3, 10, 4, 1):
    ...         out = net(batch)
    >>> spectra["input"].samples, list(spectra["input"].shares)
    (30, ['L0', 'L3'])
    """
    return Recorder(
        model, spaces, per_sample=per_sample, example=example, modules=modules, every=every
    )


def spectra(
    model: nn.Module,
    batches: torch.Tensor | Mapping[str, torch.Tensor] | Iterable[Any],
    spaces: Spaces | None = None,
    per_sample: bool = False,
    example: Example | None = None,
    *,
    modules: Modules | None = None,
) -> Spectra:
    """Return the spectra of a model on data, recorded by :func:`record` without gradients.

    Parameters
    ----------
    model, spaces, per_sample, example, modules
        As in :func:`record`. The model runs in its current mode (train or eval); buffers that norms
        change in training are restored.
    batches
        Inputs ``(..., |X|, channels)``: one, or an iterable of them. If a batch is a tuple or list,
        as from a data loader, its first item is the input, or its first items if ``modules`` or
        ``example`` are several. A mapping holds inputs by name.

    Returns
    -------
    Spectra
        The energy of each simple at each site.

    Examples
    --------
    >>> import torch, toolkit as tk
    >>> X = tk.group("C4").regular_module()
    >>> found = spectra(tk.nn.EquivariantMLP(X, [1, 4, 1]), torch.ones(5, 4, 1))
    >>> found["input"].shares
    {'L0': 1.0, 'L1': 0.0, 'L2': 0.0}

    A network with two inputs, of which the second consists of numbers that the group does not
    change:

    >>> class Net(torch.nn.Module):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.one = tk.nn.EquivariantLinear(X, X, 1, 2)
    ...
    ...     def forward(self, x, scale):
    ...         return torch.relu(self.one(x)) * scale
    >>> batch = torch.randn(5, 4, 1), torch.rand(5, 1, 1)
    >>> list(spectra(Net(), [batch], modules=(X, None)))
    ['input 0', 'relu before', 'relu after', 'output']
    """
    like = modules if modules is not None else example
    with (
        state_kept(model, parameters=False),
        record(model, spaces, per_sample, example, modules=modules) as found,
        torch.no_grad(),
    ):
        for given in passes_of(batches, like):
            given.run(model)
    return found


class Recorder(Watcher):
    """Hooks on a model that fill :class:`Spectra`; see :func:`record`.

    Parameters
    ----------
    model, spaces, per_sample, example, modules, every
        As in :func:`record`.

    Raises
    ------
    ModuleMismatchError
        If ``every`` is not a positive integer; otherwise as in :func:`record`.

    Examples
    --------
    >>> import torch, toolkit as tk
    >>> X = tk.group("C4").regular_module()
    >>> net = tk.nn.EquivariantMLP(X, [1, 4, 1])
    >>> with tk.interpret.Recorder(net, every=2) as spectra:
    ...     for _ in range(4):
    ...         out = net(torch.ones(5, 4, 1))
    >>> spectra["input"].samples
    10
    """

    def __init__(
        self,
        model: nn.Module,
        spaces: Spaces | None = None,
        *,
        per_sample: bool = False,
        example: Example | None = None,
        modules: Modules | None = None,
        every: int = 1,
    ) -> None:
        if not isinstance(every, int) or every < 1:
            raise ModuleMismatchError(f"every= must be a positive integer, not {every!r:.40}")
        self.spectra = Spectra()
        self.per_sample, self.every = per_sample, every
        self._model, self._spaces, self._modules = model, spaces, modules
        self._declared = tuple(spaces or ())
        self._example = None if example is None else given_of(example)
        self._watch: Hooks | LiveCalls | None = None
        self._first: RemovableHandle | None = None

    def __enter__(self) -> Spectra:
        if self._watch is None:
            if self._modules is None and not may_have_functions(self._model, self._spaces):
                self._watch = self._of_layers(self._example)
            elif self._example is not None:
                self._watch = self._chosen(self._example)
        if self._watch is not None:
            self._watch.start()
        elif self._first is None:
            self._first = self._model.register_forward_pre_hook(
                self._choose, prepend=True, with_kwargs=True
            )
        else:
            raise ModuleMismatchError("this recorder is already recording; create another one")
        return self.spectra

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._forget_first()
        if self._watch is not None:
            self._watch.stop()

    def _forget_first(self) -> None:
        if self._first is not None:
            self._first.remove()
            self._first = None

    def _choose(self, model: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Trace the first pass, and begin to watch it."""
        if self._watch is not None or is_unwatched():
            return
        given = Given(args, kwargs)
        if not given.tensors:
            raise ModuleMismatchError(
                "the model's arguments must be tensors, by position or by name, so that its calls "
                "can be found: give some as example="
            )
        with unwatched():
            self._watch = self._chosen(given.each(torch.Tensor.detach).part)
        self._watch.start()
        self._watch.start_pass(model, args, kwargs)
        if not isinstance(self._watch, Hooks):
            self._watch.enter_model(args, kwargs)

    def _chosen(self, given: Given) -> Hooks | LiveCalls:
        if self._modules is None and not needs_calls(self._model, self._spaces, given):
            return self._of_layers(given)
        watch, self.spectra.sites = live_spectra(
            self._model,
            self._spaces,
            given,
            self._modules,
            per_sample=self.per_sample,
            every=self.every,
        )
        return watch

    def _of_layers(self, given: Given | None) -> Hooks:
        tensor = None if given is None else next(iter(given.tensors.values()))
        return Hooks(self._model, self._spaces, tensor, self._plan, every=self.every)

    def _plan(self, stages: Sequence[Stage]) -> Plan:
        """Return the probes of input, output, activations, joins and declared submodules."""
        before: dict[Stage, list[Probe]] = {}
        after: dict[Stage, list[Probe]] = {}
        probes: list[SiteProbe] = []
        parts = PartsByModule()

        def watch(table: dict[Stage, list[Probe]], stage: Stage, site: Site) -> None:
            X = stage.X if table is before else stage.Y
            if X is None:
                return
            probes.append(SiteProbe(site, parts.of(X), self.per_sample))
            table.setdefault(stage, []).append(probes[-1])

        declared = {self._model.get_submodule(name) for name in self._declared}
        for stage in stages:
            if stage.follows == -1 and not probes:
                watch(before, stage, Site("", "input"))
            if stage.kind in ("activation", "gate") or stage.module in declared:
                watch(before, stage, Site(stage.key, "before"))
                watch(after, stage, Site(stage.key, "after"))
            elif stage.kind in JOINED and not stage.is_last:
                watch(after, stage, Site(stage.key, "after"))
            if stage.is_last:
                watch(after, stage, Site("", "output"))
        if not probes:
            raise undetermined(
                self._model,
                "nothing to record: no layer of the model is known to act on a module; declare "
                'one, as in spaces={"name of submodule": X}',
            )
        self.spectra.sites = tuple(probe.spectrum for probe in probes)
        return before, after
