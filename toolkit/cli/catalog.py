"""``plrep catalog``: contents of a catalog, its verification, the meaning of its tables."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from toolkit.cli.console import Column, Console, UsageError, labelled, table
from toolkit.cli.options import UNCHECKED, add_actions
from toolkit.cli.output import print_json

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from toolkit.catalog.catalog import Catalog
    from toolkit.catalog.verify.laws import Checked
    from toolkit.cli.progress import Progress
    from toolkit.library.session import Session

DESCRIPTION = """\
A catalog contains answers about thousands of groups: the bundled catalog, or a folder
that plrep sweep wrote. plrep find queries it.
"""
EPILOG = """\
examples:
  plrep catalog info
  plrep catalog tables edges
  plrep catalog verify --sample 20 --seed 1
  plrep catalog verify --catalog my_sweep --sample 0
  plrep catalog seal --catalog my_old_sweep
"""
_ACTIONS = {
    "info": "the contents and the location of the catalog",
    "verify": "check every law on every row, and compute a sample again (exit status 4 if broken)",
    "seal": "write SHA256SUMS for a sweep without it, if every law holds on every row",
    "tables": "every table and column, with their meaning",
}
_VERIFY_SECONDS = 900.0
_VERIFY_MEGABYTES = 3072


def add_arguments(parser: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    """Describe the command's own arguments."""
    made = add_actions(parser, common, _ACTIONS, EPILOG)
    for name in ("info", "verify", "seal"):
        made[name].add_argument(
            "--catalog", metavar="FOLDER", help="a sweep's folder (default: the bundled catalog)"
        )
    for name in ("info", "verify"):
        made[name].add_argument("--unchecked", action="store_true", help=UNCHECKED)
    made["verify"].add_argument(
        "--sample",
        metavar="N",
        type=int,
        default=10,
        help="how many groups are computed again with GAP (default: 10; 0 needs no GAP)",
    )
    made["verify"].add_argument(
        "--seed", metavar="S", type=int, default=0, help="the seed of the sample (default: 0)"
    )
    for name in ("verify", "seal"):
        made[name].add_argument(
            "--all-laws",
            action="store_true",
            help="also check every graph: hash, components, paths, closures (minutes)",
        )
    made["tables"].add_argument("table", metavar="TABLE", nargs="?", help="only this one")


def run(options: argparse.Namespace, session: Session, progress: Progress) -> int:
    """Run the chosen action."""
    if options.action == "tables":
        return _tables(options)
    if options.action == "verify" and options.sample < 0:
        raise UsageError(f"--sample must be a non-negative number of groups, not {options.sample}")
    if options.action == "verify" and options.sample and session.settings.offline:
        raise UsageError("computing a sample again needs GAP: omit --offline or add --sample 0")
    from toolkit.catalog.catalog import open as open_catalog

    if options.action == "info":
        with open_catalog(options.catalog, unchecked=options.unchecked) as catalog:
            return _info(catalog, options, progress)
    limits: dict[str, Any] = {"seconds": _VERIFY_SECONDS, "megabytes": _VERIFY_MEGABYTES}
    if options.action == "seal":
        if options.catalog is None:
            raise UsageError("seal needs --catalog FOLDER: the bundled catalog has its checksums")
        with open_catalog(options.catalog, unchecked=True, **limits) as catalog:
            return _seal(catalog, options, progress)
    with open_catalog(options.catalog, unchecked=options.unchecked, **limits) as catalog:
        return _verify(catalog, options, session, progress)


