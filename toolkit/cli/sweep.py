"""``plrep sweep``: a catalog of many groups, on all cores or on a cluster."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.cli.console import Console, UsageError
from toolkit.cli.output import print_json
from toolkit.errors import ConfigError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from toolkit.catalog.sweeps.estimates import SweepEstimate
    from toolkit.catalog.sweeps.sweep import SweepReport
    from toolkit.cli.progress import Progress
    from toolkit.library.session import Session

DESCRIPTION = """\
Visits many groups, each once, and writes what is known about them and about the interaction graphs
of their modules into a folder of Parquet files: a catalog, for plrep find. A group that takes too
long, or fails, has a row with the reason and does not stop the others. Ctrl-C interrupts; the same
command resumes, also after the process, a worker or a scheduler was killed, and gives the same
tables, byte for byte.
"""
EPILOG = """\
examples:
  plrep sweep --orders 1-127 --folder upto127
  plrep sweep --orders 1-31,48 --modules transitive:48 --workers 8 --folder transitive
  plrep sweep --groups names.txt --activations relu,gelu --folder mine
  plrep sweep --orders 1-511 --scheduler tcp://head:8786 --folder upto511

  plrep sweep --orders 1-511 --estimate

a cluster: on each machine the same toolkit with its GAP, and then
  dask scheduler                                            on one of them
  dask worker tcp://head:8786 --nthreads 1 --nworkers 16    on all
Workers may come and go. The groups of one that dies are given to others; a group of which workers
die again and again, in the end while nothing else is running, has the status failed. In Python,
toolkit.catalog.sweep takes a cluster object of Dask as well, such as one that adapts.

shown on the way: the share of the work that is done, by estimated time; groups, those of earlier
runs included; groups a second and workers; the estimated time left; failures by status. Estimates
begin with a sample, one group in 12 (32 to 300), and become better on the way. On a terminal this
is one line, in a log file one every minute; -q: nothing.

--estimate measures that sample in this process and writes nothing. It prints how long all groups
take on one core of this machine and, with --workers N, on N of them, and which groups of the sample
were not done; --json: groups, measured, seconds, workers, seconds_with_workers, orders (of each:
order, groups, seconds), took, failures.

--json prints one object: folder, groups, before (tried in an earlier run), statuses (of all groups
tried), failures (name and status), seconds, gap_seconds (of all workers together).
"""
_MOST_SHOWN = 20
_SHARE_OF_A_ROW = 0.1
#: The cluster is closed, and what is finished is written.
SECONDS_TO_STOP = 60.0


def add_arguments(parser: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    """Describe the command's own arguments."""
    del common
    parser.add_argument("--orders", metavar="LIST", help="all groups of these orders: 1-127,200")
    parser.add_argument(
        "--groups", metavar="FILE", type=Path, help="groups by name, one per line; # for comments"
    )
    parser.add_argument(
        "--modules",
        default="regular",
        metavar="M",
        help="regular, or transitive:N: also all transitive modules with at most N points "
        "(default: regular)",
    )
    parser.add_argument(
        "--activations",
        default="relu,abs,tanh,elu",
        metavar="LIST",
        help="(default: relu,abs,tanh,elu, one of each common class)",
    )
    parser.add_argument(
        "--folder",
        type=Path,
        default=Path("catalog"),
        help="the folder of the catalog (default: catalog)",
    )
    parser.add_argument(
        "--workers",
        type=int,
        metavar="N",
        help="processes on this machine, each with its own GAP; 0: no Dask (default: one per core)",
    )
    parser.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="a Dask cluster, instead of --workers: tcp://host:port",
    )
    parser.add_argument(
        "--deadline",
        type=float,
        default=300.0,
        metavar="SECONDS",
        help="the time limit of GAP for one group (default: 300)",
    )
    parser.add_argument(
        "--memory",
        default="4g",
        metavar="SIZE",
        help="the memory limit of one GAP process: 500m, 4g (default: 4g)",
    )
    parser.add_argument(
        "--estimate",
        action="store_true",
        help="measure a sample, say how long the sweep would take, and write nothing",
    )
    parser.add_argument("--retry", action="store_true", help="retry the groups that failed before")


def run(options: argparse.Namespace, session: Session, progress: Progress) -> int:
    """Run the sweep and print its report."""
    if options.offline:
        raise UsageError("a sweep needs GAP: it cannot run with --offline")
    if options.orders is None and options.groups is None:
        raise UsageError("a sweep needs --orders, such as 1-127, or --groups FILE")
    if options.workers is not None and options.workers < 0:
        raise UsageError(f"--workers must be at least 0, not {options.workers}")
    if not 0 < options.deadline < float("inf"):
        raise UsageError(f"--deadline must be a positive number of seconds, not {options.deadline}")
    from toolkit.catalog.sweeps.sweep import SweepStopped, sweep
    from toolkit.cli.sweep_progress import SweepLines

    if options.workers is not None and options.scheduler:
        raise UsageError("--scheduler has workers of its own: omit --workers")
    if options.estimate and (options.scheduler or options.retry):
        raise UsageError(
            "--estimate measures a sample on this machine and writes nothing: omit --scheduler and "
            "--retry"
        )
    plan = _plan(options)
    session.close()  # the sweep's workers have their own
    if options.estimate:
        return _estimate(plan, progress, workers=options.workers or 1, as_json=options.json)
    try:
        report = sweep(
            options.folder,
            workers=options.workers,
            scheduler=options.scheduler,
            retry=options.retry,
            watch=SweepLines(progress, wanted=not options.quiet),
            **plan,
        )
    except SweepStopped as stop:
        progress.close()
        done = sum(stop.report.statuses.values())
        raise KeyboardInterrupt(
            f"stopped after {done} of {stop.report.groups} groups, which are kept in "
            f"{stop.report.folder}; the same command resumes"
        ) from None
    progress.close()
    _say(report, as_json=options.json)
    return 0


