"""A cache above the answers that come with the toolkit."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Literal, Self

from toolkit.errors import StoreError
from toolkit.store.log import warn

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from toolkit.store.keys import Answer, AnswerKey, Provenance
    from toolkit.store.store import Store


class LayeredStore:
    """A writable store on top of stores that are only read.

    Parameters
    ----------
    top
        The store that is read first; the only one that is written.
    below
        The stores that are read next, in order.

    Notes
    -----
    A lower layer that cannot be used at all is ignored, which is logged once.

    Examples
    --------
    >>> from toolkit.store import AnswerKey, Provenance, Store
    >>> key = AnswerKey.of("C4", "class_sizes")
    >>> with Store(None) as cache, Store(None) as shipped, LayeredStore(cache, [shipped]) as both:
    ...     shipped.put(key, [1, 1, 1, 1], Provenance())
    ...     both.where(key), both.get(key).value, key in cache
    True
    ('bundled', [1, 1, 1, 1], False)
    """

    def __init__(self, top: Store, below: Sequence[Store] = ()) -> None:
        self.top = top
        self.below = tuple(below)
        self._left_out: set[int] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Close all layers."""
        for store in (self.top, *self.below):
            store.close()

    @property
    def writable(self) -> bool:
        """Whether answers can be written."""
        return self.top.writable

    @property
    def damaged(self) -> list[AnswerKey]:
        """The keys of the damaged answers found so far, in any layer."""
        return [key for store in (self.top, *self.below) for key in store.damaged]

    def get(self, key: AnswerKey) -> Answer | None:
        """Return the first undamaged answer to ``key`` from the top, or ``None``."""
        answer = self.top.look_up(key)
        if answer is not None:
            return answer
        for store in self._usable():
            with self._left_out_if_unusable(store):
                answer = store.look_up(key)
                if answer is not None:
                    return answer
        # damage may hide an answer: look, once
        answer = self.top.get(key)
        for store in self._usable():
            if answer is not None:
                break
            with self._left_out_if_unusable(store):
                answer = store.get(key)
        return answer

    def put(self, key: AnswerKey, value: object, provenance: Provenance) -> bool:
        """Write an answer to the top; see :meth:`toolkit.store.Store.put`."""
        return self.top.put(key, value, provenance)

    def contains(self, key: AnswerKey) -> bool:
        """Whether any layer has an answer to ``key``."""
        return self.where(key) is not None

    def __contains__(self, key: AnswerKey) -> bool:
        return self.contains(key)

    def where(self, key: AnswerKey) -> Literal["cache", "bundled"] | None:
        """Return which layer has an answer to ``key``: ``"cache"`` is the top."""
        if self.top.contains(key):
            return "cache"
        for store in self._usable():
            with self._left_out_if_unusable(store):
                if store.contains(key):
                    return "bundled"
        return None

    def report_damage(self, key: AnswerKey, reason: str) -> None:
        """Report that the answer in the first layer that has one is not a valid record."""
        for store in (self.top, *self._usable()):
            if store.contains(key):
                store.report_damage(key, reason)
                return

    def _usable(self) -> list[Store]:
        return [store for store in self.below if id(store) not in self._left_out]

    @contextlib.contextmanager
    def _left_out_if_unusable(self, store: Store) -> Iterator[None]:
        """Leave a layer out from now on if it cannot be used."""
        try:
            yield
        except StoreError as error:
            self._left_out.add(id(store))
            warn("%s; it is ignored", error)
