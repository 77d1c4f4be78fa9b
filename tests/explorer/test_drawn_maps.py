"""Maps rebuilt from nothing but the record are those of tk.pl_map."""

from __future__ import annotations

import numpy as np
import pytest

import toolkit as tk
from toolkit.explorer.record import maps
from toolkit.explorer.record.coded import Values, decoded, number
from toolkit.explorer.record.drawn import group_fields, module_fields
from toolkit.explorer.record.unpacked import unpacked

MODULES = [
    ("S4", "regular"), ("S4", "natural"), ("C8", "regular"), ("D16", "regular"),
    ("Q8", "regular"), ("A5", "regular"), ("SL(2,3)", "regular"), ("C15", "regular"),
    ("SmallGroup(16,7)", "regular"), ("SmallGroup(48,28)", "regular"), ("M11", "natural"),
    ("C2 x C2 x C2", "regular"), ("C1", "regular"), ("A4", "natural"),
]  # fmt: skip


def packed(name, kind):
    """The drawn fields of a group with one module, as in its record."""
    G = tk.group(name)
    X = G.regular_module() if kind == "regular" else G.natural_module()
    return X, {**group_fields(G, [X]).fields, "modules": [module_fields(X).fields]}


def orbit(images, models, w):
    """The vectors gw of all points, from rho(g) w_{x^g} = w_x."""
    degree = images.shape[1]
    found = np.full((degree, len(w)), np.nan)
    found[0] = w
    queue = [0]
    for x in queue:
        for image, model in zip(images, models, strict=True):
            if np.isnan(found[image[x], 0]):
                found[image[x]] = model.T @ found[x]
                queue.append(int(image[x]))
    return found


@pytest.fixture(scope="module", params=MODULES, ids="-".join)
def case(request):
    X, record = packed(*request.param)
    return X, record, unpacked(record)


def test_images_are_those_of_the_module(case):
    X, _, record = case
    assert np.array_equal(record["modules"][0]["images"], X.images)


def test_matrices_are_those_of_the_fourier_basis_and_orthogonal(case):
    X, _, record = case
    known = tk.fourier_basis(X).models
    assert set(record["models"]) == set(known)
    for label, matrices in record["models"].items():
        d = known[label].shape[-1]
        assert np.abs(matrices - known[label]).max(initial=0) < 1e-10
        for matrix in matrices:
            assert np.abs(matrix @ matrix.T - np.eye(d)).max() < 1e-10


def test_vectors_are_moved_consistently_by_every_generator(case):
    _, _, record = case
    (module,) = record["modules"]
    for label, own in module["vectors"].items():
        for w in [own["generic"], *own["copies"]]:
            vectors = orbit(module["images"], record["models"][label], w)
            for image, model in zip(module["images"], record["models"][label], strict=True):
                assert np.abs(vectors[image] @ model.T - vectors).max() < 1e-9


def test_relations_hold_for_the_matrices():
    G = tk.group("<a,b | a^4, b^2, (a*b)^2>")
    X = G.regular_module()
    record = unpacked(group_fields(G, [X]).fields)
    for a, b in record["models"].values():
        for relator in (np.linalg.matrix_power(a, 4), b @ b, a @ b @ a @ b):
            assert np.abs(relator - np.eye(len(a))).max() < 1e-12


@pytest.mark.parametrize("activation", ["relu", "gelu", "tanh"])
def test_every_map_from_the_record_is_that_of_python(case, activation):
    X, _, record = case
    (module,) = record["modules"]
    labels = list(module["vectors"])
    random = np.random.default_rng(7)
    generic = {
        label: orbit(module["images"], record["models"][label], own["generic"])
        for label, own in module["vectors"].items()
    }
    for source in labels[-12:]:
        v = random.standard_normal((3, generic[source].shape[1]))
        for target in labels[-12:]:
            phi = tk.pl_map(X, source, target, activation)
            values = phi.activation(v @ generic[source].T) @ generic[target]
            assert np.abs(values - phi(v)).max() < 1e-8


def test_copies_are_those_of_python():
    X, record = packed("S4", "regular")
    full = unpacked(record)
    (module,) = full["modules"]
    v = np.array([0.3, -1.1, 0.7])
    for number_of_copy, w in enumerate(module["vectors"]["L3"]["copies"]):
        vectors = orbit(module["images"], full["models"]["L3"], w)
        covectors = orbit(
            module["images"], full["models"]["L0"], module["vectors"]["L0"]["generic"]
        )
        phi = tk.pl_map(X, "L3", "L0", "relu", w=number_of_copy)
        assert np.abs(np.maximum(vectors @ v, 0) @ covectors - phi(v)).max() < 1e-12
        given = tk.pl_map(X, "L3", "L0", "relu", w=w)
        assert np.abs(given(v) - phi(v)).max() < 1e-9


def test_hyperplanes_and_regions_are_those_of_python(case):
    X, _, _ = case
    found = maps.regions(X)
    for label, entry in found.items():
        phi = tk.pl_map(X, label, X.spherical_table.simples[0].label, "abs")
        assert entry["hyperplanes"] == len(phi.hyperplanes)
        if entry["regions"] is not None:
            assert entry["regions"] == int(phi.regions)
            assert entry["regions_are"] == phi.regions.certainty
        else:
            assert phi.source.dimension > 3


def test_words_leave_out_what_others_generate():
    G = tk.group("SmallGroup(64,100)")
    words = maps.words(G)
    kept = [i for i, word in enumerate(words) if word is None]
    assert len(kept) == 3  # the rank of this 2-group, whose pc generators are six
    images = G.regular_module().images
    for i, word in enumerate(words):
        if word is not None:
            moved = np.arange(64)
            for g in word:
                moved = images[g][moved]
            assert np.array_equal(moved, images[i])


def test_values_are_roots_and_cosines_where_they_can_be():
    values = Values(60)
    array = np.array([0.0, -np.cos(2 * np.pi / 60), np.sqrt(3) / 2, 0.1234567890123456, 1.0])
    codes = values.coded(array)
    assert values.listed == ["cos(1/60)", "sqrt(3/4)", 0.123456789012, 1]
    assert np.abs(decoded(codes, values.listed) - array).max() < 1e-12


def test_a_value_of_another_form_is_refused():
    with pytest.raises(tk.ToolkitError, match=r"cos\(a/b\)"):
        number("sqrt(x)")


def test_what_has_no_maps_says_why():
    G = tk.group("<(1,2,3),(4,5)>")
    drawn = module_fields(G.natural_module())
    assert drawn.fields["vectors"] is None
    assert any("2 orbits" in sentence for _, sentence in drawn.missing)
    G = tk.group("M11")
    drawn = module_fields(G.regular_module())
    assert drawn.fields["images"] is None
    assert any("7,920 points" in sentence for _, sentence in drawn.missing)


@pytest.mark.slow
def test_simples_known_in_a_module_only_come_with_it():
    G = tk.group("S30")
    X = G.natural_module()
    group, module = group_fields(G, [X]).fields, module_fields(X).fields
    assert group["models"] == {}
    assert group["lattice"] is None
    full = unpacked(module)
    assert {label: m.shape for label, m in full["models"].items()} == {
        "V0": (2, 1, 1),
        "V1": (2, 29, 29),
    }
    v = np.linspace(-1, 1, 29)
    vectors, covectors = (
        orbit(full["images"], full["models"][label], full["vectors"][label]["generic"])
        for label in ("V1", "V0")
    )
    phi = tk.pl_map(X, "V1", "V0", "relu")
    assert np.abs(np.maximum(vectors @ v, 0) @ covectors - phi(v)).max() < 1e-8
