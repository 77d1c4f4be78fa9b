"""Modules from images, products, signed modules and changes of group, answered by GAP itself."""

from __future__ import annotations

import bruteforce
import numpy as np
import pytest
from module_matrices import matrices

import toolkit as tk
from toolkit.errors import GapError, ModuleMismatchError, NotAvailable
from toolkit.library.change_of_group import group_of_module, induce, inflate, restrict
from toolkit.library.modules.direct_products import factor_classes
from toolkit.library.modules.elements import element_images
from toolkit.library.modules.given_actions import require_action
from toolkit.library.session import Session
from toolkit.modules.gset_expressions import Action
from toolkit.modules.gsets.signed_orbitals import SignedOrbitals
from toolkit.modules.permutation_module import PermutationModule
from toolkit.modules.signed_module import SignedModule
from toolkit.settings import Settings

pytestmark = pytest.mark.gap

GROUPS = ["C1", "C6", "D8", "Q8", "SL(2,3)", "S4", "SmallGroup(16,4)", "A5", "C2 x S3"]


@pytest.fixture(params=GROUPS)
def group(request, gap_session):
    return tk.group(request.param, session=gap_session)


def shuffled(X, seed=1):
    """The same module with its points renumbered, given by images."""
    new = np.random.default_rng(seed).permutation(X.degree)
    images = np.empty_like(X.images)
    images[:, new] = new[X.images]
    return X.home.module_from_images(images)


# modules from images -------------------------------------------------------------------------


@pytest.mark.quick_cases(3)
def test_images_of_coset_modules(group):
    """A coset module given by images, renumbered, has the same simples and the same table."""
    for X in group.permutation_modules(max_index=24):
        Y = shuffled(X)
        assert Y.is_transitive
        assert Y.multiplicities == X.multiplicities
        assert Y.fixed_points == X.fixed_points
        assert Y.record.subgroup_order == group.order // X.degree
        if X.degree < group.order:  # the regular module's columns are merged
            assert sorted(Y.spherical_table.sizes) == sorted(X.spherical_table.sizes)
        assert Y.rank == X.rank == tk.orbitals(Y).count
        assert tk.hom_dimension(X, Y) == X.rank
        assert tk.interaction_graph(Y, "relu").edges == tk.interaction_graph(X, "relu").edges


def test_images_with_several_orbits(gap_session):
    G = tk.group("S4", session=gap_session)
    X = G.natural_module() + G.coset_module("H4b") + G.natural_module()
    Y = shuffled(X)
    assert sorted(p.degree for p in Y.orbits) == [4, 4, 6]
    assert Y.multiplicities == X.multiplicities
    assert Y.fixed_points == X.fixed_points
    assert Y.rank == X.rank


def test_images_of_a_group_too_large_to_list(gap_session):
    G = tk.group("S8", session=gap_session)
    V = G.natural_module()
    pairs = shuffled(V**2)
    assert sorted(p.degree for p in pairs.orbits) == [8, 56]
    assert pairs.multiplicities == (V**2).multiplicities
    assert pairs.fixed_points == tuple(n * n for n in V.fixed_points)


def test_images_of_a_group_without_table(gap_session):
    G = tk.group("S30", session=gap_session)
    X = G.module_from_images(G.natural_module().images)
    assert X.multiplicities == {"V0": 1, "V1": 1}
    assert [s.dimension for s in X.spherical_table.simples] == [1, 29]
    assert (X * X).rank == 15
    assert (X * X).fixed_points is None
    # (30), (29,1), (28,2), (28,1,1)
    assert (X * X).multiplicities == {"V0": 2, "V1": 3, "V2": 1, "V3": 1}
    assert X.outer(X).rank == 4


