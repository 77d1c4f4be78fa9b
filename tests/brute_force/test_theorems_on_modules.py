"""Proposition 1, Theorem 4 and Lemma 5 of the theory text, from matrices alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bruteforce as bf
import numpy as np
import pytest
from exact_projectors import labelled_components

import toolkit as tk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from toolkit.modules.permutation_module import PermutationModule

#: Real, complex and quaternionic simples, also with multiplicities above 1.
GROUPS = ["S4", "D12", "C7:C3", "SL(2,3)", "C3 x S4"]
ENDOMORPHISMS = {"R": 1, "C": 2, "H": 4}


def modules(name: str) -> Iterator[PermutationModule]:
    G = tk.group(name)
    # the columns of the table of a regular module are classes, not double cosets
    return (X for X in G.permutation_modules() if 1 < X.degree < G.order and X.degree <= 36)


@pytest.mark.parametrize("name", GROUPS)
def test_multiplicities_are_dimensions_of_fixed_vectors(name):
    """Proposition 1: m_L e_L is the mean of the character over the stabiliser."""
    types = set()
    for X in modules(name):
        elements = bf.group_elements(X.images)
        base = X.record.base
        stabiliser = elements[:, base] == base
        assert stabiliser.sum() * X.degree == len(elements)
        for component, label in zip(*labelled_components(X), strict=True):
            fixed = bf.certified_integer(float(component.character[stabiliser].mean()))
            (simple,) = (s for s in X.spherical_table.simples if s.label == label)
            assert fixed == component.multiplicity * ENDOMORPHISMS[component.type]
            assert (simple.multiplicity, simple.type) == (component.multiplicity, component.type)
            assert X.multiplicities[label] == component.multiplicity
            assert simple.fixed_dimension == fixed
            types.add(component.type)
    assert types == ({"R"} if name in ("S4", "D12") else {"R", "C"})


def expected_dimensions(kind: str, m: int) -> tuple[int, int]:
    """The dimensions of Theorem 4."""
    return {
        "R": (m * m, m * (m + 1) // 2),
        "C": (2 * m * m, m * m),
        "H": (4 * m * m, 2 * m * m - m),
    }[kind]


def test_the_dimensions_of_a_summand_of_the_centraliser_algebra_tell_type_and_multiplicity():
    """Theorem 4, by ranks of p B p for all orbital matrices B."""
    met = set()
    larger = tk.group("Q8 x S4")
    H = next(H for H in larger.subgroup_classes() if H.order == 2 and not H.is_normal)
    for X in [*(X for name in GROUPS for X in modules(name)), larger.coset_module(H)]:
        labels = tk.orbitals(X).labels
        orbitals = np.array([labels == i for i in range(labels.max() + 1)], dtype=float)
        for component, label in zip(*labelled_components(X), strict=True):
            p = component.projector
            all_of_it = np.array([p @ b @ p for b in orbitals])
            symmetric = all_of_it + all_of_it.transpose(0, 2, 1)
            ranks = tuple(
                int(np.linalg.matrix_rank(a.reshape(len(orbitals), -1), tol=1e-8))
                for a in (all_of_it, symmetric)
            )
            (simple,) = (s for s in X.spherical_table.simples if s.label == label)
            assert ranks == expected_dimensions(simple.type, simple.multiplicity)
            met.add((simple.type, simple.multiplicity))
    assert met == {("R", 1), ("R", 2), ("R", 3), ("C", 1), ("C", 2), ("H", 2)}


def test_no_two_pairs_of_dimensions_are_equal():
    pairs = [expected_dimensions(kind, m) for kind in "RCH" for m in range(1, 200)]
    assert len(set(pairs)) == len(pairs)


def subgroups_above(
    elements: NDArray[np.int64], stabiliser: NDArray[np.bool_]
) -> Iterator[NDArray[np.intp]]:
    """Yield the places of the elements of all subgroups <H, g>, each once."""
    place = {g.tobytes(): i for i, g in enumerate(elements)}
    found = set()
    for g in elements:
        below = bf.group_elements(np.concatenate([elements[stabiliser], g[None]]))
        own = frozenset(place[u.tobytes()] for u in below)
        if own not in found:
            found.add(own)
            yield np.array(sorted(own))


@pytest.mark.parametrize("name", GROUPS)
def test_dimensions_fixed_by_a_larger_subgroup_follow_from_the_spherical_table(name):
    """Lemma 5, also for the signs of subgroups."""
    signs = 0
    for X in modules(name):
        elements = bf.group_elements(X.images)
        base, table, labels = X.record.base, X.spherical_table, tk.orbitals(X).labels
        column = {int(labels[base, x]): j for j, x in enumerate(table.points)}
        of_element = [column[int(labels[base, x])] for x in elements[:, base].tolist()]
        above = list(subgroups_above(elements, elements[:, base] == base))
        components, names = labelled_components(X)
        character = dict(zip(names, (c.character for c in components), strict=True))
        for row, simple in zip(table.to_numpy(), table.simples, strict=True):
            phi, chi = row[of_element], character[simple.label]
            by_table = {tuple(u): simple.fixed_dimension * phi[u].mean() for u in above}
            for u, value in by_table.items():
                assert abs(value - bf.certified_integer(float(chi[list(u)].mean()))) < 1e-9
            for u in by_table:
                for v in by_table:
                    if 2 * len(v) != len(u) or not set(v) < set(u):
                        continue
                    sign = np.where(np.isin(u, v), 1, -1)
                    maps = bf.certified_integer(float((sign * chi[list(u)]).mean()))
                    assert abs(by_table[v] - by_table[u] - maps) < 1e-9
                    signs += maps > 0
    assert signs or name == "C7:C3"  # of odd order
