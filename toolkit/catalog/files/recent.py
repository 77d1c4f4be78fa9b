"""Values that were made last."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

K = TypeVar("K")
V = TypeVar("V")


class Recent(Generic[K, V]):
    """A few values by their keys; what has not been asked for the longest goes first.

    Unlike a cache around a method it does not hold the object that it belongs to, which would only
    be freed by the garbage collector.

    Parameters
    ----------
    most
        How many values are kept.

    Examples
    --------
    >>> recent = Recent(2)
    >>> [recent.get(key, str.upper) for key in ("a", "b", "a", "c")]
    ['A', 'B', 'A', 'C']
    >>> list(recent)
    ['a', 'c']
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: OrderedDict[K, V] = OrderedDict()

    def get(self, key: K, make: Callable[[K], V]) -> V:
        """Return the value of a key; it is made if it is not there."""
        if key in self._values:
            self._values.move_to_end(key)
            return self._values[key]
        found = self._values[key] = make(key)
        if len(self._values) > self._most:
            self._values.popitem(last=False)
        return found

    def __iter__(self) -> Iterator[K]:
        """Iterate over the keys, the latest last."""
        return iter(self._values)
