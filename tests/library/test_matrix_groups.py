"""Matrix groups, Coxeter groups and point groups against brute force and published numbers."""

from __future__ import annotations

import json
from fractions import Fraction
from math import cos, gcd, pi, sin
from typing import Any

import numpy as np
import pytest

import toolkit as tk
from toolkit.errors import NamingError, NotAvailable
from toolkit.exact import ExactMatrix
from toolkit.groups import SpaceMatrices, parse_group, spec_from_json
from toolkit.groups.specs.coxeter import Coxeter
from toolkit.groups.specs.point_groups import PointGroup, canonical_symbol, point_group

# Hermann-Mauguin, Schoenflies, order, number in the small groups library
CRYSTALLOGRAPHIC = [
    ("1", "C1", (1, 1)), ("-1", "Ci", (2, 1)), ("2", "C2", (2, 1)), ("m", "Cs", (2, 1)),
    ("2/m", "C2h", (4, 2)), ("222", "D2", (4, 2)), ("mm2", "C2v", (4, 2)), ("mmm", "D2h", (8, 5)),
    ("4", "C4", (4, 1)), ("-4", "S4", (4, 1)), ("4/m", "C4h", (8, 2)), ("422", "D4", (8, 3)),
    ("4mm", "C4v", (8, 3)), ("-42m", "D2d", (8, 3)), ("4/mmm", "D4h", (16, 11)),
    ("3", "C3", (3, 1)), ("-3", "S6", (6, 2)), ("32", "D3", (6, 1)), ("3m", "C3v", (6, 1)),
    ("-3m", "D3d", (12, 4)), ("6", "C6", (6, 2)), ("-6", "C3h", (6, 2)), ("6/m", "C6h", (12, 5)),
    ("622", "D6", (12, 4)), ("6mm", "C6v", (12, 4)), ("-6m2", "D3h", (12, 4)),
    ("6/mmm", "D6h", (24, 14)), ("23", "T", (12, 3)), ("m-3", "Th", (24, 13)),
    ("432", "O", (24, 12)), ("-43m", "Td", (24, 12)), ("m-3m", "Oh", (48, 48)),
]  # fmt: skip


def closure(matrices: np.ndarray[Any, Any]) -> list[np.ndarray[Any, Any]]:
    """All products of float matrices of a finite group."""
    one = np.eye(matrices.shape[-1])
    found, queue = {np.round(one, 5).tobytes()}, [one]
    for x in queue:
        for m in matrices:
            y = x @ m
            key = (np.round(y, 5) + 0.0).tobytes()
            if key not in found:
                found.add(key)
                queue.append(y)
    return queue


# -- point groups ----------------------------------------------------------------------------------


@pytest.mark.gap
@pytest.mark.parametrize(("international", "symbol", "number"), CRYSTALLOGRAPHIC)
def test_crystal_classes(international: str, symbol: str, number: tuple[int, int]) -> None:
    G = tk.group(f"PointGroup({international})")
    assert tk.group(f"PointGroup({symbol})") == G
    assert G.small_group_id == number
    matrices = G.space_matrices.matrices
    elements = closure(matrices)
    assert len(elements) == G.order == number[0]
    assert all(np.allclose(m @ m.T, np.eye(3), atol=1e-12) for m in matrices)
    # the crystallographic restriction: traces are integers
    traces = [np.trace(m) for m in elements]
    assert np.allclose(traces, np.round(traces))


def test_there_are_32_of_them_and_their_rotations_are_what_the_notation_says() -> None:
    assert len({symbol for _, symbol, _ in CRYSTALLOGRAPHIC}) == 32
    for _, symbol, _ in CRYSTALLOGRAPHIC:
        elements = closure(SpaceMatrices.of_exact(PointGroup(symbol).exact_matrices()).matrices)
        determinants = np.round([np.linalg.det(m) for m in elements])
        proper = symbol in ("C1", "C2", "D2", "C4", "D4", "C3", "D3", "C6", "D6", "T", "O")
        assert (determinants == 1).all() == proper
        inversion = any(np.allclose(m, -np.eye(3)) for m in elements)
        centric = ("Ci", "C2h", "D2h", "C4h", "D4h", "S6", "D3d", "C6h", "D6h", "Th", "Oh")
        assert inversion == (symbol in centric)


