"""A cache above the answers that come with the toolkit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Self

from toolkit.errors import StoreCorruptError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.store.keys import Answer, AnswerKey, Provenance
    from toolkit.store.store import Store


class LayeredStore:
    """A store that is written, above stores that are only read.

    Parameters
    ----------
    top
        Read first; the only one that is written.
    below
        Read next, in order.

    Notes
    -----
    If the top file is damaged, that is logged once and the layers below still answer; only
    writing raises :class:`~toolkit.errors.StoreCorruptError`.

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
        self._reported = False

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
        """Whether answers can be put here."""
        return self.top.writable

    @property
    def damaged(self) -> list[AnswerKey]:
        """Keys of the damaged answers found so far, in any layer."""
        return [key for store in (self.top, *self.below) for key in store.damaged]

    def get(self, key: AnswerKey) -> Answer | None:
        """Return the first sound answer to ``key`` from the top, or ``None``."""
        try:
            answer = self.top.get(key)
        except StoreCorruptError as error:
            self._report(error)
            answer = None
        for store in self.below:
            if answer is not None:
                break
            answer = store.get(key)
        return answer

    def put(self, key: AnswerKey, value: object, provenance: Provenance) -> bool:
        """Write an answer to the top; see :meth:`toolkit.store.Store.put`."""
        return self.top.put(key, value, provenance)

    def contains(self, key: AnswerKey) -> bool:
        """Whether any layer has a row for ``key``."""
        return self.where(key) is not None

    def __contains__(self, key: AnswerKey) -> bool:
        return self.contains(key)

    def where(self, key: AnswerKey) -> Literal["cache", "bundled"] | None:
        """Return which layer has a row for ``key``: ``"cache"`` is the top."""
        try:
            if self.top.contains(key):
                return "cache"
        except StoreCorruptError as error:
            self._report(error)
        return "bundled" if any(store.contains(key) for store in self.below) else None

    def report_damage(self, key: AnswerKey, reason: str) -> None:
        """Report that the answer in the first layer that has one is no record of its kind."""
        for store in (self.top, *self.below):
            if store.contains(key):
                store.report_damage(key, reason)
                return

    def _report(self, error: StoreCorruptError) -> None:
        if self._reported:
            return
        self._reported = True
        import logging  # costs 5 ms, and a sound cache never needs it

        logging.getLogger("toolkit.store").warning("%s", error)
