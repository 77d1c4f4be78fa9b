"""Laws for users' own tests, and a test that a layer is equivariant.

Each ``check`` raises InconsistentAnswerError at the first law that is broken;
:func:`assert_equivariant` raises an AssertionError that says where a torch layer fails to commute
with its group. torch is imported only when a layer is measured.

Examples
--------
>>> import toolkit as tk
>>> from toolkit.testing import check_character_table, check_spherical_table
>>> G = tk.group("A5")
>>> check_character_table(G.character_table)
>>> check_spherical_table(G.natural_module().spherical_table)
"""

from toolkit.groups.laws import (
    check_character_table,
    check_facts,
    check_subgroup_classes,
    check_table_of_marks,
)
from toolkit.modules.spherical import check_spherical_table
from toolkit.testing.convolution import (
    assert_convolution_equivariant,
    convolution_equivariance_error,
)
from toolkit.testing.equivariance import (
    EquivarianceError,
    NotEquivariantError,
    assert_equivariant,
    equivariance_error,
)

__all__ = [
    "EquivarianceError",
    "NotEquivariantError",
    "assert_convolution_equivariant",
    "assert_equivariant",
    "check_character_table",
    "check_facts",
    "check_spherical_table",
    "check_subgroup_classes",
    "check_table_of_marks",
    "convolution_equivariance_error",
    "equivariance_error",
]
