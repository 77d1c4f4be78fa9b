"""Published and independent numbers, answered by the bundled answers alone: no GAP is started."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest

import toolkit as tk
from toolkit.errors import NotCachedError
from toolkit.library import Session
from toolkit.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Edges of the interaction graphs of the regular module of C_n, loops counted, n = 2..24:
# (ReLU, absolute value). From the divisibility rule of arXiv 2408.00949's code.
CYCLIC_EDGES = {
    2: (3, 2), 3: (3, 3), 4: (6, 4), 5: (7, 7), 6: (8, 6), 7: (13, 13), 8: (14, 10), 9: (18, 18),
    10: (17, 14), 11: (31, 31), 12: (21, 16), 13: (43, 43), 14: (30, 26), 15: (41, 41),
    16: (38, 30), 17: (73, 73), 18: (41, 36), 19: (91, 91), 20: (48, 40), 21: (81, 81),
    22: (68, 62), 23: (133, 133), 24: (61, 50),
}  # fmt: skip


@pytest.fixture(scope="module")
def offline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    folder: Path = tmp_path_factory.mktemp("offline")
    with Session(
        Settings.from_environment({"PLREP_CACHE_DIR": str(folder), "PLREP_OFFLINE": "1"})
    ) as session:
        yield session


def order(n: int, k: int) -> int:
    return n // math.gcd(n, k)


def half(m: int) -> int:
    return m // 2 if m % 2 == 0 else m


@pytest.mark.parametrize("n", range(1, 65))
def test_rule_for_cyclic_groups(offline: Session, n: int) -> None:
    X = tk.group(f"C{n}", session=offline).regular_module()
    for activation in ("relu", "abs"):
        graph = tk.interaction_graph(X, activation)
        index = {data["paper_index"]: label for label, data in graph.nodes(data=True)}
        assert set(index) == set(range(n // 2 + 1))
        expected = {
            (index[i], index[j])
            for i in index
            for j in index
            if (i == j and activation == "relu") or half(order(n, i)) % order(n, j) == 0
        }
        assert set(graph.edges) == expected
        if n in CYCLIC_EDGES:
            assert graph.number_of_edges() == CYCLIC_EDGES[n][activation == "abs"]


def test_paper_indices_are_frequencies(offline: Session) -> None:
    table = tk.group("C24", session=offline).character_table
    g = table.generator_class
    assert g is not None
    for simple in table.simples:
        assert simple.paper_index is not None
        cosine = math.cos(2 * math.pi * simple.paper_index / 24)
        assert abs(table.values[simple.row[g]].to_float() - simple.dimension * cosine) < 1e-12


@pytest.mark.parametrize(
    ("name", "dimensions", "types"),
    [
        ("Q8", (1, 1, 1, 1, 4), "RRRRH"),
        ("D8", (1, 1, 1, 1, 2), "RRRRR"),
        ("C3", (1, 2), "RC"),
        ("A5", (1, 3, 3, 4, 5), "RRRRR"),
        ("SL(2,3)", (1, 2, 3, 4, 4), "RCRCH"),
        ("C1", (1,), "R"),
    ],
)
def test_types(offline: Session, name: str, dimensions: tuple[int, ...], types: str) -> None:
    simples = tk.group(name, session=offline).simples
    assert tuple(s.dimension for s in simples) == dimensions
    assert "".join(s.type for s in simples) == types


@pytest.mark.parametrize(
    ("name", "subgroups", "classes", "normal"),
    [
        ("C2", 2, 2, 2), ("C3", 2, 2, 2), ("C4", 3, 3, 3), ("C6", 4, 4, 4), ("C8", 4, 4, 4),
        ("C2 x C2", 5, 5, 5), ("D6", 6, 4, 3), ("D8", 10, 8, 6), ("D10", 8, 4, 3),
        ("D12", 16, 10, 7), ("D16", 19, 11, 7), ("Q8", 6, 6, 6), ("C2 x C4", 8, 8, 8),
        ("C2 x C2 x C2", 16, 16, 16), ("A4", 10, 5, 3), ("S4", 30, 11, 4), ("A5", 59, 9, 2),
    ],
)  # fmt: skip
def test_subgroups(offline: Session, name: str, subgroups: int, classes: int, normal: int) -> None:
    G = tk.group(name, session=offline)
    found = G.subgroup_classes()
    assert found.complete
    assert found.canonical
    assert sum(c.length for c in found) == subgroups
    assert len(found) == classes
    assert len(G.normal_subgroups()) == normal == sum(c.is_normal for c in found)


def test_table_of_marks(offline: Session) -> None:
    rows = tk.group("S3", session=offline).table_of_marks().rows
    assert rows == ((6,), (3, 1), (2, 0, 2), (1, 1, 1, 1))


def test_transfer_against_a_simulation(offline: Session) -> None:
    """S4 on the 12 cosets of <(1,2)(3,4)>, ReLU; the shares were simulated independently."""
    G = tk.group("S4", session=offline)
    X = G.coset_module("H2a")
    labels = [s.label for s in X.spherical_table.simples]
    T = tk.transfer_matrix(X, "relu")
    assert abs(T.sum(axis=1) - 1).max() < 1e-12
    for source in ("L3", "L4"):
        row = dict(zip(labels, T[labels.index(source)], strict=True))
        assert row["L0"] == pytest.approx(0.3789, abs=5e-5)
        assert row["L2"] == pytest.approx(0.1211, abs=5e-5)
        assert row[source] == pytest.approx(0.5, abs=1e-12)


def test_relu_of_a_sine_in_the_limit(offline: Session) -> None:
    """ReLU(sin x) = 1/pi + sin(x)/2 - (2/pi) sum cos(2kx)/(4k^2-1): energies of C_64 are close."""
    X = tk.group("C64", session=offline).regular_module()
    simples = X.spherical_table.simples
    row = tk.transfer_matrix(X, "relu")[[s.paper_index for s in simples].index(1)]
    share = {s.paper_index: float(x) for s, x in zip(simples, row, strict=True)}
    total = 0.25  # mean of ReLU(sin x)^2
    assert share[0] == pytest.approx((1 / math.pi) ** 2 / total, rel=1e-2)
    assert share[1] == pytest.approx(0.5, abs=1e-12)
    for k in (1, 2):
        energy = (2 / math.pi / (4 * k * k - 1)) ** 2 / 2
        assert share[2 * k] == pytest.approx(energy / total, rel=0.05)


@pytest.mark.parametrize(
    ("name", "module", "weights"),
    [
        ("S4", "points", 2),
        ("C6", "points", 6),
        ("PSL(2,7)", "regular", 168),
        ("S5", "points", 2),
    ],
)
def test_layer_dimensions(offline: Session, name: str, module: str, weights: int) -> None:
    G = tk.group(name, session=offline)
    X = G.natural_module() if module == "points" else G.regular_module()
    assert tk.layer_basis(X).dimension == weights == tk.hom_dimension(X, X)


def test_every_pair_of_modules_of_s4(offline: Session) -> None:
    modules = tk.group("S4", session=offline).permutation_modules()
    for X in modules:
        for Y in modules:
            assert tk.orbitals(X, Y).count == tk.hom_dimension(X, Y)


def test_offline_says_so(offline: Session) -> None:
    with pytest.raises(NotCachedError, match="SmallGroup\\(96,64\\)"):
        assert tk.group("SmallGroup(96,64)", session=offline).order == 96
