"""Reports on group tasks: planted functions, characters, group matrices, random weights."""

from __future__ import annotations

import itertools
from dataclasses import asdict

import numpy as np
import pytest
import torch

import toolkit as tk
from toolkit.errors import ConfigError, ModuleMismatchError, NotAvailable
from toolkit.interpret import GroupTaskReport, ablate_simples, group_task_report, product_loss
from toolkit.interpret.tasks.blocks import block_singular_values, energies_of_simples
from toolkit.interpret.tasks.cosets import (
    chance_of_family,
    coset_shares,
    cosets,
    excess,
    subgroup_families,
)
from toolkit.interpret.tasks.elements import inverses, multiplication_table, points_of_rows
from toolkit.library.modules.class_words import classes_of_elements

GROUPS = ["D8", "Q8", "C7 : C3", "SL(2,3)", "S4"]
SEED = 4


def random_functions(n, count, seed=SEED):
    return np.random.default_rng(seed).normal(size=(n, count))


def real_characters(G):
    """Return per label the real character at each point of the regular module."""
    classes = classes_of_elements(G)
    table = G.character_table.to_numpy()
    out = {}
    for L in G.simples:
        values = sum(table[i] for i in L.constituents)
        factor = 2 if L.type == "H" else 1
        out[L.label] = (factor * np.real(values))[classes]
    return out


# -- the two routes to the numbers ----------------------------------------------------------------


@pytest.mark.parametrize("name", GROUPS)
def test_energies_by_characters(name):
    """P f(x) = (m_L dim L / n) sum over y of phi_L(y^-1 x) f(y), phi_L = chi_L / dim L."""
    G = tk.group(name)
    n, products = G.order, multiplication_table(G)
    back = inverses(products)
    f = random_functions(n, 3)
    basis = tk.fourier_basis(G.regular_module())
    found = energies_of_simples(basis, f)
    assert found.sum(axis=0) == pytest.approx(np.square(f).sum(axis=0), rel=1e-12)
    characters = real_characters(G)
    for row, s in zip(found, basis.simples, strict=True):
        phi = characters[s.label] / s.dimension
        projection = s.multiplicity * s.dimension / n * phi[products[back]]
        part = projection.T @ f
        assert np.square(part).sum(axis=0) == pytest.approx(row, rel=1e-10, abs=1e-12)


@pytest.mark.parametrize("name", [*GROUPS, "SL(2,5)"])
def test_singular_values_by_group_matrices(name):
    """The matrix f_L(x^-1 y) has each singular value of W_L dim L times, up to one factor."""
    G = tk.group(name)
    products = multiplication_table(G)
    back = inverses(products)
    f = random_functions(G.order, 1)
    basis = tk.fourier_basis(G.regular_module())
    values = block_singular_values(basis, f)
    for s in basis.simples:
        rows = basis.matrix[s.rows]
        part = (rows.T @ (rows @ f))[:, 0]
        found = np.linalg.svd(part[products[back]], compute_uv=False)
        assert found[s.multiplicity * s.dimension :] == pytest.approx(0, abs=1e-10)
        found = found[: s.multiplicity * s.dimension].reshape(-1, s.dimension)
        assert found == pytest.approx(found[:, :1].repeat(s.dimension, axis=1), rel=1e-9)
        own = values[s.label][0]
        assert found[:, 0] == pytest.approx(own * np.sqrt(G.order / s.dimension), rel=1e-9)


@pytest.mark.parametrize("name", GROUPS)
def test_scores_do_not_change_under_translations(name):
    G = tk.group(name)
    products = multiplication_table(G)
    f = random_functions(G.order, 2)
    x = G.order // 2
    basis = tk.fourier_basis(G.regular_module())
    one = block_singular_values(basis, f)
    for moved in (f[products[x]], f[products[:, x]]):
        other = block_singular_values(basis, moved)
        for label, values in one.items():
            assert other[label] == pytest.approx(values, rel=1e-9, abs=1e-12)


