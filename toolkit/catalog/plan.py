"""The plan of a sweep: orders or groups, their modules, activations."""

from __future__ import annotations

import operator
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from toolkit.catalog.rows.graph import DEFAULT_ACTIVATIONS
from toolkit.catalog.rows.group import Modules
from toolkit.errors import ConfigError, NotAvailable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from toolkit.library.session import Session

_RANGE = re.compile(r"([0-9]{1,20})(?:-([0-9]{1,20}))?")
_LARGEST_ORDER = 1_000_000


@dataclass(frozen=True)
class PlanPart:
    """Some groups, and which of their modules.

    Parameters
    ----------
    orders
        All groups of these orders, in increasing order.
    groups
        Canonical names of more groups.
    modules
        Which modules of each.
    """

    orders: tuple[int, ...]
    groups: tuple[str, ...]
    modules: Modules


@dataclass(frozen=True)
class Plan:
    """A plan of a sweep; the same plan gives the same rows, however it is carried out.

    Parameters
    ----------
    parts
        The groups and modules. A group in two parts has the modules of the first.
    activations
        Names of activations, sorted.
    """

    parts: tuple[PlanPart, ...]
    activations: tuple[str, ...]

    @classmethod
    def of(
        cls,
        orders: str | Iterable[int] = (),
        groups: Iterable[str] = (),
        modules: str | Modules = "regular",
        activations: Sequence[str] = DEFAULT_ACTIVATIONS,
    ) -> Plan:
        """Return a plan of one part, checked.

        Raises
        ------
        ConfigError
            If an order, a name of a group, modules or an activation cannot be understood.

        Examples
        --------
        >>> Plan.of("1-3,8").to_json()["parts"]
        [{'orders': '1-3,8', 'groups': [], 'modules': 'regular'}]
        """
        from toolkit.groups.parsing.grammar import parse_group
        from toolkit.pl.activations.activation import find_activation

        numbers = orders_of_text(orders) if isinstance(orders, str) else _numbers(orders)
        listed = _names(groups, "names of groups", "S4")
        names = tuple(dict.fromkeys(parse_group(name).name for name in listed))
        if not numbers and not names:
            raise ConfigError("a sweep needs orders, such as 1-127, or names of groups")
        if not isinstance(modules, Modules):
            if not isinstance(modules, str):
                raise ConfigError(
                    "modules are 'regular' or 'transitive:MAXINDEX', such as 'transitive:24', "
                    f"not {modules!r:.60}"
                )
            try:
                modules = Modules.parse(modules)
            except ValueError as error:
                raise ConfigError(str(error)) from None
        listed = _names(activations, "names of activations", "relu")
        found = sorted({find_activation(name).name for name in listed})
        if not found:
            raise ConfigError("a sweep needs an activation, such as relu")
        return cls((PlanPart(numbers, names, modules),), tuple(found))

    def to_json(self) -> dict[str, Any]:
        """Return the plan as JSON data; equal plans give equal data."""
        return {
            "parts": [
                {
                    "orders": text_of_orders(part.orders),
                    "groups": list(part.groups),
                    "modules": str(part.modules),
                }
                for part in self.parts
            ],
            "activations": list(self.activations),
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Plan:
        """Return the plan that :meth:`to_json` wrote; ValueError if the data are not a plan."""
        try:
            parts = tuple(
                PlanPart(
                    orders_of_text(p["orders"]) if p["orders"] else (),
                    tuple(p["groups"]),
                    Modules.parse(p["modules"]),
                )
                for p in data["parts"]
            )
            return cls(parts, tuple(data["activations"]))
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"the plan of a sweep is required, found {data!r:.80}") from error


@dataclass(frozen=True)
class Target:
    """One group of a sweep.

    Parameters
    ----------
    name
        Its canonical name.
    order, number
        Its order and number, where the name gives them.
    modules
        Which modules.
    """

    name: str
    order: int | None
    number: int | None
    modules: Modules


