"""DuckDB over the files of a catalog: read-only, with no other files, settings or network."""

from __future__ import annotations

import re
import threading
from typing import TYPE_CHECKING, Any, Protocol, Self

from toolkit.catalog.files.arrow import require_catalog_packages
from toolkit.catalog.files.layout import files_of
from toolkit.catalog.files.manifest import require_columns
from toolkit.catalog.query.connection import abandon, connect
from toolkit.catalog.query.guard import (
    LONGEST_QUERY,
    parse_problem,
    require_harmless,
    require_readable,
    tables_read,
)
from toolkit.catalog.query.interrupts import interruptible
from toolkit.catalog.query.results import Rows
from toolkit.catalog.query.views import add_functions, view_statements
from toolkit.catalog.schema import TABLES, table
from toolkit.errors import CatalogError, QueryError
from toolkit.forks import forget_in_child
from toolkit.text import shortened

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path
    from types import TracebackType

    import pyarrow as pa

    from toolkit.catalog.files.checksums import CheckedFiles

_BATCH = 100_000
_SECONDS = 30.0
_MEGABYTES = 1024
_NOT_IN_ARROW = re.compile(r"\b(UHUGEINT|BIGNUM|VARINT|BIT)\b")
_TEMPORAL = re.compile(r"\b(date|time|duration|interval)")
_QUOTED = re.compile(r"""'[^']*'|"[^"]*\"""")


class OpenCatalog(Protocol):
    """What queries and checks use of an open catalog.

    :class:`toolkit.catalog.Catalog` is one.
    """

    folder: Path

    @property
    def plan(self) -> dict[str, Any]:
        """The plan of its sweep, as JSON data."""

    @property
    def files(self) -> dict[str, Path]:
        """The Parquet file of each stored table."""

    def check_files(self) -> int:
        """Read every byte of every file and compare the checksums; 0 if there are none."""

    def ask(self, sql: str, parameters: Sequence[object] = ()) -> Rows:
        """Run SQL that the toolkit itself has written."""

    def rows_of_name(self, name: str, table: str) -> Rows:
        """Return the rows of the group that has this name in the catalog."""


