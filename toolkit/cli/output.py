"""Where a command writes, and in which format: ``--json``, ``--format``, ``--output``."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.cli.console import UsageError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

PICTURES = ("svg", "png", "pdf")


def chosen_format(options: argparse.Namespace, endings: dict[str, str], name: str) -> str:
    """Return the format that the options name, ``"table"`` if none.

    Parameters
    ----------
    options
        With ``json``, ``format`` and ``output``.
    endings
        From endings of files to formats, such as ``{".txt": "table"}``.
    name
        Of a file without its ending, for a message.

    Raises
    ------
    UsageError
        If they name two formats or none, a format that needs a file has none, or the file's folder
        is not there.
    """
    kind: str | None = "json" if options.json else options.format
    if options.json and options.format not in (None, "json"):
        raise UsageError(f"--json and --format {options.format} exclude each other")
    if options.output:
        meant = endings.get(Path(options.output).suffix.lower())
        if meant in PICTURES and kind not in (None, meant):
            raise UsageError(f"{options.output!r} names a picture, but {kind} was requested")
        kind = kind or meant
        if kind is None:
            raise UsageError(
                f"the suffix of {options.output!r} is not a format: use one of "
                f"{', '.join(endings)}, or add --format"
            )
        require_folder(options.output)
    elif kind in (*PICTURES, "parquet"):
        what = "a picture" if kind in PICTURES else kind
        raise UsageError(f"{what} needs a file: add --output {name}.{kind}")
    return kind or "table"


def require_folder(path: str) -> None:
    """Refuse a file whose folder is not there."""
    parent = Path(path).parent
    if not parent.absolute().is_dir():
        raise UsageError(f"there is no folder {str(parent)!r} to write into")


@contextlib.contextmanager
def writing(path: str | Path) -> Iterator[Path]:
    """Give the path of a file to write; an error of the system becomes one line."""
    try:
        yield Path(path)
    except OSError as error:
        raise UsageError(f"cannot write {str(path)!r}: {error.strerror or error}") from None


def json_text(data: object) -> str:
    """Return one JSON object, without spaces."""
    return json.dumps(data, separators=(",", ":"))


def print_json(data: object) -> None:
    """Print one JSON object."""
    print(json_text(data))
