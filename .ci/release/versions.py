"""One version in four places: pyproject.toml, the package, CHANGELOG.md and CITATION.cff."""

from __future__ import annotations

import datetime
import re
import tomllib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

#: Where the version stands, and what finds it there.
_PLACES = {
    "toolkit/settings.py": re.compile(r'^VERSION = __version__ = "([^"]+)"$', re.MULTILINE),
    "CHANGELOG.md": re.compile(r"^## \[(\d[^\]]*)\]", re.MULTILINE),
    "CITATION.cff": re.compile(r"^version: [\"']?([^\"'\s]+)[\"']?$", re.MULTILINE),
}
_CHANGELOG_DATE = re.compile(r"^## \[\d[^\]]*\] - (\S+)$", re.MULTILINE)
_CITATION_DATE = re.compile(r"^date-released: [\"']?([^\"'\s]+)[\"']?$", re.MULTILINE)


def version_of(root: Path) -> str:
    """Return the version in pyproject.toml, which the other places must repeat."""
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    return str(project["version"])


def version_faults(root: Path) -> list[str]:
    """Return a sentence for each place whose version or date disagrees.

    Parameters
    ----------
    root
        The folder of pyproject.toml.
    """
    wanted = version_of(root)
    faults = []
    for place, pattern in _PLACES.items():
        found = pattern.search((root / place).read_text("utf-8"))
        if found is None:
            faults.append(f"{place} names no version; pyproject.toml has {wanted}")
        elif found[1] != wanted:
            faults.append(f"{place} has version {found[1]}, pyproject.toml {wanted}")
    dates = []
    for place, pattern in (("CHANGELOG.md", _CHANGELOG_DATE), ("CITATION.cff", _CITATION_DATE)):
        found = pattern.search((root / place).read_text("utf-8"))
        if found is None:
            faults.append(f"{place} has no date of the release")
            continue
        try:
            dates.append(datetime.date.fromisoformat(found[1]))
        except ValueError:
            faults.append(f"{place} has the date {found[1]}; YYYY-MM-DD is required")
    if len(set(dates)) == 2:
        faults.append(f"CHANGELOG.md is dated {dates[0]}, CITATION.cff {dates[1]}")
    return faults
