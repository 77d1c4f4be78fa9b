"""``plrep cache``: inspect, verify, repair, clear, export and import the answers kept on disk."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.cli.console import Column, Console, UsageError, labelled, one_line, table
from toolkit.cli.options import add_actions
from toolkit.cli.output import print_json
from toolkit.text import counted

if TYPE_CHECKING:
    import argparse

    from toolkit.cli.progress import Progress
    from toolkit.library.session import Session
    from toolkit.store.keys import AnswerKey
    from toolkit.store.store import Store

DESCRIPTION = """\
GAP's answers are kept in one file, so that nothing is computed twice. PLREP_CACHE_DIR names its
folder. A damaged file is moved aside automatically, and its undamaged answers remain in use.
"""
EPILOG = """\
examples:
  plrep cache info
  plrep cache verify
  plrep cache repair
  plrep cache repair answers.sqlite.damaged
  plrep cache clear --group S4
  plrep cache export answers.sqlite
  plrep cache import answers.sqlite
"""
_ACTIONS = {
    "info": "the contents and the location of the cache",
    "verify": "check every answer and its laws again; damaged answers are removed (exit status 4)",
    "repair": "move a damaged file aside and keep its undamaged answers, or import those of FILE",
    "clear": "remove all answers and saved GAP sessions, or the answers about one group; a damaged "
    "file is moved away",
    "export": "write all answers to a separate file",
    "import": "import an export; every answer is checked first",
}
_MOST_SHOWN = 10
_SESSIONS = "workspaces"


def add_arguments(parser: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    """Describe the command's own arguments."""
    made = add_actions(parser, common, _ACTIONS, EPILOG)
    made["verify"].add_argument(
        "--keep", action="store_true", help="only report damaged answers, without removing them"
    )
    made["repair"].add_argument(
        "file",
        metavar="FILE",
        type=Path,
        nargs="?",
        help="a damaged cache or export: its undamaged answers are imported, and the file is kept",
    )
    made["clear"].add_argument("--group", metavar="NAME", help="only this group's answers")
    made["clear"].add_argument("--yes", action="store_true", help="do not ask")
    for name in ("export", "import"):
        made[name].add_argument("file", metavar="FILE", type=Path)
    made["import"].add_argument(
        "--partial",
        action="store_true",
        help="import the valid answers even if others are rejected",
    )


def run(options: argparse.Namespace, session: Session, progress: Progress) -> int:
    """Run the chosen action."""
    store = session.store.top
    actions = {
        "info": _info,
        "verify": _verify,
        "repair": _repair,
        "clear": _clear,
        "export": _export,
        "import": _import,
    }
    status, data, lines = actions[options.action](store, options, session, progress)
    progress.close()
    if options.json:
        print_json(data)
    else:
        Console().write(*lines)
    return status


Outcome = tuple[int, dict[str, Any], list[str]]


def _info(
    store: Store, options: argparse.Namespace, session: Session, progress: Progress
) -> Outcome:
    del options, progress
    from toolkit.gap.workspace import workspace_sizes
    from toolkit.library import time_limits
    from toolkit.store.aside import files_aside

    store.probe()
    info = store.info()
    by_question = dict(info.by_question)
    late = by_question.pop(time_limits.NAME, 0)
    entries = info.entries - late
    bundled = [layer.info() for layer in session.store.below]
    sessions = workspace_sizes(session.settings.cache_dir / _SESSIONS)
    aside = files_aside(info.path) if info.path is not None else ()
    data = {
        "path": str(info.path),
        "exists": info.path is not None and info.path.is_file(),
        "schema": info.schema,
        "writable": info.writable,
        "why_read_only": info.why_read_only,
        "entries": entries,
        "not_in_time": late,
        "groups": info.groups,
        "bytes_on_disk": info.bytes_on_disk,
        "payload_bytes": info.payload_bytes,
        "by_question": by_question,
        "oldest": info.oldest,
        "newest": info.newest,
        "gap_versions": list(info.gap_versions),
        "gap_sessions": {"files": len(sessions), "bytes": sum(sessions.values())},
        "kept_aside": [str(path) for path in aside],
        "bundled": [
            {"path": str(b.path), "entries": b.entries, "groups": b.groups} for b in bundled
        ],
    }
    console = Console()
    rows = [
        ("file", str(info.path) + ("" if data["exists"] else "  (not there yet)")),
        ("writable", "yes" if info.writable else f"no: {info.why_read_only}"),
        ("answers", f"{entries} about {counted(info.groups, 'group')}"),
        ("size", f"{_size(info.bytes_on_disk)} on disk, {_size(info.payload_bytes)} of answers"),
    ]
    if late:
        rows.append(("not in time", f"{counted(late, 'question')} that exceeded a time limit"))
    if info.oldest:
        rows.append(("computed", f"{info.oldest} to {info.newest}"))
    if info.gap_versions:
        rows.append(("by GAP", ", ".join(info.gap_versions)))
    if sessions:
        size = _size(sum(sessions.values()))
        rows.append(("GAP sessions", f"{len(sessions)} saved, {size}; they make GAP start faster"))
    rows += [
        ("kept aside", f"{path}  (damaged; plrep cache repair FILE reads it)") for path in aside
    ]
    rows += [
        ("bundled", f"{b.entries} answers about {counted(b.groups, 'group')} in {b.path}")
        for b in bundled
    ]
    if not bundled:
        rows.append(("bundled", "none"))
    lines = labelled(console, rows)
    if by_question:
        questions = sorted(by_question.items(), key=lambda item: -item[1])
        lines += [
            "",
            *table(
                console,
                [
                    Column("question", [q for q, _ in questions]),
                    Column("answers", [n for _, n in questions], right=True),
                ],
            ),
        ]
    return 0, data, lines


