"""Records from their short form: what :mod:`toolkit.explorer.record.columns` left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from toolkit.explorer.record.columns import DIGITS
from toolkit.text import ordered_names

if TYPE_CHECKING:
    from collections.abc import Sequence


def restored(record: dict[str, Any]) -> dict[str, Any]:
    """Return a record with complex characters, simples, normal subgroups and modules in full.

    Parameters
    ----------
    record
        In its short form, as :func:`toolkit.explorer.record.group_record` makes it; not changed.

    Examples
    --------
    >>> import toolkit as tk
    >>> from toolkit.explorer.record import group_record
    >>> record = restored(group_record(tk.group("C3")))
    >>> record["complex"]["rows"], record["simples"][1]["character"], record["normal"][1]["covers"]
    ([['1', '1', '1'], ['1', 'A', '/A'], ['1', '/A', 'A']], [2, -1, -1], ['N0'])
    """
    out = dict(record)
    if record["complex"] is not None:
        out["classes"] = _classes(record["classes"], record["order"])
        places = _places(record["complex"])
        entries = record["complex"]["entries"]
        out["complex"] = {
            "names": [f"X{i}" for i in range(len(places))],
            "indicators": list(record["complex"]["indicators"]),
            "rows": [[entries[p] for p in row] for row in places],
            "legend": record["complex"]["legend"],
            "notes": record["complex"]["notes"],
        }
        values = out.pop("real_values")
        if isinstance(record["simples"], dict):
            kernels, orders = _labels(record["normal"]), record["normal"]["orders"]
            out["simples"] = _simples(record["simples"], kernels, orders, record["order"])
        else:
            out["simples"] = [dict(s) for s in record["simples"]]
        for s in out["simples"]:
            own = values[s["type"]]
            first = int(s["constituents"][0].rpartition("X")[2])
            s["character"] = [own[p] for p in places[first]]
            s["dimension"] = s["character"][0]
        if isinstance(record["normal"], dict):
            out["normal"] = _normal(record["normal"], out["simples"], record["order"])
    out["modules"] = [restored_module(module) for module in record["modules"]]
    return out


def restored_module(module: dict[str, Any]) -> dict[str, Any]:
    """Return the record of a module with contents and pairs in full.

    Parameters
    ----------
    module
        In its short form; not changed.
    """
    out = dict(module)
    if isinstance(module["contents"], dict):
        out["contents"] = _contents(module["contents"])
    fixed = [c["fixed"] for c in out["contents"]]
    if module["pairs"] is not None:
        out["pairs"] = _pairs(module["pairs"], fixed)
    if module["orbits"] is not None:
        out["orbits"] = [
            {**orbit, "pairs": _pairs(orbit["pairs"], orbit["fixed"])} for orbit in module["orbits"]
        ]
    return out


def _classes(columns: dict[str, Any], order: Any) -> dict[str, Any]:  # noqa: ANN401 - perhaps text
    out: dict[str, Any] = {"names": list(ordered_names(columns["orders"]))}
    if "centralisers" not in columns:
        out["centralisers"] = [order // size for size in columns["sizes"]]
    return out | columns


def _places(table: dict[str, Any]) -> list[list[int]]:
    if "places" in table:
        digits = {digit: i for i, digit in enumerate(DIGITS)}
        return [
            [digits[x] for x in row] if isinstance(row, str) else row for row in table["places"]
        ]
    pattern, turns = table["pattern"], table["turns"]
    return [
        [
            turns[sum(a * b for a, b in zip(row, column, strict=True)) % pattern["modulus"]]
            for column in pattern["columns"]
        ]
        for row in pattern["rows"]
    ]


def _labels(normal: dict[str, Any]) -> list[str]:
    counted = [f"N{i}" for i in range(len(normal["orders"]))]
    labels: list[str] = normal.get("labels", counted)
    return labels


def _simples(
    columns: dict[str, Any], kernels: Sequence[str], orders: Sequence[int], order: int
) -> list[dict[str, Any]]:
    out = []
    for i, kind in enumerate(columns["types"]):
        kernel, sign = columns["kernels"][i], columns["signs"][i]
        factor = "2 " if kind == "H" else ""
        out.append(
            {
                "label": f"L{i}",
                "dimension": 0,  # read off the character
                "type": kind,
                "kernel": kernels[kernel],
                "kernel_order": orders[kernel],
                "action_order": order // orders[kernel],
                "sign": None if sign is None else kernels[sign],
                "sign_order": columns["sign_orders"][i] if sign is None else orders[sign],
                "paper_index": columns["paper_index"][i] if "paper_index" in columns else None,
                "constituents": [f"{factor}X{c}" for c in columns["constituents"][i]],
                "partition": columns["partition"][i] if "partition" in columns else None,
            }
        )
    return out


def _normal(
    columns: dict[str, Any], simples: Sequence[dict[str, Any]], order: int
) -> list[dict[str, Any]]:
    labels, count = _labels(columns), len(columns["orders"])
    kernel_of: dict[str, list[str]] = {}
    classes: dict[str, set[int]] = {}
    for s in simples:
        kernel_of.setdefault(s["kernel"], []).append(s["label"])
        classes[s["kernel"]] = {c for c, x in enumerate(s["character"]) if x == s["dimension"]}
    below = [[i - step for step in columns["covers"][i]] for i in range(count)]
    above: list[list[int]] = [[] for _ in range(count)]
    for j, lower in enumerate(below):
        for i in lower:
            above[i].append(j)
    for i in reversed(range(count)):  # what is no kernel is the intersection of those above
        if labels[i] not in classes:
            classes[labels[i]] = set.intersection(*(classes[labels[j]] for j in above[i]))
    return [
        {
            "label": labels[i],
            "order": columns["orders"][i],
            "index": order // columns["orders"][i],
            "covers": [labels[j] for j in below[i]],
            "structure": columns["structure"][i] if "structure" in columns else None,
            "quotient": columns["quotient"][i] if "quotient" in columns else None,
            "classes": sorted(classes[labels[i]]),
            "kernel_of": kernel_of.get(labels[i], []),
        }
        for i in range(count)
    ]


def _contents(columns: dict[str, Any]) -> list[dict[str, Any]]:
    simple = columns["simple"]
    numbers = list(range(simple)) if isinstance(simple, int) else simple
    out = []
    for i, number in enumerate(numbers):
        row = {"simple": number, "label": f"L{number}"}
        for name, column in columns.items():
            if name != "simple":
                row[name] = column[i] if isinstance(column, list) else column
        out.append(row)
    return out


def _pairs(pairs: dict[str, Any], fixed: Sequence[int]) -> dict[str, Any]:
    if "rows" not in pairs:
        return pairs
    rows = pairs["rows"]

    def reached(row: list[int]) -> list[int]:
        if row[:1] == [-1]:
            return row[1:]
        return [x for k in row for x in (k, fixed[k])]

    return {
        "even": [reached(rows[i]) for i in pairs["even"]],
        "odd": [reached(rows[i]) for i in pairs["odd"]],
        "degree": {d: [list(rows[i]) for i in where] for d, where in pairs["degree"].items()},
    }
