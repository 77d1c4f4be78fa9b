"""Sizes of axes that notice when a ``forward`` compares them, and so may branch on the batch."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import FrameType

#: Code that compares sizes only to check shapes, or to broadcast.
_TRUSTED = ("torch.", "toolkit.nn.")


def _is_trusted(frame: FrameType) -> bool:
    return str(frame.f_globals.get("__name__", "")).startswith(_TRUSTED)


class WatchedSize(int):
    """A size that moves with the batch; numbers made of it are watched as well.

    It compares equal to what an integer would; ``notes`` is told of a comparison with a number
    that does not move.
    """

    notes: list[str] | None

    def __new__(cls, value: int, notes: list[str] | None) -> WatchedSize:
        """Return a size, with the list that is told of comparisons."""
        out = super().__new__(cls, value)
        out.notes = notes
        return out

    def _note(self, sign: str, other: object) -> None:
        if (
            self.notes is not None
            and not isinstance(other, WatchedSize)
            and not _is_trusted(sys._getframe(2))
        ):
            self.notes.append(f"{sign} {other!r}")

    def __hash__(self) -> int:
        return super().__hash__()

    def __bool__(self) -> bool:
        self._note("!=", 0)
        return int(self) != 0


def _compares(name: str, sign: str) -> Callable[[WatchedSize, Any], Any]:
    plain = getattr(int, name)

    def compare(self: WatchedSize, other: Any) -> Any:  # noqa: ANN401 - as int's own
        self._note(sign, other)
        return plain(int(self), int(other) if isinstance(other, WatchedSize) else other)

    return compare


def _computes(name: str) -> Callable[[WatchedSize, Any], Any]:
    plain = getattr(int, name)

    def compute(self: WatchedSize, *others: Any) -> Any:  # noqa: ANN401 - as int's own
        found = plain(int(self), *others)
        return WatchedSize(found, self.notes) if isinstance(found, int) else found

    return compute


for _name, _sign in (("eq", "=="), ("ne", "!="), ("lt", "<"), ("le", "<="), ("gt", ">"),
                     ("ge", ">=")):  # fmt: skip
    setattr(WatchedSize, f"__{_name}__", _compares(f"__{_name}__", _sign))
for _name in ("add", "radd", "sub", "rsub", "mul", "rmul", "floordiv", "rfloordiv", "mod", "rmod",
              "pow", "neg", "abs"):  # fmt: skip
    setattr(WatchedSize, f"__{_name}__", _computes(f"__{_name}__"))


class SizeWatch:
    """Hands out watched sizes in a run whose tensors have known moving axes.

    Parameters
    ----------
    axes
        Per tensor of the graph the axes, counted from 0, that move with the batch.
    """

    def __init__(self, axes: Mapping[int, frozenset[int]]) -> None:
        self.axes = axes
        self.notes: list[str] = []
        #: Numbers of tensors whose ``len`` was asked for, where that is the size of the batch.
        self.lengths: list[int] = []

    def __call__(self, number: int, name: str, found: Any, args: tuple[Any, ...]) -> Any:  # noqa: ANN401 - a size or a shape
        """Return the shape of a tensor, one of its sizes or their product, with watched numbers."""
        moving = self.axes.get(number, frozenset())
        if name == "__len__":
            if 0 in moving and not _is_trusted(sys._getframe(2)):
                self.lengths.append(number)
            return found  # Python makes a plain integer of it
        if name in ("numel", "nelement", "nbytes"):
            return WatchedSize(found, self.notes) if moving else found
        if isinstance(found, torch.Size):
            return torch.Size(
                [WatchedSize(n, self.notes) if i in moving else n for i, n in enumerate(found)]
            )
        moves = len(args) > 1 and args[1] % args[0].dim() in moving
        return WatchedSize(found, self.notes) if moves else found
