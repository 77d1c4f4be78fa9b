"""The labelled table does not depend on the order of the table that is given."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from shuffled_tables import labelled, shuffled

import toolkit as tk
from toolkit.catalog.verify.counts import GROUPS_OF_ORDER
from toolkit.errors import NotAvailable
from toolkit.groups import canonical_labelling, table_equivalence, table_search
from toolkit.groups.canonical_labelling import canonical_orders, invariant_colours
from toolkit.groups.table_refinement import ColouredMatrix
from toolkit.groups.table_search import Search

if TYPE_CHECKING:
    from toolkit.groups.table_arrays import TableArrays
    from toolkit.groups.table_refinement import Ints
    from toolkit.groups.table_search import Leaf

    Key = tuple[int, ...] | None

BUNDLED = [f"SmallGroup({n},{i})" for n in range(1, 32) for i in range(1, GROUPS_OF_ORDER[n] + 1)]
BUNDLED += ["S5", "S6", "A6", "SL(2,5)", "GL(2,3)", "PSL(2,7)", "PGL(2,7)", "S3 wr C2", "D62"]
BUNDLED += ["C2 wr C4", "S3 x S3", "AGL(1,9)", "Q32", "Table(M11)", "Table(M)"]


def form(arrays: TableArrays, keys: list[Key]) -> tuple[object, ...]:
    orders = canonical_orders(arrays, keys)
    assert orders.canonical
    return labelled(arrays, orders.classes, orders.characters)


def word_keys(k: int, rng: np.random.Generator) -> list[Key]:
    return [(int(x), 1) for x in rng.permutation(k)]


@pytest.mark.parametrize("order", range(1, 32))
def test_shuffled_tables_of_all_groups_of_one_order(order: int) -> None:
    rng = np.random.default_rng(order)
    for index in range(1, GROUPS_OF_ORDER[order] + 1):
        table = tk.group(f"SmallGroup({order},{index})").character_table
        expected = form(table.arrays, word_keys(len(table), rng))
        # the table is bundled in this very order
        identity = np.arange(len(table))
        assert expected == labelled(table.arrays, identity, identity)
        for _ in range(2):
            moved = shuffled(table.arrays, rng)
            assert form(moved, word_keys(len(table), rng)) == expected, index


@pytest.mark.parametrize("name", BUNDLED[-15:])
def test_shuffled_tables_of_named_groups(name: str) -> None:
    rng = np.random.default_rng(len(name))
    table = tk.group(name).character_table
    expected = form(table.arrays, word_keys(len(table), rng))
    for _ in range(3):
        assert form(shuffled(table.arrays, rng), word_keys(len(table), rng)) == expected


def test_words_choose_between_classes_that_automorphisms_exchange() -> None:
    arrays = tk.group("Q8").character_table.arrays
    assert invariant_colours(arrays).tolist() == [0, 1, 2, 2, 2]
    for images in itertools.permutations(range(3)):
        keys = [(1,), (2,), *((3 + i,) for i in images)]
        classes = canonical_orders(arrays, keys).classes
        assert [keys[c] for c in classes] == sorted(keys)


def test_classes_without_words_are_not_canonical() -> None:
    arrays = tk.group("Q8").character_table.arrays
    assert not canonical_orders(arrays, [(1,), (2,), None, None, None]).canonical
    # those that invariants tell apart need none
    arrays = tk.group("S5").character_table.arrays
    assert canonical_orders(arrays, [None] * 7).canonical


@pytest.mark.parametrize("name", ["Q8", "S3 x S3", "C2 wr C4", "SmallGroup(27,3)", "SL(2,5)"])
def test_known_symmetries_shorten_the_search_and_change_nothing(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = tk.group(name).character_table
    rng = np.random.default_rng(5)
    arrays, keys = shuffled(table.arrays, rng), word_keys(len(table), rng)
    found = canonical_orders(arrays, keys)
    monkeypatch.setattr(canonical_labelling, "_galois_symmetries", lambda arrays: [])
    without = canonical_orders(arrays, keys)
    assert found.classes.tolist() == without.classes.tolist()
    assert found.characters.tolist() == without.characters.tolist()
    assert found.canonical == without.canonical


def test_powers_of_classes_are_symmetries_only_if_the_table_says_so() -> None:
    arrays = tk.group("SmallGroup(27,3)").character_table.arrays
    (inverse,) = canonical_labelling._galois_symmetries(arrays)
    assert inverse.tolist() == arrays.powers[-1].tolist()
    # two columns exchanged in one row: no longer closed under conjugation
    rows = arrays.rows.copy()
    rows[-1, [1, 3]] = rows[-1, [3, 1]]
    wrong = replace(arrays, rows=rows)
    assert canonical_labelling._galois_symmetries(wrong) == []


def test_powers_of_the_class_that_was_chosen_follow_it() -> None:
    """In a dihedral group the rotations stand by exponent within each order."""
    table = tk.group("D62").character_table
    rotations = [c for c, n in enumerate(table.element_orders) if n == 31]
    assert len(rotations) == 15
    cosines = table.real_to_numpy()[2, rotations] / 2
    assert np.allclose(cosines, np.cos(2 * np.pi * np.arange(1, 16) / 31))


def test_beyond_its_bound_a_search_is_deterministic_and_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    arrays = tk.group("S3 x S3").character_table.arrays
    keys = [(i,) for i in range(len(arrays))]
    monkeypatch.setattr(canonical_labelling, "bound_of", lambda codes: 0)
    monkeypatch.setattr(table_equivalence, "bound_of", lambda codes: 0)
    first = canonical_orders(arrays, keys)
    assert not first.canonical
    assert first.classes.tolist() == canonical_orders(arrays, keys).classes.tolist()
    with pytest.raises(NotAvailable, match="more than 0 attempts"):
        table_equivalence.canonical_form("S3 x S3", arrays, power_maps=True)


def symmetries_by_force(matrix: Ints) -> int:
    """Count the pairs of permutations of rows and columns that keep a matrix."""
    rows = {tuple(row) for row in matrix.tolist()}
    return sum(
        {tuple(row) for row in matrix[:, list(p)].tolist()} == rows
        for p in itertools.permutations(range(matrix.shape[1]))
    )


@pytest.mark.parametrize("seed", range(30))
def test_the_search_on_any_small_matrix(seed: int) -> None:
    """Not only on tables: rows and columns of random matrices, against all permutations."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 7))
    matrix = np.unique(rng.integers(0, 2, (n, n)), axis=0)
    columns, rows = np.zeros(n, dtype=np.intp), np.zeros(len(matrix), dtype=np.intp)

    def leaf(m: Ints) -> tuple[Leaf, list[Ints]]:
        coloured = ColouredMatrix(m, [])
        search = Search(coloured, np.arange(n), columns, 10_000)
        found, _ = search.canonical(coloured.refined(columns, rows))
        return found, search.found

    expected, found = leaf(matrix)
    assert group_order(n, found) == symmetries_by_force(matrix)
    for _ in range(5):
        moved = matrix[rng.permutation(len(matrix))][:, rng.permutation(n)]
        assert leaf(moved)[0].matrix.tolist() == expected.matrix.tolist()
    for symmetry in found:
        assert {*map(tuple, matrix[:, symmetry].tolist())} == {*map(tuple, matrix.tolist())}


