"""Pairs (H, K): their published numbers, and admissibility against stabilisers of real vectors."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import toolkit as tk
from toolkit.errors import ModuleMismatchError
from toolkit.library.modules.elements import element_images
from toolkit.library.signed_pairs import admissible_pairs, is_admissible, signed_pairs

pytestmark = pytest.mark.gap

ROWS = json.loads(Path(__file__).with_name("signed_permutation_irreducibles.json").read_text())


@pytest.mark.parametrize("row", ROWS["rows"], ids=lambda row: row["group"])
def test_numbers(row):
    G = tk.group(row["group"])
    pairs = signed_pairs(G)
    assert sum(p.index == 1 for p in pairs) == row["type1"] == row["subgroup_classes"]
    assert sum(p.index == 2 for p in pairs) == row["type2"]
    assert len(pairs) == row["signed_permutation_irreducibles"]
    assert len(G.normal_subgroups()) == row["normal_subgroups"]
    for p in pairs:
        assert p.module.degree * p.subgroup_order == G.order


@pytest.mark.parametrize("name", ["C4", "C6", "S3", "D8", "Q8", "A4", "D12", "S4"])
@pytest.mark.quick_cases(2)
def test_admissible_means_that_a_vector_has_just_this_stabiliser(name):
    G = tk.group(name)
    R = G.regular_module()
    every = np.array(closure(R.images, R))
    rng = np.random.default_rng(3)
    modules = G.permutation_modules(max_index=8)
    for V in modules:
        # elements on V, in the order of those on the regular module
        seen_before = {0}
        on_v = np.empty((len(every), V.degree), dtype=np.intp)
        on_v[0] = np.arange(V.degree)
        queue = [0]
        index = {e[0]: i for i, e in enumerate(every)}
        while queue:
            i = queue.pop()
            for g_r, g_v in zip(R.images, V.images, strict=True):
                j = index[g_r[every[i]][0]]
                if j not in seen_before:
                    seen_before.add(j)
                    on_v[j] = g_v[on_v[i]]
                    queue.append(j)
        for pair in signed_pairs(G):
            inside = {index[e[0]] for e in closure(element_images(R, pair.subgroup.generators), R)}
            kernel = {index[e[0]] for e in closure(element_images(R, pair.kernel), R)}
            w = np.zeros(V.degree)
            noise = rng.standard_normal(V.degree)
            for i in inside:
                w += noise[on_v[i]] * (1 if i in kernel else -1)
            plus = {i for i in range(len(every)) if np.allclose(w[on_v[i]], w)}
            minus = {i for i in range(len(every)) if np.allclose(w[on_v[i]], -w)}
            seen = bool(np.abs(w).max() > 1e-9 and plus == kernel and plus | minus == inside)
            assert is_admissible(pair, V.multiplicities) == seen, (V.name, pair.subgroup.label)


def closure(generators, R):
    """All products of elements on the regular module."""
    start = np.arange(R.degree)
    found = {start.tobytes(): start}
    queue = [start]
    for element in queue:
        for g in generators:
            new = g[element]
            if new.tobytes() not in found:
                found[new.tobytes()] = new
                queue.append(new)
    return queue


def test_admissible_pairs_by_labels_or_module():
    G = tk.group("S3")
    V = G.natural_module()
    names = [(p.subgroup.label, p.index) for p in admissible_pairs(V)]
    assert names == [(p.subgroup.label, p.index) for p in admissible_pairs(V.multiplicities, G)]
    with pytest.raises(TypeError, match="needs the group"):
        admissible_pairs({"L0"})


def test_the_group_must_be_that_of_the_input():
    S4, S3 = tk.group("S4"), tk.group("S3")
    V = S4.natural_module()
    assert admissible_pairs(V, S4) == admissible_pairs(V)
    with pytest.raises(ModuleMismatchError, match="is a module of S4, but the group given is"):
        admissible_pairs(V, S3)
    sign = S3.signed_coset_module([[1, 2, 0], [1, 0, 2]], [[1, 2, 0]])
    assert admissible_pairs(sign, S3)
    with pytest.raises(ModuleMismatchError, match="is a module of S3"):
        admissible_pairs(sign, S4)
    for wrong in ("S4", V):
        with pytest.raises(ModuleMismatchError, match="a group is required, such as"):
            admissible_pairs("L1", wrong)
    with pytest.raises(ModuleMismatchError, match="a module or labels"):
        admissible_pairs(S4)
    with pytest.raises(ModuleMismatchError, match="one or more of L0, L1, L2"):
        admissible_pairs([], S3)


def test_pairs_need_a_group_and_a_whole_index():
    G = tk.group("C4")
    for wrong in (3, "C4", None):
        with pytest.raises(ModuleMismatchError, match="a group is required, such as"):
            signed_pairs(wrong)
    for wrong in ("a", 0, 1.5, [2], True):
        with pytest.raises(ModuleMismatchError, match="max_index must be a positive integer or N"):
            signed_pairs(G, max_index=wrong)
    assert signed_pairs(G, max_index=np.int64(4)) == signed_pairs(G, 4) == signed_pairs(G)


def test_inputs_are_labels():
    G = tk.group("C4")
    pair = signed_pairs(G)[0]
    for wrong in ([["L1"]], 3, None):
        with pytest.raises(ModuleMismatchError, match="a module or labels of simples"):
            admissible_pairs(wrong, G)
        with pytest.raises(ModuleMismatchError, match="a module or labels of simples"):
            is_admissible(pair, wrong)
    with pytest.raises(ModuleMismatchError, match="one or more of L0, L1, L2, found"):
        admissible_pairs({"L9", 3}, G)
    assert [is_admissible(p, "L2") for p in signed_pairs(G)] == [False, False, True, False, False]
