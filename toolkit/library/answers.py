"""Fill the store with the answers to all questions about a group."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.errors import NotAvailable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from toolkit.library.group import Group

__all__ = ["answer_everything"]


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
        Whether to ask for the action on the regular module.
    marks
        Whether to ask for the table of marks.

    Notes
    -----
    Questions that cannot be answered are skipped. The answers are in the session's store.
    """

    def quietly(question: str) -> Iterator[str]:
        try:
            _ask(group, question, max_index)
        except NotAvailable:
            return
        yield question

    yield from quietly("facts")
    yield from quietly("character table")
    yield from quietly("normal subgroups")
    if group.is_table_only:
        return
    yield from quietly("subgroups")
    if marks:
        yield from quietly("table of marks")
    if images:
        yield from quietly("regular module")
    if group.facts.points:
        yield from quietly("natural module")
    try:
        modules = group.permutation_modules(max_index)
    except NotAvailable:
        return
    for module in modules:
        try:
            module.spherical_table  # noqa: B018 - stores the answer
        except NotAvailable:
            continue
        yield module.name


def _ask(group: Group, question: str, max_index: int | None) -> None:
    match question:
        case "facts":
            group.facts  # noqa: B018 - stores the answer
        case "character table":
            group.character_table  # noqa: B018
        case "normal subgroups":
            group.normal_subgroups()
        case "subgroups":
            group.subgroup_classes(max_index)
        case "table of marks":
            group.table_of_marks()
        case "regular module":
            group.regular_module().images  # noqa: B018
        case "natural module":
            module = group.natural_module()
            for part in module.orbits:
                part.spherical_table  # noqa: B018