def group_order(n: int, generators: list[Ints]) -> int:
    seen = {tuple(range(n))}
    queue = list(seen)
    for p in queue:
        for g in generators:
            image = tuple(int(g[x]) for x in p)
            if image not in seen:
                seen.add(image)
                queue.append(image)
    return len(seen)


def by_force(one: TableArrays, other: TableArrays, power_maps: bool) -> bool:
    """Whether some permutation of columns takes one table to another."""
    values = [[str(one.values[v]) for v in row] for row in one.rows]
    wanted = sorted([str(other.values[v]) for v in row] for row in other.rows)
    for p in itertools.permutations(range(len(one))):
        if sorted([row[c] for c in p] for row in values) != wanted:
            continue
        place = np.argsort(p)
        if not power_maps or all(
            (place[m[list(p)]] == other.powers[q]).all() for q, m in one.powers.items()
        ):
            return True
    return False


def test_equivalence_by_force() -> None:
    tables = [
        table
        for name in BUNDLED[:40]
        if len(table := tk.group(name).character_table) <= 6 and table.order > 1
    ]
    seen = set()
    for one, other in itertools.combinations_with_replacement(tables, 2):
        for power_maps in (True, False):
            found = one.is_equivalent(other, power_maps=power_maps)
            seen.add((found, power_maps))
            if (one.order, len(one)) == (other.order, len(other)):
                assert found == by_force(one.arrays, other.arrays, power_maps)
            else:
                assert not found
    assert len(seen) == 4


