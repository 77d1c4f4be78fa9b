"""Maps through activations with kinks anywhere, measured ones, and those too large to list."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import toolkit as tk
from toolkit.errors import (
    IllegalActivationError,
    ModuleMismatchError,
    NotAvailable,
    UnsupportedActivationError,
)
from toolkit.pl.activations.activation import find_activation
from toolkit.pl.activations.affine_pieces import affine_pieces
from toolkit.pl.arrangements.counting import arrangement, counting_cost
from toolkit.pl.arrangements.regions import is_countable, least_regions, number_of_regions

if TYPE_CHECKING:
    from toolkit.pl.maps.pl_map import PLMap

AFFINE = ["relu6", "hardtanh", "hardtanh(-0.3,0.7)", "softshrink", "hardshrink", "hardsigmoid",
          "sign", "heaviside"]  # fmt: skip


def points(name: str, source: str, target: str, activation: Any) -> PLMap:
    return tk.pl_map(tk.group(name).natural_module(), source, target, activation)


# -- pieces ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*AFFINE, "relu", "abs", "leaky_relu(0.3)", "identity"])
def test_pieces_are_the_function(name: str) -> None:
    f = find_activation(name)
    pieces = affine_pieces(f)
    assert pieces is not None
    assert pieces.is_exact
    t = np.random.default_rng(0).uniform(-9, 9, 500)
    slope, intercept = pieces.at(t)
    assert np.allclose(slope * t + intercept, f(t), atol=1e-13)


@pytest.mark.parametrize("name", ["tanh", "elu", "softsign", "hardswish", "relu_squared", "t^2"])
def test_other_activations_have_no_pieces(name: str) -> None:
    assert affine_pieces(find_activation(name)) is None


# -- affine arrangements in the plane, against a count with fractions ------------------------------


def planar_count(normals: np.ndarray[Any, Any], offsets: np.ndarray[Any, Any]) -> int:
    """Regions of lines in a plane: 1 + lines + sum over points of (lines through it - 1)."""
    found: list[tuple[np.ndarray[Any, Any], set[int]]] = []
    for i, j in itertools.combinations(range(len(normals)), 2):
        pair = normals[[i, j]]
        if abs(np.linalg.det(pair)) < 1e-9:
            continue
        meet = np.linalg.solve(pair, offsets[[i, j]])
        for point, on in found:
            if np.abs(point - meet).max() < 1e-7:
                on.update((i, j))
                break
        else:
            found.append((meet, {i, j}))
    return 1 + len(normals) + sum(len(on) - 1 for _, on in found)


@pytest.mark.parametrize("activation", AFFINE)
@pytest.mark.parametrize(
    ("name", "module", "source"),
    [("S3", "points", "L2"), ("C5", "regular", "L1"), ("C8", "regular", "L3"),
     ("D8", "regular", "L4")],
)  # fmt: skip
def test_planes(name: str, module: str, source: str, activation: str) -> None:
    G = tk.group(name)
    X = G.natural_module() if module == "points" else G.regular_module()
    rng = np.random.default_rng(1)
    for target in X.multiplicities:
        phi = tk.pl_map(X, source, target, activation)
        normals, offsets = phi.hyperplanes, phi.offsets
        assert phi.regions.count == planar_count(normals, offsets)
        once = X.multiplicities[source] == X.multiplicities[target] == 1
        assert phi.regions.certainty == "exact" or not once
        assert sum(piece.size for piece in phi.matrices) == phi.regions.count
        for piece in phi.matrices:
            point = piece.region.point
            assert np.allclose(phi(point), piece.matrix @ point + piece.constant, atol=1e-12)
            step = rng.standard_normal((20, 2))
            step *= 0.99 * min(piece.region.margin, 1.0) / np.linalg.norm(step, axis=1)[:, None]
            near = point + step
            assert np.allclose(phi(near), near @ piece.matrix.T + piece.constant, atol=1e-10)
            for one, two in zip(phi.source.models, phi.target.models, strict=True):
                assert np.allclose(phi.at(one @ point), two @ piece.matrix @ one.T, atol=1e-10)
        v = 4.0 * rng.standard_normal((3000, 2))
        step = v + 1e-2 * rng.standard_normal(v.shape)
        moved = np.linalg.norm(phi(step) - phi(v), axis=-1)
        assert (moved <= phi.lipschitz.value * np.linalg.norm(step - v, axis=-1) + 1e-12).all()
        # every line is one where the map breaks: its second difference across it is not 0
        for normal, offset in zip(normals, offsets, strict=True):
            along = rng.standard_normal() * np.array([-normal[1], normal[0]])
            foot, h = offset * normal + along, 1e-5
            one, two = phi(foot + h * normal), phi(foot - h * normal)
            change = one + two - 2 * phi(foot), one - two
            assert max(np.abs(change[0]).max(), np.abs(change[1]).max()) > 1e-8


def test_a_line_and_space() -> None:
    """The sign of C2 through hardtanh breaks at 2 points; S4's space through relu6 at 8 planes."""
    sign = tk.pl_map(tk.group("C2").regular_module(), "L1", "L1", "hardtanh")
    assert sorted(sign.offsets.round(12) * sign.hyperplanes[:, 0]) == pytest.approx(
        [-math.sqrt(2), math.sqrt(2)]
    )
    assert str(sign.regions) == "3 (exact)"
    assert [piece.size for piece in sign.matrices] == [1, 2]
    assert str(sign.lipschitz) == "1 (exact)"
    for activation, count in (("relu6", 64), ("hardtanh", 59)):
        space = points("S4", "L3", "L0", activation)
        assert len(space.hyperplanes) == 8
        assert (space.regions.count, space.regions.certainty) == (count, "exact")
        assert sum(piece.size for piece in space.matrices) == count
        v = 1.7 * abs(space.offsets).max() * np.random.default_rng(0).standard_normal((100_000, 3))
        seen = np.unique(np.sign(v @ space.hyperplanes.T - space.offsets), axis=0)
        assert len(seen) == count


