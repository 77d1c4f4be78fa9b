"""Print the record of a group: ``python -m toolkit.explorer.record S4``."""

from __future__ import annotations

import argparse
import json
import sys

from toolkit.errors import ToolkitError


def main(arguments: list[str] | None = None) -> int:
    """Print the record of a group as JSON; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m toolkit.explorer.record", description=__doc__)
    parser.add_argument("name", metavar="NAME", help="the group")
    parser.add_argument(
        "--module",
        action="append",
        metavar="SPECIFICATION",
        help="only these modules: regular, natural, H4a, points^2, ...; may be repeated",
    )
    parser.add_argument(
        "--cheap", action="store_true", help="only what needs no long question to GAP"
    )
    parser.add_argument("--indent", type=int, help="spaces per level; by default one line")
    options = parser.parse_args(arguments)
    from toolkit.explorer.record.group import group_record
    from toolkit.library.naming import group

    try:
        record = group_record(group(options.name), options.module, whole_page=not options.cheap)
    except ToolkitError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    separators = (",", ":") if options.indent is None else None
    text = json.dumps(
        record, ensure_ascii=False, allow_nan=False, indent=options.indent, separators=separators
    )
    sys.stdout.write(text + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
