"""The questions whose answers are stored: one row for each, with its version, record and law.

A row carries the name of the question, which is also that of the GAP request that answers it
(``gap_scripts/requests/NAME.g``), where there is one; its version, raised by hand whenever the
meaning or the form of an answer changes; what reads an answer from JSON; and the law that a record
must obey before it is stored or taken over from a file, and that ``plrep cache verify`` checks.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar

from toolkit.errors import InconsistentAnswerError
from toolkit.exact.records import decode, encode
from toolkit.groups.facts import GroupFacts
from toolkit.groups.invariants import (
    AutomorphismOrders,
    GroupSeries,
    MaximalSubgroup,
    PcPresentation,
    SylowSubgroup,
    check_automorphisms,
    check_maximal_subgroups,
    check_pc_presentation,
    check_series,
    check_sylow_subgroups,
)
from toolkit.groups.laws import (
    check_character_table,
    check_facts,
    check_subgroup_classes,
    check_table_of_marks,
)
from toolkit.groups.stored_table import table_from_json, table_to_json
from toolkit.groups.subgroups import NormalSubgroups, SubgroupClasses, TableOfMarks
from toolkit.library import time_limits
from toolkit.library.refusals import Refusal
from toolkit.modules.gset_expressions import TransitiveRecord
from toolkit.modules.spherical import SphericalTable, check_spherical_table

if TYPE_CHECKING:
    from toolkit.groups.character_table import CharacterTable
    from toolkit.groups.closed_forms.from_subgroup import AbelianNormalSubgroup
    from toolkit.groups.closed_forms.located import AbelianElements
    from toolkit.library.fourier_record import StoredBasis
    from toolkit.modules.fourier.abelian_subgroup import AbelianSubgroup
    from toolkit.store import AnswerKey

Record = TypeVar("Record")
Images: TypeAlias = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Question(Generic[Record]):
    """A question whose answers are stored.

    Parameters
    ----------
    name
        Its name in keys of the store, and the name of the GAP request.
    version
        Part of the key.
    decode
        Returns the record that JSON data describes, or raises ValueError.
    law
        Called with the name of the group and a record; raises InconsistentAnswerError if the
        record cannot be true. Never starts GAP.
    encode
        Returns the JSON data that a record is stored as.
    """

    name: str
    version: int
    decode: Callable[[object], Record]
    law: Callable[[str, Record], None]
    encode: Callable[[Record], object] = encode


#: All rows of the table, by name.
QUESTIONS: dict[str, Question[Any]] = {}

#: Words for the questions that people see waited for.
QUESTION_WORDS = {
    "facts": "orders and adjectives",
    "character_table": "character table",
    "normal_subgroups": "normal subgroups",
    "subgroup_classes": "classes of subgroups",
    "table_of_marks": "table of marks",
    "transitive_module": "module",
    "natural_action": "natural action",
    "orbital_algebra": "orbital algebra",
    "commuting_orbitals": "eigenvalues of orbitals",
    "class_map": "fusion of classes",
    "permutation_order": "orders of actions",
    "graph_automorphisms": "automorphisms of the graph",
}


def check_stored(key: AnswerKey, value: object) -> None:
    """Check that a stored answer is a record of its question and obeys its law.

    Parameters
    ----------
    key
        What the answer is filed under.
    value
        The JSON data.

    Raises
    ------
    InconsistentAnswerError
        If the law fails, or the answer is about another group than its key.
    ValueError
        If the data is not a record of this question.

    Notes
    -----
    Never starts GAP. Questions, or versions of questions, that this toolkit does not know are
    skipped: it never reads their answers.

    Examples
    --------
    >>> from toolkit.store import AnswerKey
    >>> check_stored(AnswerKey.of("C3", "natural_action", version=2), [[1, 2, 0]])
    >>> check_stored(AnswerKey.of("C3", "natural_action", version=2), [[0, 1, 1]])
    Traceback (most recent call last):
    ...
    toolkit.errors.InconsistentAnswerError: the answer about C3 breaks a law and is rejected:
    required generators that permute the points, found ((0, 1, 1),)
    """
    question = QUESTIONS.get(key.question)
    if question is not None and question.version == key.version:
        question.law(key.group, question.decode(value))


# -- laws ----------------------------------------------------------------------------------------


def _require(group: str, condition: bool, law: str, found: object) -> None:
    if not condition:
        raise InconsistentAnswerError(group, law, f"{found!s:.80}")


def _require_group(group: str, record: Any) -> None:  # noqa: ANN401 - any record with a group
    _require(group, record.group == group, f"an answer about {group}", record.group)


def _character_table(group: str, table: CharacterTable) -> None:
    _require_group(group, table)
    check_character_table(table)


def _normal_subgroups(group: str, found: NormalSubgroups) -> None:
    _require_group(group, found)
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


def _subgroup_classes(group: str, found: SubgroupClasses) -> None:
    _require_group(group, found)
    orders = {c.order * c.index for c in found}
    _require(group, len(orders) <= 1, "|H| |G:H| = |G| for all H", sorted(orders))
    if orders:
        check_subgroup_classes(group, orders.pop(), found)


def _table_of_marks(group: str, found: TableOfMarks) -> None:
    _require_group(group, found)
    check_table_of_marks(group, max(found.orders), found.rows, found.orders)


def _transitive_module(group: str, found: TransitiveRecord) -> None:
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


def _spherical_table(group: str, table: SphericalTable) -> None:
    _require_group(group, table)
    check_spherical_table(table)


def _permutations(what: str) -> Callable[[str, Images], None]:
    def law(group: str, images: Images) -> None:
        degree = list(range(math.gcd(*map(len, images))))
        _require(group, all(sorted(image) == degree for image in images), what, images)

    return law


def _graph_automorphisms(group: str, found: tuple[Images, int]) -> None:
    images, order = found
    if images:
        _permutations("automorphisms that permute the nodes")(group, images)
    _require(group, (order > 1) == bool(images), "generators exactly if there are several", order)


def _product_classes(group: str, found: Images) -> None:
    columns = list(zip(*found, strict=True))
    distinct = len(set(columns)) == len(columns)
    _require(group, distinct, "a different tuple of classes for each class", found)


def _index_two_subgroups(group: str, found: tuple[tuple[object, ...], ...]) -> None:
    _require(
        group,
        all(isinstance(g, dict) and len(g) == 1 for generators in found for g in generators),
        "subgroups given by elements as data",
        found,
    )


def _quotients(group: str, found: tuple[tuple[int, int] | None, ...]) -> None:
    positive = all(pair is None or min(pair) >= 1 for pair in found)
    _require(group, positive, "quotients given by order and number", found)


def _abelian_subgroup(group: str, found: AbelianSubgroup) -> None:
    fits = len(found.words) == len(found.orders) and all(n >= 2 for n in found.orders)
    _require(group, fits, "a word for each cyclic factor of order at least 2", found)


def _invariants(group: str, found: tuple[int, ...]) -> None:
    law = "abelian invariants, rising prime powers"
    _require(group, all(n >= 2 for n in found) and list(found) == sorted(found), law, found)


def _subgroup_names(group: str, found: tuple[str | None, ...]) -> None:
    _require(group, all(name != "" for name in found), "names that are not empty", found)


def _are_maximal(group: str, found: tuple[bool, ...]) -> None:
    """Any Booleans may be true."""


def _class_counts(group: str, found: Images) -> None:
    fits = all(counts and counts[0] == 1 and min(counts) >= 0 for counts in found)
    _require(group, fits, "one identity element in each subgroup", found)


def _abelian_normal_subgroup(group: str, found: AbelianNormalSubgroup | None) -> None:
    from toolkit.groups.closed_forms.from_subgroup import check_abelian_normal_subgroup

    check_abelian_normal_subgroup(group, found)


def _abelian_elements(group: str, found: AbelianElements) -> None:
    from toolkit.groups.closed_forms.located import check_abelian_elements

    check_abelian_elements(group, found)


def _element_classes(group: str, classes: tuple[int, ...]) -> None:
    seen = set(classes)
    _require(group, seen == set(range(len(seen))), "elements in classes 0, 1, ...", seen)


def _generator_words(group: str, found: Images) -> None:
    _require(group, all(0 not in word for word in found), "words in generators 1, 2, ...", found)


def _class_map(group: str, found: tuple[tuple[int, ...], int]) -> None:
    classes, kernel = found
    fits = classes[:1] == (0,) and min(classes) >= 0 and kernel >= 1
    _require(group, fits, "classes, that of the identity first, and a kernel", found)


def _fourier_basis(group: str, stored: StoredBasis) -> None:
    from toolkit.library.fourier_record import check_stored_basis

    check_stored_basis(group, stored)


def _refusal(group: str, refusal: Refusal) -> None:
    law = "a sentence that says why there is no finite group"
    _require(group, bool(refusal.reason), law, refusal.reason)


# -- the table -----------------------------------------------------------------------------------


def _row(
    name: str,
    version: int,
    decode: Callable[[object], Record],
    law: Callable[[str, Record], None],
    encode: Callable[[Record], object] = encode,
) -> Question[Record]:
    QUESTIONS[name] = question = Question(name, version, decode, law, encode)
    return question


def _decode_abelian_subgroup(data: object) -> AbelianSubgroup:  # its record imports numpy
    from toolkit.modules.fourier.abelian_subgroup import AbelianSubgroup

    return decode(AbelianSubgroup, data)


def _decode_abelian_normal_subgroup(data: object) -> AbelianNormalSubgroup | None:
    from toolkit.groups.closed_forms.from_subgroup import AbelianNormalSubgroup

    return None if data is None else decode(AbelianNormalSubgroup, data)


def _decode_abelian_elements(data: object) -> AbelianElements:
    from toolkit.groups.closed_forms.located import AbelianElements

    return decode(AbelianElements, data)


def _decode_fourier_basis(data: object) -> StoredBasis:  # its record imports numpy
    from toolkit.library.fourier_record import StoredBasis

    return decode(StoredBasis, data)


_images = partial(decode, Images)
_elements = partial(decode, tuple[tuple[object, ...], ...])
_names = partial(decode, tuple[str | None, ...])
_ids = partial(decode, tuple[tuple[int, int] | None, ...])

FACTS = _row("facts", 1, partial(decode, GroupFacts), check_facts)
CHARACTER_TABLE = _row("character_table", 2, table_from_json, _character_table, table_to_json)
NORMAL_SUBGROUPS = _row("normal_subgroups", 3, partial(decode, NormalSubgroups), _normal_subgroups)
SUBGROUP_CLASSES = _row("subgroup_classes", 3, partial(decode, SubgroupClasses), _subgroup_classes)
TABLE_OF_MARKS = _row("table_of_marks", 2, partial(decode, TableOfMarks), _table_of_marks)
INDEX_TWO_SUBGROUPS = _row("index_two_subgroups", 1, _elements, _index_two_subgroups)
QUOTIENTS = _row("quotients", 2, _ids, _quotients)
PRODUCT_CLASSES = _row("product_classes", 2, _images, _product_classes)
ELEMENT_CLASSES = _row("element_classes", 2, partial(decode, tuple[int, ...]), _element_classes)
NATURAL_ACTION = _row(
    "natural_action", 2, _images, _permutations("generators that permute the points")
)
TRANSITIVE_MODULE = _row(
    "transitive_module", 2, partial(decode, TransitiveRecord), _transitive_module
)
ELEMENT_IMAGES = _row(
    "element_images", 1, _images, _permutations("elements that permute the points")
)
INDUCED_ACTION = _row(
    "induced_action", 1, _images, _permutations("generators that permute the points")
)
GRAPH_AUTOMORPHISMS = _row(
    "graph_automorphisms", 2, partial(decode, tuple[Images, int]), _graph_automorphisms
)
SERIES = _row("series", 1, partial(decode, GroupSeries), check_series)
SYLOW_SUBGROUPS = _row(
    "sylow_subgroups", 1, partial(decode, tuple[SylowSubgroup, ...]), check_sylow_subgroups
)
MAXIMAL_SUBGROUPS = _row(
    "maximal_subgroups", 1, partial(decode, tuple[MaximalSubgroup, ...]), check_maximal_subgroups
)
ARE_MAXIMAL = _row("are_maximal", 1, partial(decode, tuple[bool, ...]), _are_maximal)
AUTOMORPHISMS = _row("automorphisms", 1, partial(decode, AutomorphismOrders), check_automorphisms)
SCHUR_MULTIPLIER = _row("schur_multiplier", 1, partial(decode, tuple[int, ...]), _invariants)
SUBGROUP_NAMES = _row("subgroup_names", 1, _names, _subgroup_names)
QUOTIENT_NAMES = _row("quotient_names", 1, _names, _subgroup_names)
CLASS_COUNTS = _row("class_counts", 1, _images, _class_counts)
PC_PRESENTATION = _row("pc_presentation", 1, partial(decode, PcPresentation), check_pc_presentation)
REFUSAL = _row("refusal", 1, partial(decode, Refusal), _refusal)
GENERATOR_WORDS = _row("generator_words", 1, partial(decode, Images), _generator_words)
CLASS_MAP = _row("class_map", 1, partial(decode, tuple[tuple[int, ...], int]), _class_map)
# no answer: the questions that ran into a time limit
NOT_IN_TIME = _row(
    time_limits.NAME,
    time_limits.VERSION,
    time_limits.seconds_in,
    time_limits.check_seconds,
    time_limits.to_json,
)
# the action of a transitive module alone, from the request transitive_module without characters
TRANSITIVE_ACTION = _row(
    "transitive_action", 1, partial(decode, TransitiveRecord), _transitive_module
)
# answers that Python computes, from those above
SPHERICAL_TABLE = _row("spherical_table", 2, partial(decode, SphericalTable), _spherical_table)
ABELIAN_NORMAL_SUBGROUP = _row(
    "abelian_normal_subgroup",
    1,
    _decode_abelian_normal_subgroup,
    _abelian_normal_subgroup,
)
ABELIAN_ELEMENTS = _row("abelian_elements", 1, _decode_abelian_elements, _abelian_elements)
ABELIAN_SUBGROUP = _row("abelian_subgroup", 1, _decode_abelian_subgroup, _abelian_subgroup)
FOURIER_BASIS = _row("fourier_basis", 3, _decode_fourier_basis, _fourier_basis)
