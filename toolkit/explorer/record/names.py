"""What a group is called: title, other names, and its labels in other collections."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from toolkit.groups.names.descriptions import best_names, family_names

if TYPE_CHECKING:
    from toolkit.library.group import Group

_LIBRARY = re.compile(r"SmallGroup\(\d+,\d+\)")
_DIHEDRAL = re.compile(r"D(\d+)")
_SAME = re.compile(r"(?:C|S|A|Q|Dic)\d+|(?:SL|GL|PSL)\(\d,\d+\)")


def title(group: Group) -> str:
    """Return the name for reading: the given one, a usual one, GAP's description.

    Examples
    --------
    >>> import toolkit as tk
    >>> title(tk.group("SmallGroup(24,12)")), title(tk.group("C2 wr S3"))
    ('S4', 'C2 wr S3')
    """
    if not _LIBRARY.fullmatch(group.title):
        return group.title
    number = group.small_group_id
    usual = None if number is None else best_names().get(number)
    return usual or group.description or group.title


def aliases(group: Group) -> list[str]:
    """Return the other names of a group, those of families first.

    Examples
    --------
    >>> import toolkit as tk
    >>> aliases(tk.group("Q8"))[:3]
    ['SmallGroup(8,4)', 'Dic2', '2^(1+2)_-']
    """
    number = group.small_group_id
    families = [name for name, ids in family_names().items() if number and ids[0] == number]
    found = dict.fromkeys([*group.aliases[:1], *families, *group.aliases[1:]])
    return [name for name in found if name != group.name]


def links(group: Group) -> dict[str, str | None]:
    """Return the LMFDB label, and the name on GroupNames where it is one of a usual family.

    Examples
    --------
    >>> import toolkit as tk
    >>> links(tk.group("D16"))
    {'lmfdb': '16.7', 'groupnames': 'D8'}
    """
    number = group.small_group_id
    if number is None:
        return {"lmfdb": None, "groupnames": None}
    name = best_names().get(number, "")
    dihedral = _DIHEDRAL.fullmatch(name)
    if dihedral:
        name = f"D{int(dihedral[1]) // 2}"
    elif not _SAME.fullmatch(name):
        name = ""
    return {"lmfdb": "{}.{}".format(*number), "groupnames": name or None}
