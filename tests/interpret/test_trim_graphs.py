"""Trimming networks that are graphs: every kind of join, several inputs, and what is refused."""

from __future__ import annotations

import copy
import io

import pytest
import torch
from torch import nn
from torch.nn import functional
from torch.utils._pytree import tree_leaves

import toolkit as tk
from tests.interpret.test_trim import (
    _signed_module,
    _signed_regular,
    inputs_in,
    simple_labels,
    source_sets,
)
from toolkit.interpret.trimming.trim import trim


class Written(nn.Module):
    """A network whose ``forward`` is a function of itself and its inputs."""

    def __init__(self, function, **layers):
        super().__init__()
        for name, layer in layers.items():
            setattr(self, name, layer)
        self.function = function

    def forward(self, *args, **kwargs):
        return self.function(self, *args, **kwargs)


def cyclic():
    return tk.group("C12").regular_module()


def sums():
    G = tk.group("S4")
    return G.natural_module() + G.regular_module()


def cosets():
    return tk.group("S4").coset_module([[1, 0, 3, 2]])


def layer(X, into=2, out=2, bias=True):
    return tk.nn.EquivariantLinear(X, X, into, out, bias=bias)


def drawn(net, seed=0):
    """Return the network in float64, with weights, biases and running means drawn anew."""
    net = net.double().eval()
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for p in net.parameters():
            p.copy_(torch.randn(p.shape, generator=generator, dtype=p.dtype) / 2)
        for name, buffer in net.named_buffers():
            if name.endswith("running_mean"):
                buffer.copy_(torch.randn(buffer.shape, generator=generator, dtype=buffer.dtype))
    return net


def require_equal(found, wanted, tolerance=1e-12):
    found, wanted = tree_leaves(found), tree_leaves(wanted)
    assert len(found) == len(wanted)
    for u, v in zip(found, wanted, strict=True):
        if not isinstance(v, torch.Tensor):
            assert u == v
            continue
        assert u.shape == v.shape
        assert u.dtype == v.dtype
        assert (u - v).abs().max() <= tolerance * v.abs().max().clamp_min(1e-3)


def check(net, X, channels=2, sets=None, **options):
    """Compare network and trimmed network on inputs in sources, in batches of several sizes."""
    net = drawn(net)
    out = []
    for number, sources in enumerate(sets or source_sets(X)[:6]):
        small = trim(net, sources, **options)
        x = inputs_in(X, sources, channels, seed=number)
        for size in (1, 2, 6):
            with torch.no_grad():
                require_equal(small(x[:size].clone()), net(x[:size].clone()))
        assert small.check_input(x) < 1e-25
        out.append(small)
    return out


def blocks(small, name):
    return next(s.blocks for s in small.stages if s.name == name)


# -- joins ----------------------------------------------------------------------------------------


def in_place(net, x):
    h = net.a(x)
    h += x
    h.mul_(2)
    return functional.relu(h, inplace=True).add_(x)


def in_place_on_a_copy_that_is_a_view_on_blocks(net, x):
    h = net.a(x).transpose(1, 2)
    y = h.contiguous()
    y.relu_()
    return y.mT + h.mT


def entry_written(net, x):
    h = net.a(x).clone()
    h[..., 0] = h[..., 1].relu()
    return h + x


def numbers_of_the_batch(net, x):
    batch, n = x.shape[:2]
    zeros = torch.zeros(batch, n, 2, dtype=x.dtype, device=x.device)
    h = (net.a(x).reshape(-1, n, 2) + zeros).unsqueeze(1).expand(batch, 3, n, 2)
    u, v = h.reshape(batch * 3, n, 2).relu().view(batch, 3, n, 2).unbind(1)[:2]
    return {"sum": u + v[:, :n] / batch, "counted": [x.new_ones(batch, 2), 3, 2 * batch, None]}


