"""What an audit found: the report, its table and JSON."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from torch import nn

from toolkit.files import write_whole
from toolkit.interpret.auditing.projection import LayerProjection
from toolkit.text import percentage, table

SCHEMA = 2


@dataclass(frozen=True)
class Breach:
    """How far one map is from commuting with the generators of a group, on some inputs.

    Parameters
    ----------
    per_generator
        Per generator g the root mean square of ``f(g x) - g f(x)`` over that of ``f(x)``.
    simples
        Per simple of the output its share of the squared difference, all generators together;
        empty for an invariant output, and where there is no difference.
    samples
        Number of inputs.
    """

    per_generator: tuple[float, ...]
    simples: dict[str, float]
    samples: int

    @property
    def error(self) -> float:
        """The largest of ``per_generator``; 0 for a group without generators."""
        return max(self.per_generator, default=0.0)

    @property
    def generator(self) -> int | None:
        """The 0-based number of the worst generator; ``None`` if there is no difference."""
        return self.per_generator.index(self.error) if self.error > 0 else None

    @property
    def simple(self) -> str | None:
        """The simple with the largest share of the difference."""
        return max(self.simples, key=lambda label: self.simples[label], default=None)

    def state(self) -> dict[str, Any]:
        """Return everything, the worst generator and simple too, as JSON data."""
        return {
            **asdict(self),
            "error": self.error,
            "generator": self.generator,
            "simple": self.simple,
        }


@dataclass(frozen=True)
class CallAudit:
    """One call of a submodule.

    Parameters
    ----------
    name, number, kind
        The submodule's name, which of its calls (from 0), and its class.
    source, target
        Names of the modules of input and output, ``"invariant"``, or ``None`` if unknown.
    own
        How far the submodule itself is from equivariant, on what reaches it; ``None`` if unknown.
    up_to_here
        How far the network is from it up to here; ``None`` if unknown.
    """

    name: str
    number: int
    kind: str
    source: str | None
    target: str | None
    own: Breach | None
    up_to_here: Breach | None

    def state(self) -> dict[str, Any]:
        """Return everything as JSON data."""
        return {**asdict(self), "own": _state(self.own), "up_to_here": _state(self.up_to_here)}


@dataclass(frozen=True)
class Effect:
    """What a symmetric version of the model would change on the data.

    Parameters
    ----------
    change
        Root mean square of the change of the output, over that of the output.
    breach
        How far that version is from equivariant.
    loss
        The loss on the data afterwards; ``None`` without targets.
    """

    change: float
    breach: Breach
    loss: float | None

    @property
    def error(self) -> float:
        """The largest relative error over the generators, afterwards."""
        return self.breach.error

    def state(self) -> dict[str, Any]:
        """Return everything as JSON data."""
        return {**asdict(self), "breach": self.breach.state(), "error": self.error}


@dataclass(frozen=True, eq=False)
class AuditReport:
    """The result of an audit, from :func:`toolkit.interpret.audit`.

    Parameters
    ----------
    group
        The group.
    tolerance
        The largest relative error that counts as rounding.
    on_noise, on_data
        How far the model is from equivariant on Gaussian inputs, and on the data, if given.
    calls
        The calls of submodules, in order.
    loss
        The loss on the data; ``None`` without targets.
    averaged
        The change that averaging over the group, ``mean of g^-1 f(g x)``, would make; ``None`` for
        a large group, or without inputs to measure on.
    projections
        The linear layers, each with the nearest equivariant layer.
    projected
        The change that equivariant weights would make; ``None`` if no layer could be projected.
    projected_model
        The model with equivariant weights: a copy in float64 whose other layers are unchanged.
    notes
        What could not be traced or measured, and why.

    Examples
    --------
    >>> import torch, toolkit as tk
    >>> G = tk.group("C4")
    >>> X = G.regular_module()
    >>> report = tk.interpret.audit(tk.nn.EquivariantLinear(X, X, 1, 1), G, X)
    >>> report.is_equivariant, report.first_break, report.state()["group"]
    (True, None, 'C4')
    """

    group: str
    tolerance: float
    on_noise: Breach
    on_data: Breach | None
    calls: tuple[CallAudit, ...]
    loss: float | None
    averaged: Effect | None
    projections: tuple[LayerProjection, ...]
    projected: Effect | None
    projected_model: nn.Module | None
    notes: tuple[str, ...]

    @property
    def is_equivariant(self) -> bool:
        """Whether no error was above the tolerance: measured on inputs, not proved."""
        found = [self.on_noise, *([self.on_data] if self.on_data else [])]
        return all(b.error <= self.tolerance for b in found)

    @property
    def first_break(self) -> CallAudit | None:
        """The first call that is itself known not to be equivariant; ``None`` if there is none."""
        broken = (c for c in self.calls if c.own is not None and c.own.error > self.tolerance)
        return next(broken, None)

    @property
    def unknown_before(self) -> tuple[str, ...]:
        """The calls before :attr:`first_break` (or all calls) whose equivariance is unknown."""
        first = self.first_break
        before = self.calls if first is None else self.calls[: self.calls.index(first)]
        return tuple(c.name for c in before if c.own is None)

    def state(self, *, weights: bool = False) -> dict[str, Any]:
        """Return the whole report as JSON data, with ``None`` for numbers that are not finite.

        Parameters
        ----------
        weights
            Whether to include the weights of the projected layers under ``"projected_weights"``:
            for each layer ``"weight"``, and ``"bias"`` if it has one, as nested lists. The other
            weights of :attr:`projected_model` are those of the model.
        """
        found: dict[str, Any] = _finite(self._state())
        if weights:
            found["projected_weights"] = _finite(self._weights())
        return found

    def to_json(self, *, weights: bool = True) -> str:
        """Return :meth:`state` as a JSON text."""
        return json.dumps(self.state(weights=weights), separators=(",", ":"), allow_nan=False)

    def save(self, path: str | Path, *, weights: bool = True) -> None:
        """Write :meth:`state` into a JSON file."""
        write_whole(Path(path), self.to_json(weights=weights))

    def _state(self) -> dict[str, Any]:
        return {
            "schema": SCHEMA,
            "group": self.group,
            "tolerance": self.tolerance,
            "is_equivariant": self.is_equivariant,
            "on_noise": self.on_noise.state(),
            "on_data": _state(self.on_data),
            "calls": [call.state() for call in self.calls],
            "first_break": self.first_break.name if self.first_break else None,
            "first_break_call": self.calls.index(self.first_break) if self.first_break else None,
            "unknown_before": list(self.unknown_before),
            "loss": self.loss,
            "averaged": _state(self.averaged),
            "projections": [asdict(p) for p in self.projections],
            "projected": _state(self.projected),
            "notes": list(self.notes),
        }

    def _weights(self) -> dict[str, Any]:
        if self.projected_model is None:
            return {}
        layers = {p.name: self.projected_model.get_submodule(p.name) for p in self.projections}
        return {
            name: {part: value.detach().tolist() for part, value in layer.named_parameters()}
            for name, layer in layers.items()
        }

    def to_table(self) -> str:
        """Return a table as text: the verdict, each call, and the effect of a projection."""
        words = "equivariant to rounding on all inputs tried" if self.is_equivariant else (
            "not equivariant"
        )  # fmt: skip
        text = [f"Under {self.group} the model is {words} (tolerance {self.tolerance:g})", ""]
        lines = [["inputs", "samples", "error", "generator", "simple", "its share"]]
        for name, breach in (("noise", self.on_noise), ("data", self.on_data)):
            if breach is not None:
                lines.append([name, str(breach.samples), *_cells(breach)])
        text += table(lines, right=(1, 2, 3, 5), rule=True)
        first = self.first_break
        if first is not None:
            text += ["", f"First break: {first.name or 'the model'} ({first.kind})"]
        if self.unknown_before:
            names = [name or "the model" for name in self.unknown_before]
            text.append(f"Not known: {', '.join(names)}")
        if self.calls:
            lines = [["call", "kind", "from", "to", "own error", "error up to here"]]
            for c in self.calls:
                name = (c.name or "the model") + (f"#{c.number + 1}" if c.number else "")
                errors = ["?" if b is None else f"{b.error:.2g}" for b in (c.own, c.up_to_here)]
                lines.append([name, c.kind, c.source or "?", c.target or "?", *errors])
            text += ["", *table(lines, right=(4, 5), rule=True)]
        if self.projections:
            lines = [["layer", "equivariant share", "by chance", "of the bias"]]
            lines += [
                [p.name, percentage(p.share), percentage(p.expected),
                 "-" if p.bias_share is None else percentage(p.bias_share)]
                for p in self.projections
            ]  # fmt: skip
            text += ["", *table(lines, right=(1, 2, 3), rule=True)]
        effects = [("as it is", None), ("averaged", self.averaged), ("projected", self.projected)]
        if any(e is not None for _, e in effects):
            lines = [["model", "change of output", "error", "loss"]]
            for name, e in effects:
                if e is not None:
                    lines.append([name, f"{e.change:.3g}", f"{e.error:.2g}", _number(e.loss)])
                elif name == "as it is":
                    breach = self.on_data or self.on_noise
                    lines.append([name, "0", f"{breach.error:.2g}", _number(self.loss)])
            text += ["", *table(lines, right=(1, 2, 3), rule=True)]
        return "\n".join([*text, *(f"Note: {note}" for note in self.notes)])

    def __str__(self) -> str:
        return self.to_table()


def _state(part: Breach | Effect | None) -> dict[str, Any] | None:
    return None if part is None else part.state()


def _finite(data: Any) -> Any:  # noqa: ANN401 - JSON data
    if isinstance(data, dict):
        return {key: _finite(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_finite(value) for value in data]
    return None if isinstance(data, float) and not math.isfinite(data) else data


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4g}"


def _cells(breach: Breach) -> list[str]:
    share = "-" if breach.simple is None else percentage(breach.simples[breach.simple])
    worst = "-" if breach.generator is None else str(breach.generator)
    return [f"{breach.error:.3g}", worst, breach.simple or "-", share]
