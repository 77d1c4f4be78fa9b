"""Networks of functions, branches and several inputs: what each operation lets through."""

from __future__ import annotations

import random

import numpy as np
import pytest
import torch
from random_networks import inputs_in, shares
from torch import nn
from torch.nn import functional

import toolkit as tk
from toolkit.errors import ModuleMismatchError
from toolkit.interpret import flow, spectra, zero_components
from toolkit.interpret.network.tracing import traced
from toolkit.interpret.zeros.graphs.products import occurring_in_product
from toolkit.pl.criterion.of_module import orbit_criteria


def module():
    return tk.group("C8").regular_module()


def linear(X, C=3, D=3):
    return tk.nn.EquivariantLinear(X, X, C, D, bias=False).double()


class Written(nn.Module):
    """A network whose forward is a function of its parts."""

    def __init__(self, forward, **parts):
        super().__init__()
        self.run = forward
        for name, part in parts.items():
            setattr(self, name, part)

    def forward(self, *args):
        return self.run(self, *args)


def zeros(run, sources=("L3",), X=None, **parts):
    X = X or module()
    net = Written(run, **{"first": linear(X), **parts}).eval()
    return zero_components(net, sources, modules=X, example=torch.zeros(3, X.degree, 3).double())


def last(found):
    return found[found.results[-1]]


ALL = ("L0", "L1", "L2", "L3", "L4")


@pytest.mark.parametrize(
    ("run", "possible"),
    [
        (lambda m, x: functional.relu(m.first(x)), ("L0", "L1", "L2", "L3")),
        (lambda m, x: m.first(x).relu(), ("L0", "L1", "L2", "L3")),
        (lambda m, x: torch.tanh(m.first(x)), ("L3", "L4")),
        (lambda m, x: m.first(x).clamp(min=0), ("L0", "L1", "L2", "L3")),
        (lambda m, x: functional.leaky_relu(m.first(x), 0.3), ("L0", "L1", "L2", "L3")),
        (lambda m, x: m.first(x) ** 2, ("L0", "L2")),
        (lambda m, x: m.first(x).square(), ("L0", "L2")),
        (lambda m, x: x * x, ("L0", "L2")),
        (lambda m, x: x * m.first(x), ("L0", "L2")),
        (lambda m, x: 3 - 2 * m.first(x) / 5, ("L0", "L3")),
        (lambda m, x: m.first(x).add_(1), ("L0", "L3")),
        (lambda m, x: x - m.first(x), ("L3",)),
        (lambda m, x: x * 0, ()),
        (lambda m, x: x + x.mean(-2, keepdim=True), ("L3",)),
        (lambda m, x: x + x.norm(dim=-2, keepdim=True), ("L0", "L3")),
        (lambda m, x: x * torch.sigmoid(x.amax(-2, keepdim=True)), ("L3",)),
        (lambda m, x: x * x.amax(-2).unsqueeze(-2).expand_as(x), ("L3",)),
        (lambda m, x: functional.layer_norm(x, (3,)), ("L3", "L4")),
        (lambda m, x: functional.normalize(x, dim=-1), ("L3", "L4")),
        (lambda m, x: torch.softmax(x, -1), ALL),
        (lambda m, x: torch.maximum(x, m.first(x)), ALL),
        (lambda m, x: functional.dropout(x, 0.5, False), ("L3",)),
        (lambda m, x: x.transpose(-1, -2).reshape(3, 3, 2, 4).flatten(-2).mT, None),
        (lambda m, x: x.transpose(-1, -2).unsqueeze(1).flatten(0, 1).mT, ("L3",)),
        (lambda m, x: x.roll(1, -2), None),
        (lambda m, x: x[..., 1:, :], None),
        (lambda m, x: x[1:, ..., None, :2].squeeze(-2), ("L3",)),
        (lambda m, x: x + torch.arange(8.0)[:, None], None),
        (lambda m, x: x + torch.ones(8, 1), ("L0", "L3")),
        (lambda m, x: x + torch.randn(()), None),
    ],
)
def test_one_operation(run, possible):
    found = zeros(run)
    row = last(found)
    if possible is None:
        assert row.is_unknown
        assert found.unknown_from is not None
        assert found.zero[row.key] == ()
        assert "unknown from" in found.to_table()
    else:
        assert found.unknown_from is None, found.unknown
        assert row.possible == possible