def heads(net, x):
    batch, n, _ = x.shape
    parts = [f(x).reshape(batch, n, 2, 2).transpose(1, 2) for f in (net.a, net.b, net.c)]
    y = functional.scaled_dot_product_attention(*parts)
    return y.transpose(1, 2).reshape(batch, n, 4)


def attention_by_hand(net, x):
    weights = torch.softmax(net.a(x) @ net.b(x).transpose(-1, -2) / 2, -1)
    return weights @ net.c(x)


def spread(net, x):
    mean = x.mean(-2, keepdim=True).expand(-1, x.shape[1], -1)
    return net.c(torch.cat([net.a(x), mean], -1))


FORWARDS = {
    "residual": lambda net, x: x + net.b(net.a(x).relu()),
    "functions": lambda net, x: torch.tanh(x) - functional.gelu(net.a(x)) + x.sin(),
    "channels side by side": lambda net, x: net.c(torch.cat([net.a(x).tanh(), x], -1)),
    "product": lambda net, x: net.b(net.a(x) * x),
    "square": lambda net, x: x.square() - net.a(x) ** 3,
    "quotient": lambda net, x: net.a(x) / (1 + x**2),
    "gate": lambda net, x: torch.sigmoid(net.m(x.mean(-2, keepdim=True))) * net.a(x),
    "shared": lambda net, x: net.a(functional.gelu(net.a(torch.tanh(net.a(x))))),
    "where": lambda net, x: torch.where(x > 0, net.a(x), x.exp()),
    "bounds": lambda net, x: net.a(x).clamp(-0.3, 0.5) + torch.maximum(x, net.a(x)),
    "dropout": lambda net, x: x + functional.dropout(net.d(net.a(x)), 0.3, net.training),
    "channel maps": lambda net, x: (
        functional.linear(net.a(x), net.m.weight, net.m.bias) + x @ net.m.weight
    ),
    "norm": lambda net, x: net.b(x + net.n(net.a(x))),
    "norms as functions": lambda net, x: (
        functional.layer_norm(net.a(x), (2,), eps=1.0) * x.norm(dim=-1, keepdim=True)
    ),
    "batch norm": lambda net, x: net.b(net.bn(net.a(x).transpose(1, 2)).mT.relu()),
    "sums over points": lambda net, x: (net.a(x).relu().mean(-2), x.sum(1, keepdim=True)),
    "largest over points": lambda net, x: (
        net.a(x).relu().amax(-2, keepdim=True) + torch.tanh(x).amin(1, True)
    ),
    "softmax": lambda net, x: torch.softmax(net.a(x), -2) + torch.softmax(x, -1),
    "chunks": lambda net, x: net.a(x).chunk(2, -1)[0] * torch.sigmoid(x[..., 1:]),
    "one channel": lambda net, x: (
        net.a(x)[..., 0].relu().unsqueeze(-1) + x.select(-1, 1)[..., None]
    ),
    "counts": lambda net, x: ((net.a(x) > 0).sum(-2), (x > 0).double().mean(-2)),
    "constants": lambda net, x: (
        net.a(x) * torch.full((x.shape[1], 1), 2.0, dtype=x.dtype) + torch.ones_like(x)
    ),
    "attention": lambda net, x: x + functional.scaled_dot_product_attention(net.a(x), net.b(x), x),
    "along channels": lambda net, x: (
        net.b(net.a(x).flip(-1)).cumsum(-1) + torch.stack([x, x.tanh()], -1).amax(-1).sort(-1)[0]
    ),
    "gated channels": lambda net, x: functional.glu(torch.cat([net.a(x), x], -1)) + x.roll(1, 2),
    "unknown": lambda net, x: net.a(x) + functional.avg_pool1d(x, 1),
    "invariants": spread,
    "in place": in_place,
    "in place on a copy": in_place_on_a_copy_that_is_a_view_on_blocks,
    "entry written": entry_written,
    "numbers of the batch": numbers_of_the_batch,
    "attention by hand": attention_by_hand,
}


