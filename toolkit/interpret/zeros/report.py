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

**Soundness.** What is not listed is exactly 0, for all inputs in the sources and whatever the
remaining weights. **Exactness.** What is listed after linear layers and activations with known
parts occurs for generic weights; see :func:`toolkit.pl.interactions.closure.reachable`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import torch
from torch import nn

from toolkit.errors import ModuleMismatchError
from toolkit.interpret.network.energies import SimpleParts
from toolkit.interpret.network.stages import Stage
from toolkit.interpret.zeros.joins import followed
from toolkit.interpret.zeros.propagate import chain_of
from toolkit.interpret.zeros.support import Support, supports_on, united
from toolkit.modules.module import Module
from toolkit.text import listed, table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from toolkit.interpret.network.call_order import Spaces

#: Labels of simples, or inputs ``(..., |X|, channels)`` in which the simples are measured.
Sources: TypeAlias = "Iterable[str] | torch.Tensor | NDArray[np.floating]"


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
        The input, then every stage up to the first whose output is not on a module.
    unknown_from
        The name of the stage from which on nothing is known, because it is no layer that can be
        followed; ``None`` if all were followed, up to invariants.
    """

    sources: tuple[str, ...]
    tolerance: float | None
    stages: tuple[StageSupport, ...]
    unknown_from: str | None = None

    def __iter__(self) -> Iterator[StageSupport]:
        return iter(self.stages)

    def __len__(self) -> int:
        return len(self.stages)

    def __getitem__(self, key: int | str) -> StageSupport:
        """Return a stage by its number (the input is 0) or its name."""
        if isinstance(key, int):
            return self.stages[key]
        for stage in self.stages:
            if stage.key == key:
                return stage
        raise KeyError(f"there are the stages {[stage.key for stage in self.stages]}, not {key!r}")

    @property
    def zero(self) -> dict[str, tuple[str, ...]]:
        """Per stage the labels of the simples that are exactly 0 in its output."""
        return {stage.key: stage.impossible for stage in self.stages}

    def to_table(self) -> str:
        """Return a table of the stages as text."""
        rows = [("stage", "kind", "possible", "exactly zero")]
        rows += [
            (
                r.key or "model",
                "input" if r.stage is None else r.stage.kind,
                " ".join(r.possible) or "-",
                " ".join(r.impossible) or "-",
            )
            for r in self.stages
        ]
        lines = table(rows)
        if self.unknown_from is not None:
            lines.append(f"unknown from {self.unknown_from or 'model'!r} on")
        return "\n".join(lines)


def zero_components(
    model: nn.Module,
    sources: Sources,
    tolerance: float | None = None,
    *,
    spaces: Spaces | None = None,
    example: torch.Tensor | None = None,
) -> ZeroComponents:
    """Return which simples can be present at every stage of a network, the others being 0.

    Parameters
    ----------
    model
        A network whose stages follow one another (:func:`~toolkit.interpret.stages_of`).
    sources
        Labels of the simples in the input; or inputs ``(..., |X|, channels)``, in which the
        simples are measured.
    tolerance
        For measured sources: simples with a share of the energy of at most this count as absent.
        Default: ``(1000 eps)^2`` of the inputs' type, 1.4e-8 for float32, 4.9e-26 for float64.
    spaces, example
        As for :func:`~toolkit.interpret.stages_of`.

    Returns
    -------
    ZeroComponents
        Iterate over it, ask ``.zero`` or print ``.to_table()``.

    Raises
    ------
    ModuleMismatchError
        If a label does not occur in the input's module, inputs have the wrong shape or are not
        finite, or dropout is switched on.
    NotAvailable
        If the network is not a chain of known stages.

    Notes
    -----
    Exact: integers decide. What is not listed as possible is 0 in exact arithmetic, and of the
    size of rounding errors in floating point. Measured sources are as good as their tolerance.

    Biases count with the values that they have now: those of a fresh layer are 0 and add nothing,
    those of a trained one add the trivial simple. Ask again after training.

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
    """
    stages = chain_of(model, spaces, example, joined=True)
    X = stages[0].X
    assert X is not None  # checked by chain_of
    labels, used = read_sources(X, sources, tolerance)
    now = supports_on(X, labels)
    out = [StageSupport(None, X, now, now)]
    steps, unknown_from = followed(stages, now, spaces or {})
    out += [StageSupport(step.stage, step.module, step.before, step.after) for step in steps]
    return ZeroComponents(labels, used, tuple(out), unknown_from)


def read_sources(
    X: Module, sources: Sources, tolerance: float | None
) -> tuple[tuple[str, ...], float | None]:
    """Return the labels of the sources in canonical order, and the tolerance that was used."""
    known = united(support.labels for support in supports_on(X))
    if isinstance(sources, torch.Tensor | np.ndarray):
        return _measured(X, torch.as_tensor(sources), tolerance)
    if tolerance is not None:
        raise ModuleMismatchError(
            "a tolerance is for sources that are measured: give inputs, or labels without it"
        )
    wanted = set_of_labels(sources)
    for label in sorted(wanted, key=str):
        if label not in known:
            shown = listed(known, 40)
            raise ModuleMismatchError(
                f"{X.name} of {X.group_title} contains {shown}, not {label!r}"
            )
    return tuple(label for label in known if label in wanted), None


def set_of_labels(given: Any) -> set[Any]:  # noqa: ANN401 - checked here
    """Return a label, or labels, as a set; their types are not checked.

    Raises
    ------
    ModuleMismatchError
        If ``given`` is neither.

    Examples
    --------
    >>> set_of_labels("L2")
    {'L2'}
    """
    if isinstance(given, str):
        return {given}
    try:
        return set(given)
    except TypeError:
        raise ModuleMismatchError(
            f"simples are given by their labels, such as ['L0', 'L2'], not {given!r:.60}"
        ) from None


def _measured(
    X: Module, inputs: torch.Tensor, tolerance: float | None
) -> tuple[tuple[str, ...], float]:
    if not inputs.is_floating_point() or inputs.dim() < 2 or inputs.shape[-2] != X.degree:
        raise ModuleMismatchError(
            f"inputs in which simples are measured have shape (..., {X.degree}, channels) and a "
            f"float type, found {tuple(inputs.shape)} of {inputs.dtype}"
        )
    if tolerance is not None and not 0 <= tolerance < 1:
        raise ModuleMismatchError(f"a tolerance is a share from 0 to 1, not {tolerance!r}")
    if not inputs.numel() or not bool(torch.isfinite(inputs).all()):
        raise ModuleMismatchError(
            "simples are measured in inputs that are finite numbers, found "
            + ("none" if not inputs.numel() else "an infinite one or a NaN")
        )
    if tolerance is None:
        tolerance = (1000 * torch.finfo(inputs.dtype).eps) ** 2
    parts = SimpleParts(X)
    energies = parts.energies(inputs).sum((0, 2)).tolist()
    least = tolerance * sum(energies)
    found = zip(parts.labels, energies, strict=True)
    return tuple(label for label, energy in found if energy > least), tolerance
