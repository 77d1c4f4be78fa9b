"""Maps between simples: values, equivariance, regions, matrices, and when they are zero."""

from __future__ import annotations

import copy
import math
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import toolkit as tk
from toolkit.errors import ModuleMismatchError, NotAvailable, UnsupportedActivationError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from toolkit.modules.permutation_module import PermutationModule
    from toolkit.pl.maps.pl_map import PLMap

SMALL = {
    1: 1, 2: 1, 3: 1, 4: 2, 5: 1, 6: 2, 7: 1, 8: 5, 9: 2, 10: 2, 11: 1, 12: 5,
}  # fmt: skip
GROUPS = [f"SmallGroup({n},{i})" for n, many in SMALL.items() for i in range(1, many + 1)]


def random_points(phi: PLMap, many: int = 200, seed: int = 3) -> np.ndarray[Any, Any]:
    return np.random.default_rng(seed).standard_normal((many, phi.source.dimension))


def equivariance_error(phi: PLMap) -> float:
    v = random_points(phi)
    worst = 0.0
    for one, two in zip(phi.source.models, phi.target.models, strict=True):
        worst = max(worst, float(np.abs(phi(v @ one.T) - phi(v) @ two.T).max()))
    return worst


def brute_force_is_zero(phi: PLMap) -> bool:
    v = random_points(phi)
    scale = np.linalg.norm(phi.vectors) * np.linalg.norm(phi.covectors)
    return bool(np.abs(phi(v)).max() < 1e-11 * scale)


def all_maps(X: PermutationModule, activation: str) -> Iterator[PLMap]:
    for source, m in X.multiplicities.items():
        for target, k in X.multiplicities.items():
            for w, u in {(0, 0), (m - 1, 0), (0, k - 1)}:
                yield tk.pl_map(X, source, target, activation, w=w, u=u)


# -- the oracles of the theory --------------------------------------------------------------------


@pytest.mark.parametrize("n", [3, 4, 5, 6, 8, 9, 12, 15, 20])
def test_cyclic_groups_break_on_lines(n: int) -> None:
    """A plane of order m has m breaking lines if m is odd, m/2 if it is even."""
    X = tk.group(f"C{n}").regular_module()
    for simple in X.spherical_table.simples:
        if simple.dimension == 2:
            m = simple.action_order
            phi = tk.pl_map(X, simple.label, "L0", "abs")
            lines = m if m % 2 else m // 2
            assert len(phi.hyperplanes) == lines
            assert (phi.regions.count, phi.regions.certainty) == (2 * lines, "exact")
            assert sum(piece.size for piece in phi.matrices) == 2 * lines
            assert len(phi.matrices) == (2 if m % 2 else 1)


@pytest.mark.gap
@pytest.mark.parametrize("n", [3, 4, 5, 6, 7])
def test_symmetric_groups_on_points(n: int) -> None:
    """n hyperplanes in the sum-zero vectors of n points, 2^n - 2 regions, one orbit per size."""
    X = tk.group(f"S{n}").natural_module()
    (standard,) = (label for label in X.multiplicities if label != "L0")
    phi = tk.pl_map(X, standard, standard, "relu")
    assert len(phi.hyperplanes) == n
    assert str(phi.regions) == f"{2**n - 2} (exact)"
    assert sorted(p.size for p in phi.matrices) == sorted(math.comb(n, k) for k in range(1, n))


def test_the_papers_maps_of_a_cyclic_group() -> None:
    """The absolute value on the square plane of C4 reaches the sign exactly if 2 divides 4/2."""
    for n, reached in ((4, True), (6, False), (8, True), (12, True), (5, None)):
        X = tk.group(f"C{n}").regular_module()
        faithful = next(s for s in X.spherical_table.simples if s.action_order == n)
        if faithful.dimension == 2 and reached is not None:
            assert tk.pl_map(X, faithful.label, "L1", "abs").is_zero is not reached


# -- laws -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("activation", ["relu", "abs", "leaky_relu(0.3)"])
@pytest.mark.parametrize("name", ["C5", "S3", "D8", "Q8", "A4", "S4"])
def test_laws(name: str, activation: str) -> None:
    X = tk.group(name).regular_module()
    for phi in all_maps(X, activation):
        assert equivariance_error(phi) < 1e-12
        assert phi.is_zero == brute_force_is_zero(phi)
        v = random_points(phi, 20)
        assert np.abs(phi(3.0 * v) - 3.0 * phi(v)).max() < 1e-12
        for point in v:
            assert np.abs(phi.at(point) @ point - phi(point)).max() < 1e-12