def _info(catalog: Catalog, options: argparse.Namespace, progress: Progress) -> int:
    sizes = catalog.sizes
    disk = {name: path.stat().st_size for name, path in catalog.files.items()}
    statuses = catalog.sql(
        "SELECT status, count(*) AS groups FROM attempts GROUP BY ALL ORDER BY 1"
    )
    made = list(catalog.find(None, "provenance"))
    orders = catalog.sql('SELECT min("order") AS least, max("order") AS most FROM groups')[0]
    progress.close()
    total = sum(disk.values())
    data = {
        "folder": str(catalog.folder),
        "schema": catalog.schema,
        "plan": catalog.plan,
        "rows": sizes,
        "bytes": disk,
        "bytes_in_all": total,
        "bytes_per_group": round(total / sizes["groups"], 1) if sizes["groups"] else None,
        "orders": [orders["least"], orders["most"]],
        "attempts": {row["status"]: row["groups"] for row in statuses},
        "provenance": made,
    }
    if options.json:
        print_json(data)
        return 0
    console = Console()
    tried = ", ".join(f"{row['groups']} {row['status']}" for row in statuses)
    facts = [
        ("folder", str(catalog.folder)),
        ("schema", str(catalog.schema)),
        ("groups", f"{sizes['groups']}, of orders {orders['least']} to {orders['most']}"),
        ("tried", tried or "none"),
        ("size", f"{total / 1e6:.1f} MB, {data['bytes_per_group']} bytes per group"),
    ]
    for part in catalog.plan.get("parts", []):
        text = ", ".join(str(part[k]) for k in ("orders", "groups", "modules") if part.get(k))
        facts.append(("plan", text))
    facts.append(("under", ", ".join(catalog.plan.get("activations", []))))
    facts += [("made by", f"toolkit {m['toolkit_version']}, GAP {m['gap_version']}") for m in made]
    columns = [
        Column("table", list(disk)),  # some files are parts of tables, with no rows to ask
        Column("rows", [f"{sizes[t]:,}" if t in sizes else "" for t in disk], right=True),
        Column("kB", [f"{n / 1000:,.0f}" for n in disk.values()], right=True),
    ]
    console.write(*labelled(console, facts), "", *table(console, columns))
    return 0


def _verify(
    catalog: Catalog, options: argparse.Namespace, session: Session, progress: Progress
) -> int:
    from dataclasses import asdict

    from toolkit.catalog.verify.verify import verify
    from toolkit.library.session import Session as NewSession

    console = Console()
    # a session of its own: nothing may come from the cache
    with NewSession(session.settings, use_bundled=False, in_memory=True) as fresh:
        fresh.on_question = progress.question
        found = list(
            verify(
                catalog,
                sample=options.sample,
                seed=options.seed,
                all_laws=options.all_laws,
                session=fresh,
                progress=progress.say,
            )
        )
    progress.close()
    broken = [c for c in found if c.broken]
    if options.json:
        print_json({"checks": [asdict(c) for c in found], "broken": len(broken)})
    else:
        console.write(*_checks(found, console))
    return 4 if broken else 0


def _seal(catalog: Catalog, options: argparse.Namespace, progress: Progress) -> int:
    from dataclasses import asdict

    from toolkit.catalog.files.checksums import CHECKSUMS
    from toolkit.catalog.verify.seal import seal

    found, count = seal(catalog, all_laws=options.all_laws, progress=progress.say)
    progress.close()
    broken = [c for c in found if c.broken]
    if options.json:
        data = {"checks": [asdict(c) for c in found], "broken": len(broken), "files": count}
        print_json(data)
    else:
        console = Console()
        end = f"written: {CHECKSUMS} of {count} files" if count else f"{CHECKSUMS} is not written"
        console.write(*_checks(found, console), f"  {end}")
    return 4 if broken else 0


def _checks(found: Sequence[Checked], console: Console) -> list[str]:
    """Return the lines that say what was checked."""
    broken = [c for c in found if c.broken]
    width = max(len(f"{c.rows:,}") for c in found)
    lines = [
        (
            f"{'BROKEN' if c.broken else 'ok':6} {c.rows:>{width},}",
            c.name + (f"; {c.broken:,} rows, such as {c.example}" if c.broken else ""),
        )
        for c in found
    ]
    rows = sum(c.rows for c in found)
    what = "all hold" if not broken else f"{len(broken)} are broken"
    end = f"  {len(found)} checks, {rows:,} rows checked: {what}"
    return [*labelled(console, lines), "", end]


def _tables(options: argparse.Namespace) -> int:
    from toolkit.catalog.query.find import known_table
    from toolkit.catalog.schema import SCHEMA_VERSION, TABLES

    chosen = TABLES if options.table is None else (known_table(options.table),)
    if options.json:
        from dataclasses import asdict

        data = {"schema": SCHEMA_VERSION, "tables": [asdict(t) for t in chosen]}
        print_json(data)
        return 0
    console = Console()
    for number, t in enumerate(chosen):
        lines = [console.heading(t.name)]
        lines += textwrap.wrap(
            t.meaning, console.width - 2, initial_indent="  ", subsequent_indent="  "
        )
        columns = [
            Column("column", [c.name for c in t.columns]),
            Column("type", [c.type for c in t.columns]),
            Column("meaning", [c.meaning for c in t.columns], fit="wrap"),
        ]
        console.write(*([""] if number else []), *lines, "", *table(console, columns))
    return 0