# -- planted functions ----------------------------------------------------------------------------


def matrix_of(basis, label, words):
    """Return rho_L of all elements, (n, d, d), from those of the generators."""
    models = basis.models[label]
    out = []
    for word in words:
        matrix = np.eye(models.shape[-1])
        for g in word:
            matrix = matrix @ models[g]
        out.append(matrix)
    return np.array(out)


@pytest.mark.parametrize("name", [*GROUPS, "SL(2,5)"])
def test_a_matrix_coefficient_is_pure_and_of_rank_one(name):
    G = tk.group(name)
    X = G.regular_module()
    basis = tk.fourier_basis(X)
    rng = np.random.default_rng(SEED)
    planted, labels = [], []
    for s in basis.simples:
        rho = matrix_of(basis, s.label, X.elements.words)
        u, v = rng.normal(size=(2, s.dimension))
        planted.append(np.einsum("i,xij,j->x", u, rho, v))
        labels.append(s.label)
    report = group_task_report(G, {"left": np.array(planted).T}, controls=0)
    for neuron, label in zip(report["left"].neurons, labels, strict=True):
        assert neuron.simple == label
        assert neuron.purity == pytest.approx(1, abs=1e-12)
        assert neuron.rank_one == pytest.approx(1, abs=1e-10)


@pytest.mark.parametrize(("name", "label"), [("S4", "L3"), ("C7 : C3", "L2"), ("S4", "L2")])
def test_planted_ranks(name, label):
    """Of a character all singular values are equal: rank one is 1 / m_L."""
    G = tk.group(name)
    chi = real_characters(G)[label]
    s = tk.fourier_basis(G.regular_module()).simple(label)
    shifted = np.stack([chi, chi[multiplication_table(G)[3]]], axis=1)
    for neuron in group_task_report(G, {"w": shifted}, controls=0)["w"].neurons:
        assert neuron.simple == label
        assert neuron.rank_one == pytest.approx(1 / s.multiplicity, rel=1e-9)
        values = neuron.singular_values[label]
        assert values == pytest.approx([values[0]] * s.multiplicity, rel=1e-9)


def test_a_planted_mixture():
    G = tk.group("S4")
    B = tk.fourier_basis(G.regular_module())
    f = 3 * B.matrix[B.simple("L3").start] + 4 * B.matrix[B.simple("L4").start + 2]
    neuron = group_task_report(G, {"w": f}, controls=0)["w"].neurons[0]
    assert (neuron.simple, neuron.energy) == ("L4", pytest.approx(25))
    assert neuron.shares["L3"] == pytest.approx(9 / 25)
    assert neuron.purity == pytest.approx(16 / 25)


@pytest.mark.parametrize("side", ["left", "right"])
def test_planted_cosets(side):
    G = tk.group("S4")
    products = multiplication_table(G)
    rng = np.random.default_rng(SEED)
    for family in subgroup_families(G, products):
        own = cosets(products, family.members[-1], side)
        f = np.empty(G.order)
        f[own] = rng.normal(size=(len(own), 1))
        report = group_task_report(G, {"w": f[:, None]}, controls=0)["w"]
        neuron = report.neurons[0]
        assert neuron.coset_share == pytest.approx(1)
        assert neuron.coset_excess == pytest.approx(1)
        assert report.coset_shares[side][family.label][0] == pytest.approx(1)
        assert neuron.coset_class == family.label
        if len(family.members) > 1:
            assert neuron.coset_side == side


def test_cosets_with_noise_name_the_large_subgroup():
    G = tk.group("S4")
    products = multiplication_table(G)
    family = next(f for f in subgroup_families(G, products) if f.label == "H6a")
    own = cosets(products, family.members[0], "left")
    rng = np.random.default_rng(SEED)
    f = np.empty((G.order, 20))
    f[own] = rng.normal(size=(len(own), 1, 20))
    f += 0.02 * rng.normal(size=f.shape)
    for neuron in group_task_report(G, {"w": f}, controls=0)["w"].neurons:
        assert (neuron.coset_class, neuron.coset_side) == ("H6a", "left")
        assert 0.95 < neuron.coset_excess < 1


