"""The house: faces of rooms, public names, references between docstrings, imports."""

from __future__ import annotations

import ast
import difflib
import importlib
import inspect
import pydoc
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import networkx as nx
import public_names
import pytest

import toolkit

if TYPE_CHECKING:
    import types
    from collections.abc import Iterator

ROOT = Path(toolkit.__file__).parent
FILES = sorted(ROOT.rglob("*.py"))
IDS = [str(f.relative_to(ROOT)) for f in FILES]
REFERENCE = re.compile(r":(?:func|class|meth|mod|data|attr|exc|obj):`([^`]+)`")


def module_name(file: Path) -> str:
    parts = ("toolkit", *file.relative_to(ROOT).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


# -- references ------------------------------------------------------------------------------------


def references(file: Path) -> Iterator[tuple[int, str, str]]:
    """Yield line, enclosing class (or nothing) and target of every reference in a file."""
    text = file.read_text()
    classes = [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.ClassDef)]
    for found in REFERENCE.finditer(text):
        line = text.count("\n", 0, found.start()) + 1
        inside = [c for c in classes if c.lineno <= line <= (c.end_lineno or 0)]
        inside.sort(key=lambda c: c.lineno)
        target = re.sub(r"^.*<(.*)>$", r"\1", " ".join(found[1].split())).lstrip("~")
        yield line, ".".join(c.name for c in inside), target


def member(thing: object, name: str) -> object:
    """Return an attribute of a module or class, fields and instance attributes included."""
    if hasattr(thing, name):
        return getattr(thing, name)
    if inspect.isclass(thing):
        fields = {n for base in thing.__mro__ for n in vars(base).get("__annotations__", {})}
        written = re.search(rf"\bself\.{name}\b", inspect.getsource(thing))
        if name in fields or written:
            return None
    raise AttributeError(name)


def follow(start: object, names: list[str]) -> bool:
    try:
        for name in names:
            start = member(start, name)
    except AttributeError:
        return False
    return True


def absolute(target: str) -> bool:
    names = target.split(".")
    for k in range(len(names), 0, -1):
        try:
            start = importlib.import_module(".".join(names[:k]))
        except ImportError:
            continue
        return follow(start, names[k:])
    return False


def anywhere(target: str) -> bool:
    """Whether exactly one public thing of the toolkit is called so: Sphinx's leading dot."""
    names = target.split(".")
    homes = {
        id(getattr(module, names[0]))
        for module in map(importlib.import_module, map(module_name, FILES))
        if hasattr(module, names[0]) and follow(module, names)
    }
    return len(homes) == 1


def resolves(module: types.ModuleType, inside: str, target: str) -> bool:
    if target.startswith("."):
        return anywhere(target[1:])
    names = target.split(".")
    scopes = inside.split(".") if inside else []
    for k in range(len(scopes), -1, -1):
        if follow(module, [*scopes[:k], *names]):
            return True
    return absolute(target)


@pytest.mark.parametrize("file", FILES, ids=IDS)
@pytest.mark.quick_cases(8)
def test_references_in_docstrings_resolve(file: Path) -> None:
    module = importlib.import_module(module_name(file))
    broken = [
        f"{file.relative_to(ROOT)}:{line}: {target}"
        for line, inside, target in references(file)
        if not resolves(module, inside, target)
    ]
    assert not broken, "\n".join(broken)


def test_that_a_broken_reference_would_be_seen() -> None:
    module = importlib.import_module("toolkit.modules.module")
    assert resolves(module, "Module", "outer")
    assert resolves(module, "", ".PermutationModule.fixed_points")
    assert resolves(module, "Sheet", "lifts")
    assert resolves(module, "", "networkx.DiGraph")
    for target in ("toolkit.pl.Nothing", "nothing", ".Nothing.at_all", "Module.nothing"):
        assert not resolves(module, "Module", target)


# -- imports ---------------------------------------------------------------------------------------


def imported(file: Path) -> set[str]:
    """Return the toolkit modules that a file imports, in functions too, but for types only."""
    known = {module_name(f) for f in FILES}
    out: set[str] = set()

    def walk(node: ast.AST) -> None:
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            return
        if isinstance(node, ast.Import):
            out.update(a.name for a in node.names if a.name in known)
        if isinstance(node, ast.ImportFrom) and node.module in known:
            inside = {f"{node.module}.{a.name}" for a in node.names}
            out.update(inside & known or {node.module})
        for child in ast.iter_child_nodes(node):
            walk(child)

    walk(ast.parse(file.read_text()))
    return out


@pytest.mark.slow
def test_no_circle_of_imports() -> None:
    graph: nx.DiGraph[str] = nx.DiGraph()
    for file in FILES:
        graph.add_edges_from((module_name(file), other) for other in imported(file))
    circles = [sorted(c) for c in nx.strongly_connected_components(graph) if len(c) > 1]
    assert not circles, circles
    assert graph.number_of_edges() > 500


# -- faces -----------------------------------------------------------------------------------------

ROOMS = sorted(f.parent.name for f in ROOT.glob("*/__init__.py"))
VALUES = {"__version__"}


@pytest.mark.slow
def test_the_toolkit_shows_its_rooms_and_public_names_and_nothing_else() -> None:
    code = "import toolkit as tk; print(dir(tk)); tk.group, tk.nn, tk.closure; print(dir(tk))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    before, after = map(ast.literal_eval, done.stdout.splitlines())
    assert before == after == sorted({*toolkit.__all__, *ROOMS, "errors", "settings"})
    assert not {"annotations", "TYPE_CHECKING", "Any", "import_module"} & set(before)


def test_completion_offers_them() -> None:
    import rlcompleter

    complete = rlcompleter.Completer({"tk": toolkit}).complete
    offered: set[str] = set()
    while (found := complete("tk.", len(offered))) is not None:
        offered.add(found.removeprefix("tk.").rstrip("()"))
    assert {*toolkit.__all__, *ROOMS} - VALUES <= offered


@pytest.mark.parametrize("name", sorted(set(toolkit.__all__) - VALUES))
def test_help_shows_the_real_docstring(name: str) -> None:
    thing = getattr(toolkit, name)
    text = pydoc.plain(pydoc.render_doc(thing))
    home = sys.modules[thing.__module__]
    assert home is not toolkit
    assert getattr(home, name) is thing
    if inspect.isfunction(thing):
        assert "(*args, **kwargs)" not in text
        wanted = ["Returns" if name != "pl_map" else "Raises", "Parameters", "Examples", ">>> "]
        assert not [word for word in wanted if word not in text], text


@pytest.mark.parametrize("face", public_names.FACES)
def test_a_face_marks_what_is_public(face: str) -> None:
    module = importlib.import_module(face)
    assert len(set(module.__all__)) == len(module.__all__)
    for name in module.__all__:
        assert hasattr(module, name), name
        assert name in dir(module), name


@pytest.mark.parametrize("name", ["errors", "settings"])
def test_a_public_file_shows_its_public_names_only(name: str) -> None:
    module = getattr(toolkit, name)
    assert dir(module) == sorted(module.__all__)


def test_public_names_and_signatures_are_those_written_down() -> None:
    found, known = public_names.lines(), public_names.FILE.read_text().splitlines()
    change = "\n".join(
        difflib.unified_diff(known, found, "written down", "found", lineterm="", n=0)
    )
    assert not change, f"{change}\nif this is meant: python tests/support/public_names.py --write"
    assert len(found) > 400
