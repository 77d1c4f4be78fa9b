"""Products, powers and sums of modules: points, characters, counts; nothing formed too early."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import bruteforce
import numpy as np
import pytest

import toolkit as tk
from toolkit.errors import InconsistentAnswerError, ModuleMismatchError, NotAvailable
from toolkit.library import Session
from toolkit.library.questions import QUESTIONS, check_stored
from toolkit.modules.module import direct_sum
from toolkit.modules.permutation_character import multiplicities_of_character
from toolkit.modules.products import diagonal_images, outer_images
from toolkit.settings import Settings
from toolkit.store import AnswerKey

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def offline(tmp_path: Path) -> Iterator[Session]:
    """A session that knows nothing and may ask nobody."""
    settings = Settings.from_environment({"PLREP_CACHE_DIR": str(tmp_path), "PLREP_OFFLINE": "1"})
    with Session(settings, use_bundled=False) as made:
        yield made


def test_points_of_a_diagonal_product() -> None:
    X = tk.group("S4").natural_module()
    Y = tk.group("S4").coset_module("H4b")
    P = X * Y
    assert (P.degree, P.product, P.factors) == (24, "diagonal", (X, Y))
    for g, (x, y) in itertools.product(range(2), itertools.product(range(4), range(6))):
        assert P.images[g, 6 * x + y] == 6 * X.images[g, x] + Y.images[g, y]


def test_points_of_an_outer_product() -> None:
    X = tk.group("S4").natural_module()
    Y = tk.group("C6").natural_module()
    P = X.outer(Y)
    assert (P.group, P.product, P.factors) == ("S4 x C6", "outer", (X, Y))
    assert (X * Y) == P
    assert P.images.shape == (3, 24)
    for x, y in itertools.product(range(4), range(6)):
        assert P.images[0, 6 * x + y] == 6 * X.images[0, x] + y
        assert P.images[1, 6 * x + y] == 6 * X.images[1, x] + y
        assert P.images[2, 6 * x + y] == 6 * x + Y.images[0, y]


def test_products_are_flat_and_associative() -> None:
    X = tk.group("S4").natural_module()
    Y = tk.group("S4").coset_module("H8a")
    assert ((X * Y) * X).factors == (X * (Y * X)).factors == (X, Y, X)
    assert ((X * Y) * X).images.tolist() == (X * (Y * X)).images.tolist()
    C = tk.group("C3").natural_module()
    left, right = C.outer(C).outer(X), C.outer(C.outer(X))
    assert left == right
    assert left.group == "C3 x C3 x S4"
    assert [m.name for m in left.factors] == ["3 points", "3 points", "4 points"]
    assert (X + X**2).name == "4 points + (4 points)^2"
    assert ((X + Y) * X).name == "(4 points + cosets of H8a) * 4 points"


def test_images_of_trivial_groups() -> None:
    none = np.empty((0, 2), dtype=np.intp)
    assert diagonal_images([none, none]).shape == (0, 4)
    assert outer_images([none, np.array([[1, 2, 0]])]).tolist() == [[1, 2, 0, 4, 5, 3]]
    assert outer_images([none, none]).shape == (0, 4)


@pytest.mark.parametrize("name", ["S4", "C6", "A5", "D8"])
def test_characters_of_products(name: str) -> None:
    """Multiplicities by characters, counts of orbitals, and brute force agree."""
    G = tk.group(name)
    X = G.natural_module()
    for P in (X * X, X**3 if X.degree < 6 else X * X, X + X * X):
        e = {s.label: s.endomorphism_dimension for s in G.simples}
        d = {s.label: s.dimension for s in G.simples}
        assert sum(m * d[label] for label, m in P.multiplicities.items()) == P.degree
        for Y in (X, P):
            count = sum(m * Y.multiplicities.get(k, 0) * e[k] for k, m in P.multiplicities.items())
            assert count == tk.hom_dimension(P, Y) == tk.orbitals(P, Y).count
        assert P.rank == tk.hom_dimension(P, P)
        assert P.orbit_count == P.multiplicities["L0"]
    components = bruteforce.isotypic_components((X * X).images)
    theirs = sorted((c.dimension_of_simple, c.type, c.multiplicity) for c in components)
    of = {s.label: (s.dimension, s.type) for s in G.simples}
    assert sorted((*of[k], m) for k, m in (X * X).multiplicities.items()) == theirs


def test_a_power_of_a_module() -> None:
    V = tk.group("S4").natural_module()
    assert V**1 is V
    assert (V**3).images.tolist() == (V * V * V).images.tolist()
    assert (V**0).degree == 1
    assert (V**0 * V).images.tolist() == V.images.tolist()
    assert tk.orbitals(V, V**0).count == 1
    with pytest.raises(ModuleMismatchError, match="k >= 0, not -1"):
        V**-1
    with pytest.raises(TypeError):
        V**0.5  # type: ignore[operator]
    with pytest.raises(TypeError):
        V * 3  # type: ignore[operator]
    with pytest.raises(TypeError):
        V + 3  # type: ignore[operator]
    with pytest.raises(ModuleMismatchError, match="a module is required, such as"):
        V.outer("C8")  # type: ignore[call-overload]


def test_parts_of_products() -> None:
    G = tk.group("S4")
    V = G.natural_module()
    P = V * V
    assert not P.is_transitive
    assert [p.degree for p in P.orbits] == [4, 12]
    for part, points in zip(P.orbits, P.orbit_points, strict=True):
        where = np.array(points)
        assert np.array_equal(where[part.images], P.images[:, where])
    assert (P.backend, P.summands) == (None, ())
    with pytest.raises(ModuleMismatchError, match="has 2 orbits"):
        _ = P.spherical_table
    two = V + G.coset_module("H4b")
    O = two.outer(two)  # noqa: E741
    assert [p.degree for p in O.orbits] == [16, 24, 24, 36]
    assert sorted(itertools.chain(*O.orbit_points)) == list(range(100))
    for part, points in zip(O.orbits, O.orbit_points, strict=True):
        where = np.array(points)
        assert np.array_equal(where[part.images], O.images[:, where])
    assert (O.orbit_count, O.rank) == (4, two.rank**2)
    assert V.outer(V).is_transitive


def test_sums_keep_what_they_are_made_of() -> None:
    V = tk.group("S4").natural_module()
    total = V + V * V
    assert total.summands == (V, V * V)
    assert "images" not in (V * V).__dict__
    assert total.multiplicities == {"L0": 3, "L2": 1, "L3": 4, "L4": 1}
    assert [p.degree for p in total.orbits] == [4, 4, 12]
    assert direct_sum(V, V, V) == V + V + V
    assert (V + V + V).name == "3 (4 points)"
    assert direct_sum(V) is V
    with pytest.raises(ModuleMismatchError, match="at least one"):
        direct_sum()
    with pytest.raises(ModuleMismatchError, match="one group"):
        direct_sum(V, tk.group("C3").natural_module())


def test_large_products_are_not_formed() -> None:
    """A million points: the dimension follows from the factors."""
    row = tk.group("C64").regular_module()
    image = row.outer(row).outer(row)
    assert image.degree == 64**3
    V = tk.group("S4").natural_module()
    fixed, sizes = V.fixed_points, tk.group("S4").character_table.class_sizes
    assert fixed is not None
    burnside = sum(size * points**20 for size, points in zip(sizes, fixed, strict=True))
    assert tk.hom_dimension(V**10, V**10) == burnside // 24


def test_products_of_sums_of_products() -> None:
    V = tk.group("S4").natural_module()
    P = (V + V) * (V**2 + V)
    assert P.multiplicities == {
        label: 2 * (m + (V**2).multiplicities.get(label, 0))
        for label, m in (V**3).multiplicities.items()
    }
    assert P.rank == tk.orbitals(P).count


def test_equality_is_by_content() -> None:
    G = tk.group("S4")
    V = G.natural_module()
    assert G.natural_module() == V
    assert hash(G.natural_module()) == hash(V)
    assert G.natural_module() ** 2 == V * V
    assert V.outer(V) != V * V
    one, other = G.module_from_images([[0, 1], [0, 1]]), G.module_from_images([[1, 0], [1, 0]])
    assert one != other
    assert one == G.module_from_images(np.array([[0, 1], [0, 1]], dtype=np.int8))
    assert G.coset_module("H2a") != G.coset_module("H2b")
    assert len({V, G.natural_module(), V * V, V**2, one, other}) == 4


def test_given_images_need_no_gap(offline: Session) -> None:
    G = tk.group("S3", session=offline)
    X = G.module_from_images([[1, 2, 0, 3], [1, 0, 2, 3]], "three and one")
    assert X.images.tolist() == [[1, 2, 0, 3], [1, 0, 2, 3]]
    assert [p.degree for p in X.orbits] == [3, 1]
    assert X.orbits[0].name == "three and one, orbit 1"
    assert tk.orbitals(X).count == 5
    assert tk.layer_basis(X * X).dimension == 51
    assert (X + X**2).orbit_count == 7
    assert X.outer(tk.group("C2", session=offline).module_from_images([[1, 0]])).orbit_count == 2


def test_errors_about_images() -> None:
    G = tk.group("S4")
    with pytest.raises(ModuleMismatchError, match="must permute its 2 points"):
        G.module_from_images([[0, 0], [1, 0]])
    with pytest.raises(ModuleMismatchError, match="has 2 generators"):
        G.module_from_images([[1, 0]])
    with pytest.raises(NotAvailable, match="only the character table"):
        tk.group("Table(A5)").module_from_images([[0]])
    with pytest.raises(ModuleMismatchError, match="a group is required"):
        G.direct_product("C3")  # type: ignore[arg-type]


def test_what_is_no_character() -> None:
    table = tk.group("S3").character_table
    for values in ((3, 1, 1), (3, 2, 0), (1, 0, 0), (1, 3, 1)):
        with pytest.raises(InconsistentAnswerError):
            multiplicities_of_character(table, values)
    assert multiplicities_of_character(table, (1, -1, 1)) == {"L1": 1}


@pytest.mark.parametrize(
    ("question", "good", "bad"),
    [
        ("element_images", [[1, 0], [0, 1]], [[1, 1]]),
        ("induced_action", [[1, 2, 0]], [[1, 2, 0], [0, 1]]),
        ("product_classes", [[0, 1, 0, 1], [0, 0, 1, 1]], [[0, 1, 0, 1], [0, 1, 1, 1]]),
        ("index_two_subgroups", [[{"pc": [1]}], []], [["a subgroup"]]),
    ],
)
def test_stored_answers_are_checked(question: str, good: object, bad: object) -> None:
    key = AnswerKey.of("C2 x C2", question, None, QUESTIONS[question].version)
    check_stored(key, good)
    with pytest.raises((InconsistentAnswerError, ValueError)):
        check_stored(key, bad)


@pytest.mark.parametrize("name", ["parts", "part_points", "transitive_parts"])
def test_old_names_of_orbits_still_answer(name: str) -> None:
    V = tk.group("S4").natural_module()
    one, two = V, V * V
    for X in (one, two):
        with pytest.warns(DeprecationWarning, match=rf"{name} is now \.orbit"):
            old = getattr(X, name)
        new = X.orbit_points if name == "part_points" else X.orbits
        assert tuple(old) == (() if X is one and name != "transitive_parts" else tuple(new))
