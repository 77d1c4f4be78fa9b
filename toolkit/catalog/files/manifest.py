"""Check that a folder is a catalog that this toolkit can read: its kind, schema and files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from toolkit.catalog.files.checksums import DESCRIPTION
from toolkit.catalog.files.layout import STORED
from toolkit.catalog.plan import Plan
from toolkit.catalog.schema import COLUMN_TYPES, SCHEMA_VERSION
from toolkit.errors import CatalogError, ToolkitError
from toolkit.files import bundled_catalog_path

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from toolkit.catalog.schema import Table

KIND = "plrep catalog"

_SWEEP = "make one with plrep sweep"
#: What to do with a catalog of schema 2: its rows are the same, its files are larger.
CONVERT = (
    "write its rows into a new folder: python data/build_catalog.py --convert OLD --target NEW"
)


def bundled_catalog() -> Path:
    """Return the folder of the catalog that comes with the toolkit.

    Raises
    ------
    CatalogError
        If it is missing from this installation.
    """
    folder = bundled_catalog_path()
    if folder is None:
        raise CatalogError(
            "data/catalog", "the bundled catalog is missing from this installation", _SWEEP
        )
    return folder


def require_catalog(folder: Path) -> dict[str, Any]:
    """Return the description of a catalog, after checking that it has a file for each table.

    Returns
    -------
    dict
        The contents of its ``catalog.json``: ``schema``, ``kind``, ``plan``.

    Raises
    ------
    CatalogError
        If it is not a catalog, has another schema, or lacks a file. Nothing is changed on disk.
    """
    try:
        if not folder.is_dir():
            found = "a file" if folder.exists() else "nothing"
            raise CatalogError(str(folder), f"a folder is required, found {found}", _SWEEP)
        manifest = _manifest(folder / DESCRIPTION)
        missing = [t.name for t in STORED if not (folder / f"{t.name}.parquet").is_file()]
        unfinished = (folder / "parts").is_dir()
    except OSError as error:
        raise CatalogError(str(folder), error.strerror or str(error)) from None
    if missing:
        raise CatalogError(
            str(folder),
            f"{', '.join(missing[:3])}{' and others' if len(missing) > 3 else ''} "
            f"{'has' if len(missing) == 1 else 'have'} no Parquet file",
            "its sweep has not finished: run the same plrep sweep again"
            if unfinished
            else "copy the folder again, or sweep again",
        )
    if awkward := pattern_signs(folder):
        raise CatalogError(
            str(folder),
            f"its path contains {awkward}, which DuckDB reads as a pattern",
            "rename the folder",
        )
    return manifest


def recorded_plan(folder: Path, data: dict[str, Any]) -> Plan:
    """Return the plan of a catalog from its JSON data; CatalogError if it cannot be read."""
    try:
        return Plan.from_json(data)
    except (ValueError, ToolkitError) as error:
        raise CatalogError(str(folder), f"its plan cannot be read ({error})") from None


def pattern_signs(path: Path) -> str:
    """Return the characters of an absolute path that DuckDB reads as a pattern, spaced out.

    Examples
    --------
    >>> from pathlib import Path
    >>> pattern_signs(Path("/sweeps/a[1]")), pattern_signs(Path("/sweeps/a"))
    ('[ ]', '')
    """
    return " ".join(sorted(set("*?[]{}") & set(str(path.absolute()))))


def _manifest(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise CatalogError(str(path.parent), f"there is no {DESCRIPTION} in it", _SWEEP)
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        raise CatalogError(str(path), "it is not JSON", "copy the folder again") from None
    if not isinstance(manifest, dict) or manifest.get("kind") != KIND:
        found = manifest.get("kind") if isinstance(manifest, dict) else manifest
        raise CatalogError(str(path), f"kind {KIND!r} is required, found {str(found)[:40]!r}")
    version = manifest.get("schema")
    if version != SCHEMA_VERSION or isinstance(version, bool):
        raise CatalogError(
            str(path),
            f"it has schema {str(version)[:20]}, this toolkit reads schema {SCHEMA_VERSION}"
            + (": labels of simples and classes have changed" if version == 1 else ""),
            CONVERT
            if version == 2
            else "open it with the toolkit that made it, or sweep again into another folder",
        )
    if not isinstance(manifest.get("plan", {}), dict):
        raise CatalogError(str(path), "its plan is not an object", "copy the folder again")
    return manifest


def require_columns(table: Table, path: Path, found: Mapping[str, str]) -> None:
    """Check the columns of a Parquet file against the schema.

    Parameters
    ----------
    table
        The table of the schema.
    path
        The file, for messages.
    found
        Name of each column with DuckDB's type.

    Raises
    ------
    CatalogError
        If a column is missing, of another type, or not in the schema.

    Examples
    --------
    >>> from pathlib import Path
    >>> from toolkit.catalog.schema import table
    >>> require_columns(table("provenance"), Path("p.parquet"), {"provenance": "VARCHAR"})
    Traceback (most recent call last):
    toolkit.errors.CatalogError: p.parquet is not a readable catalog: the column schema is
    missing; sweep again into another folder
    """
    remedy = "sweep again into another folder"
    for column in table.columns:
        kind = found.get(column.name)
        if kind is None:
            raise CatalogError(str(path), f"the column {column.name} is missing", remedy)
        if kind != COLUMN_TYPES[column.type][1]:
            raise CatalogError(
                str(path), f"the column {column.name} must be {column.type}, found {kind}", remedy
            )
    known = {column.name for column in table.columns}
    for name in found:
        if name not in known:
            raise CatalogError(str(path), f"the column {name[:40]} is not of this schema", remedy)
