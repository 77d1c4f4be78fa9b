"""The ways between activations are those of the network: found again by changing their values."""

from __future__ import annotations

import pytest
import torch
from torch import nn

import toolkit as tk
from toolkit.interpret import flow, record, spectra, stages_of
from toolkit.interpret.network.provenance import Provenance
from toolkit.testing.randomised import randomise


def X():
    return tk.group("C8").natural_module()


def linear(C=3, D=3):
    return tk.nn.EquivariantLinear(X(), X(), C, D, bias=False, dtype=torch.float64)


class Parts(nn.Module):
    def __init__(self):
        super().__init__()
        self.one, self.two, self.three = linear(), linear(), linear()
        self.drop = nn.Dropout(0.5)
        self.a, self.b, self.c = (tk.nn.Pointwise(f, X()) for f in ("relu", "tanh", "gelu"))


class DropoutBeforeTheFork(Parts):
    def forward(self, x):
        h = self.drop(self.a(self.one(x)))
        return self.three(h + self.b(self.two(h)))


class SideBySide(Parts):
    def forward(self, x):
        h = self.drop(self.one(x))
        return self.two(self.a(h) + self.b(h))


class DeadBranch(Parts):
    def forward(self, x):
        h = self.drop(self.a(self.one(x)))
        self.b(self.two(h))
        return self.three(h)


class Skip(Parts):
    def forward(self, x):
        y = self.a(self.one(x))
        z = self.b(self.two(torch.cat([y, x], -1)[..., 1:4]))
        w = torch.zeros_like(z)
        w[..., 1:] = self.c(self.three(x))[..., 1:]
        return z.mul_(0.5) + w


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        branch = nn.Sequential(nn.Dropout(0.1), linear(), tk.nn.Pointwise("gelu"), linear())
        self.net = nn.Sequential(
            tk.nn.EquivariantDropout(X(), 0.5), tk.nn.Residual(branch), nn.ReLU(),
            tk.nn.Concat(nn.Sequential(linear(), nn.Tanh()), nn.Sequential(linear(), nn.ELU())),
            linear(6, 3), nn.Softplus(), tk.nn.Residual(nn.Sequential(linear(), nn.Sigmoid())),
        )  # fmt: skip

    def forward(self, x):
        return self.net(x)


def _attention():
    attention = tk.nn.EquivariantAttention(X(), 4, 2, dtype=torch.float64)
    return nn.Sequential(
        linear(3, 4), tk.nn.EquivariantTransformerBlock(attention), linear(4, 3), nn.Tanh()
    )


def edges_by_intervention(net, x):
    """Return the pairs of sites that a change at one reaches at the other, all others held."""
    names = {m: n for n, m in net.named_modules()}
    acts = [
        m for m in net.modules() if isinstance(m, tk.nn.Pointwise) or "activation" in str(type(m))
    ]
    held, changed, seen = {}, [None], {}

    def before(m, args):
        seen[f"{names[m]} before"] = args[0].clone()

    def after(m, args, y):
        out = held.setdefault(names[m], y.clone())
        return out + 1 + torch.rand_like(out) if changed[0] == names[m] else out.clone()

    handles = [m.register_forward_pre_hook(before) for m in acts]
    handles += [m.register_forward_hook(after) for m in acts]

    def run(name, x):
        changed[0] = name
        torch.manual_seed(0)
        seen["output"] = net(x)
        return dict(seen)

    with torch.no_grad():
        plain = run(None, x)
        out = set()
        for source in ("input", *(names[m] for m in acts)):
            found = run(source, x + 1 + torch.rand_like(x) if source == "input" else x)
            site = source if source == "input" else f"{source} after"
            out |= {(site, n) for n in found if not torch.equal(found[n], plain[n])}
    for handle in handles:
        handle.remove()
    return out


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize(
    "make", [DropoutBeforeTheFork, SideBySide, DeadBranch, Skip, Block, _attention]
)
def test_the_edges_are_those_that_a_change_shows(make, training):
    torch.manual_seed(1)
    net = make().double()
    randomise(net, 2)
    net.train(training)
    x = torch.randn(5, 8, 3, dtype=torch.float64)
    graph = flow(net, x)
    places = {graph.nodes[node]["place"] for node in graph}
    expected = {pair for pair in edges_by_intervention(net, x) if set(pair) <= places}
    between = {
        (graph.nodes[a]["place"], graph.nodes[b]["place"])
        for a, b, kind in graph.edges(data="kind")
        if kind != "activation"
    }
    assert between == expected
    assert len(expected) > 2


