"""G-sets and orbitals, against brute-force enumeration and known numbers."""

from __future__ import annotations

import pickle  # noqa: TID251 - copies that other processes get
import re
from itertools import combinations, permutations, product, repeat
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pytest
from actions import (
    CUBE,
    alternating,
    crystal,
    from_cycles,
    grid,
    side_by_side,
    symmetric,
    tuples,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import toolkit as tk
from toolkit.errors import InconsistentAnswerError, ModuleMismatchError, NotAvailable
from toolkit.modules.gsets import actions as gsets
from toolkit.modules.gsets import block_systems as blocks
from toolkit.modules.gsets import suborbits as suborbits_module
from toolkit.modules.gsets.orbitals import Orbitals

if TYPE_CHECKING:
    from collections.abc import Callable

IntArray: TypeAlias = NDArray[np.intp]

# Maron et al. 2019 and Pearce-Crump 2022, by Burnside:
# dim Hom(k-tuples, l-tuples) for k + l = 1 .. 6
TUPLES_S = {2: [1, 2, 4, 8, 16, 32], 3: [1, 2, 5, 14, 41, 122], 5: [1, 2, 5, 15, 52, 202]}
TUPLES_A = {3: [1, 3, 9, 27, 81, 243], 4: [1, 2, 6, 22, 86, 342], 5: [1, 2, 5, 16, 63, 282]}
BELL = [1, 2, 5, 15, 52, 203]


def brute_force(target: IntArray, source: IntArray) -> IntArray:
    """Walk through every pair, in row-major order."""
    m, n = target.shape[1], source.shape[1]
    labels = -np.ones((m, n), dtype=np.intp)
    count = 0
    for y, x in product(range(m), range(n)):
        if labels[y, x] >= 0:
            continue
        labels[y, x] = count
        stack = [(y, x)]
        while stack:
            b, a = stack.pop()
            for on_rows, on_columns in zip(target, source, strict=True):
                pair = int(on_rows[b]), int(on_columns[a])
                if labels[pair] < 0:
                    labels[pair] = count
                    stack.append(pair)
        count += 1
    return labels


def check_everything(target: IntArray, source: IntArray | None) -> None:
    """Compare every answer with brute force; the table once before and once after the count."""
    truth = brute_force(target, target if source is None else source)
    count = int(truth.max()) + 1
    table_first, count_first = Orbitals(target, source), Orbitals(target, source)
    assert np.array_equal(table_first.labels, truth)
    assert table_first.count == count_first.count == count
    assert np.array_equal(count_first.labels, truth)
    assert table_first.labels.dtype == np.min_scalar_type(count - 1)
    for found in (table_first, Orbitals(target, source)):
        assert found.sizes.tolist() == np.bincount(truth.ravel()).tolist()
        y, x = found.representatives.T
        assert truth[y, x].tolist() == list(range(count))
        assert (y * truth.shape[1] + x).tolist() == [
            int(np.argmax(truth.ravel() == j)) for j in range(count)
        ]
        for j in range(count):
            ones = truth == j
            rows, columns = found.coordinates(j)
            assert [rows.tolist(), columns.tolist()] == [a.tolist() for a in np.nonzero(ones)]
            assert set(ones.sum(axis=1)) - {0} == {found.row_degrees[j]}
            assert set(ones.sum(axis=0)) - {0} == {found.column_degrees[j]}
            assert found.is_permutation[j] == (
                ones.sum(axis=0).max() == ones.sum(axis=1).max() == 1
            )
        everywhere = np.indices(truth.shape).reshape(2, -1)
        assert np.array_equal(found.labels_at(*everywhere), truth.ravel())
        if source is None:
            assert found.paired.tolist() == [
                truth.T[tuple(np.argwhere(truth == j)[0])] for j in range(count)
            ]


@st.composite
def pairs_of_gsets(draw: st.DrawFn) -> tuple[IntArray, IntArray | None]:
    """Images of one group on two sets: on points, tuples, copies of them, in shuffled order."""
    n, k = draw(st.integers(1, 6)), draw(st.integers(0, 3))
    points = np.array([draw(st.permutations(range(n))) for _ in range(k)], dtype=np.intp)
    points = points.reshape(k, n)

    def one() -> IntArray:
        choices: dict[str, Callable[[], IntArray]] = {
            "points": lambda: points,
            "pairs": lambda: tuples(points, 2) if k else np.empty((0, n * n), dtype=np.intp),
            "twice": lambda: side_by_side(points, points),
            "still": lambda: side_by_side(points, np.zeros((k, 1), dtype=np.intp)),
        }
        made = choices[draw(st.sampled_from(sorted(choices)))]()
        names = np.array(draw(st.permutations(range(made.shape[1]))), dtype=np.intp)
        shuffled = np.empty_like(made)
        shuffled[:, names] = names[made]
        return shuffled

    return one(), None if draw(st.booleans()) else one()


@settings(max_examples=120, deadline=None)
@given(pairs_of_gsets())
def test_agrees_with_brute_force(pair: tuple[IntArray, IntArray | None]) -> None:
    check_everything(*pair)


@settings(max_examples=60, deadline=None)
@given(pairs_of_gsets(), st.integers(0, 3))
def test_proofs_complete_what_random_elements_miss(
    pair: tuple[IntArray, IntArray | None], useful: int
) -> None:
    """With random elements that are the identity, only the exact stages are left to merge."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(suborbits_module, "_FEW", useful)
        patch.setattr(
            suborbits_module,
            "random_elements",
            lambda images: repeat(np.arange(images.shape[1])),
        )
        patch.setattr(suborbits_module, "_CHUNK", 16)
        check_everything(*pair)


def test_deep_trees_and_every_kind_of_proof() -> None:
    """Cycles longer than the depth that is walked as it is; grids; the symmetries of an image."""
    for images, proof in (
        (symmetric(60), "bound"),
        (symmetric(60)[:1], "automorphisms"),
        (grid(8), "automorphisms"),
        (crystal(8), "schreier"),
        (side_by_side(symmetric(40)[:1], symmetric(40)[:1]), "schreier"),
    ):
        assert Orbitals(images).certificate == proof
        check_everything(images, None)
    check_everything(grid(6), side_by_side(grid(6), grid(6)))
    check_everything(symmetric(60)[:1], symmetric(60)[1:] * 0 + np.arange(60))


@pytest.mark.parametrize(("make", "table"), [(symmetric, TUPLES_S), (alternating, TUPLES_A)])
def test_tuples(make: Callable[[int], IntArray], table: dict[int, list[int]]) -> None:
    for n, dimensions in table.items():
        images = make(n)
        for k, l_ in ((0, 1), (1, 1), (1, 2), (2, 2), (1, 3), (2, 3), (3, 3), (2, 4)):
            found = Orbitals(tuples(images, k), tuples(images, l_))
            assert found.count == dimensions[k + l_ - 1], (n, k, l_)


def test_bell_numbers() -> None:
    images = symmetric(6)
    for k, l_ in ((0, 1), (1, 1), (1, 2), (2, 2), (2, 3), (3, 3)):
        assert Orbitals(tuples(images, k), tuples(images, l_)).count == BELL[k + l_ - 1]


def test_dodecahedron() -> None:
    """A5 on the 20 vertices is A5 acting on its 3-cycles: both have stabilisers of order 3."""
    cycles = sorted({(i, j, k) for i, j, k in permutations(range(5), 3) if i == min(i, j, k)})
    place = {cycle: number for number, cycle in enumerate(cycles)}
    images = []
    for image in alternating(5).tolist():
        row = []
        for cycle in cycles:
            moved = [image[x] for x in cycle]
            turn = moved.index(min(moved))
            row.append(place[tuple(moved[turn:] + moved[:turn])])
        images.append(row)
    vertices = Orbitals(images)
    assert len(cycles) == 20
    assert vertices.count == 8
    assert sorted(vertices.row_degrees.tolist()) == [1, 1, 3, 3, 3, 3, 3, 3]


def test_rubik() -> None:
    images = from_cycles(CUBE, 48)
    assert [orbit.size for orbit in gsets.orbits(images)] == [24, 24]
    cube = Orbitals(images)
    # each kind of facelet: itself, its cubie's others, the rest (corners: two others); across: 1
    assert cube.count == 9
    assert sorted(cube.row_degrees.tolist()) == [1, 1, 1, 1, 1, 21, 22, 24, 24]
    assert int(cube.labels.max()) == 8


def test_regular_and_free_actions() -> None:
    image = Orbitals(grid(32))
    assert (image.count, image.certificate) == (1024, "automorphisms")
    assert image.is_permutation.all()
    # A4 acts freely on itself; two copies have 24 points
    even = [p for p in permutations(range(4)) if sum(a > b for a, b in combinations(p, 2)) % 2 == 0]
    place = {p: i for i, p in enumerate(even)}
    generators = [(1, 2, 0, 3), (0, 2, 3, 1)]
    regular = np.array([[place[tuple(g[x] for x in p)] for p in even] for g in generators])
    assert Orbitals(regular).count == 12
    assert Orbitals(side_by_side(regular, regular)).count == 48


def test_large_symmetric_group_has_no_table() -> None:
    n = 100_000
    found = Orbitals(symmetric(n))
    assert found.sizes.tolist() == [n, n * n - n]
    assert found.certificate == "bound"
    with pytest.raises(NotAvailable, match="takes 10000000000 bytes, more than byte"):
        Orbitals(symmetric(n)).labels  # noqa: B018
    with pytest.raises(NotAvailable, match="orbital 1"):
        Orbitals(symmetric(n)).coordinates(1)


def test_known_count() -> None:
    images = crystal(8)
    assert Orbitals(images, known_count=15).certificate == "promise"
    assert Orbitals(images, known_count=15).count == 15
    assert Orbitals(images, known_count=15).labels.max() == 14
    with pytest.raises(InconsistentAnswerError, match=r"required 16 orbitals"):
        Orbitals(images, known_count=16).count  # noqa: B018
    for answer in ("count", "labels"):
        with pytest.raises(InconsistentAnswerError, match=r"required 14 orbitals.*found 15"):
            getattr(Orbitals(images, known_count=14), answer)


def test_a_wrong_promise_is_found_out_by_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suborbits_module, "random_elements", lambda images: repeat(np.arange(64)))
    wrong = Orbitals(crystal(8), known_count=64)
    assert wrong.count == 64
    with pytest.raises(InconsistentAnswerError, match="64 orbitals, as known_count says"):
        wrong.labels  # noqa: B018


def test_a_promise_missed_by_merging_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Known counts between the true one, 15, and the one where random elements stop, 64."""
    monkeypatch.setattr(suborbits_module, "random_elements", lambda images: repeat(np.arange(64)))
    assert Orbitals(crystal(8), known_count=15).count == 15
    for answer in ("count", "labels"):
        with pytest.raises(
            InconsistentAnswerError, match=r"required 16 orbitals.*found at most 15"
        ):
            getattr(Orbitals(crystal(8), known_count=16), answer)


def test_out_of_reach_is_said_early() -> None:
    with pytest.raises(NotAvailable, match=r"checking all Schreier generators") as refusal:
        Orbitals(crystal(16), step_limit=1000).count  # noqa: B018
    found = re.search(r"tk.orbitals\(X, Y, step_limit=(\d+)\)", str(refusal.value))
    assert found is not None
    assert Orbitals(crystal(16), step_limit=int(found[1])).certificate == "schreier"


def test_a_raised_step_limit_serves_layers_as_well() -> None:
    G = tk.group_from_permutations(crystal(8))
    X = G.natural_module()
    with pytest.raises(NotAvailable, match=r"tk.orbitals\(X, Y, step_limit="):
        _ = tk.orbitals(X, step_limit=1000).count
    kept = tk.orbitals(X, step_limit=10**9)
    assert tk.orbitals(X) is tk.layer_basis(X).orbitals is kept
    assert kept.count == Orbitals(crystal(8)).count
    pairs = X**2
    tk.orbitals(pairs, X, step_limit=10**9)
    assert pickle.loads(pickle.dumps(pairs)) == pairs  # noqa: S301 - what is kept is left out
    V = tk.SignedModule.from_signs(
        G, np.zeros((len(X.images), 1), int), np.ones((len(X.images), 1))
    )
    mixed = tk.orbitals(X, V, step_limit=10**9)
    assert tk.orbitals(X, V) is mixed
    assert mixed.count == 1


@pytest.mark.parametrize(
    ("target", "source", "message"),
    [
        ([[1, 2]], None, "generator 0 must map into points 0 to 1, but sends point 1 to 2"),
        ([[0, 1], [-1, 0]], None, "generator 1 must map .* but sends point 0 to -1"),
        ([[0, 0]], None, "generator 0 must permute its 2 points, but no point is sent to 1"),
        ([[0.0, 1.0]], None, "integer array"),
        ([0, 1], None, r"shape \(2,\)"),
        ([[0, 1], [0]], None, "integer array"),
        (np.empty((1, 0)), None, "at least one point"),
        ([[1, 0]], [[0, 1], [1, 0]], "found 1 for the target and 2 for the source"),
    ],
)
def test_bad_input(target: list[list[int]], source: list[list[int]] | None, message: str) -> None:
    with pytest.raises(ModuleMismatchError, match=message):
        Orbitals(target, source)


def test_paired_needs_a_square() -> None:
    with pytest.raises(ModuleMismatchError, match="same G-set"):
        Orbitals([[1, 0]], [[0, 1]]).paired  # noqa: B018
    with pytest.raises(IndexError, match="0 to 1, found 2"):
        Orbitals([[1, 0]]).coordinates(2)


# -- G-sets -------------------------------------------------------------------------------------


def test_components_by_both_routes(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(3)
    for n in (1, 2, 30, 200):
        # block permutations with repeated edges and fixed points
        maps = np.tile(np.arange(n), (4, 1))
        for row in maps[:3]:
            for part in np.array_split(np.arange(n), max(1, n // 7)):
                row[part] = rng.permutation(part)
        hidden = rng.permutation(n)
        maps[:, hidden] = hidden[maps]
        monkeypatch.setattr(gsets, "_SCALAR_EDGES", 10**9)
        scalar = gsets.components(maps)
        monkeypatch.setattr(gsets, "_SCALAR_EDGES", 0)
        assert np.array_equal(gsets.components(maps), scalar)
        assert np.array_equal(scalar, gsets.first_occurrence(scalar))
        assert np.array_equal(scalar[maps], np.tile(scalar, (4, 1)))
        assert np.array_equal(gsets.components(gsets.class_cycles(scalar)[None]), scalar)


def test_schreier_forest() -> None:
    for images in (grid(7), symmetric(300), from_cycles(CUBE, 48)):
        forest = gsets.schreier_forest(images)
        for x in range(images.shape[1]):
            point = int(forest.bases[forest.orbit[x]])
            assert len(forest.word(x)) == forest.depth[x]
            for g in forest.word(x):
                point = int(images[g, point])
            assert point == x
        assert sorted(forest.order.tolist()) == list(range(images.shape[1]))
    # distances in a torus are known
    assert gsets.schreier_forest(grid(7)).depth.max() == 12


def all_block_systems(images: IntArray) -> set[tuple[int, ...]]:
    """Every subset with 0 whose images are equal or disjoint."""
    n = images.shape[1]
    systems = set()
    for size in (d for d in range(1, n + 1) if n % d == 0):
        for rest in combinations(range(1, n), size - 1):
            blocks = {frozenset((0, *rest))}
            todo = list(blocks)
            while todo and len(blocks) <= n // size:
                block = todo.pop()
                for image in images.tolist():
                    moved = frozenset(image[x] for x in block)
                    if moved not in blocks:
                        blocks.add(moved)
                        todo.append(moved)
            if len(blocks) == n // size:
                order = sorted(min(b) for b in blocks)
                owner = {x: order.index(min(b)) for b in blocks for x in b}
                systems.add(tuple(owner[x] for x in range(n)))
    return systems


@pytest.mark.parametrize(
    ("images", "count"),
    [
        (symmetric(6), 2),
        (symmetric(12)[:1], 6),  # divisors of 12
        (
            np.array(
                [[1, 0, 3, 2, 5, 4, 7, 6], [2, 3, 0, 1, 6, 7, 4, 5], [4, 5, 6, 7, 0, 1, 2, 3]]
            ),
            16,
        ),
        (crystal(3), 2),
        (np.array([[1, 2, 3, 0, 5, 6, 7, 4], [4, 7, 6, 5, 0, 3, 2, 1]]), 10),  # D8, regular
        (np.zeros((1, 1), dtype=np.intp), 1),
    ],
)
def test_block_systems(images: IntArray, count: int) -> None:
    found = blocks.block_systems(images)
    assert len(found) == count
    assert {tuple(system.tolist()) for system in found} == all_block_systems(images)
    hint = Orbitals(images).labels[0]
    assert [s.tolist() for s in blocks.block_systems(images, suborbits=hint)] == [
        s.tolist() for s in found
    ]
    assert blocks.is_primitive(images) == (count == 2)


def test_block_systems_says_no() -> None:
    with pytest.raises(NotAvailable, match="more than 3"):
        blocks.block_systems(symmetric(12)[:1], limit=3)
    with pytest.raises(ModuleMismatchError, match="several orbits"):
        blocks.block_systems([[1, 0, 2]])
    with pytest.raises(ModuleMismatchError, match="label the 3 points"):
        blocks.block_systems([[1, 2, 0]], suborbits=[0])
    assert not blocks.is_primitive([[1, 0, 2]])
    assert gsets.is_transitive(symmetric(5))
    assert not gsets.is_transitive(from_cycles(CUBE, 48))