def orders_of_text(text: str) -> tuple[int, ...]:
    """Return the orders in a text such as ``1-127,200``, in increasing order.

    Raises
    ------
    ConfigError
        If it is not of this form.

    Examples
    --------
    >>> orders_of_text("6, 1-3")
    (1, 2, 3, 6)
    """
    out: set[int] = set()
    for piece in text.split(","):
        match = _RANGE.fullmatch(piece.strip())
        first = int(match[1]) if match else 0
        last = int(match[2] or first) if match else 0
        if not 1 <= first <= last <= _LARGEST_ORDER:
            raise ConfigError(
                f"orders are positive numbers and ranges up to {_LARGEST_ORDER:,}, such as "
                f"1-127,200, not {text!r:.60}"
            )
        out.update(range(first, last + 1))
    return tuple(sorted(out))


def _numbers(orders: Iterable[int]) -> tuple[int, ...]:
    """Return orders given as numbers, checked and in increasing order."""
    required = "orders are whole numbers, or a text such as '1-127,200', not"
    try:
        given = list(orders)
        found = sorted({operator.index(n) for n in given})
    except TypeError:
        raise ConfigError(f"{required} {orders!r:.60}") from None
    if isinstance(orders, bytes) or any(isinstance(n, bool) for n in given):
        raise ConfigError(f"{required} {orders!r:.60}")
    if found and not 1 <= found[0] <= found[-1] <= _LARGEST_ORDER:
        wrong = f"{found[0]:.3g}" if found[0] < 1 else "one above"
        raise ConfigError(f"orders are from 1 to {_LARGEST_ORDER:,}, found {wrong}")
    return tuple(found)


def _names(given: Iterable[str], what: str, example: str) -> list[str]:
    """Return names given one by one; a text, which is many letters, is refused."""
    try:
        if not isinstance(given, str | bytes):
            return list(given)
    except TypeError:
        pass
    raise ConfigError(f"a list of {what} is required, such as [{example!r}], not {given!r:.60}")


def text_of_orders(orders: Sequence[int]) -> str:
    """Return orders as a text, the inverse of :func:`orders_of_text`.

    Examples
    --------
    >>> text_of_orders([1, 2, 3, 6])
    '1-3,6'
    """
    runs: list[list[int]] = []
    for n in orders:
        if runs and runs[-1][1] == n - 1:
            runs[-1][1] = n
        else:
            runs.append([n, n])
    return ",".join(str(a) if a == b else f"{a}-{b}" for a, b in runs)


def groups_of_file(path: Path) -> tuple[str, ...]:
    """Return the names of groups in a file: one per line, comments after ``#``.

    Raises
    ------
    ConfigError
        If the file cannot be read or names no group.
    """
    if path.is_char_device():
        raise ConfigError(
            f"{path} must be a file with names of groups, but it is a device, which may never end"
        )
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"the file {path} with names of groups cannot be read: {error}") from None
    names = [stripped for line in lines if (stripped := line.partition("#")[0].strip())]
    if not names:
        raise ConfigError(f"the file {path} names no group: write one name per line")
    return tuple(names)


def targets_of_plan(plan: Plan, session: Session) -> list[Target]:
    """Return all groups of a plan in order, each once.

    Raises
    ------
    NotAvailable
        If the small groups library does not hold the groups of an order.

    Notes
    -----
    One question to GAP: the number of groups of each order.
    """
    orders = sorted({n for part in plan.parts for n in part.orders})
    counts: dict[int, int | None] = {}
    if orders:
        answer = session.ask_gap(
            "small_groups",
            {"orders": orders},
            subject="the small groups library",
        )
        counts = dict(zip(orders, answer["counts"], strict=True))
    found: dict[str, Target] = {}
    for part in plan.parts:
        for n in part.orders:
            count = counts[n]
            if count is None:
                raise NotAvailable(
                    f"order {n}", "its groups", "the small groups library does not hold this order"
                )
            for i in range(1, count + 1):
                name = f"SmallGroup({n},{i})"
                found.setdefault(name, Target(name, n, i, part.modules))
        for name in part.groups:
            found.setdefault(name, Target(name, None, None, part.modules))
    return list(found.values())
