"""The table ``pl_maps`` as it is stored: what does not follow from the table ``simples``.

The kernels of a group, their orders and the simples with each follow from the rows of its simples.
Stored are, in one row for each group, the kernels that are next above each, as positions, and the
numbers of targets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from toolkit.catalog.files.arrow import arrow_schema, untyped_pyarrow
from toolkit.catalog.files.layout import STORED_PL_MAPS
from toolkit.catalog.schema import PL_MAPS
from toolkit.errors import CatalogError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pyarrow import Table

    #: Order of a kernel, and the simples that have it, by the label of the kernel.
    Kernels = dict[str, tuple[int, list[str]]]


def _kernels_of(simples: Table) -> dict[str, Kernels]:
    """Return the kernels of each group, sorted by the numbers of their labels."""
    found: dict[str, Kernels] = {}
    columns: Any = (
        simples.column(name).to_pylist() for name in ("group", "kernel", "kernel_order", "label")
    )
    for group, kernel, order, label in zip(*columns, strict=True):
        own = found.setdefault(group, {})
        own.setdefault(kernel, (order, []))[1].append(label)
    return {
        group: {name: own[name] for name in sorted(own, key=lambda n: int(n[1:]))}
        for group, own in found.items()
    }


def stored_pl_maps(rows: Table, simples: Table) -> Table:
    """Return the rows of ``pl_maps`` of one group as they are stored.

    Parameters
    ----------
    rows, simples
        All rows of the group in two tables.

    Raises
    ------
    CatalogError
        If the kernels are not those of the simples.
    """
    pa = untyped_pyarrow()
    ((group, kernels),) = _kernels_of(simples).items()
    place = {name: i for i, name in enumerate(kernels)}
    below: list[int] = []
    ends = []
    known = dict.fromkeys(("kernel", "kernel_order", "simples", "below"))
    given: Any = {name: rows.column(name).to_pylist() for name in known}
    said = dict(
        zip(given["kernel"], zip(given["kernel_order"], given["simples"], strict=True), strict=True)
    )
    if list(said.items()) != list(kernels.items()) or not place.keys() >= {
        name for names in given["below"] for name in names
    }:
        raise CatalogError(
            group, "its kernels are not those of its simples", "sweep it again into another folder"
        )
    for names in given["below"]:
        below += [place[name] for name in names]
        ends.append(len(below))
    own = {name: [rows.column(name)[0].as_py()] for name in ("group", "order", "provenance")}
    targets = rows.column("targets").to_pylist()
    found: Table = (
        pa.table({**own, "ends": [ends], "below": [below], "targets": [targets]})
        .select([c.name for c in STORED_PL_MAPS.columns])
        .cast(arrow_schema(STORED_PL_MAPS))
    )
    return found


def pl_map_rows(stored: Table, simples: Table) -> Table:
    """Return the rows of ``pl_maps``.

    Parameters
    ----------
    stored
        Stored rows.
    simples
        The rows of ``simples`` of at least these groups.

    Raises
    ------
    CatalogError
        If simples are missing, or others.
    """
    pa = untyped_pyarrow()
    kernels = _kernels_of(simples)
    out: dict[str, list[object]] = {column.name: [] for column in PL_MAPS.columns}
    for row in stored.to_pylist():
        own = kernels.get(row["group"], {})
        names = list(own)
        if len(names) != len(row["ends"]):
            raise CatalogError(
                "pl_maps.parquet", f"{row['group']} has other kernels", "copy the folder again"
            )
        ends = np.array([0, *row["ends"]]).tolist()
        for i, (name, (order, labels)) in enumerate(own.items()):
            above = [names[j] for j in row["below"][ends[i] : ends[i + 1]]]
            _append(out, row, (name, order, labels, above, row["targets"][i]))
    schema = arrow_schema(PL_MAPS)
    arrays = [pa.array(out[f.name], f.type) for f in schema]
    found: Table = pa.Table.from_arrays(arrays, schema=schema)
    return found


def _append(out: dict[str, list[object]], row: dict[str, object], own: Iterable[object]) -> None:
    names = ("kernel", "kernel_order", "simples", "below", "targets")
    for name in ("group", "order", "provenance"):
        out[name].append(row[name])
    for name, value in zip(names, own, strict=True):
        out[name].append(value)
