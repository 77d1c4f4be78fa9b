"""The reference: one page for each public name, one for each room, and lists by task.

The pages are written into ``docs/reference/names`` before anything is read. A reference to an
object of the toolkit that is documented under another name is led there; to one that is not
public, it is shown without a link; to one that does not exist, it is a warning.
"""

from __future__ import annotations

import importlib
import re
import shutil
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from docutils import nodes
from docutils.parsers.rst.states import Inliner
from numpydoc import docscrape_sphinx
from public import ROOMS, Public, first_line, found, members, pages_by_object, public_names
from sphinx.addnodes import pending_xref
from sphinx.util.docutils import SphinxDirective
from sphinx.util.nodes import make_refnode
from statements import statements_about

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

_FOLDER = "reference/names"
_LIST = re.compile(r"```\{names\}\n(.*?)```", re.DOTALL)
_CELL = re.compile(r"```\{code-cell\} python\n(.*?)```", re.DOTALL)
#: A name as the cells of a tutorial write it: from the package, or imported from a room.
_WRITTEN = re.compile(r"\btk\.([A-Za-z_.]+)")
_IMPORTED = re.compile(r"^from (toolkit[\w.]*) import (.+)$", re.MULTILINE)


def write_pages(app: Sphinx) -> None:
    """Write the page of each public name, and of each room."""
    folder = Path(app.srcdir) / _FOLDER
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    neighbours = _same_task(Path(app.srcdir) / "reference" / "tasks.md")
    tutorials = _tutorials(Path(app.srcdir) / "tutorials")
    for name, public in public_names().items():
        if public.page == name:
            text = _page(name, public.kind)
            text += _see_also(name, neighbours.get(name), tutorials.get(name, []))
            (folder / f"{name}.rst").write_text(text)
    for room in ROOMS:
        (folder / f"room-{room}.rst").write_text(_room(room))


def _same_task(page: Path) -> dict[str, tuple[str, list[str]]]:
    """Return, for each name on the page by task, its heading and all names below that heading."""
    out = {}
    title = ""
    for part in re.split(r"^## ", page.read_text(), flags=re.MULTILINE)[1:]:
        title = part.partition("\n")[0]
        names = [name for block in _LIST.findall(part) for name in block.split()]
        out.update(dict.fromkeys(names, (title, names)))
    return out


def _tutorials(folder: Path) -> dict[str, list[str]]:
    """Return, for each public name, the tutorials whose cells use it."""
    out: dict[str, list[str]] = {}
    for file in sorted(folder.glob("*.md")):
        for name in sorted(_names_in("\n".join(_CELL.findall(file.read_text())))):
            out.setdefault(name, []).append(file.stem)
    return out


def _names_in(code: str) -> set[str]:
    """Return the pages of the public names that some code uses."""
    used = {f"toolkit.{written}" for written in _WRITTEN.findall(code)}
    for room, names in _IMPORTED.findall(code):
        used |= {f"{room}.{name.split()[0]}" for name in names.split(",")}
    out = set()
    for name in used:
        parts = name.split(".")
        starts = (".".join(parts[:end]) for end in range(len(parts), 1, -1))
        public = next((public_names()[start] for start in starts if start in public_names()), None)
        if public is not None and public.kind != "module":
            out.add(public.page)
    return out


def _page(name: str, kind: str) -> str:
    room = name.rpartition(".")[0]
    lines = [":orphan:", "", name, "=" * len(name), "", f"Room: :ref:`{room} <room-{room}>`.", ""]
    if kind == "data":
        lines += [f".. autodata:: {name}", "   :no-value:"]
    elif kind == "module":
        lines += [f".. automodule:: {name}"]
    else:
        lines += [f".. auto{kind}:: {name}"]
        thing = found(name)
        if kind == "class" and isinstance(thing, type):
            lines += [f"   :members: {', '.join(members(thing))}"]
    return "\n".join([*lines, ""])


def _see_also(name: str, task: tuple[str, list[str]] | None, tutorials: list[str]) -> str:
    """Return what stands below the text of a name: where its theory is, where it is used."""
    lines = []
    theory = [
        f":ref:`{statement.title} <{statement.label}>` in :doc:`/theory/{statement.chapter[0]}`"
        for statement in statements_about(name)
    ]
    if theory:
        lines.append(f"**Theory**: {'; '.join(theory)}.")
    if tutorials:
        pages = ", ".join(f":doc:`/tutorials/{page}`" for page in tutorials)
        lines.append(f"**Used in**: {pages}.")
    if task is not None:
        title, names = task
        others = ", ".join(f":py:obj:`~{other}`" for other in names if other != name)
        if others:
            lines.append(f"**Same task** ({title}): {others}.")
    return "".join(f"\n{line}\n" for line in lines)


def _room(room: str) -> str:
    lines = [f".. _room-{room}:", "", room, "=" * len(room), "", f".. automodule:: {room}", ""]
    lines += ["Names", "-----", "", ".. names::", ""]
    here = [public for public in public_names().values() if public.room == room]
    lines += [f"   {public.name}" for public in here]
    return "\n".join([*lines, ""])


