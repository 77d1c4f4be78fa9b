"""Trained networks seen simple by simple: spectra, flow, what cannot happen, trimming.

:func:`stages_of` reads any torch model made of the toolkit's layers, or with declared modules, as
a sequence of stages. On it stand :func:`record` and :func:`spectra` (energies of real batches),
:func:`weight_spectrum`, :func:`flow` (which simple came from which), :func:`cannot_happen`
(components that are exactly zero), :func:`trim` and :func:`lowpass` (smaller models), and
:func:`width_comparison` (wide random networks against the theory).
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from toolkit.interpret.flow import flow
from toolkit.interpret.spectra import Recorder, Spectra, record, spectra
from toolkit.interpret.stages import Stage, stages_of
from toolkit.interpret.weights import weight_spectrum

if TYPE_CHECKING:
    from toolkit.interpret.cannot import cannot_happen
    from toolkit.interpret.lowpass import lowpass
    from toolkit.interpret.trim import trim
    from toolkit.interpret.width import width_comparison

#: Names that are imported when first used.
_LAZY_NAMES = {
    "cannot_happen": "toolkit.interpret.cannot",
    "lowpass": "toolkit.interpret.lowpass",
    "trim": "toolkit.interpret.trim",
    "width_comparison": "toolkit.interpret.width",
}

__all__ = [
    "Recorder",
    "Spectra",
    "Stage",
    "cannot_happen",
    "flow",
    "lowpass",
    "record",
    "spectra",
    "stages_of",
    "trim",
    "weight_spectrum",
    "width_comparison",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - one of the names above
    """Import a name when it is first used."""
    if name in _LAZY_NAMES:
        found = getattr(importlib.import_module(_LAZY_NAMES[name]), name)
        globals()[name] = found  # a module of the same name has just been bound here
        return found
    raise AttributeError(f"module 'toolkit.interpret' has no attribute {name!r}")
