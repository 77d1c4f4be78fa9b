"""What ``plrep inspect`` reads: files of weights, tensors in them by name, tables of numbers."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.cli.console import UsageError
from toolkit.text import listed

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

    import torch

    from toolkit.nn.files import FileChecksum

#: A tensor by its name: the name, whether it is transposed, and slices.
_TENSOR = re.compile(r"(?P<name>.+?)(?P<transposed>\.T)?(?:\[(?P<slices>[^\[\]]*)\])?")
_SLICE = re.compile(r"\s*(-?\d*)\s*:\s*(-?\d*)\s*")


def require_pictures(options: argparse.Namespace) -> None:
    """Refuse a folder for pictures that is not there."""
    if not options.no_pictures and not Path(options.output).is_dir():
        raise UsageError(f"there is no folder {options.output!r} for the pictures")


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Make one line of an error of the system."""
    try:
        yield
    except FileNotFoundError:
        raise UsageError(f"there is no file {str(path)!r}") from None
    except OSError as error:
        raise UsageError(f"cannot read {str(path)!r}: {error.strerror or error}") from None


def loaded(path: Path, *, unchecked: bool = False) -> Any:  # noqa: ANN401 - plain data of any kind
    """Return what a file of weights holds."""
    from toolkit.nn.files import load

    with reading(path):
        return load(path, unchecked=unchecked)


def checksum_of(path: Path) -> FileChecksum:
    """Return the checksum of a file of weights."""
    from toolkit.nn.files import file_checksum

    with reading(path):
        return file_checksum(path)


# -- inputs ----------------------------------------------------------------------------------------


def batch(path: Path) -> Any:  # noqa: ANN401 - a tensor, or a tuple or dictionary of tensors
    """Return a tensor, or a tuple or a dictionary of tensors, from a .npy or .pt file."""
    import torch

    if path.suffix == ".npy":
        return torch.from_numpy(_array(path).astype("float64"))
    found = loaded(path)
    if isinstance(found, torch.Tensor):
        return found
    parts = list(found.values()) if isinstance(found, Mapping) else found
    is_several = isinstance(parts, list | tuple) and bool(parts)
    if is_several and all(isinstance(x, torch.Tensor) for x in parts):
        return dict(found) if isinstance(found, Mapping) else tuple(found)
    raise UsageError(
        f"{str(path)!r} must hold one tensor, a tuple or a dictionary of tensors, found "
        f"{type(found).__name__}"
    )


def one_batch(path: Path) -> torch.Tensor:
    """Return the one tensor of a .npy or .pt file."""
    import torch

    found = batch(path) if path.suffix == ".npy" else loaded(path)
    if not isinstance(found, torch.Tensor):
        raise UsageError(f"{str(path)!r} must hold one tensor, found {type(found).__name__}")
    return found


def _array(path: Path) -> Any:  # noqa: ANN401 - an array of any real type
    import numpy as np

    try:
        array = np.load(path, allow_pickle=False)
    except (OSError, ValueError) as error:
        raise UsageError(f"cannot read {str(path)!r}: {error}") from None
    if not isinstance(array, np.ndarray) or array.dtype.kind not in "fiub":
        found = getattr(array, "dtype", type(array).__name__)
        raise UsageError(f"{str(path)!r} must hold real numbers, found {found}")
    return array


# -- tensors by name -------------------------------------------------------------------------------


def chosen_tensor(state: Mapping[str, Any], text: str) -> torch.Tensor:
    """Return the tensor that a text such as ``"hidden.weight.T[:64]"`` names.

    Raises
    ------
    UsageError
        If there is none of this name; the message lists those that there are.

    Examples
    --------
    >>> import torch
    >>> chosen_tensor({"w": torch.arange(6).reshape(2, 3)}, "w.T[1:,:1]").tolist()
    [[1], [2]]
    """
    import torch

    known = {name: x for name, x in state.items() if isinstance(x, torch.Tensor)}
    if text in known:
        return known[text]
    found = _TENSOR.fullmatch(text)
    name = found["name"] if found else text
    if found is None or name not in known:
        own = [f"{n} {tuple(x.shape)}" for n, x in known.items()]
        raise UsageError(f"the file has no tensor {name!r:.60}; it has {listed(own, 12)}")
    tensor = known[name]
    if found["transposed"]:
        if tensor.dim() != 2:
            raise UsageError(f"{name} has shape {tuple(tensor.shape)}: .T needs two axes")
        tensor = tensor.T
    return tensor[_slices(text, found["slices"], tensor.dim())] if found["slices"] else tensor


