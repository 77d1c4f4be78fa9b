"""``einsum``, ``nn.MultiheadAttention`` and masks: bounds that hold, and what is refused."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
import torch
from random_networks import RandomNetwork, check, inputs_in, shares
from torch import nn
from torch.nn import functional

import toolkit as tk
from toolkit.interpret import zero_components
from toolkit.interpret.zeros.graphs.einsum_rules import letters_of
from toolkit.interpret.zeros.graphs.states import Functions, Invariants, Weights


def graph_masks(X):
    """Invariant masks: which pairs belong to an orbital, and a bias for each."""
    labels = orbitals(X)
    return labels != labels[0, 0], labels.double() / 3


def orbitals(X):
    """The number of the orbit of each pair of points, found by following the generators."""
    graph = nx.Graph()
    n = X.degree
    graph.add_nodes_from((i, j) for i in range(n) for j in range(n))
    for g in X.images.tolist():
        graph.add_edges_from(((i, j), (g[i], g[j])) for i in range(n) for j in range(n))
    out = torch.zeros(n, n, dtype=torch.long)
    for number, part in enumerate(nx.connected_components(graph)):
        for i, j in part:
            out[i, j] = number
    return out


class Masked(nn.Module):
    def __init__(self, X, kind):
        super().__init__()
        kept, bias = graph_masks(X)
        self.register_buffer("mask", kept if kind == "kept" else bias)

    def forward(self, a, b):
        return functional.scaled_dot_product_attention(a, b, b, attn_mask=self.mask)


class Multihead(nn.Module):
    def __init__(self, X, C, draw):
        super().__init__()
        self.batch_first = bool(draw.integers(0, 2))
        bias = bool(draw.integers(0, 2))
        self.inner = nn.MultiheadAttention(C, 1, bias=bias, batch_first=self.batch_first)
        masked = draw.integers(0, 3) == 0
        self.register_buffer("mask", ~graph_masks(X)[0] if masked else None)

    def forward(self, a, b):
        given = (a, b, b) if self.batch_first else (x.transpose(0, 1) for x in (a, b, b))
        y, _ = self.inner(*given, attn_mask=self.mask)
        return y if self.batch_first else y.transpose(0, 1)


class Contractions(RandomNetwork):
    """Random networks of einsum, torch's attention and masks, beside layers and activations."""

    OPERATIONS = {  # noqa: RUF012
        **{k: RandomNetwork.OPERATIONS[k] for k in ("linear", "activation", "sum", "gate")},
        "mix": (
            lambda X, C, d: nn.Linear(C, C),
            lambda layer, a, b: torch.einsum("bnc,dc->bnd", a, layer.weight),
        ),
        "mix, ellipsis": (
            lambda X, C, d: nn.Linear(C, C),
            lambda layer, a, b: torch.einsum("...c,cd->...d", a, layer.weight),
        ),
        "batch": (
            lambda X, C, d: None,
            lambda layer, a, b: torch.einsum("bnc->nc", a).expand_as(a),
        ),
        "product": (lambda X, C, d: None, lambda layer, a, b: torch.einsum("bnc,bnc->bnc", a, b)),
        "outer": (
            lambda X, C, d: None,
            lambda layer, a, b: torch.einsum("bnc,bnd->bnd", a, b),
        ),
        "gram": (
            lambda X, C, d: None,
            lambda layer, a, b: torch.einsum("bnc,bcd->bnd", a, torch.einsum(
                "bnc,bnd->bcd", a, b)),
        ),
        "by einsum": (
            lambda X, C, d: None,
            lambda layer, a, b: torch.einsum(
                "bnm,bmd->bnd", torch.softmax(torch.einsum("bnd,bmd->bnm", a, b), -1), b
            ),
        ),
        "heads": (
            lambda X, C, d: None,
            lambda layer, a, b: torch.einsum(
                "bhnm,bmhd->bnhd",
                torch.einsum("bnhd,bmhd->bhnm", a.unsqueeze(-1), b.unsqueeze(-1)).softmax(-1),
                b.unsqueeze(-1),
            ).flatten(-2),
        ),
        "multihead": (Multihead, lambda layer, a, b: layer(a, b)),
        "masked": (
            lambda X, C, d: Masked(X, str(d.choice(["kept", "bias"]))),
            lambda layer, a, b: layer(a, b),
        ),
    }  # fmt: skip
    WEIGHTS = np.array([6, 3, 3, 1, 2, 2, 1, 2, 1, 2, 3, 2, 3, 3]) / 34


