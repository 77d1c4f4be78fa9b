"""What the neurons of a network on a group task are: the report, its tables and files."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from toolkit.errors import ConfigError
from toolkit.files import write_whole
from toolkit.text import percentage, shortened, table

if TYPE_CHECKING:
    from numpy.typing import NDArray

SCHEMA = 1


@dataclass(frozen=True)
class SimpleShare:
    """A simple in the functions of a site.

    Parameters
    ----------
    label, dimension, type, multiplicity
        Of the simple L, in the regular module: m_L = dim L / dim D.
    share
        Its share of the energy of all neurons together.
    expected
        The share that random functions of no preferred direction have in it, in expectation.
    neurons
        How many neurons have their largest share in it.
    """

    label: str
    dimension: int
    type: str
    multiplicity: int
    share: float
    expected: float
    neurons: int


@dataclass(frozen=True)
class Neuron:
    """The scores of one neuron at one site.

    Parameters
    ----------
    number
        From 0: the column of the table, or the row of the weights.
    energy
        The squared norm of its function.
    simple
        The simple with the largest share; ``None`` for a silent neuron.
    purity
        That share.
    rank_one
        The share of the first singular value in the energy of the block of that simple.
    coset_side, coset_class
        The coset space of the largest subgroup whose excess is within 0.02 of the largest one:
        ``"left"`` for functions on the cosets x H, ``"right"`` for H x, and the class of H.
        ``None`` if there is none.
    coset_share, coset_excess
        The share of the variance that it explains, and (share - chance) / (1 - chance).
    shares
        The share of each simple.
    singular_values
        Per simple the singular values of the block W_L, falling.
    """

    number: int
    energy: float
    simple: str | None
    purity: float | None
    rank_one: float | None
    coset_side: str | None
    coset_class: str | None
    coset_share: float | None
    coset_excess: float | None
    shares: dict[str, float]
    singular_values: dict[str, list[float]]


@dataclass(frozen=True)
class Chance:
    """What random tables of the same shape score: the mean over neurons of seeded samples.

    Parameters
    ----------
    neurons
        How many random functions were scored.
    seed
        Of the random numbers.
    purity, rank_one, coset_excess
        Pairs: the mean, and the value that one random function in twenty exceeds.
    """

    neurons: int
    seed: int
    purity: tuple[float, float]
    rank_one: tuple[float, float]
    coset_excess: tuple[float, float] | None


@dataclass(frozen=True)
class TaskSiteReport:
    """The report on one site.

    Parameters
    ----------
    site
        The user's name for it.
    module
        The module whose points the rows of its table are.
    simples
        The spectrum of the site, all simples of the group.
    neurons
        The scores of its neurons.
    coset_shares
        Per side and class of subgroups the share of the variance explained, a number for each
        neuron; ``None`` for a constant function.
    coset_chance
        Per side and class the share that a random function has on the average.
    chance
        The scores of random functions; ``None`` without controls.
    """

    site: str
    module: str
    simples: tuple[SimpleShare, ...]
    neurons: tuple[Neuron, ...]
    coset_shares: dict[str, dict[str, list[float | None]]]
    coset_chance: dict[str, dict[str, float]]
    chance: Chance | None

    @property
    def shares(self) -> dict[str, float]:
        """The share of each simple in the energy of the site."""
        return {s.label: s.share for s in self.simples}

    @property
    def silent(self) -> tuple[int, ...]:
        """The neurons whose functions are zero to rounding."""
        return tuple(n.number for n in self.neurons if n.simple is None)

    def values(self, name: str) -> NDArray[np.float64]:
        """Return one score of all neurons: ``"purity"``, ``"rank_one"``, ``"coset_excess"``, ...

        Silent neurons are NaN.
        """
        found = [getattr(n, name) for n in self.neurons]
        return np.array([np.nan if v is None else v for v in found], dtype=np.float64)


@dataclass(frozen=True)
class GroupTaskReport:
    r"""Descriptions of the neurons of a network on a group task, from ``group_task_report``.

    Parameters
    ----------
    group
        The group.
    order
        \\|G\\|.
    sites
        The reports on the sites, in the user's order.
    notes
        What could not be computed, and why.
    subgroup_orders
        The order of the subgroups, by class.

    Examples
    --------
    >>> import numpy as np, toolkit as tk
    >>> G = tk.group("S3")
    >>> wave = tk.fourier_basis(G.regular_module()).matrix[2:3].T  # in the 2-dimensional simple
    >>> report = tk.interpret.group_task_report(G, {"left": wave}, controls=0)
    >>> neuron = report["left"].neurons[0]
    >>> neuron.simple, round(neuron.purity, 9), round(neuron.rank_one, 9)
    ('L2', 1.0, 1.0)
    """

    group: str
    order: int
    sites: tuple[TaskSiteReport, ...]
    notes: tuple[str, ...] = ()
    subgroup_orders: dict[str, int] = field(default_factory=dict)

    def __getitem__(self, site: str) -> TaskSiteReport:
        for own in self.sites:
            if own.site == site:
                return own
        raise KeyError(f"there is no site {site!r}; there are {[s.site for s in self.sites]}")

    @property
    def agreement(self) -> float | None:
        """The share of neurons with the same leading simple at all sites.

        ``None`` unless the sites have the same number of neurons; a neuron that is silent at a
        site is not counted.
        """
        if len({len(s.neurons) for s in self.sites}) != 1 or len(self.sites) < 2:
            return None
        found = [
            {s.neurons[j].simple for s in self.sites} for j in range(len(self.sites[0].neurons))
        ]
        heard = [labels for labels in found if None not in labels]
        return sum(len(labels) == 1 for labels in heard) / len(heard) if heard else None

    def rows(self) -> list[dict[str, Any]]:
        """Return the long table of the scores: a row for each site and neuron."""
        return [
            {
                "site": own.site,
                "neuron": n.number,
                "energy": n.energy,
                "simple": n.simple,
                "purity": n.purity,
                "rank_one": n.rank_one,
                "coset_side": n.coset_side,
                "coset_class": n.coset_class,
                "coset_share": n.coset_share,
                "coset_excess": n.coset_excess,
            }
            for own in self.sites
            for n in own.neurons
        ]

    def to_table(self) -> str:
        """Return a table as text: the spectrum of each site, then its scores."""
        simples = self.sites[0].simples
        head = ["simple", "dim", "type", *(f"{shortened(s.site, 16)}" for s in self.sites)]
        lines = [[*head, "expected"]]
        for i, one in enumerate(simples):
            shares = [percentage(s.simples[i].share) for s in self.sites]
            expected = " / ".join(
                dict.fromkeys(percentage(s.simples[i].expected) for s in self.sites)
            )
            lines.append([one.label, str(one.dimension), one.type, *shares, expected])
        text = [f"Group task on {self.group}, order {self.order}: shares of the energy"]
        text += table(lines, right=range(1, len(lines[0])), rule=True)
        scores = [["site", "neurons", "silent", "purity", "rank one", "coset excess"]]
        for own in self.sites:
            cells = [_median(own.values(name)) for name in ("purity", "rank_one", "coset_excess")]
            scores.append([own.site, str(len(own.neurons)), str(len(own.silent)), *cells])
            if own.chance is not None:
                by_chance = (
                    own.chance.purity,
                    own.chance.rank_one,
                    own.chance.coset_excess or (np.nan, np.nan),
                )
                scores.append(["  by chance", str(own.chance.neurons), "", *map(_pair, by_chance)])
        text += ["", "Scores: the median, and in brackets the value that one in twenty exceeds"]
        text += table(scores, right=range(1, 6), rule=True)
        if self.agreement is not None:
            text += ["", f"The same leading simple at all sites: {percentage(self.agreement)}"]
        return "\n".join(text + [f"Note: {note}" for note in self.notes])

    def __str__(self) -> str:
        return self.to_table()

    # -- files ---------------------------------------------------------------------------------

    def state(self) -> dict[str, Any]:
        """Return everything as JSON data."""
        from dataclasses import asdict

        return {"schema": SCHEMA, **asdict(self)}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> GroupTaskReport:
        """Return the report described by the output of :meth:`state`.

        Raises
        ------
        ConfigError
            If the data have a different form.
        """
        if not isinstance(state, dict) or state.get("schema") != SCHEMA:
            found = state.get("schema") if isinstance(state, dict) else type(state).__name__
            raise ConfigError(f"a report of schema {SCHEMA} is required, found {found!r}")
        try:
            sites = tuple(
                TaskSiteReport(
                    s["site"],
                    s["module"],
                    tuple(SimpleShare(**one) for one in s["simples"]),
                    tuple(Neuron(**one) for one in s["neurons"]),
                    s["coset_shares"],
                    s["coset_chance"],
                    _chance_of(s["chance"]),
                )
                for s in state["sites"]
            )
            return cls(
                state["group"],
                state["order"],
                sites,
                tuple(state["notes"]),
                dict(state["subgroup_orders"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ConfigError(
                f"the report is damaged ({type(error).__name__}: {error}); create it again"
            ) from error

    def save(self, path: str | Path) -> None:
        """Write everything into a JSON file."""
        write_whole(Path(path), json.dumps(self.state(), separators=(",", ":")))

    @classmethod
    def load(cls, path: str | Path) -> GroupTaskReport:
        """Return what :meth:`save` wrote; raise ConfigError if the file contains something else."""
        try:
            state = json.loads(Path(path).read_text(encoding="utf-8"))
        except (ValueError, RecursionError) as error:
            raise ConfigError(f"{str(path)!r} does not contain a report: {error}") from error
        return cls.from_state(state)


def _chance_of(state: dict[str, Any] | None) -> Chance | None:
    if state is None:
        return None
    pairs: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in state.items()}
    return Chance(**pairs)


def _median(values: NDArray[np.float64]) -> str:
    known = values[~np.isnan(values)]
    if not known.size:
        return "-"
    return f"{np.median(known):.3f} [{np.quantile(known, 0.95):.3f}]"


def _pair(pair: tuple[float, float]) -> str:
    return "-" if np.isnan(pair[0]) else f"{pair[0]:.3f} [{pair[1]:.3f}]"
