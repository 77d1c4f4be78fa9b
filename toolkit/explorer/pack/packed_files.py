"""The files of a page's data: JSON, each with a CRC-32, which every reader compares.

Records, names and tables are gzip files, which end with the CRC-32 of what is in them. The list of
files, ``manifest.json``, is plain text, for people: its entry ``crc32`` is the CRC-32 of the text
with eight zeros in that place. Lists without the entry are read as they are.
"""

from __future__ import annotations

import gzip
import json
import re
import zlib
from typing import TYPE_CHECKING, Any

from toolkit.errors import ConfigError
from toolkit.files import bundled_explorer_path

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

#: The name of the list of files.
MANIFEST = "manifest.json"

_PIECE = 1 << 20
_EMPTY = "0" * 8
_ENTRY = re.compile(r'"crc32":"([^"]*)"')


def read_packed(path: Path) -> Any:  # noqa: ANN401 - JSON
    """Return the JSON data of a gzip file.

    Raises
    ------
    ConfigError
        If it is missing or damaged.
    """
    try:
        _require_file(path)
        return json.loads(gzip.decompress(path.read_bytes()))
    except (OSError, EOFError, zlib.error, ValueError, RecursionError) as error:
        raise _unreadable(path, error) from None


def require_whole(path: Path) -> None:
    """Read a gzip file to its end; ConfigError if it is missing or damaged."""
    try:
        _require_file(path)
        with gzip.open(path) as stream:
            while stream.read(_PIECE):
                pass
    except (OSError, EOFError, zlib.error) as error:
        raise _unreadable(path, error) from None


def read_manifest_file(folder: Path) -> Any:  # noqa: ANN401 - JSON, of any form
    """Return the JSON data of a folder's ``manifest.json``.

    Raises
    ------
    ConfigError
        If it is missing or damaged.
    """
    path = folder / MANIFEST
    try:
        _require_file(path)
        text = path.read_text(encoding="utf-8")
        found = _ENTRY.search(text)
        if found is not None:
            without = text[: found.start(1)] + _EMPTY + text[found.end(1) :]
            if found[1] != _crc32(without):
                raise ValueError
        return json.loads(text)
    except (OSError, ValueError, RecursionError) as error:
        raise _unreadable(path, error) from None


def manifest_text(manifest: Mapping[str, Any]) -> str:
    r"""Return the text of ``manifest.json``, its CRC-32 included.

    Examples
    --------
    >>> manifest_text({"schema": 1})
    '{"schema":1,"crc32":"2cdf5e1a"}\n'
    """
    data = {k: v for k, v in manifest.items() if k not in ("schema", "crc32")}
    whole = {"schema": manifest["schema"], "crc32": _EMPTY, **data}
    text = json.dumps(whole, separators=(",", ":"), ensure_ascii=False) + "\n"
    return text.replace(_EMPTY, _crc32(text), 1)


def _require_file(path: Path) -> None:
    if path.exists() and not path.is_file():  # a pipe would be waited for
        raise OSError


def _crc32(text: str) -> str:
    return f"{zlib.crc32(text.encode()):08x}"


def _unreadable(path: Path, error: Exception) -> ConfigError:
    why = "it is damaged"
    if isinstance(error, OSError) and error.errno is not None:
        why = error.strerror or str(error)
    bundled = bundled_explorer_path()
    ours = bundled is not None and path.is_relative_to(bundled)
    remedy = "install the toolkit again" if ours else "export the page again"
    return ConfigError(f"{path} cannot be read ({why}): {remedy}")