@pytest.mark.parametrize(
    ("name", "module", "source"),
    [("S4", "points", "L3"), ("S4", "H4b", "L2"), ("D16", "H1a", "L4"), ("Q8", "H1a", "L4"),
     ("A4", "points", "L2"), ("S4", "H1a", "L4")],
)  # fmt: skip
def test_pieces(name: str, module: str, source: str) -> None:
    G = tk.group(name)
    X = G.natural_module() if module == "points" else G.coset_module(module)
    rng = np.random.default_rng(1)
    for target in X.multiplicities:
        phi = tk.pl_map(X, source, target, "relu")
        pieces = phi.matrices
        assert sum(piece.size for piece in pieces) == phi.regions.count
        norms = []
        for piece in pieces:
            point, matrix = piece.region.point, piece.matrix
            assert np.allclose(phi(point), matrix @ point, atol=1e-13)
            for one, two in zip(phi.source.models, phi.target.models, strict=True):
                assert np.allclose(phi.at(one @ point), two @ matrix @ one.T, atol=1e-12)
            step = rng.standard_normal(point.shape)
            near = point + 0.9 * min(piece.region.margin, 1.0) * step / np.linalg.norm(step)
            assert np.allclose(phi.at(near), matrix, atol=1e-12)
            norms.append(np.linalg.norm(matrix, 2))
        assert phi.lipschitz.value == pytest.approx(max(norms), abs=1e-14)
        v = rng.standard_normal((4000, phi.source.dimension))
        if phi.source.dimension <= 3 and len(phi.hyperplanes):
            seen = np.unique(np.sign(v @ phi.hyperplanes.T), axis=0)
            assert len(seen) <= phi.regions.count
            assert len(seen) == phi.regions.count or phi.regions.count > 60
        step = v + 1e-3 * rng.standard_normal(v.shape)
        moved = np.linalg.norm(phi(step) - phi(v), axis=-1)
        assert (moved <= phi.lipschitz.value * np.linalg.norm(step - v, axis=-1) + 1e-13).all()


@pytest.mark.slow
@pytest.mark.gap
@pytest.mark.parametrize("activation", ["relu", "abs"])
@pytest.mark.parametrize("name", GROUPS)
def test_zero_against_brute_force_everywhere(name: str, activation: str) -> None:
    zero_tests(name, activation)


@pytest.mark.gap
@pytest.mark.parametrize("name", ["SmallGroup(8,3)", "SmallGroup(8,4)", "SmallGroup(12,3)"])
def test_zero_against_brute_force(name: str) -> None:
    zero_tests(name, "relu")


@pytest.mark.parametrize(
    "activation",
    ["gelu", "tanh", "sigmoid", "relu_squared", "t^2", "t^3", "softplus", "sin", "elu"],
)
@pytest.mark.parametrize("name", ["C6", "S3", "Q8", "D8"])
def test_zero_through_other_activations(name: str, activation: str) -> None:
    for phi in all_maps(tk.group(name).regular_module(), activation):
        assert phi.is_zero == brute_force_is_zero(phi), phi.zero
        assert equivariance_error(phi) < 1e-11
        if phi.slopes is None:
            with pytest.raises(UnsupportedActivationError, match="piecewise-linear"):
                _ = phi.hyperplanes
            assert repr(phi).startswith("<L")


def zero_tests(name: str, activation: str) -> None:
    """Every transitive module, every pair of simples, several copies and random vectors."""
    rng = np.random.default_rng(5)
    for X in tk.group(name).permutation_modules():
        table = X.spherical_table
        for phi in all_maps(X, activation):
            assert phi.is_zero == brute_force_is_zero(phi), (X, phi.zero)
            source, target = table.simple(phi.source.label), table.simple(phi.target.label)
            if source.multiplicity == target.multiplicity == 1:
                assert phi.zero.certainty == "exact"
                once = phi
                # any other vectors that H fixes give the same answer
                fixed = [fixed_vectors(X, s) @ rng.standard_normal(s.fixed_dimension)
                         for s in (source, target)]  # fmt: skip
                other = tk.pl_map(X, source.label, target.label, activation, w=fixed[0], u=fixed[1])
                assert other.is_zero == once.is_zero == brute_force_is_zero(other)
                assert len(other.normals) == len(once.normals)


