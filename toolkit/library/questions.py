"""Checking again what is stored: every answer must still be a record that obeys its laws."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from toolkit.errors import InconsistentAnswerError
from toolkit.exact.records import decode
from toolkit.groups.character_table import CharacterTable
from toolkit.groups.facts import GroupFacts
from toolkit.groups.laws import (
    check_character_table,
    check_facts,
    check_subgroup_classes,
    check_table_of_marks,
)
from toolkit.groups.subgroups import NormalSubgroups, SubgroupClasses, TableOfMarks
from toolkit.library.session import QUESTION_VERSIONS
from toolkit.modules.fourier.abelian_subgroup import AbelianSubgroup
from toolkit.modules.permutation_module import TransitiveRecord
from toolkit.modules.spherical import SphericalTable, check_spherical_table

if TYPE_CHECKING:
    from collections.abc import Callable

    from toolkit.store import AnswerKey

__all__ = ["recheck"]


def recheck(key: AnswerKey, value: object) -> None:
    """Raise if a stored answer is no record of its question, or breaks a law.

    Parameters
    ----------
    key
        What the answer is filed under.
    value
        The JSON data.

    Raises
    ------
    InconsistentAnswerError
        If a law fails, or the answer is about another group than its key.
    ValueError
        If the data is no record of this question.

    Notes
    -----
    Never starts GAP. Answers to questions, or versions of questions, that this toolkit does not
    know are passed over: it never reads them.

    Examples
    --------
    >>> from toolkit.store import AnswerKey
    >>> recheck(AnswerKey.of("C3", "natural_action"), [[0, 1, 2]])
    >>> recheck(AnswerKey.of("C3", "natural_action"), [[0, 1, 1]])
    Traceback (most recent call last):
    ...
    toolkit.errors.InconsistentAnswerError: the answer about C3 breaks a law and is not believed:
    required orbits that part the points, found [[0, 1, 1]]
    """
    if QUESTION_VERSIONS.get(key.question) != key.version:
        return
    check = _CHECKS.get(key.question)
    if check is not None:
        check(key.group, value)


def _require(group: str, condition: bool, law: str, found: object) -> None:
    if not condition:
        raise InconsistentAnswerError(group, law, f"{found!s:.80}")


def _same_group(group: str, record: Any) -> None:  # noqa: ANN401 - any record with a group
    _require(group, record.group == group, f"an answer about {group}", record.group)


def _facts(group: str, value: object) -> None:
    check_facts(group, decode(GroupFacts, value))


def _character_table(group: str, value: object) -> None:
    table = decode(CharacterTable, value)
    _same_group(group, table)
    check_character_table(table)


def _normal_subgroups(group: str, value: object) -> None:
    found = decode(NormalSubgroups, value)
    _same_group(group, found)
    orders = [n.order * n.index for n in found]
    _require(group, len(set(orders)) == 1, "|N| |G:N| = |G| for all N", orders)
    _require(
        group,
        all(found[j].order % found[i].order == 0 for i, j in found.covers),
        "orders that divide those of the groups above",
        found.covers,
    )
    _require(
        group,
        all(set(found[i].classes) < set(found[j].classes) for i, j in found.covers),
        "covers that are inclusions",
        found.covers,
    )


def _subgroup_classes(group: str, value: object) -> None:
    found = decode(SubgroupClasses, value)
    _same_group(group, found)
    orders = {c.order * c.index for c in found}
    _require(group, len(orders) <= 1, "|H| |G:H| = |G| for all H", sorted(orders))
    if orders:
        check_subgroup_classes(group, orders.pop(), found)


def _table_of_marks(group: str, value: object) -> None:
    found = decode(TableOfMarks, value)
    _same_group(group, found)
    check_table_of_marks(group, max(found.orders), found.rows, found.orders)


def _transitive_module(group: str, value: object) -> None:
    found = decode(TransitiveRecord, value)
    points = list(range(found.degree))
    _require(group, 0 <= found.base < found.degree, "a base among the points", found.base)
    if found.images is not None:
        _require(
            group,
            all(sorted(image) == points for image in found.images),
            "generators that permute the points",
            found.degree,
        )
    if found.fixed_points is not None:
        _require(
            group,
            found.fixed_points[:1] == (found.degree,)
            and all(0 <= n <= found.degree for n in found.fixed_points),
            "numbers of fixed points up to the degree, the identity first",
            found.fixed_points,
        )


def _spherical_table(group: str, value: object) -> None:
    table = decode(SphericalTable, value)
    _same_group(group, table)
    check_spherical_table(table)


def _natural_action(group: str, value: object) -> None:
    orbits = decode(tuple[tuple[int, ...], ...], value)
    points = sorted(p for orbit in orbits for p in orbit)
    _require(group, points == list(range(len(points))), "orbits that part the points", value)


def _graph_automorphisms(group: str, value: object) -> None:
    _permutations(group, value, "automorphisms that permute the nodes")


def _images(group: str, value: object) -> None:
    _permutations(group, value, "elements that permute the points")


def _permutations(group: str, value: object, law: str) -> None:
    images = decode(tuple[tuple[int, ...], ...], value)
    degree = math.gcd(*map(len, images))
    _require(group, all(sorted(image) == list(range(degree)) for image in images), law, value)


def _product_classes(group: str, value: object) -> None:
    found = decode(tuple[tuple[int, ...], ...], value)
    columns = list(zip(*found, strict=True))
    _require(
        group, len(set(columns)) == len(columns), "different classes of different tuples", value
    )


def _index_two_subgroups(group: str, value: object) -> None:
    found = decode(tuple[tuple[object, ...], ...], value)
    _require(
        group,
        all(isinstance(g, dict) and len(g) == 1 for generators in found for g in generators),
        "subgroups given by elements as data",
        value,
    )


def _quotients(group: str, value: object) -> None:
    found = decode(tuple[tuple[int, int] | None, ...], value)
    good = all(pair is None or min(pair) >= 1 for pair in found)
    _require(group, good, "quotients given by order and number", value)


def _abelian_subgroup(group: str, value: object) -> None:
    found = decode(AbelianSubgroup, value)
    good = len(found.words) == len(found.orders) and all(n >= 2 for n in found.orders)
    _require(group, good, "a word for each cyclic factor of order at least 2", found)


def _element_classes(group: str, value: object) -> None:
    classes = decode(tuple[int, ...], value)
    seen = set(classes)
    _require(group, seen == set(range(len(seen))), "elements in classes 0, 1, ...", seen)


def _fourier_basis(group: str, value: object) -> None:
    from toolkit.library.fourier_record import StoredBasis, check_stored_basis

    check_stored_basis(group, decode(StoredBasis, value))


_CHECKS: dict[str, Callable[[str, object], None]] = {
    "facts": _facts,
    "character_table": _character_table,
    "normal_subgroups": _normal_subgroups,
    "subgroup_classes": _subgroup_classes,
    "table_of_marks": _table_of_marks,
    "transitive_module": _transitive_module,
    "spherical_table": _spherical_table,
    "natural_action": _natural_action,
    "graph_automorphisms": _graph_automorphisms,
    "element_images": _images,
    "index_two_subgroups": _index_two_subgroups,
    "induced_action": _images,
    "product_classes": _product_classes,
    "quotients": _quotients,
    "abelian_subgroup": _abelian_subgroup,
    "element_classes": _element_classes,
    "fourier_basis": _fourier_basis,
}
