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


_NOT_FOLLOWED = "computes a number from the size of the batch that is not traced ({})"


class WatchedSize(int):
    """A size that moves with the batch; numbers made of it are watched as well.

    It does what an integer would. ``notes`` is told, in words, of a comparison with a number that
    does not move, and of what makes a number of it that is not watched.
    """

    notes: list[str] | None

    def __new__(cls, value: int, notes: list[str] | None) -> WatchedSize:
        """Return a size, with the list that is told."""
        out = super().__new__(cls, value)
        out.notes = notes
        return out

    def _compared(self, sign: str, other: object) -> None:
        if not isinstance(other, WatchedSize):
            _tell(self.notes, f"compares the size of the batch (with {sign} {other!r})")

    def __bool__(self) -> bool:
        self._compared("!=", 0)
        return int.__bool__(self)


def _tell(notes: list[str] | None, text: str) -> None:
    """Tell what the caller of a method of a size does, unless that is code that is trusted."""
    if notes is not None and not _place(sys._getframe(3)).startswith(_TRUSTED):
        notes.append(text)


def _place(frame: FrameType | None) -> str:
    """Return the name of the Python module whose code a frame runs."""
    return "" if frame is None else str(frame.f_globals.get("__name__", ""))


def _compares(name: str, sign: str) -> Callable[[WatchedSize, Any], Any]:
    plain = getattr(int, name)

    def compare(self: WatchedSize, other: Any) -> Any:  # noqa: ANN401 - as int's own
        self._compared(sign, other)
        return plain(self, other)

    return compare


def _computes(name: str) -> Callable[[WatchedSize, Any], Any]:
    plain = getattr(int, name)

    def compute(self: WatchedSize, *others: Any) -> Any:  # noqa: ANN401 - as int's own
        found = plain(self, *others)
        if isinstance(found, tuple):
            return tuple(WatchedSize(n, self.notes) for n in found)
        return WatchedSize(found, self.notes) if isinstance(found, int) else found

    return compute


def _leaves(name: str, word: str) -> Callable[[WatchedSize, Any], Any]:
    plain = getattr(int, name)

    def leave(self: WatchedSize, *others: Any) -> Any:  # noqa: ANN401 - as int's own
        found = plain(self, *others)
        if found is not NotImplemented:
            _left(self.notes, word)
        return found

    return leave


def _left(notes: list[str] | None, word: str) -> None:
    _tell(notes, _NOT_FOLLOWED.format(word))


for _name, _sign in (("eq", "=="), ("ne", "!="), ("lt", "<"), ("le", "<="), ("gt", ">"),
                     ("ge", ">=")):  # fmt: skip
    setattr(WatchedSize, f"__{_name}__", _compares(f"__{_name}__", _sign))
for _name in ("add", "radd", "sub", "rsub", "mul", "rmul", "floordiv", "rfloordiv", "mod", "rmod",
              "divmod", "rdivmod", "pow", "rpow", "neg", "pos", "abs", "and", "rand", "or", "ror",
              "xor", "rxor", "lshift", "rlshift", "rshift", "rrshift", "invert", "floor", "ceil",
              "trunc", "round"):  # fmt: skip
    setattr(WatchedSize, f"__{_name}__", _computes(f"__{_name}__"))
for _name, _word in (("int", "int"), ("float", "float"), ("truediv", "/"), ("rtruediv", "/"),
                     ("hash", "hash")):  # fmt: skip
    setattr(WatchedSize, f"__{_name}__", _leaves(f"__{_name}__", _word))


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

    def __call__(self, number: int, name: str, found: Any, args: tuple[Any, ...]) -> Any:  # noqa: ANN401 - a size or a shape
        """Return the shape of a tensor, one of its sizes or their product, with watched numbers."""
        moving = self.axes.get(number, frozenset())
        if name == "__len__":
            if 0 in moving:  # Python makes a plain integer of what is returned
                self._note_length()
            return found
        if name in ("numel", "nelement", "nbytes"):
            return WatchedSize(found, self.notes) if moving else found
        if isinstance(found, torch.Size):
            return torch.Size(
                [WatchedSize(n, self.notes) if i in moving else n for i, n in enumerate(found)]
            )
        moves = len(args) > 1 and args[1] % args[0].dim() in moving
        return WatchedSize(found, self.notes) if moves else found

    def _note_length(self) -> None:
        """Note ``len(x)``, which torch answers in code of its own."""
        frame: FrameType | None = sys._getframe(2)
        while frame is not None and _place(frame) != "torch._tensor":
            frame = frame.f_back
        if not _place(frame and frame.f_back).startswith(_TRUSTED):
            self.notes.append(_NOT_FOLLOWED.format("len: write x.shape[0]"))
