"""The site says what there is: every public name, command and option; and its links lead somewhere.

The site itself is built by ``make docs``, where a warning is an error and every cell runs.
"""

from __future__ import annotations

import ast
import importlib
import importlib.util
import inspect
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from docstrings import undocumented_errors, undocumented_errors_of_class, unnamed_parameters
from public_names import FACES

from toolkit.cli.main import COMMANDS, command_parser

if TYPE_CHECKING:
    from types import ModuleType

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
#: The pages that are written; those that are generated when the site is built end in .rst.
PAGES = sorted(DOCS.rglob("*.md"))
#: Functions and classes without an example, by the reason.
WITHOUT_EXAMPLE = {
    "the example of the function that draws into a file shows the same picture": {
        "toolkit.figures.figure_for_audit", "toolkit.figures.figure_for_group_task",
        "toolkit.figures.figure_for_trade_off",
    },
    "it starts GAP, or depends on the installation": {
        "toolkit.gap.GapPool", "toolkit.gap.GapWorker", "toolkit.gap.ensure_workspace",
        "toolkit.gap.find_gap", "toolkit.gap.scripts_hash",
    },
    "it is an old name": {"toolkit.store.write_compact"},
    "a record: the example is at the function or the property that returns it": {
        "toolkit.catalog.Catalog", "toolkit.catalog.GraphClass", "toolkit.catalog.GraphClasses",
        "toolkit.catalog.GassmannPair", "toolkit.catalog.TableClass",
        "toolkit.catalog.SweepEstimate", "toolkit.catalog.SweepProgress",
        "toolkit.catalog.SweepReport", "toolkit.groups.CharacterTable", "toolkit.groups.GroupFacts",
        "toolkit.groups.GroupSeries", "toolkit.groups.GroupSpec", "toolkit.groups.MaximalSubgroup",
        "toolkit.groups.NormalSubgroup", "toolkit.groups.NormalSubgroups",
        "toolkit.groups.RealSimple", "toolkit.groups.SubgroupClass",
        "toolkit.groups.SubgroupClasses", "toolkit.groups.SylowSubgroup",
        "toolkit.groups.TableEquivalence", "toolkit.groups.TableOfMarks",
        "toolkit.modules.AdaptedBasis", "toolkit.modules.Eigenspaces", "toolkit.modules.Sheet",
        "toolkit.modules.SphericalSimple", "toolkit.modules.SphericalTable",
    },
}  # fmt: skip
#: Names whose errors stand elsewhere or are caught in the function itself, by the reason.
WITHOUT_RAISES = {
    "it catches the error itself": {"toolkit.gap.ensure_workspace"},
    "the sentence about the method says what is required": {
        "toolkit.ClassFunction.inner_product", "toolkit.ClassFunction.schur_functor",
        "toolkit.PermutationModule.of", "toolkit.catalog.Catalog.rows_of_name",
        "toolkit.groups.RealSimple.character", "toolkit.modules.direct_sum",
    },
}  # fmt: skip
_CODE = re.compile(r"```.*?```", re.DOTALL)