def test_channels_keep_apart_until_they_are_mixed():
    def run(m, x):
        both = torch.cat([torch.tanh(m.first(x)), x.abs()], -1)
        odd, even = both.relu().chunk(2, -1)
        return both[..., :3], both[..., 2:4], odd * even, m.mix(both)

    found = zeros(run, mix=linear(module(), 6, 2))
    rows = [found[key] for key in found.results]
    assert rows[0].channels == ((3, ("L3", "L4")),)
    assert [n for n, _ in rows[1].channels] == [1, 1]
    assert rows[1].channels[0][1] == ("L3", "L4")
    assert "L3" not in rows[1].channels[1][1]
    assert set(rows[3].possible) == {"L3", "L4", *rows[1].channels[1][1]}


def test_what_is_unknown_stays_so_and_does_not_spread_to_other_branches():
    def run(m, x):
        lost = x.sort(-2)[0]
        return torch.tanh(x), torch.tanh(lost) + x

    found = zeros(run)
    one, two = (found[key] for key in found.results)
    assert one.possible == ("L3", "L4")
    assert two.is_unknown
    assert list(found.unknown) == ["sort"]


def test_a_decision_by_values_makes_the_rest_unknown():
    def run(m, x):
        y = torch.tanh(x)
        return y if x.sum() > 0 else -y

    found = zeros(run)
    assert found["tanh"].possible == ("L3", "L4")
    assert last(found).is_unknown or found.results == ("neg",)
    assert last(zeros(lambda m, x: x * x.max().item())).is_unknown
    assert not last(zeros(lambda m, x: x if len(x) > 1 else x.roll(1, -2))).is_unknown


def test_views_are_lost_when_their_memory_changes():
    def run(m, x):
        y = m.first(x)
        view = y[..., :2]
        y.add_(1)
        return y, view

    y, view = (zeros(run)[key] for key in zeros(run).results)
    assert y.possible == ("L0", "L3")
    assert view.is_unknown


