"""Records in a short form: by columns, without what follows from the rest.

:func:`packed` and :func:`toolkit.explorer.record.restored.restored` are inverse to each other; the
page restores in ``js/restore.js``. Nothing is rounded.

* ``complex``: ``entries`` are the different words, ``places`` per row one digit of :data:`DIGITS`
  for each class (a list of positions if there are more words than digits), or the ``pattern`` of
  an abelian group (:mod:`toolkit.explorer.record.patterns`) with ``turns``, per sum a position.
* ``real_values``: per type of simple the value of its real character for each entry of the complex
  character that it is made from; the characters of the simples follow.
* ``classes`` without names and orders of centralisers, where these follow from the orders.
* ``simples`` and ``normal`` by columns. The labels, dimensions, indices, and what a kernel has, are
  left out; ``covers`` are differences of positions; the classes of normal subgroups follow from
  the kernels of simples, of which they are the intersections.
* ``contents`` of a module by columns, a column of equal values as this value, ``simple`` as a
  number where it counts; ``pairs`` with each list of targets once, in ``rows``: targets alone where
  all of K^H is reached, else -1, then targets and dimensions in turn.

Tables with an integer beyond 2^53, which is a text, are left as they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from toolkit.text import ordered_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.explorer.record.patterns import Pattern

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def packed(record: dict[str, Any], pattern: Pattern | None = None) -> dict[str, Any]:
    """Return a record in its short form.

    Parameters
    ----------
    record
        Of a group; its modules are packed already.
    pattern
        Of the character table of an abelian group.
    """
    if record["complex"] is None:
        return dict(record)
    out: dict[str, Any] = {}
    for name, part in record.items():
        out[name] = part
        if name == "classes":
            out[name] = _classes(part)
        if name == "complex":
            out[name], places = _table(part, pattern)
            out["real_values"] = _real_values(record["simples"], places)
    simples, normal = record["simples"], record["normal"]
    if _fits([*simples, *normal]):
        out["simples"], out["normal"] = _simples(simples, normal), _normal(normal)
    else:
        out["simples"] = [{k: v for k, v in s.items() if k != "character"} for s in simples]
    return out


def packed_module(module: dict[str, Any], *, alone: bool = False) -> dict[str, Any]:
    """Return the record of a module in its short form.

    Parameters
    ----------
    module
        The record of a module.
    alone
        Whether it comes without the record of its group.
    """
    out = dict(module)
    contents = module["contents"]
    if not alone and _fits(contents) and all(c["simple"] is not None for c in contents):
        out["contents"] = _contents(contents)
    if module["pairs"] is not None:
        out["pairs"] = _pairs(module["pairs"], [c["fixed"] for c in contents])
    if module["orbits"] is not None:
        out["orbits"] = [
            {**orbit, "pairs": _pairs(orbit["pairs"], orbit["fixed"])} for orbit in module["orbits"]
        ]
    return out


def _fits(rows: Sequence[dict[str, Any]]) -> bool:
    """Whether all orders and dimensions are numbers."""
    names = ("order", "index", "dimension", "kernel_order", "action_order", "sign_order", "fixed")
    return not any(isinstance(row.get(name), str) for row in rows for name in names)


def _classes(part: dict[str, Any]) -> dict[str, Any]:
    out = dict(part)
    if part["names"] == list(ordered_names(part["orders"])):
        del out["names"]
    if not any(isinstance(n, str) for n in [*part["sizes"], *part["centralisers"]]):
        del out["centralisers"]
    return out


def _table(part: dict[str, Any], pattern: Pattern | None) -> tuple[dict[str, Any], list[list[int]]]:
    """Return the short form of the complex characters, and their entries as positions."""
    rows: list[list[str]] = part["rows"]
    entries = list(dict.fromkeys(word for row in rows for word in row))
    place = {word: i for i, word in enumerate(entries)}
    places = [[place[word] for word in row] for row in rows]
    out: dict[str, Any] = {
        "indicators": "".join(part["indicators"]),
        "legend": part["legend"],
        "notes": part["notes"],
        "entries": entries,
    }
    if pattern is not None:
        turns: list[int | None] = [None] * pattern.modulus
        for sums, row in zip(pattern.exponents.tolist(), places, strict=True):
            for s, p in zip(sums, row, strict=True):
                turns[s] = p
        out |= {
            "pattern": {
                "modulus": pattern.modulus,
                "rows": pattern.rows,
                "columns": pattern.columns,
            },
            "turns": turns,
        }
    elif len(entries) <= len(DIGITS):
        out["places"] = ["".join(DIGITS[p] for p in row) for row in places]
    else:
        out["places"] = places
    return out, places


def _real_values(
    simples: Sequence[dict[str, Any]], places: Sequence[Sequence[int]]
) -> dict[str, list[Any]]:
    """Return, per type, the value of a real character for each entry of its constituent."""
    out: dict[str, list[Any]] = {}
    count = 1 + max(max(row) for row in places)
    for s in simples:
        values = out.setdefault(s["type"], [None] * count)
        for p, x in zip(places[_first(s)], s["character"], strict=True):
            values[p] = x
    return out


def _first(simple: dict[str, Any]) -> int:
    """Return the number of the first complex constituent: 8 for ``2 X8``."""
    return int(simple["constituents"][0].rpartition("X")[2])


def _simples(simples: Sequence[dict[str, Any]], normal: Sequence[dict[str, Any]]) -> dict[str, Any]:
    place = {n["label"]: i for i, n in enumerate(normal)}
    out: dict[str, Any] = {
        "types": "".join(s["type"] for s in simples),
        "constituents": [[int(c.rpartition("X")[2]) for c in s["constituents"]] for s in simples],
        "kernels": [place[s["kernel"]] for s in simples],
        "signs": [place.get(s["sign"]) for s in simples],
    }
    if None in out["signs"]:
        out["sign_orders"] = [s["sign_order"] for s in simples]
    for name in ("paper_index", "partition"):
        if any(s[name] is not None for s in simples):
            out[name] = [s[name] for s in simples]
    return out


def _normal(normal: Sequence[dict[str, Any]]) -> dict[str, Any]:
    place = {n["label"]: i for i, n in enumerate(normal)}
    out: dict[str, Any] = {
        "orders": [n["order"] for n in normal],
        "covers": [[i - place[label] for label in n["covers"]] for i, n in enumerate(normal)],
    }
    labels = [n["label"] for n in normal]
    if labels != [f"N{i}" for i in range(len(normal))]:
        out["labels"] = labels
    for name in ("structure", "quotient"):
        if any(n[name] is not None for n in normal):
            out[name] = [n[name] for n in normal]
    return out


def _contents(contents: Sequence[dict[str, Any]]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for name in contents[0]:
        if name != "label":
            column = [c[name] for c in contents]
            same = all(x == column[0] for x in column)
            out[name] = column[0] if same and len(column) > 1 else column
    if out["simple"] == list(range(len(contents))):
        out["simple"] = len(contents)
    return out


def _pairs(pairs: dict[str, Any], fixed: Sequence[int]) -> dict[str, Any]:
    rows: list[list[int]] = []
    place: dict[tuple[int, ...], int] = {}

    def row(targets: Sequence[int]) -> int:
        key = tuple(targets)
        if key not in place:
            place[key] = len(rows)
            rows.append(list(key))
        return place[key]

    def reached(flat: Sequence[int]) -> int:
        targets, dimensions = flat[::2], list(flat[1::2])
        if dimensions == [fixed[k] for k in targets]:
            return row(targets)
        return row([-1, *flat])

    out: dict[str, Any] = {
        "even": [reached(flat) for flat in pairs["even"]],
        "odd": [reached(flat) for flat in pairs["odd"]],
        "degree": {d: [row(k) for k in lists] for d, lists in pairs["degree"].items()},
    }
    return {"rows": rows, **out}