def test_the_equivalence_is_one() -> None:
    rng = np.random.default_rng(3)
    for name in ("S3 x S3", "GL(2,3)", "C2 wr C4", "SmallGroup(27,3)", "Q32"):
        table = tk.group(name).character_table
        order, characters = rng.permutation(len(table)), rng.permutation(len(table))
        moved = replace(
            table,
            simples=(),
            gap_classes=(),
            gap_characters=(),
            class_sizes=tuple(table.class_sizes[c] for c in order),
            element_orders=tuple(table.element_orders[c] for c in order),
            power_maps={
                p: tuple(np.argsort(order)[np.array(m)[order]].tolist())
                for p, m in table.power_maps.items()
            },
            inverse=tuple(np.argsort(order)[np.array(table.inverse)[order]].tolist()),
            rows=tuple(tuple(table.rows[i][c] for c in order) for i in characters),
            indicators=tuple(table.indicators[i] for i in characters),
        )
        for power_maps in (True, False):
            found = table.equivalence(moved, power_maps=power_maps)
            assert found is not None
            for i, row in enumerate(table.rows):
                other = moved.rows[found.characters[i]]
                assert [other[c] for c in found.classes] == list(row)
            form = table.canonical_form(power_maps=power_maps)
            assert form.digest() == moved.canonical_form(power_maps=power_maps).digest()
            assert len(form.digest()) == 64
        for p, m in table.power_maps.items():
            found = table.equivalence(moved)
            assert found is not None
            assert [moved.power_maps[p][c] for c in found.classes] == [found.classes[c] for c in m]


def test_d8_and_q8() -> None:
    d8, q8, c8 = (tk.group(name).character_table for name in ("D8", "Q8", "C8"))
    assert not d8.is_equivalent(q8)
    assert d8.is_equivalent(q8, power_maps=False)
    assert not d8.is_equivalent(c8, power_maps=False)
    assert d8.canonical_form().digest() != q8.canonical_form().digest()
    matrices = [t.canonical_form(power_maps=False).digest() for t in (d8, q8)]
    assert matrices[0] == matrices[1]


def test_abelian_groups_of_any_order() -> None:
    one, two = (tk.group(name).character_table for name in ("C5040 x C2", "C2 x C720 x C7"))
    assert one.is_equivalent(two, power_maps=False)
    assert not one.is_equivalent(tk.group("C10080").character_table, power_maps=False)
    tables = [tk.group(name).character_table for name in ("C2 x C12", "C4 x C6", "C24")]
    for power_maps in (True, False):
        forms = [t.canonical_form(power_maps=power_maps).digest() for t in tables]
        assert forms[0] == forms[1] != forms[2]
    assert tables[0].equivalence(tables[1]) is not None
    assert tables[0].equivalence(tables[2]) is None


def test_a_root_colouring_that_is_discrete_needs_no_search(monkeypatch: pytest.MonkeyPatch) -> None:
    arrays = tk.group("S6").character_table.arrays

    def never(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(table_search.Search, "canonical", never)
    assert canonical_orders(tk.group("S5").character_table.arrays, [None] * 7).canonical
    with pytest.raises(AssertionError):
        canonical_orders(arrays, [None] * 11)
