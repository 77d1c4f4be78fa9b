"""The checksums of a catalog's files: neither Parquet's pages nor DuckDB notice every changed bit.

The file ``SHA256SUMS`` has the format of the command ``sha256sum``, which can check it too. It is
removed before tables are written, and written when all are complete.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from toolkit.errors import CatalogError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

CHECKSUMS = "SHA256SUMS"

#: If the files have at most this many bytes together, opening the catalog checks them.
_AT_ONCE = 1 << 28


def checksums(paths: Iterable[Path]) -> str:
    """Return the contents of ``SHA256SUMS``, a line for each file, by name.

    Examples
    --------
    >>> checksums([])
    ''
    """
    lines = [f"{_sum(path)}  {path.name}\n" for path in sorted(paths)]
    return "".join(lines)


def require_checksums(folder: Path, *, always: bool = False) -> int:
    """Check the files of a folder against its ``SHA256SUMS``, where it has one.

    Parameters
    ----------
    folder
        A catalog.
    always
        Whether files of more than 256 MB together are read too.

    Returns
    -------
    int
        Number of files checked.

    Raises
    ------
    CatalogError
        If a file has changed since it was written.

    Notes
    -----
    Reads every byte: about 30 ms for the bundled catalog.
    """
    try:
        text = (folder / CHECKSUMS).read_text(encoding="utf-8")
    except FileNotFoundError:
        return 0
    except (OSError, UnicodeDecodeError):
        raise CatalogError(
            str(folder / CHECKSUMS), "it cannot be read", "copy the folder again"
        ) from None
    lines = [line.split(maxsplit=1) for line in text.splitlines()]
    if any(len(w) != 2 or len(w[0]) != 64 or "/" in w[1] for w in lines):
        raise CatalogError(
            str(folder / CHECKSUMS),
            "lines of a checksum and a name are required",
            "copy the folder again",
        )
    expected = {folder / name: found for found, name in lines}
    try:
        if not always and sum(path.stat().st_size for path in expected) > _AT_ONCE:
            return 0
        for path, known in expected.items():
            if _sum(path) != known:
                raise CatalogError(
                    str(path),
                    f"it is damaged, or was changed: its checksum is not that of {CHECKSUMS}",
                    "copy the file again",
                )
    except OSError as error:
        raise CatalogError(
            str(folder), error.strerror or str(error), "copy the folder again"
        ) from None
    return len(expected)


def _sum(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