def test_coset_shares_by_brute_force():
    G = tk.group("SL(2,3)")
    products = multiplication_table(G)
    families = subgroup_families(G, products)
    f = random_functions(G.order, 2)
    for side in ("left", "right"):
        found = coset_shares(products, families, f, side)
        for row, family in zip(found, families, strict=True):
            best = np.zeros(2)
            for H in family.members:
                kept = np.zeros_like(f)
                for x in range(G.order):
                    own = [products[x, h] if side == "left" else products[h, x] for h in H]
                    kept[x] = f[own].mean(axis=0)
                best = np.maximum(best, kept.var(axis=0) / f.var(axis=0))
            assert row == pytest.approx(best, rel=1e-12)


def test_families_are_all_subgroups_of_small_groups():
    """Subsets that are closed, listed one by one."""
    for name in ("S3", "Q8", "D8", "C6"):
        G = tk.group(name)
        products = multiplication_table(G)
        closed = set()
        for size in range(2, G.order):
            for rest in itertools.combinations(range(1, G.order), size - 1):
                own = {0, *rest}
                if {int(products[a, b]) for a in own for b in own} == own:
                    closed.add(frozenset(own))
        found = {frozenset(H.tolist()) for f in subgroup_families(G, products) for H in f.members}
        assert found == closed


# -- random weights against expected values -------------------------------------------------------


def test_random_weights_have_the_expected_shares():
    G = tk.group("C7 : C3")
    report = group_task_report(G, {"w": random_functions(21, 4000)}, controls=500)["w"]
    for s in report.simples:
        assert s.expected == pytest.approx(s.dimension * s.multiplicity / 21)
        assert s.share == pytest.approx(s.expected, abs=0.01)
    products = multiplication_table(G)
    f = random_functions(21, 4000)
    for family in subgroup_families(G, products):
        single = type(family)(family.label, family.order, family.index, family.members[:1])
        for side in ("left", "right"):
            shares = coset_shares(products, (single,), f, side)
            expected = (family.index - 1) / 20
            assert shares.mean() == pytest.approx(expected, abs=0.01)
            assert report.coset_chance[side][family.label] == pytest.approx(expected)
    assert report.values("purity").mean() == pytest.approx(report.chance.purity[0], abs=0.02)
    assert report.values("rank_one").mean() == pytest.approx(report.chance.rank_one[0], abs=0.02)
    over = report.values("coset_excess")
    assert over.mean() == pytest.approx(report.chance.coset_excess[0], abs=0.03)
    assert (over > report.chance.coset_excess[1]).mean() == pytest.approx(0.05, abs=0.03)


def test_chance_on_a_coset_space():
    """Random functions on the points of S4, as functions on the group."""
    G = tk.group("S4")
    products = multiplication_table(G)
    rows = G.regular_module().elements.images(G.natural_module())[:, 0]
    f = random_functions(4, 4000)[rows]
    for family in subgroup_families(G, products):
        for side in ("left", "right"):
            one = [
                type(family)(family.label, family.order, family.index, H[None])
                for H in family.members
            ]
            means = [coset_shares(products, (single,), f, side).mean() for single in one]
            found = chance_of_family(products, family, rows, side)
            assert found == pytest.approx(max(means), abs=0.02)


def test_excess_has_mean_zero_for_random_functions():
    G = tk.group("Q8")  # all subgroups are normal: no maximum over conjugates
    products = multiplication_table(G)
    families = subgroup_families(G, products)
    shares = coset_shares(products, families, random_functions(8, 5000), "left")
    chance = np.array([(f.index - 1) / 7 for f in families])
    assert excess(shares, chance).mean(axis=1) == pytest.approx(0, abs=0.02)


