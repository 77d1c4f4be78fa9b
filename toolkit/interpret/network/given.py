"""What a network is given in one pass: tensors by place and by name, and other arguments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

import torch

from toolkit.errors import ModuleMismatchError
from toolkit.memory import require_memory
from toolkit.nn.linear.tensors.stored import is_dense

if TYPE_CHECKING:
    from collections.abc import Callable

#: Inputs of a network: one tensor, several by place, or by name.
Example: TypeAlias = "torch.Tensor | tuple[torch.Tensor, ...] | Mapping[str, torch.Tensor]"


@dataclass(frozen=True, eq=False)
class Given:
    """The arguments of one pass.

    Parameters
    ----------
    args, kwargs
        By place and by name. Tensors among them are the network's inputs; what is in lists or
        dictionaries is none.

    Examples
    --------
    >>> list(Given((torch.zeros(1), None), {"y": torch.zeros(1)}).tensors)
    ['input 0', 'input y']
    >>> list(Given((torch.zeros(1),)).tensors)
    ['input']
    """

    args: tuple[Any, ...]
    kwargs: Mapping[str, Any] = field(default_factory=dict)

    @property
    def tensors(self) -> dict[str, torch.Tensor]:
        """The inputs by name: ``"input"`` if there is one, else ``"input 0"``, ``"input name"``."""
        places = {**{str(i): x for i, x in enumerate(self.args)}, **self.kwargs}
        found = {name: x for name, x in places.items() if isinstance(x, torch.Tensor)}
        if len(found) == 1:
            return dict(zip(["input"], found.values(), strict=True))
        return {f"input {name}": x for name, x in found.items()}

    def each(self, f: Callable[[torch.Tensor], torch.Tensor]) -> Given:
        """Return the arguments with a function of each tensor in its place."""

        def one(x: object) -> object:
            return f(x) if isinstance(x, torch.Tensor) else x

        return Given(
            tuple(one(x) for x in self.args), {name: one(x) for name, x in self.kwargs.items()}
        )

    def filled(self, tensors: Iterable[torch.Tensor]) -> Given:
        """Return the arguments with others in the places of the tensors, in their order."""
        rest = iter(tensors)
        return self.each(lambda _: next(rest))

    @property
    def part(self) -> Given:
        """A small part, on which a network can be traced: of one batch two samples."""
        if len(self.tensors) != 1:
            return self
        return self.each(lambda x: x[:2] if x.dim() > 2 else x)

    def run(self, model: torch.nn.Module) -> Any:  # noqa: ANN401 - what the model returns
        """Run a model on them."""
        return model(*self.args, **self.kwargs)


def given_of(example: object) -> Given:
    """Return a tensor, a tuple of arguments, or a mapping from names, as arguments.

    Raises
    ------
    ModuleMismatchError
        If there is no tensor among them.
    """
    if isinstance(example, Given):
        return example
    if isinstance(example, Mapping):
        found = Given((), dict(example))
    else:
        found = Given(tuple(example) if isinstance(example, tuple | list) else (example,))
    if not found.tensors:
        raise ModuleMismatchError(
            "an example is a tensor, or tensors by place or by name: wrap a network that takes "
            "lists or numbers in a module whose forward takes tensors"
        )
    return found


def passes_of(batches: object, like: object = None) -> Iterable[Given]:
    """Yield the arguments of each pass through a network on batches.

    Parameters
    ----------
    batches
        One tensor, a mapping from names to tensors, or an iterable of batches: tensors, mappings,
        or tuples or lists whose first items are the inputs.
    like
        What says how many of the items of a tuple are inputs, and which of a mapping: modules,
        tensors or arguments by place or by name. ``None``: the first item, and all of a mapping.

    Raises
    ------
    ModuleMismatchError
        If a batch is something else, or sparse, quantised or without numbers.
    NotAvailable
        If a batch is larger than what one answer may take.

    Examples
    --------
    >>> x = torch.zeros(5, 4, 1)
    >>> [list(g.tensors) for g in passes_of([(x, x, "labels")], like=(None, None))]
    [['input 0', 'input 1']]
    """
    count = len(like) if isinstance(like, tuple | list | Mapping) else 1
    names = list(like) if isinstance(like, Mapping) else None
    if isinstance(batches, torch.Tensor | Mapping):
        yield _pass_of(batches, count, names)
        return
    if not isinstance(batches, Iterable):
        raise ModuleMismatchError(
            f"inputs are one tensor or an iterable of batches, found {type(batches).__name__}"
        )
    if count > 1 and isinstance(batches, tuple) and len(batches) == count:
        yield _pass_of(batches, count, names)
        return
    for batch in batches:
        yield _pass_of(batch, count, names)


def _pass_of(batch: object, count: int, names: list[str] | None) -> Given:
    if isinstance(batch, Mapping):
        chosen = list(batch) if names is None else [n.removeprefix("input ") for n in names]
        if not all(isinstance(batch.get(n), torch.Tensor) for n in chosen) or not chosen:
            raise ModuleMismatchError(
                f"a batch must hold tensors under {', '.join(map(str, chosen)) or 'names'}, found "
                f"{', '.join(map(str, batch)) or 'nothing'}"
            )
        return Given((), {n: of_numbers(batch[n]) for n in chosen})
    items = tuple(batch) if isinstance(batch, tuple | list) else (batch,)
    if len(items) < count or not all(isinstance(x, torch.Tensor) for x in items[:count] or [None]):
        wanted = "is one" if count == 1 else f"{count} items are tensors"
        raise ModuleMismatchError(
            f"a batch must be a tensor, or a tuple or list whose first "
            f"{'item ' if count == 1 else ''}{wanted}, found {type(batch).__name__}"
        )
    return Given(tuple(of_numbers(x) for x in items[:count]))


def of_numbers(x: torch.Tensor) -> torch.Tensor:
    """Return a batch after checking that its numbers are there, and not too many."""
    if not is_dense(x):
        raise ModuleMismatchError(
            f"a batch must be a dense tensor of numbers, found a tensor with {x.dtype}, {x.layout} "
            f"on {x.device}"
        )
    require_memory("the network", "its spectra", x.numel() * x.element_size(), "give batches")
    return x
