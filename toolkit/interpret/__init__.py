"""Trained networks, simple by simple: spectra, flow, zero components, trimming.

:func:`stages_of` reads any torch model made of the toolkit's layers, or with declared modules, as
a sequence of stages. Based on it are :func:`record` and :func:`spectra` (energies on data),
:func:`weight_spectrum`, :func:`flow` (which simple came from which), :func:`zero_components`
(what is exactly zero), :func:`trim` and :func:`lowpass` (smaller models), and
:func:`width_comparison` (wide random networks against the theory). Networks with functions in
their ``forward``, branches, products or several inputs are followed call by call by
:func:`record`, :func:`spectra`, :func:`flow`, :func:`zero_components`, :func:`trim` and
:func:`lowpass`. Of plain weights from anywhere, :func:`group_task_report` and
:func:`ablate_simples` say which simples a network that learned a group's product uses.
:func:`audit` measures whether any model is equivariant, and where it breaks; :func:`mirror` makes
the reflection of a robot's observations and actions, from names.
"""

from __future__ import annotations

from toolkit.deprecation import deprecated
from toolkit.interpret.auditing.audit import audit
from toolkit.interpret.auditing.mirror import Mirror, mirror
from toolkit.interpret.auditing.report import AuditReport
from toolkit.interpret.flows.flow import flow
from toolkit.interpret.network.stages import Stage, stages_of
from toolkit.interpret.spectral.record import Recorder, record, spectra
from toolkit.interpret.spectral.spectrum import Spectra
from toolkit.interpret.spectral.weights import weight_spectrum
from toolkit.interpret.spectral.wide_networks import width_comparison
from toolkit.interpret.tasks.ablation import AblationReport, ablate_simples
from toolkit.interpret.tasks.group_task import group_task_report
from toolkit.interpret.tasks.product_network import product_loss
from toolkit.interpret.tasks.report import GroupTaskReport
from toolkit.interpret.trimming.lowpass import lowpass
from toolkit.interpret.trimming.trim import trim
from toolkit.interpret.zeros.report import zero_components

__all__ = [
    "AblationReport",
    "AuditReport",
    "GroupTaskReport",
    "Mirror",
    "Recorder",
    "Spectra",
    "Stage",
    "ablate_simples",
    "audit",
    "flow",
    "group_task_report",
    "lowpass",
    "mirror",
    "product_loss",
    "record",
    "spectra",
    "stages_of",
    "trim",
    "weight_spectrum",
    "width_comparison",
    "zero_components",
]

cannot_happen = deprecated(
    "toolkit.interpret.cannot_happen is now toolkit.interpret.zero_components"
)(zero_components)
