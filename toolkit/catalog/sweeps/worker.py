"""A worker of a sweep: it computes the rows of some groups with a GAP of its own."""

from __future__ import annotations

import atexit
import hashlib
import json
import os
import socket
import time
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

from toolkit.catalog.files.arrow import arrow_table, to_bytes
from toolkit.catalog.rows.blocks import Block
from toolkit.catalog.rows.group import rows_of_group
from toolkit.catalog.schema import LARGEST_INTEGER, SCHEMA_VERSION, TABLES, table
from toolkit.catalog.sweeps.ahead import answers_ahead
from toolkit.collector import collector_paused
from toolkit.errors import (
    GapCrashedError,
    GapError,
    GapNotFoundError,
    GapScriptError,
    GapTimeoutError,
    NotAvailable,
    StoreError,
    ToolkitError,
)
from toolkit.settings import VERSION

if TYPE_CHECKING:
    from toolkit.catalog.plan import Target
    from toolkit.catalog.rows.blocks import Column
    from toolkit.catalog.sweeps.ahead import AnswersOfGroup
    from toolkit.library.group import Group
    from toolkit.library.session import Session

    #: A group, its status, and its rows in all tables.
    _Result: TypeAlias = tuple[Target, str, dict[str, list[Block]]]


@dataclass(frozen=True)
class Limits:
    """Limits of time for a group, and of memory for GAP.

    Parameters
    ----------
    seconds
        Time for all questions to GAP about one group together.
    memory
        Bytes that one GAP may take.
    """

    seconds: float = 300.0
    memory: int = 4 << 30


@dataclass(frozen=True)
class Batch:
    """The result of some groups.

    Parameters
    ----------
    statuses
        Name of each group, with ``done``, ``timeout``, ``memory``, ``unavailable`` or ``failed``.
    tables
        The rows of each table as an Arrow IPC stream, group after group. A group that is not done
        has rows in ``attempts`` only.
    gap_seconds
        GAP's own time.
    """

    statuses: tuple[tuple[str, str], ...]
    tables: dict[str, bytes]
    gap_seconds: float


def sweep_groups(targets: list[Target], activations: tuple[str, ...], limits: Limits) -> Batch:
    """Return the rows of some groups.

    Parameters
    ----------
    targets
        The groups.
    activations
        Names of activations.
    limits
        Limits for each group.

    Raises
    ------
    GapNotFoundError
        If no GAP works: a fault of the installation, not of a group.

    Notes
    -----
    Any other failure of a group becomes its row in ``attempts``.
    """
    session = _session(limits.memory)
    session.hello()
    provenance, own = provenance_row(session)
    results: list[_Result] = []
    before = session.gap_seconds
    for target, ahead in answers_ahead(session, targets, limits.seconds):
        with collector_paused():
            found = _sweep_one(session, target, ahead, activations, limits, provenance)
        results.append((target, *found))
    try:
        tables = _tables(results, own, provenance)
    except Exception:  # noqa: BLE001 - a value that does not fit fails its group, not the others
        results = [_storable(result, own, provenance) for result in results]
        tables = _tables(results, own, provenance)
    statuses = tuple((target.name, status) for target, status, _ in results)
    return Batch(statuses, tables, session.gap_seconds - before)


def _tables(results: list[_Result], own: Block, provenance: str) -> dict[str, bytes]:
    """Return the tables of some groups, and the row about what made them."""
    rows: dict[str, list[Block]] = {"provenance": [own]}
    for _, _, found in results:
        for name, blocks in found.items():
            rows.setdefault(name, []).extend(blocks)
    return {
        t.name: to_bytes(arrow_table(t, rows[t.name], provenance)) for t in TABLES if t.name in rows
    }


def _storable(result: _Result, own: Block, provenance: str) -> _Result:
    """Return a group's result, or its failure if its rows do not fit into the tables."""
    try:
        _tables([result], own, provenance)
    except Exception as error:  # noqa: BLE001 - as for all that can go wrong with a group
        (row,) = result[2]["attempts"]
        reason = f"its rows do not fit into the tables: {' '.join(str(error).split())}"
        failed = Block(1, {**row.columns, "status": "failed", "reason": reason})
        return result[0], "failed", {"attempts": [failed]}
    return result


def failed_batch(targets: list[Target], reason: str) -> Batch:
    """Return the rows in ``attempts`` of groups whose workers died."""
    blocks = [_attempt(t, t.order, t.number, "failed", reason, None, None, "") for t in targets]
    return Batch(
        tuple((t.name, "failed") for t in targets),
        {"attempts": to_bytes(arrow_table(table("attempts"), blocks))},
        0.0,
    )