# -- weights, tensors, orders of rows, cosets as outputs ------------------------------------------


def values(found):
    """Yield all values in a report as a dictionary, numbers up to rounding."""
    if isinstance(found, dict):
        found = [part for pair in found.items() for part in pair]
    if isinstance(found, list | tuple | np.ndarray):
        for part in found:
            yield from values(part)
    else:
        yield pytest.approx(found, rel=1e-9, abs=1e-12) if isinstance(found, float) else found


def test_embeddings_with_weights_and_tensors():
    G = tk.group("S4")
    torch.manual_seed(0)
    linear = torch.nn.Linear(5, 7)
    embedding = torch.nn.Embedding(24, 5)
    one = group_task_report(
        G, {"left": embedding.weight}, {"left": linear.weight}, controls=5, seed=3
    )
    functions = (embedding.weight.double() @ linear.weight.double().T).detach().numpy()
    two = group_task_report(G, {"left": functions}, controls=5, seed=3)
    assert list(values(asdict(one))) == list(values(asdict(two)))  # products of torch and of numpy
    assert len(one["left"].neurons) == 7
    half = group_task_report(G, {"left": embedding.weight.half()}, controls=0)
    full = group_task_report(G, {"left": embedding.weight}, controls=0)
    for a, b in zip(half["left"].neurons, full["left"].neurons, strict=True):
        assert a.purity == pytest.approx(b.purity, abs=0.01)


@pytest.mark.parametrize("name", ["S4", "C7 : C3", "Q8", "C2 x C2 x C3"])
def test_rows_in_an_order_of_the_users(name):
    G = tk.group(name)
    n, products = G.order, multiplication_table(G)
    rng = np.random.default_rng(SEED)
    points = rng.permutation(n)  # row i is the element points[i]
    number = np.argsort(points)
    shuffled = number[products[points][:, points]]
    found = points_of_rows(G, shuffled)
    assert np.array_equal(products[found][:, found], found[shuffled])  # an isomorphism
    f = random_functions(n, 4)
    H = tk.group_from_cayley_table(shuffled, name="mine")
    ours = group_task_report(G, {"w": f}, controls=0)["w"]
    theirs = group_task_report(H, {"w": f[points]}, table=shuffled, controls=0)["w"]
    for a, b in zip(ours.neurons, theirs.neurons, strict=True):
        assert sorted(a.shares.values()) == pytest.approx(sorted(b.shares.values()))
        assert a.purity == pytest.approx(b.purity)
        assert a.rank_one == pytest.approx(b.rank_one)
        assert a.coset_share == pytest.approx(b.coset_share)
        assert a.coset_side == b.coset_side or a.coset_share == pytest.approx(1)


def test_a_group_from_a_table_keeps_its_generators():
    products = multiplication_table(tk.group("D8"))
    points = np.random.default_rng(1).permutation(8)
    shuffled = np.argsort(points)[products[points][:, points]]
    H = tk.group_from_cayley_table(shuffled)
    found = points_of_rows(H, shuffled)
    natural = H.natural_module().images
    for own, image in zip(H.regular_module().images, natural, strict=True):
        assert np.array_equal(own[found], found[image])


@pytest.mark.parametrize(
    ("one", "other"), [("D8", "Q8"), ("C4 x C4", "SmallGroup(16,4)"), ("C4 x C4", "C2 x C8")]
)
def test_tables_of_other_groups_of_the_same_order(one, other):
    with pytest.raises(ModuleMismatchError, match="isomorphic to"):
        points_of_rows(tk.group(one), multiplication_table(tk.group(other)))