@pytest.mark.parametrize("name", ["C8", "D8"])
def test_random_contractions(name):
    total = np.sum([check(name, seed, Contractions) for seed in range(3)], axis=0)
    assert total[0] > 0
    assert total[1] > 0


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["C12", "C6", "Q8", "S4", "D12", "S4 points", "A4", "SL(2,3)", "F21"]
)
def test_many_random_contractions(name):
    total = np.sum([check(name, seed, Contractions) for seed in range(25)], axis=0)
    assert total[1] > 0


# -- one operation ---------------------------------------------------------------------------------


class Written(nn.Module):
    def __init__(self, forward, **parts):
        super().__init__()
        self.run = forward
        for name, part in parts.items():
            if isinstance(part, torch.Tensor) and not isinstance(part, nn.Parameter):
                self.register_buffer(name, part)
            else:
                setattr(self, name, part)

    def forward(self, *args):
        return self.run(self, *args)


X = tk.group("C8").regular_module()


def last(run, sources=("L3",), example=None, modules=X, **parts):
    net = Written(run, **parts).eval()
    example = torch.zeros(3, 8, 4).double() if example is None else example
    found = zero_components(net, sources, modules=modules, example=example)
    return found[found.results[-1]], found


def free(*shape):
    return nn.Parameter(torch.randn(*shape, dtype=torch.float64))


@pytest.mark.parametrize(
    ("equation", "possible", "occurs"),
    [
        ("bnc,cd->bnd", ("L3",), ("L3",)),
        ("...c,cd->...d", ("L3",), ("L3",)),
        ("bnc,cd", ("L3",), ("L3",)),  # to bdn
        ("bnc,cd->dnb", ("L3",), ("L3",)),
        ("bnc,xc->nx", ("L3",), ("L3",)),  # samples are added up
    ],
)
def test_maps_of_channels(equation, possible, occurs):
    row, _ = last(lambda m, x: torch.einsum(equation, x, m.w), w=free(4, 4))
    assert (row.possible, row.occurring) == (possible, occurs)
    assert row.kind == "linear"
    row, _ = last(lambda m, x: torch.einsum(equation, x, m.w), w=torch.randn(4, 4).double())
    assert (row.possible, row.occurring) == (possible, ())  # as they are now, nobody knows


@pytest.mark.parametrize(
    ("run", "kind"),
    [
        (lambda m, x: torch.einsum("bnc->bc", x), Invariants),
        (lambda m, x: torch.einsum("bnc,bnd->bcd", x, x), Invariants),
        (lambda m, x: torch.einsum("bnc,bmc->bnm", x, x), Weights),
        (lambda m, x: torch.einsum("bnc,bmc->bmn", x, x), Weights),
        (lambda m, x: torch.einsum("bnc,bmc,c->bnm", x, x, m.c), Weights),
        (lambda m, x: torch.einsum("bhnm->bnm", torch.einsum("bnh,bmh->bhnm", x, x)), Weights),
        (lambda m, x: torch.einsum("bnc,bnd->bcdn", x, x), Functions),
        (lambda m, x: torch.einsum("nc,mc->nm", x[0], x[1]), Weights),
    ],
)
def test_what_is_made(run, kind):
    row, found = last(run, c=torch.ones(4).double())
    assert isinstance(row.state, kind), found.to_table()


def test_sums_without_the_trivial_simple_are_zero():
    row, _ = last(lambda m, x: torch.einsum("bnc,cd->bd", x, m.w), w=free(4, 4))
    assert row.state.is_zero
    assert row.kind == "pooling"
    row, _ = last(lambda m, x: torch.einsum("bnc->bc", x), sources=("L0",))
    assert not row.state.is_zero


