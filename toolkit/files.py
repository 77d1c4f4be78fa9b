"""Files: where those that come with the toolkit are, and writing a file as a whole."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.claims import claimed_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def bundled_answers_path() -> Path | None:
    """Return the file of answers that comes with the toolkit, or ``None`` if there is none.

    What is there in its place and is no file, as a folder, counts: it is looked at, and refused.
    """
    places = _places("data", "answers.sqlite")
    return next((path for path in places if os.path.lexists(path)), None)


def remedy_of_bundled(path: Path | None = None) -> str:
    """Return what puts a sound file in the place of one that should have come with the toolkit.

    Parameters
    ----------
    path
        The damaged file; without it, the answers, which are missing.
    """
    if path is None:
        packed, unpacked = _places("data", "answers.sqlite")
        path = unpacked if (_package_folder().parent / "pyproject.toml").exists() else packed
    if path.is_relative_to(_package_folder()):
        command = "pip install --force-reinstall --no-deps plrep-toolkit"
    elif (_package_folder().parent / ".git").exists():
        command = f"git -C {path.parent} checkout -- {path.name}"
    else:
        return "unpack the toolkit again to restore the file"
    return f"{command} restores the file"


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
        The file. Others see it as it was, or whole: never half of it. A link is followed. A
        device or a pipe is no file that could be replaced: its own path is given.

    Yields
    ------
    Path
        An empty file in the same folder that nobody else uses, hidden, ending in ``.tmp``.

    Raises
    ------
    OSError
        If nothing was written there, the disk is full, or the file cannot be replaced.

    Notes
    -----
    What was written reaches the disk before the name changes. After any error the path is removed
    and ``target`` is as it was; what a killed process left is removed by the next one that writes
    into the folder (:mod:`toolkit.claims`).

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
    target, mode = _replaceable(target)
    if mode is not None and not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        yield target
        return
    bits = None if mode is None else stat.S_IMODE(mode)
    with claimed_file(target.parent, target.name, mode=bits) as beside:
        yield beside
        flush_to_disk(beside)
        beside.replace(target)


@contextlib.contextmanager
def written_together() -> Iterator[Callable[[Path], Path]]:
    """Give paths to write to, beside files that are replaced at the end, all or none.

    Yields
    ------
    Callable
        From a file to a path as :func:`written_whole` gives it. The files are replaced in the
        order in which they were asked for, and only when all are complete and on the disk.

    Raises
    ------
    OSError
        If nothing was written to one of them, the disk is full, or a file cannot be replaced.

    Notes
    -----
    Only names change at the end, which needs no room. A process that is killed just then may have
    replaced some of them.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> with written_together() as beside:
    ...     for name in ("a", "b"):
    ...         _ = beside(folder / name).write_text(name)
    ...     list(folder.glob("[ab]"))
    []
    >>> sorted(path.name for path in folder.iterdir())
    ['a', 'b']
    """
    made: list[tuple[Path, Path]] = []
    with contextlib.ExitStack() as claims:

        def beside(target: Path) -> Path:
            path = claims.enter_context(claimed_file(target.parent, target.name))
            made.append((path, target))
            return path

        yield beside
        for path, _ in made:
            flush_to_disk(path)
        for path, target in made:
            path.replace(target)


def exchange_folders(new: Path, old: Path) -> None:
    """Let one folder take the place of another, which need not exist and gets its name if it does.

    Parameters
    ----------
    new, old
        Folders of one file system.

    Raises
    ------
    OSError
        If they cannot be renamed; both are as they were.

    Notes
    -----
    On Linux there is a folder at ``old`` at any moment, whatever interrupts. Elsewhere it is
    renamed for a moment: a process that is killed just then leaves it under a name that starts with
    a dot and ends in ``.before``.

    Examples
    --------
    >>> import tempfile
    >>> root = Path(tempfile.mkdtemp())
    >>> for name in ("new", "old"):
    ...     (root / name).mkdir()
    ...     write_whole(root / name / "x", name)
    >>> exchange_folders(root / "new", root / "old")
    >>> (root / "old" / "x").read_text(), (root / "new" / "x").read_text()
    ('new', 'old')
    """
    if not os.path.lexists(old):
        new.rename(old)
        return
    if _exchanged(new, old):
        return
    aside = old.with_name(f".{old.name}.{os.urandom(4).hex()}.before")
    old.rename(aside)
    try:
        new.rename(old)
    except OSError:
        aside.rename(old)
        raise
    aside.rename(new)


def _exchanged(one: Path, other: Path) -> bool:
    """Exchange two names at once, where the system can; return whether it could."""
    try:
        import ctypes

        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (ImportError, OSError, AttributeError, TypeError):  # not Linux, or an older one
        return False
    names = os.fsencode(one.absolute()), os.fsencode(other.absolute())
    return bool(rename(_HERE, names[0], _HERE, names[1], _EXCHANGE) == 0)


#: Of Linux: paths are relative to the working directory; the names are exchanged.
_HERE, _EXCHANGE = -100, 2


def write_whole(target: Path, content: bytes | str) -> None:
    """Write a file as a whole or not at all; text in UTF-8.

    Parameters
    ----------
    target
        The file; see :func:`written_whole`.
    content
        What is to stand in it; not empty.

    Raises
    ------
    OSError
        If it cannot be written; an earlier file is as it was.

    Examples
    --------
    >>> import tempfile
    >>> target = Path(tempfile.mkdtemp()) / "answer.txt"
    >>> write_whole(target, "42")
    >>> target.read_bytes()
    b'42'
    """
    with written_whole(target) as beside:
        beside.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)


def flush_to_disk(path: Path) -> None:
    """See to it that what was written to a file is on the disk.

    Raises
    ------
    OSError
        If the file is empty, or the disk is full: some file systems say so only now.
    """
    with path.open("rb") as stream:
        if not os.fstat(stream.fileno()).st_size:
            raise FileNotFoundError(errno.ENOENT, "nothing was written", str(path))
        os.fsync(stream.fileno())


#: Names of files that are open already; what stands behind them is not replaced.
_OPEN_FILES = ("/dev/std", "/dev/fd/", "/proc/")


def _replaceable(target: Path) -> tuple[Path, int | None]:
    """Return the file behind a link, and the mode of what is there."""
    try:
        mode = target.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        mode = None
    if mode is not None and str(target.absolute()).startswith(_OPEN_FILES):
        return target, stat.S_IFCHR
    return (Path(os.path.realpath(target)) if target.is_symlink() else target), mode


def _places(folder: str, *name: str) -> tuple[Path, Path]:
    """Return where a bundled file may be: in an installed package, or in the checkout around it."""
    package = _package_folder()
    return package.joinpath(f"_{folder}", *name), package.parent.joinpath(folder, *name)


def _package_folder() -> Path:
    return Path(__file__).resolve().parent
