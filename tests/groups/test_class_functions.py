"""Class functions: laws, both routes, restriction and the like beside modules, bad input."""

from __future__ import annotations

import itertools
import math
import random
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import pytest

import toolkit as tk
from toolkit.errors import ClassFunctionError, ModuleMismatchError, NotAvailable
from toolkit.exact import Cyclotomic, simplified
from toolkit.groups.class_functions import space as space_module

if TYPE_CHECKING:
    from toolkit.groups.class_functions.class_function import ClassFunction

NAMES = ("C1", "C6", "S3", "Q8", "D12", "A5", "SL(2,3)", "C7:C3", "S5")


def group(name: str) -> tk.Group:
    return tk.group("<(1,2,3,4,5,6,7),(2,3,5)(4,7,6)>" if name == "C7:C3" else name)


def forgotten(f: ClassFunction) -> ClassFunction:
    """Return the same function with nothing known of it."""
    return replace(f)


@pytest.mark.parametrize("name", NAMES)
def test_two_routes(name: str) -> None:
    """By multiplicities modulo a prime, and value by value with cyclotomic arithmetic."""
    G = group(name)
    rng = random.Random(name)
    chars = G.characters
    f = sum((rng.randint(-2, 3) * chi for chi in chars), 0 * chars[0])
    one, two = forgotten(f), forgotten(chars[-1])
    assert f._known is not None
    assert one._known is None
    assert one == f
    assert hash(one) == hash(f)
    assert one * two == f * chars[-1]
    assert one + two == f + chars[-1]
    assert one - two == f - chars[-1]
    assert f + 2 == one + 2
    assert (f + 2).complex_multiplicities == forgotten(f + 2).complex_multiplicities
    assert 3 - f == -(one - 3)
    assert one**3 == f * f * f
    assert one.inner_product(two) == f.inner_product(chars[-1])
    no = replace(f)
    no.__dict__["_virtual"] = None  # as for a function that is no virtual character
    for k in range(4):
        assert no.symmetric_power(k) == f.symmetric_power(k)
        assert no.exterior_power(k) == f.exterior_power(k)
    for shape in [(2, 1), (2, 2), (3, 1, 1)]:
        assert no.schur_functor(shape) == f.schur_functor(shape)
    assert (f * Cyclotomic.root_of_unity(5)).inner_product(f) == simplified(
        f.norm * Cyclotomic.root_of_unity(5)
    )
    assert (f / 3 * 3, np.int64(2) * f, f * np.int64(2)) == (f, f + f, f + f)


@pytest.mark.parametrize("name", NAMES)
def test_laws(name: str) -> None:
    G = group(name)
    chars = G.characters
    for a, b in itertools.product(chars, repeat=2):
        assert forgotten(a).inner_product(forgotten(b)) == int(a is b)
    regular = G.regular_character
    assert regular == sum((chi.degree * chi for chi in chars), 0 * chars[0])
    assert {chi.frobenius_schur_indicator() for chi in chars} <= {1, 0, -1}
    assert tuple(chi.frobenius_schur_indicator() for chi in chars) == G.character_table.indicators
    for chi, d in zip(chars, G.character_table.degrees, strict=True):
        assert chi.is_irreducible
        assert chi.field_of_values.degree == len(set(chi.galois_conjugates))
        assert all(psi.is_irreducible for psi in chi.galois_conjugates)
        assert chi.dual == chi.conjugate()
        assert chi.symmetric_square + chi.alternating_square == chi * chi
        assert chi.symmetric_square - chi.alternating_square == chi.adams(2)
        assert chi.adams(-1) == chi.conjugate()
        assert chi.adams(7).adams(5) == chi.adams(35)
        assert chi.is_linear == (chi.degree == 1)
        assert chi.determinant.is_linear
        # Lambda^k for k = d - 1 is the dual times the determinant, and Lambda^k = 0 beyond d
        assert chi.exterior_power(d - 1) == chi.conjugate() * chi.determinant
        assert chi.exterior_power(d + 1) == 0 * chi
        assert chi.symmetric_power(5).degree == math.comb(d + 4, 5)
        for c, order in enumerate(G.character_table.element_orders):
            turns = chi.eigenvalues(c)
            assert sum(turns) == d
            root = Cyclotomic.root_of_unity(order)
            assert simplified(sum((m * root**j for j, m in enumerate(turns)), root * 0)) == chi[c]
        big = sum(chars, 0 * chi) * 3 + chi  # too large for the exterior power
        assert (
            big.determinant
            == math.prod((c.determinant for c in chars), start=chars[0]) ** 3 * chi.determinant
        )