def test_the_length_of_a_given_vector_does_not_matter() -> None:
    """Regions are moved apart as w shrinks, and where the hyperplanes meet stays exact."""
    X = tk.group("S3").natural_module()
    w = tk.pl_map(X, "L2", "L2", "relu").vectors[X.record.base]
    for factor in (1.0, 1e-6, 1e6):
        phi = tk.pl_map(X, "L2", "L2", "hardtanh", w=factor * w)
        assert str(phi.regions) == "19 (exact)"
        assert [piece.size for piece in phi.matrices] == [1, 3, 3, 3, 3, 6]
    # kinks that cancel: an even target of an odd function
    assert points("S3", "L2", "L0", "hardtanh").regions.count == 19
    assert tk.pl_map(tk.group("C8").regular_module(), "L3", "L1", "hardtanh").is_zero


# -- measured and stated activations ---------------------------------------------------------------


def test_nothing_is_exact_through_a_measured_activation() -> None:
    def steep(t: Any) -> Any:
        return np.maximum(t, 0) + np.maximum(t - 1, 0)

    X = tk.group("S3").natural_module()
    measured = tk.Activation.from_callable(steep, kinks=(0.0, 1.0))
    for target in ("L0", "L2"):
        phi = tk.pl_map(X, "L2", target, measured)
        assert not phi.is_zero
        assert phi.zero.certainty == "measured"
        assert {part.certainty for part in phi.zero.parts} == {"measured"}
        assert (phi.regions.count, phi.regions.certainty) == (18, "measured")
        assert phi.lipschitz.certainty == "measured"
    stated = tk.Activation.from_callable(np.abs, even="homogeneous 1", odd="zero")
    phi = tk.pl_map(tk.group("C6").regular_module(), "L3", "L1", stated)
    assert phi.is_zero
    assert phi.zero.certainty == "stated"
    assert phi.regions.certainty == "stated"
    assert tk.pl_map(X, "L2", "L2", stated).regions.certainty == "stated"
    without = tk.pl_map(X, "L2", "L2", tk.Activation.from_callable(steep))
    assert not without.is_piecewise_linear


# -- large ones ------------------------------------------------------------------------------------


