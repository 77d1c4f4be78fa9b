"""The spectrum of the weights: the size of each simple's block in each linear layer.

By Schur's lemma an equivariant map is, on the copies of a simple L, a matrix W_L over D = End(L):
m_L(Y) C_out rows and m_L(X) C_in columns. Two numbers describe its effect on L: the mean
factor on energy (a Frobenius norm) and the largest factor on length (an operator norm).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import nn

from toolkit.errors import ModuleMismatchError
from toolkit.interpret.network.stages import stages_of
from toolkit.interpret.network.undetermined import undetermined
from toolkit.library.fourier import fourier_basis
from toolkit.nn.deep_sets import DeepSetsLinear
from toolkit.nn.equivariant_linear import EquivariantLinear
from toolkit.nn.periodic import WindowedConvolution

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from toolkit.interpret.network.call_order import Spaces
    from toolkit.interpret.network.stages import Stage


@dataclass(frozen=True)
class BlockNorms:
    """The size of one linear layer's block on one simple.

    Parameters
    ----------
    stage
        Key of the layer's stage.
    label
        The simple L.
    sources, targets
        m_L(X) C_in and m_L(Y) C_out: columns and rows of W_L.
    energy
        Sum over the entries of W_L, numbers of D = End(L), of their squared absolute values.
    gain
        ``energy / sources``: by what the energy in L is multiplied on the average over inputs in
        L of no preferred direction (exactly, in expectation).
    largest
        Largest singular value of W_L: the most by which a function in L gets longer.
    """

    stage: str
    label: str
    sources: int
    targets: int
    energy: float
    gain: float
    largest: float


def weight_spectrum(
    model: nn.Module, spaces: Spaces | None = None, example: torch.Tensor | None = None
) -> tuple[BlockNorms, ...]:
    """Return the size of the weights on each simple, for all linear layers of a model.

    Parameters
    ----------
    model, spaces, example
        As in :func:`toolkit.interpret.stages_of`.

    Returns
    -------
    tuple of BlockNorms
        Sorted by layer, in the order of first use, then by simple, in canonical order. Simples that
        are not in both modules of a layer have no weights.

    Raises
    ------
    ModuleMismatchError
        If the model has no linear layer whose modules are known, or weights are not finite.
    NotAvailable
        If a Fourier basis is out of reach.

    Notes
    -----
    Computed in float64. Biases are left out: they lie in the trivial simple and are not part of the
    linear map. A layer that is used twice is listed once.

    Examples
    --------
    >>> import torch, toolkit as tk
    >>> X = tk.group("C4").regular_module()
    >>> layer = tk.nn.EquivariantLinear(X, X, 1, 1, dtype=torch.float64)
    >>> layer.set_weights(torch.tensor([0.0, 2, 0, 0], dtype=torch.float64).reshape(4, 1, 1))
    >>> for norms in weight_spectrum(layer):  # twice a shift: 4 times the energy, in every simple
    ...     print(norms.label, round(norms.gain, 9), round(norms.largest, 9))
    L0 4.0 2.0
    L1 4.0 2.0
    L2 4.0 2.0
    """
    out: list[BlockNorms] = []
    met = False
    for stage in stages_of(model, spaces, example):
        if stage.kind == "linear" and stage.call == 0 and stage.X is not None:
            met = True
            out.extend(_stage_norms(stage))
    if not met:
        raise undetermined(
            model, "the model has no linear layer whose modules are known: declare them as spaces="
        )
    return tuple(out)


def _stage_norms(stage: Stage) -> list[BlockNorms]:
    module = stage.module
    if isinstance(module, WindowedConvolution):
        module = module.to_equivariant("dense")
    if isinstance(module, EquivariantLinear):
        return [] if module.is_zero else block_norms(module, stage.key)
    assert stage.X is not None
    simples = fourier_basis(stage.X).simples
    if isinstance(module, DeepSetsLinear):
        found = {k: v.double().cpu().numpy() for k, v in module.fourier_blocks().items()}
        blocks = [found["trivial" if s.dimension == 1 and i == 0 else "standard"]
                  for i, s in enumerate(simples)]  # fmt: skip
    elif isinstance(module, nn.Linear):  # the same on every simple
        blocks = [module.weight.detach().double().cpu().numpy()] * len(simples)
    else:
        return []
    return [
        _norms(stage.key, s.label, np.kron(np.eye(s.multiplicity), block)[None])
        for s, block in zip(simples, blocks, strict=True)
    ]


def block_norms(layer: EquivariantLinear, stage: str = "") -> list[BlockNorms]:
    """Return the size of one layer's block on each simple that both modules have.

    Parameters
    ----------
    layer
        The layer.
    stage
        The name to give it.
    """
    out = []
    for label, block in layer.fourier_blocks().items():
        units, t, s, c_out, c_in = block.shape
        matrix = block.double().permute(0, 1, 3, 2, 4).reshape(units, t * c_out, s * c_in)
        out.append(_norms(stage, label, matrix.cpu().numpy()))
    order = {s.label: i for i, s in enumerate(layer.hom_space.bases[1].simples)}
    return sorted(out, key=lambda norms: order[norms.label])


def _norms(stage: str, label: str, parts: NDArray[np.float64]) -> BlockNorms:
    """Return the norms of a matrix over D given by its components, ``(dim D, rows, columns)``."""
    _, rows, columns = parts.shape
    if not np.isfinite(parts).all():
        raise ModuleMismatchError(
            f"the weights of the layer {stage!r} are not all finite numbers: use a checkpoint from "
            "before they diverged"
        )
    energy = float(np.square(parts).sum())
    largest = float(np.linalg.norm(_complex(parts), 2)) if parts.size else 0.0
    return BlockNorms(stage, label, columns, rows, energy, energy / max(columns, 1), largest)


def _complex(parts: NDArray[np.float64]) -> NDArray[np.complex128]:
    """Return a matrix over R, C or H as a complex one with the same operator norm.

    The layer is y_i = sum of b_j w_ij, D acting from the right; conjugating both sides makes it
    the matrix of the conjugates of w_ij acting from the left.
    """
    if len(parts) < 4:
        return np.asarray(parts[0] + 1j * parts[1:].sum(axis=0))
    a, b, c, d = parts[0], -parts[1], -parts[2], -parts[3]
    return np.block([[a + 1j * b, c + 1j * d], [-c + 1j * d, a - 1j * b]])
