"""The table ``pl_maps`` as it is stored: what does not follow from the table ``simples``.

The kernels of a group, their orders and the simples with each follow from the rows of its simples.
Stored are, in one row for each group, the kernels that are next above each, as positions, and the
numbers of targets.
"""

from __future__ import annotations

from itertools import accumulate
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
    """Return the rows of ``pl_maps`` of some groups as they are stored.

    Parameters
    ----------
    rows, simples
        All rows of the groups in two tables.

    Raises
    ------
    CatalogError
        If the kernels are not those of the simples.
    """
    pa = untyped_pyarrow()
    known = _kernels_of(simples)
    said: dict[str, dict[str, tuple[int, list[str], list[str]]]] = {}
    out: dict[str, list[Any]] = {column.name: [] for column in STORED_PL_MAPS.columns}
    columns: Any = (
        rows.column(name).to_pylist()
        for name in ("group", "kernel", "kernel_order", "simples", "below")
    )
    for group, kernel, order, labels, below in zip(*columns, strict=True):
        said.setdefault(group, {})[kernel] = (order, labels, below)
    first = 0
    targets = rows.column("targets").to_pylist()
    about: Any = {name: rows.column(name).to_pylist() for name in ("order", "provenance")}
    for group, own in said.items():
        kernels = known.get(group, {})
        place = {name: i for i, name in enumerate(kernels)}
        same = list(own) == list(kernels) and all(own[k][:2] == kernels[k] for k in kernels)
        above = [[place.get(name, -1) for name in names] for _, _, names in own.values()]
        if not same or any(-1 in positions for positions in above):
            raise CatalogError(
                group,
                "its kernels are not those of its simples",
                "sweep it again into another folder",
            )
        out["group"].append(group)
        for name, values in about.items():
            out[name].append(values[first])
        out["ends"].append(list(accumulate(map(len, above))))
        out["below"].append([i for positions in above for i in positions])
        out["targets"].append(targets[first : first + len(own)])
        first += len(own)
    schema = arrow_schema(STORED_PL_MAPS)
    found: Table = pa.Table.from_arrays(
        [pa.array(out[f.name], f.type) for f in schema], schema=schema
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