class Engine:
    """A private DuckDB in memory that can read some Parquet files and nothing else.

    Parameters
    ----------
    files
        The Parquet file of each stored table, by name. Every query reads them again, and only the
        columns that it names.
    checked
        Checks these files before and after they are read.
    seconds
        Time after which a query is stopped.
    megabytes
        Limit of memory for DuckDB, and of the size of an answer.

    Raises
    ------
    NotAvailable
        If DuckDB or pyarrow is not installed.

    Notes
    -----
    Thread-safe: one query at a time; a forked process opens a DuckDB of its own.

    The protections, from outside in: DuckDB parses the text, and
    only a SELECT with functions on a list passes (:mod:`toolkit.catalog.query.guard`); access to
    all other files is off; extensions are neither loaded nor installed; Python variables cannot be
    read; the configuration is locked; a timer and a memory limit stop what is too large.
    """

    def __init__(
        self,
        files: Mapping[str, Path],
        checked: CheckedFiles,
        *,
        seconds: float = _SECONDS,
        megabytes: int = _MEGABYTES,
    ) -> None:
        self._duckdb: Any = require_catalog_packages("duckdb", "pyarrow")[0]
        self._seconds = seconds
        self._most_bytes = megabytes * 1_000_000
        self._lock = threading.Lock()
        self._files = dict(files)
        self._checked = checked
        self._words = {
            t.name: re.compile(rf"\b{t.name}\b", re.IGNORECASE)
            for t in TABLES
            if all(name in files for name in files_of(t.name))
        }
        self._prepared: set[str] = set()
        self._opened: Any = None
        self._connection()
        forget_in_child(self)

    def _connection(self) -> Any:  # noqa: ANN401 - DuckDB's connection
        if self._opened is None:
            self._opened = connect(
                self._duckdb, self._files.values(), self._most_bytes // 1_000_000
            )
            add_functions(self._opened)
        return self._opened

    def leave_parent(self) -> None:
        """After a fork, leave the connection and the lock to the parent."""
        self._lock = threading.Lock()
        self._prepared = set()
        if self._opened is not None:
            abandon(self._opened)
            self._opened = None

    def prepare(self, names: Iterable[str]) -> None:
        """Make tables known to DuckDB, after checking their files and columns.

        Raises
        ------
        CatalogError
            If a file is damaged, or its columns are not those of the schema.
        """
        with self._lock:
            self._prepare(names)

    def _prepare(self, names: Iterable[str]) -> None:
        for name in names:
            if name in self._prepared:
                continue
            path = self._files[name]
            with self._checked.unchanged(files_of(name)):
                try:
                    for statement in view_statements(name, self._files):
                        self._connection().execute(statement)
                    found = self._connection().execute(f'DESCRIBE "{name}"').fetchall()
                except self._duckdb.Error as error:
                    raise CatalogError(
                        str(path), f"not a whole Parquet file ({_clause(error)})", _REMEDY
                    ) from None
            require_columns(table(name), path, {str(row[0]): str(row[1]) for row in found})
            self._prepared.add(name)

    def _named(self, sql: str, parameters: Sequence[object], parsed: str | None) -> list[str]:
        """Return the tables that a query reads, and perhaps others that are known already."""
        text = " ".join((sql, parsed or "", *(x for x in parameters if isinstance(x, str))))
        names = [name for name, word in self._words.items() if word.search(text)]
        if self._prepared.issuperset(names):
            return names
        # not every word is a table: large files are read only if they must be
        try:
            read = tables_read(parsed or self._parsed(sql))
        except (self._duckdb.Error, ValueError, RecursionError):
            return names
        return [name for name in names if name in self._prepared or name in read]

    def _parsed(self, sql: str) -> str:
        """Return the tree of a query as JSON text."""
        cursor = self._connection().cursor()
        try:
            return str(cursor.execute("SELECT json_serialize_sql(?)", [sql]).fetchone()[0])
        finally:
            cursor.close()

    def ask(
        self,
        sql: str,
        parameters: Sequence[object] = (),
        *,
        shown: str | None = None,
        parsed: str | None = None,
    ) -> Rows:
        """Run SQL that the toolkit itself has written, values apart.

        Parameters
        ----------
        sql
            The text; nothing in it may come from a user.
        parameters
            Values for the question marks.
        shown
            The user's text, for messages.
        parsed
            Its tree as JSON text, if DuckDB has parsed it already.

        Raises
        ------
        QueryError
            If it takes too long or too much memory, or a value does not fit its type.
        CatalogError
            If a file is damaged.
        """
        text = sql if shown is None else shown
        with self._lock:
            names = self._named(sql, parameters, parsed)
            self._prepare(names)
            with self._checked.unchanged({file for name in names for file in files_of(name)}):
                return self._answer(sql, parameters, text)

    def _answer(self, sql: str, parameters: Sequence[object], text: str) -> Rows:
        cursor = self._connection().cursor()
        clock = threading.Timer(self._seconds, cursor.interrupt)
        clock.start()
        try:
            return Rows(
                interruptible(
                    lambda: self._fetched(cursor, sql, parameters, text), cursor.interrupt
                )
            )
        except self._duckdb.Error as error:
            raise self._translated(error, text) from None
        finally:
            clock.cancel()
            cursor.close()

    def query(self, sql: str) -> Rows:
        """Run a user's SQL: one SELECT; see the class for what is refused.

        Raises
        ------
        QueryError
            If it is not one SELECT, is not allowed, cannot be read, or takes too much.
        """
        if not isinstance(sql, str) or not sql.strip() or "\0" in sql:
            raise QueryError(str(sql), None, "one SELECT is required")
        if len(sql) > LONGEST_QUERY:
            raise QueryError(sql, None, f"SQL of at most {LONGEST_QUERY} characters is required")
        require_readable(sql)
        with self._lock:
            try:
                serialized = self._parsed(sql)
            except self._duckdb.Error as error:
                raise QueryError(sql, None, _clause(error)) from None
        require_harmless(serialized, sql)
        return self.ask(sql, parsed=serialized)

    def _fetched(
        self,
        cursor: Any,  # noqa: ANN401 - DuckDB's connection
        sql: str,
        parameters: Sequence[object],
        text: str,
    ) -> pa.Table:
        import pyarrow as pa

        relation = cursor.sql(sql, params=list(parameters))
        _require_exact(relation.columns, relation.types, text)
        if hasattr(relation, "to_arrow_reader"):
            reader = relation.to_arrow_reader(_BATCH)
        else:  # older DuckDB
            reader = relation.fetch_arrow_reader(_BATCH)
        batches, size = [], 0
        try:
            for batch in reader:
                size += batch.nbytes
                if size > self._most_bytes:
                    raise QueryError(
                        text,
                        None,
                        f"the answer is larger than {self._most_bytes // 1_000_000} MB",
                        "add a limit, or name fewer columns",
                    )
                batches.append(batch)
        except pa.ArrowException as error:
            if "nterrupt" in str(error):
                raise self._too_long(text) from None
            raise QueryError(text, None, _clause(error)) from None
        except OSError as error:  # Arrow's form of an error of DuckDB in mid-stream
            if "nterrupt" in str(error):
                raise self._too_long(text) from None
            raise self._translated(error, text) from None
        found = pa.Table.from_batches(batches, schema=reader.schema)
        _require_dates(found, text)
        return _plain_integers(found.rename_columns(_distinct(found.column_names)))

    def _too_long(self, text: str) -> QueryError:
        return QueryError(
            text, None, f"stopped after {self._seconds:g} seconds", "ask for less at once"
        )

    def _translated(self, error: Exception, text: str) -> QueryError | CatalogError:
        message = str(error)
        if isinstance(error, self._duckdb.InterruptException) or "INTERRUPT" in message:
            return self._too_long(text)
        if isinstance(error, self._duckdb.OutOfMemoryException) or "Out of Memory" in message:
            most = self._most_bytes // 1_000_000
            return QueryError(text, None, f"it takes more than {most} MB", "ask for less at once")
        # an error of our own function comes back as DuckDB's, with ours in its text
        broken = [
            p
            for p in self._files.values()
            if str(p) in message or f"CatalogError: {p.name}" in message
        ]
        if broken or self._is_damage(error):
            where = str(broken[0] if broken else next(iter(self._files.values())).parent)
            return CatalogError(where, f"a file is missing or damaged ({_clause(error)})", _REMEDY)
        return QueryError(text, None, _clause(error))

    def _is_damage(self, error: Exception) -> bool:
        """Whether an error is about the contents of a file, not about the query.

        Errors of the Parquet reader have no class of their own in DuckDB.
        """
        duckdb = self._duckdb
        kinds = (duckdb.IOException, duckdb.SerializationException, duckdb.FatalException)
        text = str(error)  # in mid-stream Arrow turns it into an OSError with DuckDB's text
        named = text.startswith(("Invalid Error:", "IO Error:", "Serialization Error:"))
        return isinstance(error, kinds) or type(error) is duckdb.Error or named or "ZSTD" in text

    def close(self) -> None:
        """Close the database connection."""
        if self._opened is not None:
            self._opened.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