def network(X, forward, bias=True):
    return Written(
        FORWARDS[forward], a=layer(X, bias=bias), b=layer(X, bias=bias), c=layer(X, 4, 3, bias),
        d=nn.Dropout(0.4), m=nn.Linear(2, 2), n=nn.LayerNorm(2, eps=1.0), bn=nn.BatchNorm1d(2),
    )  # fmt: skip


def fitting(forward):
    """Keep the channels right where a forward takes others."""
    return 4 if forward in ("channels side by side", "invariants") else 2


@pytest.mark.parametrize("make", [cyclic, sums])
@pytest.mark.parametrize("forward", FORWARDS)
@pytest.mark.quick_cases(16)
def test_outputs_are_the_same(forward, make):
    X = make()
    net = network(X, forward)
    if forward == "attention by hand":
        net.c = layer(X)
    check(net, X, sets=source_sets(X)[1:5:2])


def test_dropout_that_is_off_stays_off():
    X = cyclic()
    net = drawn(Written(lambda net, x: x + net.d(net.a(x)), a=layer(X), d=nn.Dropout(0.5)))
    small = trim(net, ["L1"])
    x = inputs_in(X, ["L1"], 2)
    assert torch.equal(small.train()(x), small.eval()(x))


def test_heads_of_attention():
    X = cyclic()
    net = Written(heads, **{name: layer(X, 2, 4) for name in "abc"})
    small = check(net, X)[1]
    assert blocks(small, "scaled_dot_product_attention") < X.degree
    assert small.untrimmed == ()


@pytest.mark.parametrize("make", [_signed_module, _signed_regular])
def test_points_that_change_sign(make):
    X = make()
    net = Written(
        lambda net, x: net.b(x + torch.tanh(net.a(x))) - torch.cat([x.sin(), x], -1)[..., 1:3],
        a=layer(X), b=layer(X),
    )  # fmt: skip
    check(net, X)
    along = Written(lambda net, x: x.flip(-1) + torch.stack([x, net.a(x)], 1).sum(1), a=layer(X))
    assert not check(along, X)[1].untrimmed


def test_the_toolkits_containers_and_layers():
    X = cyclic()
    block = tk.nn.EquivariantTransformerBlock(tk.nn.EquivariantAttention(X, 2, 1, positions=None))
    inner = nn.Sequential(layer(X), nn.ReLU(inplace=True), layer(X))
    for net in (
        nn.Sequential(tk.nn.Residual(inner), nn.ReLU(inplace=True), layer(X)),
        Written(lambda net, x: net.t(x).relu() + x, t=block),
        tk.nn.Concat(layer(X), nn.Sequential(layer(X), nn.Tanh())),
        tk.nn.Residual(nn.Sequential(layer(X), tk.nn.EquivariantRMSNorm(X, 2, eps=1.0), nn.Tanh())),
    ):
        check(net, X)


@pytest.mark.parametrize("reduction", ["mean", "max"])
def test_pooling_and_unpooling(reduction):
    G = tk.group("S4")
    X, Y = G.regular_module(), G.coset_module([[1, 2, 0, 3]])
    net = Written(
        lambda net, x: (net.a(x).tanh() + net.up(net.down(x).relu()), net.all(x.relu())),
        a=layer(X),
        down=tk.nn.EquivariantPooling(X, Y, reduction),
        up=tk.nn.EquivariantUnpooling(Y, X),
        all=tk.nn.InvariantPooling(X, reduction),
    )
    for small in check(net, X, sets=source_sets(X)[1:3]):
        assert bool(small.untrimmed) == (reduction == "max")


def test_points_side_by_side_and_other_modules():
    G = tk.group("S4")
    X, Y = G.natural_module(), cosets()
    net = Written(
        lambda net, x: net.b(torch.cat([net.a(x), x.relu()], 1))
        * net.c(x.sigmoid()).mean(-1, True),
        a=layer(X),
        b=tk.nn.EquivariantLinear(X + X, Y, 2, 2),
        c=tk.nn.EquivariantLinear(X, Y, 2, 3),
    )  # fmt: skip
    check(net, X)


