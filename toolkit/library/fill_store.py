"""Fill the store with the answers to all questions about a group."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from toolkit.errors import NotAvailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from toolkit.library.group import Group
    from toolkit.modules.permutation_module import PermutationModule
    from toolkit.modules.spherical import SphericalTable


def answer_everything(
    group: Group, *, max_index: int | None = None, images: bool = True, marks: bool = True
) -> Iterator[str]:
    """Ask all questions about a group in turn; yield the name of each question once answered.

    Parameters
    ----------
    group
        The group.
    max_index
        Only modules with at most this many points; ``None`` for all.
    images
        Whether to ask for the action on the regular module, and for a word of each class, with
        which modules given by matrices are decomposed.
    marks
        Whether to ask for the table of marks.

    Notes
    -----
    Questions that cannot be answered are skipped. The answers are in the session's store.
    """
    asked: list[tuple[str, Callable[[], object]]] = [
        ("facts", lambda: group.facts),
        ("character table", lambda: group.character_table),
        ("normal subgroups", group.normal_subgroups),
    ]
    if not group.is_table_only:
        asked.append(("subgroups", lambda: group.subgroup_classes(max_index)))
        asked += [
            ("series", group.series),
            ("Sylow subgroups", group.sylow_subgroups),
            ("maximal subgroups", group.maximal_subgroups),
            ("automorphisms", group.automorphism_orders),
            ("Schur multiplier", group.schur_multiplier),
            ("presentation", group.pc_presentation),
            ("names of subgroups", lambda: _names(group, max_index)),
        ]
        if marks:
            asked.append(("table of marks", group.table_of_marks))
        if images:
            asked.append(("regular module", lambda: group.regular_module().images))
            asked.append(("words of classes", group.class_words))
        asked.append(("natural module", lambda: _spherical_tables(group.natural_module().orbits)))
    yield from _answered(asked)
    if not group.is_table_only:
        try:
            modules = group.permutation_modules(max_index)
        except NotAvailable:
            return
        yield from _answered((X.name, partial(_spherical_tables, [X])) for X in modules)


def _answered(asked: Iterable[tuple[str, Callable[[], object]]]) -> Iterator[str]:
    for question, answer in asked:
        try:
            answer()
        except NotAvailable:
            continue
        yield question


def _names(group: Group, max_index: int | None) -> None:
    """Ask for the names that a page about the group shows."""
    normal = group.normal_subgroups()
    group.subgroup_names(normal)
    nameless = [n for n in normal if n.quotient is None]
    if nameless:
        group.quotient_names(nameless)
    group.subgroup_names(group.subgroup_classes(max_index))


def _spherical_tables(modules: Iterable[PermutationModule]) -> list[SphericalTable]:
    return [X.spherical_table for X in modules]
