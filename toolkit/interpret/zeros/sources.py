"""The simples in the input of a network: given by labels, or measured in inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import torch

from toolkit.errors import ModuleMismatchError
from toolkit.interpret.network.energies import SimpleParts
from toolkit.interpret.zeros.support import supports_on, united
from toolkit.text import listed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from toolkit.modules.module import Module

#: Labels of simples, or inputs ``(..., |X|, channels)`` in which the simples are measured.
Sources: TypeAlias = "Iterable[str] | torch.Tensor | NDArray[np.floating]"


def read_sources(
    X: Module, sources: Sources, tolerance: float | None
) -> tuple[tuple[str, ...], float | None]:
    """Return the labels of the sources in canonical order, and the tolerance that was used."""
    known = united(support.labels for support in supports_on(X))
    if isinstance(sources, torch.Tensor | np.ndarray):
        return _measured(X, torch.as_tensor(sources), tolerance)
    if tolerance is not None:
        raise ModuleMismatchError(
            "a tolerance is for measured sources: give inputs, or labels without a tolerance"
        )
    wanted = set_of_labels(sources)
    for label in sorted(wanted, key=str):
        if label not in known:
            shown = listed(known, 40)
            raise ModuleMismatchError(
                f"the simples in {X.name} of {X.group_title} are {shown}, not {label!r}"
            )
    return tuple(label for label in known if label in wanted), None


def set_of_labels(given: Any) -> set[Any]:  # noqa: ANN401 - checked here
    """Return a label, or labels, as a set; their types are not checked.

    Raises
    ------
    ModuleMismatchError
        If ``given`` is neither.

    Examples
    --------
    >>> set_of_labels("L2")
    {'L2'}
    """
    if isinstance(given, str):
        return {given}
    try:
        return set(given)
    except TypeError:
        raise ModuleMismatchError(
            f"simples are given by their labels, such as ['L0', 'L2'], not {given!r:.60}"
        ) from None


def _rounding(dtype: torch.dtype) -> float:
    """Return the amplitude, as a part of the whole, that rounding may leave where nothing is.

    Numbers of single and double precision may have a long way behind them; those of half precision
    were rounded once, when they were put into it.
    """
    eps = torch.finfo(dtype).eps
    return (1000 if eps < 1e-5 else 4) * eps


def _measured(
    X: Module, inputs: torch.Tensor, tolerance: float | None
) -> tuple[tuple[str, ...], float]:
    if not inputs.is_floating_point() or inputs.dim() < 2 or inputs.shape[-2] != X.degree:
        raise ModuleMismatchError(
            f"inputs in which simples are measured have shape (..., {X.degree}, channels) and a "
            f"float type, found {tuple(inputs.shape)} of {inputs.dtype}"
        )
    if tolerance is not None and not 0 <= tolerance < 1:
        raise ModuleMismatchError(f"a tolerance is a share from 0 to 1, not {tolerance!r}")
    if not inputs.numel() or not bool(torch.isfinite(inputs).all()):
        raise ModuleMismatchError(
            "simples are measured in finite inputs, found "
            + ("none" if not inputs.numel() else "an infinite value or a NaN")
        )
    if tolerance is None:
        tolerance = _rounding(inputs.dtype) ** 2
    parts = SimpleParts(X)
    energies = parts.energies(inputs).sum((0, 2)).tolist()
    least = tolerance * sum(energies)
    found = zip(parts.labels, energies, strict=True)
    return tuple(label for label, energy in found if energy > least), tolerance
