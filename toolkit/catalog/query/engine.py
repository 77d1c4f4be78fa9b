"""DuckDB over the files of a catalog: read-only, with no other files, settings or network."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any, Protocol, Self

from toolkit.catalog.files.arrow import require_catalog_packages
from toolkit.catalog.query.guard import LONGEST_QUERY, parse_problem, require_harmless
from toolkit.catalog.query.results import Rows
from toolkit.errors import CatalogError, QueryError
from toolkit.text import shortened

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from types import TracebackType

    import pyarrow as pa

_BATCH = 100_000
_SECONDS = 30.0
_MEGABYTES = 1024
_MOST_THREADS = 8


class OpenCatalog(Protocol):
    """An open catalog, as far as questions and checks use it.

    :class:`toolkit.catalog.Catalog` is one.
    """

    folder: Path

    @property
    def plan(self) -> dict[str, Any]:
        """The plan of its sweep, as JSON data."""

    @property
    def files(self) -> dict[str, Path]:
        """The Parquet file of each table."""

    def ask(self, sql: str, parameters: Sequence[object] = ()) -> Rows:
        """Run SQL that the toolkit itself has written."""

    def rows_of_name(self, name: str, table: str) -> Rows:
        """Return the rows of the group that has this name in the catalog."""


class Engine:
    """A private DuckDB in memory that can read some Parquet files and nothing else.

    Parameters
    ----------
    files
        The Parquet file of each table, by name. Every query reads them again, and only the
        columns that it names.
    seconds
        Time after which a query is stopped.
    megabytes
        Limit of memory for DuckDB, and of the size of an answer.

    Raises
    ------
    NotAvailable
        If DuckDB or pyarrow is not installed.
    CatalogError
        If a file cannot be read.

    Notes
    -----
    Thread-safe: one query at a time. The protections, from outside in: DuckDB parses the text, and
    only a SELECT with functions on a list passes (:mod:`toolkit.catalog.query.guard`); access to
    all other files is off; extensions are neither loaded nor installed; Python variables cannot be
    read; the configuration is locked; a timer and a memory limit stop what is too large.
    """

    def __init__(
        self,
        files: Mapping[str, Path],
        *,
        seconds: float = _SECONDS,
        megabytes: int = _MEGABYTES,
    ) -> None:
        self._duckdb: Any = require_catalog_packages("duckdb", "pyarrow")[0]
        self._seconds = seconds
        self._most_bytes = megabytes * 1_000_000
        self._lock = threading.Lock()
        self._files = dict(files)
        self._connection = self._duckdb.connect(
            ":memory:",
            config={
                "threads": min(_MOST_THREADS, os.cpu_count() or 1),
                "memory_limit": f"{megabytes}MB",
                "temp_directory": "",
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
                "allow_community_extensions": False,
                "allow_persistent_secrets": False,
                "python_enable_replacements": False,
            },
        )
        self._connection.execute("SET allowed_paths = ?", [[str(p) for p in files.values()]])
        self._keep_footers()
        for name, path in files.items():
            try:
                self._connection.execute(
                    f'CREATE VIEW "{name}" AS SELECT * FROM read_parquet({quoted(str(path))})'
                )
            except self._duckdb.Error as error:
                self._connection.close()
                raise CatalogError(
                    str(path), f"not a whole Parquet file ({_clause(error)})", _REMEDY
                ) from None
        self._connection.execute("SET enable_external_access = false")
        self._connection.execute("SET lock_configuration = true")

    def _keep_footers(self) -> None:
        """Have DuckDB read the footer of a file again only if the file has changed.

        The footer names every row group: half a megabyte for the bundled edges, 15 ms.
        """
        setting = "parquet_metadata_cache"
        query = "SELECT count(*) FROM duckdb_settings() WHERE name = ?"
        if self._connection.execute(query, [setting]).fetchone()[0]:  # not in older versions
            self._connection.execute(f"SET GLOBAL {setting} = true")

    def columns(self, name: str) -> dict[str, str]:
        """Return the columns that the file of a table has, with DuckDB's types."""
        with self._lock:
            found = self._connection.execute(f'DESCRIBE "{name}"').fetchall()
        return {str(row[0]): str(row[1]) for row in found}

    def path(self, name: str) -> Path:
        """Return the file of a table."""
        return self._files[name]

    def ask(self, sql: str, parameters: Sequence[object] = (), *, shown: str | None = None) -> Rows:
        """Run SQL that the toolkit itself has written, values apart.

        Parameters
        ----------
        sql
            The text; nothing in it may come from a user.
        parameters
            Values for the question marks.
        shown
            The user's text, for messages.

        Raises
        ------
        QueryError
            If it takes too long or too much memory, or a value does not fit its type.
        CatalogError
            If a file is damaged.
        """
        text = sql if shown is None else shown
        with self._lock:
            cursor = self._connection.cursor()
            clock = threading.Timer(self._seconds, cursor.interrupt)
            clock.start()
            try:
                return Rows(self._fetched(cursor, sql, parameters, text))
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
        with self._lock:
            cursor = self._connection.cursor()
            try:
                serialized = cursor.execute("SELECT json_serialize_sql(?)", [sql]).fetchone()[0]
            except self._duckdb.Error as error:
                raise QueryError(sql, None, _clause(error)) from None
            finally:
                cursor.close()
        require_harmless(serialized, sql)
        return self.ask(sql)

    def _fetched(
        self,
        cursor: Any,  # noqa: ANN401 - DuckDB's connection
        sql: str,
        parameters: Sequence[object],
        text: str,
    ) -> pa.Table:
        import pyarrow as pa

        relation = cursor.sql(sql, params=list(parameters))
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
        broken = [p for p in self._files.values() if str(p) in message]
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
        self._connection.close()

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


def quoted(text: str) -> str:
    """Return a text as a literal of SQL."""
    return "'" + text.replace("'", "''") + "'"