@pytest.mark.parametrize("name", NAMES)
def test_real_simples(name: str) -> None:
    G = group(name)
    for L in G.simples:
        chi = L.character
        assert chi == G.character(L.label)
        assert chi.real_multiplicities == {L.label: 1}
        assert chi.norm == {"R": 1, "C": 2, "H": 4}[L.type]
        assert (chi.kernel, chi.kernel_order, chi.degree) == (L.kernel, L.kernel_order, L.dimension)
        assert G.real_simple(chi) is L
        assert G.real_simple(L.label) is L
        for i in L.constituents:
            assert G.real_simple(f"X{i}") is L
            assert G.real_simple(G.character(i)) is L
    total = sum((L.character for L in G.simples), 0 * G.character(0))
    assert total.real_multiplicities == {L.label: 1 for L in G.simples}


@pytest.mark.gap
@pytest.mark.parametrize("name", ["S4", "SL(2,3)", "D12", "A5"])
def test_modules_and_their_characters(name: str) -> None:
    """What is done to a module is done to its character."""
    G = tk.group(name)
    modules = [G.regular_module(), *G.permutation_modules(max_index=8)]
    X, Y = modules[-1], modules[-2]
    for module in modules:
        assert module.character is not None
        assert module.character == module.traces
        assert module.character.real_multiplicities == module.multiplicities
    a, b = X.character, Y.character
    assert a is not None
    assert b is not None
    assert a.home is G
    assert (X + Y).character == a + b
    assert (X * Y).character == a * b
    assert (X**2).multiplicities == (a * a).real_multiplicities
    assert tk.hom_dimension(X, Y) == a.inner_product(b)
    for c in list(G.subgroup_classes())[:6]:
        assert G.permutation_character(c) == G.coset_module(c).character
        below = tk.restrict(Y, c)
        down = tk.restrict(b, c)
        assert below.character == down
        assert down.home == below.home
        assert tk.induce(down, G, c) == b * G.permutation_character(c)  # the tensor identity
        if G.order * Y.degree // c.order <= 400:
            assert tk.induce(below, G, c).character == tk.induce(down, G, c)


@pytest.mark.gap
def test_inflation() -> None:
    S4, S3 = tk.group("S4"), tk.group("S3")
    # S4 -> S3 on the three pairs of opposite edges
    pairs = [frozenset((frozenset((0, k)), frozenset({1, 2, 3} - {k}))) for k in (1, 2, 3)]
    projection = []
    for g in S4.facts.generators:
        image = g["perm"]  # type: ignore[index]
        moved = [frozenset(frozenset(image[x] for x in e) for e in pair) for pair in pairs]
        projection.append([pairs.index(pair) for pair in moved])
    for chi in S3.characters:
        up = tk.inflate(chi, S4, projection)
        assert up.is_irreducible
        assert up.kernel_order == 4 * chi.kernel_order
    X = S3.natural_module()
    assert X.character is not None
    assert tk.inflate(X, S4, projection).character == tk.inflate(X.character, S4, projection)


@pytest.mark.gap
def test_large_groups() -> None:
    M24 = tk.group("M24")
    chi = M24.natural_module().character
    assert chi is not None
    below = tk.restrict(chi, [M24.character_table.representatives[-1]])
    assert below.inner_product(below**0) == 2  # cycles of an element of order 23
    assert tk.induce(below, M24, [M24.character_table.representatives[-1]]).degree == (
        24 * M24.order // 23
    )
    monster = tk.group("Table(M)")
    V = monster.character("X1")
    assert V.degree == 196883
    # the two halves of the square of the Griess algebra's representation
    halves = (
        (V.symmetric_square, [1, 196883, 842609326, 18538750076]),
        (
            V.alternating_square,
            [21296876, 19360062527],
        ),
    )
    for half, degrees in halves:
        found = half.complex_multiplicities
        assert [monster.character(label).degree for label in found] == degrees
        assert set(found.values()) == {1}
    with pytest.raises(NotAvailable, match="elements and the character table are both needed"):
        tk.restrict(V, [])