@pytest.mark.parametrize("n", [1, 2, 3, 5, 7, 8])
def test_molecular_point_groups_have_their_orders(n: int) -> None:
    orders = {f"C{n}": n, f"C{n}h": 2 * n, f"C{n}v": 2 * n, f"S{2 * n}": 2 * n}
    if n > 1:
        orders |= {f"D{n}": 2 * n, f"D{n}h": 4 * n, f"D{n}d": 4 * n}
    for symbol, order in orders.items():
        spec = point_group(symbol)
        assert spec.order == order
        assert len(closure(SpaceMatrices.of_exact(spec.exact_matrices()).matrices)) == order


def test_orthogonality_is_exact() -> None:
    for symbol in ("Ih", "I", "D5d", "C7v", "Oh"):
        for matrix in PointGroup(symbol).exact_matrices():
            m = ExactMatrix.of(matrix)
            assert m @ m.T == ExactMatrix.of([[int(i == j) for j in range(3)] for i in range(3)])


@pytest.mark.parametrize(
    ("name", "symbol"),
    [
        ("Oh", "Oh"), ("Td", "Td"), ("Ih", "Ih"), ("Th", "Th"), ("D3h", "D3h"), ("C2v", "C2v"),
        ("D_{3h}", "D3h"), ("C_3v", "C3v"), ("Cs", "Cs"), ("Ci", "Ci"), ("C3i", "S6"),
        ("PointGroup(S4)", "S4"), ("PointGroup(D4)", "D4"), ("PointGroup(4/m m m)", "D4h"),
        ("PointGroup(S3)", "C3h"), ("PointGroup(Vd)", "D2d"), ("PointGroup(I)", "I"),
    ],
)  # fmt: skip
def test_spellings(name: str, symbol: str) -> None:
    spec = parse_group(name)
    assert spec == PointGroup(symbol)
    assert parse_group(spec.name) == spec
    assert spec_from_json(json.loads(json.dumps(spec.to_json()))) == spec


def test_bare_names_keep_their_meaning() -> None:
    assert parse_group("D4").name == "D4"
    assert parse_group("S4").name == "S4"
    assert parse_group("C4").name == "C4"


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("PointGroup(X3)", "not a known symbol of a finite point group"),
        ("PointGroup(Cinfv)", "the group is infinite"),
        ("PointGroup(D5v)", "not a known symbol of a finite point group"),
        ("PointGroup(C9999)", "with n up to 2,000"),
        ("D5v", "not a known symbol of a finite point group"),
    ],
)
def test_what_is_no_point_group(name: str, problem: str) -> None:
    with pytest.raises(NamingError, match=problem):
        parse_group(name)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("T", "PointGroup(T)"), ("O", "PointGroup(O)"), ("I", "PointGroup(I)"),
        ("Vh", "PointGroup(Vh)"), ("PointGroup", "PointGroup(m-3m)"), ("W", "W(I2(7))"),
    ],
)  # fmt: skip
def test_hints_can_be_followed(name: str, hint: str) -> None:
    with pytest.raises(NamingError) as caught:
        parse_group(name)
    assert hint in str(caught.value)
    assert parse_group(parse_group(hint).name) == parse_group(hint)


def test_symbols_are_canonical() -> None:
    assert canonical_symbol("C4i") is None
    with pytest.raises(NamingError, match="not a canonical"):
        PointGroup("S3")


# -- Coxeter groups --------------------------------------------------------------------------------

COXETER = [
    ("W(A4)", 120), ("W(B3)", 48), ("W(C3)", 48), ("W(D4)", 192), ("W(D5)", 1920),
    ("W(E6)", 51_840), ("W(E7)", 2_903_040), ("W(E8)", 696_729_600), ("W(F4)", 1152), ("W(G2)", 12),
    ("W(H3)", 120), ("W(H4)", 14_400), ("W(I2(7))", 14), ("W(A2) x W(B3)", 288),
]  # fmt: skip
ROOTS = {"A2": 6, "A4": 20, "B3": 18, "C3": 18, "D4": 24, "D5": 40, "E6": 72, "E7": 126, "E8": 240,
         "F4": 48, "G2": 12, "H3": 30, "H4": 120, "I2(7)": 14}  # fmt: skip


@pytest.mark.gap
@pytest.mark.parametrize(("name", "order"), COXETER)
def test_coxeter_groups_act_on_their_roots(name: str, order: int) -> None:
    G = tk.group(name)
    X = G.natural_module()
    roots = sum(ROOTS[part[2:-1]] for part in name.split(" x "))
    assert X.degree == roots
    # found again from the permutations alone
    found = G.session.ask_gap(
        "permutation_order", {"images": [X.images.tolist()]}, subject="reflections"
    )
    assert found == [order]
    assert parse_group(parse_group(name).name) == G.spec