def _size(count: int) -> str:
    value, unit = float(count), "bytes"
    for larger in ("kB", "MB", "GB"):
        if value < 1000:
            break
        value, unit = value / 1000, larger
    return f"{count} bytes" if unit == "bytes" else f"{value:.1f} {unit}"


def _verify(
    store: Store, options: argparse.Namespace, session: Session, progress: Progress
) -> Outcome:
    del session
    from toolkit.errors import StoreCorruptError, StoreFullError
    from toolkit.library.questions import check_stored

    fault: str | None = None
    removed: list[AnswerKey] = []
    why = store.why_read_only
    if options.keep:
        try:
            store.check_file()
        except StoreCorruptError as error:
            fault = error.problem
            store = type(store)(store.path, read_only=True)  # what is sound, in memory
        with store:
            report = store.verify(progress=progress.count, check=check_stored)
    else:
        report = store.verify(progress=progress.count, check=check_stored)
        fault = store.rescue.fault if store.rescue is not None else None
        if store.writable:
            try:
                removed.extend(key for key in report.damaged if store.delete(key))
            except StoreFullError as error:
                why = str(error)
    data = {
        "checked": report.checked,
        "damaged": [
            {**_key(key), "reason": one_line(reason)}
            for key, reason in zip(report.damaged, report.reasons, strict=True)
        ],
        "removed": [_key(key) for key in removed],
        "fault": fault and one_line(fault),
    }
    status = 0 if fault is None else 4
    said = [] if fault is None else [f"the file was damaged: {one_line(fault, 160)}"]
    if not report.damaged:
        return status, data, [*said, f"{counted(report.checked, 'answer')} checked, all sound"]
    lines = [*said, f"{counted(report.checked, 'answer')} checked, {len(report.damaged)} damaged:"]
    for key, reason in zip(report.damaged[:_MOST_SHOWN], report.reasons, strict=False):
        lines.append(f"  {one_line(str(key), 120)}: {one_line(reason, 160)}")
    if len(report.damaged) > _MOST_SHOWN:
        lines.append(f"  and {len(report.damaged) - _MOST_SHOWN} more")
    if removed:
        lines.append(f"{len(removed)} removed; they are computed again when needed")
    elif options.keep:
        lines.append("nothing was removed (--keep)")
    else:
        lines.append(f"nothing was removed: {why}")
    return 4, data, lines


def _repair(
    store: Store, options: argparse.Namespace, session: Session, progress: Progress
) -> Outcome:
    del session
    from toolkit.library.questions import check_stored

    if options.file is not None:
        taken = store.recover(options.file, check=check_stored)
        data = {
            "file": str(options.file),
            "added": taken.added,
            "already_there": taken.already_there,
            "rejected": len(taken.rejected),
        }
        line = f"{counted(taken.added, 'answer')} added, {taken.already_there} already there"
        if taken.rejected:
            line += f", {len(taken.rejected)} rejected"
        return 0, data, [line]
    report = store.repair(progress=progress.count, check=check_stored)
    rescue = report.rescue
    data = {
        "fault": None if rescue is None else one_line(rescue.fault),
        "saved": None if rescue is None else rescue.saved,
        "kept_as": None if rescue is None else str(rescue.kept_as),
        "checked": report.checked,
        "removed": [
            {**_key(key), "reason": one_line(reason)}
            for key, reason in zip(report.removed, report.reasons, strict=True)
        ],
    }
    lines = []
    if rescue is not None:
        lines.append(
            f"the file was damaged ({one_line(rescue.fault, 160)}): "
            f"{counted(rescue.saved, 'answer')} saved, the damaged file is {rescue.kept_as}"
        )
    if report.removed:
        lines.append(f"{counted(len(report.removed), 'damaged answer')} removed")
    sound = report.checked - len(report.removed)
    lines.append(f"{counted(sound, 'answer')} checked, all sound")
    return 0, data, lines


