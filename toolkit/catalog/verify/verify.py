"""Verify a catalog: every law on every row, and a sample computed again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from toolkit.catalog.files.layout import STORED
from toolkit.catalog.files.manifest import recorded_plan
from toolkit.catalog.files.places import PLACES_FILE, places_in_file
from toolkit.catalog.schema import PLACES
from toolkit.catalog.verify.counts import GROUPS_OF_ORDER
from toolkit.catalog.verify.graphs import check_graphs
from toolkit.catalog.verify.laws import LAWS, Checked
from toolkit.catalog.verify.sample import check_sample
from toolkit.catalog.verify.slices import Slice, slices
from toolkit.errors import QueryError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from toolkit.catalog.query.engine import OpenCatalog
    from toolkit.catalog.verify.laws import Law
    from toolkit.library.session import Session


def verify(
    catalog: OpenCatalog,
    *,
    sample: int = 10,
    seed: int = 0,
    all_laws: bool = False,
    session: Session | None = None,
    progress: Callable[[str], None] | None = None,
) -> Iterator[Checked]:
    """Yield the result of each check as it is done.

    Parameters
    ----------
    catalog
        An open catalog; its limits of time and memory apply to each law, and in catalogs with
        millions of edges to each slice of it.
    sample
        Number of groups whose rows are computed again with GAP and compared.
    seed
        Seed of the sample.
    all_laws
        Whether every graph is also checked from its edges: hash, components, longest path and
        closures. Takes minutes for the bundled catalog.
    session
        Session for the questions to GAP; ``None`` for a new one that reads no cache.
    progress
        Called with the name of the next check.

    Raises
    ------
    CatalogError
        If a file is damaged.
    GapError
        If GAP is needed and missing.

    Notes
    -----
    Laws: :mod:`toolkit.catalog.verify.laws`. Sample: :mod:`toolkit.catalog.verify.sample`.
    Integers, labels and texts must be equal; shares to 1e-11.
    """

    def say(text: str) -> None:
        if progress is not None:
            progress(text)

    say("files")
    yield check_files(catalog)
    if (catalog.folder / PLACES_FILE).is_file():
        say(PLACES_FILE)
        yield check_places(catalog)
    parts = {name: slices(catalog, name) for name in ("edges", "normal_subgroups", "contents")}
    for law in LAWS:
        say(law.name)
        yield check_law(catalog, law, [Slice()] if law.whole else parts[law.longest])
    say("numbers of groups")
    yield check_numbers_of_groups(catalog)
    if all_laws:
        yield from check_graphs(catalog, parts["edges"], say)
    if sample:
        yield from check_sample(catalog, sample, seed, session, say)


def check_files(catalog: OpenCatalog) -> Checked:
    """Read every page of every file and check its checksums; CatalogError if one is damaged."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from toolkit.errors import CatalogError

    files = catalog.check_files()
    rows = 0
    for path in catalog.files.values():
        try:
            with pq.ParquetFile(path, page_checksum_verification=True) as file:
                for i in range(file.num_row_groups):
                    rows += file.read_row_group(i).num_rows
        except (pa.ArrowException, OSError) as error:
            said = " ".join(str(error).split())
            raise CatalogError(
                str(path), f"it is damaged ({said[:200]})", "copy the file again"
            ) from None
    sums = "with its checksum" if files else "WITHOUT checksums"
    return Checked(f"files: every page can be read, {sums}", rows)


def check_places(catalog: OpenCatalog) -> Checked:
    """Check that ``places.parquet`` says where the rows of each group stand, and nothing else."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from toolkit.errors import CatalogError

    path = catalog.folder / PLACES_FILE
    try:
        said = pq.read_table(path)
    except (pa.ArrowException, OSError) as error:
        raise CatalogError(
            str(path), f"it is damaged ({' '.join(str(error).split())[:200]})", "copy it again"
        ) from None
    found = pa.concat_tables(places_in_file(t.name, catalog.files[t.name]) for t in STORED)
    broken, example = 0, ""
    if not said.equals(found):
        lines, known = found.to_pylist(), set(map(_line, said.to_pylist()))
        wrong = [row for row in lines if _line(row) not in known]
        broken = len(wrong) or abs(said.num_rows - found.num_rows) or 1
        example = f"{wrong[0]['group']} in {wrong[0]['table']}" if wrong else "other lines"
    return Checked("places: where the rows of each group stand", found.num_rows, broken, example)


def _line(row: dict[str, object]) -> tuple[object, ...]:
    return tuple(row[column.name] for column in PLACES.columns)


def check_law(catalog: OpenCatalog, law: Law, parts: Iterable[Slice]) -> Checked:
    """Check a law on all its rows, slice by slice."""
    group = (
        "provenance" if law.relation == "provenance" or "FROM provenance " in law.relation else ""
    )
    example = f"min({group or chr(34) + 'group' + chr(34)}) FILTER (NOT ok)"
    query = (
        f"SELECT count(*) AS rows, count(*) FILTER (NOT ok) AS broken, {example} AS example "
        f"FROM (SELECT *, coalesce({law.condition}, false) AS ok FROM {law.relation} AS r)"
    )
    found = [_counted(catalog, part, query, law) for part in parts]
    examples = [row["example"] for row in found if row["example"]]
    return Checked(
        law.name,
        sum(row["rows"] for row in found),
        sum(row["broken"] for row in found),
        examples[0] if examples else "",
    )


def _counted(catalog: OpenCatalog, part: Slice, query: str, law: Law) -> dict[str, Any]:
    """Return the numbers of rows and of broken ones of a slice; numbers too large break a law."""
    try:
        return catalog.ask(part.of(query))[0]
    except QueryError as error:
        if "overflow" not in str(error).lower():
            raise
    rows = catalog.ask(part.of(f"SELECT count(*) AS rows FROM {law.relation} AS r"))[0]["rows"]
    return {"rows": rows, "broken": 1, "example": "a number too large to compute with"}


def check_numbers_of_groups(catalog: OpenCatalog) -> Checked:
    """Check that all groups of the planned orders are there, as many as the literature says.

    Notes
    -----
    Orders of the plan up to 511; the table attempts also has the groups that failed.
    """
    name = "attempts: for each order of the plan as many groups as there are, numbered from 1"
    orders = sorted(
        {n for part in recorded_plan(catalog.folder, catalog.plan).parts for n in part.orders}
    )
    orders = [n for n in orders if n in GROUPS_OF_ORDER]
    found = {
        row["order"]: (row["k"], row["highest"])
        for row in catalog.ask(
            'SELECT "order", count(DISTINCT number) AS k, max(number) AS highest FROM attempts '
            'WHERE "group" LIKE \'SmallGroup(%\' GROUP BY "order"'
        )
    }
    broken = [n for n in orders if found.get(n) != (GROUPS_OF_ORDER[n],) * 2]
    example = ""
    if broken:
        n = broken[0]
        example = f"order {n}: {found.get(n, (0, 0))[0]} of {GROUPS_OF_ORDER[n]} groups"
    return Checked(name, len(orders), len(broken), example)
