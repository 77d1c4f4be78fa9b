"""The folders that the page consists of, and the files that may be read from them."""

from __future__ import annotations

import re
from pathlib import Path

from toolkit.errors import ConfigError

#: Endings of the files of the page, and what each is.
MEDIA_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".txt": "text/plain; charset=utf-8",
    ".gz": "application/gzip",
}

_PLAIN_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")


class PageFolder:
    """A folder of which nothing but files of known kinds can be named.

    Parameters
    ----------
    root
        The folder.

    Examples
    --------
    >>> import tempfile
    >>> root = Path(tempfile.mkdtemp()).resolve()
    >>> _ = (root / "main.js").write_text("export default 1;")
    >>> _ = (root / "notes.py").write_text("1")
    >>> folder = PageFolder(root)
    >>> folder.find("main.js") == root / "main.js"
    True
    >>> [folder.find(name) for name in ("notes.py", "../main.js", "a//main.js", ".", "")]
    [None, None, None, None, None]
    """

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()

    def find(self, name: str) -> Path | None:
        """Return the file with this relative name, or ``None``.

        Parameters
        ----------
        name
            Parts of letters, digits, dots, hyphens and underscores, with slashes between them; a
            part that starts with a dot names nothing, nor does a link that leads out of the folder.
        """
        parts = name.split("/")
        if not all(_PLAIN_NAME.fullmatch(part) for part in parts):
            return None
        try:
            path = self.root.joinpath(*parts).resolve()
            inside = path.is_relative_to(self.root) and path.is_file()
        except OSError:  # a name longer than the system allows, a circle of links
            return None
        return path if inside and path.suffix in MEDIA_TYPES else None

    def files(self) -> list[str]:
        """Return the relative names of all files that :meth:`find` finds, sorted."""
        names = (
            path.relative_to(self.root).as_posix()
            for path in self.root.rglob("*")
            if path.is_file()
        )
        return sorted(name for name in names if self.find(name) is not None)


def page_folder() -> PageFolder:
    """Return the folder of the page that comes with the toolkit.

    Raises
    ------
    ConfigError
        If the installation lacks it.
    """
    root = Path(__file__).resolve().parents[1] / "page"
    if not (root / "index.html").is_file():
        raise ConfigError(
            f"the explorer's page is required in {root}, but it is missing: install plrep-toolkit "
            "again"
        )
    return PageFolder(root)