def _plan(options: argparse.Namespace) -> dict[str, Any]:
    """Return what is to be swept, and with which limits."""
    from toolkit.catalog.plan import groups_of_file
    from toolkit.settings import Settings

    try:
        memory = Settings.from_environment({"PLREP_GAP_MEMORY": options.memory}).gap_memory
    except ConfigError as error:
        raise UsageError(str(error).replace("PLREP_GAP_MEMORY", "--memory")) from None
    return {
        "orders": options.orders or (),
        "groups": () if options.groups is None else groups_of_file(options.groups),
        "modules": options.modules,
        "activations": [a for a in options.activations.split(",") if a.strip()],
        "deadline": options.deadline,
        "memory": memory,
    }


def _estimate(plan: dict[str, Any], progress: Progress, *, workers: int, as_json: bool) -> int:
    """Measure a sample, and say how long a sweep takes."""
    from toolkit.catalog.sweeps.estimates import estimate_sweep
    from toolkit.cli.sweep_progress import spoken
    from toolkit.text import table

    found = estimate_sweep(**plan, progress=lambda done, all_: progress.count(done, all_, "sample"))
    progress.close()
    if as_json:
        by_order = [
            {"order": order or None, "groups": groups, "seconds": round(seconds, 3)}
            for order, groups, seconds in found.orders
        ]
        print_json(
            {
                "groups": found.groups,
                "measured": found.measured,
                "seconds": round(found.seconds, 3),
                "workers": workers,
                "seconds_with_workers": round(found.seconds / workers, 3),
                "orders": by_order,
                "took": round(found.took, 3),
                "failures": dict(found.failures),
            }
        )
        return 0
    rows = [["orders", "groups", "a group", "all, on one core"]]
    for orders, groups, seconds in _ranges(found):
        rows.append([orders, f"{groups:,}", f"{seconds / groups:.3g} s", spoken(seconds)])
    Console().write(
        *table(rows, right=range(1, 4)),
        f"{found.groups:,} groups: about {spoken(found.seconds)} on one core, by a sample of "
        f"{found.measured} groups, which took {spoken(found.took)}",
        *(
            [f"about {spoken(found.seconds / workers)} with {workers} workers, a core for each"]
            if workers > 1
            else []
        ),
        *(f"not done in the sample: {name}, {status}" for name, status in found.failures),
    )
    return 0


def _ranges(found: SweepEstimate) -> Iterator[tuple[str, int, float]]:
    """Yield ranges of orders, each with a good part of the time, with their groups and time."""
    names: list[str] = []
    groups, seconds = 0, 0.0
    for i, (order, count, time) in enumerate(found.orders, start=1):
        names.append(str(order) if order else "not known")
        groups, seconds = groups + count, seconds + time
        if seconds >= _SHARE_OF_A_ROW * found.seconds or i == len(found.orders):
            yield names[0] if len(names) == 1 else f"{names[0]} to {names[-1]}", groups, seconds
            names, groups, seconds = [], 0, 0.0


def _say(report: SweepReport, *, as_json: bool) -> None:
    if as_json:
        print_json(_data(report))
        return
    console = Console()
    kinds = ", ".join(f"{n} {status}" for status, n in report.statuses.items())
    lines = [
        f"{report.groups} groups: {kinds}",
        f"{report.folder}: {_size(report.folder) / 1e6:.1f} MB",
    ]
    fresh = sum(report.statuses.values()) - report.before
    if fresh:
        lines.append(
            f"{fresh} groups in {report.seconds:.1f} s, {fresh / report.seconds:.1f} a second; "
            f"GAP itself took {report.gap_seconds:.1f} s"
        )
    shown = list(report.failures.items())[:_MOST_SHOWN]
    lines += [f"  {name}: {status}" for name, status in shown]
    if len(report.failures) > len(shown):
        lines.append(f"  ... and {len(report.failures) - len(shown)} more")
    if report.failures:
        lines.append("the reasons are in the table attempts; --retry retries these groups")
    console.write(*lines)


def _data(report: SweepReport) -> dict[str, Any]:
    return {
        "folder": str(report.folder),
        "groups": report.groups,
        "before": report.before,
        "statuses": report.statuses,
        "failures": report.failures,
        "seconds": round(report.seconds, 3),
        "gap_seconds": round(report.gap_seconds, 3),
    }


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.glob("*.parquet"))
