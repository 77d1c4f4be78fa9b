"""Every named activation against brute force: graphs, joint closures, sums, signs, chosen copies.

One route is the toolkit's integers. The other starts from the generators' permutations alone
(tests/brute_force/bruteforce.py, tests/brute_force/batched_bruteforce.py): random vectors of both
signs and several scales, projected in floating point. Graphs and closures must be equal as sets:
every edge is seen, and what is no edge measures zero. ``slow`` takes every transitive module of
every group of order up to 32, the others a seeded sample.
"""

from __future__ import annotations

import random

import bruteforce
import numpy as np
import pytest
from batched_bruteforce import Batch
from exact_projectors import labelled_components

import toolkit as tk
from toolkit.pl.activations.activation import find_activation
from toolkit.pl.activations.registry import ACTIVATIONS
from toolkit.pl.criterion.submodule import occurring_in_submodule
from toolkit.pl.interactions.graph import Interactions

pytestmark = pytest.mark.gap

#: How many groups there are of each order up to 32.
COUNTS = (
    1, 1, 1, 2, 1, 2, 1, 5, 2, 2, 1, 5, 1, 2, 1, 14, 1, 5, 1, 5, 2, 2, 1, 15, 2, 2, 5, 4, 1, 4, 1,
    51,
)  # fmt: skip
GROUPS = [
    f"SmallGroup({order},{i})" for order, k in enumerate(COUNTS, start=1) for i in range(1, k + 1)
]
ACTIVATIONS = (*ACTIVATIONS, "t^5", "polynomial(1,0,2,3)", "softplus(3)", "hardtanh(-1,2)")
#: One activation for each kind of parts.
KINDS = ("relu", "abs", "gelu", "tanh", "elu", "sigmoid", "relu_squared", "square", "cube")
KINDS = (*KINDS, "heaviside", "hardshrink", "polynomial(1,0,2,3)", "identity")


def differences(X, names, seed):
    """Return what the two routes say differently about graphs, and about closures of three sets."""
    components, labels = labelled_components(X)
    batch = Batch(components, np.random.default_rng(seed))
    choice = random.Random(seed)
    count = len(labels)
    place = {label: i for i, label in enumerate(labels)}
    singles = [[i] for i in range(count)]
    sets = [choice.sample(range(count), choice.randint(1, min(3, count))) for _ in range(3)]
    out = []
    for name in names:
        f = find_activation(name)
        for bias in (False, True):
            graph = tk.interaction_graph(X, f, bias=bias)
            assert set(graph) == set(labels)
            exact = [{place[k] for k in graph.successors(label)} for label in labels]
            force = batch.occurring(singles, f, bias=bias, expected=exact)
            for label, found, wanted in zip(labels, force, exact, strict=True):
                out += [(X, name, bias, label, labels[k]) for k in sorted(found ^ wanted)]
            exact = [
                {place[k] for k in tk.closure(X, [labels[i] for i in s], f, bias=bias)}
                for s in sets
            ]
            force = batch.closures(sets, f, bias=bias, expected=exact)
            for start, found, wanted in zip(sets, force, exact, strict=True):
                if found != wanted:
                    out.append((X, name, bias, start, found, wanted))
    return out


def modules_of(name, session, most=None, choice=None):
    """Yield the transitive modules of a group, or a sample of them."""
    group = tk.group(name, session=session)
    classes = list(group.subgroup_classes())
    if most is not None and len(classes) > most:
        classes = choice.sample(classes, most)
    for c in classes:
        # the trivial subgroup as a list of cosets: its table keeps the points
        yield group.coset_module(c.generators) if c.order == 1 else group.coset_module(c)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(8))
def test_sample(gap_session, part):
    choice = random.Random(part)
    for name in choice.sample(GROUPS, 2):
        for X in modules_of(name, gap_session, 4, choice):
            assert not differences(X, ACTIVATIONS, part)


@pytest.mark.slow
@pytest.mark.parametrize("name", GROUPS)
def test_everything(gap_session, name):
    wrong = []
    for seed, X in enumerate(modules_of(name, gap_session)):
        wrong += differences(X, ACTIVATIONS, seed)
    assert not wrong


@pytest.mark.parametrize("name", ["S3", "D8", "A4"])
def test_the_batched_route_agrees_with_the_plain_one(gap_session, name):
    """And notices when the activation is another one."""
    for X in modules_of(name, gap_session):
        components, _ = labelled_components(X)
        batch = Batch(components, np.random.default_rng(0))
        everything = [[i] for i in range(len(components))]
        everything.append(list(range(len(components))))
        answers = {}
        for kind in KINDS:
            f = find_activation(kind)
            for bias in (False, True):
                plain = [
                    bruteforce.occurring(X.images, components, s, f, 10, bias=bias)
                    for s in everything
                ]
                answers[kind, bias] = batch.occurring(everything, f, bias=bias)
                assert answers[kind, bias] == plain
        if len(components) > 1:
            assert answers["identity", False] != answers["abs", False]


