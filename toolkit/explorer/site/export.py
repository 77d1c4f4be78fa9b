"""The page with its data as a folder of static files, which any web server can serve."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.claims import claimed_folder
from toolkit.errors import ConfigError
from toolkit.explorer.site.folders import PageFolder, page_folder
from toolkit.explorer.site.selection import bundled_data, write_data
from toolkit.files import exchange_folders
from toolkit.settings import VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator

#: The file by which an exported site is known again.
MARKER = "plrep-site.json"

README = """\
The explorer of plrep-toolkit {version} as static files: any web server can serve this folder, and
nothing but these files is needed.

On your own machine: python3 -m http.server --bind 127.0.0.1 --directory FOLDER 8000
then open http://127.0.0.1:8000/ (opened as a file, browsers refuse to run it).
"""


@dataclass(frozen=True)
class ExportedSite:
    """What was written.

    Parameters
    ----------
    folder
        Where.
    files
        How many files.
    size
        Their bytes together.
    records
        Of how many groups it has the record; a group of the catalog that is also known by a name,
        with an action of its own, counts twice.
    """

    folder: Path
    files: int
    size: int
    records: int


def export_site(
    folder: Path,
    *,
    orders: tuple[int, int] | None = None,
    replace: bool = False,
    page: PageFolder | None = None,
    data: PageFolder | None = None,
) -> ExportedSite:
    """Write the page and its data into a folder.

    Parameters
    ----------
    folder
        Missing, or empty, or a site that was exported before.
    orders
        Smallest and largest order of the groups to take along; ``None`` for all.
    replace
        Whether an earlier site is replaced.
    page, data
        The folders to take; by default those that come with the toolkit.

    Returns
    -------
    ExportedSite
        What was written. Others see the folder as it was, or whole: never half of it.

    Raises
    ------
    ConfigError
        If the folder has other files, or an earlier site and ``replace`` was not given; if this
        installation has no bundled data, or the folder cannot be written.
    """
    folder = folder.expanduser().absolute()
    _require_place(folder, replace)
    page = page or page_folder()
    data = data or bundled_data()
    with _written_beside(folder) as beside:
        for name in page.files():
            _copy(page.root / name, beside / name)
        records = write_data(data, beside / "data", orders)
        (beside / "README.txt").write_text(README.format(version=VERSION), encoding="utf-8")
        made = {"made_by": "plrep explore --export", "version": VERSION, "records": records}
        (beside / MARKER).write_text(json.dumps(made) + "\n", encoding="utf-8")
        sizes = [path.stat().st_size for path in beside.rglob("*") if path.is_file()]
    return ExportedSite(folder, len(sizes), sum(sizes), records)


def _require_place(folder: Path, replace: bool) -> None:
    """Refuse a folder whose files are not ours to replace."""
    if not folder.parent.is_dir():
        raise ConfigError(f"there is no folder {str(folder.parent)!r} to write into")
    if not os.path.lexists(folder):
        return
    if folder.is_symlink() or not folder.is_dir():
        raise ConfigError(f"{str(folder)!r} is not a folder: give a missing or empty folder")
    if not any(folder.iterdir()):
        return
    if not (folder / MARKER).is_file():
        raise ConfigError(
            f"{str(folder)!r} contains files that are not from an export, and is not changed: give "
            "a missing or empty folder"
        )
    if not replace:
        raise ConfigError(
            f"{str(folder)!r} already contains an exported site: add --force to replace it"
        )


@contextlib.contextmanager
def _written_beside(folder: Path) -> Iterator[Path]:
    """Give an empty folder beside ``folder``, which it replaces at the end."""
    try:
        with claimed_folder(folder.parent, folder.name) as beside:
            yield beside
            exchange_folders(beside, folder)
    except OSError as error:
        raise ConfigError(f"cannot write {str(folder)!r}: {error.strerror or error}") from None


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
