"""Published numbers of weights and biases, each by two routes: orbitals, and characters.

The modules are made with ``+``, ``*``, ``**`` and :meth:`outer` from the groups' own actions.
"""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import networkx as nx
import numpy as np
import pytest

import toolkit as tk
from toolkit.library.change_of_group import group_of_module, restrict
from toolkit.modules.module import direct_sum

pytestmark = pytest.mark.gap

ORACLE = json.loads(Path(__file__).with_name("layer_dimensions.json").read_text(encoding="utf-8"))
POWERS = [
    (f"{family}{n}", numbers)
    for family in ("S", "A")
    for n, numbers in ORACLE["tensor_powers"][family].items()
]
CUBE = (
    "<(1,3,8,6)(2,5,7,4)(9,33,25,17)(10,34,26,18)(11,35,27,19),"
    "(9,11,16,14)(10,13,15,12)(1,17,41,40)(4,20,44,37)(6,22,46,35),"
    "(17,19,24,22)(18,21,23,20)(6,25,43,16)(7,28,42,13)(8,30,41,11),"
    "(25,27,32,30)(26,29,31,28)(3,38,43,19)(5,36,45,21)(8,33,48,24),"
    "(33,35,40,38)(34,37,39,36)(3,9,46,32)(2,12,47,29)(1,14,48,27),"
    "(41,43,48,46)(42,45,47,44)(14,22,30,38)(15,23,31,39)(16,24,32,40)>"
)
ORDER_TWELVE = ["C12", "C6 x C2", "D12", "A4", "SmallGroup(12,1)"]


def check(name, X, Y, *, characters=True):
    """Compare weights and biases of the maps X -> Y with the oracle, by every route there is."""
    expected = ORACLE["maps"][name]
    maps = tk.orbitals(X, Y)
    assert maps.count == expected["weights"]
    assert tk.orbitals(X, Y).sizes.sum() == X.degree * Y.degree
    assert Y.orbit_count == expected["bias"]
    one = Y.home.module_from_images(np.zeros((Y.images.shape[0], 1), dtype=int))
    assert tk.orbitals(one, Y).count == expected["bias"]
    if characters:
        assert tk.hom_dimension(X, Y) == expected["weights"]
        assert tk.hom_dimension(one, Y) == Y.multiplicities["L0"] == expected["bias"]
        assert tk.layer_basis(X, Y).dimension == expected["weights"]


@pytest.mark.parametrize(("name", "numbers"), POWERS)
def test_tensor_powers(session, name, numbers):
    V = tk.group(name, session=session).natural_module()
    for m, number in enumerate(numbers, start=1):
        assert (V**m).multiplicities["L0"] == number
        if V.degree**m <= 20_000:
            assert (V**m).orbit_count == number
        for k in range(m + 1):
            assert tk.hom_dimension(V**k, V ** (m - k)) == number
        for k in {m // 2, (m + 1) // 2}:
            assert tk.orbitals(V**k, V ** (m - k)).count == number


@pytest.mark.parametrize(
    "name", ["S4 on 4 points", "M11 on 11 points", "M24 on 24 points"], ids=lambda name: name[:3]
)
def test_points(session, name):
    X = tk.group(name.split()[0], session=session).natural_module()
    check(name, X, X)
    assert X.is_2_transitive


def test_regular_modules(session):
    for name, group in (("C6 on itself", "C6"), ("PSL(2,7) on itself", "PSL(2,7)")):
        X = tk.group(group, session=session).regular_module()
        check(name, X, X)


def test_ordered_pairs(session):
    V = tk.group("S5", session=session).natural_module()
    check("S5 on ordered pairs", V**2, V**2)


def test_dodecahedron(session):
    """As cosets of a subgroup of order 3, and as the rotations of the graph."""
    name = "A5 on the vertices of the dodecahedron"
    X = tk.group("A5", session=session).coset_module([[1, 2, 0, 3, 4]])
    check(name, X, X)
    whole = tk.group(nx.dodecahedral_graph(), session=session)
    assert (whole.order, whole.natural_module().rank) == (120, 6)
    rotations = restrict(whole.natural_module(), whole.derived_subgroup)
    assert (group_of_module(rotations).order, rotations.degree) == (60, 20)
    check(name, rotations, rotations)


@pytest.mark.parametrize("name", ORDER_TWELVE)
def test_free_action_on_24_points(session, name):
    """Twice the regular module, whatever the group; also with the points in another order."""
    G = tk.group(name, session=session)
    X = G.regular_module() + G.regular_module()
    new = np.random.default_rng(12).permutation(24)
    images = np.empty_like(X.images)
    images[:, new] = new[X.images]
    for Y in (X, G.module_from_images(images)):
        check("a group of order 12 acting freely on 24 points", Y, Y)
        assert Y.kernel == (0,)
        assert set(Y.fixed_points) == {0, 24}


def test_sums_of_powers(session):
    V = tk.group("S6", session=session).natural_module()
    check("S6, V + V^2 to V", V + V**2, V)
    X = direct_sum(*[V**0] * 100, *[V] * 100, *[V**2] * 20)
    check("S6, 100 + 100 V + 20 V^2 to itself", X, X)


def test_rubiks_cube(session):
    """No character table: the second route within each part, and the count of orbitals."""
    name = "Rubik's cube on 48 facelets"
    X = tk.group(CUBE, session=session).natural_module()
    check(name, X, X, characters=False)
    assert tk.hom_dimension(X, X) == X.rank
    assert [part.degree for part in X.orbits] == [24, 24]
    # between a corner facelet and an edge facelet there is one orbital, either way
    inside = [tk.hom_dimension(part, part) for part in X.orbits]
    between = [tk.orbitals(one, other).count for one, other in itertools.permutations(X.orbits)]
    assert sum(inside) + sum(between) == X.rank == ORACLE["maps"][name]["weights"]


def test_pixels(session):
    row = tk.group("C32", session=session).natural_module()
    image = row.outer(row)
    name = "C32 x C32 on 32 x 32 pixels"
    check(name, image, image, characters=False)
    assert tk.hom_dimension(image, image) == ORACLE["maps"][name]["weights"]
    # the table of the product itself, for a smaller image
    small = tk.group("C8", session=session).natural_module()
    image = small.outer(small)
    ends = {s.label: s.endomorphism_dimension for s in image.home.simples}
    assert sum(m * m * ends[label] for label, m in image.multiplicities.items()) == 64