def test_many_classes(monkeypatch: pytest.MonkeyPatch) -> None:
    G = tk.group("C30")
    known = G.character(3) * G.character(4)
    monkeypatch.setattr(space_module, "MOST_CLASSES", 20)
    assert known == G.character(3) * G.character(4)
    assert G.character(3).symmetric_power(2) == G.character(3) ** 2
    with pytest.raises(NotAvailable, match="30 classes, and class functions are decomposed"):
        _ = forgotten(known).complex_multiplicities
    assert sum(forgotten(known).inner_product(chi) == 1 for chi in G.characters) == 1  # the hint


def test_functions_that_are_no_characters() -> None:
    G = tk.group("S3")
    half = G.class_function([Fraction(1, 2), 0, 0])
    assert not half.is_virtual_character
    assert not half.is_character
    assert not half.is_irreducible
    assert half.inner_product(G.character(2)) == Fraction(1, 6)
    assert half * 2 == (1, 0, 0)
    assert not (half * 2).is_virtual_character
    assert not G.class_function([Cyclotomic.root_of_unity(5), 0, 0]).is_virtual_character
    difference = G.character(2) - G.character(1)
    assert difference.is_virtual_character
    assert not difference.is_character
    assert difference.complex_multiplicities == {"X1": -1, "X2": 1}
    assert difference.determinant == G.character(0)
    assert (0 * difference).complex_multiplicities == {}
    assert G.class_function([0, 0, 0]).norm == 0
    # a class's indicator function, by column orthogonality
    class_of_three = G.class_function([0, 0, 1])
    assert class_of_three * 3 == sum(
        (chi[2].conjugate() * chi for chi in G.characters), 0 * class_of_three
    )


def test_values_as_texts_are_those_of_the_table() -> None:
    for name in ("C5", "SL(2,3)", "A5"):
        G = tk.group(name)
        for chi in G.characters:
            assert G.class_function([str(x) for x in chi]) == chi
    halves = tk.group("S3").class_function(["1/2", "-1/2", "0"])
    assert list(halves * 2) == [1, -1, 0]