@pytest.mark.parametrize(
    "spec",
    [Coxeter("A", 4), Coxeter("B", 3), Coxeter("C", 3), Coxeter("D", 4), Coxeter("F", 4),
     Coxeter("G", 2), Coxeter("H", 3), Coxeter("I", 2, 7), Coxeter("I", 2, 12)],
)  # fmt: skip
def test_simple_reflections_satisfy_the_relations_exactly(spec: Coxeter) -> None:
    reflections = [ExactMatrix.of(m) for m in spec.exact_matrices()]
    n = spec.rank
    one = ExactMatrix.of([[int(i == j) for j in range(n)] for i in range(n)])

    def power(m: ExactMatrix) -> int:
        count, x = 1, m
        while x != one:
            x, count = x @ m, count + 1
        return count

    bonds = []
    for i in range(n):
        assert power(reflections[i]) == 2
        for j in range(i):
            m = power(reflections[j] @ reflections[i])
            bonds += [m] * (m > 2)
    expected = {"A": [3] * (n - 1), "B": [3] * (n - 2) + [4], "C": [3] * (n - 2) + [4],
                "D": [3] * (n - 1), "F": [3, 3, 4], "G": [6], "H": [3] * (n - 2) + [5],
                "I": [spec.angle]}[spec.letter]  # fmt: skip
    assert sorted(bonds) == sorted(expected)
    if spec.order < 2000:
        assert len(closure(SpaceMatrices.of_exact(spec.exact_matrices()).matrices)) == spec.order


@pytest.mark.gap
def test_the_largest_one_answers_facts_and_layers() -> None:
    G = tk.group("W(E8)")
    assert G.order == 696_729_600
    assert not G.has_table
    X = G.natural_module()
    # inner products of two roots: 2, 1, 0, -1, -2
    assert X.rank == 5
    assert tk.layer_basis(X).dimension == 5
    with pytest.raises(NotAvailable, match="696"):
        _ = G.character_table


@pytest.mark.parametrize("name", ["W(E9)", "W(E5)", "W(D1)", "W(A31)", "W(I2(1))", "W(X2)"])
def test_what_is_no_coxeter_group(name: str) -> None:
    with pytest.raises(NamingError):
        parse_group(name)


# -- matrices --------------------------------------------------------------------------------------


@pytest.mark.gap
@pytest.mark.parametrize(
    ("name", "order"),
    [
        ("<[[0,1],[1,0]]>", 2),
        ("<[[0,-1],[1,0]] | Z>", 4),
        ("<[[1/2,3/4],[-1,1/2]] | Q>", 6),
        ("<[[E(3),0],[0,E(3)^2]], [[0,1],[1,0]]>", 6),
        ("<[[1/2*E(8)-1/2*E(8)^3,1/2*E(8)-1/2*E(8)^3],[-1/2*E(8)+1/2*E(8)^3,"
         "1/2*E(8)-1/2*E(8)^3]] | CF(8)>", 8),
    ],
)  # fmt: skip
def test_names_of_matrices(name: str, order: int) -> None:
    G = tk.group(name)
    assert G.order == order == len(closure(G.space_matrices.matrices))
    assert parse_group(G.name) == G.spec
    assert spec_from_json(json.loads(json.dumps(G.spec.to_json()))) == G.spec


def unimodular(rng: np.random.Generator, n: int) -> tuple[list[list[int]], list[list[int]]]:
    """An integer matrix of determinant 1 and its inverse."""
    m, inverse = np.eye(n, dtype=int), np.eye(n, dtype=int)
    for _ in range(4):
        i, j = rng.permutation(n)[:2]
        step, back = np.eye(n, dtype=int), np.eye(n, dtype=int)
        step[i, j], back[i, j] = 1, -1
        m, inverse = m @ step, back @ inverse
    return m.tolist(), inverse.tolist()


