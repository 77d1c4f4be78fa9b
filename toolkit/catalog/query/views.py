"""The tables that users query, as views in DuckDB over the stored files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from toolkit.catalog.files.arrow import untyped_pyarrow
from toolkit.catalog.files.lattices import lattice_lists
from toolkit.catalog.files.layout import files_of, stored
from toolkit.catalog.schema import table

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

#: The function of DuckDB that reads lattices; no query of a user may name it.
_COVERS = "plrep_covers"

#: The schema of DuckDB with the views that have columns to sort by: ``SHOW TABLES`` omits it.
ORDERED = "in order"

#: Tables that are stored in parts: SQL whose last columns, ``place`` and so on, sort the rows.
_VIEWS = {
    "edges": """
SELECT "group", "order", module, k.activation, source, 'L' || target AS target, k.parts, k.reach,
    k.reach_of, k.share, provenance, module_number AS place, k.activation AS place_2,
    source_row AS place_3, target AS place_4
FROM (
    SELECT c."group", c."order", c.module, c.label AS source, c.provenance, c.module_number,
        c.file_row_number AS source_row, unnest(b.targets) AS target, unnest(b.kinds) AS kind
    FROM {contents} AS c JOIN {edges} AS b ON b.block = c.edge_block
) JOIN {edge_kinds} AS k USING (kind)
""",
    "closed_sets": """
SELECT c."group", c."order", c.module, b.activation, c.label AS source, b.size, b.dimension,
    list_transform(b.members, lambda x: 'L' || x) AS members, c.provenance,
    c.module_number AS place, b.activation AS place_2, c.file_row_number AS place_3
FROM {contents} AS c JOIN {closed_sets} AS b ON b.block = c.closure_block
""",
    "graphs": """
SELECT g.* EXCLUDE (file_row_number), c.* EXCLUDE (graph_class, file_row_number),
    g.file_row_number AS place
FROM {graphs} AS g JOIN {graph_classes} AS c USING (graph_class)
""",
    "normal_subgroups": f"""
SELECT n."group", n."order", n.letter || n.number_in_label AS label, n.subgroup_order, n."index",
    CASE WHEN l.covers[n.position + 1] = '' THEN [] ELSE string_split(l.covers[n.position + 1], ' ')
    END AS covers, n.is_kernel, n.provenance, n.file_row_number AS place
FROM {{normal_subgroups}} AS n
JOIN (SELECT "group", "order", {_COVERS}(lattice) AS covers FROM {{lattices}}) AS l
    USING ("group", "order")
""",
    "pl_maps": """
SELECT "group", "order", kernels[i].kernel AS kernel, kernels[i].kernel_order AS kernel_order,
    kernels[i].simples AS simples,
    list_transform(below[coalesce(ends[i - 1], 0) + 1 : ends[i]], lambda x: kernels[x + 1].kernel)
    AS below, targets[i] AS targets, provenance, place, i AS place_2
FROM (
    SELECT p.* EXCLUDE (file_row_number), p.file_row_number AS place, k.kernels,
        unnest(range(1, len(ends) + 1)) AS i
    FROM {pl_maps} AS p JOIN (
        SELECT "group", list({{'kernel': kernel, 'kernel_order': kernel_order, 'simples': simples}}
            ORDER BY CAST(kernel[2:] AS INTEGER)) AS kernels
        FROM (
            SELECT "group", kernel, any_value(kernel_order) AS kernel_order,
                list(label ORDER BY file_row_number) AS simples
            FROM {simples} GROUP BY "group", kernel
        ) GROUP BY "group"
    ) AS k USING ("group")
)
""",
}

#: By how many columns their rows are sorted, if by more than one.
_PLACES = {"edges": 4, "closed_sets": 3, "pl_maps": 2}


def add_functions(connection: Any) -> None:  # noqa: ANN401 - DuckDB's connection
    """Make what views use: their functions, and the schema of those in order."""
    connection.execute(f'CREATE SCHEMA IF NOT EXISTS "{ORDERED}"')
    connection.create_function(_COVERS, _covers, ["BLOB"], "VARCHAR[]", type="arrow")


def _covers(lattices: Any) -> Any:  # noqa: ANN401 - arrays of pyarrow
    """Return for each lattice the labels that each normal subgroup covers, as one text.

    Lists of lists would be copied for every row that a join finds.
    """
    pa = untyped_pyarrow()
    groups, ends, labels = [0], [np.zeros(1, dtype=np.int64)], []
    size = 0
    for code in lattices.to_pylist():
        own, positions, names = lattice_lists(code)
        groups.append(groups[-1] + len(own) - 1)
        ends.append(own[1:] + size)
        size += len(positions)
        labels.append(pa.array(names, "string").take(pa.array(positions)))
    flat = pa.concat_arrays(labels) if labels else pa.array([], "string")
    lists = pa.ListArray.from_arrays(pa.array(np.concatenate(ends).astype(np.int32)), flat)
    return pa.ListArray.from_arrays(pa.array(groups, "int32"), pa.compute.binary_join(lists, " "))


def in_order(name: str) -> str:
    """Return the name of the view of a table with columns that sort its rows, quoted.

    Examples
    --------
    >>> in_order("edges"), places_of("edges"), places_of("groups")
    ('"in order"."edges"', ('place', 'place_2', 'place_3', 'place_4'), ('place',))
    """
    return f'"{ORDERED}"."{name}"'


def places_of(name: str) -> tuple[str, ...]:
    """Return the columns of that view that sort its rows."""
    return ("place", *(f"place_{i}" for i in range(2, _PLACES.get(name, 1) + 1)))


def is_stored_in_order(name: str) -> bool:
    """Return whether a table is one file, whose rows come in order by themselves."""
    return name not in _VIEWS


def view_statements(name: str, files: Mapping[str, Path]) -> tuple[str, str]:
    """Return the statements that make a table's views: in order, and as users see it.

    Parameters
    ----------
    name
        The table.
    files
        The file of each stored table.
    """
    read = {
        part: f"read_parquet({quoted(str(files[part]))}, file_row_number = true, "
        "hive_partitioning = false)"  # a folder above may be called seed=1
        for part in files_of(name)
    }
    columns = ", ".join(f'"{column.name}"' for column in table(name).columns)
    if name in _VIEWS:
        sql = _VIEWS[name].format(**read)
    else:
        own = {column.name for column in table(name).columns}
        inner = [c.name for c in stored(name).columns if c.name not in own]
        hidden = ", ".join(["file_row_number", *inner])
        sql = f"SELECT * EXCLUDE ({hidden}), file_row_number AS place FROM {read[name]}"
    shown = columns if name in _VIEWS else f"* EXCLUDE ({', '.join(places_of(name))})"
    return (
        f"CREATE OR REPLACE VIEW {in_order(name)} AS {sql}",
        f'CREATE OR REPLACE VIEW "{name}" AS SELECT {shown} FROM {in_order(name)}',
    )


def quoted(text: str) -> str:
    """Return a text as a literal of SQL.

    Examples
    --------
    >>> quoted("it's")
    "'it''s'"
    """
    return "'" + text.replace("'", "''") + "'"