@pytest.mark.parametrize("name", ["S3", "D8", "C6", "A4", "C4 x C2"])
@pytest.mark.quick_cases(1)
def test_sums_and_products(gap_session, name):
    rng = np.random.default_rng(7)
    G = tk.group(name, session=gap_session)
    # the trivial subgroup as a list of cosets: its table keeps the points
    small = [
        G.coset_module(c.generators if c.order == 1 else c)
        for c in G.subgroup_classes()
        if c.index <= 8
    ]
    X, Y = random.Random(name).sample(small, 2)
    for Z in (X + Y, X * Y, X + X + G.coset_module(G.normal_subgroups()[-1])):
        if Z.degree > 30:
            continue
        components, labels = labelled_components(Z)
        for kind in KINDS:
            f = find_activation(kind)
            for bias in (False, True):
                exact = Interactions(Z, f, bias=bias)
                for i, source in enumerate(labels):
                    force = bruteforce.occurring(
                        Z.images, components, [i], f, 10, bias=bias, rng=rng
                    )
                    found = {r.label for r in exact.occurring([source])}
                    assert {labels[j] for j in force} == found, (Z, kind, bias, source)


@pytest.mark.parametrize("name", ["C4", "D8", "Q8", "S3", "C2 x C2", "C6", "A4", "D12"])
@pytest.mark.quick_cases(2)
def test_signed_modules(gap_session, name):
    rng = np.random.default_rng(11)
    G = tk.group(name, session=gap_session)
    odd = [k for k in ACTIVATIONS if find_activation(k).is_odd]
    seen = 0
    for c in G.subgroup_classes():
        generators = list(c.generators)
        for kernel in G.index_two_subgroups(generators) if c.order % 2 == 0 else ():
            M = G.signed_coset_module(generators, list(kernel))
            engine = Interactions(M, "identity")
            assert engine.fixed == {
                s.label: M.multiplicities[s.label] * s.endomorphism_dimension
                for s in G.simples
                if s.label in M.multiplicities
            }
            # functions on the cover that change sign, by the cover's own components
            components, labels = labelled_components(M.cover)
            n = M.cover.degree
            change = (np.eye(n) - np.eye(n)[np.arange(n) ^ 1]) / 2
            parts = [
                (label, change @ component.projector)
                for label, component in zip(labels, components, strict=True)
                if np.trace(change @ component.projector) > 0.5
            ]
            assert {label for label, _ in parts} == set(engine.fixed)
            for kind in odd:
                f = find_activation(kind)
                exact = Interactions(M, f)
                for source, p in parts:
                    v = rng.standard_normal((40, n)) @ p * 10.0 ** rng.uniform(-1, 1, (40, 1))
                    size = np.maximum(np.linalg.norm(v, axis=1), np.linalg.norm(f(v), axis=1))
                    force = {
                        label
                        for label, q in parts
                        if (np.linalg.norm(f(v) @ q, axis=1) / size).max() > 1e-8
                    }
                    assert force == {r.label for r in exact.occurring([source])}, (M, kind, source)
            seen += 1
    assert seen


@pytest.mark.parametrize("name", ["relu", "gelu", "tanh", "elu", "relu_squared", "hardshrink"])
def test_transfer_by_simulation(gap_session, name):
    f = find_activation(name)
    rng = np.random.default_rng(17)
    S4 = tk.group("S4", session=gap_session)
    for X in (S4.natural_module(), S4.coset_module("H2a"), tk.group("Q8").coset_module([])):
        components, labels = labelled_components(X)
        exact = tk.transfer_matrix(X, f)
        place = {label: i for i, label in enumerate(tk.interaction_graph(X, f))}
        for i, source in enumerate(labels):
            share, error = bruteforce.transfer_by_simulation(
                X.images, components, i, f, 20_000, rng
            )
            wanted = [exact[place[source], place[label]] for label in labels]
            assert (np.abs(share - wanted) < 5 * error + 1e-9).all(), (X, name, source)


@pytest.mark.parametrize("name", ["S3", "D8", "A4", "C6"])
def test_chosen_copies(gap_session, name):
    rng = np.random.default_rng(23)
    G = tk.group(name, session=gap_session)
    small = [
        G.coset_module(c.generators if c.order == 1 else c)
        for c in G.subgroup_classes()
        if c.index <= 8
    ]
    choice = random.Random(name)
    for X in (choice.choice(small), choice.choice(small) + choice.choice(small)):
        components, labels = labelled_components(X)
        for Y in choice.sample(small, 2):
            orbitals = tk.orbitals(X, Y).labels
            basis = rng.integers(-2, 3, int(orbitals.max()) + 1)[orbitals]
            for kind in (*KINDS, "relu_power(3)", "cos"):
                f = find_activation(kind)
                v = rng.standard_normal((100, len(basis))) @ basis
                v *= 10.0 ** rng.uniform(-1, 1, (100, 1))
                v[np.abs(v) < 1e-13] = 0.0
                norms = bruteforce.relative_norms(components, v, f(v)).max(axis=0)
                force = {label for label, n in zip(labels, norms, strict=True) if n > 1e-9}
                assert force == set(occurring_in_submodule(X, basis, f)), (X, Y, kind)
                floats = occurring_in_submodule(X, basis.astype(float), f)
                assert force == set(floats), (X, Y, kind)