@pytest.mark.gap
@pytest.mark.parametrize("name", ["W(B3)", "W(A3)", "W(G2)", "W(D4)"])
def test_integer_matrices_in_another_basis(name: str) -> None:
    rng = np.random.default_rng(len(name))
    given = tk.group(name).space_matrices.matrices.astype(int)
    m, inverse = map(np.array, unimodular(rng, given.shape[-1]))
    changed = [m @ g @ inverse for g in given]
    G = tk.group_from_matrices(changed)
    assert G.order == tk.group(name).order == len(closure(np.array(changed)))
    assert np.array_equal(G.space_matrices.matrices, changed)
    # words have the same order as matrices and as permutations of vectors
    images = G.natural_module().images
    for _ in range(8):
        word = rng.integers(0, len(changed), 5)
        matrix, points = np.eye(len(m), dtype=int), np.arange(images.shape[1])
        for letter in word:
            matrix, points = matrix @ changed[letter], images[letter][points]
        power, step = np.eye(len(m), dtype=int), 0
        while step == 0 or not np.array_equal(power, np.eye(len(m))):
            power, step = power @ matrix, step + 1
        moved, count = points, 1
        while not np.array_equal(moved, np.arange(len(moved))):
            moved, count = points[moved], count + 1
        assert count == step


@pytest.mark.parametrize("symbol", ["Ih", "Oh", "D5h", "C7v", "S8", "Td"])
def test_floats_in_another_basis(symbol: str) -> None:
    spec = PointGroup(symbol)
    rng = np.random.default_rng(5)
    change = rng.normal(size=(3, 3))
    exact = SpaceMatrices.of_exact(spec.exact_matrices()).matrices
    given = change @ exact @ np.linalg.inv(change)
    G = tk.group_from_matrices(given, name=f"{symbol} askew")
    assert repr(G) == f"<group {symbol} askew>"
    space = G.space_matrices
    assert space.exact is None
    assert 0 < space.residual < 1e-9
    assert np.array_equal(space.matrices, given)


@pytest.mark.gap
def test_floats_and_exact_numbers_give_one_group() -> None:
    c, s = cos(2 * pi / 7), sin(2 * pi / 7)
    floats = tk.group_from_matrices([[[c, s], [-s, c]], [[1, 0], [0, -1]]])
    assert floats.order == 14
    assert floats.natural_module().degree == 7
    assert tk.group("PointGroup(C7v)").small_group_id == floats.small_group_id


@pytest.mark.gap
def test_complex_matrices_become_real_ones_of_twice_the_size() -> None:
    quaternion = [[[1j, 0], [0, -1j]], [[0, 1], [-1, 0]]]
    floats = tk.group_from_matrices(quaternion)
    exact = tk.group_from_matrices([[["E(4)", 0], [0, "-E(4)"]], [[0, 1], [-1, 0]]])
    for G in (floats, exact):
        assert G.small_group_id == (8, 4)
        assert G.space_matrices.dimension == 4
        assert len(closure(G.space_matrices.matrices)) == 8
    assert np.array_equal(floats.space_matrices.matrices, exact.space_matrices.matrices)


@pytest.mark.gap
def test_finite_fields() -> None:
    over_4 = tk.group_from_matrices([[["z", 0], [0, 1]], [[0, 1], [1, 0]]], field=4)
    assert over_4.order == 18
    over_5 = tk.group_from_matrices([[[1, 1], [0, 1]], [[0, -1], [1, 0]]], field="GF(5)")
    assert over_5.order == 120
    with pytest.raises(NotAvailable, match="no matrices over the real numbers"):
        _ = over_5.space_matrices


@pytest.mark.gap
@pytest.mark.parametrize(
    ("matrices", "problem"),
    [
        ([[[1, 1], [0, 1]]], r"infinite: the matrix 0 \(counted from 0\) has infinite order"),
        ([[[0, -1], [1, 0]], [[0, -1], [1, 1]]], "the product of the matrices 0, 1"),
        ([[[2, 0], [0, 1]]], "determinant that is not a root of unity"),
        ([[["3/5", "4/5"], ["-4/5", "3/5"]]], "has infinite order"),
    ],
)
def test_infinite_groups_are_refused_with_a_reason(matrices: Any, problem: str) -> None:
    with pytest.raises(NamingError, match=problem) as caught:
        tk.group_from_matrices(matrices)
    assert "infinite" in str(caught.value)


