"""Open a catalog and query it: rows, SQL, graphs, classes of graphs, families."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Self

from toolkit.catalog.files.checksums import CheckedFiles
from toolkit.catalog.files.folder import absolute_folder
from toolkit.catalog.files.layout import STORED
from toolkit.catalog.files.manifest import bundled_catalog, require_catalog
from toolkit.catalog.files.places import Places
from toolkit.catalog.query.connection import require_flags, require_limits
from toolkit.catalog.query.engine import Engine
from toolkit.catalog.query.find import find_statement, known_table
from toolkit.catalog.query.names import canonical_group, names_of_column
from toolkit.catalog.query.results import Rows
from toolkit.catalog.query.views import in_order, places_of
from toolkit.catalog.schema import TABLES
from toolkit.errors import CatalogError, QueryError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from types import TracebackType

    import networkx as nx

    from toolkit.catalog.character_tables import TableClass
    from toolkit.catalog.graphs.classes import GraphClasses
    from toolkit.exact.cyclotomic import Number
    from toolkit.library.group import Group
    from toolkit.library.session import Session

#: If the files have at most this many bytes together, opening the catalog checks them all.
_AT_ONCE = 1 << 28


def open(
    folder: str | Path | None = None,
    *,
    seconds: float = 30.0,
    megabytes: int = 1024,
    unchecked: bool = False,
) -> Catalog:
    """Open a catalog.

    Parameters
    ----------
    folder
        A folder that ``plrep sweep`` wrote; ``None`` means the catalog that comes with the toolkit.
    seconds, megabytes
        Limits of time and memory for one query.
    unchecked
        Whether to skip the checksums of ``SHA256SUMS``: a changed bit can then give wrong rows. For
        catalogs that never had checksums; ``plrep catalog seal`` writes them.

    Returns
    -------
    Catalog
        The open catalog; a context manager that closes it.

    Raises
    ------
    CatalogError
        If the folder is not a catalog, has another schema, lacks a checksum, or is damaged.
    ConfigError
        If a limit is not a number above 0, ``folder`` is no path, or ``unchecked`` is not a bool.
    NotAvailable
        If DuckDB or pyarrow is not installed.

    Examples
    --------
    >>> import toolkit as tk
    >>> with tk.catalog.open() as catalog:
    ...     catalog.find("order = 8", columns="group, description, simples")
    group            description  simples
    SmallGroup(8,1)  C8                 5
    SmallGroup(8,2)  C4 x C2            6
    SmallGroup(8,3)  D8                 5
    SmallGroup(8,4)  Q8                 5
    SmallGroup(8,5)  C2 x C2 x C2       8
    5 rows
    """
    require_limits(seconds, megabytes)
    require_flags(unchecked=unchecked)
    where = bundled_catalog() if folder is None else absolute_folder(folder)
    return Catalog(where, seconds=seconds, megabytes=megabytes, unchecked=unchecked)


class Catalog:
    """A catalog on disk, open for reading; make one with :func:`open`.

    Parameters
    ----------
    folder
        Its folder.
    seconds, megabytes
        Limits of time and memory for one query.
    unchecked
        Whether to skip the checksums.

    Notes
    -----
    Nothing is loaded in advance: DuckDB reads the columns that a query names from the Parquet
    files. The tables and their columns are in :mod:`toolkit.catalog.schema`.

    The checksums of all tables are compared when the catalog is opened, or, if the files have more
    than 256 MB together, those of a table when it is first read. Before and after every query, the
    size, time, inode and device of its files must be those of the checked files; otherwise an error
    is raised and no rows are returned. Returned rows are in memory and do not change.
    """

    def __init__(
        self,
        folder: Path,
        *,
        seconds: float = 30.0,
        megabytes: int = 1024,
        unchecked: bool = False,
    ) -> None:
        self.folder = folder
        self._manifest = require_catalog(folder)
        self._files = {t.name: folder / f"{t.name}.parquet" for t in STORED}
        self._checked = CheckedFiles(folder, self._files, unchecked=unchecked)
        small = self._is_small()
        if small or unchecked:
            self._checked.require()
        self._engine = Engine(self._files, self._checked, seconds=seconds, megabytes=megabytes)
        self._places = Places(folder, self._files, self._checked)
        if small:
            try:
                self._engine.prepare(t.name for t in TABLES)
            except BaseException:
                self._engine.close()
                raise

    def _is_small(self) -> bool:
        try:
            return self._checked.size <= _AT_ONCE
        except OSError as error:
            raise CatalogError(
                str(self.folder), error.strerror or str(error), "copy the folder again"
            ) from None

    @property
    def schema(self) -> int:
        """Version of the schema."""
        return int(self._manifest["schema"])

    @property
    def plan(self) -> dict[str, Any]:
        """The plan of the sweep as JSON data: groups, modules, activations."""
        return dict(self._manifest.get("plan") or {})

    @property
    def files(self) -> dict[str, Path]:
        """The Parquet file of each stored table (:mod:`toolkit.catalog.files.layout`)."""
        return dict(self._files)

    @property
    def unchecked(self) -> bool:
        """Whether the catalog was opened without checksums."""
        return self._checked.unchecked

    def check_files(self) -> int:
        """Read every byte of every file, and compare the checksums again.

        Without checksums only size, time, inode and device are compared.

        Returns
        -------
        int
            Number of files; 0 if the catalog was opened without checksums.

        Raises
        ------
        CatalogError
            If a file is damaged or has changed.

        Examples
        --------
        >>> import toolkit as tk
        >>> tk.catalog.open().check_files()
        17
        """
        count = self._checked.require(again=True)
        return 0 if self.unchecked else count

    @property
    def sizes(self) -> dict[str, int]:
        """Number of rows of each table."""
        counts = " UNION ALL ".join(f"SELECT '{t.name}', count(*) FROM {t.name}" for t in TABLES)
        found = [tuple(row.values()) for row in self._engine.ask(counts)]
        rows = {str(name): int(count) for name, count in found}
        return {t.name: rows[t.name] for t in TABLES}

    def __repr__(self) -> str:
        return f"Catalog({str(self.folder)!r})"

    # rows -----------------------------------------------------------------------------------

    def find(
        self,
        condition: str | None = None,
        table: str = "groups",
        columns: str | Sequence[str] | None = None,
        order_by: str | Sequence[str] | None = None,
        limit: int | None = None,
    ) -> Rows:
        """Return the rows of a table that satisfy a condition.

        Parameters
        ----------
        condition
            Such as ``"order <= 60 and not abelian"``: columns, numbers, texts in quotes,
            comparisons, ``and or not``, ``in (...)``, ``between``, ``like``, ``glob``, ``is null``,
            ``+ - * %``, any name of a group (``group = 'S3'``); see
            :mod:`toolkit.catalog.query.find`. ``None`` means every row. A comparison with a missing
            value does not hold, nor does its opposite.
        table
            Which table; conditions may also name columns of ``groups`` (``groups.order`` where
            both have one).
        columns
            Names of columns; ``None`` for all columns of the table.
        order_by
            Names of columns, each optionally followed by ``desc``.
        limit
            Largest number of rows.

        Raises
        ------
        QueryError
            If the condition cannot be read (the message says where), names an unknown column or
            compares values that cannot be compared.

        Examples
        --------
        >>> import toolkit as tk
        >>> catalog = tk.catalog.open()
        >>> catalog.find("simple and not abelian and order < 200", columns="group, description")
        group              description
        SmallGroup(60,5)   A5
        SmallGroup(168,42) PSL(3,2)
        2 rows
        """
        statement = find_statement(
            condition, table=table, columns=columns, order_by=order_by, limit=limit,
            names_of=partial(names_of_column, self),
        )  # fmt: skip
        shown = condition if condition and condition.strip() else f"all of {table}"
        return self._engine.ask(statement.sql, statement.parameters, shown=shown)

    def rows_of(self, group: str | Group, table: str = "groups") -> Rows:
        """Return the rows of one group in a table, with all columns.

        Parameters
        ----------
        group
            The group, or a name of it.
        table
            Which table; it must have a column ``group``.

        Raises
        ------
        QueryError
            If the group is not in the catalog, or the table has no column ``group``.
        CatalogError
            If a file is damaged.

        Notes
        -----
        The same rows as ``find`` with ``group = ...``, without a search: ``places.parquet`` has
        their positions, and only they and at most about 20,000 neighbouring rows are unpacked.
        Older catalogs without this file are searched.

        Examples
        --------
        >>> import toolkit as tk
        >>> len(tk.catalog.open().rows_of("SmallGroup(24,12)", "edges"))
        274
        """
        return self.rows_of_name(canonical_group(self, group), table)

    def rows_of_name(self, name: str, table: str) -> Rows:
        """Return the rows of the group with this name in the catalog; none without such a group."""
        described = known_table(table)
        if all(column.name != "group" for column in described.columns):
            raise QueryError(table, None, "a table with a column 'group' is required")
        found = self._places.rows(described.name, name)
        if found is not None:
            return Rows(found)
        return self._engine.ask(
            f"SELECT {', '.join(chr(34) + c.name + chr(34) for c in described.columns)} "
            f"FROM {in_order(described.name)} "
            'WHERE "order" = (SELECT "order" FROM groups WHERE "group" = ?) AND "group" = ? '
            f"ORDER BY {', '.join(places_of(described.name))}",
            [name, name],
        )

    def sql(self, query: str) -> Rows:
        """Return the answer to one SELECT in DuckDB's SQL over the tables of the schema.

        Parameters
        ----------
        query
            The SELECT (or WITH ... SELECT). ``group`` and ``order`` are reserved words of SQL:
            write ``"group"``, ``"order"``. Each group has one name there, and names are compared as
            text: put ``catalog.name_of("S4")``, which is ``'SmallGroup(24,12)'``, into the query;
            :meth:`find` reads any name.

        Raises
        ------
        QueryError
            If the query is anything else, names a file or another table, uses a function that is
            not on the list of safe ones, or exceeds the limits of :func:`open`.

        Examples
        --------
        >>> import toolkit as tk
        >>> tk.catalog.open().sql('''
        ...     SELECT "order", count(*) AS k FROM groups GROUP BY 1 HAVING k > 1500 ORDER BY 1
        ... ''')
        order     k
          128  2328
          192  1543
          320  1640
        3 rows
        """
        return self._engine.query(query)

    def ask(self, sql: str, parameters: Sequence[object] = ()) -> Rows:
        """Run SQL that the toolkit itself has written; queries of users go to :meth:`sql`."""
        return self._engine.ask(sql, parameters)

    # graphs ---------------------------------------------------------------------------------

    def name_of(self, group: str | Group) -> str:
        """Return the name that a group has in the catalog.

        Raises
        ------
        QueryError
            If the group is not in the catalog; NamingError if the text is not the name of a group.

        Notes
        -----
        Names such as ``"S4"`` are looked up by their number in the small groups library, which
        may start GAP; ``"SmallGroup(24,12)"`` is found directly.
        """
        return canonical_group(self, group)

    def graph(
        self, group: str | Group, module: str = "regular", activation: str = "relu"
    ) -> nx.DiGraph[str]:
        """Return one interaction graph, as :func:`toolkit.interaction_graph` gives it.

        See :func:`toolkit.catalog.graphs.stored.catalog_graph`.

        Examples
        --------
        >>> import toolkit as tk
        >>> graph = tk.catalog.open().graph("SmallGroup(8,1)")
        >>> sorted(graph.successors("L3"))
        ['L0', 'L1', 'L2', 'L3']
        """
        from toolkit.catalog.graphs.stored import catalog_graph

        return catalog_graph(self, group, module, activation)

    def quotient_graph(
        self, condition: str | None = None, activation: str | None = None
    ) -> nx.DiGraph[str]:
        """Return all groups and the quotient maps between them, optionally with graph classes.

        See :func:`toolkit.catalog.graphs.quotients.quotient_graph`.

        Examples
        --------
        >>> import toolkit as tk
        >>> graph = tk.catalog.open().quotient_graph("order <= 24")
        >>> sorted(graph.successors("SmallGroup(24,12)"))
        ['SmallGroup(6,1)']
        """
        from toolkit.catalog.graphs.quotients import quotient_graph

        return quotient_graph(self, condition, activation)

    def graph_classes(
        self, activation: str = "relu", module: str | None = "regular", condition: str | None = None
    ) -> GraphClasses:
        """Return the isomorphism classes of interaction graphs, decided exactly.

        See :func:`toolkit.catalog.graphs.classes.graph_classes`.

        Examples
        --------
        >>> import toolkit as tk
        >>> classes = tk.catalog.open().graph_classes(condition="order <= 8")
        >>> len(classes), classes[0].groups
        (11, ('SmallGroup(2,1)', 'SmallGroup(3,1)'))
        """
        from toolkit.catalog.graphs.classes import graph_classes

        return graph_classes(self, activation, module, condition)

    def table_classes(
        self,
        power_maps: bool = False,
        condition: str | None = None,
        *,
        compare: bool = False,
        session: Session | None = None,
    ) -> list[TableClass]:
        """Return the groups classified by character table, with or without power maps.

        See :func:`toolkit.catalog.character_tables.table_classes`: by a hash, or compared exactly.

        Examples
        --------
        >>> import toolkit as tk
        >>> classes = tk.catalog.open().table_classes(condition="order = 16", compare=True)
        >>> [len(c.groups) for c in classes if len(c.groups) > 1]
        [2, 2, 2]
        """
        from toolkit.catalog.character_tables import table_classes

        return table_classes(self, power_maps, condition, compare=compare, session=session)

    def brauer_pairs(
        self,
        condition: str | None = None,
        *,
        compare: bool = True,
        session: Session | None = None,
    ) -> list[tuple[str, str]]:
        """Return the pairs of non-isomorphic groups with equal character tables and power maps.

        See :func:`toolkit.catalog.character_tables.brauer_pairs`.
        """
        from toolkit.catalog.character_tables import brauer_pairs

        return brauer_pairs(self, condition, compare=compare, session=session)

    def character_values(
        self, group: str | Group, *, session: Session | None = None
    ) -> tuple[tuple[Number, ...], ...]:
        """Return the exact values of the complex irreducible characters of a group.

        See :func:`toolkit.catalog.character_tables.character_values`: the catalog keeps facts about
        the values; the values come from the toolkit's stored answers or from GAP.
        """
        from toolkit.catalog.character_tables import character_values

        return character_values(self, group, session=session)

    def same_graph(
        self, group: str | Group, activation: str = "relu", module: str = "regular"
    ) -> Rows:
        """Return the groups whose interaction graph is isomorphic to that of a given group.

        See :func:`toolkit.catalog.graphs.classes.same_graph`.
        """
        from toolkit.catalog.graphs.classes import same_graph

        return same_graph(self, group, activation, module)

    def nontrivial_sinks(
        self, activation: str = "relu", module: str = "regular", condition: str | None = None
    ) -> Rows:
        """Return the non-trivial simples that reach no other simple.

        See :func:`toolkit.catalog.graphs.classes.nontrivial_sinks`.
        """
        from toolkit.catalog.graphs.classes import nontrivial_sinks

        return nontrivial_sinks(self, activation, module, condition)

    def families(
        self,
        families: Sequence[str] | Mapping[str, str] = ("cyclic", "dihedral", "quaternion"),
        activation: str = "relu",
        module: str = "regular",
    ) -> Rows:
        """Return the graphs of families of groups: how edges and shares grow with the order.

        See :func:`toolkit.catalog.graphs.growth.families`.
        """
        from toolkit.catalog.graphs.growth import families as answer

        return answer(self, families, activation, module)

    # the end --------------------------------------------------------------------------------

    def close(self) -> None:
        """Close the database connection."""
        self._places.close()
        self._engine.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