def fixed_vectors(X: PermutationModule, simple: Any) -> np.ndarray[Any, Any]:
    """Return a basis of L^H by averaging the projection over words in the stabiliser."""
    basis = tk.fourier_basis(X)
    own = basis.simple(simple.label)
    rows = basis.matrix[own.rows].reshape(own.multiplicity, own.dimension, X.degree)
    columns = rows[:, :, X.record.base].T
    if simple.endomorphism_dimension == 1:
        return columns
    from toolkit.modules.fourier.copies import END_UNITS

    units = [np.kron(np.eye(own.positions), e) for e in END_UNITS[own.type]]
    return np.concatenate([unit @ columns for unit in units], axis=1)


@settings(
    max_examples=30,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.data())
def test_vectors_that_are_given(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(["S3", "C6", "Q8", "D8", "S4"]))
    X = tk.group(name).regular_module()
    simples = X.spherical_table.simples
    source, target = (data.draw(st.sampled_from(simples)) for _ in range(2))
    whole = st.integers(-3, 3)
    w, u = (
        np.array(data.draw(st.lists(whole, min_size=s.dimension, max_size=s.dimension)), float)
        for s in (source, target)
    )
    if not w.any() or not u.any():
        return
    phi = tk.pl_map(X, source.label, target.label, "relu", w=w, u=u)
    assert np.allclose(phi.vectors[X.record.base], w, atol=1e-12)
    assert np.allclose(phi.covectors[X.record.base], u, atol=1e-12)
    assert equivariance_error(phi) < 1e-11
    assert phi.is_zero == brute_force_is_zero(phi)


def test_a_special_copy_has_a_larger_stabiliser() -> None:
    """In the regular module of S3 a mirror's own direction has 3 lines, a generic vector 6."""
    X = tk.group("S3").regular_module()
    mirror = tk.pl_map(tk.group("S3").natural_module(), "L2", "L0", "abs").normals[0]
    special = tk.pl_map(X, "L2", "L1", "abs", w=mirror, u=[1.0])
    assert len(special.normals) == 3
    assert special.is_zero
    assert special.zero.certainty == "numerical"
    assert special.regions.count == 1
    generic = tk.pl_map(X, "L2", "L1", "abs", w=mirror + np.array([0.2, 0.1]), u=[1.0])
    assert len(generic.normals) == 6
    assert not generic.is_zero


def test_relu_to_itself_needs_the_linear_part_too() -> None:
    """The sign of C2 to itself: |t| gives nothing, ReLU passes on its linear part."""
    X = tk.group("C2").regular_module()
    phi = tk.pl_map(X, "L1", "L1", "relu")
    assert [p.vanishes for p in phi.zero.parts] == [True, False]
    assert not phi.is_zero
    assert phi.is_linear
    assert phi.regions.count == 1
    assert len(phi.hyperplanes) == 0
    assert len(phi.normals) == 1
    assert tk.pl_map(X, "L1", "L1", "abs").is_zero
    # different copies of one simple: no linear part
    Y = tk.group("S3").regular_module()
    assert tk.pl_map(Y, "L2", "L2", "relu", w=0, u=1).zero.vanishes("linear")
    assert tk.pl_map(Y, "L2", "L2", "relu", w=0, u=1).zero.parts[1].certainty == "exact"


def test_sums() -> None:
    G = tk.group("S4")
    X = G.natural_module()
    one = tk.pl_map(X, "L3", "L3", "relu")
    two = tk.pl_map(G.coset_module("H2b"), "L3", "L3", "relu", w=0, u=1)
    both = one + two
    v = random_points(both)
    assert np.allclose(both(v), one(v) + two(v), atol=1e-14)
    assert equivariance_error(both) < 1e-12
    assert len(both.normals) <= len(one.normals) + len(two.normals)
    assert sum(p.size for p in both.matrices) == both.regions.count
    assert both.regions.certainty in ("exact", "numerical")
    negative = tk.pl_map(X, "L3", "L3", "relu", u=-one.covectors[X.record.base])
    gone = one + negative
    assert gone.is_zero
    assert gone.regions.count == 1
    with pytest.raises(ModuleMismatchError, match="can be added only if"):
        one + tk.pl_map(X, "L3", "L0", "relu")