def test_modules_that_fall_from_the_sky_are_unknown():
    class Double(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x.roll(1, -2)

    assert last(zeros(lambda m, x: Double.apply(x) + x)).is_unknown


def test_several_inputs_are_independent():
    X = module()
    net = Written(lambda m, x, y, s: (x * y, x * y + torch.tanh(x), x * s, y + s))
    example = (torch.zeros(3, 8, 2), torch.zeros(3, 8, 2), torch.zeros(3, 1, 2))
    found = zero_components(net, {"0": ["L3"], "1": ["L2"]}, example=example, modules=(X, X, None))
    rows = [found[key] for key in found.results]
    (orbit,) = orbit_criteria(X)
    product = occurring_in_product(orbit, ["L3"], ["L2"])
    assert rows[0].occurring == rows[0].possible == product
    assert rows[2].possible == ("L3",)
    assert rows[3].possible == ("L0", "L2")
    with pytest.raises(ModuleMismatchError, match="2 inputs are on modules"):
        zero_components(net, ["L3"], example=example, modules=(X, X, None))
    with pytest.raises(ModuleMismatchError, match="what is in 'input 1'"):
        zero_components(net, {"0": ["L3"]}, example=example, modules=(X, X, None))


@pytest.mark.parametrize(
    "name", ["C8", "Q8", pytest.param("S4", marks=pytest.mark.slow), "SL(2,3)", "D12"]
)
def test_products_by_brute_force(name):
    """For independent factors the rule says exactly what occurs."""
    X = tk.group(name).regular_module() if name != "S4" else tk.group("S4").natural_module() ** 2
    basis = tk.fourier_basis(X)
    generator = torch.Generator().manual_seed(0)

    def random_in(label):
        rows = next(s.rows for s in basis.simples if s.label == label)
        B = torch.from_numpy(basis.matrix[rows].copy())
        return B.T @ torch.randn(len(B), 40, generator=generator, dtype=torch.float64)

    for one in X.multiplicities:
        for two in X.multiplicities:
            y = random_in(one) * random_in(two)
            energies = {k: float(e.sum()) for k, e in basis.energies(y.numpy()).items()}
            total = sum(energies.values())
            expected = set()
            for orbit in orbit_criteria(X):
                expected |= set(occurring_in_product(orbit, [one], [two]))
            assert {k for k, e in energies.items() if e > 1e-20 * total} == expected


def test_declared_modules_are_bounded_by_the_kernel():
    X = module()

    class Sorted(nn.Module):
        def forward(self, x):
            return (x.roll(1, -2) + x.roll(-1, -2)).exp()

    net = Written(lambda m, x: m.own(m.first(x)) + x, first=linear(X).float(), own=Sorted())
    assert zero_components(net, ["L2"]).unknown_from is not None
    found = zero_components(net, ["L2"], equivariant=["own"])
    assert found.unknown_from is None
    assert last(found).possible == ("L0", "L1", "L2")
    assert found["own"].kind == "declared"
    with pytest.raises(ModuleMismatchError, match="no submodule 'other'"):
        zero_components(net, ["L2"], equivariant=["other"])


def test_batch_norm_over_points_as_the_last_axis():
    X = module()
    norm = nn.BatchNorm1d(3).double()
    run = lambda m, x: m.norm(m.first(x).mT).mT  # noqa: E731
    assert last(zeros(run, norm=norm)).possible == ("L3",)
    norm.bias.data += 1
    assert last(zeros(run, norm=norm)).possible == ("L0", "L3")
    found = zeros(lambda m, x: m.norm(x), norm=nn.BatchNorm1d(8).double(), X=X)
    assert last(found).is_unknown
    assert "not equivariant on a permutation module" in found.unknown["norm"]


def test_shared_layers_are_not_said_to_be_free():
    found = zeros(lambda m, x: m.first(torch.tanh(m.first(x))))
    assert found["first#2"].occurring == ()
    assert found["first#2"].possible == ("L3", "L4")
    # x - x is 0, and must not be said to occur
    found = zeros(lambda m, x: m.first(x) - m.first(x))
    assert last(found).occurring == ()
    assert last(zeros(lambda m, x: x + m.first(x))).occurring == ("L3",)
    # one weight in two layers, or used as a tensor, is no free weight
    one, two = linear(module()), linear(module())
    two.weight = one.weight
    assert last(zeros(lambda m, x: m.one(x) - m.two(x), one=one, two=two)).occurring == ()
    same = nn.Linear(3, 3, bias=False).double()
    found = zeros(lambda m, x: m.same(x) - functional.linear(x, m.same.weight), same=same)
    assert last(found).occurring == ()
    assert last(found).bound == ("L3",)


def test_signed_points():
    G = tk.group("S4")
    X = G.signed_coset_module([[1, 2, 3, 0], [2, 1, 0, 3]], [[1, 2, 3, 0]])
    label = next(iter(X.multiplicities))
    odd = zeros(lambda m, x: torch.tanh(m.first(x)), [label], X)
    assert odd.unknown_from is None
    for run in (
        lambda m, x: m.first(x).relu(),
        lambda m, x: x * m.first(x),
        lambda m, x: x + 1,
        lambda m, x: torch.softmax(x, -1),
        lambda m, x: x + x.sum(-2, keepdim=True),
    ):
        assert last(zeros(run, [label], X)).is_unknown


def test_fx_modules_are_traced_too():
    X = module()
    net = nn.Sequential(linear(X), nn.ReLU())

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b = linear(X), linear(X)

        def forward(self, x):
            return torch.tanh(self.a(x)) + functional.relu(self.b(x))

    class Tracer(torch.fx.Tracer):
        def is_leaf_module(self, m, name):
            return isinstance(m, tk.nn.EquivariantLinear)

    plain = Net()
    symbolic = torch.fx.GraphModule(plain, Tracer().trace(plain))
    example = torch.zeros(3, 8, 3).double()
    one, two = (zero_components(m, ["L3"], example=example) for m in (plain, symbolic))
    assert one.zero == two.zero
    assert len(traced(net, (example,))) == 3


class ByModules(nn.Module):
    def __init__(self, functions):
        super().__init__()
        X = module()
        torch.manual_seed(0)
        self.a, self.b, self.c = linear(X), linear(X), linear(X)
        self.drop, self.functions = nn.Dropout(0.5), functions
        self.relu, self.tanh = tk.nn.Pointwise("relu", X), tk.nn.Pointwise("tanh", X)

    def forward(self, x):
        relu, tanh = (functional.relu, torch.tanh) if self.functions else (self.relu, self.tanh)
        h = relu(self.a(self.drop(x)))
        return self.c(h + tanh(self.b(h)))


def test_flow_sees_functions_as_it_sees_layers():
    x = torch.randn(20, 8, 3, dtype=torch.float64)
    one, two = (flow(ByModules(functions).eval(), x.split(7)) for functions in (False, True))
    assert list(one.nodes) == list(two.nodes)
    assert set(one.edges) == set(two.edges)
    for node, data in one.nodes(data=True):
        assert data["energy"] == pytest.approx(two.nodes[node]["energy"], rel=1e-9)
    for edge in one.edges:
        assert one.edges[edge]["energy"] == pytest.approx(two.edges[edge]["energy"], abs=1e-9)
        if not edge[0].startswith("input"):  # a dropout that is off is known to be linear here
            assert one.edges[edge]["kind"] == two.edges[edge]["kind"]
    again = flow(ByModules(True).eval(), (batch for batch in x.split(7)))
    assert again.graph["samples"] == 20


def test_spectra_see_functions_as_they_see_layers():
    x = torch.randn(20, 8, 3, dtype=torch.float64)
    one, two = (
        spectra(ByModules(functions).eval(), x.split(7), per_sample=True)
        for functions in (False, True)
    )
    sites = [s for s in two.sites if s.site.stage != "add"]  # of its calls the sum is one
    assert len(sites) == len(two.sites) - 1
    assert [s.site for s in one.sites] == [s.site for s in sites]
    for site, other in zip(one.sites, sites, strict=True):
        assert site.samples == other.samples == 20
        assert torch.allclose(torch.tensor(site.sums), torch.tensor(other.sums), rtol=1e-12)


class Own(nn.Module):
    def forward(self, x):
        return functional.avg_pool1d(x, 1).roll(0, -2)


def test_declared_parts_are_measured_beyond():
    X = module()
    net = Written(
        lambda m, x: m.last(torch.tanh(m.own(functional.relu(m.first(x))))),
        first=linear(X), own=nn.Sequential(Own()), last=linear(X),
    )  # fmt: skip
    x = torch.randn(5, 8, 3, dtype=torch.float64)
    found = spectra(net, x, spaces={"own": X})
    assert list(found)[1:-1] == ["relu before", "relu after", "tanh before", "tanh after"]
    with pytest.warns(UserWarning, match=r"unknown from 'own\.0\.avg_pool1d' on, and not measured"):
        found = spectra(net, x)
    assert list(found)[1:] == ["relu before", "relu after"]


def test_what_changes_from_batch_to_batch_is_refused():
    def run(m, x):
        y = functional.relu(m.first(x))
        return torch.tanh(y) if x.shape[0] < 4 else y

    net = Written(run, first=linear(module()))
    x = torch.randn(5, 8, 3, dtype=torch.float64)
    with pytest.raises(ModuleMismatchError, match=r"the same calls .* instead of tanh, it"):
        flow(net, [x[:3], x])


def test_a_choice_between_results_by_their_values_is_said():
    X = tk.group("C8").regular_module()

    class Choosing(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = tk.nn.EquivariantLinear(X, X, 2, 2)

        def forward(self, x):
            y = self.inner(x) + x
            return y if y.sum() < 100 else x

    found = tk.interpret.zero_components(Choosing(), ["L1"])
    assert found.unknown_from == "what is returned"
    assert "a number is read from a tensor" in found.to_table()


def test_weights_that_are_zero_now_are_named():
    X = module()
    branch = linear(X)
    nn.init.zeros_(branch.weight)
    found = zeros(lambda m, x: x + m.branch(functional.relu(x)), X=X, branch=branch)
    assert last(found).possible == ("L3",)
    assert found.as_now == ("branch.weight",)
    assert found.to_table().splitlines()[-1].endswith("branch.weight")
    assert found.state()["as_now"] == ["branch.weight"]
    nn.init.ones_(branch.weight)
    after = zeros(lambda m, x: x + m.branch(functional.relu(x)), X=X, branch=branch)
    assert set(last(after).possible) == {"L0", "L1", "L2", "L3"}
    assert after.as_now == ()
    slopes = nn.Sequential(linear(X), nn.PReLU(init=1.0).double())
    assert zero_components(slopes, ["L3"]).as_now == ("1.weight",)


@pytest.mark.parametrize("gate", [lambda g: g, torch.tanh, lambda g: 1 - (1 + g)])
def test_trained_factors_that_are_zero_now_count_as_any(gate):
    X = module()
    factor = nn.Parameter(torch.zeros(1).double())
    found = zeros(lambda m, x: x + gate(m.factor) * functional.relu(x), X=X, factor=factor)
    assert set(last(found).possible) == {"L0", "L1", "L2", "L3"}
    assert zeros(lambda m, x: x + 0 * functional.relu(x), X=X).results
    assert last(zeros(lambda m, x: x + 0 * functional.relu(x), X=X)).possible == ("L3",)


def _remembers(m, x):
    if not hasattr(m, "first_one"):
        m.first_one = x
    return x + functional.relu(m.first_one)


def _counts(m, x):
    m.count += 1
    return x * m.count


def _skips(m, x):
    for _ in range(8):
        x = torch.relu(x) if random.random() < 0.5 else torch.sin(x)
    return x


@pytest.mark.parametrize(
    ("run", "said"),
    [
        (lambda m, x: torch.relu(x) if len(x) > 4 else x, "for other sizes of batches"),
        (lambda m, x: torch.relu(x) if x.shape[0] > 1 else x, "for other sizes of batches"),
        (lambda m, x: torch.relu(x) if x.numel() > 100 else x, "for other sizes of batches"),
        (_skips, "in other runs"),
        (_remembers, "its own tensor 'first_one'"),
        (_counts, "its own tensor 'count'"),
        (lambda m, x: [1.0], "it must return tensors"),
    ],
)
def test_what_depends_on_the_run_is_said(run, said):
    state, numpys = random.getstate(), np.random.get_state()  # noqa: NPY002
    count = torch.zeros(1, dtype=torch.float64)
    net = Written(run)
    net.register_buffer("count", count)
    found = zero_components(net, ["L3"], modules=module(), example=torch.zeros(3, 8, 3).double())
    assert said in found.to_table()
    assert found.unknown_from is not None
    assert not net.count.any()
    assert random.getstate() == state
    assert (np.random.get_state()[1] == numpys[1]).all()  # noqa: NPY002


def test_what_a_run_leaves_in_the_network_is_put_back():
    def run(m, x):
        m.scale.mul_(1.5)
        m.calls += 1
        m.other = m.other + 1
        if not hasattr(m, "first_one"):
            m.first_one = x
        return x + functional.relu(m.first_one)

    net = Written(run, scale=torch.ones(1), other=torch.zeros(1), calls=0)
    other = net.other
    zero_components(net, ["L3"], modules=module(), example=torch.zeros(3, 8, 3).double())
    assert not hasattr(net, "first_one")
    assert (net.scale.item(), net.calls) == (1.0, 0)
    assert net.other is other
    net(torch.zeros(5, 8, 3).double())
    assert net.calls == 1


def test_memory_that_is_given_to_a_tensor_is_not_followed():
    def run(m, x):
        h = m.first(x)
        h.set_(functional.relu(h * 1.0))
        return h

    found = zeros(run)
    assert "its memory were changed by something" in found.to_table()
    assert found.unknown_from is not None


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_compiled_and_exported_networks_are_followed():
    X = module()
    net = Written(lambda m, x: x + torch.tanh(m.first(x)), first=linear(X)).eval()
    example = torch.zeros(3, 8, 3).double()
    options = {"modules": X, "example": example}
    wanted = last(zero_components(net, ["L3"], **options)).possible
    compiled = torch.compile(net)
    assert last(zero_components(compiled, ["L3"], **options)).possible == wanted
    pointwise = Written(lambda m, x: x.transpose(1, 2).relu().transpose(1, 2) + x)
    exported = torch.export.export(pointwise, (example,)).module()
    found = zero_components(exported, ["L3"], **options)
    assert found.unknown_from is None
    assert last(found).possible == last(zero_components(pointwise, ["L3"], **options)).possible


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_what_shows_no_calls_is_unknown():
    script = torch.jit.script(nn.Sequential(nn.ReLU()))
    for run in (lambda m, x: m.part(x), lambda m, x: torch.vmap(torch.relu)(x)):
        found = zeros(run, part=script)
        assert found.unknown_from is not None


def test_a_network_of_two_inputs_asks_for_an_example():
    net = Written(lambda m, x, y: m.first(x) + y, first=linear(module()))
    with pytest.raises(ModuleMismatchError, match=r"give an input .* as example="):
        zero_components(net, {"x": ["L3"], "y": ["L3"]}, modules=(module(), module()))


def test_activations_of_linear_modules_are_unknown_from_there_on():
    G = tk.group("D8")
    V = G.linear_module([[[0.0, -1.0], [1.0, 0.0]], [[1.0, 0.0], [0.0, -1.0]]])
    (label,) = V.multiplicities
    for run in (
        lambda m, x: torch.tanh(x),
        lambda m, x: m.act(x),
        lambda m, x: functional.scaled_dot_product_attention(x, x, x),
    ):
        net = Written(run, act=nn.Tanh())
        found = zero_components(net, [label], modules=V, example=torch.zeros(3, 2, 5))
        assert found.unknown_from is not None


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16])
def test_simples_are_measured_in_half_precision(kind):
    X = module()
    basis = tk.fourier_basis(X)
    coordinates = torch.randn(8, 40, dtype=torch.float64)
    for s in basis.simples:
        if s.label not in ("L2", "L4"):
            coordinates[s.rows] = 0
    x = torch.from_numpy(basis.synthesise(coordinates.numpy())).T[..., None].to(kind)
    net = nn.Sequential(tk.nn.EquivariantLinear(X, X, 1, 2), nn.ReLU())
    assert zero_components(net, x).sources == ("L2", "L4")
    assert len(zero_components(net, torch.randn(9, 8, 1).to(kind)).sources) == 5


