"""Tables about maps between modules, kept with the first so that a second call is quick."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from collections.abc import Callable

    from toolkit.modules.module import Module

T = TypeVar("T")


class Kept:
    """Tables of a module, alone or with other modules; copies and pickles start empty."""

    def __init__(self) -> None:
        self.tables: WeakKeyDictionary[Module, dict[str, Any]] = WeakKeyDictionary()

    def __getstate__(self) -> dict[str, Any]:
        """Keep nothing."""
        return {}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Start empty."""
        self.__init__()  # type: ignore[misc]


def kept(X: Module, Y: Module, name: str, make: Callable[[], T]) -> T:
    """Return a table about maps from X to Y, made when it is first wanted.

    Examples
    --------
    >>> import toolkit as tk
    >>> X = tk.group("S3").natural_module()
    >>> kept(X, X, "an example", lambda: 5), kept(X, X, "an example", lambda: 6)
    (5, 5)
    """
    tables = _tables(X, Y)
    if name not in tables:
        tables.setdefault(name, make())  # another thread may have been first
    found: T = tables[name]
    return found


def keep(X: Module, Y: Module, name: str, found: T) -> T:
    """Keep a table in the place of what was there, and return it.

    Examples
    --------
    >>> import toolkit as tk
    >>> X = tk.group("S3").natural_module()
    >>> keep(X, X, "an example", 7), known(X, X, "an example"), known(X, X, "another")
    (7, 7, None)
    """
    _tables(X, Y)[name] = found
    return found


def known(X: Module, Y: Module, name: str) -> Any:  # noqa: ANN401 - whatever was kept
    """Return a table that was kept, or ``None``."""
    return _tables(X, Y).get(name)


def _tables(X: Module, Y: Module) -> dict[str, Any]:
    store: Kept = vars(X).setdefault("_kept", Kept())
    return store.tables.setdefault(Y, {})
