"""``plrep find``: rows of the catalog for which a condition holds."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from toolkit.cli.console import Column, Console, UsageError, blocks
from toolkit.cli.options import UNCHECKED
from toolkit.cli.output import chosen_format, writing
from toolkit.files import write_whole
from toolkit.text import counted

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

    from toolkit.catalog.query.results import Rows
    from toolkit.cli.progress import Progress
    from toolkit.library.session import Session

DESCRIPTION = """\
Finds the rows of the catalog that satisfy a condition. A condition has columns (listed by plrep
catalog tables), numbers, texts in quotes, comparisons, and, or, not, in (...), between, like, glob,
is null, + - * %. Tables other than groups also have the columns of their group.
"""
EPILOG = """\
examples:
  plrep find "order <= 60 and not abelian"
  plrep find "order == 16 and simples_H > 0" --columns group,description,simples_H
  plrep find "activation == 'relu' and nontrivial_sinks > 0" --table graphs
  plrep find "order <= 63 and perfect" --table modules --order-by "degree desc" --limit 5
  plrep find "nilpotent" --output nilpotent.csv
  plrep find --sql 'SELECT activation, max(longest_path) FROM graphs GROUP BY ALL'
"""
_ENDINGS = {".json": "json", ".csv": "csv", ".parquet": "parquet", ".txt": "table"}
_MOST_SHOWN = 60


def add_arguments(parser: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    """Describe the command's own arguments."""
    del common
    parser.add_argument("condition", metavar="CONDITION", nargs="?", help="such as 'order <= 60'")
    parser.add_argument(
        "--table",
        metavar="T",
        help="the table to search (default: groups; see plrep catalog tables)",
    )
    parser.add_argument(
        "--columns", metavar="A,B", help="the columns to show (default: all of the table)"
    )
    parser.add_argument(
        "--order-by", metavar="A,B", help='sort by these columns; "A desc" for descending order'
    )
    parser.add_argument("--limit", metavar="N", type=int, help="the most rows")
    parser.add_argument(
        "--format", choices=["table", "json", "csv", "parquet"], help="default: table"
    )
    parser.add_argument(
        "--output", "-o", metavar="FILE", help="the file to write; its suffix is the format"
    )
    parser.add_argument(
        "--sql", metavar="QUERY", help="one SELECT statement of DuckDB instead of a condition"
    )
    parser.add_argument(
        "--catalog", metavar="FOLDER", help="a sweep's folder (default: the bundled catalog)"
    )
    parser.add_argument("--unchecked", action="store_true", help=UNCHECKED)


def run(options: argparse.Namespace, session: Session, progress: Progress) -> int:
    """Print or write the rows."""
    del session
    kind = chosen_format(options, _ENDINGS, "rows")
    _require_one_question(options)
    from toolkit.catalog.catalog import open as open_catalog
    from toolkit.catalog.query.hints import note_on_names

    progress.say("catalog")
    with open_catalog(options.catalog, unchecked=options.unchecked) as catalog:
        if options.sql is not None:
            rows = catalog.sql(options.sql)
        else:
            rows = catalog.find(
                options.condition,
                options.table or "groups",
                options.columns,
                options.order_by,
                options.limit,
            )
        note = note_on_names(
            catalog, options.sql or options.condition or "", len(rows), sql=options.sql is not None
        )
    progress.close()
    if note:
        print(f"note: {note}", file=sys.stderr)
    if options.output:
        with writing(options.output) as path:
            _write(rows, kind, path)
    elif kind == "table":
        console = Console()
        console.write(*_page(rows, console))
    else:
        print(rows.to_json() if kind == "json" else rows.to_csv(), end="")
    return 0


def _require_one_question(options: argparse.Namespace) -> None:
    if options.sql is None:
        return
    for name in ("condition", "table", "columns", "order_by", "limit"):
        if getattr(options, name) is not None:
            what = "CONDITION" if name == "condition" else "--" + name.replace("_", "-")
            raise UsageError(f"--sql and {what} exclude each other: use SQL for both")


def _write(rows: Rows, kind: str, path: Path) -> None:
    if kind == "json":
        rows.to_json(path)
    elif kind == "csv":
        rows.to_csv(path)
    elif kind == "parquet":
        rows.to_parquet(path)
    else:
        write_whole(path, rows.to_text() + "\n")


def _page(rows: Rows, console: Console) -> list[str]:
    shown = rows[:_MOST_SHOWN]
    if not len(rows):
        return ["no rows"]
    columns = [Column(name, cells, right=right) for name, cells, right in shown.cells()]
    # a column of empty cells is left out by the table
    lines: list[str] = []
    first, rest = columns[0], columns[1:]
    for block in blocks(console, [first], rest) if rest else blocks(console, [], [first]):
        lines += [*block, ""]
    count = len(rows)
    if count > len(shown):
        lines.append(
            f"  {len(shown)} of {count} rows; --output FILE writes all, --limit and --columns "
            "choose"
        )
    else:
        lines.append(f"  {counted(count, 'row')}")
    return lines