def _extension(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, DOCS / "extensions" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # where its dataclasses look for their module
    spec.loader.exec_module(module)
    return module


public = _extension("public")
theory = _extension("statements")
NAMES = {n: p for n, p in public.public_names().items() if p.page == n and p.kind != "data"}


def test_every_public_name_has_its_sections() -> None:
    lacking: list[str] = []
    exceptions = set().union(*WITHOUT_EXAMPLE.values())
    assert exceptions <= set(NAMES)
    for name, about in NAMES.items():
        thing = public.found(name)
        if about.kind == "module":
            continue
        if not public.first_line(thing):
            lacking.append(f"{name}: a docstring")
        has = public.sections(thing)
        if about.kind == "function":
            signature = inspect.signature(thing)
            if signature.parameters and "Parameters" not in has:
                lacking.append(f"{name}: Parameters")
            if signature.return_annotation != "None" and not has & {"Returns", "Yields"}:
                lacking.append(f"{name}: Returns")
        if about.kind != "exception" and "Examples" not in has and name not in exceptions:
            lacking.append(f"{name}: Examples, or its place in WITHOUT_EXAMPLE")
        if name in exceptions and "Examples" in has:
            lacking.append(f"{name}: it has an example, and a place in WITHOUT_EXAMPLE")
        if about.kind != "exception":
            lacking += [f"{name}: the parameter {p}" for p in unnamed_parameters(thing)]
        takes = about.kind == "class" and inspect.signature(thing).parameters
        if takes and not has & {"Parameters", "Attributes"}:
            lacking.append(f"{name}: Parameters or Attributes")
    assert not lacking


def test_errors_are_documented() -> None:
    lacking = set()
    for name, about in NAMES.items():
        thing = public.found(name)
        if about.kind == "function":
            if undocumented_errors(thing):
                lacking.add(name)
        elif about.kind == "class":
            for member in undocumented_errors_of_class(thing, public.members(thing)):
                lacking.add(f"{name}.{member}" if member else name)
    exceptions = set().union(*WITHOUT_RAISES.values())
    assert lacking - exceptions == set(), "a section Raises is missing"
    assert exceptions - lacking == set(), "these have it, or are no public names any more"


def test_a_missing_section_is_found() -> None:
    def silent(number: int) -> int:
        """Return the number."""
        if number < 0:
            raise ValueError("a number of at least 0 is required")
        return number

    assert undocumented_errors(silent) == {"ValueError"}
    assert unnamed_parameters(silent) == ["number"]


def test_every_member_has_a_docstring() -> None:
    lacking = []
    for name, about in NAMES.items():
        thing = public.found(name)
        if about.kind != "class":
            continue
        for member in public.members(thing):
            value = inspect.getattr_static(thing, member)
            value = getattr(value, "__func__", value)
            documented = inspect.isroutine(value) or isinstance(value, property)
            if documented and not inspect.getdoc(value) and not inspect.getdoc(
                getattr(thing, member)
            ):  # fmt: skip
                lacking.append(f"{name}.{member}")
    assert not lacking


def test_every_name_has_a_task() -> None:
    text = (DOCS / "reference" / "tasks.md").read_text()
    listed = [n for block in re.findall(r"```\{names\}\n(.*?)```", text, re.DOTALL)
              for n in block.split()]  # fmt: skip
    assert len(listed) == len(set(listed))
    assert set(listed) == {p.page for p in public.public_names().values()}


def test_every_room_has_a_page() -> None:
    assert set(public.ROOMS) == set(FACES)
    text = (DOCS / "reference" / "index.md").read_text()
    assert re.findall(r"^names/room-(.*)$", text, re.MULTILINE) == list(public.ROOMS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_is_in_the_help_that_the_site_shows(command: str) -> None:
    shown = public.help_of(command)
    for action in command_parser(command)._actions:
        words: list[object] = [*action.option_strings] or [action.metavar or action.dest]
        for word in words:
            assert str(word) in shown


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.relative_to(DOCS).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text()
    for file, _, function in (c.partition("::") for c in re.findall(r"\{test\}`([^`]+)`", text)):
        tree = ast.parse((ROOT / file).read_text())
        assert function in {n.name for n in tree.body if isinstance(n, ast.FunctionDef)}
    for name in re.findall(r"\{py:\w+\}`~?(toolkit[\w.]*)`", text):
        assert _exists(name), f"{page.name} refers to {name}"
    for target in re.findall(r"\]\(([^)#\s]+)", _CODE.sub("", text)):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.relative_to(DOCS).as_posix())
def test_pages_stand_in_a_table_of_contents(page: Path) -> None:
    if page == DOCS / "index.md":
        return
    listed = {
        (other.parent / f"{entry}.md").resolve()
        for other in PAGES
        for block in re.findall(r"```\{toctree\}\n(.*?)```", other.read_text(), re.DOTALL)
        for entry in block.split()
    }
    assert page.resolve() in listed


def test_theorems_are_numbered_and_each_has_a_test_or_a_source() -> None:
    numbered = [s for s in theory.statements() if s.number is not None]
    numbers = sorted(s.number for s in numbered)
    assert numbers == list(range(1, len(numbers) + 1))
    for s in numbered:
        proved_at_once = s.number == 10  # monotony, of one line
        assert proved_at_once or "{test}`" in s.text or "*Literature*" in s.text, s.title
    labels = [s.label for s in theory.statements()]
    assert len(labels) == len(set(labels))


def test_theorems_that_are_named_exist() -> None:
    known = {s.number for s in theory.statements()}
    for page in PAGES:
        for group in theory.SPOKEN.findall(_CODE.sub("", page.read_text())):
            assert {int(n) for n in re.findall(r"\d+", group)} <= known, f"{page.name}: {group}"


def test_the_page_of_a_name_knows_its_theorems() -> None:
    found = theory.statements_about("toolkit.interaction_graph")
    assert [s.label for s in found] == ["statement-8"]
    assert theory.statements_about("toolkit.pl.PLMap")[0].title == "Theorem 16"
    assert theory.statements_about("toolkit.regions")[-1].title == "Theorem 19 (by symmetry)"


def test_cells_can_be_read() -> None:
    cells = [
        cell
        for page in PAGES
        for cell in re.findall(r"```\{code-cell\} python\n(.*?)```", page.read_text(), re.DOTALL)
    ]
    assert len(cells) > 100
    for cell in cells:
        ast.parse(cell)


def _exists(name: str) -> bool:
    parts = name.split(".")
    thing: Any = importlib.import_module(parts[0])
    for part in parts[1:]:
        if not hasattr(thing, part):
            annotated = {a for b in getattr(thing, "__mro__", ()) for a in vars(b).get(
                "__annotations__", {})}  # fmt: skip
            return part in annotated and part == parts[-1]
        thing = getattr(thing, part)
    return True
