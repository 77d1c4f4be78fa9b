"""The tables of the catalog, column by column: what a sweep writes and what a query may name.

Every value that decides is exact: integers, labels, names of parts. The only floats are shares
(:func:`~toolkit.pl.transfer.matrix.transfer_matrix`, about 1e-12) and seconds. ``NULL`` means that
the value was not computed or is not known, never zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

#: Raised by hand whenever a column changes its name, type or meaning, or labels change.
#: 1: ties between classes were broken by words in the generators alone. 2: labels are canonical.
#: 3: rows that groups have in common are stored once (toolkit.catalog.files.layout).
SCHEMA_VERSION = 3
#: The first schema whose rows are those of this one: older files can be written again as new ones.
OLDEST_ROWS = 2

#: The largest value of a column of type int64.
LARGEST_INTEGER = 2**63 - 1

ColumnType = Literal[
    "string", "int32", "int64", "bool", "float64", "list<string>", "list<int32>", "binary"
]
Kind = Literal["number", "text", "truth", "list", "stored"]

#: For each type of a column its kind in the filter language, and its type in DuckDB.
COLUMN_TYPES: dict[ColumnType, tuple[Kind, str]] = {
    "string": ("text", "VARCHAR"),
    "int32": ("number", "INTEGER"),
    "int64": ("number", "BIGINT"),
    "float64": ("number", "DOUBLE"),
    "bool": ("truth", "BOOLEAN"),
    "list<string>": ("list", "VARCHAR[]"),
    # in files alone (toolkit.catalog.files.layout)
    "list<int32>": ("stored", "INTEGER[]"),
    "binary": ("stored", "BLOB"),
}


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Parameters
    ----------
    name
        Its name, in Parquet, SQL and the filter language.
    type
        One of :data:`ColumnType`.
    meaning
        One sentence.
    merged
        Whether the value is found when all rows of a catalog are merged: in the parts of a sweep it
        is missing.
    """

    name: str
    type: ColumnType
    meaning: str
    merged: bool = False


