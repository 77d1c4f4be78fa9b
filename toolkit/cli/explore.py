"""``plrep explore``: the page in the browser, or the same page as static files."""

from __future__ import annotations

import os
import re
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.cli.console import UsageError
from toolkit.cli.output import print_json
from toolkit.cli.stopping import STOPPING
from toolkit.text import counted

if TYPE_CHECKING:
    import argparse

    from toolkit.cli.progress import Progress
    from toolkit.library.session import Session

DESCRIPTION = """\
Opens the explorer in the browser: simples, interaction graphs, lattices of normal subgroups, maps
between simples, overtones, layers, and the catalog. The page is served on this machine for this
machine only, until Ctrl-C. Groups of the bundled catalog need no GAP; for any other group GAP is
used, and its answers are kept in the cache. With --offline GAP is never started and the cache is
only read.

--export writes the page with the whole bundled catalog as static files, which any web server can
serve, without this toolkit and without network.
"""
EPILOG = """\
examples:
  plrep explore
  plrep explore "SmallGroup(24,12)"
  plrep explore S4 --port 8000 --no-browser
  plrep explore --export site
  plrep explore --export small-site --orders 1-31

keys of the JSON object: schema, address, port (of the server, printed when it has started); or
schema, folder, records, files, bytes (of the export)
"""

#: A server lets those who wait for an answer go, and ends the processes that compute.
SECONDS_TO_STOP = 15.0


def add_arguments(parser: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    """Describe the command's own arguments."""
    del common
    parser.add_argument(
        "name", metavar="GROUP", nargs="*", help="the first group to show, as for plrep query"
    )
    parser.add_argument(
        "--port", type=int, metavar="N", help="port on 127.0.0.1 (default: a free one)"
    )
    parser.add_argument(
        "--no-browser", action="store_true", help="print the address without opening a browser"
    )
    parser.add_argument(
        "--export",
        metavar="FOLDER",
        help="write static files into a missing or empty folder, without serving them",
    )
    parser.add_argument(
        "--orders", metavar="A-B", help="with --export: only groups of order A to B"
    )
    parser.add_argument(
        "--force", action="store_true", help="with --export: replace an earlier export"
    )


def run(options: argparse.Namespace, session: Session, progress: Progress) -> int:
    """Serve the page, or write it."""
    if options.export is not None:
        return _export(options, progress)
    for name in ("orders", "force"):
        if getattr(options, name):
            raise UsageError(f"--{name} goes with --export FOLDER")
    port = 0 if options.port is None else options.port
    if options.port is not None and not 1 <= port <= 65535:
        raise UsageError(f"--port is a number from 1 to 65535, not {port}")
    group = _group(options)
    from toolkit.explorer.server.run import page_address, serve

    def started(port: int) -> None:
        progress.close()
        address = page_address(port, group)
        if options.json:
            print_json({"schema": 1, "address": address, "port": port})
        else:
            print(f"The explorer is at {address} (stop it with Ctrl-C)")
        sys.stdout.flush()
        if not options.no_browser:
            _open_browser(address)

    try:
        serve(session.settings, port=port, on_start=started)
    except KeyboardInterrupt:
        progress.close()
        if STOPPING.number == signal.SIGTERM:
            raise
    return 0  # Ctrl-C is the ordinary end of this command


def _group(options: argparse.Namespace) -> str | None:
    """Return the name of the group, after reading it."""
    if not options.name:
        return None
    from toolkit.groups.parsing.grammar import parse_group

    text = " ".join(options.name).strip()
    parse_group(text)
    return text


def _export(options: argparse.Namespace, progress: Progress) -> int:
    for name, given in (
        ("GROUP", options.name),
        ("--port", options.port is not None),
        ("--no-browser", options.no_browser),
    ):
        if given:
            raise UsageError(f"--export and {name} exclude each other")
    from toolkit.explorer.site import export_site

    progress.say("writing")
    made = export_site(Path(options.export), orders=_orders(options.orders), replace=options.force)
    progress.close()
    if options.json:
        print_json(
            {
                "schema": 1,
                "folder": str(made.folder),
                "records": made.records,
                "files": made.files,
                "bytes": made.size,
            }
        )
    else:
        print(
            f"{made.folder}: {counted(made.records, 'record')} of groups, "
            f"{counted(made.files, 'file')}, {made.size / 1e6:.1f} MB; README.txt says how to "
            "serve them"
        )
    return 0


def _orders(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    found = re.fullmatch(r"\s*(\d{1,9})\s*(?:-\s*(\d{1,9})\s*)?", text)
    first, last = (int(found[1]), int(found[2] or found[1])) if found else (1, 0)
    if not 1 <= first <= last:
        raise UsageError(f"--orders is a range such as 1-31, not {text[:40]!r}")
    return first, last


def _open_browser(address: str) -> None:
    """Open the browser where there is a screen; a browser of the terminal would take it over."""
    import threading
    import webbrowser

    screen = ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")
    if sys.platform != "darwin" and not any(map(os.environ.get, screen)):
        print("note: no display was found for opening a browser", file=sys.stderr)
        return
    threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
