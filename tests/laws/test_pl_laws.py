"""Laws of interactions that hold for every module, set of simples and activation."""

from __future__ import annotations

from functools import cache, lru_cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import toolkit as tk
from toolkit.pl.activations.activation import find_activation
from toolkit.pl.activations.registry import ACTIVATIONS
from toolkit.pl.interactions.closure import closure
from toolkit.pl.interactions.graph import Interactions

GROUPS = ("C1", "C2", "C5", "C12", "S3", "D8", "Q8", "A4", "S4", "A5", "C2 x C2", "C4 x C2")


@lru_cache
def module(name):
    return tk.group(name).regular_module()


@cache
def engine(name, activation, bias):
    return Interactions(module(name), activation, bias=bias)


@st.composite
def cases(draw):
    name = draw(st.sampled_from(GROUPS))
    labels = sorted(module(name).multiplicities)
    small = draw(st.sets(st.sampled_from(labels)))
    large = small | draw(st.sets(st.sampled_from(labels)))
    return name, draw(st.sampled_from(sorted(ACTIVATIONS))), draw(st.booleans()), small, large


def reached(name, activation, bias, sources):
    return {r.label for r in engine(name, activation, bias).occurring(sources)}


@given(cases())
def test_more_simples_reach_more(case):
    name, activation, bias, small, large = case
    assert reached(name, activation, bias, small) <= reached(name, activation, bias, large)
    assert reached(name, activation, False, small) <= reached(name, activation, True, small)


@given(cases())
def test_closures_are_closures(case):
    name, activation, bias, small, large = case
    one = set(closure(module(name), small, activation, bias=bias))
    other = set(closure(module(name), large, activation, bias=bias))
    assert small <= one <= other
    assert set(closure(module(name), one, activation, bias=bias)) == one
    assert reached(name, activation, bias, one) <= one


@given(cases())
def test_what_is_killed_by_a_normal_subgroup_stays_so(case):
    name, activation, bias, small, _ = case
    group = tk.group(name)
    kernels = {s.label: set(s.kernel) for s in group.simples}
    common = set.intersection(*(kernels[x] for x in small)) if small else set()
    if small:
        for label in closure(module(name), small, activation, bias=bias):
            assert common <= kernels[label]


BOTH_PARTS = ("elu", "celu", "selu", "mish", "relu6", "hardtanh(-1,2)")


@given(cases(), st.sampled_from(BOTH_PARTS))
def test_closed_sets_are_normal_subgroups(case, activation):
    """The Galois connection of the regular module: A -> common kernel, N -> simples of G/N.

    Also for an even part alone that is no polynomial, and for either part with a bias.
    """
    name, other, bias, small, large = case
    table = tk.group(name).character_table
    everything = frozenset(range(len(table.class_sizes)))
    kernels = {s.label: frozenset(s.kernel) for s in table.simples}

    def kernel(simples):
        return everything.intersection(*(kernels[x] for x in simples))

    def quotient(N):
        return {x for x, k in kernels.items() if k >= N}

    assert quotient(kernel(large)) <= quotient(frozenset()) == set(kernels)
    assert kernel(large) <= kernel(small)
    assert kernel(quotient(kernel(small))) == kernel(small)
    f = find_activation(other)
    good = f.has_even_part or (bias and f.has_odd_part)
    for g in (activation, other) if good else (activation,):
        for sources in (small, large):
            if sources:
                found = set(closure(module(name), sources, g, bias=bias))
                assert found == quotient(kernel(sources))


@pytest.mark.parametrize("name", GROUPS)
@pytest.mark.parametrize("activation", BOTH_PARTS)
def test_one_closed_set_for_each_normal_subgroup(name, activation):
    group = tk.group(name)
    lattice = tk.closed_sets(module(name), activation, bias=True)
    normal = group.normal_subgroups(generators=False)
    place = {d["normal_subgroup"]: v for v, d in lattice.nodes(data=True)}
    assert set(place) == {n.label for n in normal}
    assert len(place) == len(lattice)
    # larger subgroups have smaller sets
    covers = {(place[normal[j].label], place[normal[i].label]) for i, j in normal.covers}
    assert set(lattice.edges) == covers


@given(cases())
def test_parts_add_up(case):
    name, _, bias, small, _ = case
    if small or bias:
        relu, even = reached(name, "relu", bias, small), reached(name, "abs", bias, small)
        assert relu == even | reached(name, "identity", bias, small)
        odd = reached(name, "tanh", bias, small)
        assert reached(name, "elu", bias, small) == even | odd
        assert reached(name, "relu_squared", bias, small) <= even | odd
        for d in (2, 3, 4):
            assert reached(name, f"t^{d}", bias, small) <= (odd if d % 2 else even)
        assert reached(name, "square", bias, small) <= reached(name, "t^4", bias, small)


@given(cases())
def test_dimensions_reached(case):
    name, activation, bias, small, _ = case
    for r in engine(name, activation, bias).occurring(small):
        assert 0 < r.dimension <= r.fixed_dimension
        assert r.parts == tuple(sorted(r.parts))


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.quick_cases(4)
def test_shares_add_up(activation):
    f = find_activation(activation)
    for name in GROUPS:
        matrix = tk.transfer_matrix(module(name), f, bias=True)
        assert np.allclose(matrix.sum(axis=1), 1, rtol=0, atol=1e-10)
        assert matrix.min() >= 0
