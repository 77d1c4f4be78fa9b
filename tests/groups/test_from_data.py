"""Groups from image lists and multiplication tables."""

from __future__ import annotations

import itertools
import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.errors import NamingError
from toolkit.groups.from_data import (
    MAX_TABLE_ORDER,
    spec_from_cayley_table,
    spec_from_permutations,
)
from toolkit.groups.parsing.grammar import parse_group
from toolkit.groups.specs.tree import spec_from_json


def closure(generators: tuple[tuple[int, ...], ...]) -> set[tuple[int, ...]]:
    identity = tuple(range(len(generators[0])))
    found, queue = {identity}, [identity]
    for p in queue:
        for g in generators:
            product = tuple(g[i] for i in p)
            if product not in found:
                found.add(product)
                queue.append(product)
    return found


def table_of(elements: list[tuple[int, ...]]) -> list[list[int]]:
    """Return the table of p * q = first p, then q, elements in the given order."""
    number = {p: i for i, p in enumerate(elements)}
    return [[number[tuple(q[i] for i in p)] for q in elements] for p in elements]


class TestPermutations:
    def test_lists(self) -> None:
        spec = spec_from_permutations([[1, 2, 0], (1, 0, 2)])
        assert spec == parse_group("<(1,2,3),(1,2)>")
        assert json.dumps(spec.to_json())

    @pytest.mark.parametrize("dtype", [np.int8, np.uint16, np.int64])
    def test_arrays(self, dtype: type[np.integer[Any]]) -> None:
        array = np.array([[1, 2, 0], [1, 0, 2]], dtype=dtype)
        assert spec_from_permutations(array) == parse_group("<(1,2,3),(1,2)>")
        assert spec_from_permutations(list(array)) == parse_group("<(1,2,3),(1,2)>")
        entries: Any = [[np.int64(1), np.int64(0)]]
        assert json.dumps(spec_from_permutations(entries).to_json())

    def test_generators_of_lists(self) -> None:
        assert spec_from_permutations(iter([range(3)])).name == "<(3)>"

    @settings(deadline=None)
    @given(
        st.integers(1, 8).flatmap(
            lambda n: st.lists(st.permutations(range(n)), min_size=1, max_size=4)
        )
    )
    def test_round_trip(self, images: list[list[int]]) -> None:
        spec = spec_from_permutations(images)
        assert spec.degree == len(images[0])
        assert [list(image) for image in spec.images] == images
        assert parse_group(spec.name) == spec
        assert spec_from_json(spec.to_json()) == spec

    @pytest.mark.parametrize(
        ("images", "message"),
        [
            ([], "at least one generator on at least one point is needed"),
            ([[]], "at least one generator on at least one point is needed"),
            ([1, 0, 2], "must be a list of integers, not 1; one generator is given as [[1, 0, 2]]"),
            (np.arange(3), "one generator is given as [[1, 0, 2]]"),
            (5, "the generators must be a list of lists of integers, not int"),
            (np.array(5), "the generators must be a list of lists of integers, not ndarray"),
            ("(1,2)", "the generators must be a list of lists of integers, not str"),
            ({0: [1, 0]}, "the generators must be a list of lists of integers, not dict"),
            (["10"], "generator 0 (counted from 0) must be a list of integers, not '10'"),
            ([{0, 1}], "generator 0 (counted from 0) must be a list of integers, not {0, 1}"),
            ([None], "generator 0 (counted from 0) must be a list of integers, not None"),
            ([[2, 1, 3]], "has entry 2 equal to 3, outside 0 to 2: points count from 0"),
            ([[0, -1]], "has entry 1 equal to -1, outside 0 to 1"),
            ([[0, 1], [1, 1]], "generator 1 (counted from 0) has the value 1 twice, at entries 0"),
            ([[0, 1], [0, 1, 2]], "generator 1 (counted from 0) has 3 entries instead of 2"),
            ([[0, 1.0]], "has entry 1 equal to 1.0, which is not an integer"),
            ([[0, True]], "has entry 1 equal to True, which is not an integer"),
            ([[0, "1"]], "has entry 1 equal to '1', which is not an integer"),
            (np.zeros((1, 2)), "has entry 0 equal to 0.0, which is not an integer"),
            (
                np.zeros((1, 2, 2), dtype=int),
                "has entry 0 equal to [0, 0], which is not an integer",
            ),
            ([range(500_001)], "generator 0 (counted from 0) has more than 500,000 entries"),
            ([itertools.count()], "has more than 500,000 entries"),
        ],
    )
    def test_error(self, images: Any, message: str) -> None:
        with pytest.raises(NamingError) as caught:
            spec_from_permutations(images)
        assert message in str(caught.value)
        assert len(str(caught.value).splitlines()) == 1

    def test_too_many_images(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("toolkit.groups.specs.generated.MAX_IMAGES", 30)
        with pytest.raises(NamingError, match="more than 30 images together"):
            spec_from_permutations([range(10)] * 4)

    def test_convention(self) -> None:
        spec_from_permutations([[1, 0]], convention="images")
        with pytest.raises(NamingError, match="the convention 'cycles' is unknown; use \"images\""):
            spec_from_permutations([[1, 0]], convention="cycles")


class TestCayleyTable:
    @pytest.mark.parametrize("n", [1, 2, 6, 12])
    def test_cyclic(self, n: int) -> None:
        spec = spec_from_cayley_table([[(i + j) % n for j in range(n)] for i in range(n)])
        assert len(spec.images) == 1
        assert len(closure(spec.images)) == n == spec.degree

    @settings(deadline=None)
    @given(
        st.permutations(list(itertools.permutations(range(4))))
        | st.permutations(sorted(closure(((1, 2, 3, 0, 5, 6, 7, 4), (4, 7, 6, 5, 2, 1, 0, 3)))))
    )
    def test_any_labelling(self, elements: list[tuple[int, ...]]) -> None:  # fmt: skip
        table = table_of(elements)
        spec = spec_from_cayley_table(table)
        assert spec.degree == len(elements)
        # The group acts regularly, and p -> (right multiplication by p) is a homomorphism.
        columns = set(zip(*table, strict=True))
        assert closure(spec.images) == columns
        # No generator can be left out, and the choice is the same for arrays.
        for g in spec.images:
            others = tuple(x for x in spec.images if x != g)
            assert len(closure(others)) < len(elements)
        assert spec_from_cayley_table(np.array(table)) == spec

    def test_redundant_generator_is_dropped(self) -> None:
        # Label 1 is the square of a generator of C4, so it is found first and then not needed.
        elements: list[tuple[int, ...]] = [(0, 1, 2, 3), (2, 3, 0, 1), (1, 2, 3, 0), (3, 0, 1, 2)]
        assert len(spec_from_cayley_table(table_of(elements)).images) == 1

    def test_elementary_abelian(self) -> None:
        spec = spec_from_cayley_table([[i ^ j for j in range(64)] for i in range(64)])
        assert [image[0] for image in spec.images] == [1, 2, 4, 8, 16, 32]

    def test_every_wrong_entry_is_found(self) -> None:
        table = table_of(list(itertools.permutations(range(3))))
        for i, j in itertools.product(range(6), repeat=2):
            for wrong in set(range(6)) - {table[i][j]}:
                changed = [list(row) for row in table]
                changed[i][j] = wrong
                with pytest.raises(NamingError):
                    spec_from_cayley_table(changed)

    def test_loops_that_are_no_groups(self) -> None:
        """Every Latin square of order 5 with identity 0 is a group or refused, by brute force."""
        counts = {True: 0, False: 0}
        for table in _loops(5):
            associative = all(
                table[table[x][y]][z] == table[x][table[y][z]]
                for x, y, z in itertools.product(range(5), repeat=3)
            )
            counts[associative] += 1
            if associative:
                assert spec_from_cayley_table(table)
                continue
            with pytest.raises(NamingError, match=r"it is not associative: \(") as caught:
                spec_from_cayley_table(table)
            left, right = caught.value.problem.split(": ")[1].split(", but ")
            _check_place(table, left, right)
        assert counts == {True: 6, False: 50}

    @pytest.mark.parametrize(
        ("table", "message"),
        [
            ([], "the table is empty"),
            (7, "the table must be a list of lists of integers, not int"),
            ([0], "row 0 must be a list of integers, not 0"),
            ([[0, 1], [1]], "row 1 has 1 entries instead of 2"),
            ([[0, 1], [1, 2]], "row 1 has entry 1 equal to 2, outside 0 to 1"),
            ([[0, 1], [1, 1]], "row 1 has the value 1 twice, at entries 0 and 1"),
            ([[0, 1], [0, 1]], "column 0 has the value 0 twice, at entries 0 and 1"),
            ([[1, 2], [2, 1]], "row 0 has entry 1 equal to 2, outside 0 to 1: points count from 0"),
            ([[0, 2, 1], [2, 1, 0], [1, 0, 2]], "no element is an identity on both sides"),
            ([[0, 1, 2], [2, 0, 1], [1, 2, 0]], "no element is an identity on both sides"),
            ([[0.0]], "row 0 has entry 0 equal to 0.0, which is not an integer"),
            ([[0]] * (MAX_TABLE_ORDER + 1), "the table has more than 2,000 rows"),
        ],
    )
    def test_error(self, table: Any, message: str) -> None:
        with pytest.raises(NamingError) as caught:
            spec_from_cayley_table(table)
        assert message in str(caught.value)


def _loops(n: int) -> list[list[list[int]]]:
    """Return all multiplication tables of loops on 0 to n - 1 with identity 0."""
    tables: list[list[list[int]]] = [[list(range(n))]]
    for first in range(1, n):
        tables = [
            [*table, list(row)]
            for table in tables
            for row in itertools.permutations(range(n))
            if row[0] == first and all(row[j] != r[j] for r in table for j in range(n))
        ]
    return tables


def _check_place(table: list[list[int]], left: str, right: str) -> None:
    """Check that a message of the form (x*g)*y = a, but x*(g*y) = b says the truth."""
    product, a = left.split(" = ")
    x, g, y = (int(s) for s in product.replace("(", "").replace(")", "").split("*"))
    assert right.startswith(f"{x}*({g}*{y}) = ")
    b = int(right.split(" = ")[1])
    assert table[table[x][g]][y] == int(a) != b == table[x][table[g][y]]
