"""Statistics of symmetric data and least squares over equivariant maps.

Samples of functions on X: NumPy arrays or torch tensors ``(n, |X|, channels)`` or ``(n, |X|)``.
Results are of the same kind, and tensors can be differentiated. Nothing here imports torch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.lazy import lazy_face

if TYPE_CHECKING:
    from toolkit.library.statistics.components import IsotypicComponents, isotypic_components
    from toolkit.library.statistics.equivariant_map import EquivariantMap
    from toolkit.library.statistics.least_squares import LeastSquares, lstsq
    from toolkit.library.statistics.moments import (
        EquivariantCovariance,
        equivariant_correlation,
        equivariant_covariance,
        equivariant_cross_covariance,
        equivariant_mean,
        equivariant_variance,
    )
    from toolkit.library.statistics.normal import EquivariantNormal, equivariant_normal
    from toolkit.library.statistics.projection import HomProjection, project_to_hom
    from toolkit.library.statistics.whitening import EquivariantWhitening, equivariant_whitening

__all__ = [
    "EquivariantCovariance",
    "EquivariantMap",
    "EquivariantNormal",
    "EquivariantWhitening",
    "HomProjection",
    "IsotypicComponents",
    "LeastSquares",
    "equivariant_correlation",
    "equivariant_covariance",
    "equivariant_cross_covariance",
    "equivariant_mean",
    "equivariant_normal",
    "equivariant_variance",
    "equivariant_whitening",
    "isotypic_components",
    "lstsq",
    "project_to_hom",
]

__getattr__, __dir__ = lazy_face(
    __name__,
    {
        "components": "IsotypicComponents isotypic_components",
        "equivariant_map": "EquivariantMap",
        "least_squares": "LeastSquares lstsq",
        "moments": (
            "EquivariantCovariance equivariant_correlation equivariant_covariance "
            "equivariant_cross_covariance equivariant_mean equivariant_variance"
        ),
        "normal": "EquivariantNormal equivariant_normal",
        "projection": "HomProjection project_to_hom",
        "whitening": "EquivariantWhitening equivariant_whitening",
    },
)
