"""The page of the explorer in this machine's Chromium: first views, next groups, dragging, sizes.

Times are taken inside the page, from the start of the navigation (or of the change of the address)
to the second frame after the view is drawn. Every first view has a browser window of its own with
nothing kept. The longest task is the longest time for which the page answered nobody; Chromium
reports those of 50 ms and more. Busy is the processor time of the page's main thread, which other
work on the machine changes least. Without Playwright or Chromium the report says so.

Alone: ``python benchmarks/explorer.py``, with ``--data FOLDER`` for other data than the bundled.
"""

from __future__ import annotations

import argparse
import contextlib
import math
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.errors import ConfigError
from toolkit.explorer.site import PageFolder, export_site
from toolkit.explorer.site.selection import bundled_data
from toolkit.text import table as aligned

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync",
    "--disable-component-update", "--no-first-run",
)  # fmt: skip
REPEATS = 5

#: Groups of different kind, each with the group to go to from there.
GROUPS = {
    "S4": "SmallGroup(24,13)",
    "C8": "SmallGroup(8,2)",
    "A5": "SmallGroup(60,6)",
    "SL(2,3)": "SmallGroup(24,4)",
    "SmallGroup(96,64)": "SmallGroup(96,65)",
}
VIEWS = ("group", "graph", "lattice", "map", "overtones", "layer", "catalog")
#: A5 on the cosets of its subgroups of order 2, which contain both simples of dimension 3.
DRAGGED = {"group": "A5", "module": "H2a", "source": "L1"}
TARGETS = ("L0", "L1", "L3", "L4")
#: Groups of 200 and more simples, which the local server is asked for.
LARGE = ("C398", "C2^8")

#: Records, from the start of the document, long tasks and the moment at which a view is drawn.
PROBE = """
window.bench = { tasks: [] };
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) bench.tasks.push([entry.startTime, entry.duration]);
}).observe({ type: "longtask", buffered: true });
bench.drawn = () => document.querySelector("main:not([aria-busy]) h1") !== null;
bench.frames = (count) => new Promise((resolve) => {
  const step = () => (count-- > 0 ? requestAnimationFrame(step) : resolve(performance.now()));
  step();
});
bench.until = (condition) => new Promise((resolve) => {
  const watch = new MutationObserver(check);
  function check() {
    if (!condition()) return;
    watch.disconnect();
    resolve(bench.frames(2));
  }
  const all = { subtree: true, childList: true, attributes: true, characterData: true };
  watch.observe(document, all);
  check();
});
bench.first = bench.until(bench.drawn);
bench.act = async (action) => {
  bench.tasks.length = 0;
  const main = document.querySelector("main");
  const before = main.innerHTML;
  const start = performance.now();
  action();
  const end = await bench.until(() => bench.drawn() && main.innerHTML !== before);
  return { took: end - start, tasks: bench.tasks.slice() };
};
bench.go = (hash) => bench.act(() => (location.hash = hash));
bench.press = (name) => bench.act(() =>
  [...document.querySelectorAll("main button")].find((one) => one.innerText === name).click());
bench.count = (seconds) => new Promise((resolve) => {
  const times = [];
  const step = (now) => {
    times.push(now);
    if (now - times[0] < 1000 * seconds) requestAnimationFrame(step);
    else resolve(times);
  };
  requestAnimationFrame(step);
});
"""


@dataclass
class First:
    """A first view: milliseconds, bytes over the wire, requests, longest task."""

    took: float
    busy: float
    size: int
    requests: int
    longest: float