@pytest.mark.parametrize(
    ("name", "images", "says"),
    [
        ("S4", [[1, 2, 0, 3], [1, 0, 2, 3]], "generators 0, 0, 0, 0 in turn and the identity"),
        ("S8", [[1, 2, 0], [1, 0, 2]], "generators 0, 0, 0, 0, 0, 0, 0, 0 in turn"),
        ("C6", [[1, 2, 3, 0]], "take point 0 to 2 and to 0"),
        ("C2 x C2", [[1, 0, 2], [0, 2, 1]], "in turn are the same|are the same element"),
        ("C4", [[1, 0], [0, 1]], "C4 has 1 generators"),
    ],
)
def test_images_that_are_no_action(gap_session, name, images, says):
    G = tk.group(name, session=gap_session)
    with pytest.raises(ModuleMismatchError, match=says):
        G.module_from_images(images)
    # one that nobody checked is checked by GAP, when it is asked
    points = len(images[0])
    X = PermutationModule(G, "unchecked", points, Action(np.array(images)))
    with pytest.raises(ModuleMismatchError, match=says):
        _ = X.multiplicities
    with pytest.raises(ModuleMismatchError, match=says):
        _ = X.fixed_points
    with pytest.raises(ModuleMismatchError):
        element_images(X, list(G.facts.generators))
    with pytest.raises(ModuleMismatchError, match=says):
        require_action(X)


def test_a_relation_is_checked_on_every_orbit(gap_session):
    """The first orbit is an action of C2, the second is not."""
    C2, images = tk.group("C2", session=gap_session), [[1, 0, 3, 4, 2]]
    with pytest.raises(ModuleMismatchError, match="not an action of C2"):
        C2.module_from_images(images)
    X = PermutationModule(C2, "unchecked", 5, Action(np.array(images)))
    assert X.orbits[0].multiplicities == {"L0": 1, "L1": 1}
    with pytest.raises(ModuleMismatchError, match="not an action of C2"):
        _ = X.multiplicities


@pytest.mark.parametrize("name", ["C6", "S3", "Q8", "D8", "C2 x C2", "A4"])
def test_whether_images_are_an_action(gap_session, name):
    """Images are an action iff the generators, with them beside, generate no larger a group."""
    G = tk.group(name, session=gap_session)
    regular = G.regular_module().images
    draw = np.random.default_rng(5)
    verdicts = set()
    for _ in range(40):
        n = int(draw.integers(1, 5))
        images = np.array([draw.permutation(n) for _ in regular])
        both = np.concatenate([regular, G.order + images], axis=1)
        lawful = len(bruteforce.group_elements(both)) == G.order
        verdicts.add(lawful)
        if lawful:
            X = G.module_from_images(images)
            assert X.multiplicities["L0"] == X.orbit_count
        else:
            with pytest.raises(ModuleMismatchError, match=f"not an action of {name}"):
                G.module_from_images(images)
    assert verdicts == {True, False}


# products ------------------------------------------------------------------------------------


def test_products_by_parts_and_by_characters(group):
    X = group.permutation_modules(max_index=12)[0]
    Y = group.permutation_modules(max_index=12)[-2 if group.order > 1 else -1]
    P = X * Y
    total = {}
    for part in P.orbits:
        for simple in part.home.backend_of_action(part.images, part.name).spherical_table().simples:
            total[simple.label] = total.get(simple.label, 0) + simple.multiplicity
    assert total == P.multiplicities
    assert P.rank == tk.orbitals(P).count == tk.hom_dimension(P, P)
    components = bruteforce.isotypic_components(P.images)
    assert sorted(c.multiplicity for c in components) == sorted(total.values())


