"""From which marked tensors another tensor was made, found by watching every operation of torch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

if TYPE_CHECKING:
    from collections.abc import Mapping


class Provenance(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Within this context operations pass on the marks of the tensors that they read.

    A sum of two marked tensors has the marks of both, whether a submodule or a line of a
    ``forward`` adds them. All tensors are kept until the context is dropped, so that none is taken
    for another.

    Examples
    --------
    >>> with torch.no_grad(), Provenance() as watch:
    ...     x, y = torch.zeros(3), torch.zeros(3)
    ...     watch.mark(x, 1)
    ...     watch.mark(y, 2)
    ...     z = torch.relu(x) + 2 * y
    >>> sorted(watch.marks(z)), sorted(watch.marks(torch.ones(3)))
    ([1, 2], [])
    """

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._kept: list[torch.Tensor] = []
        self._of_tensor: dict[int, frozenset[int]] = {}
        # what was written into a memory later on, which all of its views see
        self._of_memory: dict[int, frozenset[int]] = {}

    def mark(self, x: torch.Tensor, number: int) -> None:
        """Give a tensor this mark in place of those that it has."""
        self._kept.append(x)
        self._of_tensor[id(x)] = frozenset([number])
        self._of_memory.pop(_memory(x), None)

    def marks(self, x: torch.Tensor) -> frozenset[int]:
        """Return the marks of the tensors that this one was made from."""
        none: frozenset[int] = frozenset()
        return self._of_tensor.get(id(x), none) | self._of_memory.get(_memory(x), none)

    def __torch_dispatch__(
        self,
        func: Any,  # noqa: ANN401 - torch's own signature
        types: Any,  # noqa: ANN401
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:  # noqa: ANN401
        """Run an operation, and note what it read."""
        given = dict(kwargs or {})
        read = [t for t in tree_leaves((args, given)) if isinstance(t, torch.Tensor)]
        came = frozenset[int]().union(*(self.marks(t) for t in read))
        made = func(*args, **given)
        known = {id(t) for t in read}
        for t in tree_leaves(made):
            if not isinstance(t, torch.Tensor):
                continue
            if id(t) in known:  # written in place
                self._of_memory[_memory(t)] = came
            self._kept.append(t)
            self._of_tensor[id(t)] = came
        return made


def _memory(x: torch.Tensor) -> int:
    return int(x.untyped_storage()._cdata)
