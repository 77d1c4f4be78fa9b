"""What a network on a group task loses when a simple is taken out of its weights."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from toolkit.errors import ModuleMismatchError
from toolkit.interpret.tasks.sites import (
    host_array,
    names_of_sites,
    rows_of_sites,
)
from toolkit.library.fourier import fourier_basis
from toolkit.library.statistics.arrays import constant
from toolkit.library.symmetry.numbers_given import whole_number
from toolkit.text import percentage, table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    from toolkit.library.group import Group
    from toolkit.modules.fourier.adapted import AdaptedBasis
    from toolkit.modules.gsets.actions import IntArray
    from toolkit.modules.permutation_module import PermutationModule


@dataclass(frozen=True)
class Ablation:
    """One simple taken out of the tables of some sites.

    Parameters
    ----------
    simple
        The simple.
    dimensions
        Per site the dimension of what was taken out, the isotypic part in the site's module.
    removed
        Share of the energy of all these tables that was taken out.
    loss, increase
        The loss without it, and by how much that is more than before.
    control_removed
        Share of the energy that random projections of the same dimensions take out, on the average.
    control_increases
        By how much the loss rises for each of them.
    """

    simple: str
    dimensions: dict[str, int]
    removed: float
    loss: float
    increase: float
    control_removed: float | None
    control_increases: tuple[float, ...]

    @property
    def control_mean(self) -> float | None:
        """The mean of the controls' increases."""
        return float(np.mean(self.control_increases)) if self.control_increases else None


@dataclass(frozen=True)
class AblationReport:
    """The loss due to the removal of each simple, from :func:`ablate_simples`.

    Parameters
    ----------
    group
        The group.
    sites
        The sites from which simples were removed.
    loss
        The loss before any removal.
    ablations
        One result for each simple, in canonical order.
    seed
        The seed of the controls' random numbers.

    Examples
    --------
    >>> import numpy as np, toolkit as tk
    >>> G = tk.group("C3")
    >>> report = tk.interpret.ablate_simples(
    ...     G, {"left": np.eye(3)}, lambda t: float(np.sum(t["left"] ** 2)), controls=0
    ... )
    >>> report.loss, round(report["L1"].increase, 9)
    (3.0, -2.0)
    """

    group: str
    sites: tuple[str, ...]
    loss: float
    ablations: tuple[Ablation, ...]
    seed: int

    def __getitem__(self, simple: str) -> Ablation:
        for one in self.ablations:
            if one.simple == simple:
                return one
        raise KeyError(
            f"there is no ablation of {simple!r}; there are {[a.simple for a in self.ablations]}"
        )

    def rows(self) -> list[dict[str, Any]]:
        """Return a row for each simple."""
        return [{**asdict(a), "control_mean": a.control_mean} for a in self.ablations]

    def state(self) -> dict[str, Any]:
        """Return everything as JSON data."""
        return asdict(self)

    def to_table(self) -> str:
        """Return a table as text, with a line for each simple."""
        head = ["simple", "dimension", "energy", "loss", "increase", "control energy",
                "control increase (least to most)"]  # fmt: skip
        lines = [head]
        for a in self.ablations:
            sizes = "/".join(dict.fromkeys(map(str, a.dimensions.values())))
            controls = "-"
            if a.control_increases:
                least, most = min(a.control_increases), max(a.control_increases)
                controls = f"{a.control_mean:.4g} ({least:.4g} to {most:.4g})"
            taken = "-" if a.control_removed is None else percentage(a.control_removed)
            lines.append(
                [
                    a.simple,
                    sizes,
                    percentage(a.removed),
                    f"{a.loss:.4g}",
                    f"{a.increase:.4g}",
                    taken,
                    controls,
                ]
            )
        text = [f"Simples removed from {', '.join(self.sites)}; the loss before is {self.loss:.4g}"]
        return "\n".join(text + table(lines, right=range(1, 7), rule=True))

    def __str__(self) -> str:
        return self.to_table()


