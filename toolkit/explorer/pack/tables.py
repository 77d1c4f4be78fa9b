"""The files of the page that come from the catalog: its tables, and groups that share a graph.

``groups.json.gz``
    the table ``groups``, and as an extra column the ``title`` of each group.
``tables.json.gz``
    every table: its meaning, columns, number of rows, and where it can be had.
``tables/NAME.json.gz``
    the tables that a page can hold, in the form of :mod:`toolkit.explorer.pack.columns`.
``graph_classes.json.gz``
    for each activation the isomorphism classes of the interaction graphs of regular modules.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from toolkit.catalog.schema import COLUMN_TYPES, TABLES
from toolkit.catalog.schema import table as table_of_schema
from toolkit.explorer.pack.columns import packed, table_columns, table_data, with_groups
from toolkit.explorer.pack.packed_files import read_packed
from toolkit.groups.names.descriptions import best_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from toolkit.catalog.catalog import Catalog
    from toolkit.catalog.schema import Column, Table

SCHEMA = 1

#: Tables that a page holds as files; ``groups`` stands apart, since every search reads it.
OFFLINE = ("classes", "simples", "quotients", "modules", "contents", "graphs", "pl_maps")

#: Why the others are not there.
_ABSENT = {
    "normal_subgroups": "its lists of covers make 1.6 MB: the page of a group shows its own",
    "edges": "it has too many rows for a page: 10 MB, packed",
    "closed_sets": "it has too many rows for a page: 2 MB, packed",
    "provenance": "it says which programs made the rows, for those who repeat them",
    "attempts": "it says how long a sweep took on one machine",
}


def catalog_files(catalog: Catalog, folder: Path, condition: str | None = None) -> dict[str, int]:
    """Write the page's files about the catalog.

    Parameters
    ----------
    catalog
        An open catalog; its groups are those of the page, in its order.
    folder
        The folder of the page's data.
    condition
        Which groups, such as ``"order <= 24"``; ``None`` for all.

    Returns
    -------
    dict
        The size of each file in bytes, by its name in the folder.

    Notes
    -----
    The same catalog gives the same bytes. Takes about a minute for the bundled one.
    """
    sizes: dict[str, int] = {}

    def write(name: str, data: object) -> None:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(packed(data))
        sizes[name] = path.stat().st_size

    groups = _groups(catalog, condition)
    write("groups.json.gz", groups)
    rows = catalog.sizes | {"groups": groups["rows"]}
    for name in OFFLINE:
        data = table_data(table_of_schema(name), _columns(catalog, name, condition))
        rows[name] = data["rows"]
        write(f"tables/{name}.json.gz", data)
    write("graph_classes.json.gz", _graph_classes(catalog, condition))
    write("tables.json.gz", _tables(rows, sizes))
    return sizes


def select_groups(source: Path, target: Path, groups: Iterable[str]) -> None:
    """Write the files of :func:`catalog_files` again, with the rows of some groups only.

    Parameters
    ----------
    source
        A folder that :func:`catalog_files` wrote.
    target
        Where the smaller files go.
    groups
        Names of groups, as the table ``groups`` has them.

    Notes
    -----
    Classes of graphs keep their numbers, and count only these groups.
    """
    wanted = set(groups)
    rows: dict[str, int] = {}
    sizes: dict[str, int] = {}
    for name in ("groups.json.gz", *(f"tables/{t}.json.gz" for t in OFFLINE)):
        data = with_groups(read_packed(source / name), wanted)
        rows[data["table"]] = data["rows"]
        sizes[name] = _write(target / name, data)
    names = table_columns(read_packed(source / "groups.json.gz"))["group"]
    kept = [i for i, name in enumerate(names) if name in wanted]
    classes = read_packed(source / "graph_classes.json.gz")
    for found in classes["activations"].values():
        found["of"] = [found["of"][i] for i in kept]
    _write(target / "graph_classes.json.gz", classes)
    tables = read_packed(source / "tables.json.gz")
    for entry in tables["tables"]:
        if entry["name"] in rows:
            entry["rows"] = rows[entry["name"]]
            entry["bytes"] = sizes[entry["file"]]
    _write(target / "tables.json.gz", tables)


def _groups(catalog: Catalog, condition: str | None) -> dict[str, Any]:
    columns = _columns(catalog, "groups", condition)
    usual = best_names()
    numbers = zip(columns["order"], columns["number"], strict=True)
    facts = zip(numbers, columns["description"], columns["group"], strict=True)
    columns["title"] = [usual.get(n) or description or name for n, description, name in facts]
    return table_data(table_of_schema("groups"), columns)


def _columns(catalog: Catalog, name: str, condition: str | None) -> dict[str, list[Any]]:
    found = catalog.find(condition, table=name).to_arrow()
    return {column: found.column(column).to_pylist() for column in found.column_names}


def _graph_classes(catalog: Catalog, condition: str | None) -> dict[str, Any]:
    """Return the classes of each activation: nodes and edges, and the class of each group."""
    names = catalog.find(condition, columns="group").column("group")
    activations = catalog.sql("SELECT DISTINCT activation FROM graphs ORDER BY 1")
    out = {}
    for activation in activations.column("activation"):
        classes = catalog.graph_classes(activation, "regular", condition)
        of = {g: number for number, found in enumerate(classes) for g in found.groups}
        out[activation] = {
            "classes": [[found.nodes, found.edges] for found in classes],
            "of": [of.get(name) for name in names],
        }
    return {"schema": SCHEMA, "module": "regular", "activations": out}


def _tables(rows: dict[str, int], sizes: dict[str, int]) -> dict[str, Any]:
    return {"schema": SCHEMA, "tables": [_about(table, rows, sizes) for table in TABLES]}


def _about(table: Table, rows: dict[str, int], sizes: dict[str, int]) -> dict[str, Any]:
    file = "groups.json.gz" if table.name == "groups" else f"tables/{table.name}.json.gz"
    here = file in sizes
    return {
        "name": table.name,
        "meaning": table.meaning,
        "rows": rows[table.name],
        "file": file if here else None,
        "bytes": sizes.get(file),
        "absent": None if here else _ABSENT[table.name],
        "columns": _described(table.columns),
    }


def _described(columns: Sequence[Column]) -> list[dict[str, str]]:
    return [
        {"name": c.name, "type": c.type, "kind": COLUMN_TYPES[c.type][0], "meaning": c.meaning}
        for c in columns
    ]


def _write(path: Path, data: object) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(packed(data))
    return path.stat().st_size