@pytest.mark.slow
def test_many_points_are_answered_at_once() -> None:
    """1024 normals with one relation have 2^1024 - 2 regions: no restriction is needed."""
    phi = tk.pl_map(tk.group("S1024").natural_module(), "V1", "V1", "relu")
    assert repr(phi) == "<V1 -> V1 through relu on 1024 points of S1024>"
    assert phi.regions.count == 2**1024 - 2
    assert str(phi.regions) == "1.79e308 (exact)"
    assert phi.lipschitz.certainty == "upper bound"
    assert len(phi.zero.reason) < 300
    with pytest.raises(NotAvailable, match=r"use \.at, the matrix at a vector"):
        _ = phi.matrices


def test_lower_bounds_come_at_once() -> None:
    rng = np.random.default_rng(2)
    for n, d in ((300, 40), (60, 20), (400, 380)):
        assert not is_countable(n, d)
        found = number_of_regions(arrangement(rng.standard_normal((n, d))))
        assert found.certainty == "lower bound"
        assert found.count >= least_regions(n, d)


def test_least_regions_are_reached() -> None:
    """Lines through one point of the plane, and independent planes across: no fewer regions."""
    for n, d in ((5, 2), (5, 3), (7, 4)):
        fan = [[math.cos(k), math.sin(k), *[0.0] * (d - 2)] for k in range(n - d + 2)]
        rows = fan + np.eye(d)[2:].tolist()
        assert number_of_regions(arrangement(rows)).count == least_regions(n, d)


def test_a_circuit_is_beyond_doubt() -> None:
    rows = [*np.eye(4).tolist(), [1.0, 2.0, 3.0, 4.0]]
    assert number_of_regions(arrangement(rows)).count == 30
    rows = [*np.eye(4).tolist(), [1.0, 2.0, 3.0, 0.0]]
    assert number_of_regions(arrangement(rows)).count == 28


# -- signed modules --------------------------------------------------------------------------------


def equivariance_error(phi: PLMap) -> float:
    v = 2.0 * np.random.default_rng(4).standard_normal((100, phi.source.dimension))
    return max(
        float(np.abs(phi(v @ one.T) - phi(v) @ two.T).max())
        for one, two in zip(phi.source.models, phi.target.models, strict=True)
    )


@pytest.mark.gap
@pytest.mark.parametrize("name", ["C4", "S3", "D8", "Q8", "S4"])
@pytest.mark.quick_cases(1)
def test_signed_modules(name: str) -> None:
    """The sum over the points of a signed module, with signs, is equivariant for odd functions."""
    G = tk.group(name)
    seen = 0
    modules = [p.module for p in tk.signed_pairs(G) if isinstance(p.module, tk.SignedModule)]
    for X in modules[:6]:
        basis = tk.fourier_basis(X)
        for source in X.multiplicities:
            for target in X.multiplicities:
                for activation in ("tanh", "hardtanh", "identity", "t^3"):
                    phi = tk.pl_map(X, source, target, activation, w=0, u=0)
                    assert equivariance_error(phi) < 1e-12
                    rows = [basis.matrix[basis.simple(s).rows][: basis.simple(s).dimension]
                            for s in (source, target)]  # fmt: skip
                    v = 9.0 * np.random.default_rng(0).standard_normal((5, rows[0].shape[0]))
                    direct = find_activation(activation)(v @ rows[0]) @ rows[1].T
                    assert np.allclose(phi(v), direct, atol=1e-9)
                    assert phi.is_zero == (np.abs(direct).max() < 1e-9)
                    seen += 1
                assert (X.signs < 0).any()
                with pytest.raises(IllegalActivationError, match="not equivariant"):
                    tk.pl_map(X, source, target, "relu")
    assert seen


def test_signed_modules_that_are_no_orbit() -> None:
    G = tk.group("S3")
    sign = G.signed_coset_module([[1, 2, 0], [1, 0, 2]], [[1, 2, 0]])
    assert str(tk.pl_map(sign, "L1", "L1", "hardtanh").regions) == "3 (exact)"
    twice = tk.pl_map(sign + sign, "L1", "L1", "hardtanh")
    # two different weights, a kink on each side for each
    assert str(twice.regions) == "5 (exact)"
    v = np.array([[0.3], [1.2], [-2.0]])
    assert np.array_equal(twice(v), -twice(-v))
    plain = tk.SignedModule.from_permutation(G.natural_module())
    one, two = (tk.pl_map(X, "L2", "L2", "relu") for X in (plain, G.natural_module()))
    assert np.allclose(one(np.eye(2)), two(np.eye(2)), atol=1e-14)
    assert one.regions == two.regions


