"""Compute the rows of some groups again with GAP, and compare them with those of a catalog."""

from __future__ import annotations

import math
import random
from typing import TYPE_CHECKING, Any

from toolkit.catalog.files.arrow import arrow_table
from toolkit.catalog.files.manifest import recorded_plan
from toolkit.catalog.query.views import in_order, places_of
from toolkit.catalog.rows.group import Modules, rows_of_group
from toolkit.catalog.schema import TABLES
from toolkit.catalog.verify.laws import Checked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from toolkit.catalog.plan import Plan
    from toolkit.catalog.query.engine import OpenCatalog
    from toolkit.library.session import Session

_SHARE_TOLERANCE = 1e-11
#: Columns that are empty in catalogs whose rows are of schema 2.
_NEW_IN_SCHEMA_3 = {
    *(("groups", name) for name in ("real", "rational", "conductor", "field_degree")),
    *(("groups", name) for name in ("table_hash", "powered_table_hash")),
    *(("simples", name) for name in ("conductor", "field_degree")),
}


def check_sample(
    catalog: OpenCatalog,
    sample: int,
    seed: int,
    session: Session | None,
    say: Callable[[str], None],
) -> Iterator[Checked]:
    """Yield, for each sampled group, the comparison of its rows with newly computed ones.

    Parameters
    ----------
    catalog
        An open catalog.
    sample
        Number of groups, at most.
    seed
        Seed of the sample: the same seed gives the same groups of the same catalog.
    session
        Session for the questions to GAP; ``None`` for a new one that reads no cache.
    say
        Called with the name of each group.
    """
    names = catalog.ask('SELECT "group" FROM groups ORDER BY "order", number, "group"')
    known = names.column("group")
    drawn = random.Random(seed).sample(known, min(sample, len(known)))
    drawn.sort(key=known.index)
    plan = recorded_plan(catalog.folder, catalog.plan)
    own = None
    try:
        if session is None:
            from toolkit.library.session import Session as NewSession

            session = own = NewSession(use_bundled=False, in_memory=True)
        for name in drawn:
            say(f"{name}, derived again")
            yield _compared(catalog, plan, name, session)
    finally:
        if own is not None:
            own.close()


def _compared(catalog: OpenCatalog, plan: Plan, name: str, session: Session) -> Checked:
    from toolkit.library.naming import group

    session.forget()
    modules = _modules(plan, name, catalog)
    rows = rows_of_group(group(name, session=session), modules, plan.activations)
    count = broken = 0
    example = ""
    for table in TABLES:
        if table.name not in rows:
            continue
        left_out = ["provenance", *(c.name for c in table.columns if c.merged)]
        again = arrow_table(table, rows[table.name], "").drop_columns(left_out).to_pylist()
        there = list(
            catalog.ask(
                f'SELECT * FROM {in_order(table.name)} WHERE "group" = ? '
                f"ORDER BY {', '.join(places_of(table.name))}",
                [name],
            )
        )
        count += len(again)
        if len(again) != len(there):
            broken += abs(len(again) - len(there))
            example = example or f"{table.name}: {len(there)} rows instead of {len(again)}"
            continue
        for old, new in zip(there, again, strict=True):
            wrong = [
                key
                for key in new
                if not _same(old.get(key), new[key]) and not _is_empty(catalog, table.name, key)
            ]
            if wrong:
                broken += 1
                key = wrong[0]
                example = example or f"{table.name}.{key}: {old.get(key)!r}, derived {new[key]!r}"
    return Checked(f"{name}: rows are those derived again with GAP", count, broken, example)


def _is_empty(catalog: OpenCatalog, table: str, column: str) -> bool:
    """Whether no row has a value in a column that catalogs of an older schema did not have."""
    if (table, column) not in _NEW_IN_SCHEMA_3:
        return False
    found = catalog.ask(f'SELECT count("{column}") AS k FROM "{table}"')
    return bool(found[0]["k"] == 0)


def _same(old: Any, new: Any) -> bool:  # noqa: ANN401 - values of a row
    if isinstance(new, float) and isinstance(old, float):
        return math.isclose(old, new, rel_tol=0, abs_tol=_SHARE_TOLERANCE)
    return bool(old == new)


def _modules(plan: Plan, name: str, catalog: OpenCatalog) -> Modules:
    """Return the modules that the plan lists for a group: those of the first part with it."""
    order = catalog.ask('SELECT "order" FROM groups WHERE "group" = ?', [name])[0]["order"]
    for part in plan.parts:
        if name in part.groups or (name.startswith("SmallGroup(") and order in part.orders):
            return part.modules
    return Modules()
