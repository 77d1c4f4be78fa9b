"""What a docstring has to say: the parameters of a signature, and the errors that are raised."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

#: Errors that are a fault of the toolkit or of the installation, and not of what was given.
FAULTS = {"InconsistentAnswerError", "AssertionError", "NotImplementedError"}
_SECTION = r"^(?:Parameters|Attributes)\n-+\n(.*?)(?=^\S[^\n]*\n-{3,}$|\Z)"


def unnamed_parameters(thing: Callable[..., Any]) -> list[str]:
    """Return the parameters of the signature that the docstring does not name."""
    named = set()
    for body in re.findall(_SECTION, inspect.getdoc(thing) or "", re.DOTALL | re.MULTILINE):
        for line in body.splitlines():
            if line and not line[0].isspace():
                named |= {name.strip().lstrip("*") for name in line.split(":")[0].split(",")}
    return [
        name
        for name in inspect.signature(thing).parameters
        if name not in named and not name.startswith("_")
    ]


def undocumented_errors(function: Callable[..., Any]) -> set[str]:
    """Return the errors that a function raises itself and whose names its docstring lacks.

    A section Raises that names other errors of the function is not enough.
    """
    said = inspect.getdoc(function) or ""
    return {name for name in _raised(function) if name not in said}


def undocumented_errors_of_class(thing: type, members: Iterable[str]) -> Iterator[str]:
    """Yield the members that do not name the errors they raise; ``""`` is the constructor.

    ``forward`` is documented by the class: what it requires of the input is said there.
    """
    made: set[str] = set()
    for name in ("__init__", "__post_init__", "__new__"):
        if name in vars(thing):
            made |= _raised(vars(thing)[name])
    said = inspect.getdoc(thing) or ""
    if any(name not in said for name in made):
        yield ""
    for member in members:
        function = _function(inspect.getattr_static(thing, member))
        if member != "forward" and function is not None and undocumented_errors(function):
            yield member


def _function(value: Any) -> Callable[..., Any] | None:
    value = getattr(value, "__func__", value)
    value = value.fget if isinstance(value, property) else getattr(value, "func", value)
    return inspect.unwrap(value) if inspect.isroutine(value) else None


def _raised(function: Callable[..., Any]) -> set[str]:
    """Return the names of the errors in the raise statements of a function's own body."""
    try:
        source = textwrap.dedent(inspect.getsource(inspect.unwrap(function)))
    except (OSError, TypeError):  # made by a decorator, such as the methods of a dataclass
        return set()
    found: set[str] = set()
    left = list(ast.iter_child_nodes(ast.parse(source).body[0]))
    while left:
        node = left.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            continue
        if isinstance(node, ast.Raise) and node.exc is not None:
            error = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
            name = getattr(error, "id", getattr(error, "attr", ""))
            if name.endswith("Error") or name == "NotAvailable":
                found.add(name)
        left.extend(ast.iter_child_nodes(node))
    return found - FAULTS
