"""The data of an exported site: all of the bundled data, or those of some orders."""

from __future__ import annotations

import gzip
import json
import shutil
from typing import TYPE_CHECKING, Any

from toolkit.errors import ConfigError
from toolkit.explorer.site.folders import PageFolder
from toolkit.files import bundled_explorer_path

if TYPE_CHECKING:
    from pathlib import Path


def bundled_data() -> PageFolder | None:
    """Return the folder of the data that come with the toolkit, ``None`` if there are none."""
    root = bundled_explorer_path()
    return None if root is None else PageFolder(root)


def read_manifest(data: PageFolder) -> dict[str, Any]:
    """Return the manifest of the data: version, and which file has which groups.

    Raises
    ------
    ConfigError
        If there is none, or it is not of the form that this toolkit reads.
    """
    path = data.root / "manifest.json"
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        if manifest["schema"] == 1 and isinstance(manifest["shards"], list):
            return dict(manifest)
        problem = f"schema 1 is required, found {manifest['schema']!r}"
    except (OSError, ValueError, KeyError, TypeError) as error:
        problem = f"it cannot be read ({type(error).__name__})"
    raise ConfigError(f"{path} is no list of the explorer's data: {problem}")


def count_groups(data: PageFolder) -> int:
    """Return how many groups the data have."""
    return sum(int(shard["count"]) for shard in read_manifest(data)["shards"])


def write_data(data: PageFolder, target: Path, orders: tuple[int, int] | None) -> int:
    """Copy the bundled data, or write those of the groups of some orders.

    Parameters
    ----------
    data
        The bundled data.
    target
        The folder to write; it is made.
    orders
        Smallest and largest order; ``None`` for all.

    Returns
    -------
    int
        How many groups were written.
    """
    total = count_groups(data)
    for name in data.files():
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(data.root / name, path)
    return total


def _read(path: Path) -> Any:  # noqa: ANN401 - JSON
    return json.loads(gzip.decompress(path.read_bytes()))