def test_sets_and_windows_in_residual_sums():
    X = tk.group("S5").natural_module()
    net = Written(lambda net, x: x + net.a(torch.relu(net.a(x))), a=tk.nn.DeepSetsLinear(2, 2))
    check(net, X, modules=X, example=torch.zeros(4, 5, 2, dtype=torch.float64))
    conv = tk.nn.WindowedConvolution((8,), 2, 2, 3)
    check(Written(lambda net, x: x + net.a(x.relu()), a=conv), conv.X)


def test_functions_that_are_zero_become_the_value_at_zero():
    X = sums()
    labels = simple_labels(X)
    only_regular = [k for k in labels if k not in simple_labels(tk.group("S4").natural_module())]
    net = Written(
        lambda net, x: net.b(torch.sigmoid(net.a(x)) + x.cos()),
        a=layer(X, bias=False), b=layer(X),
    )  # fmt: skip
    for small in check(net, X, sets=[(only_regular[0],), (), (labels[0],)]):
        assert blocks(small, "input") <= 24
        assert all(s.blocks >= 2 for s in small.stages if s.name in ("cos", "sigmoid"))


def test_how_many_blocks_are_left():
    X = cyclic()
    plain = Written(lambda net, x: x + net.b(torch.tanh(net.a(x))),
                    a=layer(X, bias=False), b=layer(X, bias=False))  # fmt: skip
    small = trim(drawn(plain), ["L1"])  # 1, -1, 1, -1, ...: odd functions keep the sign
    assert {s.blocks for s in small.stages} == {1}
    relu = Written(lambda net, x: x + net.b(net.a(x).relu()),
                   a=layer(X, bias=False), b=layer(X, bias=False))  # fmt: skip
    small = trim(drawn(relu), ["L1"])
    assert blocks(small, "relu") == blocks(small, "add") == 2
    assert small.weights_after < small.weights_before
    square = Written(lambda net, x: net.a(x) * x, a=layer(X, bias=False))
    small = trim(drawn(square), ["L1"])
    assert {s.blocks for s in small.stages} == {1}
    assert next(s.simples for s in small.stages if s.name == "mul") == ("L0",)


def test_forms_and_projection():
    X = cyclic()
    net = drawn(network(X, "residual"))
    inside, outside = inputs_in(X, ["L1", "L3"], 2), inputs_in(X, ["L5"], 2)
    for form in ("gathered", "blocks", "flat", "auto"):
        for rule in ("select", "project"):
            small = trim(net, ["L1", "L3"], form=form, inputs=rule)
            require_equal(small(inside), net(inside))
        require_equal(small(inside + outside), net(inside))


# -- weights --------------------------------------------------------------------------------------


class Scaled(nn.Module):
    def __init__(self, X):
        super().__init__()
        self.a, self.scale = layer(X), nn.Parameter(torch.ones(2))
        self.register_buffer("shift", torch.full((1, 1, 2), 0.3))

    def forward(self, x):
        return (self.a(x) * functional.softplus(self.scale) + self.shift).tanh() - x * self.scale


def test_parameters_that_are_used_as_tensors():
    X = cyclic()
    net = drawn(Scaled(X))
    check(net, X)
    small = trim(net, ["L1"])
    x = inputs_in(X, ["L1"], 2)
    small(x).square().sum().backward()
    net(x).square().sum().backward()
    own = [p for p in small.parameters() if p.shape == (2,) and torch.equal(p, net.scale)]
    assert len(own) == 1
    assert own[0] is not net.scale
    assert torch.allclose(own[0].grad, net.scale.grad, rtol=1e-10)


