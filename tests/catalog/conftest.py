"""One small real catalog for all tests of the room."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from catalog_case import write_catalog

import toolkit as tk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from toolkit.catalog.catalog import Catalog


@pytest.fixture(scope="session")
def catalog_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a small catalog; nobody may change it."""
    return write_catalog(tmp_path_factory.mktemp("catalogs") / "small")


@pytest.fixture
def catalog(catalog_folder: Path) -> Iterator[Catalog]:
    """The small catalog, open."""
    with tk.catalog.open(catalog_folder) as found:
        yield found


@pytest.fixture
def copied_folder(catalog_folder: Path, tmp_path: Path) -> Path:
    """A copy of the small catalog, to damage."""
    target = tmp_path / "copy"
    shutil.copytree(catalog_folder, target)
    return target