def test_dimension_one() -> None:
    X = tk.group("C2").regular_module()
    phi = tk.pl_map(X, "L1", "L0", "relu")
    assert repr(phi) == "<L1 -> L0 through relu on regular module of C2: 1 point, 2 regions>"
    assert phi([[2.0], [-2.0]]).tolist() == phi([[-2.0], [2.0]]).tolist()
    assert [piece.size for piece in phi.matrices] == [2]
    trivial = tk.pl_map(X, "L0", "L0", "relu")
    assert [piece.size for piece in trivial.matrices] == [1, 1]


# -- the object -----------------------------------------------------------------------------------


def test_errors() -> None:
    G = tk.group("S4")
    X = G.natural_module()
    with pytest.raises(ModuleMismatchError, match="L1 does not occur in 4 points of S4"):
        tk.pl_map(X, "L3", "L1", "relu")
    with pytest.raises(ModuleMismatchError, match="one choice for each of the 2 orbits"):
        tk.pl_map(X + X, "L3", "L0", "relu", w=0)
    with pytest.raises(ModuleMismatchError, match="copies are 0-based"):
        tk.pl_map(X, "L3", "L0", "relu", w=1)
    with pytest.raises(ModuleMismatchError, match="must be fixed by the stabiliser"):
        tk.pl_map(X, "L3", "L0", "relu", w=[1.0, 2.0, 4.0])
    with pytest.raises(ModuleMismatchError, match="a module is required, such as"):
        tk.pl_map("S4", "L3", "L0", "relu")  # type: ignore[arg-type]
    phi = tk.pl_map(X, "L3", "L0", "relu")
    with pytest.raises(ModuleMismatchError, match="shape"):
        phi(np.zeros((5, 2)))
    with pytest.raises(ValueError, match="breaking hyperplane"):
        phi.at(np.zeros(3))
    with pytest.raises(ModuleMismatchError, match="one vector"):
        phi.at(np.zeros((2, 3)))


@pytest.mark.parametrize("given", [[[1, 2, 3], [1, 2]], "abc", [1j, 0, 0], [[1, 2], [3]], None])
def test_what_is_no_vector(given: object) -> None:
    phi = tk.pl_map(tk.group("S4").natural_module(), "L3", "L0", "relu")
    for ask in (phi, phi.at):
        with pytest.raises(
            ModuleMismatchError, match="vectors of L3 must be real numbers"
        ) as caught:
            ask(given)  # type: ignore[arg-type]
        assert "\n" not in str(caught.value)


@pytest.mark.gap
def test_what_has_no_basis_has_no_map() -> None:
    with pytest.raises(NotAvailable, match="bases are computed up to 6000"):
        tk.pl_map(tk.group("Table(M)").regular_module(), "L3", "L1", "relu")


def test_lower_bounds_say_so() -> None:
    G = tk.group("S4")
    phi = tk.pl_map(G.regular_module(), "L4", "L4", "relu")
    assert phi.regions.certainty in ("exact", "numerical")
    from toolkit.pl.arrangements.counting import arrangement
    from toolkit.pl.arrangements.hyperplanes import find_lines
    from toolkit.pl.arrangements.regions import number_of_regions

    normals = np.random.default_rng(0).standard_normal((40, 6))
    found = number_of_regions(
        arrangement(normals), find_lines("x", normals, np.empty((0, 40), int))
    )
    assert found.certainty == "lower bound"
    assert 10_000 < found.count < 2 * sum(math.comb(39, k) for k in range(6))


def test_copies() -> None:
    phi = tk.pl_map(tk.group("S3").natural_module(), "L2", "L0", "relu")
    again = copy.deepcopy(phi)
    assert again.regions == phi.regions
    assert np.array_equal(again(np.eye(2)), phi(np.eye(2)))


def test_torch_is_not_imported() -> None:
    code = (
        "import sys, toolkit as tk; "
        "phi = tk.pl_map(tk.group('S3').natural_module(), 'L2', 'L0', 'relu'); phi([1.0, 2.0]); "
        "print([m for m in ('torch', 'matplotlib') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
