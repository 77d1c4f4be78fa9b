"""A break of a symmetry that lies in no submodule, but in the code of a forward between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.interpret.auditing.report import CallAudit


def own_code_notes(calls: Sequence[CallAudit], tolerance: float) -> list[str]:
    """Return where a model that is not equivariant breaks, if no submodule does.

    Parameters
    ----------
    calls
        The calls of submodules, in order.
    tolerance
        The largest error that counts as rounding.

    Returns
    -------
    list
        One sentence, or none if a call is itself not equivariant, which is the break.

    Notes
    -----
    The network up to the end of a call is compared with the call itself. If it is equivariant up to
    one call and not up to a later one, and all calls from there on are equivariant themselves, the
    forward's own code breaks in between; if it is equivariant up to the last known call, the break
    lies after it. Calls of which nothing is known may be the break as well: they are named.
    """
    if any(c.own is not None and c.own.error > tolerance for c in calls):
        return []
    last: CallAudit | None = None
    unknown: list[CallAudit] = []
    found: CallAudit | None = None
    for call in calls:
        if call.up_to_here is None:
            if call.own is None:
                unknown.append(call)
            continue
        if call.up_to_here.error > tolerance:
            found = call
            if call.own is None:
                unknown.append(call)
            break
        last, unknown = call, []
    if found is not None and last is not None:
        where = f"between {_named(last)} and {_named(found)}"
    elif found is not None:
        where = f"before {_named(found)}"
    elif last is not None:
        where = f"after {_named(last)}"
    else:
        where = "in the model"
    cause = "the code of forward itself"
    if unknown:
        names = ", ".join(dict.fromkeys(_named(c) for c in unknown))
        cause += f", or {names}, for which this is unknown"
    return [f"the symmetry breaks {where}: in {cause}"]


def _named(call: CallAudit) -> str:
    name = call.name or "the model"
    return f"{name}#{call.number + 1}" if call.number else name