def _key(key: AnswerKey) -> dict[str, Any]:
    return {
        "group": key.group,
        "question": key.question,
        "arguments": key.arguments,
        "version": key.version,
    }


def _clear(
    store: Store, options: argparse.Namespace, session: Session, progress: Progress
) -> Outcome:
    from toolkit.errors import StoreCorruptError
    from toolkit.store.migrations import ForeignFileError

    name: str | None = None
    names: list[str | None] = [None]
    if options.group is not None:
        from toolkit.groups.names.descriptions import names_of_group
        from toolkit.groups.parsing.grammar import parse_group

        spec = parse_group(options.group)
        name, names = spec.name, [*names_of_group(spec)]
    about = "all answers" if name is None else f"the answers about {name}"
    nothing = {"removed": 0, "group": name, "moved_to": None}
    try:
        store.check_file()
    except ForeignFileError:
        raise
    except StoreCorruptError:
        if name is None:
            if not _agreed(options, progress, f"move the damaged file {store.path} away"):
                return 0, nothing, ["nothing was moved"]
            aside = store.set_aside()
            again = "its answers are computed again when needed"
            line = f"the damaged file was moved to {aside}; {again}"
            return 0, {**nothing, "moved_to": str(aside)}, [line]
    count = sum(len(store.keys(each)) for each in names)
    if count and not _agreed(options, progress, f"remove {about}", f" ({count})"):
        return 0, nothing, ["nothing was removed"]
    freed = 0
    if name is None:  # first: on a full disk this gives the room that removing answers takes
        from toolkit.gap.workspace import remove_workspaces

        freed = remove_workspaces(session.settings.cache_dir / _SESSIONS)
    removed = sum(store.clear(each) for each in names) if count else 0
    lines = [f"{counted(removed, 'answer')} removed"]
    if freed:
        lines.append(f"{_size(freed)} of saved GAP sessions removed; GAP makes one when it starts")
    return 0, {**nothing, "removed": removed, "freed": freed}, lines


def _agreed(options: argparse.Namespace, progress: Progress, what: str, more: str = "") -> bool:
    """Return whether the user agrees, by ``--yes`` or when asked."""
    if options.yes:
        return True
    if not sys.stdin.isatty():
        raise UsageError(f"add --yes to {what} without a question")
    progress.close()
    sys.stderr.write(f"{what[0].upper()}{what[1:]}{more}? [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _export(
    store: Store, options: argparse.Namespace, session: Session, progress: Progress
) -> Outcome:
    del session, progress
    count = store.export(options.file)
    left_out = [_key(key) for key in store.damaged]
    lines = [f"{counted(count, 'answer')} written to {options.file}"]
    if left_out:
        lines.append(f"{len(left_out)} damaged left out; plrep cache verify lists them")
    data = {"written": count, "file": str(options.file), "left_out": left_out}
    return 4 if left_out else 0, data, lines


def _import(
    store: Store, options: argparse.Namespace, session: Session, progress: Progress
) -> Outcome:
    del session, progress
    from toolkit.library.questions import check_stored

    report = store.import_(options.file, check=check_stored, partial=options.partial)
    data = {
        "added": report.added,
        "already_there": report.already_there,
        "rejected": [{"line": r.line, "reason": one_line(r.reason)} for r in report.rejected],
    }
    taken = f"{counted(report.added, 'answer')} added, {report.already_there} already there"
    lines = [taken]
    if report.rejected:
        lines = [f"{len(report.rejected)} of the answers are rejected:"]
        for r in report.rejected[:_MOST_SHOWN]:
            lines.append(f"  number {r.line}: {one_line(r.reason, 160)}")
        if options.partial:
            lines.append(taken)
        else:
            lines.append("nothing was imported; --partial imports the valid answers")
    return 4 if report.rejected else 0, data, lines