ALONG_CHANNELS = {
    "flip": (lambda m, x: torch.tanh(m.first(x)).flip(-1), {"L3", "L4"}),
    "flip two axes": (lambda m, x: torch.tanh(m.first(x)).flip(0, 2), {"L3", "L4"}),
    "roll": (lambda m, x: torch.tanh(m.first(x)).roll(1, -1), {"L3", "L4"}),
    "cumsum": (lambda m, x: torch.cumsum(torch.tanh(m.first(x)), dim=2), {"L3", "L4"}),
    "stack": (lambda m, x: torch.stack([x, torch.tanh(x)], 1), {"L3", "L4"}),
    "stack at the end": (lambda m, x: torch.stack([x, torch.tanh(x)], -1).sum(-1), {"L3", "L4"}),
    "part of a stack": (lambda m, x: torch.stack([x, torch.tanh(x)], -1)[..., 0], {"L3"}),
    "sort": (lambda m, x: m.first(x).sort(-1)[0], set(ALL)),
    "topk": (lambda m, x: m.first(x).topk(2, dim=-1).values, set(ALL)),
    "glu": (lambda m, x: functional.glu(torch.cat([x, m.first(x)], -1)), set(ALL)),
    "cummax": (lambda m, x: m.first(x).cummax(-1).values, set(ALL)),
}