@pytest.mark.parametrize(
    ("one", "other"),
    [("C4", "C4"), ("S3", "S3"), ("Q8", "C3"), ("Q8", "Q8"), ("S4", "C2 x C2"), ("A5", "SL(2,3)")],
)
def test_outer_products(gap_session, one, other):
    """Real simples of a direct product are no products of real simples; the numbers still are."""
    G, H = tk.group(one, session=gap_session), tk.group(other, session=gap_session)
    X, Y = G.permutation_modules()[-2], H.regular_module()
    P = X.outer(Y) if one != other else (X + X).outer(Y)
    assert P.group == f"{one} x {other}"
    total = {}
    for part in P.orbits:
        source = part.home.backend_of_action(part.images, part.name)
        for simple in source.spherical_table().simples:
            total[simple.label] = total.get(simple.label, 0) + simple.multiplicity
    assert P.multiplicities == total
    ends = {s.label: s.endomorphism_dimension for s in P.home.simples}
    assert sum(m * m * ends[label] for label, m in total.items()) == P.rank
    assert P.rank == tk.orbitals(P).count
    assert P.orbit_count == total["L0"]
    classes = factor_classes(P.home, (G, H))
    assert len(set(zip(*classes, strict=True))) == len(G.character_table) * len(H.character_table)


def test_a_direct_product_has_the_generators_of_its_factors_in_order(gap_session):
    for one, other in (("C4", "S3"), ("S3", "C4"), ("Q8", "C3"), ("S4 x C2", "D10"), ("A5", "C1")):
        G, H = tk.group(one, session=gap_session), tk.group(other, session=gap_session)
        P = G.direct_product(H)
        assert tk.group(f"{one} x {other}", session=gap_session) == P
        regular = G.regular_module().outer(H.regular_module())
        assert regular.record.subgroup_order == 1  # GAP finds it to be an action, and regular
        if G.facts.points and H.facts.points:
            X, Y = G.natural_module(), H.natural_module()
            N = P.natural_module()
            k, n = X.images.shape
            assert np.array_equal(N.images[:k, :n], X.images)
            assert np.array_equal(N.images[k:, n:] - n, Y.images)
            assert (N.images[k:, :n] == np.arange(n)).all()


def test_the_square_image(gap_session):
    row = tk.group("C8", session=gap_session).natural_module()
    image = row.outer(row)
    assert (image.group, image.degree, image.rank) == ("C8 x C8", 64, 64)
    assert tk.orbitals(image).count == tk.layer_basis(image).dimension == 64
    assert image.spherical_table.rank == 64


# elements ------------------------------------------------------------------------------------


def test_images_of_elements(group):
    """Generators, products and inverses, on modules of every kind."""
    generators = list(group.facts.generators)
    cosets = group.permutation_modules(max_index=12)
    X = cosets[-2 if len(cosets) > 1 else -1]
    for Y in (X, X + X, X * X, shuffled(X), shuffled(X + cosets[-1]), X.outer(X)):
        gens = generators if Y.home == group else list(Y.home.facts.generators)
        assert np.array_equal(element_images(Y, gens), Y.images)
        if gens:
            words = [{"word": [0, len(gens) - 1]}, {"word": [~0]}, {"word": []}]
            images = element_images(Y, words)
            assert images[0].tolist() == Y.images[-1][Y.images[0]].tolist()
            assert images[1][Y.images[0]].tolist() == images[2].tolist() == list(range(Y.degree))
    representatives = group.character_table.representatives
    fixed = (element_images(X, representatives) == np.arange(X.degree)).sum(axis=1)
    assert tuple(fixed.tolist()) == X.fixed_points


def test_elements_of_a_large_group(gap_session):
    G = tk.group("S8", session=gap_session)
    V = G.natural_module()
    g = [7, 6, 5, 4, 3, 2, 1, 0]
    assert element_images(V, [g, {"word": [0, 0]}]).tolist()[0] == g
    H = G.coset_module([[1, 0, 2, 3, 4, 5, 6, 7], [1, 2, 3, 4, 5, 6, 0, 7]])
    assert H.degree == 8
    assert sum(i == x for i, x in enumerate(element_images(H, [g])[0])) == 0
    assert element_images(shuffled(V**2), [g]).shape == (1, 64)


