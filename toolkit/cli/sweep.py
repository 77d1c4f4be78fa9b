"""``plrep sweep``: a catalog of many groups, on all cores or on a cluster."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.cli.console import Console, UsageError
from toolkit.cli.output import print_json
from toolkit.errors import ConfigError

if TYPE_CHECKING:
    import argparse

    from toolkit.catalog.sweeps.sweep import SweepReport
    from toolkit.cli.progress import Progress
    from toolkit.library.session import Session

DESCRIPTION = """\
Visits many groups, each once, and writes what is known about them and about the interaction graphs
of their modules into a folder of Parquet files: a catalog, for plrep find. A group that takes too
long, or fails, has a row with the reason and does not stop the others. Ctrl-C interrupts; the same
command resumes.
"""
EPILOG = """\
examples:
  plrep sweep --orders 1-127 --folder upto127
  plrep sweep --orders 1-31,48 --modules transitive:48 --workers 8 --folder transitive
  plrep sweep --groups names.txt --activations relu,gelu --folder mine
  plrep sweep --orders 1-511 --scheduler tcp://head:8786 --folder upto511

a cluster: on each machine the toolkit with its GAP, and then
  dask scheduler                                    on one of them
  dask worker tcp://head:8786 --nthreads 1 --nworkers 16    on all

--json prints one object: folder, groups, before (tried in an earlier run), statuses (of all groups
tried), failures (name and status), seconds, gap_seconds (of all workers together).
"""
_MOST_SHOWN = 20
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
    parser.add_argument("--scheduler", metavar="ADDRESS", help="a Dask cluster: tcp://host:port")
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
    from toolkit.catalog.plan import groups_of_file
    from toolkit.catalog.sweeps.sweep import SweepStopped, sweep
    from toolkit.settings import Settings

    try:
        memory = Settings.from_environment({"PLREP_GAP_MEMORY": options.memory}).gap_memory
    except ConfigError as error:
        raise UsageError(str(error).replace("PLREP_GAP_MEMORY", "--memory")) from None
    session.close()  # the sweep's workers have their own
    try:
        report = sweep(
            options.folder,
            options.orders or (),
            groups=() if options.groups is None else groups_of_file(options.groups),
            modules=options.modules,
            activations=[a for a in options.activations.split(",") if a.strip()],
            workers=options.workers,
            scheduler=options.scheduler,
            deadline=options.deadline,
            memory=memory,
            retry=options.retry,
            progress=lambda done, total: progress.count(done, total, "groups"),
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
