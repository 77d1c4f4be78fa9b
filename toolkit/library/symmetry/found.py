"""The answer of a search for symmetry: a group, its modules, and how each was decided."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from toolkit.errors import UnknownLabelError
from toolkit.library.group import Group
from toolkit.library.symmetry.trade_off import TradeOff
from toolkit.modules.module import Module
from toolkit.text import table

How: TypeAlias = Literal["exact", "rounding", "tolerance", "chance", "fit"]
"""What decided: exact arithmetic, equality of floats up to rounding, a tolerance, a test against
chance, or a least-squares fit."""


@dataclass(frozen=True)
class Decision:
    """One thing that was decided, and how.

    Parameters
    ----------
    what
        What was decided.
    how
        ``"exact"``, ``"rounding"``, ``"tolerance"``, ``"chance"`` or ``"fit"``.
    detail
        The reason, with the numbers that matter.
    """

    what: str
    how: How
    detail: str


class LazyModules(Mapping[str, "Module"]):
    """Modules by name, each made when it is first asked for.

    Parameters
    ----------
    makers
        For each name a function that makes the module: checking that matrices obey the relations
        of a group may need GAP.

    Examples
    --------
    >>> import toolkit as tk
    >>> LazyModules({"points": tk.group("S3").natural_module})["points"].degree
    3
    """

    def __init__(self, makers: dict[str, Callable[[], Module]]) -> None:
        self._makers = makers
        self._made: dict[str, Module] = {}

    def __getitem__(self, name: str) -> Module:
        """Return a module by its name."""
        if name not in self._made:
            self._made[name] = self._makers[name]()
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        """Yield the names."""
        return iter(self._makers)

    def __len__(self) -> int:
        """Return the number of modules."""
        return len(self._makers)


@dataclass(frozen=True, eq=False)
class FoundSymmetry:
    """A group that keeps what was given, with its modules.

    Returned by :func:`toolkit.find_symmetry` for graphs, matrices, points, layers and hidden
    layers.

    Parameters
    ----------
    group
        The group; its generators are those of every module.
    modules
        The modules by name: ``"nodes"`` of a graph, ``"rows"`` of a square matrix, ``"points"``
        and ``"space"`` of points, ``"outputs"`` and ``"inputs"`` of a layer, and the like.
    decisions
        What was decided how.
    residual
        The largest difference between a number that was given and its average over the group; 0.0
        if only exact comparisons were made.
    tol
        The tolerance that was used; 0.0 if equality was exact.
    averaged
        What was given, averaged over the group, as an array of floats, if it is a matrix or points.
    trade_off
        Tolerance against the order of the group, where tolerances matter.
    facts
        Further results by name: numbers, texts and lists.

    Examples
    --------
    >>> import numpy as np, toolkit as tk
    >>> found = tk.find_symmetry(np.array([[0, 1, 1], [1, 0, 1], [1, 1, 0]]), kind="matrix")
    >>> found.order, found.is_exact, found.module
    (6, True, <3 points: module of <(1,2), (1,2,3)> of degree 3>)
    """

    group: Group
    modules: Mapping[str, Module]
    decisions: tuple[Decision, ...]
    residual: float
    tol: float = 0.0
    averaged: Any = None
    trade_off: TradeOff | None = None
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def module(self) -> Module:
        """The first module, for a layer on what was given."""
        return self.modules[next(iter(self.modules))]

    @property
    def order(self) -> int:
        """The order of the group."""
        return self.group.order

    @property
    def is_exact(self) -> bool:
        """Whether exact comparisons alone decided: integers, fractions, names."""
        return all(one.how == "exact" for one in self.decisions)

    def __getitem__(self, name: str) -> Module:
        """Return a module by its name.

        Raises
        ------
        UnknownLabelError
            If there is no module of this name.
        """
        if name not in self.modules:
            raise UnknownLabelError(
                f"this symmetry has the modules {', '.join(self.modules)}, not {name!r:.40}"
            )
        return self.modules[name]

    def __repr__(self) -> str:
        return f"<symmetry: {self.group!r} on {', '.join(self.modules)}>"

    def __str__(self) -> str:
        lines = [f"group  {self.group.title}, order {self.group.order}"]
        for name, module in self.modules.items():
            lines.append(f"module of {name}  {module.name}, degree {module.degree}")
        lines.append("")
        rows = [("decided", "by", "reason")]
        rows.extend((one.what, one.how, one.detail) for one in self.decisions)
        lines.extend(table(rows, rule=True))
        lines.append("")
        lines.append(f"largest difference left after averaging  {self.residual:.3g}")
        if self.trade_off is not None:
            lines.extend(["", str(self.trade_off)])
        return "\n".join(lines)

    def to_json(self) -> dict[str, Any]:
        """Return the report as JSON: the group's generators, decisions, numbers and trade-off."""
        images = {
            name: module.images.tolist() if module.has_points else module.matrices.tolist()
            for name, module in self.modules.items()
        }
        return {
            "schema": "plrep-symmetry/1",
            "group": self.group.name,
            "order": str(self.group.order),
            "modules": images,
            "decisions": [
                {"what": one.what, "how": one.how, "detail": one.detail} for one in self.decisions
            ],
            "residual": self.residual,
            "tol": self.tol,
            "exact": self.is_exact,
            "trade_off": None if self.trade_off is None else self.trade_off.to_json(),
            "facts": self.facts,
        }
