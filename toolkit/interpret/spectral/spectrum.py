"""Recorded spectra: energies by site, simple and channel, their tables and files.

The energy of a function in a simple L is the squared norm of its part in L. The parts are
orthogonal, so the energies add up to the squared norm of the function.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from toolkit.deprecation import deprecated, warn_deprecated
from toolkit.errors import ConfigError, NotAvailable
from toolkit.files import write_whole
from toolkit.text import label_key, table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pandas as pd
    from numpy.typing import NDArray

SCHEMA = 1

When: TypeAlias = Literal["input", "before", "after", "output"]


@dataclass(frozen=True)
class Site:
    """A point in a network at which functions are measured.

    Parameters
    ----------
    stage
        Key of the stage (:class:`~toolkit.interpret.Stage`); ``""`` for the input and output, and
        of several inputs or outputs the number or name.
    when
        ``"input"``, ``"before"`` or ``"after"`` the stage, or ``"output"``.
    """

    stage: str
    when: When

    @property
    def name(self) -> str:
        """``"input"``, ``"layers.1 before"``, ...; of several inputs ``"input 0"``."""
        if self.when in ("input", "output"):
            return f"{self.when} {self.stage}".rstrip()
        return f"{self.stage} {self.when}"


class SiteSpectrum:
    """Energies at one site, summed over the samples seen so far.

    Parameters
    ----------
    site
        The site.
    module, group
        Names of the permutation module and of its group.
    points
        |X|.
    labels, dimensions
        ``(S,)`` the simples, and the dimensions m_L dim L of their isotypic parts.
    samples
        How many samples were added.
    sums
        ``(S, C)`` float64: the energies' sums over the samples.
    total
        Sum of the squares of all values, measured without the basis: what ``sums`` adds up to.
    not_finite
        Samples with an infinite value or a NaN; they are counted here, and left out elsewhere.
    per_sample
        ``(samples, S, C)`` pieces, if wanted.
    """

    def __init__(
        self,
        site: Site,
        module: str,
        group: str,
        points: int,
        labels: tuple[str, ...],
        dimensions: tuple[int, ...],
        samples: int = 0,
        sums: NDArray[np.float64] | None = None,
        total: float = 0.0,
        not_finite: int = 0,
        per_sample: list[NDArray[np.float64]] | None = None,
    ) -> None:
        self.site, self.module, self.group, self.points = site, module, group, points
        self.labels, self.dimensions = labels, dimensions
        self._samples, self._total, self._not_finite = samples, total, not_finite
        self._sums = np.zeros((0, 0)) if sums is None else sums
        self.per_sample = [] if per_sample is None else per_sample
        #: Adds what was measured and not read yet; ``None`` if there is nothing.
        self.unread: Callable[[], None] | None = None

    def add(self, samples: int, sums: NDArray[np.float64], total: float, not_finite: int) -> None:
        """Add the energies of more samples."""
        self._sums = self._sums + sums if self._sums.size else sums
        self._samples += samples
        self._total += total
        self._not_finite += not_finite

    def _read(self) -> None:
        unread, self.unread = self.unread, None
        if unread is not None:
            unread()

    @property
    def samples(self) -> int:
        """How many samples were added."""
        self._read()
        return self._samples

    @property
    def sums(self) -> NDArray[np.float64]:
        """``(S, C)`` the energies' sums over the samples."""
        self._read()
        return self._sums

    @property
    def total(self) -> float:
        """Sum of the squares of all values, measured without the basis."""
        self._read()
        return self._total

    @property
    def not_finite(self) -> int:
        """Samples with an infinite value or a NaN, which are left out elsewhere."""
        self._read()
        return self._not_finite

    def __repr__(self) -> str:
        return f"<{self.site.name}: {self.samples} samples on {self.module} of {self.group}>"

    @property
    @deprecated("SiteSpectrum.place is now SiteSpectrum.site")
    def place(self) -> Site:
        """The old name of ``site``."""
        return self.site

    @property
    def energies(self) -> NDArray[np.float64]:
        """``(S, C)`` mean energy of a sample in each simple and channel."""
        return self.sums / max(self.samples, 1)

    @property
    def by_simple(self) -> dict[str, float]:
        """Mean energy of a sample in each simple, channels added up."""
        return dict(zip(self.labels, self.energies.sum(axis=1).tolist(), strict=True))

    @property
    def shares(self) -> dict[str, float]:
        """Share of each simple in the whole energy; they add up to 1, or are all 0."""
        by_simple = self.sums.sum(axis=1)
        whole = float(by_simple.sum()) or 1.0
        return dict(zip(self.labels, (by_simple / whole).tolist(), strict=True))

    @property
    def variance(self) -> float:
        """Mean square of a value: energy per point and channel."""
        values = max(self.points * int(self.sums.shape[1]), 1)
        return float(self.energies.sum()) / values

    @property
    def defect(self) -> float:
        """How far the energies are from adding up to the whole, relative to it (Parseval)."""
        whole, found = float(self.total), float(self.sums.sum())
        return abs(found - whole) / (whole or 1.0)