def test_latin_squares_that_are_no_groups():
    """Four entries changed, outside of the generators' columns, too: latin, not associative."""
    G = tk.group("C2 x C4")
    products = multiplication_table(G)
    changed = 0
    for a, b, x, y in itertools.product(range(1, 8), repeat=4):
        if (
            a < b
            and x < y
            and products[a, x] == products[b, y]
            and products[a, y] == products[b, x]
        ):
            square = products.copy()
            square[np.ix_([a, b], [x, y])] = products[np.ix_([b, a], [x, y])]
            changed += 1
            with pytest.raises(ModuleMismatchError, match="isomorphic to"):
                points_of_rows(G, square)
    assert changed > 20


def test_rows_as_permutations():
    G = tk.group("S4")
    everyone = np.array(list(itertools.permutations(range(4))))
    points = points_of_rows(G, elements=everyone)
    products = multiplication_table(G)
    number = {tuple(p): i for i, p in enumerate(everyone.tolist())}
    for i, j in itertools.product(range(24), repeat=2):
        then = everyone[j][everyone[i]]  # first i, then j
        assert products[points[i], points[j]] == points[number[tuple(then.tolist())]]
    sign = np.array([round(np.linalg.det(np.eye(4)[p])) for p in everyone], dtype=float)
    report = group_task_report(G, {"w": sign}, elements=everyone, controls=0)["w"]
    assert report.neurons[0].simple == "L1"


def test_a_site_on_a_coset_space():
    G = tk.group("S4")
    X = G.natural_module()
    report = group_task_report(
        G, {"left": random_functions(24, 3), "output": random_functions(4, 500)},
        modules={"output": X}, controls=50,
    )  # fmt: skip
    site = report["output"]
    assert site.module == X.name
    own = {s.label: s.expected for s in site.simples if s.expected}
    dimensions = {s.label: s.dimension for s in site.simples}
    assert own == {k: m * dimensions[k] / 4 for k, m in X.multiplicities.items()}
    for s in site.simples:
        assert s.share == pytest.approx(s.expected, abs=0.05)
    assert all(n.rank_one == pytest.approx(1) for n in site.neurons)  # one H-fixed vector each
    assert all(x == pytest.approx(1) for x in site.coset_shares["right"]["H6a"])
    assert report.agreement is None


def test_silent_and_constant_neurons():
    G = tk.group("S3")
    f = np.stack([np.zeros(6), np.ones(6), np.arange(6.0)], axis=1)
    site = group_task_report(G, {"w": f}, controls=0)["w"]
    assert site.silent == (0,)
    assert site.neurons[0].purity is None
    assert site.neurons[0].coset_share is None
    assert (site.neurons[1].simple, site.neurons[1].purity) == ("L0", pytest.approx(1))
    assert site.neurons[1].coset_class is None
    assert site.neurons[2].coset_class is not None


def test_scale_and_kind_of_numbers_do_not_matter():
    G = tk.group("S3")
    f = random_functions(6, 3)
    one = group_task_report(G, {"w": f}, controls=0)["w"]
    for other in (f * 2.0**-600, torch.tensor(f).to_sparse()):
        two = group_task_report(G, {"w": other}, controls=0)["w"]
        assert [n.shares for n in one.neurons] == [n.shares for n in two.neurons]
        assert one.coset_shares == two.coset_shares


def test_agreement():
    B = tk.fourier_basis(tk.group("S3").regular_module()).matrix.T
    report = group_task_report(
        tk.group("S3"), {"a": B[:, [0, 1, 2, 4]], "b": B[:, [0, 2, 3, 5]]}, controls=0
    )
    assert report.agreement == 0.75


def test_tables_and_files(tmp_path):
    G = tk.group("Q8")
    f = random_functions(8, 5)
    f[:, 2] = 0
    report = group_task_report(G, {"left": f, "right": f}, controls=9)
    text = report.to_table()
    assert "L4" in text
    assert "by chance" in text
    assert len(report.rows()) == 10
    path = tmp_path / "report.json"
    report.save(path)
    assert GroupTaskReport.load(path) == report
    path.write_text("{}")
    with pytest.raises(ConfigError):
        GroupTaskReport.load(path)


