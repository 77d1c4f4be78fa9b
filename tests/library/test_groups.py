"""Every kind of group is built, with the right order and the right action on points."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest

import toolkit as tk
from toolkit.exact.cyclotomic import Cyclotomic
from toolkit.groups.gap_table import read_gap_table
from toolkit.groups.parsing.grammar import parse_group

pytestmark = pytest.mark.gap

# name, order, number of points of the natural action (0: none), is it faithful
NAMES = [
    ("C1", 1, 1, True),
    ("C12", 12, 12, True),
    ("D4", 4, 4, True),
    ("D6", 6, 3, True),
    ("D8", 8, 4, True),
    ("Q8", 8, 0, None),
    ("Q16", 16, 0, None),
    ("S1", 1, 1, True),
    ("S2", 2, 2, True),
    ("S3", 6, 3, True),
    ("S7", 5040, 7, True),
    ("A1", 1, 1, True),
    ("A2", 1, 2, True),
    ("A3", 3, 3, True),
    ("A4", 12, 4, True),
    ("A5", 60, 5, True),
    ("SL(2,3)", 24, 8, True),
    ("GL(2,3)", 48, 8, True),
    ("GL(2,4)", 180, 15, True),
    ("GL(1,2)", 1, 1, True),
    ("GL(1,5)", 4, 4, True),
    ("SL(1,5)", 1, 4, True),
    ("PSL(2,7)", 168, 8, True),
    ("PGL(2,5)", 120, 6, True),
    ("PGL(1,7)", 1, 1, True),
    ("AGL(1,5)", 20, 5, True),
    ("AGL(1,8)", 56, 8, True),
    ("AGL(1,2)", 2, 2, True),
    ("ASL(2,2)", 24, 4, True),
    ("ASL(1,4)", 4, 4, True),
    ("AGL(3,2)", 1344, 8, True),
    ("M11", 7920, 11, True),
    ("M24", 244823040, 24, True),
    ("SmallGroup(60,5)", 60, 0, None),
    ("SmallGroup(64,267)", 64, 0, None),
    ("SmallGroup(1,1)", 1, 0, None),
    ("TransitiveGroup(8,3)", 8, 8, True),
    ("PrimitiveGroup(9,4)", 72, 9, True),
    ("C4 x S3", 24, 7, True),
    ("C1 x C1", 1, 2, True),
    ("C3^2", 9, 6, True),
    ("Q8 x C3", 24, 0, None),
    ("Q8 x A5", 480, 0, None),
    ("C2 wr S3", 48, 6, True),
    ("S3 wr C2", 72, 6, True),
    ("Q8 wr C2", 128, 16, True),
    ("<(1,2,3),(1,2)>", 6, 3, True),
    ("<(1,2)(5,6)>", 2, 6, True),
    ("<()>", 1, 1, True),
    ("<a,b | a^4, b^2, (a*b)^2>", 8, 0, None),
    ("<a,b | a^2, b^3, (a*b)^5>", 60, 0, None),
    ("<a | a>", 1, 0, None),
    ("<[[1,1],[0,1]], [[0,1],[2,0]] | GF(3)>", 24, 8, True),
    ("<[[0,1],[1,1]] | GF(4)>", 3, 15, True),
    ("Table(M11)", 7920, 0, None),
]


@pytest.mark.parametrize(("name", "order", "points", "faithful"), NAMES, ids=lambda v: str(v))
def test_built(gap_session, name, order, points, faithful):
    facts = tk.group(name, session=gap_session).facts
    assert (facts.order, facts.points, facts.faithful) == (order, points, faithful)
    assert sum(facts.orbit_lengths) == points
    if name.startswith("Table"):
        assert facts.generators == ()
    for g in facts.generators:
        assert set(g) in ({"perm"}, {"pc"})


NOT_HELD = [
    ("SmallGroup(1024,1)", "1024"),
    ("SmallGroup(24,16)", "15 groups of order 24"),
    ("SmallGroup(999999937,2)", "order 999999937"),
    ("TransitiveGroup(64,1)", "degree 64"),
    ("TransitiveGroup(8,51)", "50 transitive groups"),
    ("PrimitiveGroup(5000,1)", "degree 5000"),
    ("PrimitiveGroup(9,12)", "11 primitive groups"),
    ("Table(NoSuchGroup)", "NoSuchGroup"),
    ("S2000", "5,736 digits"),
    ("A2000", "5,736 digits"),
    ("GL(6,7)", "20000 of them"),
    ("<a,b | a^2, b^3>", "infinite"),
    ("S3 wr Q8", "action on points"),
]


@pytest.mark.parametrize(("name", "reason"), NOT_HELD)
def test_not_held(gap_session, name, reason):
    with pytest.raises(tk.NotAvailable, match=reason) as caught:
        _ = tk.group(name, session=gap_session).facts
    assert caught.value.subject == tk.group(name, session=gap_session).name


def images(worker, spec, module=None, **changed):
    request = {"module": module, "reps": [], "simples": None, "images": True, "rep_images": False}
    args = {"group": spec, **request, **changed}
    return worker.ask("transitive_module", args, subject="a group").value


def natural_images(worker, spec):
    return worker.ask("natural_action", {"group": spec}, subject="a group").value["images"]


class TestNaturalAction:
    """Which permutations the generators are: part of the interface, written down here."""

    def test_the_rotation_comes_first(self, worker):
        spec = parse_group("D8").to_json()
        assert natural_images(worker, spec) == [[1, 2, 3, 0], [0, 3, 2, 1]]

    def test_the_rectangle(self, worker):
        rotation, reflection = natural_images(worker, parse_group("D4").to_json())
        assert sorted(rotation) == sorted(reflection) == [0, 1, 2, 3]
        both = [reflection[i] for i in rotation]
        for image in (rotation, reflection, both):
            assert all(image[image[i]] == i != image[i] for i in range(4))

    @pytest.mark.parametrize("name", ["C6", "D8", "D12", "C4 x S3", "D8 x D6", "C2 wr C3"])
    def test_the_generators_act_as_they_multiply(self, worker, name):
        """The group that the permutations generate has the right order, and right quotients."""
        spec = parse_group(name).to_json()
        given = natural_images(worker, spec)
        facts = worker.ask("facts", {"group": spec}, subject=name).value
        again = {"kind": "permutations", "degree": len(given[0]), "images": given}
        other = worker.ask("facts", {"group": again}, subject=name).value
        for key in ("order", "id", "orbit_lengths", "abelian_invariants", "exponent"):
            assert facts[key] == other[key]

    def test_relations_of_the_dihedral_group(self, worker):
        """Elements as data multiply as their permutations do: through the regular module."""
        for name in ("D4", "D6", "D10", "D16"):
            spec = parse_group(name).to_json()
            regular = np.array(images(worker, spec, {"kind": "coset", "subgroup": []})["images"])
            n = spec["order"] // 2
            r, s = regular
            power = np.arange(2 * n)
            for _ in range(n):
                power = r[power]
            assert np.array_equal(power, np.arange(2 * n))
            assert np.array_equal(s[r[s[r]]], np.arange(2 * n))

    def test_a_point_that_is_not_there(self, worker):
        with pytest.raises(tk.NotAvailable, match="the points are 0 to 2, not 3"):
            images(worker, parse_group("S3").to_json(), {"kind": "natural", "point": 3})

    @pytest.mark.parametrize("name", ["C1", "S1", "<()>", "GL(1,2)"])
    def test_the_trivial_group(self, worker, name):
        spec = parse_group(name).to_json()
        for module in ({"kind": "natural", "point": 0}, {"kind": "coset", "subgroup": []}):
            answer = images(worker, spec, module, reps=[], rep_images=True)
            assert (answer["points"], answer["base"], answer["subgroup"]) == (1, 0, [])

    @pytest.mark.parametrize("name", ["D8", "C4 x S3", "<(1,2)(4,5)>", "A2", "Q8 wr C2"])
    def test_an_orbit_is_the_restriction(self, worker, name):
        spec = parse_group(name).to_json()
        whole = natural_images(worker, spec)
        points = worker.ask("facts", {"group": spec}, subject=name).value["points"]
        for point in range(points):
            answer = images(worker, spec, {"kind": "natural", "point": point})
            orbit = answer["orbit"]
            assert orbit[answer["base"]] == point
            assert answer["images"] == [[orbit.index(g[x]) for x in orbit] for g in whole]

    def test_listed_and_large_groups_agree(self, worker):
        """S8 is past the bound for listing, S7 is not: points and orbits by the same rules."""
        for degree in (7, 8):
            spec = {"kind": "symmetric", "degree": degree}
            answer = images(worker, spec, {"kind": "natural", "point": 2})
            assert answer["images"] == natural_images(worker, spec)
            assert (answer["base"], answer["orbit"]) == (2, list(range(degree)))
            stabiliser = {"kind": "permutations", "degree": degree}
            stabiliser["images"] = [g["perm"] for g in answer["subgroup"]]
            facts = worker.ask("facts", {"group": stabiliser}, subject="stabiliser").value
            assert facts["order"] == answer["subgroup_order"] == math.factorial(degree - 1)
            cosets = images(worker, spec, {"kind": "coset", "subgroup": answer["subgroup"]})
            assert cosets["points"] == degree


class TestHomomorphismLaw:
    def test_products_of_permutations(self, worker):
        """rho(g) rho(h) = rho(g h): g h means g first, as in GAP, and so do image lists."""
        rng = random.Random(5)
        for _ in range(8):
            g, h = (rng.sample(range(6), 6) for _ in range(2))
            product = [h[i] for i in g]
            spec = {"kind": "permutations", "degree": 6, "images": [g, h, product]}
            for subgroup in ([], [{"perm": g}], [{"perm": product}]):
                module = {"kind": "coset", "subgroup": subgroup}
                first, second, both = np.array(images(worker, spec, module)["images"])
                assert np.array_equal(second[first], both)

    @pytest.mark.parametrize("name", ["Q8", "SL(2,3)", "C4 x S3", "D12", "SmallGroup(48,33)", "A5"])
    def test_every_coset_module_is_a_quotient_of_the_regular_one(self, gap_session, name):
        group = tk.group(name, session=gap_session)
        regular = group.coset_module([]).images
        for c in group.subgroup_classes():
            cosets = group.coset_module(c.generators).images
            place = {0: 0}
            queue = [0]
            for x in queue:
                for g in range(len(regular)):
                    y, image = int(regular[g, x]), int(cosets[g, place[x]])
                    if y not in place:
                        place[y] = image
                        queue.append(y)
                    assert place[y] == image
            assert len(place) == group.order
            assert sum(v == 0 for v in place.values()) == c.order

    @pytest.mark.parametrize("name", ["S4", "Q8", "SL(2,3)", "AGL(1,5)"])
    def test_images_of_class_representatives(self, worker, gap_session, name):
        """They are of the right cycle type: the fixed points say how often H meets the class."""
        table = tk.group(name, session=gap_session).character_table
        spec = parse_group(name).to_json()
        reps = list(table.representatives)
        answer = images(worker, spec, {"kind": "coset", "subgroup": []}, reps=reps, rep_images=True)
        for image, order in zip(answer["rep_images"], table.element_orders, strict=True):
            power, k = image, 1
            while power != list(range(table.order)):
                power, k = [image[i] for i in power], k + 1
            assert k == order

    def test_elements_outside_the_group(self, worker):
        spec = {"kind": "alternating", "degree": 5}
        swap = {"perm": [1, 0, 2, 3, 4]}
        with pytest.raises(tk.NotAvailable, match="does not lie in the group"):
            images(worker, spec, {"kind": "coset", "subgroup": [swap]})
        for bad in ({"pc": [1]}, {"perm": [0, 0, 1]}, {"perm": []}):
            group = {"kind": "quaternion", "order": 8}
            with pytest.raises(tk.NotAvailable, match="does not lie in the group"):
                images(worker, group, {"kind": "coset", "subgroup": [bad]})


class TestCyclotomics:
    @pytest.mark.parametrize("name", ["C7", "C12", "A5", "PSL(2,7)", "SL(2,3)", "M11"])
    def test_round_trip(self, worker, gap_session, name):
        """GAP's values, read in Python, written to GAP, and read again in what it answers."""
        raw = worker.ask("character_table", {"group": parse_group(name).to_json()}, subject=name)
        for value in read_gap_table(raw.value).arrays.values:
            assert Cyclotomic.from_json(value.to_json()) == value
        group = tk.group(name, session=gap_session)
        X = group.coset_module([])
        found = {v for simple in X.spherical_table.simples for v in simple.row}
        assert len(found) == len(X.spherical_table.values)
        if group.order < 200:
            for simple in X.spherical_table.simples:
                known = group.character_table.simple(simple.label)
                values = {X.spherical_table.values[v] for v in simple.row}
                from fractions import Fraction

                scale = Fraction(1, known.dimension)
                theirs = {group.character_table.values[v].scaled(scale) for v in known.row}
                assert values == theirs


class TestGraphs:
    def test_automorphisms(self, worker):
        square = {"nodes": 4, "edges": [[0, 1], [1, 2], [2, 3], [3, 0]], "directed": False}
        for colors, order in ((None, 8), ([0, 1, 0, 1], 4), ([0, 1, 2, 3], 1)):
            args = {**square, "colors": colors}
            found = worker.ask("graph_automorphisms", args, subject="a graph").value
            assert found["order"] == order
            images = found["images"] or [[0, 1, 2, 3]]
            spec = {"kind": "permutations", "degree": 4, "images": images}
            assert worker.ask("facts", {"group": spec}, subject="g").value["order"] == order

    def test_directed_and_without_edges(self, worker):
        cycle = {"nodes": 3, "edges": [[0, 1], [1, 2], [2, 0]], "directed": True, "colors": None}
        found = worker.ask("graph_automorphisms", cycle, subject="a graph").value
        assert (len(found["images"]), found["order"]) == (1, 3)
        empty = {"nodes": 3, "edges": [], "directed": False, "colors": None}
        generators = worker.ask("graph_automorphisms", empty, subject="a graph").value["images"]
        orders = worker.ask("permutation_order", {"images": [generators, []]}, subject="g").value
        assert orders == [6, 1]
