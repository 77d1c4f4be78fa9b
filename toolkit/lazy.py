"""Faces of packages whose public names are imported when first used."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import ModuleType


def lazy_face(
    package: str, modules: Mapping[str, str], rooms: Sequence[str] = ()
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Return ``__getattr__`` and ``__dir__`` of a package.

    Parameters
    ----------
    package
        Its ``__name__``.
    modules
        From modules within the package to their public names, with blanks between them. A name
        that is not in the package's ``__all__`` is found, but not shown.
    rooms
        Packages and modules within it that are shown as well.

    Examples
    --------
    >>> find, show = lazy_face("toolkit.pl", {"legality": "Legality require_legal"})
    >>> find("Legality").__module__
    'toolkit.pl.legality'

    A list that is out of date says so:

    >>> find, show = lazy_face("toolkit.pl", {"legality": "Lawfulness"})
    >>> find("Lawfulness")
    Traceback (most recent call last):
        ...
    AttributeError: toolkit.pl says that 'Lawfulness' is in toolkit.pl.legality, but it is not: the
    list in __init__.py must say where it is now
    """
    where = {name: module for module, names in modules.items() for name in names.split()}

    def find(name: str) -> Any:  # noqa: ANN401 - any public object
        if name in rooms:
            return _room(f"{package}.{name}")
        if name not in where:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        module = import_module(f"{package}.{where[name]}")
        if not hasattr(module, name):
            raise AttributeError(
                f"{package} says that {name!r} is in {module.__name__}, but it is not: the list in "
                "__init__.py must say where it is now"
            )
        found = getattr(module, name)
        setattr(sys.modules[package], name, found)
        return found

    def show() -> list[str]:
        return sorted({*sys.modules[package].__all__, *rooms})

    return find, show


def _room(name: str) -> ModuleType:
    """Import a room; without torch, the error says which line installs it."""
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        text = f'{name} needs torch: pip install "plrep-toolkit[nn]"'
        raise ModuleNotFoundError(text, name="torch") from None