# -- ablation -------------------------------------------------------------------------------------


def perfect_network(G, label):
    """Return tables of a network with t^2 whose logits are characters of one simple."""
    basis = tk.fourier_basis(G.regular_module())
    rho = matrix_of(basis, label, G.regular_module().elements.words)
    d = rho.shape[-1]
    left, right, output = [], [], []
    for i, j, k in itertools.product(range(d), repeat=3):  # a_ij(x) b_jk(y) by two squares
        for sign in (1, -1):
            left.append(rho[:, i, j])
            right.append(sign * rho[:, j, k])
            output.append(sign * rho[:, i, k])
    return {
        "left": np.array(left).T, "right": np.array(right).T, "output": np.array(output).T,
    }  # fmt: skip


def test_the_loss_is_that_of_torch():
    G = tk.group("S4")
    rng = np.random.default_rng(0)
    tables = {k: rng.normal(size=(24, 6)) for k in ("left", "right", "output")}
    bias, end = rng.normal(size=6), rng.normal(size=24)
    found = product_loss(G, "relu", bias=bias, output_bias=end)(tables)
    t = {k: torch.tensor(v) for k, v in tables.items()}
    hidden = torch.relu(t["left"][:, None] + t["right"][None] + torch.tensor(bias))
    logits = hidden @ t["output"].T + torch.tensor(end)
    target = torch.tensor(multiplication_table(G)).flatten()
    expected = torch.nn.functional.cross_entropy(logits.flatten(0, 1), target)
    assert found == pytest.approx(expected.item(), rel=1e-12)


def test_ablation_finds_the_simple_that_is_used():
    G = tk.group("S4")
    tables = perfect_network(G, "L3")
    loss = product_loss(G, "t^2")
    found = ablate_simples(G, tables, loss, controls=3, seed=1)
    for one in found.ablations:
        if one.simple == "L3":
            assert one.loss == pytest.approx(np.log(24))
            assert one.removed == pytest.approx(1)
            assert one.increase > 1
        else:
            assert one.increase == pytest.approx(0, abs=1e-10)
            assert one.removed == pytest.approx(0, abs=1e-12)
        assert one.control_removed == pytest.approx(one.dimensions["left"] / 24, abs=0.15)
    again = ablate_simples(G, tables, loss, controls=3, seed=1)
    assert again == found
    assert "L3" in found.to_table()


def test_ablation_of_tensors_and_of_a_coset_site():
    G = tk.group("S4")
    B = tk.fourier_basis(G.natural_module())
    seen = []

    def loss(tables):
        assert isinstance(tables["output"], torch.Tensor)
        assert tables["output"].dtype == torch.float32
        seen.append(tables["output"].double().numpy())
        return float(tables["output"].square().sum())

    table = torch.randn(4, 3, generator=torch.Generator().manual_seed(0))
    X = G.natural_module()
    ablate_simples(G, {"output": table}, loss, modules={"output": X}, controls=0)
    for s, after in zip(tk.fourier_basis(G.regular_module()).simples, seen[1:], strict=True):
        expected = table.double().numpy()
        if s.label in X.multiplicities:
            rows = B.matrix[B.simple(s.label).rows]
            expected = expected - rows.T @ rows @ expected
        assert after == pytest.approx(expected, abs=1e-6)


# -- refusals -------------------------------------------------------------------------------------


