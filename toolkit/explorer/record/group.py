"""The record of a group: what a page about it shows, as one JSON object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from toolkit.errors import GapError, NotAvailable, NotCachedError
from toolkit.explorer.record.classes import (
    class_part,
    complex_part,
    simples_part,
)
from toolkit.explorer.record.columns import packed
from toolkit.explorer.record.drawn import group_fields
from toolkit.explorer.record.modules import described_module
from toolkit.explorer.record.names import aliases, links, title
from toolkit.explorer.record.numbers import whole
from toolkit.explorer.record.patterns import pattern_of
from toolkit.explorer.record.subgroups import (
    maximal_part,
    normal_part,
    subgroup_part,
    sylow_part,
)
from toolkit.formats.group_page.answers import Gatherer
from toolkit.formats.group_page.facts import fact_rows
from toolkit.formats.group_page.notation import adjectives, element
from toolkit.groups.subgroups import normal_subgroups_or_kernels
from toolkit.library.naming import remark_on_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from toolkit.groups.character_table import CharacterTable
    from toolkit.groups.subgroups import SubgroupClass, SubgroupClasses
    from toolkit.library.group import Group
    from toolkit.modules.module import Module

SCHEMA = 1
#: Of groups with more normal subgroups than this only the kernels of simples are listed.
MOST_NORMAL = 1000
#: Groups up to this order get all their transitive modules, if they have not too many.
LARGEST_FOR_ALL_MODULES = 63
#: Of larger groups the natural module comes first, not the regular one.
LARGEST_SHOWN_REGULAR = 255
#: The largest degree of a module G/H of larger groups, and how many of them.
LARGEST_INDEX, MOST_MODULES = 60, 12


class StoredGatherer(Gatherer):
    """Answers that need no further question to GAP; for the others, what to type.

    Parameters
    ----------
    group
        The group.
    """

    def extra(self, what: str, ask: Callable[[], Any], seconds: float | None = None) -> Any:  # noqa: ANN401
        """Return nothing, and add the gap."""
        self.miss(what, f'not computed for the bundled data; type plrep query "{self.group.name}"')


def group_record(
    G: Group, modules: Iterable[str] | None = None, *, whole_page: bool = True
) -> dict[str, Any]:
    """Return everything that the page in the browser shows about a group.

    Parameters
    ----------
    G
        The group.
    modules
        Specifications of modules (:meth:`toolkit.Group.module`), or ``"natural"``. By default the
        regular module, Fun(G/H) for all classes of subgroups of a group of order up to 63, and
        the natural module; of a group above order 255 those of small degree.
    whole_page
        Whether answers are sought that may take GAP some seconds each: series, automorphisms,
        Sylow, maximal and all subgroups. Otherwise ``missing`` says what to type for them.

    Returns
    -------
    dict
        The record, schema 1, in its short form: :func:`toolkit.explorer.record.unpacked.unpacked`
        returns it in full, as the page sees it. It is what JSON holds, with integers above 2^53 as
        texts. ``None`` is what was not computed; then ``missing`` has a sentence.

    Raises
    ------
    ToolkitError
        If there is no such group, or its facts cannot be answered.

    Examples
    --------
    >>> import toolkit as tk
    >>> from toolkit.explorer.record.restored import restored
    >>> record = restored(group_record(tk.group("S4")))
    >>> record["title"], [s["label"] for s in record["simples"]], len(record["modules"])
    ('S4', ['L0', 'L1', 'L2', 'L3', 'L4'], 12)
    """
    gather = Gatherer(G) if whole_page else StoredGatherer(G)
    characters = gather.table() if G.has_table else None
    facts = gather.facts
    record: dict[str, Any] = {
        "schema": SCHEMA,
        "name": G.name,
        "title": title(G),
        "order": whole(G.order),
        "aliases": aliases(G),
        "links": links(G),
        **({"remark": remark} if (remark := remark_on_name(G.spec)) else {}),
        "generators": [element(g) for g in facts.generators],
        "facts": _fact_rows(gather, characters),
        "summary": adjectives(facts, characters),
        **_table_parts(gather, characters),
        "sylow": None if G.is_table_only else sylow_part(gather),
        "maximal": None if G.is_table_only else maximal_part(gather),
        "subgroups": None,
        "modules": [],
    }
    classes = _subgroups(gather, characters) if whole_page else None
    names: dict[str, str | None] = {}
    if classes is not None:
        table = {row.label: row for row in gather.coset_modules(characters, classes)}
        names = gather.subgroup_names(classes, "names of subgroups")
        record["subgroups"] = subgroup_part(gather, classes, table, names)
    elif not whole_page:
        gather.extra("the classes of subgroups", lambda: None)
    made: list[Module] = []
    missing: list[list[str]] = []
    for identifier, subgroup, ask in _wanted(G, modules, classes):
        structure = None if subgroup is None else names.get(subgroup.label)
        try:
            X = ask()
            found, gaps = described_module(X, identifier, subgroup, structure)
        except NotAvailable as error:
            gather.miss(f"the module {identifier}", error.reason)
        except (GapError, NotCachedError) as error:
            gather.miss(f"the module {identifier}", str(error))
        else:
            made.append(X)
            record["modules"].append(found)
            missing += gaps
    drawn = group_fields(G, made)
    record |= drawn.fields
    gather.note_without_table(characters)
    gaps = [[gap["what"], _sentence(gap)] for gap in gather.missing]
    record["missing"] = [*gaps, *drawn.missing, *missing]
    return packed(record, None if characters is None else pattern_of(characters))


def _fact_rows(gather: Gatherer, characters: CharacterTable | None) -> list[list[str]]:
    """Return the facts that are known; the others are among what is missing."""
    return [list(row) for row in fact_rows(gather, characters) if not row[1].startswith("? ")]


def _table_parts(gather: Gatherer, characters: CharacterTable | None) -> dict[str, Any]:
    """Return what the character table decides, ``None`` for all of it without one."""
    if characters is None:
        names = ("classes", "complex", "simples", "normal")
        return dict.fromkeys(names) | {"normal_complete": False}
    normal = gather.normal_subgroups()
    complete = normal is not None and len(normal) <= MOST_NORMAL
    if normal is None or not complete:
        normal, count = normal_subgroups_or_kernels(characters, MOST_NORMAL)
        many = "more than 100,000" if count is None else f"{count:,}"
        reason = f"there are {many}; listed are the kernels of the simples among them"
        gather.miss("all normal subgroups", reason)
    return {
        "classes": class_part(gather, characters),
        "complex": complex_part(characters),
        "simples": simples_part(gather, characters, normal),
        "normal": normal_part(gather, characters, normal),
        "normal_complete": complete,
    }


def _sentence(gap: dict[str, Any]) -> str:
    rows = gap.get("rows", [])
    few = ", ".join(rows[:3]) if len(rows) <= 3 else f"{len(rows)} rows"
    return f"{few}: {gap['reason']}" if rows else str(gap["reason"])


def _subgroups(gather: Gatherer, characters: CharacterTable | None) -> SubgroupClasses | None:
    if gather.group.is_table_only:
        return None
    if characters is None:
        reason = "the group is too large to list them all; type plrep query NAME --max-index N"
        gather.miss("the classes of subgroups", reason)
        return None
    return gather.subgroup_classes(None)


def _wanted(
    G: Group, modules: Iterable[str] | None, classes: SubgroupClasses | None
) -> Iterator[tuple[str, SubgroupClass | None, Callable[[], Module]]]:
    """Yield what the page calls a module, its stabilisers' class, and how to make it."""
    by_label = {} if classes is None else {c.label: c for c in classes}
    if modules is not None:
        for text in modules:
            if text == "natural":
                yield text, None, G.natural_module
            else:
                yield text, by_label.get(text), lambda text=text: G.module(text)  # type: ignore[misc]
        return
    regular = ("regular", next(iter(by_label.values()), None), G.regular_module)
    natural = ("natural", None, G.natural_module)
    large = G.order > LARGEST_SHOWN_REGULAR
    if _has_natural_module(G) and large:
        yield natural
    yield regular
    if not G.is_table_only:
        for c in _chosen(G, classes):
            yield c.label, c, lambda c=c: G.coset_module(c)  # type: ignore[misc]
    if _has_natural_module(G) and not large:
        yield natural


def _has_natural_module(G: Group) -> bool:
    """Whether the name brings an action other than the regular one."""
    facts = G.facts
    regular = facts.points == G.order and len(facts.orbit_lengths) == 1
    return not G.is_table_only and facts.points > 0 and not regular


def _chosen(G: Group, classes: SubgroupClasses | None) -> list[SubgroupClass]:
    """Return the classes of subgroups whose modules a record holds."""
    if classes is None:
        return []
    proper = [c for c in classes if c.order > 1]
    if G.order <= LARGEST_FOR_ALL_MODULES:
        return proper
    return [c for c in proper if c.index <= LARGEST_INDEX][-MOST_MODULES:]
