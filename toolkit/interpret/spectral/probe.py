"""What measures the energies at one site of a network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray

from toolkit.errors import ModuleMismatchError
from toolkit.interpret.spectral.spectrum import Site, SiteSpectrum

if TYPE_CHECKING:
    from toolkit.interpret.network.energies import SimpleParts


@dataclass(frozen=True)
class Energies:
    """The energies of one pass at one site."""

    samples: int
    sums: NDArray[np.float64]
    total: float
    not_finite: int
    each: NDArray[np.float64]


class SiteProbe:
    """Measures energies at one site.

    Parameters
    ----------
    site
        The site.
    parts
        How the functions there split into simples.
    per_sample
        Whether each sample's energies are kept.
    """

    def __init__(self, site: Site, parts: SimpleParts, per_sample: bool = False) -> None:
        X = parts.X
        self.parts = parts
        self.per_sample = per_sample
        self.spectrum = SiteSpectrum(
            site, X.name, X.group, X.degree, parts.labels, parts.dimensions
        )

    def measured(self, x: torch.Tensor) -> Energies:
        """Return the energies of a tensor."""
        each = self.parts.energies(x)
        totals = torch.cat([self.parts.totals(piece) for piece in self.parts.chunks(x)])
        finite = torch.isfinite(totals).to(each.device)
        if not bool(finite.all()):
            each, totals = each[finite], totals[finite.to(totals.device)]
        lost = int((~finite).sum())
        sums = each.sum(0).cpu().numpy()
        return Energies(len(each), sums, float(totals.sum()), lost, each.cpu().numpy())

    def add(self, found: Energies) -> None:
        """Add the energies of one pass."""
        spectrum = self.spectrum
        if spectrum.samples + spectrum.not_finite and spectrum.sums.shape != found.sums.shape:
            raise ModuleMismatchError(
                f"at {spectrum.site.name!r} there were {spectrum.sums.shape[1]} channels, and now "
                f"{found.sums.shape[1]}: record such passes apart"
            )
        spectrum.sums = spectrum.sums + found.sums if spectrum.sums.size else found.sums
        spectrum.samples += found.samples
        spectrum.total += found.total
        spectrum.not_finite += found.not_finite
        if self.per_sample:
            spectrum.per_sample.append(found.each)
