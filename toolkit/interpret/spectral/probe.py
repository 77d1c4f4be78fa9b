"""What measures the energies at one site of a network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.errors import ModuleMismatchError
from toolkit.interpret.network.energy_sums import EnergySums, energy_sums
from toolkit.interpret.spectral.spectrum import Site, SiteSpectrum

if TYPE_CHECKING:
    import torch

    from toolkit.interpret.network.energies import SimpleParts


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
        self._waiting: EnergySums | None = None
        self._channels: int | None = None

    @property
    def measures(self) -> object:
        """What is measured: energies of functions on a module, of each sample or not."""
        return id(self.parts), self.per_sample

    def measured(self, x: torch.Tensor) -> EnergySums:
        """Return the energies of a tensor; on a GPU without waiting for them."""
        return energy_sums(self.parts, x, each=self.per_sample)

    def add(self, found: EnergySums) -> None:
        """Add the energies of one pass."""
        channels = int(found.sums.shape[1])
        if self._channels not in (None, channels):
            raise ModuleMismatchError(
                f"at {self.spectrum.site.name!r} there were {self._channels} channels, and now "
                f"{channels}: record such passes separately"
            )
        self._channels = channels
        if found.each is not None:
            self.spectrum.per_sample.append(found.each.cpu().numpy())
        if self._waiting is not None and self._waiting.sums.device != found.sums.device:
            self._settle()
        self._waiting = found if self._waiting is None else self._waiting.plus(found)
        if found.sums.is_cuda:
            self.spectrum.unread = self._settle  # it is fetched when it is read
        else:
            self._settle()

    def _settle(self) -> None:
        """Fetch what is still on a device, and add it to the spectrum."""
        found, self._waiting = self._waiting, None
        if found is not None:
            lost = int(found.lost)
            self.spectrum.add(
                found.samples - lost, found.sums.cpu().numpy(), float(found.total), lost
            )