# -- vectors that are given ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "says"),
    [("a", "found 'a'"), ([1.0, float("nan"), 0.0], "finite"), ([1.0, float("inf"), 0.0], "finite"),
     ([1.0, 2.0], r"found shape \(2,\)"), ([[1.0, 2.0, 3.0]], r"found shape \(1, 3\)"),
     ([1j, 0, 0], "complex"), ([0.0, 0.0, 0.0], "only zeros"), (True, "found True"),
     (1.5, r"found shape \(\)"), ([[1.0], [2.0, 3.0]], "found"), ({}, "found {}"),
     (["x", "y", "z"], "found"), (7, "copies are 0-based"), (-1, "copies are 0-based")],
)  # fmt: skip
def test_wrong_vectors(given: Any, says: str) -> None:
    X = tk.group("S4").natural_module()
    for name in ("w", "u"):
        with pytest.raises(ModuleMismatchError, match=says) as caught:
            tk.pl_map(X, "L3", "L3", "relu", **{name: given})
        assert str(caught.value).startswith(name)
        assert "\n" not in str(caught.value)
    assert tk.pl_map(X, "L3", "L3", "relu", w=np.int64(0)).zero.certainty == "exact"


# -- kinks of any size -----------------------------------------------------------------------------


def pieces_are_right(phi: PLMap) -> None:
    """Compare each piece with the map near its point, and the offsets with the kinks."""
    assert sum(piece.size for piece in phi.matrices) == phi.regions.count
    rng = np.random.default_rng(5)
    for piece in phi.matrices:
        point, margin = piece.region.point, piece.region.margin
        step = rng.standard_normal((10, len(point)))
        near = point + 0.9 * margin * step / np.linalg.norm(step, axis=1)[:, None]
        expected = near @ piece.matrix.T + piece.constant
        size = np.abs(phi.activation(near @ phi.vectors.T)).max() * np.abs(phi.covectors).sum()
        assert np.abs(phi(near) - expected).max() <= 1e-12 * max(size, 1e-300)


@pytest.mark.parametrize(
    ("activation", "like"),
    [("softshrink(1e-10)", "softshrink"), ("softshrink(1e-12)", "softshrink"),
     ("softshrink(1e-90)", "softshrink"), ("softshrink(1e6)", "softshrink"),
     ("softshrink(1e9)", "softshrink"), ("softshrink(1e13)", "softshrink"),
     ("hardtanh(-1e-15,1e-15)", "hardtanh"), ("hardtanh(-1e90,1e90)", "hardtanh"),
     ("hardshrink(1e13)", "hardshrink"), ("hardtanh(1000,1001)", "hardtanh(10,10.01)"),
     ("hardtanh(100000,100001)", "hardtanh(1,1.00001)")],
)  # fmt: skip
def test_only_ratios_of_kinks_matter(activation: str, like: str) -> None:
    X = tk.group("C8").regular_module()
    phi, other = (tk.pl_map(X, "L3", "L3", f) for f in (activation, like))
    assert not phi.is_linear
    assert str(phi.regions) == str(other.regions)
    assert "exact" in str(phi.regions)
    assert len(phi.hyperplanes) == len(other.hyperplanes)
    sizes = [sorted(piece.size for piece in m.matrices) for m in (phi, other)]
    assert sizes[0] == sizes[1]
    assert phi.lipschitz.value == pytest.approx(other.lipschitz.value, rel=1e-9)
    assert phi.lipschitz.value > 0
    pieces_are_right(phi)
    kinks = np.array(phi.activation.kinks) / np.linalg.norm(phi.vectors[0])
    assert np.isclose(phi.offsets[:, None], kinks, rtol=1e-12, atol=0).any(axis=1).all()