def test_elements_that_are_none(gap_session):
    V = tk.group("A4", session=gap_session).natural_module()
    with pytest.raises(NotAvailable, match="does not lie in the group"):
        element_images(V, [[1, 0, 2, 3]])
    with pytest.raises(ModuleMismatchError, match="generators 0 to 1"):
        element_images(V, [{"word": [2]}])
    with pytest.raises(ModuleMismatchError, match="generators 0 to 1"):
        V.home.coset_module([{"word": [5]}])
    with pytest.raises(ModuleMismatchError, match="does not lie in the group"):
        V.home.coset_module(["(1,2)"])
    with pytest.raises(ModuleMismatchError, match="list of images"):
        element_images(V, [3.5])
    word = V.home.coset_module([{"word": [0]}])
    assert word.degree == 4


def test_a_sylow_subgroup_is_a_subgroup(group):
    for sylow in group.sylow_subgroups():
        X = group.coset_module(sylow)
        assert X.degree * sylow.order == group.order
        assert X.character == group.coset_module(list(sylow.generators)).character
    other = tk.group("A6", session=group.session).sylow_subgroups()[0]
    with pytest.raises(ModuleMismatchError, match=r"a Sylow subgroup of .*order 8, is of an"):
        group.coset_module(other)


# signed modules ------------------------------------------------------------------------------


def test_signed_coset_modules(group):
    """Every sign character of every subgroup: counts by orbitals, characters, linear algebra."""
    modules = []
    for H in group.subgroup_classes(max_index=12):
        for K in group.index_two_subgroups(H):
            X = group.signed_coset_module(H, K)
            assert X.degree == H.index
            assert X.cover.is_transitive
            assert X.cover.spherical_table.rank == group.coset_module(K).rank
            assert X.unsigned.multiplicities == group.coset_module(H).multiplicities
            dims = {s.label: s.dimension for s in group.simples}
            assert sum(m * dims[label] for label, m in X.multiplicities.items()) == X.degree
            modules.append(X)
    modules.append(SignedModule.from_permutation(group.regular_module()))
    for X in modules[:8]:
        for Y in modules[-3:]:
            maps = SignedOrbitals(Y, X)
            maps.check_count(tk.hom_dimension(X, Y))
            W = maps.expand(np.arange(1.0, maps.count + 1))
            for a, b in zip(matrices(X), matrices(Y), strict=True):
                assert np.array_equal(W @ a, b @ W)


def test_oriented_edges(gap_session):
    """Functions on ordered pairs of points that change sign with the order: the second power."""
    G = tk.group("S5", session=gap_session)
    swap = [1, 0, 2, 3, 4]
    others = [[0, 1, 3, 4, 2], [0, 1, 3, 2, 4]]
    X = G.signed_coset_module([swap, *others], others)
    assert X.degree == 10
    assert sorted(G.character_table.simple(label).dimension for label in X.multiplicities) == [4, 6]
    assert SignedOrbitals(X, X).count == 2
    points = SignedModule.from_permutation(G.natural_module())
    divergence = SignedOrbitals(points, X)
    assert divergence.count == 1
    W = divergence.expand([1])
    assert sorted(np.abs(W).sum(axis=0).tolist()) == [2] * 10
    assert W.sum(axis=0).tolist() == [0] * 10


def test_errors_about_signs(gap_session):
    G = tk.group("S4", session=gap_session)
    with pytest.raises(ModuleMismatchError, match="index 1 or 2 in H"):
        G.signed_coset_module("H4a", "H1a")
    with pytest.raises(ModuleMismatchError, match="must lie in H of order 2"):
        G.signed_coset_module("H2a", "H4a")
    with pytest.raises(ModuleMismatchError, match="must lie in H of order 6"):
        G.signed_coset_module([[1, 2, 0, 3], [1, 0, 2, 3]], [[0, 2, 3, 1]])
    assert G.signed_coset_module("H4b", "H4b").multiplicities == (
        G.coset_module("H4b").multiplicities
    )
    assert G.index_two_subgroups("H3a") == ()
    assert len(G.index_two_subgroups("H8a")) == 3
    # three subgroups of order 2 in the normal four-group, all conjugate
    assert len(G.index_two_subgroups("H4a")) == 1
    with pytest.raises(ModuleMismatchError, match="not an action of C3"):
        _ = SignedModule.from_signs(
            tk.group("C3", session=gap_session), [[0]], [[-1]]
        ).multiplicities