def test_linear_ways_are_told_from_others():
    net = DropoutBeforeTheFork().double().eval()
    graph = flow(net, torch.randn(5, 8, 3, dtype=torch.float64))
    kinds = {
        (graph.nodes[a]["place"], graph.nodes[b]["place"]): kind
        for a, b, kind in graph.edges(data="kind")
    }
    assert kinds["input", "a before"] == "linear"
    assert kinds["a after", "b before"] == "other"  # a dropout stands between


def test_what_joins_give_is_on_their_module():
    branch = nn.Sequential(linear(), nn.Tanh())
    net = nn.Sequential(linear(), tk.nn.Residual(branch), nn.ReLU(), tk.nn.Residual(linear()))
    stages = stages_of(net)
    assert [(s.key, s.kind, s.follows, s.made_from) for s in stages] == [
        ("0", "linear", -1, (-1,)),
        ("1.inner.0", "linear", 0, (0,)),
        ("1.inner.1", "activation", 1, (1,)),
        ("1", "sum", 0, (0, 2)),
        ("2", "activation", 3, (3,)),
        ("3.inner", "linear", 4, (4,)),
        ("3", "sum", 4, (4, 5)),
    ]
    assert all(s.X is not None and s.Y is not None for s in stages)
    assert stages[-1].is_last
    x = torch.randn(5, 8, 3, dtype=torch.float64)
    found = spectra(net, x)
    assert list(found) == [
        "input", "1.inner.1 before", "1.inner.1 after", "1 after", "2 before", "2 after", "output",
    ]  # fmt: skip
    with torch.no_grad():
        total = float(net(x).square().sum()) / 5
    assert abs(sum(found["output"].by_simple.values()) - total) < 1e-9 * total


class SumThenActivation(nn.Module):
    def __init__(self):
        super().__init__()
        self.one, self.body, self.act = linear(), linear(), nn.ReLU()

    def forward(self, x):
        x = self.one(x)
        return self.act(x + self.body(x))


def test_activations_whose_input_no_layer_made_are_followed():
    net = nn.Sequential(SumThenActivation(), tk.nn.Pointwise("tanh", X()))
    x = torch.randn(5, 8, 3, dtype=torch.float64)
    with record(net) as found:
        net(x)
    assert "0.act before" in found
    assert found.shares == spectra(net, x).shares
    assert "0.act before L1" in flow(net, x)
    graph = flow(net, x, spaces={"0.act": X()})
    assert "0.act before L1" in graph


def test_what_stands_first_and_keeps_the_module_takes_it_from_the_next():
    first = (nn.Dropout(0.5), nn.ReLU(), nn.Linear(3, 3), tk.nn.ChannelRMSNorm(3))
    net = nn.Sequential(*first, tk.nn.EquivariantDropout(), linear(), nn.Tanh()).double().eval()
    stages = stages_of(net)
    assert all(s.X.degree == s.Y.degree == 8 for s in stages)
    assert list(spectra(net, torch.randn(5, 8, 3, dtype=torch.float64)))[:2] == [
        "input", "1 before",
    ]  # fmt: skip
    assert tk.interpret.zero_components(net, ["L2"])["1"].possible == ("L0", "L1", "L2")
    other = nn.Sequential(nn.LayerNorm([8, 3]), linear()).double()  # not the same at all points
    assert stages_of(other)[0].X is None


def test_marks_go_through_views_and_changes_in_place():
    with torch.no_grad(), Provenance() as watch:
        x, y, z = (torch.zeros(4, 3) for _ in range(3))
        for number, tensor in enumerate((x, y, z)):
            watch.mark(tensor, number)
        x[1:2].add_(y[0])
        assert watch.marks(x) == watch.marks(x.T) == {0, 1}
        assert watch.marks(y) == {1}
        made = torch.empty(4, 3)
        made[:2] = z[:2]
        assert watch.marks(made) == {2}
        watch.mark(made, 7)
        assert watch.marks(made * 2) == {7}
        assert watch.marks(torch.einsum("ij,ij->i", made, x)) == {0, 1, 7}