def test_close_kinks_are_different_hyperplanes() -> None:
    X = tk.group("C8").regular_module()
    assert tk.pl_map(X, "L3", "L3", "hardtanh(100000,100001)").regions.count == 113
    for activation in ("hardtanh(1,1.0000000001)", "hardtanh(1000,1000.000001)",
                       "hardtanh(1,1.0000000000000002)"):  # fmt: skip
        phi = tk.pl_map(X, "L3", "L3", activation)
        assert len(phi.hyperplanes) == 16
        assert not phi.is_linear
        # where they meet is beyond float64, but known exactly
        assert (phi.regions.count, phi.regions.certainty) == (113, "exact")
        assert phi.lipschitz.certainty == "upper bound"
        assert phi.lipschitz.value > 0
        assert "16 lines, 113 regions" in repr(phi)
        with pytest.raises(NotAvailable, match="too thin for float64"):
            _ = phi.matrices


def test_kinks_beyond_what_floats_compare_are_said_to_be() -> None:
    phi = tk.pl_map(tk.group("C8").regular_module(), "L3", "L3", "hardtanh(-1e90,1e-90)")
    assert (len(phi.hyperplanes), phi.is_linear) == (16, False)
    alike = tk.pl_map(tk.group("C8").regular_module(), "L3", "L3", "hardtanh(-100,0.01)")
    assert str(phi.regions) == str(alike.regions) == "113 (exact)"
    assert "16 lines, 113 regions" in repr(phi)
    with pytest.raises(NotAvailable):
        _ = phi.matrices


@pytest.mark.parametrize("name", ["C3", "C8", "S3", "D8"])
def test_the_group_moves_the_hyperplanes_of_the_cone(name: str) -> None:
    """rho(g)^-1 takes the normal of line c to that of line moves[g, c], up to its turn."""
    X = tk.group(name).regular_module()
    source = list(X.multiplicities)[-1]
    for activation in ("relu6", "hardtanh(-0.3,0.7)", "hardtanh(1,1.0000000001)"):
        phi = tk.pl_map(X, source, source, activation)
        lines = phi.breaks.lines
        for g, model in enumerate(phi.source.models):
            cone = np.eye(len(model) + 1)
            cone[:-1, :-1] = model
            moved = lines.normals @ cone  # rows n to rho(g)^-1 n
            assert np.allclose(moved, lines.turns[g][:, None] * lines.normals[lines.moves[g]])
            assert sorted(lines.moves[g]) == list(range(len(lines)))
            assert lines.moves[g, -1] == len(lines) - 1


def test_kinks_beyond_float64_are_refused() -> None:
    X = tk.group("C8").regular_module()
    for activation in ("hardtanh(-1e300,1e300)", "softshrink(1e200)", "hardtanh(1e300,1e301)",
                       "softshrink(1e-200)"):  # fmt: skip
        with pytest.raises(UnsupportedActivationError, match="between 1e-100 and 1e") as caught:
            tk.pl_map(X, "L3", "L3", activation)
        assert "\n" not in str(caught.value)


# -- pieces from parameters, and measured ones -----------------------------------------------------


def test_pieces_come_from_parameters() -> None:
    for least, greatest in ((-1e60, 3.5), (1e-9, 1e9), (0.1, 0.4), (7.0, 7.000000001)):
        f = find_activation(f"hardtanh({least!r},{greatest!r})")
        pieces = affine_pieces(f)
        assert pieces is not None
        assert pieces.kinks.tolist() == [least, greatest]
        assert pieces.slopes.tolist() == [0.0, 1.0, 0.0]
        assert pieces.intercepts.tolist() == [least, 0.0, greatest]
        assert pieces.jumps.tolist() == [0.0, 0.0]
    for width in (1e-30, 0.3, 1e30):
        soft, hard = (
            affine_pieces(find_activation(f"{n}shrink({width})")) for n in ("soft", "hard")
        )
        assert soft is not None
        assert hard is not None
        assert soft.intercepts.tolist() == [width, 0.0, -width]
        assert soft.jumps.tolist() == [0.0, 0.0]
        assert hard.jumps.tolist() == [width, width]