def provenance_row(session: Session) -> tuple[str, Block]:
    """Return the key and the row, in the table ``provenance``, for the answers of a session."""
    session.hello()
    made = session.provenance(0.0)
    columns: dict[str, Column] = {
        "schema": SCHEMA_VERSION,
        "toolkit_version": VERSION,
        "gap_version": made.gap_version,
        "packages": [[f"{name} {version}" for name, version in sorted(made.packages.items())]],
        "script_hash": made.script_hash,
    }
    text = json.dumps(columns, sort_keys=True)
    key = hashlib.blake2b(text.encode(), digest_size=6).hexdigest()
    return key, Block(1, {"provenance": key, **columns})


def _sweep_one(
    session: Session,
    target: Target,
    ahead: AnswersOfGroup | None,
    activations: tuple[str, ...],
    limits: Limits,
    provenance: str,
) -> tuple[str, dict[str, list[Block]]]:
    session.forget()
    already = 0.0 if ahead is None else ahead.seconds
    start, gap = time.monotonic() - already, session.gap_seconds - already
    session.deadline = start + limits.seconds
    if ahead is not None:
        session.said_ahead = ahead.said
    found: dict[str, list[Block]] = {}
    G: Group | None = None
    reason: str | None
    try:
        try:
            G, found = _rows(session, target, activations)
        except GapCrashedError as error:
            if not error.was_killed or _verdict(error, limits)[0] == "memory":
                raise
            session.forget()  # something else may have killed this GAP: once more, by another
            session.said_ahead = None
            G, found = _rows(session, target, activations)
        status, reason = "done", None
    except (GapNotFoundError, StoreError):
        raise
    except Exception as error:  # noqa: BLE001 - the failure of one group must not stop the others
        status, reason = _verdict(error, limits)
    finally:
        session.deadline = session.said_ahead = None
    order, number = target.order, target.number
    if G is not None and status == "done":
        order = G.order
        number = None if G.small_group_id is None else G.small_group_id[1]
    found["attempts"] = [
        _attempt(
            target,
            order,
            number,
            status,
            reason,
            round(time.monotonic() - start, 6),
            round(session.gap_seconds - gap, 6),
            provenance,
        )
    ]
    return status, found


def _rows(
    session: Session, target: Target, activations: tuple[str, ...]
) -> tuple[Group, dict[str, list[Block]]]:
    from toolkit.library.naming import group

    G = group(target.name, session=session)
    if G.order > LARGEST_INTEGER:
        raise NotAvailable(target.name, "its rows", "orders below 2^63 are required for the tables")
    return G, rows_of_group(G, target.modules, activations)


def _attempt(
    target: Target,
    order: int | None,
    number: int | None,
    status: str,
    reason: str | None,
    seconds: float | None,
    gap_seconds: float | None,
    provenance: str,
) -> Block:
    return Block(
        1,
        {
            "group": target.name,
            "order": order,
            "number": number,
            "status": status,
            "reason": reason,
            "seconds": seconds,
            "gap_seconds": gap_seconds,
            "worker": f"{socket.gethostname()}:{os.getpid()}",
            "provenance": provenance or None,
        },
    )


def _verdict(error: Exception, limits: Limits) -> tuple[str, str]:
    """Return the status of a group after an error, and the reason as a sentence."""
    said = " ".join(str(error).split())
    if isinstance(error, GapTimeoutError):
        return "timeout", f"GAP did not finish within {limits.seconds:g} seconds ({error.request})"
    if isinstance(error, GapCrashedError | GapScriptError):
        whole = said + getattr(error, "stderr_tail", "")
        if "memory" in whole.lower() or "workspace" in whole.lower():
            size = f"{limits.memory / (1 << 20):g} MB"
            return "memory", f"GAP took more than {size} of memory ({error.request})"
    if isinstance(error, NotAvailable):
        return "unavailable", said
    if isinstance(error, MemoryError):
        return "memory", "the worker has no memory left"
    if isinstance(error, ToolkitError | GapError):
        return "failed", said
    return "failed", f"internal error: {type(error).__name__}: {said}"


@lru_cache(maxsize=1)
def _session(memory: int) -> Session:
    """Return this process's session: answers in memory, one GAP."""
    from toolkit.library.session import Session
    from toolkit.settings import Settings

    settings = replace(Settings.from_environment(), gap_memory=memory, offline=False)
    session = Session(settings, use_bundled=False, in_memory=True)
    atexit.register(session.close)
    return session
