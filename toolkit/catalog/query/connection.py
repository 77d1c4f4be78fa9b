"""A private DuckDB in memory that reads some files and nothing else; in a fork it is left alone."""

from __future__ import annotations

import ctypes
import os
import threading
from typing import TYPE_CHECKING, Any

from toolkit.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_MOST_THREADS = 8
_MOST_MEGABYTES = 10**9


def connect(duckdb: Any, files: Iterable[Path], megabytes: int) -> Any:  # noqa: ANN401 - no types
    """Return a connection that reads these files, with locked settings.

    Parameters
    ----------
    duckdb
        The module.
    files
        What it may read.
    megabytes
        Its limit of memory.
    """
    connection = duckdb.connect(
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
    connection.execute("SET allowed_paths = ?", [[str(path) for path in files]])
    _keep_footers(connection)
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


def _keep_footers(connection: Any) -> None:  # noqa: ANN401 - DuckDB's connection
    """Have DuckDB read the footer of a file again only if the file has changed.

    The footer names every row group: half a megabyte for the bundled edges, 15 ms.
    """
    setting = "parquet_metadata_cache"
    query = "SELECT count(*) FROM duckdb_settings() WHERE name = ?"
    if connection.execute(query, [setting]).fetchone()[0]:  # not in older versions
        connection.execute(f"SET GLOBAL {setting} = true")


def abandon(connection: object) -> None:
    """In a forked child, neither use nor free a connection of the parent.

    Its threads do not exist in the child: a query would wait for them for ever, and freeing the
    connection, also at the end of Python, ends the process with a segmentation fault.
    """
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(connection))


def require_limits(seconds: float, megabytes: int) -> None:
    """Raise ConfigError unless both are numbers that limit a query."""
    for what, given, kinds, most in (
        ("seconds", seconds, (int, float), threading.TIMEOUT_MAX),
        ("megabytes", megabytes, (int,), _MOST_MEGABYTES),
    ):
        if isinstance(given, bool) or not isinstance(given, kinds) or not 0 < given <= most:
            number = "a whole number" if kinds == (int,) else "a number"
            raise ConfigError(
                f"{what} must be {number} above 0 and at most {most:,.0f}, not {given!r:.40}"
            )


def require_flags(**given: bool) -> None:
    """Raise ConfigError unless all are True or False: a text such as "no" counts as true.

    Examples
    --------
    >>> require_flags(compare=True)
    """
    for name, value in given.items():
        if not isinstance(value, bool):
            raise ConfigError(f"{name} must be True or False, not {value!r:.40}")