@pytest.mark.parametrize("size", [1e-15, 1e-10, 1.0, 1e12])
def test_measured_pieces_are_relative(size: float) -> None:
    smooth = tk.Activation.from_callable(lambda t: size * np.tanh(t), name="smooth")
    assert affine_pieces(smooth) is None
    wrong = tk.Activation.from_callable(lambda t: size * np.tanh(t), kinks=(-1.0, 1.0))
    assert affine_pieces(wrong) is None
    late = tk.Activation.from_callable(lambda t: size * np.maximum(t - 1, 0), kinks=(1.0,))
    pieces = affine_pieces(late)
    assert pieces is not None
    assert pieces.slopes == pytest.approx([0.0, size], rel=1e-12)
    assert pieces.jumps.tolist() == [0.0]
    X = tk.group("C8").regular_module()
    phi = tk.pl_map(X, "L3", "L3", late)
    assert not phi.is_zero
    assert not phi.is_linear
    assert phi.lipschitz.value == pytest.approx(0.5 * size)
    assert not tk.pl_map(X, "L3", "L3", smooth).is_piecewise_linear


def test_affine_is_not_linear() -> None:
    X = tk.group("S3").natural_module()
    for activation in ("polynomial(-1,1)", "polynomial(1,1)"):
        assert not tk.pl_map(X, "L0", "L0", activation).is_linear
        assert tk.pl_map(X, "L2", "L2", activation).is_linear


# -- values on hyperplanes where f jumps -----------------------------------------------------------


def test_a_zero_map_is_zero_where_the_activation_jumps() -> None:
    """<v, gw> that is 0 up to rounding has no sign."""
    S4 = tk.group("S4")
    X = next(m for m in S4.permutation_modules() if m.name == "cosets of H4c")
    phi = tk.pl_map(X, "L4", "L0", "sign")
    assert phi.is_zero
    assert str(phi.lipschitz) == "0 (exact)"
    corners = np.vstack([np.eye(3), 1e-30 * np.eye(3), 1e30 * np.eye(3)])
    assert np.abs(phi(corners)).max() < 1e-12
    assert phi([0.0, 0.0, 0.0]).tolist() == [0.0]


@pytest.mark.parametrize("activation", ["sign", "heaviside", "hardshrink"])
def test_maps_that_jump_commute_with_the_group_on_hyperplanes(activation: str) -> None:
    phi = points("S4", "L3", "L3", activation)
    rng = np.random.default_rng(7)
    along = rng.standard_normal((len(phi.hyperplanes), 20, 3))
    normals = phi.hyperplanes[:, None, :]
    along -= (along * normals).sum(axis=-1, keepdims=True) * normals
    v = (along + phi.offsets[:, None, None] * normals).reshape(-1, 3)
    for one, two in zip(phi.source.models, phi.target.models, strict=True):
        assert np.abs(phi(v @ one.T) - phi(v) @ two.T).max() < 1e-12


# -- listing ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "module", "source", "activation", "count"),
    [("Q8", "regular", "L4", "softshrink", 81), ("S4", "points", "L3", "hardtanh(0.1,0.4)", 65)],
)  # fmt: skip
def test_all_regions_are_listed(
    name: str, module: str, source: str, activation: str, count: int
) -> None:
    """Four numbers of sum 0 lie in one of three intervals each, but not all above 0.1: 3^4 - 2^4.

    Four orthogonal pairs of planes through softshrink: 3^4.
    """
    G = tk.group(name)
    X = G.natural_module() if module == "points" else G.regular_module()
    phi = tk.pl_map(X, source, source, activation)
    assert (phi.regions.count, phi.regions.certainty) == (count, "exact")
    pieces_are_right(phi)


def test_a_list_takes_no_more_restrictions_than_a_count(monkeypatch: pytest.MonkeyPatch) -> None:
    phi = points("S5", "L2", "L2", "relu6")
    a = phi.arrangement
    assert phi.regions.count == 210
    made = []
    restricted = type(a).restricted

    def counted(self: Any, i: int) -> Any:
        made.append(i)
        return restricted(self, i)

    monkeypatch.setattr(type(a), "restricted", counted)
    assert sum(piece.size for piece in phi.matrices) == 210
    assert 0 < len(made) <= counting_cost(len(a), a.rank)


@pytest.mark.slow
def test_a_large_list() -> None:
    phi = tk.pl_map(tk.group("S5").regular_module(), "L6", "L6", "relu6", w=0, u=0)
    assert phi.regions.count == 13599
    pieces_are_right(phi)
