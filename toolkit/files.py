"""Files: where those that come with the toolkit are, and writing a file as a whole."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def bundled_answers_path() -> Path | None:
    """Return the file of answers that comes with the toolkit, or ``None`` if there is none."""
    return next((path for path in _places("data", "answers.sqlite") if path.is_file()), None)


def bundled_catalog_path() -> Path | None:
    """Return the folder of the catalog that comes with the toolkit, or ``None`` if it is absent."""
    return next((path for path in _places("data", "catalog") if path.is_dir()), None)


def bundled_explorer_path() -> Path | None:
    """Return the folder of the explorer's data that comes with the toolkit, ``None`` if absent."""
    return next((path for path in _places("data", "explorer") if path.is_dir()), None)


def gap_scripts_path() -> Path | None:
    """Return the folder of the GAP scripts, or ``None`` if it is missing."""
    return next((path for path in _places("gap_scripts") if path.is_dir()), None)


@contextlib.contextmanager
def written_whole(target: Path) -> Iterator[Path]:
    """Give a path to write to, beside a file that it replaces at the end.

    Parameters
    ----------
    target
        The file. Others see it as it was, or whole: never half of it.

    Yields
    ------
    Path
        A name in the same folder that nobody else uses, hidden, ending in ``.tmp``.

    Raises
    ------
    OSError
        If nothing was written there, or the file cannot be replaced.

    Notes
    -----
    What was written reaches the disk before the name changes. After any error the path is removed
    and ``target`` is as it was.

    Examples
    --------
    >>> import tempfile
    >>> target = Path(tempfile.mkdtemp()) / "answer.txt"
    >>> with written_whole(target) as beside:
    ...     _ = beside.write_text("42")
    ...     target.exists()
    False
    >>> target.read_text(), [path.name for path in target.parent.iterdir()]
    ('42', ['answer.txt'])
    """
    beside = target.with_name(f".{target.name}.{os.getpid()}-{os.urandom(4).hex()}.tmp")
    try:
        yield beside
        with beside.open("rb") as stream:
            os.fsync(stream.fileno())
        beside.replace(target)
    finally:
        with contextlib.suppress(OSError):
            beside.unlink()


def _places(folder: str, *name: str) -> tuple[Path, Path]:
    """Return where a bundled file may be: in an installed package, or in the checkout around it."""
    package = _package_folder()
    return package.joinpath(f"_{folder}", *name), package.parent.joinpath(folder, *name)


def _package_folder() -> Path:
    return Path(__file__).resolve().parent
