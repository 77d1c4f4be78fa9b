"""What a network holds, kept while it is run to learn something about it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import nn
from torch.nn.parameter import is_lazy

from toolkit.interpret.network.watching import is_layer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


# what every module has: parameters, hooks, its mode
_OF_TORCH = frozenset(vars(nn.Module()))


class _Kept(NamedTuple):
    """One parameter or buffer: where it is, under which name, and its numbers."""

    module: nn.Module
    store: dict[str, torch.Tensor | None]
    name: str
    tensor: torch.Tensor
    numbers: torch.Tensor


class SavedState:
    """The buffers and attributes of a network as they are now, and its parameters if asked for.

    Attributes are those of modules that are no layers: tensors with their numbers, all else as the
    same objects.

    Parameters
    ----------
    model
        The network.
    parameters
        Whether parameters are kept as well.

    Notes
    -----
    Memory: a copy of each.

    Examples
    --------
    >>> norm = torch.nn.BatchNorm1d(2)
    >>> saved = SavedState(norm)
    >>> _ = norm(torch.ones(3, 2))
    >>> saved.changed()
    ['running_mean', 'running_var', 'num_batches_tracked']
    >>> saved.put_back()
    >>> saved.changed()
    []
    """

    def __init__(self, model: nn.Module, *, parameters: bool = True) -> None:
        self._names = {module: name for name, module in model.named_modules()}
        self._kept: list[_Kept] = []
        self._attributes = [
            (module, dict(vars(module))) for module in self._names if not is_layer(module)
        ]
        self._tensors = [
            (t, t.detach().clone())
            for _, own in self._attributes
            for t in own.values()
            if isinstance(t, torch.Tensor) and t.layout is torch.strided and not t.is_meta
        ]
        for module in self._names:
            stores = [module._buffers, *([module._parameters] if parameters else [])]
            for store in stores:
                for name, t in store.items():
                    if t is not None and not t.is_meta and not is_lazy(t):
                        self._kept.append(_Kept(module, store, name, t, t.detach().clone()))

    def changed(self, wholes: Iterable[nn.Module] | None = None) -> list[str]:
        """Return the names of those that are others now, or have other numbers.

        Parameters
        ----------
        wholes
            If given, buffers inside of these and of layers of torch and of the toolkit do not
            count: they are part of what these do.
        """
        inside: set[nn.Module] = set()
        if wholes is not None:
            for layer in (*(m for m in self._names if is_layer(m)), *wholes):
                inside.update(layer.modules())
        out = []
        for kept in self._kept:
            if kept.store is kept.module._buffers and kept.module in inside:
                continue
            if kept.store.get(kept.name) is not kept.tensor or not _is_same(kept):
                out.append(self._full(kept.module, kept.name))
        for module, own in self._attributes:
            now = vars(module)
            out += [
                self._full(module, name)
                for name, value in own.items()
                if name not in _OF_TORCH
                and isinstance(value, int | float | str)
                and now.get(name) != value
            ]
        return out

    def _full(self, module: nn.Module, name: str) -> str:
        path = self._names[module]
        return f"{path}.{name}" if path else name

    def put_back(self) -> None:
        """Make them what they were; a layer may keep its constants in another type or place."""
        with torch.no_grad():
            for kept in self._kept:
                if not _is_same(kept):
                    kept.tensor.copy_(kept.numbers)
                if not is_layer(kept.module) and kept.store.get(kept.name) is not kept.tensor:
                    kept.store[kept.name] = kept.tensor
            for t, numbers in self._tensors:
                if not _are_same(t.detach(), numbers):
                    t.copy_(numbers)
        for module, own in self._attributes:
            for name in [n for n in vars(module) if n not in own and n not in _OF_TORCH]:
                del vars(module)[name]
            vars(module).update({n: v for n, v in own.items() if n not in _OF_TORCH})


def _is_same(kept: _Kept) -> bool:
    """Whether it has the numbers that it had; a NaN is a number that it had."""
    return _are_same(kept.tensor.detach(), kept.numbers)


def _are_same(now: torch.Tensor, then: torch.Tensor) -> bool:
    if now.layout is not then.layout:
        return False
    if now.layout is not torch.strided:  # torch compares no sparse tensors
        now, then = now.to_dense(), then.to_dense()
    if torch.equal(now, then):
        return True
    if now.shape != then.shape or now.dtype != then.dtype:
        return False
    return bool(((now == then) | ((now != now) & (then != then))).all())


@contextmanager
def state_kept(model: nn.Module, *, parameters: bool = True) -> Iterator[None]:
    """Put the parameters and buffers of a network back in the end.

    Parameters
    ----------
    model
        The network; something else is left alone, for others to refuse.
    parameters
        ``False``: buffers only, such as the means that a norm keeps in training.

    Examples
    --------
    >>> norm = torch.nn.BatchNorm1d(2)
    >>> with state_kept(norm):
    ...     _ = norm(torch.ones(3, 2))
    >>> norm.running_mean
    tensor([0., 0.])
    """
    if not isinstance(model, nn.Module):
        yield
        return
    saved = SavedState(model, parameters=parameters)
    try:
        yield
    finally:
        saved.put_back()