@pytest.mark.parametrize(
    "run",
    [
        lambda m, x: torch.einsum("bnc,nm->bmc", x, m.w),  # a matrix on the points
        lambda m, x: torch.einsum("bnc,n->bnc", x, m.w[0]),  # a number for each point
        lambda m, x: torch.einsum("bnn->bn", x @ m.w[:4]),  # a diagonal
        lambda m, x: torch.einsum("bnc,bmn->bmc", x, x @ m.w[:4]),  # channels against points
        lambda m, x: torch.einsum("bnc,bnc,bnc->bnc", x, x, x),
        lambda m, x: torch.einsum("bnc,bmc->bnmc", x, x),
        lambda m, x: torch.einsum("bnm,bnd->bmd", torch.einsum("bnc,bmc->bnm", x, x), x),
    ],
)
def test_what_is_not_equivariant_or_not_followed_is_unknown(run):
    row, found = last(run, w=free(8, 8))
    assert row.is_unknown
    assert found.unknown_from is not None


def test_letters():
    assert letters_of("ij,jk", [2, 2]) == ([["i", "j"], ["j", "k"]], ["i", "k"])
    assert letters_of("a...,...->...a", [3, 1]) == ([["a", -2, -1], [-1]], [-2, -1, "a"])


# -- attention -------------------------------------------------------------------------------------

INVARIANT = "not invariant under"


def masks():
    kept, bias = graph_masks(X)
    return {
        "kept": (kept, ""),
        "bias": (bias, ""),
        "per head": (torch.stack([bias, 2 * bias])[None], ""),
        "all": (torch.ones(8, 8, dtype=torch.bool), ""),
        "causal": (torch.ones(8, 8, dtype=torch.bool).tril(), INVARIANT),
        "random": (torch.randn(8, 8).double(), INVARIANT),
        "nothing": (torch.zeros(8, 8, dtype=torch.bool), "without points to attend"),
        "trained": (nn.Parameter(bias.clone()), "it is trained"),
    }


@pytest.mark.parametrize("name", masks())
def test_masks_of_pairs(name):
    """Invariant masks leave the bound of the kernel, which is measured; others are refused."""
    mask, refusal = masks()[name]

    def run(m, x):
        q = x.unsqueeze(1).expand(-1, 2, -1, -1)
        return functional.scaled_dot_product_attention(q, q, q, attn_mask=m.mask).flatten(0, 1)

    row, found = last(run, sources=("L2",), mask=mask)
    if refusal:
        assert row.is_unknown
        assert refusal in next(iter(found.unknown.values()))
        return
    # L2 has a kernel of order 2: only what it fixes can be there
    assert row.possible == ("L0", "L1", "L2")
    assert row.impossible == ("L3", "L4")
    x = functions_in("L2")
    y = run(Written(None, mask=mask), x)
    shares = energies(y)
    assert all(shares[label] < 1e-26 for label in row.impossible)


def functions_in(*labels, batch=6, channels=4):
    basis = tk.fourier_basis(X)
    coordinates = np.zeros((8, batch * channels))
    rng = np.random.default_rng(0)
    for s in basis.simples:
        if s.label in labels:
            coordinates[s.rows] = rng.normal(size=coordinates[s.rows].shape)
    x = basis.synthesise(coordinates).reshape(8, batch, channels)
    return torch.from_numpy(x.transpose(1, 0, 2).copy())


