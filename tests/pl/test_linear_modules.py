"""No activation acts on the coordinates of a linear module: each refusal says what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import toolkit as tk
from toolkit.errors import IllegalActivationError, ModuleMismatchError
from toolkit.pl import require_legal_on

if TYPE_CHECKING:
    from collections.abc import Callable

QUESTIONS: dict[str, Callable[[Any], object]] = {
    "interaction_graph": lambda V: tk.interaction_graph(V, "relu"),
    "closure": lambda V: tk.closure(V, {"L2"}, "relu"),
    "closed_sets": lambda V: tk.closed_sets(V, "relu"),
    "explain": lambda V: tk.explain(V, "L2", "L2", "relu"),
    "transfer_matrix": lambda V: tk.transfer_matrix(V, "relu"),
    "pl_map": lambda V: tk.pl_map(V, "L2", "L2", "relu"),
    "require_legal_on": lambda V: require_legal_on(V, "relu"),
}


@pytest.mark.parametrize("name", QUESTIONS)
def test_the_row_of_a_matrix_is_named(name: str) -> None:
    V = tk.group("S3").simple_module("L2")
    sentence = (
        r"relu is not equivariant in this basis: L2 is a linear module, and matrix \d has in row "
        r"\d the entr.* in column \d.*; pass through a permutation module X, with "
        r"tk\.nn\.Frame\(V, X\)"
    )
    with pytest.raises(IllegalActivationError, match=sentence):
        QUESTIONS[name](V)


def test_matrices_of_points_are_told_how_to_become_modules() -> None:
    G = tk.group("D8")
    X = G.natural_module()
    plane = G.linear_module([[[0, -1], [1, 0]], [[1, 0], [0, -1]]], name="plane")
    points = G.linear_module(X.matrices, name="points")
    turned = X.exterior_square
    with pytest.raises(IllegalActivationError, match=r"signed_module_from_matrices\(V\.matrices"):
        tk.interaction_graph(plane, "relu")
    with pytest.raises(ModuleMismatchError, match=r"signed_module_from_matrices\(V\.matrices"):
        tk.interaction_graph(plane, "tanh")
    signed = G.signed_module_from_matrices(plane.matrices.round())
    assert signed.multiplicities == plane.multiplicities
    assert len(tk.interaction_graph(signed, "tanh")) == 1
    with pytest.raises(ModuleMismatchError, match=r"module_from_images\(V\.matrices\.argmax"):
        tk.interaction_graph(points, "relu")
    again = G.module_from_images(points.matrices.argmax(axis=2))
    assert np.array_equal(again.images, X.images)
    for Y in (X, turned):
        with pytest.raises(ModuleMismatchError, match=r"use the module .* itself"):
            tk.transfer_matrix(tk.LinearModule.of(Y), "identity")


@pytest.mark.parametrize(
    "question",
    [
        lambda V: V.images,
        lambda V: V.signs,
        lambda V: V.has_signs,
        lambda V: V.is_transitive,
        lambda V: V.orbits,
        lambda V: V.orbit_points,
        lambda V: V.orbit_count,
        lambda V: V.sheets,
        lambda V: V.unsigned,
        lambda V: V.association_scheme,
        lambda V: V.spherical_table,
        lambda V: tk.orbitals(V),
        lambda V: tk.layer_basis(V),
        lambda V: tk.PermutationModule.of(V),
        lambda V: tk.SignedModule.of(V),
        lambda V: tk.interaction_graph(V, "identity"),
    ],
)
def test_what_needs_points_is_refused(question: Callable[[Any], object]) -> None:
    V = tk.group("S3").simple_module("L2")
    with pytest.raises(ModuleMismatchError, match=r"found the linear module L2, .* pass through a"):
        question(V)


def test_legality_takes_a_module() -> None:
    V = tk.group("S3").simple_module("L2")
    assert tk.legality(V).kind == "general"
    assert tk.legality(V, "identity").is_legal
    assert tk.legality(tk.group("S3").natural_module(), "relu").kind == "permutation"
