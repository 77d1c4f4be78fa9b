"""Write the checksums of a catalog that never had them, after checking every law."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.catalog.files.checksums import CHECKSUMS, require_mergeable, write_checksums
from toolkit.catalog.files.layout import STORED
from toolkit.catalog.verify.verify import verify
from toolkit.errors import CatalogError

if TYPE_CHECKING:
    from collections.abc import Callable

    from toolkit.catalog.query.engine import OpenCatalog
    from toolkit.catalog.verify.laws import Checked


def seal(
    catalog: OpenCatalog,
    *,
    all_laws: bool = False,
    progress: Callable[[str], None] | None = None,
) -> tuple[list[Checked], int]:
    """Check every law on every row and, if all hold, write ``SHA256SUMS``.

    Parameters
    ----------
    catalog
        A catalog that was opened with ``unchecked=True``.
    all_laws
        Whether every graph is also checked from its edges.
    progress
        Called with the name of the next check.

    Returns
    -------
    tuple
        The checks, and the number of files whose checksums were written: 0 if a law is broken.

    Raises
    ------
    CatalogError
        If a file does not match the checksum that it already has, the sweep has not finished, or a
        file is damaged or changes meanwhile.

    Notes
    -----
    Laws find contradictions within the catalog. A changed bit that breaks no law is sealed with the
    rest: a copy with its original checksums is better than a sealed one.
    """
    folder = catalog.folder
    if (folder / "parts").is_dir():
        raise CatalogError(
            str(folder), "its sweep has not finished", "run the same plrep sweep again"
        )
    require_mergeable(folder, only_known=True)
    found = list(verify(catalog, sample=0, all_laws=all_laws, progress=progress))
    if any(check.broken for check in found):
        return found, 0
    count = write_checksums(folder, [t.name for t in STORED])
    try:
        catalog.check_files()
    except CatalogError:
        (folder / CHECKSUMS).unlink()
        raise
    return found, count