@pytest.mark.parametrize("case", ALONG_CHANNELS)
def test_what_acts_along_channels(case):
    run, bound = ALONG_CHANNELS[case]
    X = module()
    net = Written(run, first=linear(X)).eval()
    found = zero_components(net, ["L3"], modules=X, example=torch.zeros(5, 8, 3).double())
    assert found.unknown_from is None, found.to_table()
    assert set(last(found).possible) <= bound
    y = net(inputs_in(X, ["L3"], 1))
    y = y[:, 0] if case == "stack" else y
    for label, share in shares(X, y.detach()).items():
        assert share < 1e-26 or label in last(found).possible
    odd = tk.group("D8").natural_module()
    kernels = zero_components(
        Written(run, first=linear(odd)).eval(),
        ["L1"],
        modules=odd,
        example=torch.zeros(5, 4, 3).double(),
    )
    y = Written(run, first=linear(odd))(inputs_in(odd, ["L1"], 1)).detach()
    y = y[:, 0] if case == "stack" else y
    assert {k for k, share in shares(odd, y).items() if share > 1e-26} <= set(
        last(kernels).possible
    )


@pytest.mark.parametrize(
    "run",
    [
        lambda m, x: x.flip(-2),
        lambda m, x: x.roll(1),
        lambda m, x: x.roll(1, 1),
        lambda m, x: x.cumsum(1),
        lambda m, x: x.sort(-2)[0],
        lambda m, x: torch.stack([x, x.transpose(0, 1)]),
        lambda m, x: torch.stack([x, x.mean(-2, keepdim=True).expand_as(x)], -1),
    ],
)
def test_what_acts_along_the_points_is_unknown(run):
    net = Written(run)
    found = zero_components(net, ["L3"], modules=module(), example=torch.zeros(8, 8, 3).double())
    assert found.unknown_from is not None


