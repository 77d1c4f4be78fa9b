"""Groups whose simples are known by formula: which they are, and how much of them is listed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from toolkit.errors import NotAvailable
from toolkit.groups.specs.families import FAMILIES, Family
from toolkit.groups.specs.generated import Permutations

if TYPE_CHECKING:
    from collections.abc import Callable

    from toolkit.groups.closed_forms.form import ClosedForm
    from toolkit.groups.facts import GroupFacts
    from toolkit.groups.specs.base import GroupSpec
    from toolkit.settings import Settings

#: Up to so many classes, tables of groups that are not abelian come from GAP.
GAP_CLASSES = 1300

#: GAP lists the elements of groups up to this order.
LARGEST_LISTED = 20_000

#: Up to this order GAP is as quick as formulas.
SMALL_FOR_GAP = 256

#: In larger groups no abelian normal subgroup is looked for.
LARGEST_SEARCHED = 2_000_000

#: GAP is not asked for the facts of larger groups than this that have a closed form.
_LARGEST_FOR_GAP = 100_000


def named_form(spec: GroupSpec) -> ClosedForm | None:
    """Return the closed form of a group whose name gives it, without asking GAP.

    Several permutations that commute have one where GAP's table is out of reach.
    """
    from toolkit.groups.closed_forms.families import closed_form_of_name

    form = closed_form_of_name(spec)
    several = isinstance(spec, Permutations) and len(spec.images) > 1
    return None if several and form is not None and form.order <= GAP_CLASSES else form


def is_small_by_name(spec: GroupSpec) -> bool:
    """Whether the name of a group that is not cyclic says that its table is within GAP's reach.

    Then nothing has to be known of its form before that is asked for.
    """
    if not isinstance(spec, Family) or spec.family == "C":
        return False
    order = FAMILIES[spec.family].order(*spec.numbers)
    return order is not None and order <= GAP_CLASSES


def makes_the_table(form: ClosedForm | None) -> bool:
    """Whether a group's character table is made by its form, and not by GAP."""
    if form is None:
        return False
    from toolkit.groups.closed_forms.abelian import AbelianForm

    return isinstance(form, AbelianForm) or form.class_count > GAP_CLASSES


def reason_against(settings: Settings, form: ClosedForm) -> str | None:
    """Return why the simples and classes of a group are not listed, ``None`` if they are."""
    if form.class_count > settings.max_classes:
        return (
            f"the group has {form.class_count:,} classes, and up to {settings.max_classes:,} are "
            "listed (PLREP_MAX_CLASSES raises that); interaction_graph(X, f, compressed=True) of "
            "the regular module lists none, for an activation f without powers"
        )
    if form.table_entries > settings.max_entries:
        return (
            f"the table has {form.table_entries:,} entries, and up to {settings.max_entries:,} "
            "are written down (PLREP_MAX_ENTRIES raises that); interaction_graph(X, f, "
            "compressed=True) of the regular module needs none, for an f without powers"
        )
    return None


def require_listable(settings: Settings, form: ClosedForm) -> None:
    """Raise NotAvailable if the simples and classes of a group are too many to be listed."""
    reason = reason_against(settings, form)
    if reason is not None:
        raise NotAvailable(form.name, "the character table", reason)


def require_entries(settings: Settings, group: str, module: str, rows: int) -> None:
    """Raise NotAvailable if a spherical table by formula would be too large."""
    if rows * rows > settings.max_entries:
        raise NotAvailable(
            group,
            f"the spherical table of the {module}",
            f"it has {rows * rows:,} entries, and up to {settings.max_entries:,} are written down "
            "(PLREP_MAX_ENTRIES raises that); interaction_graph(X, f, compressed=True) needs none",
        )


def facts_with_form(
    settings: Settings, form: ClosedForm | None, ask: Callable[[], GroupFacts]
) -> GroupFacts:
    """Return a group's facts, with what its closed form says of the table.

    Parameters
    ----------
    settings
        The limits.
    form
        The closed form that the group's name gives.
    ask
        Returns the facts from the store or GAP.
    """
    if form is None:
        return ask()
    known = form.facts() if form.order > _LARGEST_FOR_GAP else None
    found = ask() if known is None else known
    if not makes_the_table(form):
        return found
    return replace(found, table=reason_against(settings, form) or True, classes=form.class_count)
