"""Groups from data: graphs, matrices, points, layers, functions, hidden layers of networks.

:func:`toolkit.find_symmetry` is the entrance; each kind of data has a function of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.lazy import lazy_face

if TYPE_CHECKING:
    from toolkit.library.symmetry.equivariance_tests import EquivarianceReport, SubgroupTest
    from toolkit.library.symmetry.find import find_symmetry
    from toolkit.library.symmetry.found import Decision, FoundSymmetry
    from toolkit.library.symmetry.functions import symmetry_of_function
    from toolkit.library.symmetry.graphs import symmetry_of_graph
    from toolkit.library.symmetry.hidden_layers import symmetry_of_hidden_layer
    from toolkit.library.symmetry.layers import symmetry_of_layer
    from toolkit.library.symmetry.matrices import symmetry_of_matrix
    from toolkit.library.symmetry.points import symmetry_of_points
    from toolkit.library.symmetry.trade_off import TradeOff, TradeOffRow

__all__ = [
    "Decision",
    "EquivarianceReport",
    "FoundSymmetry",
    "SubgroupTest",
    "TradeOff",
    "TradeOffRow",
    "find_symmetry",
    "symmetry_of_function",
    "symmetry_of_graph",
    "symmetry_of_hidden_layer",
    "symmetry_of_layer",
    "symmetry_of_matrix",
    "symmetry_of_points",
]

__getattr__, __dir__ = lazy_face(
    __name__,
    {
        "equivariance_tests": "EquivarianceReport SubgroupTest",
        "find": "find_symmetry",
        "found": "Decision FoundSymmetry",
        "functions": "symmetry_of_function",
        "graphs": "symmetry_of_graph",
        "hidden_layers": "symmetry_of_hidden_layer",
        "layers": "symmetry_of_layer",
        "matrices": "symmetry_of_matrix",
        "points": "symmetry_of_points",
        "trade_off": "TradeOff TradeOffRow",
    },
)