def test_refusals():
    G = tk.group("S3")
    f = np.ones((6, 2))
    cases = [
        ({}, {}, "at least one site"),
        ({"w": np.ones((5, 2))}, {}, r"shape \(6, d\)"),
        ({"w": f * np.nan}, {}, "must be finite"),
        ({"w": f.astype(complex)}, {}, "real numbers"),
        ({"w": f}, {"weights": {"v": f}}, "must name sites among w"),
        ({"w": f}, {"weights": {"w": np.ones((3, 3))}}, r"shape \(neurons, 2\)"),
        ({"w": f}, {"controls": -1}, "at least 0"),
        ({"w": f}, {"modules": {"v": G.natural_module()}}, "sites among w"),
        ({"w": f}, {"modules": {"w": tk.group("S4").natural_module()}}, "of S3"),
        ({"w": f}, {"modules": {"w": G.natural_module() + G.natural_module()}}, "transitive"),
        ({"w": f}, {"table": np.ones((6, 6), int)}, "multiplication table of a group"),
        ({"w": f}, {"table": multiplication_table(tk.group("C6"))}, "isomorphic to S3"),
        ({"w": f}, {"elements": [[0, 1, 2]] * 6}, "each element of S3 once"),
        ({"w": f}, {"elements": [[0, 1, 2]]}, "6 image lists of 3 points"),
        ({"w": f}, {"table": [[0]], "elements": [[0]]}, "not by both"),
    ]
    for embeddings, options, words in cases:
        with pytest.raises(ModuleMismatchError, match=words):
            group_task_report(G, embeddings, **options)
    for group, embeddings in (("S3", {"w": f}), (G, [f]), (G, {"w": f * 1e80})):
        with pytest.raises(ModuleMismatchError, match=r"a group is|map names|entries up to"):
            group_task_report(group, embeddings)
    with pytest.raises(NotAvailable, match="order up to"):
        group_task_report(tk.group("S8"), {"w": f})
    with pytest.raises(ModuleMismatchError, match="sites="):
        ablate_simples(G, {"w": f}, lambda t: 0.0, sites=["v"])
    with pytest.raises(ModuleMismatchError, match="finite number"):
        ablate_simples(G, {"w": f}, lambda t: float("nan"))
    with pytest.raises(ModuleMismatchError, match="left, right and output"):
        product_loss(G)({"w": f})
    with pytest.raises(ModuleMismatchError, match="not both"):
        product_loss(G, table=multiplication_table(G), elements=[[0]])


def test_the_largest_subgroup_of_nearly_the_largest_excess_is_chosen() -> None:
    G = tk.group("C7 : C3")
    table = np.random.default_rng(0).normal(size=(21, 200))
    report = tk.interpret.group_task_report(G, {"left": table}, controls=0)
    products = multiplication_table(G)
    families = subgroup_families(G, products)
    chance = np.array([chance_of_family(products, f, np.arange(21), "left") for f in families])
    over = np.array(
        [
            excess(coset_shares(products, families, table, side), chance)
            for side in ("left", "right")
        ]
    )
    best = over.max(axis=(0, 1))
    orders = np.array([f.order for f in families])
    allowed = np.where(over >= best - 0.02, orders[:, None], 0)
    largest = allowed.max(axis=(0, 1))
    wanted = np.where(allowed == largest, over, -np.inf).max(axis=(0, 1))
    assert np.abs(report.sites[0].values("coset_excess") - wanted).max() < 1e-8
    assert (wanted < best - 1e-8).any()  # not always the largest one
    assert [report.subgroup_orders[n.coset_class] for n in report.sites[0].neurons] == (
        largest.tolist()
    )


def test_refusals_of_names_and_numbers() -> None:
    G = tk.group("C4")
    with pytest.raises(ModuleMismatchError, match="names of sites must be strings"):
        tk.interpret.group_task_report(G, {0: np.eye(4)})  # type: ignore[dict-item]
    with pytest.raises(ModuleMismatchError, match="controls= must be an integer"):
        tk.interpret.group_task_report(G, {"a": np.eye(4)}, controls=1.5)  # type: ignore[arg-type]
    with pytest.raises(ModuleMismatchError, match="seed= must be an integer"):
        tk.interpret.group_task_report(G, {"a": np.eye(4)}, seed="x")  # type: ignore[arg-type]
