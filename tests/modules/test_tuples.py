"""Equality patterns of tuples, and orbitals that are proved by invariants of tuples."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import toolkit as tk
from toolkit.modules.gsets.equality_patterns import TupleTerms, patterns
from toolkit.modules.gsets.orbitals import Orbitals
from toolkit.modules.tuple_invariants import tuple_invariant
from toolkit.modules.tuples import tuple_space

KINDS = [
    ((0,), (0,)),
    ((0, 0), (0, 0)),
    ((0, 0), (0,)),
    ((), (0, 0)),
    ((0, 0, 0), ()),
    ((0, 1), (0, 1)),
    ((0, 0, 1), (0, 1, 1)),
    ((0, 0, 0), (0, 0)),
]


def pattern_of(sets: tuple[int, ...], values: tuple[int, ...]) -> tuple[int, ...]:
    seen: dict[int, list[int]] = {}
    out = []
    for own, value in zip(sets, values, strict=True):
        there = seen.setdefault(own, [])
        if value not in there:
            there.append(value)
        out.append(there.index(value))
    return tuple(out)


@pytest.mark.parametrize(("target", "source"), KINDS)
def test_patterns_are_those_of_all_tuples_by_first_occurrence(
    target: tuple[int, ...], source: tuple[int, ...]
) -> None:
    sets = target + source
    for n in range(1, len(sets) + 2):
        found = [pattern_of(sets, v) for v in itertools.product(range(n), repeat=len(sets))]
        expected = list(dict.fromkeys(found))
        terms = TupleTerms(target, source)
        exists = terms.has_sizes([n] * (max(sets) + 1))
        assert expected == [p for p, e in zip(terms.patterns, exists, strict=True) if e]
    assert exists.all()


def test_bell_numbers() -> None:
    assert [len(patterns((0,) * k)) for k in range(7)] == [1, 1, 2, 5, 15, 52, 203]
    assert len(patterns((0, 1, 0, 1))) == 4


@pytest.mark.parametrize(("target", "source"), [*KINDS, ((0, 0, 0), (0, 0, 0))])
def test_zeta_and_its_inverse(target: tuple[int, ...], source: tuple[int, ...]) -> None:
    terms = TupleTerms(target, source)
    assert np.array_equal(terms.zeta @ terms.moebius, np.eye(terms.count, dtype=int))
    assert abs(round(np.linalg.det(terms.from_components))) == 1
    assert sorted(terms.term_order.tolist()) == list(range(terms.count))


@pytest.mark.parametrize(
    ("name", "order_in", "order_out"),
    [("S3", 2, 2), ("S5", 2, 2), ("S4", 3, 1), ("A6", 2, 2), ("S5", 0, 2), ("S5", 2, 0)],
)
def test_patterns_are_the_orbitals(name: str, order_in: int, order_out: int) -> None:
    V = tk.group(name).natural_module()
    X, Y = V**order_in, V**order_out
    space = tuple_space(Y, X)
    plain = Orbitals(Y.images, X.images)
    assert space is not None
    assert space.count == plain.count
    # the numbers of the orbitals are those of the patterns
    sets, n = space.terms.target + space.terms.source, V.degree
    exists = [p for p, e in zip(space.terms.patterns, space.has_points, strict=True) if e]
    for y, x in plain.representatives.tolist():
        there = np.unravel_index(y, (n,) * order_out) if order_out else ()
        here = np.unravel_index(x, (n,) * order_in) if order_in else ()
        label = int(plain.labels[y, x])
        assert pattern_of(sets, (*map(int, there), *map(int, here))) == exists[label]


def test_other_groups_have_more_orbitals_than_patterns() -> None:
    for name in ("C4", "D8", "A4", "C2 wr C2"):
        X = tk.group(name).natural_module() ** 2
        space = tuple_space(X, X)
        assert space is not None
        assert space.count < X.hom_basis(X).count
    V, W = tk.group("S4").natural_module(), tk.group("S3").natural_module()
    assert tuple_space(V + V, V + V) is not None  # one set of 8 points, with too many orbitals
    assert tuple_space(V + V, V) is None
    matrices = tuple_space(V.outer(W), V.outer(W))
    assert matrices is not None
    assert matrices.terms.count == 4
    assert tuple_space(V**4, V**4) is None


@pytest.mark.parametrize("name", ["C2 wr S3", "S3 wr S2", "D8", "C5", "S4", "SL(2,3)"])
@pytest.mark.parametrize("kind", ["square", "mixed", "outer"])
def test_invariants_change_no_orbital(name: str, kind: str) -> None:
    """With and without them, on groups that they tell everything about and on others."""
    V = tk.group(name).natural_module()
    W = tk.group("S3").natural_module()
    X, Y = {"square": (V**2, V**2), "mixed": (V * V, V), "outer": (V.outer(W), V.outer(W))}[kind]
    invariant = tuple_invariant(Y, X)
    assert invariant is not None
    plain, proved = Orbitals(Y.images, X.images), X.hom_basis(Y)
    assert np.array_equal(plain.labels, proved.labels)
    for y in range(0, Y.degree, 3):  # the group keeps it
        values = invariant(y, np.arange(X.degree))
        for g, h in zip(Y.images, X.images, strict=True):
            assert np.array_equal(invariant(int(g[y]), h[np.arange(X.degree)]), values)


def test_two_hundred_points_are_proved_at_once() -> None:
    X = tk.group("S200").natural_module() ** 2
    orbitals = X.hom_basis(X)
    assert (orbitals.count, orbitals.certificate) == (15, "bound")
    assert orbitals.sizes.sum() == 200**4
    X = tk.group("C2 wr S40").natural_module() ** 2
    assert X.hom_basis(X).certificate == "bound"
    assert (
        tk.group("S50")
        .natural_module()
        .outer(X)
        .hom_basis(tk.group("S50").natural_module().outer(X))
        .certificate
        == "bound"
    )
    assert (tk.group("S8").natural_module() ** 3).rank == 203