def test_shared_layers_stay_shared():
    X = cyclic()
    net = drawn(Written(lambda net, x: net.a(net.a(x).relu()) + x, a=layer(X, bias=False)))
    small = trim(net, ["L1"], form="gathered")
    linear = [m for m in small.modules() if type(m).__name__ == "TrimmedLinear"]
    assert len(linear) == 1
    require_equal(small(inputs_in(X, ["L1"], 2)), net(inputs_in(X, ["L1"], 2)))
    one, two = layer(X), layer(X)
    two.weight = one.weight
    tied = drawn(Written(lambda net, x: net.b(torch.tanh(net.a(x))) + x, a=one, b=two))
    small = trim(tied, ["L1"])
    assert [name for name, _ in small.untrimmed] == ["a", "b"]
    assert sum(p.shape == one.weight.shape for p in small.parameters()) == 1


def test_gradients_with_respect_to_inputs():
    X = cyclic()
    net = drawn(network(X, "residual"))
    small = trim(net, ["L1", "L3"])
    x = inputs_in(X, ["L1", "L3"], 2).requires_grad_()
    directions = inputs_in(X, ["L1", "L3"], 2, seed=9)
    wanted = (torch.autograd.grad(net(x).sin().sum(), x)[0] * directions).sum((1, 2))
    found = (torch.autograd.grad(small(x).sin().sum(), x)[0] * directions).sum((1, 2))
    require_equal(found, wanted, 1e-11)


def test_it_is_a_plain_torch_module():
    X = cyclic()
    net = drawn(Scaled(X))
    small = trim(net, ["L1", "L3"])
    x = inputs_in(X, ["L1", "L3"], 2)
    wanted = small(x).detach()
    assert torch.equal(copy.deepcopy(small)(x), wanted)
    other = trim(drawn(Scaled(X), seed=5), ["L1", "L3"])
    other.load_state_dict(small.state_dict())
    assert torch.equal(other(x), wanted)
    assert set(small.state_dict()) == {name for name, _ in small.named_parameters()}
    buffer = io.BytesIO()
    torch.save(small, buffer)
    buffer.seek(0)
    assert torch.equal(torch.load(buffer, weights_only=False)(x), wanted)
    require_equal(copy.deepcopy(small).float()(x.float()), net.float()(x.float()), 1e-5)
    narrow = trim(net, ["L1", "L3"])  # of a float32 network
    assert narrow.double()(x).dtype == torch.float64


@pytest.mark.parametrize("forward", ["square", "batch norm", "numbers of the batch", "where"])
@pytest.mark.quick_cases(1)
def test_every_kind_of_call_can_be_saved_and_traced(forward):
    X = cyclic()
    net = drawn(network(X, forward))
    small = trim(net, ["L1", "L3"])
    x = inputs_in(X, ["L1", "L3"], 2)
    buffer = io.BytesIO()
    torch.save(small, buffer)
    buffer.seek(0)
    require_equal(torch.load(buffer, weights_only=False)(x), net(x))
    require_equal(torch.compile(small, fullgraph=True, backend="eager")(x), net(x))
    small(x[:0])


@pytest.mark.slow
def test_export_and_compilation():
    X = cyclic()
    net = drawn(Scaled(X))
    small = trim(net, ["L1", "L3"])
    x = inputs_in(X, ["L1", "L3"], 2)
    program = torch.export.export(small, (x,), dynamic_shapes=(({0: torch.export.Dim.AUTO},),))
    require_equal(program.module()(x[:4]), net(x[:4]))
    require_equal(torch.compile(small, fullgraph=True, backend="aot_eager")(x), net(x))


def test_the_model_is_left_alone():
    X = cyclic()
    net = drawn(Scaled(X))
    before = copy.deepcopy(net.state_dict())
    small = trim(net, ["L1"])
    with torch.no_grad():
        for p in small.parameters():
            p.zero_()
    assert all(torch.equal(before[k], v) for k, v in net.state_dict().items())
    x = inputs_in(X, ["L1"], 2)
    kept = x.clone()
    trim(drawn(network(X, "in place")), ["L1"])(x)
    assert torch.equal(x, kept)