def test_convolutions_of_channels_alone():
    X = module()
    for bias, bound in ((False, {"L3"}), (True, {"L0", "L3"})):
        net = nn.Sequential(nn.Conv1d(3, 4, 1, bias=bias)).double()
        wide = Written(lambda m, x: m.net(x.transpose(-1, -2)).transpose(-1, -2), net=net).eval()
        found = zero_components(wide, ["L3"], modules=X, example=torch.zeros(5, 8, 3).double())
        assert set(last(found).possible) == bound
        seen = shares(X, wide(inputs_in(X, ["L3"], 1)).detach())
        assert {k for k, share in seen.items() if share > 1e-26} == bound
    wide = Written(lambda m, x: m.net(x.transpose(-1, -2)), net=nn.Conv1d(3, 4, 3, padding=1))
    found = zero_components(wide.double(), ["L3"], modules=X, example=torch.zeros(5, 8, 3).double())
    assert "where Conv1d is not followed" in found.to_table()


@pytest.mark.parametrize("where", ["buffer", "attribute"])
def test_sparse_tensors_of_the_network_are_left_alone(where):
    net = Written(lambda m, x: functional.relu(x))
    own = torch.eye(8).to_sparse()
    if where == "buffer":
        net.register_buffer("own", own)
    else:
        net.own = own
    found = zero_components(net, ["L3"], modules=module(), example=torch.zeros(3, 8, 3).double())
    assert found.unknown_from is None
    assert net.own is own