def table(title: str, header: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    """Print one table."""
    cells = [list(header)] + [[str(c) for c in row] for row in rows]
    print(f"\n{title}", *aligned(cells, right=range(1, len(cells[0])), indent=2), sep="\n")
    sys.stdout.flush()


def longest(tasks: list[list[float]]) -> float:
    """Return the longest of some tasks, 0 if none was long."""
    return max((duration for _, duration in tasks), default=0.0)


def shown(task: float) -> str:
    """Return the words for a longest task."""
    return f"{task:.0f}" if task else "<50"


@contextlib.contextmanager
def file_server(folder: Path) -> Iterator[str]:
    """Serve a folder as Python does; give its address."""
    command = [sys.executable, "-u", "-m", "http.server", "--bind", "127.0.0.1", "0"]
    with subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            assert process.stdout is not None
            port = process.stdout.readline().split(" port ")[1].split()[0]
            yield f"http://127.0.0.1:{port}/"
        finally:
            process.kill()


@contextlib.contextmanager
def local_server(data: PageFolder, cache: Path) -> Iterator[str]:
    """Run the local server on a cache of its own; give its address."""
    code = (
        "import signal, sys; from pathlib import Path; signal.signal(15, lambda *_: sys.exit()); "
        "from toolkit.explorer.server import serve; from toolkit.explorer.site import PageFolder; "
        "from toolkit.settings import Settings; serve(Settings.from_environment(), "
        f"data=PageFolder(Path({str(data.root)!r})), on_start=lambda p: print(p, flush=True))"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PLREP_CACHE_DIR": str(cache)},
    ) as process:
        try:
            assert process.stdout is not None
            yield f"http://127.0.0.1:{int(process.stdout.readline())}/"
        finally:
            process.terminate()


@contextlib.contextmanager
def window(browser: Any) -> Iterator[Any]:  # noqa: ANN401 - Playwright's
    """Give a page in a fresh window that keeps nothing."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(120_000)
    context.add_init_script(PROBE)
    try:
        yield context.new_page()
    finally:
        context.close()


def address(base: str, **state: object) -> str:
    """Return the address of a state."""
    from urllib.parse import quote

    return base + "#" + "&".join(f"{key}={quote(str(value))}" for key, value in state.items())


def metered(page: Any) -> Any:  # noqa: ANN401
    """Return a session with Chromium that counts the processor time of the page's main thread."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    return session


def busy(session: Any) -> float:  # noqa: ANN401
    """Return the milliseconds of its main thread so far."""
    found = session.send("Performance.getMetrics")["metrics"]
    return 1000 * next(one["value"] for one in found if one["name"] == "TaskDuration")


def first_view(browser: Any, where: str) -> First:  # noqa: ANN401
    """Open an address in a fresh window."""
    with window(browser) as page:
        wire = metered(page)
        wire.send("Network.enable")
        sizes: list[int] = []
        wire.on("Network.loadingFinished", lambda e: sizes.append(e["encodedDataLength"]))
        page.goto(where)
        took = page.evaluate("bench.first")
        page.wait_for_timeout(200)
        tasks = page.evaluate("bench.tasks")
        return First(took, busy(wire), sum(sizes), len(sizes), longest(tasks))


def first_views(browser: Any, bases: dict[str, str]) -> None:  # noqa: ANN401
    """Measure the first view of bundled groups."""
    rows = []
    for kind, base in bases.items():
        for group in GROUPS:
            runs = [first_view(browser, address(base, group=group)) for _ in range(REPEATS)]
            took = statistics.median(run.took for run in runs)
            worst = max(run.longest for run in runs)
            rows.append((
                f"{group}, {kind}", f"{took:.0f}", f"{max(r.took for r in runs):.0f}",
                f"{statistics.median(r.busy for r in runs):.0f}", f"{runs[-1].size / 1000:.0f}",
                runs[-1].requests, shown(worst),
            ))  # fmt: skip
    table(
        f"first view of a bundled group in a fresh window (of {REPEATS})",
        ("group, server", "median ms", "worst ms", "busy", "kB", "requests", "longest task"),
        rows,
    )


def next_groups(browser: Any, base: str) -> None:  # noqa: ANN401
    """Measure going from group to group, in the group view and in the graph view."""
    rows = []
    for view in ("group", "graph"):
        for group, other in GROUPS.items():
            times, tasks = [], []
            for _ in range(REPEATS):
                with window(browser) as page:
                    page.goto(address(base, group=group, view=view))
                    page.evaluate("bench.first")
                    page.wait_for_timeout(300)
                    found = page.evaluate("bench.go", address("", group=other, view=view))
                    times.append(found["took"])
                    tasks += found["tasks"]
            rows.append((
                f"{group} to {other}, {view}", f"{statistics.median(times):.0f}",
                f"{max(times):.0f}", shown(longest(tasks)),
            ))  # fmt: skip
    table("the next group", ("groups, view", "median ms", "worst ms", "longest task"), rows)


def views(browser: Any, base: str) -> None:  # noqa: ANN401
    """Measure the change from view to view."""
    rows = []
    for group in GROUPS:
        with window(browser) as page:
            page.goto(address(base, group=group))
            page.evaluate("bench.first")
            cells = []
            for view in VIEWS[1:]:
                page.wait_for_timeout(200)
                found = page.evaluate("bench.go", address("", group=group, view=view))
                page.wait_for_timeout(200)
                tasks = page.evaluate("bench.tasks")
                cells.append(f"{found['took']:.0f} ({shown(longest(tasks))})")
            rows.append((group, *cells))
    table("from view to view: ms (longest task)", ("group", *VIEWS[1:]), rows)


def dragging(browser: Any, base: str) -> None:  # noqa: ANN401
    """Measure frames while a vector is dragged, and a vector turned on the sphere."""
    rows = []
    for target in TARGETS:
        where = address(base, **DRAGGED, view="map", target=target)
        with window(browser) as page:
            page.set_viewport_size({"width": 1280, "height": 1400})
            page.goto(where)
            page.evaluate("bench.first")
            page.wait_for_timeout(500)
            for name in ("v in", "The sphere of"):
                panel = page.locator(f"main canvas[aria-label^='{name}']").first
                words = f"{DRAGGED['source']} to {target}, {name.removesuffix(' in')}"
                rows.append((words, *drag(page, panel.bounding_box())))
    table(
        f"3 seconds of dragging on 30 points of {DRAGGED['group']}",
        (
            "map, what is dragged",
            "moves",
            "frames/s",
            "median ms",
            "worst ms",
            "busy",
            "longest task",
        ),
        rows,
    )


def drag(page: Any, box: dict[str, float]) -> tuple[str, ...]:  # noqa: ANN401
    """Drag in circles around the middle of a box for three seconds."""
    x, y, radius = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, box["width"] / 4
    session = metered(page)
    page.mouse.move(x + radius, y)
    page.mouse.down()
    before = busy(session)
    page.evaluate("bench.tasks.length = 0; bench.counted = bench.count(3); null")
    start, moves = time.perf_counter(), 0
    while (passed := time.perf_counter() - start) < 3.0:
        angle = 2 * math.pi * passed
        page.mouse.move(x + radius * math.cos(angle), y + radius * math.sin(angle))
        moves += 1
    times = page.evaluate("bench.counted")
    spent = busy(session) - before
    page.mouse.up()
    tasks = page.evaluate("bench.tasks")
    steps = [b - a for a, b in pairwise(times)]
    rate = 1000 * len(steps) / (times[-1] - times[0])
    return (
        str(moves), f"{rate:.0f}", f"{statistics.median(steps):.1f}", f"{max(steps):.0f}",
        f"{spent / len(steps):.1f}", shown(longest(tasks)),
    )  # fmt: skip


def large_graphs(browser: Any, base: str) -> None:  # noqa: ANN401
    """Measure graphs of many simples, whose records the server makes."""
    rows = []
    for group in LARGE:
        with window(browser) as page:
            start = time.perf_counter()
            page.goto(address(base, group=group))
            page.evaluate("bench.first")
            made = time.perf_counter() - start
            cells = [f"{1000 * made:.0f}"]
            for more in ({}, {"reduced": 0}, {"reduced": 0, "f": "tanh"}):
                page.wait_for_timeout(200)
                there = address("", group=group, view="graph", **more)
                found = page.evaluate("bench.go", there)
                page.wait_for_timeout(300)
                tasks = page.evaluate("bench.tasks")
                cells.append(f"{found['took']:.0f} ({shown(longest(tasks))})")
            found = page.evaluate("bench.press", "Open all boxes")
            page.wait_for_timeout(300)
            tasks = page.evaluate("bench.tasks")
            cells.append(f"{found['took']:.0f} ({shown(longest(tasks))})")
            rows.append((group, *cells))
    table(
        "graphs of many simples: ms (longest task)",
        ("group", "record from the server", "relu", "every edge", "every edge, tanh", "all open"),
        rows,
    )


def report(data: PageFolder | None = None, only: str = "") -> None:
    """Print everything."""
    with contextlib.suppress(ConfigError):
        data = data or bundled_data()
    chromium = next(filter(None, map(shutil.which, NAMES)), None)
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        chromium = None
    if chromium is None or data is None:
        print("\nthe explorer was not measured: it needs Playwright, a Chromium and bundled data")
        return
    parts = {
        "first": lambda: first_views(browser, {"file server": plain, "local server": local}),
        "next": lambda: next_groups(browser, plain),
        "views": lambda: views(browser, plain),
        "drag": lambda: dragging(browser, plain),
        "large": lambda: large_graphs(browser, local),
    }
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        made = export_site(Path(folder) / "site", data=data)
        took = time.perf_counter() - start
        table(
            "the page as static files",
            ("records", "files", "MB", "kB a record", "seconds to write"),
            [(
                made.records, made.files, f"{made.size / 1e6:.1f}",
                f"{made.size / 1000 / max(1, made.records):.1f}", f"{took:.1f}",
            )],
        )  # fmt: skip
        with (
            file_server(made.folder) as plain,
            local_server(data, Path(folder) / "cache") as local,
            sync_playwright() as playwright,
        ):
            browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
            for name, part in parts.items():
                if only in ("", name):
                    part()
            browser.close()


def main() -> None:
    """Read the options and print the report."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, help="other data than the bundled")
    parser.add_argument("--only", default="", help="first, next, views, drag or large")
    options = parser.parse_args()
    report(PageFolder(options.data) if options.data else None, options.only)


if __name__ == "__main__":
    main()
