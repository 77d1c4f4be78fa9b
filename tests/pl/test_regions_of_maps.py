"""Regions of maps up to the group: against all regions listed one by one, and what is killed."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import networkx as nx
import numpy as np
import pytest

import toolkit as tk
from toolkit.errors import NotAvailable, UnsupportedActivationError
from toolkit.pl.maps.pieces import pieces_of

if TYPE_CHECKING:
    from toolkit.pl.maps.pl_map import PLMap

MAPS = {
    "four points": ("S4", "natural_module", "L3", "L0", "relu"),
    "five points": ("S5", "natural_module", "L2", "L2", "relu"),
    "kinks beside 0": ("S4", "natural_module", "L3", "L3", "hardtanh"),
    "a shrink": ("S3", "natural_module", "L2", "L2", "softshrink"),
    "a generic copy": ("S4", "regular_module", "L2", "L1", "relu"),
    "sixty planes": ("A5", "regular_module", "L1", "L0", "abs"),
    "a circle": ("C8", "regular_module", "L3", "L1", "relu"),
    "dimension 1": ("S3", "regular_module", "L1", "L1", "relu"),
}


def made(name: str) -> PLMap:
    group, module, source, target, f = MAPS[name]
    return tk.pl_map(getattr(tk.group(group), module)(), source, target, f)


def listed(phi: PLMap) -> Any:
    subject = (phi.group, phi.title)
    return pieces_of(subject, phi.breaks, phi.regions, lambda: phi.arrangement, phi.piece_at)


@pytest.mark.parametrize("name", MAPS)
def test_orbits_are_those_of_all_regions(name: str) -> None:
    phi = made(name)
    found = phi.region_orbits()
    pieces = listed(phi)
    key = [(p.size, round(float(np.linalg.norm(p.matrix)), 6), round(p.region.margin, 4))
           for p in pieces]  # fmt: skip
    own = [(p.size, round(float(np.linalg.norm(p.matrix)), 6), round(p.region.margin, 4))
           for p in found.pieces]  # fmt: skip
    assert sorted(own) == sorted(key)
    assert found.regions.regions == int(phi.regions)
    assert found.regions.certainty == phi.regions.certainty == "exact"
    assert found.regions.walls_are == "exact"
    assert nx.is_connected(nx.Graph(found.graph))
    for number, piece in enumerate(found.pieces):
        assert np.allclose(phi(piece.region.point), piece.matrix @ piece.region.point
                           + piece.constant)  # fmt: skip
        data = found.graph.nodes[number]
        assert data["is_killed"] == found.killed[number]
        assert data["rank"] == np.linalg.matrix_rank(piece.matrix, tol=1e-9)


def test_a_map_that_kills_regions() -> None:
    """The trivial part of hardtanh on four points is 0 where the signs cancel."""
    phi = tk.pl_map(tk.group("S4").natural_module(), "L3", "L0", "hardtanh")
    found = phi.region_orbits()
    assert found.killed_is == "exact"
    by_value = [
        bool(np.allclose(p.matrix, 0, atol=1e-9) and np.allclose(p.constant, 0, atol=1e-9))
        for p in found.pieces
    ]
    assert list(found.killed) == by_value
    # inside: the sum of four numbers that add up to 0; two at 1 and two at -1
    assert found.killed_regions == 1 + 6
    assert found.graph.graph["killed"] == 7
    rng = np.random.default_rng(0)
    for piece, is_killed in zip(found.pieces, found.killed, strict=True):
        near = piece.region.point + piece.region.margin * 0.1 * rng.standard_normal((20, 3))
        assert bool(np.allclose(phi(near), 0)) == is_killed


def test_what_is_nearly_killed_is_not_said_to_be_exact() -> None:
    phi = tk.pl_map(tk.group("S4").natural_module(), "L3", "L0", "hardtanh")
    floats = replace(phi, exact_vectors=None, exact_covectors=None)
    assert floats.region_orbits().killed_is == "numerical"
    assert floats.region_orbits().killed == phi.region_orbits().killed


def test_matrices_beyond_what_is_listed_come_from_orbits(monkeypatch: pytest.MonkeyPatch) -> None:
    phi, again = made("sixty planes"), made("sixty planes")
    monkeypatch.setattr("toolkit.pl.maps.pl_map.MOST_LISTED", 100)
    monkeypatch.setattr("toolkit.pl.maps.pl_map.pieces_of", None)
    assert sorted(p.size for p in phi.matrices) == sorted(p.size for p in listed(again))


@pytest.mark.slow
@pytest.mark.gap
def test_more_regions_than_are_listed_have_matrices() -> None:
    """C2 wr S6 on 64 points: 94,572 regions in 21 orbits, with one matrix each."""
    signs = list(itertools.product((1, -1), repeat=6))
    place = {p: i for i, p in enumerate(signs)}
    group = tk.group_from_permutations(
        [[place[p[1:] + p[:1]] for p in signs], [place[p[1], p[0], *p[2:]] for p in signs],
         [place[-p[0], *p[1:]] for p in signs]]
    )  # fmt: skip
    X = group.natural_module()
    label = next(s.label for s in X.spherical_table.simples if s.dimension == 6)
    phi = tk.pl_map(X, label, "L0", "relu")
    assert (int(phi.regions), len(phi.matrices)) == (94572, 21)
    assert sum(piece.size for piece in phi.matrices) == 94572
    graph = phi.region_orbits().graph
    assert sum(data["size"] for *_, data in graph.edges(data=True)) == 361344


def test_maps_that_break_nowhere() -> None:
    phi = tk.pl_map(tk.group("S4").regular_module(), "L2", "L1", "relu", w=0)
    found = phi.region_orbits()
    assert (found.regions.regions, len(found.regions.walls), found.killed) == (1, 0, (True,))
    assert found.regions.faces().faces == (1,)
    assert list(found.graph) == [0]


def test_refusals() -> None:
    phi = made("sixty planes")
    with pytest.raises(NotAvailable, match="raise most_orbits"):
        phi.region_orbits(most_orbits=10)
    with pytest.raises(UnsupportedActivationError, match="piecewise-linear"):
        tk.pl_map(tk.group("S4").natural_module(), "L3", "L3", "gelu").region_orbits()
