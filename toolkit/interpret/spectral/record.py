"""Recording spectra: hooks that measure the energy of each simple while a network runs.

The energies are recorded where their shares can change: of the input, before and after each
activation and gate (and each submodule whose space is declared), and of the output. Equivariant
linear maps keep simples apart. Nothing of the functions themselves is kept.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import torch

from toolkit.errors import ModuleMismatchError
from toolkit.interpret.network.energies import PartsByModule
from toolkit.interpret.network.hooks import Hooks, inputs_of, part_of
from toolkit.interpret.spectral.networks import traced_spectra
from toolkit.interpret.spectral.probe import SiteProbe
from toolkit.interpret.spectral.spectrum import Site, Spectra
from toolkit.interpret.zeros.graphs.stages import has_functions, may_have_functions

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from types import TracebackType

    from torch import nn

    from toolkit.interpret.network.call_order import Spaces
    from toolkit.interpret.network.hooks import Plan, Probe
    from toolkit.interpret.network.stages import Stage


def record(
    model: nn.Module,
    spaces: Spaces | None = None,
    per_sample: bool = False,
    example: torch.Tensor | None = None,
) -> Recorder:
    """Return a context in which every pass through a model adds to its spectra.

    Parameters
    ----------
    model, spaces, example
        As in :func:`toolkit.interpret.stages_of`. Where an example is needed and none is given,
        the first input serves.
    per_sample
        Whether to keep each sample's energies as well: 8 bytes per simple, channel and site.

    Returns
    -------
    Recorder
        ``with record(model) as spectra:`` gives the :class:`Spectra` that are filled.

    Raises
    ------
    ModuleMismatchError
        If the model's order cannot be found, nothing can be recorded, or, in a pass, functions
        do not fit the modules (sets of another size, a mask).
    NotAvailable
        If a module's Fourier basis is out of reach.

    Notes
    -----
    Recording changes no outputs, gradients or random numbers of the model; the hooks are
    gone when the context ends, also after an exception. A pass that fails leaves nothing. Energies
    are taken in float64 from values in the model's own type, and summed in float64: float32
    values leave about 1e-14 of the energy in a simple that is exactly empty. The cost per site
    and sample is a product with a ``(|X|, |X|)`` matrix (up to 1024 points; a fast transform
    beyond), memory that of some samples in float64.

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
    return Recorder(model, spaces, per_sample=per_sample, example=example)


def spectra(
    model: nn.Module,
    batches: torch.Tensor | Iterable[Any],
    spaces: Spaces | None = None,
    per_sample: bool = False,
    example: torch.Tensor | None = None,
) -> Spectra:
    """Return the spectra of a model on data: :func:`record` around passes without gradients.

    Parameters
    ----------
    model, spaces, per_sample, example
        As in :func:`record`. The model runs in the mode (train or eval) that it is in.
    batches
        Inputs ``(..., |X|, channels)``, one or an iterable of them; of a tuple or list, as data
        loaders give them, the first item is the input.

    Notes
    -----
    Activations that are written as functions (``torch.relu(x)``) are measured, too: where a network
    has some, each batch is traced (:mod:`toolkit.interpret.network.tracing`).

    Examples
    --------
    >>> import torch, toolkit as tk
    >>> X = tk.group("C4").regular_module()
    >>> found = spectra(tk.nn.EquivariantMLP(X, [1, 4, 1]), torch.ones(5, 4, 1))
    >>> found["input"].shares
    {'L0': 1.0, 'L1': 0.0, 'L2': 0.0}
    """
    given = iter(inputs_of(batches))
    if may_have_functions(model, spaces):
        head = list(itertools.islice(given, 1))
        given = itertools.chain(head, given)
        first = example if example is not None or not head else part_of(head[0])
        if first is not None and has_functions(model, spaces, first):
            return traced_spectra(model, given, spaces, per_sample, first)
    with record(model, spaces, per_sample, example) as found, torch.no_grad():
        for batch in given:
            model(batch)
    return found


class Recorder:
    """Hooks on a model that fill :class:`Spectra`; see :func:`record`.

    Parameters
    ----------
    model, spaces, per_sample, example
        As in :func:`record`.
    """

    def __init__(
        self,
        model: nn.Module,
        spaces: Spaces | None = None,
        *,
        per_sample: bool = False,
        example: torch.Tensor | None = None,
    ) -> None:
        self.spectra = Spectra()
        self.per_sample = per_sample
        self._model, self._declared = model, tuple(spaces or ())
        self._watch = Hooks(model, spaces, example, self._plan)

    def __enter__(self) -> Spectra:
        self._watch.start()
        return self.spectra

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._watch.stop()

    def _plan(self, stages: Sequence[Stage]) -> Plan:
        """Return the probes of input, output, activations and declared submodules."""
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
            if stage.is_last:
                watch(after, stage, Site("", "output"))
        if not probes:
            raise ModuleMismatchError(
                "nothing to record: no layer of the model is known to act on a module; "
                'declare one, as spaces={"name of submodule": X}'
            )
        self.spectra.sites = tuple(probe.spectrum for probe in probes)
        return before, after
