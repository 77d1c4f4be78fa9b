"""Whether worker processes can import the program that starts them.

A worker begins by importing the main module of its parent, as all workers of multiprocessing do. A
script that sweeps outside ``if __name__ == "__main__":`` would sweep again in every worker, and a
program read from standard input cannot be imported at all. Both are refused before a process is
started.
"""

from __future__ import annotations

import ast
import multiprocessing
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator

REMEDY = (
    'call it below if __name__ == "__main__": in a script of its own, or sweep in this process '
    "with workers=0"
)


def require_importable_main() -> None:
    """Refuse to start worker processes that could not import the main module.

    Raises
    ------
    ConfigError
        If the program came from standard input, or the line that is executed at the top of the
        script is not inside an ``if``.
    SystemExit
        In a process that is being started, where the script is imported again: it ends, and its
        parent says why.
    """
    if getattr(multiprocessing.current_process(), "_inheriting", False):
        raise SystemExit(1)
    main: Any = sys.modules.get("__main__")
    file = getattr(main, "__file__", None)
    if not isinstance(file, str):
        return  # a prompt, a notebook or -c: nothing is imported
    if getattr(main, "__spec__", None) is None and not Path(file).exists():
        raise ConfigError(
            f"worker processes import the program that starts them, and this one, {file!r}, is no "
            f"file: {REMEDY}"
        )
    line = _line_of_main(vars(main))
    if line is not None and _is_unguarded(file, line):
        raise ConfigError(
            "worker processes import the script that starts them, and would sweep again at line "
            f"{line} of {file}: {REMEDY}"
        )


def _line_of_main(names: dict[str, Any]) -> int | None:
    """Return the line of the main module's own code that is being executed in this thread."""
    frame = sys._getframe()
    found = None
    while frame is not None:
        if frame.f_globals is names and frame.f_code.co_name == "<module>":
            found = frame.f_lineno
        frame = frame.f_back  # type: ignore[assignment]
    return found


def _is_unguarded(file: str, line: int) -> bool:
    """Whether the statement at a line of a script is executed on every import of it."""
    try:
        tree = ast.parse(Path(file).read_bytes())
    except (OSError, ValueError, SyntaxError, RecursionError, MemoryError):
        return False
    around = list(_around(tree, line))
    return bool(around) and not any(isinstance(node, ast.If | ast.Match) for node in around)


def _around(tree: ast.AST, line: int) -> Iterator[ast.AST]:
    """Yield the statements that contain a line."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.stmt | ast.ExceptHandler | ast.match_case):
            first = getattr(node, "lineno", 0)
            if first <= line <= (getattr(node, "end_lineno", None) or line):
                yield node
                yield from _around(node, line)