# change of group -----------------------------------------------------------------------------


@pytest.mark.quick_cases(2)
def test_frobenius_reciprocity(group):
    """dim Hom_G(Ind X, Y) = dim Hom_H(X, Res Y), by characters and by orbitals."""
    Y = shuffled(group.permutation_modules(max_index=12)[-1] + group.regular_module())
    for H in group.subgroup_classes():
        below = restrict(Y, H)
        assert below.degree == Y.degree
        assert group_of_module(below).order == H.order
        for X in (group_of_module(below).regular_module(), restrict(group.regular_module(), H)):
            above = induce(X, group, H.generators)
            assert above.degree == H.index * X.degree
            assert above.home == group
            number = tk.hom_dimension(above, Y)
            assert number == tk.hom_dimension(X, below)
            assert number == tk.orbitals(above, Y).count == tk.orbitals(X, below).count


def test_induced_points(gap_session):
    """The first points of the induced module are the points of the module itself."""
    G = tk.group("S4", session=gap_session)
    H = tk.group("S3", session=gap_session)
    embedding = [[1, 2, 0, 3], [1, 0, 2, 3]]
    X = H.natural_module()
    above = induce(X, G, embedding)
    assert above.degree == 12
    assert element_images(above, embedding)[:, :3].tolist() == X.images.tolist()
    assert above.multiplicities == G.coset_module([[1, 0, 2, 3]]).multiplicities
    trivial = induce(H.module_from_images([[0], [0]]), G, embedding)
    assert trivial.images.tolist() == G.coset_module(embedding).images.tolist()
    # in stages
    C = tk.group("C3", session=gap_session)
    twice = induce(induce(C.regular_module(), H, [[1, 2, 0]]), G, embedding)
    assert twice.multiplicities == G.regular_module().multiplicities


def test_mackey(gap_session):
    """Res Ind of the trivial module of a point stabiliser is the natural module restricted."""
    G = tk.group("A5", session=gap_session)
    V = G.natural_module()
    below = restrict(V, [[1, 2, 0, 3, 4], [1, 0, 3, 2, 4]])
    assert group_of_module(below).order == 12
    assert sorted(p.degree for p in below.orbits) == [1, 4]
    trivial = restrict(V, [])
    assert (group_of_module(trivial).name, trivial.multiplicities) == ("C1", {"L0": 5})


def test_inflation(gap_session):
    G, Q = tk.group("S4", session=gap_session), tk.group("S3", session=gap_session)
    X = Q.natural_module()
    above = inflate(X, G, [[1, 0, 2], [0, 2, 1]])
    assert above.multiplicities == G.coset_module("H8a").multiplicities
    assert above.rank == X.rank
    words = inflate(X, G, [{"word": [1]}, {"word": [0, 1]}])
    assert words.multiplicities == above.multiplicities
    with pytest.raises(ModuleMismatchError, match="not an action of S4"):
        inflate(X, G, [{"word": [0]}, {"word": [1]}])
    with pytest.raises(ModuleMismatchError, match="images of its 2 generators, found 1"):
        inflate(X, G, [{"word": [0]}])
    with pytest.raises(NotAvailable, match="only the character table"):
        inflate(X, tk.group("Table(A5)", session=gap_session), [])


