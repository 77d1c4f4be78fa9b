"""Records read back: matrices, vectors and images in full, pictures with paths."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from toolkit.explorer.record.coded import decoded
from toolkit.explorer.record.pictures import HEAD, KINDS
from toolkit.explorer.record.restored import restored, restored_module

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from toolkit.modules.gsets.actions import IntArray

#: How far the band of a row extends above and below its boxes.
PADDING = 9


def unpacked(
    record: dict[str, Any], models: dict[str, NDArray[np.float64]] | None = None
) -> dict[str, Any]:
    """Return a record, or the record of a module, with plain matrices, vectors and images.

    Parameters
    ----------
    record
        As :func:`~toolkit.explorer.record.group_record` makes it; not changed.
    models
        Matrices of the simples, for the record of a module that has none.

    Returns
    -------
    dict
        The same with ``models`` as arrays ``(generators, d, d)``, ``images`` ``(generators,
        degree)`` and ``vectors`` ``(d,)``, the generic one always there; ``pictures`` as
        :func:`unpacked_picture` makes them, and ``closed`` as :func:`unpacked_lattice` does,
        ``"normal"`` excepted.
    """
    if "schema" in record:
        record = restored(record)
    elif "contents" in record:
        record = restored_module(record)
    out = dict(record)
    left_out = record.get("words")
    values = record.get("values") or []
    if record.get("models"):
        out["models"] = {
            label: _matrices(coded, values, left_out) for label, coded in record["models"].items()
        }
    if record.get("modules"):
        known = out.get("models")
        out["modules"] = [
            unpacked({"words": left_out, **module}, known) for module in record["modules"]
        ]
    if record.get("pictures"):
        out["pictures"] = {kind: unpacked_picture(p) for kind, p in record["pictures"].items()}
    if record.get("vectors"):
        out["vectors"] = {
            label: {
                "generic": decoded(own.get("generic", own["copies"][0]), values),
                "copies": [decoded(w, values) for w in own["copies"]],
            }
            for label, own in record["vectors"].items()
        }
    if record.get("images") == "regular":
        known = out.get("models") or models or {}
        out["images"] = _regular_images(known, out["vectors"])
    elif record.get("images") is not None:
        out["images"] = _images(record["images"], left_out)
    if record.get("closed"):
        out["closed"] = {
            kind: unpacked_lattice(lattice) if isinstance(lattice, dict) else lattice
            for kind, lattice in record["closed"].items()
        }
    return out


def _matrices(
    coded: Sequence[list[int] | None],
    values: Sequence[str | int | float],
    left_out: Sequence[list[int] | None] | None,
) -> NDArray[np.float64]:
    size = math.isqrt(next((len(c) for c in coded if c is not None), 1))
    out = np.empty((len(coded), size, size))
    for i, codes in enumerate(coded):
        if codes is not None:
            out[i] = decoded(codes, values).reshape(size, size)
    for i, word in enumerate(left_out or ()):
        if word is not None:
            out[i] = np.eye(size)
            for g in word:
                out[i] = out[i] @ out[g]
    return out


def _images(
    kept: Sequence[list[int] | None], left_out: Sequence[list[int] | None] | None
) -> IntArray:
    degree = next((len(row) for row in kept if row is not None), 1)
    out = np.empty((len(kept), degree), dtype=np.intp)
    for i, row in enumerate(kept):
        if row is not None:
            out[i] = (np.array(row) + np.arange(degree)) % degree
    for i, word in enumerate(left_out or ()):
        if word is not None:
            out[i] = np.arange(degree)
            for g in word:
                out[i] = out[g][out[i]]
    return out


def _regular_images(models: dict[str, NDArray[np.float64]], vectors: dict[str, Any]) -> IntArray:
    """Return the images of a regular module: points are their vectors, by rho(g) w_{x^g} = w_x."""
    labels = [label for label in vectors if label in models]
    count = len(models[labels[0]])
    points = [[vectors[label]["generic"] for label in labels]]
    flat = [np.concatenate(points[0])]
    out: list[list[int]] = [[] for _ in range(count)]
    for point in points:
        for g in range(count):
            moved = [models[label][g].T @ w for label, w in zip(labels, point, strict=True)]
            where = np.concatenate(moved)
            near = np.flatnonzero(np.abs(np.array(flat) - where).max(axis=1) < 1e-6)
            if near.size == 0:
                points.append(moved)
                flat.append(where)
            out[g].append(int(near[0]) if near.size else len(flat) - 1)
    return np.array(out, dtype=np.intp).reshape(count, len(flat))


def unpacked_lattice(lattice: dict[str, Any]) -> dict[str, Any]:
    """Return a lattice of closed sets with ``sets`` and ``covers`` by name.

    Parameters
    ----------
    lattice
        As :func:`~toolkit.explorer.record.lattices.closed_lattice` makes it.

    Returns
    -------
    dict
        ``sets``, each with ``members``, ``x`` and ``y``; ``covers``, pairs ``[small, large]``; the
        rest as it is.
    """
    sets = [{"members": members, "x": x, "y": y} for x, y, *members in lattice["sets"]]
    pairs = lattice["covers"]
    covers = [list(pair) for pair in zip(pairs[::2], pairs[1::2], strict=True)]
    return {**lattice, "sets": sets, "covers": covers}


# -- pictures -------------------------------------------------------------------------------------


def unpacked_picture(picture: dict[str, Any]) -> dict[str, Any]:
    """Return a picture with bands, boxes by name, and routes as paths of SVG.

    Parameters
    ----------
    picture
        As :func:`~toolkit.explorer.record.pictures.pictures` makes it.

    Returns
    -------
    dict
        - ``boxes``: ``members``, the centre ``x``, ``y``, the size ``w``, ``h``, and ``mutual``;
        - ``bands``: ``order``, ``top`` and ``bottom``, one for each order of the action;
        - ``routes``: ``d``, a path; ``kind``, as in :func:`~toolkit.palette.line_kind`; the boxes
          ``from`` and ``to``; ``both``; ``heads`` as ``[x, y, 0, dy]``: the tip, and whether it
          points down (1) or up (-1). The path ends 4 pixels before a tip;
        - ``width``, ``height``, ``grouped``, ``reduced``; ``order``, all members row by row.
    """
    layers = picture["layers"]
    boxes = []
    for layer, x, w, h, mutual, *members in picture["boxes"]:
        _, top, bottom = layers[layer]
        place = {"members": members, "x": x, "y": (top + bottom) // 2, "w": w, "h": h}
        boxes.append({**place, "mutual": bool(mutual), "layer": layer})
    bands: list[dict[str, int]] = []
    for order, top, bottom in layers:
        if bands and bands[-1]["order"] == order:
            bands[-1]["bottom"] = bottom + PADDING
        else:
            bands.append({"order": order, "top": top - PADDING, "bottom": bottom + PADDING})
    rows = sorted(boxes, key=lambda box: (box["y"], box["x"]))
    return {
        **{key: picture[key] for key in ("width", "height", "grouped", "reduced")},
        "boxes": boxes,
        "bands": bands,
        "routes": [_route(route, boxes, layers) for route in picture["routes"]],
        "order": [i for box in rows for i in box["members"]],
    }


def _route(
    route: Sequence[int], boxes: Sequence[dict[str, Any]], layers: Sequence[Sequence[int]]
) -> dict[str, Any]:
    source, target, kind, ends, *rest = route
    out = {"kind": KINDS[kind], "from": source, "to": target, "both": ends == 3}
    one, two = boxes[source], boxes[target]
    if one["layer"] == two["layer"]:
        return out | _arc(one, two, ends, rest, layers[one["layer"]][1])
    if one["layer"] > two["layer"]:
        one, two = two, one
    first, last = one["y"] + one["h"] // 2, two["y"] - two["h"] // 2
    heads = [[rest[0], first, 0, -1]] * (ends >> 1) + [[rest[-1], last, 0, 1]] * (ends & 1)
    y = first + HEAD * (ends >> 1)
    stop = last - HEAD * (ends & 1)
    path = f"M{rest[0]} {y}"
    for i, x in enumerate(rest[1:], start=one["layer"]):
        high = max(y, layers[i][2])
        low = min(stop, layers[i + 1][1])
        path += f"V{high}" if high > y else ""
        middle = (high + low) / 2
        path += f"C{rest[i - one['layer']]} {middle:g} {x} {middle:g} {x} {low}"
        y = low
    path += f"V{stop}" if stop > y else ""
    return out | {"d": path, "heads": heads}


def _arc(
    one: dict[str, Any], two: dict[str, Any], ends: int, rest: Sequence[int], top: int
) -> dict[str, Any]:
    """Return the arc above a layer: two quarters of ellipses, far apart with a line between."""
    x, x1, rise = rest
    first, last = one["y"] - one["h"] // 2, two["y"] - two["h"] // 2
    heads = [[x, first, 0, 1]] * (ends >> 1) + [[x1, last, 0, 1]]
    way = 1 if x1 > x else -1
    base, apex = top - HEAD, top - HEAD - rise
    reach = way * min(abs(x1 - x) / 2, 3.2 * rise)
    sweep = 1 if way > 0 else 0
    arc = f"A{_tenths(abs(reach))} {rise} 0 0 {sweep}"
    path = f"M{x} {first - HEAD * (ends >> 1)}V{base}{arc} {_tenths(x + reach)} {apex}"
    path += f"H{_tenths(x1 - reach)}{arc} {x1} {base}V{last - HEAD}"
    return {"d": path, "heads": heads}


def _tenths(x: float) -> str:
    return f"{math.floor(10 * x + 0.5) / 10:g}"
