"""A map in one line, as its repr shows it, and what draws it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from toolkit.pl.arrangements.counting import counting_cost

if TYPE_CHECKING:
    from pathlib import Path

_QUICK = 2e8  # multiplications that may be spent on a repr


class Painter(Protocol):
    """A function that draws a map; pictures are made in another room."""

    def __call__(self, phi: Any, path: str | Path | None, kind: str) -> Any:  # noqa: ANN401
        """Draw the map, into a file unless ``path`` is ``None``."""


def words_of(phi: Any) -> str:  # noqa: ANN401 - a PLMap, which is made above
    """Return what a map is, with as much of its answer as comes at once.

    Parameters
    ----------
    phi
        The map.
    """
    head = f"{phi.title} on {phi.module} of {phi.group_title or phi.group}"
    many, d = phi.vectors.shape
    if many * many * d > _QUICK and "lines" not in phi.__dict__:
        return f"<{head}>"
    if phi.is_zero:
        return f"<{head}: zero>"
    if phi.pieces is None:
        return f"<{head}>"
    if phi.is_linear:
        return f"<{head}: linear>"
    words = {1: "points", 2: "lines", 3: "planes"}
    n = len(phi.hyperplanes)
    if not n:
        return f"<{head}: affine>"
    kind = words.get(d, "hyperplanes")
    kind = kind[:-1] if n == 1 else kind
    quick = counting_cost(n, d + 1) <= 2000 and n <= 200
    if not quick and "regions" not in phi.__dict__:
        return f"<{head}: {n} {kind}>"
    return f"<{head}: {n} {kind}, {phi.regions.words} regions>"
