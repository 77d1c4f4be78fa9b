"""The public names of the toolkit with their signatures, as a text of one line each.

``python tests/support/public_names.py --write`` renews the file that the test compares with.
"""

from __future__ import annotations

import importlib
import inspect
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

FILE = Path(__file__).with_name("public_names.txt")
FACES = (
    "toolkit", "toolkit.catalog", "toolkit.errors", "toolkit.exact", "toolkit.figures",
    "toolkit.formats", "toolkit.gap", "toolkit.groups", "toolkit.interpret", "toolkit.library",
    "toolkit.modules", "toolkit.nn", "toolkit.pl", "toolkit.settings", "toolkit.store",
    "toolkit.testing",
)  # fmt: skip


def signature(thing: object) -> str:
    try:
        return str(inspect.signature(thing))  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return ""


def members(thing: type) -> Iterator[str]:
    """Yield the public members that the toolkit defines, with their signatures."""
    seen = set()
    for base in thing.__mro__:
        if not base.__module__.startswith("toolkit"):
            continue
        for name, value in vars(base).items():
            if name.startswith("_") or name in seen:
                continue
            seen.add(name)
            plain = value.__func__ if isinstance(value, classmethod | staticmethod) else value
            yield f".{name}{signature(plain) if inspect.isroutine(plain) else ''}"


def lines() -> list[str]:
    out = []
    for face in FACES:
        module = importlib.import_module(face)
        for name in sorted(getattr(module, "__all__", ())):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)
                thing = getattr(module, name)
            if inspect.ismodule(thing) or not callable(thing):
                out.append(f"{face}.{name}")
                continue
            out.append(f"{face}.{name}{signature(thing)}")
            if inspect.isclass(thing) and face != "toolkit.errors":
                out.extend(f"{face}.{name}{line}" for line in sorted(members(thing)))
    return out


if __name__ == "__main__":
    text = "\n".join(lines()) + "\n"
    if "--write" in sys.argv:
        FILE.write_text(text)
    else:
        print(text, end="")