class Spectra:
    """The energies of a network's functions: a :class:`SiteSpectrum` for each site, in order.

    A mapping from the names of sites to the spectra measured there, made by
    :func:`toolkit.interpret.record` and :func:`toolkit.interpret.spectra`.

    Parameters
    ----------
    sites
        The spectra that were measured.
    places
        The old name of ``sites``.

    Examples
    --------
    >>> import torch, toolkit as tk
    >>> X = tk.group("C8").regular_module()
    >>> net = tk.nn.EquivariantMLP(X, [1, 4, 1], dtype=torch.float64)
    >>> sine = torch.sin(torch.arange(8, dtype=torch.float64) * torch.pi / 4).reshape(1, 8, 1)
    >>> found = tk.interpret.spectra(net, [sine])
    >>> list(found)
    ['input', 'layers.1 before', 'layers.1 after', 'output']
    >>> {label: round(share, 6) for label, share in found["input"].shares.items()}
    {'L0': 0.0, 'L1': 0.0, 'L2': 0.0, 'L3': 1.0, 'L4': 0.0}
    """

    def __init__(
        self,
        sites: tuple[SiteSpectrum, ...] = (),
        *,
        places: tuple[SiteSpectrum, ...] | None = None,
    ) -> None:
        if places is not None:
            warn_deprecated("Spectra(places=...) is now Spectra(sites=...)")
        self.sites = sites if places is None else places

    def __getitem__(self, name: str) -> SiteSpectrum:
        for spectrum in self.sites:
            if spectrum.site.name == name:
                return spectrum
        raise KeyError(f"nothing was recorded at {name!r}; there is {list(self)}")

    def __iter__(self) -> Iterator[str]:
        return iter([spectrum.site.name for spectrum in self.sites])

    def __len__(self) -> int:
        return len(self.sites)

    @property
    @deprecated("Spectra.places is now Spectra.sites")
    def places(self) -> tuple[SiteSpectrum, ...]:
        """The old name of ``sites``."""
        return self.sites

    @property
    def labels(self) -> tuple[str, ...]:
        """The simples that occur in some module of the network, in canonical order."""
        found = {label for spectrum in self.sites for label in spectrum.labels}
        return tuple(sorted(found, key=label_key))

    @property
    def shares(self) -> dict[str, dict[str, float]]:
        """For each site, the share of the energy in each simple."""
        return {spectrum.site.name: spectrum.shares for spectrum in self.sites}

    def __repr__(self) -> str:
        return f"<Spectra of {len(self)} sites: {', '.join(self)}>"

    # -- tables --------------------------------------------------------------------------------

    def rows(self) -> list[dict[str, Any]]:
        """Return the long table: a row for each site and simple, summed over channels."""
        return [
            {
                "place": spectrum.site.name,
                "stage": spectrum.site.stage,
                "when": spectrum.site.when,
                "module": spectrum.module,
                "simple": label,
                "dimension": dimension,
                "energy": spectrum.by_simple[label],
                "share": share,
            }
            for spectrum in self.sites
            for (label, share), dimension in zip(
                spectrum.shares.items(), spectrum.dimensions, strict=True
            )
        ]

    def to_table(self, most: int = 12) -> str:
        """Return a table as text: a line for each site, a column for each simple, in percent.

        Parameters
        ----------
        most
            The largest number of columns. If there are more simples, those with the largest shares
            are shown and the others are added up. A dot marks a simple that the module does not
            contain.
        """
        labels = list(self.labels)
        shares_of = self.shares
        if len(labels) > most:
            largest = {x: max(shares.get(x, 0.0) for shares in shares_of.values()) for x in labels}
            kept = set(sorted(labels, key=lambda x: -largest[x])[: most - 1])
            labels = [x for x in labels if x in kept]
        cut = len(labels) < len(self.labels)
        head = ["place", "energy", *labels, *(["others"] if cut else [])]
        lines = [head]
        for spectrum in self.sites:
            shares = shares_of[spectrum.site.name]
            energy = float(spectrum.energies.sum())
            cells = [_percent(shares[x]) if x in shares else "." for x in labels]
            if cut:
                cells.append(_percent(sum(v for x, v in shares.items() if x not in labels)))
            lines.append([spectrum.site.name, f"{energy:.4g}", *cells])
        return "\n".join(table(lines, right=range(1, len(head))))

    def __str__(self) -> str:
        return self.to_table()

    def to_pandas(self) -> pd.DataFrame:
        """Return the long table of :meth:`rows` as a DataFrame.

        Raises
        ------
        NotAvailable
            If pandas is not installed.
        """
        try:
            import pandas as pd
        except ImportError as error:
            raise NotAvailable(
                "this installation", "a DataFrame", "pandas is missing: pip install pandas"
            ) from error
        return pd.DataFrame(self.rows())

    # -- files ---------------------------------------------------------------------------------

    def state(self) -> dict[str, Any]:
        """Return everything as JSON data, including the energies of each sample."""
        return {
            "schema": SCHEMA,
            "places": [
                {
                    "stage": s.site.stage,
                    "when": s.site.when,
                    "module": s.module,
                    "group": s.group,
                    "points": s.points,
                    "labels": list(s.labels),
                    "dimensions": list(s.dimensions),
                    "samples": s.samples,
                    "sums": s.sums.tolist(),
                    "total": s.total,
                    "not_finite": s.not_finite,
                    "per_sample": [piece.tolist() for piece in s.per_sample],
                }
                for s in self.sites
            ],
        }

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Spectra:
        """Return the spectra described by the output of :meth:`state`.

        Raises
        ------
        ConfigError
            If the data have a different form.
        """
        if not isinstance(state, dict) or state.get("schema") != SCHEMA:
            found = state.get("schema") if isinstance(state, dict) else type(state).__name__
            raise ConfigError(f"spectra of schema {SCHEMA} are required, found {found!r}")
        try:
            sites = tuple(
                SiteSpectrum(
                    Site(p["stage"], p["when"]),
                    p["module"],
                    p["group"],
                    p["points"],
                    tuple(p["labels"]),
                    tuple(p["dimensions"]),
                    p["samples"],
                    np.array(p["sums"], dtype=np.float64).reshape(len(p["labels"]), -1),
                    p["total"],
                    p["not_finite"],
                    [np.array(piece, dtype=np.float64) for piece in p["per_sample"]],
                )
                for p in state["places"]
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ConfigError(
                f"the spectra are damaged ({type(error).__name__}: {error}); record them again"
            ) from error
        return cls(sites)

    def save(self, path: str | Path) -> None:
        """Write everything into a JSON file."""
        write_whole(Path(path), json.dumps(self.state(), separators=(",", ":")))

    @classmethod
    def load(cls, path: str | Path) -> Spectra:
        """Return what :meth:`save` wrote; raise ConfigError if the file contains something else."""
        try:
            state = json.loads(Path(path).read_text(encoding="utf-8"))
        except (ValueError, RecursionError) as error:
            raise ConfigError(f"{str(path)!r} does not contain spectra: {error}") from error
        return cls.from_state(state)


def _percent(share: float) -> str:
    """Return a share in percent; below the rounding of float32 it is written 0."""
    percent = 100 * share
    if percent < 1e-6:
        return "0"
    return f"{percent:.2f}" if percent >= 0.01 else f"{percent:.0e}"
