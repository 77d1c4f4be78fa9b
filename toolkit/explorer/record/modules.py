"""The record of one module: its contents, spherical functions, and who reaches whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from toolkit.errors import ModuleMismatchError
from toolkit.explorer.record.columns import packed_module
from toolkit.explorer.record.drawn import module_fields
from toolkit.explorer.record.numbers import LARGEST, all_whole, real, whole
from toolkit.explorer.record.pairs import hyperplanes_of, pairs_of
from toolkit.pl.criterion.of_module import labels_of, orbit_criteria
from toolkit.text import is_local

if TYPE_CHECKING:
    from toolkit.groups.subgroups import SubgroupClass
    from toolkit.library.group import Group
    from toolkit.modules.module import Module
    from toolkit.modules.spherical import SphericalSimple
    from toolkit.pl.criterion.orbit import OrbitCriterion


def module_record(G: Group, X: Module, identifier: str | None = None) -> dict[str, Any]:
    """Return the record of a module that comes without the record of its group.

    Parameters
    ----------
    G
        The group.
    X
        A permutation module or a signed module of the group.
    identifier
        What the page calls it: ``"regular"``, ``"natural"``, ``"H4a"``; by default its name.

    Returns
    -------
    dict
        What JSON holds; positions are 0-based. ``pairs`` is ``None`` for a module of several
        orbits, or with signs: then ``orbits`` has an entry for each. ``missing`` says what there
        is not.

    Raises
    ------
    NotAvailable
        If the contents of the module are out of reach.

    Notes
    -----
    Exact, but for the floats of spherical functions, which are rounded. May start GAP.

    Examples
    --------
    >>> import toolkit as tk
    >>> from toolkit.explorer.record.restored import restored_module
    >>> G = tk.group("S3")
    >>> record = restored_module(module_record(G, G.natural_module(), "natural"))
    >>> record["degree"], [c["label"] for c in record["contents"]], record["pairs"]["even"]
    (3, ['L0', 'L2'], [[0, 1], [0, 1, 1, 1]])
    """
    if X.group != G.name:
        raise ModuleMismatchError(f"a module of {G.name} is required, not of {X.group}")
    record, missing = described_module(X, identifier, alone=True)
    return record | {"missing": missing}


def described_module(
    X: Module,
    identifier: str | None = None,
    subgroup: SubgroupClass | None = None,
    structure: str | None = None,
    *,
    alone: bool = False,
) -> tuple[dict[str, Any], list[list[str]]]:
    """Return the record of a module, and pairs of a subject and a sentence: what is missing.

    Parameters
    ----------
    X, identifier
        As in :func:`module_record`.
    subgroup
        The class of the stabilisers of a transitive module, where it has a label.
    structure
        A name of that subgroup for reading.
    alone
        Whether it comes without the record of its group, which has the matrices of the simples.
    """
    orbits = orbit_criteria(X)
    labels = labels_of(orbits)
    place = {label: i for i, label in enumerate(labels)}
    whole_module = len(orbits) == 1 and not X.has_signs
    table = orbits[0].table
    is_regular = whole_module and table.degree == table.group_order
    rank = table.rank if whole_module else X.rank
    out: dict[str, Any] = {
        "id": X.name if identifier is None else identifier,
        "title": X.name,
        "degree": whole(X.degree),
        "transitive": X.is_transitive,
        "signed": X.has_signs,
        "subgroup": None if subgroup is None else _subgroup(subgroup, structure),
        "rank": whole(rank),
        "contents": _contents(orbits, labels),
        "spherical": None,
        "pairs": None,
        "orbits": None,
    }
    if whole_module:
        out["pairs"] = pairs_of(orbits[0])
        if not is_regular:
            out["spherical"] = _spherical(orbits[0])
    else:
        out["orbits"] = [_orbit(orbit, place) for orbit in orbits]
    drawn = module_fields(X, alone=alone)
    for entry in out["contents"]:
        entry |= drawn.entries.get(entry["label"], {})
    out |= drawn.fields
    if table.group_order > LARGEST:
        out = all_whole(out)
    return packed_module(out, alone=alone), drawn.missing


def _subgroup(subgroup: SubgroupClass, structure: str | None) -> dict[str, Any]:
    return {
        "label": subgroup.label,
        "order": whole(subgroup.order),
        "normal": subgroup.length == 1,
        "structure": structure,
    }


def _contents(orbits: tuple[OrbitCriterion, ...], labels: tuple[str, ...]) -> list[dict[str, Any]]:
    simples: dict[str, SphericalSimple] = {
        s.label: s for orbit in orbits for s in orbit.table.simples
    }
    fixed = dict.fromkeys(labels, 0)
    lines: dict[str, int] = dict.fromkeys(labels, 0)
    for orbit in orbits:
        for label, own, count in zip(orbit.labels, orbit.fixed, hyperplanes_of(orbit), strict=True):
            fixed[label] += own
            lines[label] += count
    out = []
    for label in labels:
        s = simples[label]
        regions = {1: 2, 2: 2 * lines[label]}.get(s.dimension) if len(orbits) == 1 else None
        entry: dict[str, Any] = {
            "simple": None if is_local(label) else int(label[1:]),
            "label": label,
            "multiplicity": whole(fixed[label] // s.endomorphism_dimension),
            "fixed": whole(fixed[label]),
            "hyperplanes": whole(lines[label]),
            "regions": None if regions is None else whole(regions),
            "regions_are": None if regions is None else "exact",
        }
        if is_local(label):
            entry |= {
                "dimension": whole(s.dimension),
                "type": s.type,
                "action_order": whole(s.action_order),
                "kernel_order": whole(s.kernel_order),
            }
        out.append(entry)
    return out


def _spherical(orbit: OrbitCriterion) -> dict[str, Any]:
    """Return sizes of columns and spherical functions, what is exactly 0 or +-1 as integers."""
    if orbit.swap is None:
        values = [real(v) for v in orbit.table.values]
        rows = [[values[v] for v in orbit.table.simples[r].row] for r in orbit.rows]
    else:
        rows = [
            [1 if up else -1 if down else x for x, up, down in zip(*columns, strict=True)]
            for columns in zip(
                orbit.floats.tolist(), orbit.plus.tolist(), orbit.minus.tolist(), strict=True
            )
        ]
    points = [int(p) for p in np.asarray(orbit.table.points).tolist()]
    sizes = [whole(s) for s in orbit.sizes]
    return {"sizes": sizes, "points": points or None, "values": rows}


def _orbit(orbit: OrbitCriterion, place: dict[str, int]) -> dict[str, Any]:
    return {
        "entries": [place[label] for label in orbit.labels],
        "degree": whole(orbit.coordinates),
        "fixed": [whole(f) for f in orbit.fixed],
        "signed": orbit.swap is not None,
        "spherical": _spherical(orbit),
        "pairs": pairs_of(orbit),
    }