def test_values_by_name_and_number() -> None:
    chi = tk.group("S4").character("X3")
    assert (chi["4a"], chi[0], len(chi), list(chi)) == (-1, 3, 5, [3, -1, 1, 0, -1])
    assert chi.to_numpy().tolist() == [3, -1, 1, 0, -1]
    assert tk.group("S4").character_table[3] == chi
    assert [c.degree for c in tk.group("S4").character_table] == [1, 1, 2, 3, 3]


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda G: G.class_function([1, 2]), ClassFunctionError, "has 3 classes, one value"),
        (lambda G: G.class_function([1.0, 2, 3]), ClassFunctionError, "are exact.*1.0"),
        (lambda G: G.class_function(["1)", 2, 3]), ClassFunctionError, r"'1\)' .*a sum of"),
        (lambda G: G.class_function(["0.5", 2, 3]), ClassFunctionError, "'0.5' .*a sum of"),
        (lambda G: G.class_function(["1/0", 2, 3]), ClassFunctionError, "must not be 0"),
        (lambda G: G.class_function("123"), ClassFunctionError, "the text '123'"),
        (lambda G: G.character("X9"), KeyError, "X0 to X2 .*L0 to L2"),
        (lambda G: G.character("L9"), KeyError, "L0 to L2"),
        (lambda G: G.character(-1), KeyError, "X0 to X2"),
        (lambda G: G.character("2"), KeyError, "X0 to X2"),
        (lambda G: G.character(0)["5a"], KeyError, "1a, 2a, 3a"),
        (lambda G: G.character(0) * 0.5, ClassFunctionError, "exact numbers"),
        (lambda G: G.character(0) ** -1, ClassFunctionError, "k >= 0"),
        (lambda G: G.character(0).symmetric_power(-1), ClassFunctionError, "k >= 0"),
        (lambda G: G.character(0).schur_functor((1, 2)), ClassFunctionError, "non-increasing"),
        (lambda G: G.character(0).schur_functor((1, 0)), ClassFunctionError, "positive"),
        (
            lambda G: G.character(0) + tk.group("S4").character(0),
            ClassFunctionError,
            "one of S3 and one of S4",
        ),
        (lambda G: G.character(0).inner_product(1), ClassFunctionError, "class function is req"),
        (
            lambda G: G.class_function([1, 0, 0]).complex_multiplicities,
            ClassFunctionError,
            "is not one",
        ),
        (lambda G: (G.character(0) - G.character(1)).kernel, ClassFunctionError, "is not one"),
        (lambda G: G.real_simple(G.character(0) * 2), ClassFunctionError, "one simple"),
        (
            lambda G: G.class_function([Cyclotomic.root_of_unity(5)] * 3).galois_conjugate(5),
            ClassFunctionError,
            "prime to the conductor, found 5",
        ),
        (
            lambda G: tk.group("C3").character(1).real_multiplicities,
            ClassFunctionError,
            "conjugate",
        ),
        (
            lambda G: tk.restrict(G.character_table.character(0), [[1, 0, 2]]),
            ClassFunctionError,
            "from a table only",
        ),
    ],
)
def test_one_clear_sentence(make, error: type[Exception], words: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(error, match=words):
        make(tk.group("S3"))


@pytest.mark.gap
def test_embeddings_that_are_none() -> None:
    S3, C3, C2 = tk.group("S3"), tk.group("C3"), tk.group("C2")
    for elements, words in (
        ([[1, 0, 2]], "break a relation"),
        ([[0, 1, 2]], "not injective"),
        ([], "needs the images of its 1 generators"),
    ):
        with pytest.raises(ModuleMismatchError, match=words):
            tk.induce(C3.character(1), S3, elements)
    with pytest.raises(ModuleMismatchError, match="images of its 2 generators"):
        tk.inflate(C2.character(1), S3, [{"word": [0]}])
    with pytest.raises(ModuleMismatchError, match="no homomorphism"):
        tk.inflate(C3.character(1), S3, [{"word": [0]}, {"word": [0]}])
    trivial = tk.restrict(S3.character(2), [])
    assert trivial.values == (2,)
    assert tk.induce(trivial, S3, []) == 2 * S3.regular_character


def test_high_powers_come_at_once_or_with_a_sentence() -> None:
    chi = tk.group("S4").character("X3")
    for k in (4, 10**6, 10**15):
        assert chi.exterior_power(k) == 0 * chi
    assert forgotten(chi).exterior_power(10**9) == 0 * chi
    assert chi.exterior_power(3).degree == 1
    with pytest.raises(ClassFunctionError, match="formed up to 2,000, not 1,000,000,000"):
        chi.symmetric_power(10**9)
    with pytest.raises(ClassFunctionError, match="formed up to 2,000"):
        chi.schur_functor((10**9, 1))
    with pytest.raises(ClassFunctionError, match="formed up to 2,000"):
        (chi - chi * chi).exterior_power(10**9)
    sign = tk.group("S4").character("X1")
    assert (sign.symmetric_power(10**12 + 1), sign.symmetric_power(10**12)) == (sign, sign**0)
    turn = tk.group("C7").character("X1")
    assert all(turn.symmetric_power(k) == turn**k for k in range(9))


def test_unknown_labels_are_errors_of_the_toolkit() -> None:
    G = tk.group("S4")
    for ask in (
        lambda: G.character("X9"),
        lambda: G.real_simple("L9"),
        lambda: G.character("X3")["9z"],
    ):
        with pytest.raises(tk.errors.UnknownLabelError, match=r"^S4 has the ") as caught:
            ask()
        assert isinstance(caught.value, KeyError)
    with pytest.raises(ZeroDivisionError):
        G.character("X3") / 0