@dataclass(frozen=True)
class Table:
    """A table: one row for each value of its key.

    Parameters
    ----------
    name
        Its name, also that of its Parquet files.
    meaning
        What a row is.
    key
        Columns that identify a row; rows are sorted by them (labels by their numbers).
    columns
        All columns, in order.
    machine
        Whether the table records how a sweep went on one machine. All other tables are results: the
        same, byte for byte, however many workers there were.
    """

    name: str
    meaning: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    machine: bool = False

    def column(self, name: str) -> Column:
        """Return a column by its name, or raise KeyError."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


_GROUP = Column("group", "string", "canonical name of the group, such as SmallGroup(24,12)")
_ORDER = Column("order", "int64", "order of the group")
_MODULE = Column(
    "module", "string", "'regular', or the label of the class of subgroups H for Fun(G/H): 'H4a'"
)
_ACTIVATION = Column(
    "activation",
    "string",
    "the activation; exact columns hold for every activation with the same parts, shares for this",
)
_PROVENANCE = Column("provenance", "string", "what made the row: a key of the table provenance")


GROUPS = Table(
    "groups",
    "a group",
    ("order", "number", "group"),
    (
        _GROUP,
        _ORDER,
        Column("number", "int32", "its number among the small groups of its order"),
        Column(
            "description",
            "string",
            "GAP's structure description, a text and no identifier; empty where GAP is not asked, "
            "at orders 64, 128, 192 and above 200, unless the group belongs to a family with names",
        ),
        Column("abelian", "bool", "whether it is abelian"),
        Column("nilpotent", "bool", "whether it is nilpotent"),
        Column("solvable", "bool", "whether it is solvable"),
        Column("perfect", "bool", "whether it equals its derived subgroup"),
        Column("simple", "bool", "whether it is simple"),
        Column("exponent", "int64", "least common multiple of the orders of elements"),
        Column("classes", "int32", "number of conjugacy classes = of complex irreducibles"),
        Column("real_classes", "int32", "number of classes closed under inversion"),
        Column("real", "bool", "whether all characters are real"),
        Column("rational", "bool", "whether all characters are rational"),
        Column("conductor", "int32", "least n with all values of characters in Q(E(n))"),
        Column("field_degree", "int32", "degree over Q of the field of all values of characters"),
        Column(
            "table_hash",
            "string",
            "the same for equal character tables; catalog.table_classes() decides exactly",
        ),
        Column(
            "powered_table_hash",
            "string",
            "of the table with power maps: the same for equal ones, and hardly for others",
        ),
        Column("simples", "int32", "number of real simples"),
        Column("simples_R", "int32", "those of real type"),
        Column("simples_C", "int32", "those of complex type"),
        Column("simples_H", "int32", "those of quaternionic type"),
        Column("largest_dimension", "int32", "largest dimension of a real simple"),
        Column("faithful_simples", "int32", "number of faithful real simples"),
        Column("normal_subgroups", "int32", "number of normal subgroups"),
        Column("centre_order", "int64", "order of the centre"),
        Column("derived_order", "int64", "order of the derived subgroup"),
        Column("subgroup_classes", "int32", "number of classes of subgroups, where asked for"),
        Column("abelian_invariants", "list<string>", "of G/G', prime powers, smallest first"),
        _PROVENANCE,
    ),
)

CLASSES = Table(
    "classes",
    "a conjugacy class",
    ("order", "group", "class"),
    (
        _GROUP,
        _ORDER,
        Column("class", "int32", "its number in the canonical order, from 0"),
        Column("element_order", "int64", "order of its elements"),
        Column("size", "int64", "number of elements"),
        Column("inverse", "int32", "number of the class of inverses"),
        _PROVENANCE,
    ),
)

SIMPLES = Table(
    "simples",
    "a real simple representation",
    ("order", "group", "label"),
    (
        _GROUP,
        _ORDER,
        Column("label", "string", "its canonical label, L0 the trivial one"),
        Column("dimension", "int32", "real dimension"),
        Column("type", "string", "R, C or H"),
        Column("degree", "int32", "degree of its complex constituents"),
        Column("conductor", "int32", "least n with all values of such a constituent in Q(E(n))"),
        Column("field_degree", "int32", "degree over Q of the field of values of a constituent"),
        Column("kernel", "string", "label of its kernel among the normal subgroups"),
        Column("kernel_order", "int64", "order of its kernel"),
        Column("action_order", "int64", "|G / kernel|, the label in arXiv 2408.00949"),
        Column("sign_order", "int64", "order of the subgroup of elements that act as +1 or -1"),
        _PROVENANCE,
    ),
)

NORMAL_SUBGROUPS = Table(
    "normal_subgroups",
    "a normal subgroup; all of them where there are at most 1000, else kernels of simples only",
    ("order", "group", "label"),
    (
        _GROUP,
        _ORDER,
        Column("label", "string", "its canonical label, N0 the trivial one"),
        Column("subgroup_order", "int64", "its order"),
        Column("index", "int64", "its index"),
        Column("covers", "list<string>", "the maximal ones among the normal subgroups inside it"),
        Column("is_kernel", "bool", "whether it is the kernel of a real simple"),
        _PROVENANCE,
    ),
)

QUOTIENTS = Table(
    "quotients",
    "a group G/N, N a minimal normal subgroup, up to isomorphism; others are quotients of these; "
    "no row where GAP cannot number G/N: orders 512, 1024, 1536 and most above 2000",
    ("order", "group", "quotient"),
    (
        _GROUP,
        _ORDER,
        Column("quotient", "string", "name of G/N, such as SmallGroup(12,3)"),
        Column("kernels", "int32", "number of minimal normal subgroups N with this quotient"),
        Column("kernel_order", "int64", "|N|"),
        _PROVENANCE,
    ),
)

MODULES = Table(
    "modules",
    "a transitive permutation module Fun(G/H)",
    ("order", "group", "module"),
    (
        _GROUP,
        _ORDER,
        _MODULE,
        Column("degree", "int64", "number of points |G:H|"),
        Column("subgroup_order", "int64", "|H|"),
        Column("subgroup_normal", "bool", "whether H is normal"),
        Column("rank", "int64", "number of orbitals = dimension of the equivariant linear maps"),
        Column("simples", "int32", "number of simples that occur"),
        Column("largest_multiplicity", "int32", "largest multiplicity of a simple"),
        _PROVENANCE,
    ),
)

CONTENTS = Table(
    "contents",
    "a simple that occurs in a module",
    ("order", "group", "module", "label"),
    (
        _GROUP,
        _ORDER,
        _MODULE,
        Column("label", "string", "the simple"),
        Column("multiplicity", "int32", "how often it occurs"),
        Column("fixed", "int64", "dim L^H"),
        Column("hyperplanes", "int64", "breaking hyperplanes of a generic map from L: |G:U_L|"),
        Column(
            "regions",
            "int64",
            "regions of linearity of such a map, exact for dimension 1 (2) and 2 (2 hyperplanes)",
        ),
        _PROVENANCE,
    ),
)

GRAPHS = Table(
    "graphs",
    "the interaction graph of a module under an activation, with its summary of transfer",
    ("order", "group", "module", "activation"),
    (
        _GROUP,
        _ORDER,
        _MODULE,
        _ACTIVATION,
        Column("nodes", "int32", "number of simples"),
        Column("edges", "int64", "number of edges, loops included"),
        Column("loops", "int32", "number of simples that reach themselves"),
        Column("sinks", "int32", "number of simples that reach no other simple"),
        Column("nontrivial_sinks", "int32", "those among them that are not trivial"),
        Column("sources", "int32", "number of simples that no other simple reaches"),
        Column("components", "int32", "number of strongly connected components"),
        Column("longest_path", "int32", "most steps between components, from low to high"),
        Column(
            "graph_hash",
            "string",
            "the same for isomorphic directed graphs; catalog.graph_classes() decides exactly",
        ),
        Column(
            "graph_class",
            "int32",
            "number of its isomorphism class, from 0: the same exactly for isomorphic directed "
            "graphs, of any module and activation of this catalog",
            merged=True,
        ),
        Column("self_share_mean", "float64", "mean over simples of the share that stays"),
        Column("self_share_least", "float64", "least such share"),
        Column("trivial_share_mean", "float64", "mean share that goes to the trivial simple"),
        Column("largest_leak", "float64", "largest share from a simple into another"),
        _PROVENANCE,
    ),
)

EDGES = Table(
    "edges",
    "an edge of an interaction graph: f(v) has a component in target for some v in source, and so "
    "for all v in an open set",
    ("order", "group", "module", "activation", "source", "target"),
    (
        _GROUP,
        _ORDER,
        _MODULE,
        _ACTIVATION,
        Column("source", "string", "the simple that v lies in"),
        Column("target", "string", "the simple that occurs in f(v)"),
        Column("parts", "string", "parts of f that give it, sorted, joined by '+'"),
        Column("reach", "int64", "dimension of the part of K^H that is reached"),
        Column("reach_of", "int64", "dim K^H"),
        Column("share", "float64", "expected share of the energy of f(v), variance 1"),
        _PROVENANCE,
    ),
)

CLOSED_SETS = Table(
    "closed_sets",
    "the closure of one simple; every closed set is the closure of a union of these",
    ("order", "group", "module", "activation", "source"),
    (
        _GROUP,
        _ORDER,
        _MODULE,
        _ACTIVATION,
        Column("source", "string", "the simple"),
        Column("size", "int32", "number of simples in the closure"),
        Column("dimension", "int64", "dimension of their isotypic parts together"),
        Column("members", "list<string>", "the simples in the closure"),
        _PROVENANCE,
    ),
)

PL_MAPS = Table(
    "pl_maps",
    "simples with the same kernel: a non-zero equivariant piecewise-linear map goes from L to K "
    "exactly where ker L lies in ker K, so from each of these to those of every kernel above",
    ("order", "group", "kernel"),
    (
        _GROUP,
        _ORDER,
        Column("kernel", "string", "label of the common kernel among the normal subgroups"),
        Column("kernel_order", "int64", "its order"),
        Column("simples", "list<string>", "the simples with this kernel"),
        Column("below", "list<string>", "the next kernels above it: where maps go, by steps"),
        Column("targets", "int32", "number of simples that maps from these reach"),
        _PROVENANCE,
    ),
)

PROVENANCE = Table(
    "provenance",
    "what made rows: the same programs, the same key",
    ("provenance",),
    (
        Column("provenance", "string", "the key: a hash of the other columns"),
        Column("schema", "int32", "version of this schema"),
        Column("toolkit_version", "string", "version of this toolkit"),
        Column("gap_version", "string", "version of GAP"),
        Column("packages", "list<string>", "GAP packages, each as 'name version'"),
        Column("script_hash", "string", "hash of the toolkit's GAP code"),
    ),
)

ATTEMPTS = Table(
    "attempts",
    "a group that a sweep tried: done, or the reason why not",
    ("order", "number", "group"),
    (
        _GROUP,
        _ORDER,
        Column("number", "int32", "its number among the small groups of its order"),
        Column("status", "string", "done, timeout, memory, unavailable or failed"),
        Column("reason", "string", "one sentence where it is not done"),
        Column("seconds", "float64", "time on the wall"),
        Column("gap_seconds", "float64", "GAP's own time in it"),
        Column("worker", "string", "which worker"),
        _PROVENANCE,
    ),
    machine=True,
)

TABLES: tuple[Table, ...] = (
    GROUPS,
    CLASSES,
    SIMPLES,
    NORMAL_SUBGROUPS,
    QUOTIENTS,
    MODULES,
    CONTENTS,
    GRAPHS,
    EDGES,
    CLOSED_SETS,
    PL_MAPS,
    PROVENANCE,
    ATTEMPTS,
)

#: Where the rows of each group stand in the files of the other tables. It says nothing about
#: groups, so it is not among the tables that are asked; catalogs made before it existed lack it.
PLACES = Table(
    "places",
    "a group in the file of a table, where all its rows stand one after the other",
    ("table", "order", "group"),
    (
        Column("table", "string", "the table, in the order of the schema"),
        _GROUP,
        _ORDER,
        Column("first_row", "int64", "position of its first row in the file, from 0"),
        Column("rows", "int64", "how many rows it has there"),
        Column("row_group", "int32", "the row group of Parquet with its first row, from 0"),
        Column("row_groups", "int32", "over how many row groups its rows go: 1 if they fit"),
    ),
)


def table(name: str) -> Table:
    """Return a table by its name.

    Raises
    ------
    KeyError
        If there is none; the message lists all.

    Examples
    --------
    >>> table("edges").key
    ('order', 'group', 'module', 'activation', 'source', 'target')
    """
    for candidate in TABLES:
        if candidate.name == name:
            return candidate
    known = ", ".join(t.name for t in TABLES)
    raise KeyError(f"a table of the catalog is required, one of {known}; found {name!r}")