@pytest.mark.parametrize(
    ("matrices", "problem"),
    [
        ([], "at least one matrix"),
        ([[1, 0], [0, 1]], r"one matrix is given as \[\[\[0, 1\], \[1, 0\]\]\]"),
        ("S4", "a list of square matrices"),
        ([[[1, 2], [3]]], "all must be square and of one size"),
        ([[[1]], [[1, 0], [0, 1]]], "all must be square and of one size"),
        ([[[float("nan"), 0], [0, 1]]], "not a finite number"),
        ([[[1, 1], [1, 1]]], "singular"),
        ([[[0.5, 0.5], [0.5, 0.5]]], "singular"),
        ([[[0.5, 0.25], [0, 2]]], "an eigenvalue of absolute value 2"),
        ([[[True, 0], [0, 1]]], "True or False"),
        ([[["x", 0], [0, 1]]], "must be a whole number"),
        ([[[object(), 0], [0, 1]]], "is not a number"),
        ([[[1 / 3, Fraction(1, 3)], [0, 1]]], "eigenvalue of absolute value 0.3333"),
    ],
)
def test_bad_matrices_are_one_sentence(matrices: Any, problem: str) -> None:
    with pytest.raises(NamingError, match=problem):
        tk.group_from_matrices(matrices)


def test_an_irrational_rotation_is_not_decided() -> None:
    turn = [[cos(1), sin(1)], [-sin(1), cos(1)]]
    for limit in (50, 500):
        with pytest.raises(NamingError, match=f"not decided within {limit} vectors") as caught:
            tk.group_from_matrices([turn], max_vectors=limit)
        assert "infinite" not in str(caught.value)
        assert "max_vectors raises" in str(caught.value)
    # what is asked for is what is decided: a 500th part of a turn
    turn = [[cos(pi / 250), sin(pi / 250)], [-sin(pi / 250), cos(pi / 250)]]
    with pytest.raises(NamingError, match="not decided within 499 vectors"):
        tk.group_from_matrices([turn], max_vectors=499)
    assert tk.group_from_matrices([turn], max_vectors=500).spec.degree == 500  # type: ignore[attr-defined]


def test_vectors_too_close_to_tell_are_refused() -> None:
    a = 2 * pi / 5 + 1e-6
    with pytest.raises(NamingError, match="neither within the tolerance"):
        tk.group_from_matrices([[[cos(a), sin(a)], [-sin(a), cos(a)]]])
    a = 2 * pi / 5 + 1e-9
    G = tk.group_from_matrices([[[cos(a), sin(a)], [-sin(a), cos(a)]]])
    assert 1e-10 < G.space_matrices.residual < 1e-8


@pytest.mark.gap
def test_limits_of_exact_matrices_can_be_raised() -> None:
    name = "<[[0,1,0,0],[0,0,1,0],[0,0,0,1],[1,0,0,0]], [[-1,0,0,0],[0,1,0,0],[0,0,1,0],[0,0,0,1]]>"
    matrices = list(tk.group(name).space_matrices.matrices)
    with pytest.raises(NamingError, match=r"not decided within 7 vectors .* max_vectors raises"):
        tk.group_from_matrices(matrices, max_vectors=7)
    assert tk.group_from_matrices(matrices, max_vectors=8).order == 64


# -- linear groups on lines, and integers of any length --------------------------------------------


@pytest.mark.gap
@pytest.mark.parametrize(("q", "projective"), [(101, "PSL"), (67, "PGL")])
@pytest.mark.quick_cases(1)
def test_projective_groups_act_on_lines(q: int, projective: str) -> None:
    G = tk.group(f"{projective}(2,{q})")
    order = q * (q * q - 1)
    X = G.natural_module()
    assert X.degree == q + 1
    # the orbit of a pair of lines is all pairs
    images = X.images.tolist()
    found, queue = {(0, 1)}, [(0, 1)]
    for a, b in queue:
        for image in images:
            pair = image[a], image[b]
            if pair not in found:
                found.add(pair)
                queue.append(pair)
    assert len(found) == q * (q + 1)
    assert G.order == order // (gcd(2, q - 1) if projective == "PSL" else 1)


@pytest.mark.gap
def test_orders_of_thousands_of_digits_are_a_typed_answer() -> None:
    with pytest.raises(NotAvailable, match="more than 4000 digits"):
        _ = tk.group("PrimitiveGroup(2000,4)").order


def test_integers_of_any_length_are_read() -> None:
    from toolkit.gap.worker import _loads

    assert _loads(b'{"a":[1,-2]}') == ({"a": [1, -2]}, 0)
    data, digits = _loads(b'{"a":[1,-' + b"7" * 9001 + b"]}")
    assert digits == 9001
    assert data["a"] == [1, -(10**9001 - 1) // 9 * 7]