class Names(SphinxDirective):
    """A table of public names with the first sentence of each."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """Return the table."""
        body = nodes.tbody()
        for name in " ".join(self.content).split():
            public = public_names().get(name)
            if public is None:
                raise self.error(f"{name} is no public name of the toolkit")
            about = first_line(found(name)) if public.kind != "data" else "A constant"
            row = nodes.row()
            row += _cell(self._link(public))
            row += _cell(*_inline(f"{about}."))
            body += row
        group = nodes.tgroup(cols=2)
        group += [nodes.colspec(colwidth=35), nodes.colspec(colwidth=65), body]
        table = nodes.table(classes=["names"])
        table += group
        return [table]

    def _link(self, public: Public) -> nodes.Node:
        inside = self.env.docname.endswith(f"room-{public.room}")
        shown = public.name.rpartition(".")[2] if inside else _short(public.name)
        link = pending_xref(
            "", refdomain="py", reftype="obj", reftarget=public.page, refexplicit=True,
            refdoc=self.env.docname, refwarn=True,
        )  # fmt: skip
        link += nodes.literal("", shown, classes=["xref", "py", "py-obj"])
        return link


def _short(name: str) -> str:
    return f"tk.{name.removeprefix('toolkit.')}"


def _cell(*content: nodes.Node) -> nodes.entry:
    paragraph, entry = nodes.paragraph(), nodes.entry()
    paragraph += content
    entry += paragraph
    return entry


def _inline(text: str) -> list[nodes.Node]:
    """Return a sentence with its marks: ``code``, and the names that roles refer to."""
    out: list[nodes.Node] = []
    text = re.sub(r":[a-z:]+:`~?(?:[\w.]*\.)?(\w+)`", r"``\1``", text)
    for number, part in enumerate(re.split(r"``", text)):
        out.append(nodes.literal("", part) if number % 2 else nodes.Text(part))
    return out


def resolve(
    app: Sphinx, env: BuildEnvironment, node: pending_xref, contnode: nodes.Element
) -> nodes.Node | None:
    """Lead a reference to where its object is documented, or show it without a link."""
    if node.get("refdomain") != "py":
        return None
    target = node["reftarget"]
    from_signature = not isinstance(contnode, nodes.literal)
    for start in _starts(node):
        thing, owner, attribute = _object(f"{start}{target}")
        if thing is None and owner is None:
            continue
        page = pages_by_object().get(id(thing))
        where = page
        if page is None and owner is not None:
            page = pages_by_object().get(id(owner))
            where = None if page is None else f"{page}.{attribute}"
        if where is None:
            return contnode
        found_at = env.domains.python_domain.objects.get(where)
        if found_at is None:  # a member that has no text of its own: the class's page
            found_at = env.domains.python_domain.objects.get(page)
        if found_at is None:
            return contnode
        return make_refnode(
            app.builder, node.get("refdoc", ""), found_at.docname, found_at.node_id, contnode, where
        )
    return contnode if from_signature or not target.startswith("toolkit") else None


def _starts(node: pending_xref) -> list[str]:
    starts = [""]
    module, inside = node.get("py:module"), node.get("py:class")
    if module:
        starts.append(f"{module}.")
        if inside:
            starts.append(f"{module}.{inside}.")
            thing, *_ = _object(f"{module}.{inside}")
            starts += [f"{getattr(thing, '__module__', module)}."]
    return starts


@cache
def _object(name: str) -> tuple[Any, Any, str]:
    """Return the object of a dotted name, the class that it is a member of, and its last name."""
    first, *others = name.split(".")
    if first != "toolkit":
        return None, None, ""
    thing: Any = importlib.import_module(first)
    owner, last = None, ""
    for last in others:
        owner = thing if isinstance(thing, type) else None
        if hasattr(thing, last):
            thing = getattr(thing, last)
        elif owner is not None and last in _fields(owner):
            thing = None
        elif not isinstance(thing, ModuleType):
            return None, None, ""
        else:
            try:
                thing = importlib.import_module(f"{thing.__name__}.{last}")
            except ImportError:
                return None, None, ""
    return thing, owner, last


def _fields(thing: type) -> set[str]:
    return {name for base in thing.__mro__ for name in getattr(base, "__annotations__", {})}


def bar(
    inliner: Inliner, match: re.Match[str], lineno: int
) -> tuple[str, list[Any], str, list[Any]]:
    """Leave a bar as it is: the docstrings write the number of elements of X as |X|."""
    end = match.end("start")
    return match.string[:end], [], match.string[end:], []


def setup(app: Sphinx) -> dict[str, bool]:
    """Write the pages, and register the directive and the references."""
    Inliner.dispatch["|"] = bar
    docscrape_sphinx.SandboxedEnvironment = cache(docscrape_sphinx.SandboxedEnvironment)
    docscrape_sphinx.BuiltinTemplateLoader = cache(docscrape_sphinx.BuiltinTemplateLoader)
    app.connect("builder-inited", write_pages)
    app.connect("missing-reference", resolve)
    app.add_directive("names", Names)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
