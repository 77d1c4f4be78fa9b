r"""Energies by simple added up over the samples of a tensor, at little cost.

For a Fourier basis B with orthonormal rows the energy of a function v in a simple L is the sum of
the squares of the coordinates B v that belong to L. Over a whole tensor only the sums over its
samples are needed.

**Arithmetic.** Tensors of up to 65,536 numbers, and those of double precision, are multiplied by B
in double precision. Larger ones of half and single precision are multiplied in single precision
(half precision numbers are exact there), some at a time so that the product stays in the
processor's cache, and its squares are added up in single precision within such a piece, in double
precision over the pieces. The coordinates have the relative rounding error of single precision, as
the tensor itself has: a simple that is exactly empty keeps about 1e-14 of the energy, and the sums
have about six correct digits. Where squares leave the range of single precision, or numbers are
not finite, the piece is done again in double precision; so is everything where torch may round
products of single precision further (``torch.set_float32_matmul_precision``).

On a GPU nothing here waits for it: sums stay on the device until they are read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from toolkit.interpret.network.energies import LARGEST_MATRIX

if TYPE_CHECKING:
    from toolkit.interpret.network.energies import SimpleParts

#: About this many numbers are multiplied at a time on a processor, for its cache.
_PIECE = 1 << 17

#: Up to this many numbers are multiplied in double precision, whatever their type.
_FEW = 1 << 16

# the mean square of a piece whose squares are sure to be in the range of single precision
_SMALLEST, _LARGEST = 1e-20, 1e30


@dataclass(frozen=True, eq=False)
class EnergySums:
    """The energies of a tensor, added up over its samples; tensors on its device.

    Parameters
    ----------
    samples
        How many samples there were, those that are not finite among them.
    sums
        ``(simples, C)`` float64.
    total
        The squares of all numbers, found without the basis.
    lost
        How many samples have an infinite number or a NaN, or squares beyond double precision; they
        count nowhere else.
    each
        ``(samples, simples, C)`` without those, if wanted.
    """

    samples: int
    sums: torch.Tensor
    total: torch.Tensor
    lost: torch.Tensor
    each: torch.Tensor | None = None

    def plus(self, other: EnergySums) -> EnergySums:
        """Return the sum of two; that of ``each`` is not formed."""
        return EnergySums(
            self.samples + other.samples,
            self.sums + other.sums,
            self.total + other.total,
            self.lost + other.lost,
        )


def energy_sums(parts: SimpleParts, x: torch.Tensor, *, each: bool = False) -> EnergySums:
    """Return the energies of a tensor, added up over its samples.

    Parameters
    ----------
    parts
        How functions on the module split.
    x
        ``(..., |X|, C)`` of any float type; leading axes are samples.
    each
        Whether the energies of each sample are wanted as well: in double precision then.

    Raises
    ------
    ModuleMismatchError
        If it has another number of points.

    Examples
    --------
    >>> import toolkit as tk
    >>> from toolkit.interpret.network.energies import SimpleParts
    >>> parts = SimpleParts(tk.group("C2").regular_module())
    >>> found = energy_sums(parts, torch.tensor([[[3.0], [1.0]], [[1.0], [1.0]]]))
    >>> found.sums.round(decimals=5).tolist(), round(found.total.item(), 5), found.lost.item()
    ([[10.0], [2.0]], 12.0, 0)
    """
    x = x.detach()
    (whole,) = parts.chunks(x, x.numel() + 1)
    is_plain = parts.basis.is_orthogonal and parts.X.degree <= LARGEST_MATRIX
    if each or not is_plain or not whole.numel() or x.device.type not in ("cpu", "cuda"):
        return _exact(parts, whole, each=each)
    with torch.autocast(x.device.type, enabled=False):
        if x.device.type == "cuda":
            return _on_gpu(parts, whole)
        return _on_cpu(parts, whole)


def _exact(parts: SimpleParts, x: torch.Tensor, *, each: bool) -> EnergySums:
    """Return the sums in double precision, sample by sample."""
    samples, totals, lost = [], [], 0
    for piece in parts.chunks(x):
        own, total = parts.squares(parts.analyse(piece)), parts.totals(piece).to(torch.float64)
        finite = torch.isfinite(total)
        lost += int((~finite).sum())
        samples.append(own[finite.to(own.device)])
        totals.append(total[finite])
    found = torch.cat(samples)
    return EnergySums(
        len(x), found.sum(0), torch.cat(totals).sum(), torch.tensor(lost), found if each else None
    )


def _on_cpu(parts: SimpleParts, x: torch.Tensor) -> EnergySums:
    _, n, channels = x.shape
    kind = torch.float32 if _is_single(x) else torch.float64
    matrix = parts.matrix(x.device, kind)
    size = max(1, _PIECE // (n * channels))
    product = torch.empty((min(size, len(x)), n, channels), dtype=kind)
    rows = torch.zeros((n, channels), dtype=torch.float64)
    others: list[EnergySums] = []
    total = 0.0
    for piece in torch.split(x, size):
        wide = piece.to(kind)
        square = float(torch.linalg.vector_norm(wide, dim=(1, 2)).double().square().sum())
        if not _SMALLEST * wide.numel() <= square <= _LARGEST * wide.numel():  # a NaN, too
            if square or bool(wide.any()):
                others.append(_exact(parts, piece, each=False))
            continue
        own = torch.matmul(matrix, wide, out=product[: len(wide)])
        rows += own.square_().sum(0)
        total += square
    sums = parts.by_simple(rows)
    found = EnergySums(len(x), sums, torch.tensor(total, dtype=torch.float64), torch.tensor(0))
    for other in others:
        found = EnergySums(
            len(x), found.sums + other.sums, found.total + other.total, found.lost + other.lost
        )
    return found


def _on_gpu(parts: SimpleParts, x: torch.Tensor) -> EnergySums:
    kind = torch.float32 if _is_single(x) else torch.float64
    matrix = parts.matrix(x.device, kind)
    found: EnergySums | None = None
    for piece in parts.chunks(x):
        own = (matrix @ piece.to(kind)).double().square()
        squares = piece.double().square().sum((1, 2))
        finite = torch.isfinite(squares)
        rows = torch.where(finite[:, None, None], own, 0.0).sum(0)
        one = EnergySums(
            len(piece),
            parts.by_simple(rows),
            torch.where(finite, squares, 0.0).sum(),
            (~finite).sum(),
        )
        found = one if found is None else found.plus(one)
    assert found is not None  # there are numbers
    return found


def _is_single(x: torch.Tensor) -> bool:
    """Whether products of single precision are precise enough for a tensor, and not rounded."""
    if x.dtype not in (torch.float32, torch.float16, torch.bfloat16) or x.numel() <= _FEW:
        return False
    try:
        return torch.get_float32_matmul_precision() == "highest"
    except RuntimeError:  # it was set for each kind of device apart
        return False