def test_embeddings_that_are_none(gap_session):
    G = tk.group("S4", session=gap_session)
    X = tk.group("C4", session=gap_session).natural_module()
    with pytest.raises(ModuleMismatchError, match="break a relation"):
        induce(X, G, [[1, 2, 0, 3]])
    with pytest.raises(ModuleMismatchError, match="not injective"):
        induce(X, G, [[1, 0, 2, 3]])
    with pytest.raises(ModuleMismatchError, match="images of its 1 generators, found 2"):
        induce(X, G, [[1, 0, 2, 3], [0, 1, 2, 3]])
    C4 = tk.group("C4", session=gap_session)
    bad = PermutationModule(C4, "unchecked", 3, Action(np.array([[1, 2, 0]])))
    with pytest.raises(ModuleMismatchError, match="no action of H"):
        induce(bad, G, [[1, 2, 3, 0]])


# the store -----------------------------------------------------------------------------------


@pytest.mark.slow
def test_answers_are_kept(tmp_path):
    """A second session, which may not ask GAP, finds everything in the store."""

    def everything(session):
        G = tk.group("S4", session=session)
        V = G.natural_module()
        X = shuffled(V + V)
        H = restrict(V, "H8a")
        row = tk.group("C3", session=session).natural_module()
        up = induce(H.home.regular_module(), G, G.subgroup_classes()[8].generators)
        return (
            X.multiplicities,
            H.multiplicities,
            up.multiplicities,
            V.outer(row).multiplicities,
            G.signed_coset_module("H8a", G.index_two_subgroups("H8a")[0]).multiplicities,
        )

    environment = {"PLREP_CACHE_DIR": str(tmp_path)}
    with Session(Settings.from_environment(environment)) as first:
        found = everything(first)
    environment["PLREP_OFFLINE"] = "1"
    with Session(Settings.from_environment(environment)) as second:
        assert everything(second) == found
        assert second.asked == []


def test_gap_is_asked_once_for_an_action(gap_session):
    G = tk.group("SmallGroup(24,3)", session=gap_session)
    X = shuffled(G.regular_module(), seed=9)
    before = len(gap_session.asked)
    assert X.record.subgroup_order == 1
    assert X.spherical_table.rank == 24
    assert X.fixed_points is not None
    questions = [name for name, _, _ in gap_session.asked[before:]]
    assert questions.count("transitive_module") == 1
    with pytest.raises((GapError, ModuleMismatchError)):
        _ = G.module_from_images([[0, 1]]).multiplicities


@pytest.mark.slow
@pytest.mark.gap
def test_points_of_a_large_polygon_are_refused_in_a_sentence() -> None:
    """The group that acts is the group itself: its characters are not given to GAP either."""
    with pytest.raises(NotAvailable, match="PLREP_MAX_TABLE raises that"):
        _ = tk.group("D5204").natural_module().multiplicities


def test_the_trivial_group_takes_the_identity() -> None:
    """It has no generators; people give one matrix, or one row."""
    G = tk.group("C1")
    V = G.linear_module([np.eye(3)])
    assert (V.degree, V.matrices.shape, V.multiplicities) == (3, (0, 3, 3), {"L0": 3})
    assert G.linear_module(np.empty((0, 3, 3))).matrices.shape == (0, 3, 3)
    assert G.signed_module_from_images([[0, 1]], [[1, 1]]).rank == 4
    assert G.signed_module_from_matrices([np.eye(2)]).rank == 4
    assert G.module_from_images([[0, 1]]).rank == 4
    with pytest.raises(ModuleMismatchError, match=r"give the identity matrix, as \[np.eye\(d\)\]"):
        G.linear_module([])
    for wrong in ([2 * np.eye(3)], [-np.eye(3)]):
        with pytest.raises(ModuleMismatchError, match="has 0 generators, each with its matrix"):
            G.linear_module(wrong)
    with pytest.raises(ModuleMismatchError, match="has 0 generators"):
        G.signed_module_from_images([[0, 1]], [[1, -1]])
