r"""Keep the low frequencies of a network, and measure exactly what that costs on a data set.

The part that is kept is a set of simples: those of G/N for a normal subgroup N, or any other, best
a closed one. The low-pass network projects its input to that part. By closure all its functions
then stay in few simples (:func:`~toolkit.interpret.zero_components`), and it is trimmed exactly:
for a normal subgroup N every function lives on the orbits of N.

**What is lost and what is mixed.** At each stage let v be the network's function, w the low-pass
network's, and P the projection to the simples that can be present there in the low-pass network.
Then

.. math:: |v - w|^2 = |v - P v|^2 + |P v - w|^2 .

The first term is *lost*: high frequencies that are there in v. The second is *mixed*: what the
high frequencies, through the activations, have sent into the low ones; information runs from low
frequency to high and not back, but a high-frequency part of an input does change the low-frequency
part of the output. "A low-frequency target needs only the low-frequency part" holds for a network
and its data as far as the mixed part is small, and where the inputs have one part only it is 0.

In a network that is no chain the same is done with every tensor that is functions on a module, and
each input is projected to its own part.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

import torch

from toolkit.deprecation import deprecated
from toolkit.errors import ModuleMismatchError, NotAvailable
from toolkit.groups.subgroups import NormalSubgroup
from toolkit.interpret.network.energies import SimpleParts
from toolkit.interpret.network.hooks import inputs_of
from toolkit.interpret.network.state import state_kept
from toolkit.interpret.network.trimmed import Trimmed
from toolkit.interpret.trimming.errors import ErrorMeter, StageError, projected
from toolkit.interpret.trimming.graph_errors import errors_in_graph
from toolkit.interpret.trimming.graphs.network import trimmed_graph
from toolkit.interpret.trimming.trim import trimmed_chain
from toolkit.interpret.zeros.graphs.network import supports_in_graph
from toolkit.interpret.zeros.propagate import chain_of
from toolkit.interpret.zeros.report import ZeroComponents, zeros_of_chain, zeros_of_graph
from toolkit.interpret.zeros.sources import set_of_labels
from toolkit.interpret.zeros.support import united
from toolkit.library.change_of_group import group_of_module
from toolkit.text import table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from torch import nn

    from toolkit.interpret.network.call_order import Spaces
    from toolkit.interpret.network.given import Example
    from toolkit.interpret.network.stages import Stage
    from toolkit.interpret.trimming.weights import Form
    from toolkit.interpret.zeros.graphs.network import Modules
    from toolkit.modules.module import Module

#: A normal subgroup, its label, or labels of simples.
Keep: TypeAlias = "NormalSubgroup | str | Iterable[str]"
#: Inputs ``(..., |X|, channels)``, or batches of them, as in :func:`toolkit.interpret.spectra`.
Data: TypeAlias = "torch.Tensor | Iterable[Any]"


@dataclass(frozen=True, eq=False)
class LowPass:
    """A low-pass network and its error on a data set.

    Parameters
    ----------
    model
        The low-pass network, a trimmed one that projects its input.
    keep
        Labels of the simples that are kept of the input.
    zero_components
        What can be present in it, stage by stage, and what is exactly 0.
    stages
        Errors at the input and after every stage on a module, then at the output. Of a network
        that is no chain at every tensor on a module, in the order of a run, then at each output.
    keeps
        Per input the labels that are kept; none if there is one input.
    unmeasured
        Tensors on modules at which no error is measured, with the reason.
    """

    model: Trimmed = field(repr=False)
    keep: tuple[str, ...]
    zero_components: ZeroComponents = field(repr=False)
    stages: tuple[StageError, ...] = field(repr=False)
    keeps: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    unmeasured: tuple[tuple[str, str], ...] = ()

    @property
    @deprecated("LowPass.cannot is now LowPass.zero_components")
    def cannot(self) -> ZeroComponents:
        """The old name of ``zero_components``."""
        return self.zero_components

    @property
    def output(self) -> StageError:
        """The error at the output, the last one if there are several."""
        return self.stages[-1]

    @property
    def is_closed(self) -> bool:
        """Whether no stage has simples that were not kept of the inputs, as far as is known."""
        return all(
            not stage.is_unknown and set(stage.possible) <= set(self.keep)
            for stage in self.zero_components
        )

    def to_table(self) -> str:
        """Return a table as text: per stage the relative error and its two parts."""
        head = ("stage", "relative", "lost", "mixed", "median", "largest")
        rows: list[tuple[str, ...]] = [head]
        for s in self.stages:
            q = s.quantiles((0.5, 1.0))
            shares = ["-" if x is None else f"{x:.3g}" for x in (s.lost_share, s.mixed_share)]
            rows.append((s.name, f"{s.relative:.3g}", *shares, *(f"{x:.3g}" for x in q.values())))
        lines = table(rows)
        lines += [f"not measured: {name}: {why}" for name, why in self.unmeasured]
        return "\n".join(lines)


def lowpass(
    model: nn.Module,
    keep: Keep | Mapping[str, Keep],
    data: Data,
    *,
    form: Form = "auto",
    spaces: Spaces | None = None,
    example: Example | None = None,
    modules: Modules | None = None,
    equivariant: Iterable[str] = (),
) -> LowPass:
    """Return a network that keeps some of the frequencies, and its error on a data set.

    Parameters
    ----------
    model
        As for :func:`~toolkit.interpret.trim`.
    keep
        A normal subgroup N or its label (``"N2"``, as in ``G.normal_subgroups()``): the simples
        with N in their kernel are kept. Or the labels of simples of the input's module. For several
        inputs, a mapping from their names to one of these.
    data
        Inputs ``(..., |X|, channels)``, or batches of them. If a batch is a tuple or list, as from
        a data loader, its first item is the input. For several inputs, a tuple or a mapping, or
        batches of these.
    form, spaces, example, modules, equivariant
        As for :func:`~toolkit.interpret.trim`.

    Returns
    -------
    LowPass
        ``.model``, ``.output.relative``, ``.output.quantiles()``, ``.stages``, ``.to_table()``.

    Raises
    ------
    ModuleMismatchError
        If there is no such normal subgroup or simple, if there are no data, or if data are not
        finite.
    NotAvailable
        As for :func:`~toolkit.interpret.trim`; or if the group's character table is out of reach.

    Notes
    -----
    Errors come from evaluating both networks on the data, with sums in float64. On inputs that lie
    in the kept simples the two networks are equal. Both run in the model's current mode (train or
    eval); buffers that norms change in training are restored. Memory is a few numbers for each
    sample and stage. A network that is not a chain runs once more on each batch, call by call, and
    all of its tensors are kept.

    Examples
    --------
    On inputs of low frequency nothing is lost. On other inputs, the activations mix high
    frequencies into the low ones:

    >>> import torch, toolkit as tk
    >>> X = tk.group("C8").regular_module()
    >>> torch.manual_seed(0)  # doctest: +ELLIPSIS
    <torch...>
    >>> net = tk.nn.EquivariantMLP(X, [1, 16, 1], "relu").double()
    >>> x = torch.randn(64, 4, 1, dtype=torch.float64).repeat(1, 2, 1)  # of period 4
    >>> low = lowpass(net, "N1", x)  # N1 has order 2
    >>> low.keep, low.output.relative < 1e-14
    (('L0', 'L1', 'L2'), True)
    >>> high = lowpass(net, "N1", torch.randn(64, 8, 1, dtype=torch.float64))
    >>> 0.01 < high.output.mixed_share < 1
    True
    """
    with state_kept(model):
        names = (equivariant,) if isinstance(equivariant, str) else tuple(equivariant)
        is_plain = modules is None and not isinstance(keep, Mapping) and not names
        if is_plain and (example is None or isinstance(example, torch.Tensor)):
            try:
                stages = chain_of(model, spaces, example)
                labels = kept_labels(_start(stages), keep)
                small = trimmed_chain(model, labels, None, form, "project", spaces, example)
            except NotAvailable:
                if isinstance(model, Trimmed):
                    raise
            else:
                found = zeros_of_chain(model, labels, None, spaces, example)
                return _of_chain(model, stages, labels, small, found, data)
        followed = supports_in_graph(
            model,
            keep,  # type: ignore[arg-type] # read by kept_labels
            None,
            spaces=spaces,
            example=example,
            modules=modules,
            equivariant=names,
            labels_of=lambda X, own, _: (kept_labels(X, own), None),
        )
        trimmed = trimmed_graph(model, followed, form, projects=True)
        errors = errors_in_graph(model, followed, trimmed, data)
        keeps = {
            name: labels or () for name, (X, labels) in followed.starts.items() if X is not None
        }
        return LowPass(
            trimmed,
            united(keeps.values()),
            zeros_of_graph(model, followed),
            errors.stages,
            keeps if len(followed.starts) > 1 else {},
            errors.unmeasured,
        )


def _start(stages: tuple[Stage, ...]) -> Module:
    X = stages[0].X
    assert X is not None
    return X


def _of_chain(
    model: nn.Module,
    stages: tuple[Stage, ...],
    labels: tuple[str, ...],
    small: Trimmed,
    found: ZeroComponents,
    data: Data,
) -> LowPass:
    """Return the low-pass network of a chain of stages, with its errors on a data set."""
    X = _start(stages)
    meters = [ErrorMeter(stage.key, stage.module, stage.possible) for stage in found]
    output = ErrorMeter("output", stages[-1].Y, found[-1].possible)
    if len(found) <= len(stages):  # the last stages are on no module
        output = ErrorMeter("output", None, ())
    parts = SimpleParts(X)
    with torch.no_grad(), state_kept(small, parameters=False):
        for batch in inputs_of(data):
            if batch.dim() < 2 or batch.shape[-2] != X.degree:
                raise ModuleMismatchError(
                    f"data must have shape (..., {X.degree}, channels), found {tuple(batch.shape)}"
                )
            if not bool(torch.isfinite(batch).all()):
                raise ModuleMismatchError("data must be finite, found an infinite value or a NaN")
            x = batch.reshape(-1, *batch.shape[-2:])
            low = projected(parts, labels, x)
            full, _ = _watched(model, stages, x)
            lower, _ = _watched(model, stages, low)
            for meter, v, w in zip(meters, [x, *full], [low, *lower], strict=False):
                meter.add(v, w)
            output.add(full[-1], small(x))
    if not output.samples:
        raise ModuleMismatchError("data must hold at least one input, found none")
    return LowPass(small, labels, found, (*(m.result() for m in meters), output.result()))


def kept_labels(X: Module, keep: Keep) -> tuple[str, ...]:
    """Return the labels of the simples of a module that are kept, in canonical order.

    Parameters
    ----------
    X
        The module.
    keep
        As for :func:`lowpass`.

    Examples
    --------
    >>> import toolkit as tk
    >>> kept_labels(tk.group("S4").regular_module(), "N2")  # the alternating group
    ('L0', 'L1')
    """
    known = tuple(X.multiplicities)
    if isinstance(keep, NormalSubgroup) or (isinstance(keep, str) and keep.startswith("N")):
        group = group_of_module(X)
        lattice = group.normal_subgroups(generators=False)
        if isinstance(keep, NormalSubgroup) and keep.group != group.name:
            raise ModuleMismatchError(
                f"a normal subgroup of {group.name} is required, found one of {keep.group}"
            )
        label = keep if isinstance(keep, str) else keep.label
        found = {n.label: n for n in lattice.subgroups}
        if label not in found:
            raise ModuleMismatchError(
                f"{group.name} has the normal subgroups {', '.join(found)}, not {label!r}"
            )
        classes = set(found[label].classes)
        simples = group.character_table.simples
        return tuple(s.label for s in simples if s.label in known and classes <= set(s.kernel))
    wanted = set_of_labels(keep)
    for label in sorted(wanted, key=str):
        if label not in known:
            raise ModuleMismatchError(
                f"the simples in {X.name} of {X.group_title} are {', '.join(known)}, not {label!r}"
            )
    return tuple(label for label in known if label in wanted)


def _watched(
    model: nn.Module, stages: tuple[Stage, ...], x: torch.Tensor
) -> tuple[list[torch.Tensor], torch.Tensor]:
    """Return the outputs of all stages, in their order, and of the model."""
    found: list[torch.Tensor] = []

    def note(module: nn.Module, args: Any, y: torch.Tensor) -> None:  # noqa: ANN401 - torch's own
        found.append(y.detach())

    handles = [m.register_forward_hook(note) for m in dict.fromkeys(s.module for s in stages)]
    try:
        y = model(x)
    finally:
        for handle in handles:
            handle.remove()
    if len(found) != len(stages):
        raise NotAvailable(
            type(model).__name__,
            "the functions at its stages",
            f"there are {len(stages)} stages, and {len(found)} calls were recorded",
        )
    return found, y