def energies(y):
    found = tk.fourier_basis(X).energies(y.detach().movedim(-2, 0).reshape(8, -1).numpy())
    whole = sum(float(e.sum()) for e in found.values())
    return {label: float(e.sum()) / whole for label, e in found.items()}


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("mask", ["none", "kept", "padding"])
def test_multihead_attention_over_the_points(first, mask):
    torch.manual_seed(0)
    inner = nn.MultiheadAttention(4, 2, batch_first=first).double()
    nn.init.normal_(inner.in_proj_bias)
    kept = graph_masks(X)[0]

    def run(m, x):
        x = x if first else x.transpose(0, 1)
        options = {"attn_mask": ~m.kept} if mask == "kept" else {}
        if mask == "padding":
            options["key_padding_mask"] = m.kept.new_zeros(x.shape[1 - first], 8)
        y, w = m.inner(x, x, x, **options)
        return w, (y if first else y.transpose(0, 1))

    row, found = last(run, sources=("L2",), inner=inner, kept=kept)
    assert row.kind in ("attention", "identity")
    assert row.possible == ("L0", "L1", "L2")
    assert row.occurring == ()
    weights = found[found.results[0]].state
    assert isinstance(weights, Weights) == (mask != "kept")
    _, y = run(Written(None, inner=inner, kept=kept), functions_in("L2"))
    shares = energies(y)
    assert all(shares[label] < 1e-26 for label in row.impossible)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"attn_mask": torch.ones(8, 8, dtype=torch.bool).triu(1)}, INVARIANT),
        ({"key_padding_mask": (torch.arange(8) > 5).expand(3, 8)}, "the same for all keys"),
        ({"key_padding_mask": torch.ones(3, 8, dtype=torch.bool)}, "without points to attend"),
    ],
)
def test_masks_of_a_layer_that_are_refused(options, reason):
    inner = nn.MultiheadAttention(4, 2, batch_first=True).double()
    row, found = last(
        lambda m, x: m.inner(x, x, x, **{k: getattr(m, k) for k in options})[0],
        inner=inner, **options,
    )  # fmt: skip
    assert row.is_unknown
    assert reason in next(iter(found.unknown.values()))


def test_a_mask_that_is_an_input_is_refused():
    inner = nn.MultiheadAttention(4, 2, batch_first=True).double()
    example = torch.zeros(3, 8, 4).double(), torch.zeros(3, 8, dtype=torch.bool)
    row, found = last(
        lambda m, x, mask: m.inner(x, x, x, key_padding_mask=mask)[0],
        sources={"0": ["L3"]}, example=example, modules=(X, None), inner=inner,
    )  # fmt: skip
    assert row.is_unknown
    assert "it is not a constant" in found.unknown["inner"]


def test_attention_at_each_point_over_something_else():
    """The points are the batch: each has five tokens of its own."""
    inner = nn.MultiheadAttention(4, 2).double()
    row, _ = last(lambda m, x: m.inner(x, x, x)[0], sources=("L2",), inner=inner)
    assert row.possible == ("L0", "L1", "L2")  # a function of the values at a point
    y = inner(*[functions_in("L2")] * 3)[0]
    assert all(energies(y)[label] < 1e-26 for label in row.impossible)


def test_dropout_that_is_on_makes_everything_possible():
    net = Written(
        lambda m, x: m.inner(x, x, x)[0],
        inner=nn.MultiheadAttention(4, 2, dropout=0.5, batch_first=True).double(),
    ).train()
    found = zero_components(net, ["L2"], modules=X, example=torch.zeros(3, 8, 4).double())
    row = found[found.results[-1]]
    assert (row.impossible, row.occurring, found.unknown_from) == ((), (), None)


@pytest.mark.parametrize("name", ["C8", "D8"])
def test_torchs_transformer_over_the_points(name):
    """Followed whole: attention, norms over the channels, maps of channels, residual sums."""
    module = tk.group(name).regular_module()
    torch.manual_seed(0)
    layer = nn.TransformerEncoderLayer(4, 2, 8, batch_first=True)
    net = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False).double().eval()
    for p in net.parameters():
        nn.init.normal_(p, std=0.5)
    example = torch.zeros(3, module.degree, 4).double()
    found = zero_components(net, ["L1"], modules=module, example=example)
    assert found.unknown_from is None
    row = found[found.results[-1]]
    assert row.possible == ("L0", "L1")  # the trivial simple and a sign
    measured = shares(module, net(inputs_in(module, ["L1"], 0, channels=4)).detach())
    assert all(measured[label] < 1e-26 for label in row.impossible)
    assert measured["L0"] > 1e-6
