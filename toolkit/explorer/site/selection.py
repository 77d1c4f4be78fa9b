"""The data of an exported site: all of the bundled data, or those of some orders."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

from toolkit.errors import ConfigError
from toolkit.explorer.pack.packed_files import (
    MANIFEST,
    manifest_text,
    read_manifest_file,
    read_packed,
    require_whole,
)
from toolkit.explorer.site.folders import PageFolder
from toolkit.files import bundled_explorer_path

if TYPE_CHECKING:
    from pathlib import Path


def bundled_data() -> PageFolder:
    """Return the folder of the data that come with the toolkit.

    Raises
    ------
    ConfigError
        If the installation lacks them.
    """
    root = bundled_explorer_path()
    if root is None:
        raise ConfigError(
            "the explorer's data are required, and this installation lacks them; in a checkout "
            "make explorer-data makes them"
        )
    return PageFolder(root)


def read_manifest(data: PageFolder) -> dict[str, Any]:
    """Return the manifest of the data: version, and which file has which groups.

    Raises
    ------
    ConfigError
        If there is none, or it is not of the form that this toolkit reads.
    """
    manifest = read_manifest_file(data.root)
    problem = "it is not an object with a list of shards"
    if isinstance(manifest, dict):
        if manifest.get("schema") == 1 and isinstance(manifest.get("shards"), list):
            return dict(manifest)
        problem = f"schema 1 is required, found {manifest.get('schema')!r:.40}"
    raise ConfigError(f"{data.root / MANIFEST} is not a list of the explorer's data: {problem}")


def count_groups(data: PageFolder) -> int:
    """Return how many groups of the catalog the data have."""
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
        How many records were written.

    Raises
    ------
    ConfigError
        If there are no groups of these orders, or the data cannot be read.
    """
    if orders is None:
        total = count_groups(data) + len(read_manifest(data).get("named", {}))
        for name in data.files():
            _copy(data, target, name)
        return total
    names = _write_records(data, target, orders)
    if not names:
        raise ConfigError(
            f"there are no groups of order {orders[0]} to {orders[1]} in the explorer's data"
        )
    if (data.root / "groups.json.gz").is_file():
        from toolkit.explorer.pack.tables import select_groups

        select_groups(data.root, target, names)
    return len(names)


def _write_records(data: PageFolder, target: Path, orders: tuple[int, int]) -> set[str]:
    """Write shards, names and the manifest of the groups of some orders; return their names."""
    from toolkit.explorer.pack.shards import library_number

    manifest = read_manifest(data)
    shards = manifest["shards"]
    chosen: set[str] = set()
    kept = []
    for shard, after in zip(shards, [*shards[1:], None], strict=True):
        last = orders[1] if after is None else after["first"][0]
        if shard["first"][0] > orders[1] or last < orders[0]:
            continue
        records = _write_shard(data, target, shard["file"], orders)
        if records:
            first = library_number(records[0]["name"])
            kept.append({**shard, "first": first, "count": len(records)})
            chosen.update(record["name"] for record in records)
    named = {}
    for file in sorted(set(manifest.get("named", {}).values())):
        for record in _write_shard(data, target, file, orders):
            named[record["name"]] = file
    chosen.update(named)
    whole = manifest_text({**manifest, "shards": kept, "named": named})
    target.mkdir(parents=True, exist_ok=True)
    (target / MANIFEST).write_text(whole, encoding="utf-8")
    aliases = read_packed(data.root / "names.json.gz")
    found = {alias: _chosen_of(value, chosen) for alias, value in aliases.items()}
    some = {alias: value for alias, value in found.items() if value is not None}
    _write_packed(target / "names.json.gz", some)
    return chosen


def _chosen_of(value: str | list[str], chosen: set[str]) -> str | list[str] | None:
    """Return what is left of the groups that an alias may mean."""
    if isinstance(value, str):
        return value if value in chosen else None
    left = [name for name in value if name in chosen]
    return left[0] if len(left) == 1 else left or None


def _write_shard(
    data: PageFolder, target: Path, file: str, orders: tuple[int, int]
) -> list[dict[str, Any]]:
    """Write the records of a shard that are of some orders; return them."""
    if data.find(file) is None:
        raise ConfigError(f"{data.root / file} is required by the manifest, but it is missing")
    records = read_packed(data.root / file)
    chosen = [record for record in records if orders[0] <= int(record["order"]) <= orders[1]]
    if len(chosen) == len(records):
        _copy(data, target, file)
    elif chosen:
        _write_packed(target / file, chosen)
    return chosen


def _copy(data: PageFolder, target: Path, name: str) -> None:
    path = target / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if name.endswith(".gz"):
        require_whole(data.root / name)
    shutil.copyfile(data.root / name, path)


def _write_packed(path: Path, value: object) -> None:
    from toolkit.explorer.pack.columns import packed

    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(packed(value))
