"""What measures a tensor of a network while it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import torch


class Probe(Protocol):
    """Measures a tensor at one site, and adds up the measurements."""

    @property
    def measures(self) -> object:
        """What is measured: probes of one type where this is equal find the same in a tensor."""

    def measured(self, x: torch.Tensor) -> object:
        """Return the measurement of a tensor; the sums stay unchanged."""

    def add(self, found: Any) -> None:  # noqa: ANN401 - what ``measured`` gave
        """Add the measurement of a pass that succeeded."""
