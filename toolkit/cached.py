"""Attributes that are computed when first read, with no lock held meanwhile."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Self, TypeVar, overload

if TYPE_CHECKING:
    from collections.abc import Callable

Value = TypeVar("Value")


class cached_property(functools.cached_property[Value]):  # noqa: N801, TID251 - as in functools
    """An attribute that a method computes when it is first read, and the object keeps.

    It does what :class:`functools.cached_property` does, and tools that know that one know this
    one. It differs where several threads, or a fork, come in between:

    - No lock is held while the method works. Under Python 3.11 ``functools`` holds one lock for
      all objects of a class, so that two threads that ask for an attribute of two objects wait for
      each other, and a process forked meanwhile waits for ever.
    - Threads that read an attribute at the same time may all compute it, and all get the same
      object: the one that is stored first. From Python 3.12 on ``functools`` gives each its own.

    Parameters
    ----------
    func
        The method. It must do no harm if it is called twice; what is slow in it should be asked of
        a :class:`toolkit.Session`, which asks GAP once for all threads.

    Raises
    ------
    TypeError
        When read, if the object has no ``__dict__`` that can be written, and when defined, if one
        method gets two names.

    Notes
    -----
    The value stands in the object's ``__dict__`` under the attribute's name: it is copied and
    pickled with the object, can be set, and is computed again after ``del``. A subclass may define
    the attribute again and read that of its base through ``super()``, which is not kept.

    Examples
    --------
    >>> class Square:
    ...     def __init__(self, side):
    ...         self.side = side
    ...
    ...     @cached_property
    ...     def area(self):
    ...         '''Its area.'''
    ...         print("computed")
    ...         return self.side**2
    >>> square = Square(3)
    >>> square.area, square.area
    computed
    (9, 9)
    >>> vars(square)
    {'side': 3, 'area': 9}
    >>> Square.area.__doc__
    'Its area.'
    """

    def __init__(self, func: Callable[[Any], Value]) -> None:
        # that of functools would make the lock
        self.func = func
        self.attrname: str | None = None
        self.__doc__ = func.__doc__
        self.__module__ = func.__module__

    @overload
    def __get__(self, instance: None, owner: type[Any] | None = None) -> Self: ...

    @overload
    def __get__(self, instance: object, owner: type[Any] | None = None) -> Value: ...

    def __get__(self, instance: object, owner: type[Any] | None = None) -> Self | Value:
        """Return the value that the object keeps; compute it if there is none yet."""
        if instance is None:
            return self
        name = self.attrname
        if name is None:
            raise TypeError("a cached_property must be defined in the body of a class")
        try:
            kept = instance.__dict__
        except AttributeError:
            raise TypeError(
                f"the cached attribute {name!r} needs a __dict__ to be kept in, and "
                f"{type(instance).__name__} has none: leave out its __slots__"
            ) from None
        if _found_in(type(instance), name) is not self:
            return self.func(instance)  # asked through super(): no other's value, and not kept
        if name in kept:
            found: Value = kept[name]
            return found
        value = self.func(instance)
        try:
            stored: Value = kept.setdefault(name, value)
        except (AttributeError, TypeError):
            raise TypeError(
                f"the cached attribute {name!r} needs a __dict__ that can be written; that of "
                f"{type(instance).__name__} cannot"
            ) from None
        return stored


def _found_in(kind: type, name: str) -> object:
    """Return what a class has under a name, without asking descriptors."""
    return next((vars(base)[name] for base in kind.__mro__ if name in vars(base)), None)