def ablate_simples(
    G: Group,
    embeddings: Mapping[str, Any],
    loss: Callable[[dict[str, Any]], float],
    *,
    sites: Sequence[str] | None = None,
    table: ArrayLike | None = None,
    elements: ArrayLike | None = None,
    modules: Mapping[str, PermutationModule] | None = None,
    controls: int = 5,
    seed: int = 0,
) -> AblationReport:
    """Return how much the loss rises when a simple is removed from tables of weights.

    Parameters
    ----------
    G, embeddings, table, elements, modules
        As for :func:`toolkit.interpret.group_task_report`.
    loss
        A function that returns the loss. It is called with all tables, as arrays or tensors like
        those given, some of them changed. :func:`toolkit.interpret.product_loss` makes one for a
        network with one hidden layer.
    sites
        The sites from which each simple is removed, all at the same time; ``None`` for all sites.
    controls
        How many random subspaces of the same dimensions are removed for comparison.
    seed
        The seed of their random numbers.

    Returns
    -------
    AblationReport
        For each simple the share of the energy that is removed with it, the rise of the loss, and
        the rise for the controls. A simple with much energy is compared with random subspaces that
        contain less: the shares of both are reported.

    Raises
    ------
    ModuleMismatchError
        If a table has the wrong shape, a site is unknown, or the loss is not a finite number.

    Notes
    -----
    The loss is evaluated once at the start and (1 + controls) times for each simple. Projecting the
    rows of an embedding is the same as projecting the functions of all neurons that read it.
    Nothing is retrained: a rise of the loss shows that the network as it is uses the simple, not
    that the task requires it.

    Examples
    --------
    >>> import numpy as np, toolkit as tk
    >>> G = tk.group("C3")
    >>> tables = {"left": np.eye(3)}
    >>> found = ablate_simples(G, tables, lambda t: float(np.sum(t["left"] ** 2)), controls=0)
    >>> [(a.simple, round(a.increase, 9)) for a in found.ablations]
    [('L0', -1.0), ('L1', -2.0)]
    """
    names = names_of_sites(embeddings)
    order = rows_of_sites(G, names, table=table, elements=elements, modules=modules)
    chosen = names if sites is None else tuple(sites)
    if not chosen or set(chosen) - set(names):
        raise ModuleMismatchError(
            f"sites= must be among {', '.join(names) or 'no sites'}, found {', '.join(chosen)}"
        )
    basis = fourier_basis(G.regular_module())
    tables = {name: host_array(embeddings[name], f"the table {name!r}") for name in chosen}
    rows = {name: order.of(name)[1] for name in chosen}
    for name in chosen:
        if len(tables[name]) != int(rows[name].max()) + 1:
            raise ModuleMismatchError(
                f"the table {name!r} must have {int(rows[name].max()) + 1} rows, found "
                f"{len(tables[name])}"
            )
    whole = sum(float(np.square(t).sum()) for t in tables.values()) or 1.0
    controls, seed = whole_number(controls, "controls="), whole_number(seed, "seed=")
    rng = np.random.default_rng(seed)

    def with_removed(parts: dict[str, NDArray[np.float64]]) -> tuple[float, float]:
        changed = dict(embeddings)
        for name, part in parts.items():
            changed[name] = _like(tables[name] - part, embeddings[name])
        return _loss(loss, changed), sum(float(np.square(p).sum()) for p in parts.values()) / whole

    before = _loss(loss, dict(embeddings))
    out = []
    for i, s in enumerate(basis.simples):
        parts = {name: _component(basis, i, rows[name], tables[name]) for name in chosen}
        dimensions = {name: _dimension(basis, i, rows[name]) for name in chosen}
        after, removed = with_removed(parts)
        trials = [
            with_removed(
                {name: _random_part(rng, tables[name], dimensions[name]) for name in chosen}
            )
            for _ in range(controls)
        ]
        out.append(
            Ablation(
                s.label,
                dimensions,
                removed,
                after,
                after - before,
                float(np.mean([share for _, share in trials])) if trials else None,
                tuple(value - before for value, _ in trials),
            )
        )
    return AblationReport(G.title, chosen, before, tuple(out), seed)


def _component(
    basis: AdaptedBasis, number: int, rows: IntArray, values: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the part in a simple of a table's columns, in the order of its rows."""
    flat = values.reshape(len(values), -1)
    coordinates = basis.analyse(flat[rows])
    kept = np.zeros_like(coordinates)
    own = basis.simples[number].rows
    kept[own] = coordinates[own]
    part = np.empty_like(flat)
    part[rows] = basis.synthesise(kept)
    return part.reshape(values.shape)


def _dimension(basis: AdaptedBasis, number: int, rows: IntArray) -> int:
    blocks = int(rows.max()) + 1
    if blocks == len(rows):
        return basis.simples[number].multiplicity * basis.simples[number].dimension
    return round(float(np.trace(_component(basis, number, rows, np.eye(blocks)))))


def _random_part(
    rng: np.random.Generator, values: NDArray[np.float64], dimension: int
) -> NDArray[np.float64]:
    """Return the projection of the columns to a random subspace."""
    axes, _ = np.linalg.qr(rng.normal(size=(len(values), dimension)))
    flat = values.reshape(len(values), -1)
    part: NDArray[np.float64] = (axes @ (axes.T @ flat)).reshape(values.shape)
    return part


def _like(values: NDArray[np.float64], given: Any) -> Any:  # noqa: ANN401 - array or tensor
    if hasattr(given, "detach"):
        return constant(values, given.detach())
    found = np.asarray(given)
    return values.astype(found.dtype) if found.dtype.kind == "f" else values


def _loss(loss: Callable[[dict[str, Any]], float], tables: dict[str, Any]) -> float:
    value = float(loss(tables))
    if not np.isfinite(value):
        raise ModuleMismatchError(f"the loss must return a finite number, found {value}")
    return value