_REMEDY = "copy the file again, or sweep again into another folder"


def _require_exact(columns: Sequence[str], types: Sequence[object], text: str) -> None:
    """Refuse columns for whose values Arrow has no type: they would be wrong.

    DuckDB's integers beyond 2^127 arrive negative, longer ones as bytes in DuckDB's own format.
    """
    for column, kind in zip(columns, types, strict=True):
        found = _NOT_IN_ARROW.search(_QUOTED.sub("", str(kind)))
        if found is None:
            continue
        what = "bit strings" if found[0] == "BIT" else "integers beyond 2^127"
        raise QueryError(
            text,
            None,
            f"the column {shortened(column, 40)!r} has the type {found[0]}, for {what}",
            "as a text it is exact: write CAST(... AS VARCHAR)",
        )


def _require_dates(table: pa.Table, text: str) -> None:
    """Refuse dates and times that Python cannot hold: infinity, years before 1 or after 9999."""
    for name, field, column in zip(table.column_names, table.schema, table.columns, strict=True):
        if _TEMPORAL.search(str(field.type)):
            try:
                column.to_pylist()
            except (ArithmeticError, ValueError):
                raise QueryError(
                    text,
                    None,
                    f"the column {shortened(name, 40)!r} has a time outside the years 1 to 9999",
                    "as a text it is exact: write CAST(... AS VARCHAR)",
                ) from None


def _distinct(names: Sequence[str]) -> list[str]:
    """Return names of columns in which a repeated name gets a number: a, a_1.

    A join can repeat names, and rows are dictionaries, which would keep only the last.
    """
    out: list[str] = []
    for name in names:
        now, number = name, 0
        while now in out or (number and now in names):
            number += 1
            now = f"{name}_{number}"
        out.append(now)
    return out


def _plain_integers(table: pa.Table) -> pa.Table:
    """Return a table in which sums and counts, 128 bits wide in DuckDB, are int64 if they fit."""
    import pyarrow as pa

    for i, field in enumerate(table.schema):
        if pa.types.is_decimal(field.type) and field.type.scale == 0:
            try:
                column = table.column(i).cast(pa.int64())
            except pa.ArrowInvalid:
                continue
            table = table.set_column(i, field.name, column)
    return table


def _clause(error: Exception) -> str:
    text = "".join(c if c.isprintable() else " " for c in parse_problem(str(error)))
    return shortened(text.strip(), 300)
