"""Laws for users' own tests: each raises InconsistentAnswerError on the first one broken.

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

__all__ = [
    "check_character_table",
    "check_facts",
    "check_spherical_table",
    "check_subgroup_classes",
    "check_table_of_marks",
]