def _slices(text: str, slices: str, axes: int) -> tuple[slice, ...]:
    parts = [_SLICE.fullmatch(part) for part in slices.split(",")]
    if None in parts or len(parts) > axes:
        raise UsageError(
            f"the brackets of {text!r:.60} must hold up to {axes} slices such as 0:64 or :"
        )
    ends = [(m[1], m[2]) for m in parts if m is not None]
    return tuple(slice(int(a) if a else None, int(b) if b else None) for a, b in ends)


def assigned(texts: Sequence[str] | None, option: str) -> dict[str, str]:
    """Return what ``NAME=VALUE`` texts say, in their order.

    Examples
    --------
    >>> assigned(["left=embed.weight"], "--table")
    {'left': 'embed.weight'}
    """
    out: dict[str, str] = {}
    for text in texts or ():
        name, sign, value = (part.strip() for part in text.partition("="))
        if not (sign and name and value):
            raise UsageError(f"{option} takes NAME=VALUE, not {text!r:.60}")
        if name in out:
            raise UsageError(f"{option} names {name!r:.60} twice")
        out[name] = value
    return out


# -- tables of numbers -----------------------------------------------------------------------------


def numbers(path: Path, tensor: str | None = None, *, unchecked: bool = False) -> Any:  # noqa: ANN401
    """Return numbers from a .npy, .csv or .tsv file, or a tensor from a file of weights.

    Integers stay integers, and ``1/3`` in a .csv file is a fraction: such numbers are compared
    exactly.

    Parameters
    ----------
    path
        The file.
    tensor
        Which tensor of a file of weights; it need not be named if there is one only.
    unchecked
        Whether a checksum that does not hold is accepted.
    """
    import torch

    ending = path.suffix.lower()
    if ending in (".npy", ".csv", ".tsv"):
        if tensor is not None:
            raise UsageError(f"--tensor needs a file of several tensors, not {str(path)!r}")
        return _array(path) if ending == ".npy" else _written(path)
    found = loaded(path, unchecked=unchecked)
    if isinstance(found, torch.Tensor) and tensor is None:
        return found
    from toolkit.nn.files import as_state

    state = as_state(found, str(path))
    if tensor is None:
        names = [name for name, x in state.items() if isinstance(x, torch.Tensor)]
        if len(names) != 1:
            raise UsageError(
                f"{str(path)!r} holds {len(names)} tensors: choose one with --tensor, of "
                f"{listed(names, 12) or 'none'}"
            )
        (tensor,) = names
    return chosen_tensor(state, tensor)


def _written(path: Path) -> list[list[int | float | Fraction]]:
    with reading(path):
        try:
            text = path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError:
            raise UsageError(f"{str(path)!r} must be text in UTF-8") from None
    sign = "\t" if path.suffix.lower() == ".tsv" else ","
    rows = []
    for line, cells in enumerate(csv.reader(text.splitlines(), delimiter=sign), 1):
        if cells:
            rows.append([_number(cell, path, line, i) for i, cell in enumerate(cells, 1)])
    if len({len(row) for row in rows}) != 1:
        sizes = sorted({len(row) for row in rows})
        raise UsageError(f"{str(path)!r} must have rows of one length, found {sizes or 'no row'}")
    return rows


def _number(cell: str, path: Path, line: int, place: int) -> int | float | Fraction:
    for kind in (int, Fraction if "/" in cell else float):
        try:
            return kind(cell.strip())
        except (ValueError, ZeroDivisionError):
            continue
    raise UsageError(
        f"{str(path)!r} must hold numbers only, found {cell!r:.40} in line {line}, cell {place}"
    )
