"""What the Parquet files of a catalog hold, where it differs from the table that users see.

Groups with much in common have rows in common: the edges out of a simple depend on the group
modulo the kernel of the simple, and many groups share it. So some tables are stored in parts:

``contents``
    its columns, and the numbers of two blocks: the edges out of the simple, the closures of it.
``edges``
    blocks of edges, each once: targets, and for each the number of its kind.
``edge_kinds``
    what an edge says, each once: per activation its parts, reach and share.
``closed_sets``
    blocks of closures, each once.
``graphs`` and ``graph_classes``
    its columns that isomorphic graphs need not share, and the class; what isomorphic graphs have in
    common, each once.
``pl_maps``
    what does not follow from ``simples`` (:mod:`toolkit.catalog.files.kernel_maps`).
``normal_subgroups`` and ``lattices``
    the rows without ``covers``, and the lattice of each group, from which they follow
    (:mod:`toolkit.catalog.files.lattices`).

Every value that a user reads is the one that a sweep wrote, to the last bit; the classes of graphs
are found when the tables are written. All other tables are stored as users see them.
"""

from __future__ import annotations

from toolkit.catalog.schema import (
    CONTENTS,
    GRAPHS,
    NORMAL_SUBGROUPS,
    PL_MAPS,
    TABLES,
    Column,
    Table,
    table,
)

_BLOCK = Column("block", "int32", "number of the block, from 0")

STORED_CONTENTS = Table(
    "contents",
    CONTENTS.meaning,
    CONTENTS.key,
    (
        *CONTENTS.columns,
        Column("module_number", "int32", "number of the module in the catalog, from 0"),
        Column("edge_block", "int32", "the block of edges out of this simple"),
        Column("closure_block", "int32", "the block of closures of this simple"),
    ),
)

STORED_EDGES = Table(
    "edges",
    "the edges out of a simple, under all activations",
    ("block",),
    (
        _BLOCK,
        Column("targets", "list<int32>", "numbers of the labels of targets, rising"),
        Column("kinds", "list<int32>", "for each the number of its kind"),
    ),
)

EDGE_KINDS = Table(
    "edge_kinds",
    "what an edge says under one activation",
    ("kind", "activation"),
    (
        Column("kind", "int32", "number of the kind, from 0"),
        *(
            table("edges").column(name)
            for name in ("activation", "parts", "reach", "reach_of", "share")
        ),
    ),
)

STORED_CLOSED_SETS = Table(
    "closed_sets",
    "the closure of a simple under one activation",
    ("block", "activation"),
    (
        _BLOCK,
        *(table("closed_sets").column(name) for name in ("activation", "size", "dimension")),
        Column("members", "list<int32>", "numbers of the labels of the simples in the closure"),
    ),
)

STORED_NORMAL_SUBGROUPS = Table(
    "normal_subgroups",
    NORMAL_SUBGROUPS.meaning,
    ("order", "group", "position"),
    (
        *(c for c in NORMAL_SUBGROUPS.columns if c.name not in ("label", "covers")),
        Column("letter", "string", "the first letter of its label"),
        Column("number_in_label", "int32", "the number in its label"),
        Column("position", "int32", "its position among those listed of the group, from 0"),
    ),
)

LATTICES = Table(
    "lattices",
    "the lattice of normal subgroups of a group",
    ("order", "group"),
    (
        *(c for c in NORMAL_SUBGROUPS.columns if c.name in ("group", "order")),
        Column("lattice", "binary", "the lattice, see toolkit.catalog.files.lattices"),
    ),
)

STORED_PL_MAPS = Table(
    "pl_maps",
    "the kernels of simples of a group: what does not follow from the table simples",
    ("order", "group"),
    (
        *(c for c in PL_MAPS.columns if c.name in ("group", "order", "provenance")),
        Column("ends", "list<int32>", "where the list below of each kernel ends"),
        Column("below", "list<int32>", "the next kernels above, by positions from 0"),
        Column("targets", "list<int32>", "for each kernel the number of simples reached"),
    ),
)

_OF_CLASSES = (
    "graph_class",
    "nodes",
    "edges",
    "loops",
    "sinks",
    "sources",
    "components",
    "longest_path",
    "graph_hash",
)

GRAPH_CLASSES = Table(
    "graph_classes",
    "an interaction graph up to isomorphism of directed graphs",
    ("graph_class",),
    tuple(GRAPHS.column(name) for name in _OF_CLASSES),
)

STORED_GRAPHS = Table(
    "graphs",
    GRAPHS.meaning,
    GRAPHS.key,
    tuple(c for c in GRAPHS.columns if c.name not in _OF_CLASSES[1:]),
)

_OWN = {
    t.name: t
    for t in (
        STORED_CONTENTS,
        STORED_EDGES,
        STORED_CLOSED_SETS,
        STORED_NORMAL_SUBGROUPS,
        STORED_GRAPHS,
        STORED_PL_MAPS,
    )
}
#: The tables as they are stored, one file for each.
STORED: tuple[Table, ...] = (
    *(_OWN.get(t.name, t) for t in TABLES),
    EDGE_KINDS,
    LATTICES,
    GRAPH_CLASSES,
)

#: Those that are stored in another form than users see.
LAID_OUT = (*_OWN.values(), EDGE_KINDS, LATTICES, GRAPH_CLASSES)

#: The files that a table is read from, if they are not its own file alone.
_PARTS = {
    "edges": ("contents", "edges", "edge_kinds"),
    "closed_sets": ("contents", "closed_sets"),
    "graphs": ("graphs", "graph_classes"),
    "normal_subgroups": ("normal_subgroups", "lattices"),
    "pl_maps": ("pl_maps", "simples"),
}


def files_of(name: str) -> tuple[str, ...]:
    """Return the names of the stored tables from which a table is read.

    Examples
    --------
    >>> files_of("edges"), files_of("groups")
    (('contents', 'edges', 'edge_kinds'), ('groups',))
    """
    return _PARTS.get(name, (name,))


def stored(name: str) -> Table:
    """Return a table as it is stored, by name; KeyError if there is none."""
    return next((t for t in STORED if t.name == name), None) or table(name)
