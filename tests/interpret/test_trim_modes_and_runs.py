"""Trimmed networks in training and evaluation; networks that do something else in a next run."""

from __future__ import annotations

import io

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

import toolkit as tk
from tests.interpret.test_trim import inputs_in
from tests.interpret.test_trim_graphs import Written, cyclic, drawn, layer, require_equal
from toolkit.errors import ModuleMismatchError, NotAvailable
from toolkit.interpret.trimming.trim import trim

SOURCES = ["L2"]


def example(X, batch=3):
    return torch.zeros(batch, X.degree, 2, dtype=torch.float64)


def require_trimmed(net, X, **options):
    """Compare outputs; return the trimmed network."""
    small = trim(net, SOURCES, **options)
    x = inputs_in(X, SOURCES, 2)
    with torch.no_grad():
        require_equal(small(x), net(x))
    return small


# -- modes ----------------------------------------------------------------------------------------


def with_norm(X):
    return nn.Sequential(layer(X), tk.nn.EquivariantBatchNorm(X, 2), nn.ReLU(), layer(X))


def with_torchs_norm(X):
    def forward(net, x):
        return x + net.b(net.norm(net.a(x).transpose(1, 2)).transpose(1, 2).relu())

    return Written(forward, a=layer(X), b=layer(X), norm=nn.BatchNorm1d(2))


def with_encoder(X):
    encoder = nn.TransformerEncoderLayer(2, 1, 4, 0.1, batch_first=True)
    return nn.Sequential(layer(X), encoder)


def parts(net):
    """Return the submodules whose mode matters."""
    kinds = (tk.nn.EquivariantBatchNorm, nn.BatchNorm1d, nn.TransformerEncoderLayer)
    return [m for m in net.modules() if isinstance(m, kinds)]


@pytest.mark.parametrize("make", [with_norm, with_torchs_norm, with_encoder])
def test_submodules_keep_their_modes(make):
    """Frozen norms and dropout that is off, inside of a network that is trained; and around."""
    X = cyclic()
    net = drawn(make(X))
    net.train()
    for part in parts(net):
        part.eval()
    require_trimmed(net, X, example=example(X))
    net.eval()
    if make is not with_encoder:  # its dropout would be on
        for part in parts(net):
            part.train()
    small = require_trimmed(net, X, example=example(X))
    assert not small.training
    norms = (tk.nn.EquivariantBatchNorm, nn.BatchNorm1d)
    assert all(m.training for m in small.modules() if isinstance(m, norms))


def branches(net, x):
    return functional.relu(net.a(x)) if net.training else net.a(x)


def takes_another(net, x):
    return net.a(x) + x * (net.w if net.training else net.v)


def drops(net, x):
    return functional.dropout(net.a(x), 0.5, net.training) + x


@pytest.mark.parametrize("forward", [branches, takes_another, drops])
def test_a_forward_of_another_mode_is_no_secret(forward):
    X = cyclic()
    net = Written(forward, a=layer(X), w=nn.Parameter(torch.ones(2)), v=nn.Parameter(torch.ones(2)))
    net = drawn(net)
    for mode in (False, True):
        if mode and forward is drops:
            with pytest.raises(ModuleMismatchError, match=r"dropout .* is active"):
                trim(net.train(), SOURCES)
            continue
        small = require_trimmed(net.train(mode), X)
        words = ["evaluation", "training"]
        assert list(small.refused_modes) == [not mode]
        assert f"in {words[not mode]} the network makes different calls" in small.to_table()
        assert small.train(mode).training is mode
        for outer in (small, nn.Sequential(small)):
            with pytest.raises(NotAvailable, match=f"what the network does in {words[not mode]}"):
                outer.train(not mode)
    assert net.training


@pytest.mark.parametrize("make", [with_norm, with_torchs_norm])
def test_both_modes_where_the_calls_are_the_same(make):
    X = cyclic()
    x = inputs_in(X, SOURCES, 2)
    net = drawn(make(X)).train()
    small = trim(net, SOURCES)
    with torch.no_grad():
        require_equal(small(x), net(x))
        require_equal(small.eval()(x), net.eval()(x))  # of the same running means
        require_equal(small.train()(x), net.train()(x))
    if make is with_torchs_norm:  # its statistics would be those of blocks
        with pytest.raises(NotAvailable, match="'norm' uses statistics of all points"):
            trim(net.eval(), SOURCES).train()
        return
    small = trim(net.eval(), SOURCES)
    with torch.no_grad():
        require_equal(small.train()(x), net.train()(x))


def test_only_the_mode_that_runs():
    X = cyclic()

    def forward(net, x):
        if net.training:
            raise RuntimeError("not now")
        return net.a(x) + x

    small = trim(drawn(Written(forward, a=layer(X))), SOURCES)
    with pytest.raises(NotAvailable, match="RuntimeError: not now"):
        small.train()


# -- hooks ----------------------------------------------------------------------------------------


def accumulated(module, args):
    return (args[0].cumsum(1),)


def doubled(module, args, made):
    return made.flip(1) * 2


def residual(X):
    return Written(lambda net, x: x + net.m(x), m=layer(X))


def chain(X):
    return nn.Sequential(layer(X), nn.ReLU(), layer(X))


def nested(X):
    return nn.Sequential(layer(X), nn.Sequential(nn.ReLU(), layer(X)))


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize(
    ("make", "place"),
    [(residual, "m"), (chain, "0"), (chain, "1"), (chain, ""), (nested, "1"), (layer, "")],
)
def test_hooks_act_once(make, place, before):
    X = cyclic()
    net = drawn(make(X))
    module = net.get_submodule(place)
    if before:
        module.register_forward_pre_hook(accumulated)
    else:
        module.register_forward_hook(doubled)
    require_trimmed(net, X)


def test_hooks_inside_of_a_layer():
    """The layer runs as a whole, with the hook; it is not asked at some points only."""
    X = cyclic()
    attention = nn.MultiheadAttention(2, 1, batch_first=True)
    net = Written(lambda net, x: x + net.m(net.a(x), x, x)[0], a=layer(X), m=attention)
    net = drawn(net)
    plain = require_trimmed(net, X)
    net.m.out_proj.register_forward_hook(doubled)  # torch does not call it
    assert "m" not in dict(plain.untrimmed)
    assert "has hooks" in dict(require_trimmed(net, X).untrimmed)["m"]


def test_hooks_of_the_network_itself_are_measured_with_it():
    X = cyclic()
    net = Written(lambda net, x: torch.relu(net.a(x)) + x, a=layer(X))
    net = drawn(net)
    net.register_forward_pre_hook(lambda module, args: (args[0] * 2,))
    x = torch.randn(4, 12, 2, dtype=torch.float64)
    found = tk.interpret.spectra(net, x)
    assert found["input"].samples == found["relu before"].samples == 4
    alone = tk.interpret.spectra(layer(X).double(), x, modules=X, example=x[:2])
    assert alone["input"].samples == alone["output"].samples == 4


# -- shapes ---------------------------------------------------------------------------------------


def test_a_chain_takes_what_the_network_takes():
    X = cyclic()
    net = tk.nn.EquivariantMLP(X, [2, 4, 2], "relu")
    small = trim(net, SOURCES)
    for form in ("auto", "flat"):
        for inputs in ("select", "project"):
            small = trim(net, SOURCES, form=form, inputs=inputs)
            for shape in ((2, 7, 2), (2, 13, 2), (2, 12, 3), (2, 12, 1), (12,), (2,), (2, 12)):
                with pytest.raises(ModuleMismatchError):
                    net(torch.zeros(shape))
                with pytest.raises(ModuleMismatchError, match=r"shape \(..., 12, 2\), found"):
                    small(torch.zeros(shape))
            assert small(torch.zeros(4, 5, 12, 2)).shape == (4, 5, 12, 2)
            assert small(torch.zeros(12, 2)).shape == (12, 2)
    behind = trim(nn.Sequential(nn.Tanh(), net), SOURCES)
    with pytest.raises(ModuleMismatchError, match=r"\(..., 12, 2\), found \(2, 12, 3\)"):
        behind(torch.zeros(2, 12, 3))
    any_number = trim(nn.Sequential(tk.nn.Pointwise("relu", X)), ["L2"])
    assert any_number(inputs_in(X, SOURCES, 5).float()).shape[-1] == 5


# -- another run ----------------------------------------------------------------------------------


class Keeps(nn.Module):
    """A network with a buffer, a weight and a number, which its ``forward`` may change."""

    def __init__(self, X, forward):
        super().__init__()
        self.a, self.run = layer(X), forward
        self.register_buffer("k", torch.ones(2))
        self.w = nn.Parameter(torch.ones(2))
        self.n = 0

    def forward(self, x):
        return self.run(self, x)


def adds_in_place(net, x):
    net.k += 1
    return net.a(x) * net.k


def adds(net, x):
    net.k = net.k + 1
    return net.a(x) * net.k


def adds_to_a_view(net, x):
    net.k[:1].add_(1)
    return net.a(x) * net.k


def adds_unseen(net, x):
    net.k.data.add_(1)
    return net.a(x) * net.k


def trains(net, x):
    with torch.no_grad():
        net.w.mul_(1.5)
    return net.a(x) * net.w


def counts(net, x):
    net.n += 1
    return net.a(x) * net.n


def counts_from_nothing(net, x):
    net.passes = getattr(net, "passes", 0) + 1
    return net.a(x) * net.passes


@pytest.mark.parametrize("forward", [adds_in_place, adds, adds_to_a_view, adds_unseen, trains,
                                     counts, counts_from_nothing])  # fmt: skip
def test_a_forward_that_changes_its_network_is_refused(forward):
    net = Keeps(X := cyclic(), forward).double()
    before = {name: t.clone() for name, t in net.state_dict().items()}
    buffer = net.k
    for own in (None, example(X), torch.randn(4, 12, 2, dtype=torch.float64)):
        with pytest.raises(NotAvailable):
            trim(net, SOURCES, example=own)
        assert net.k is buffer  # and all is as it was
        assert all(torch.equal(t, before[name]) for name, t in net.state_dict().items())


def test_numbers_that_are_not_set_and_passes_that_are_recorded():
    """A buffer of NaN does not change; what trimming runs is not recorded."""
    X = cyclic()
    net = drawn(Written(lambda net, x: torch.relu(net.a(x)) + x, a=layer(X)))
    net.register_buffer("later", torch.full((2,), torch.nan))
    with tk.interpret.record(net, example=example(X)) as found:
        small = trim(net, SOURCES)
        net(example(X, 4))
    assert found["input"].samples == 4
    assert small.refused_modes == {}


def test_what_a_layer_keeps_for_itself_may_change():
    """Here vectors of an iteration inside of a layer; a copy changes its own."""
    X = cyclic()
    normed = torch.nn.utils.parametrizations.spectral_norm(nn.Linear(2, 2))
    net = drawn(Written(lambda net, x: x + net.m(net.a(x).relu()), a=layer(X), m=normed)).train()
    vector = next(t for name, t in net.named_buffers() if name.endswith("_u"))
    with torch.no_grad():
        vector.copy_(torch.tensor([1.0, 0.0]))
    small = trim(net, SOURCES)
    assert vector.tolist() == [1.0, 0.0]
    x = inputs_in(X, SOURCES, 2)
    with torch.no_grad():
        for _ in range(2):
            require_equal(small(x), net(x))
    assert vector.tolist() != [1.0, 0.0]


def other_memory(net, x):
    h = net.a(x)
    h.set_(h.detach().cumsum(1))
    return net.a(h)


def through_a_capsule(net, x):
    h = net.a(x)
    torch.utils.dlpack.from_dlpack(torch.utils.dlpack.to_dlpack(h.detach()))[..., 0, :] = 3
    return net.a(h)


def through_an_address(net, x):
    h = net.a(x)
    store = h.untyped_storage()
    place = np.ctypeslib.ctypes.c_double.from_address(store.data_ptr())
    place.value = 3.0
    return net.a(h)


def through_data(net, x):
    h = net.a(x)
    h.data = h.detach().cumsum(1)
    return net.a(h)


@pytest.mark.parametrize("forward", [other_memory, through_a_capsule, through_an_address,
                                     through_data])  # fmt: skip
def test_what_is_written_unseen_is_refused(forward):
    X = cyclic()
    net = drawn(Written(forward, a=layer(X)))
    with pytest.raises(NotAvailable):
        trim(net, SOURCES)


# -- sizes ----------------------------------------------------------------------------------------

SIZES = {
    "length": lambda x: len(x) > 50,
    "numbers": lambda x: x.numel() > 5000,
    "elements": lambda x: x.nelement() // 24 > 50,
    "bytes": lambda x: x.nbytes > 50_000,
    "integer": lambda x: int(x.shape[0]) > 50,
    "float": lambda x: float(x.size(0)) > 50,
    "share": lambda x: x.shape[0] / 2 > 25,
    "parity": lambda x: x.shape[0] >> 6 & 1,
    "rest": lambda x: divmod(x.shape[0], 50)[0],
    "table": lambda x: x.shape[0] in {51: 1, 52: 2},
    "product": lambda x: x.size().numel() > 0 and x.shape[0] * 2 > 100,
}


@pytest.mark.parametrize("case", SIZES)
def test_branches_on_the_size_of_the_batch_are_noticed(case):
    X, is_large = cyclic(), SIZES[case]
    net = drawn(Written(lambda net, x: net.a(x).relu() if is_large(x) else net.a(x), a=layer(X)))
    with pytest.raises(NotAvailable, match="size of the batch"):
        trim(net, SOURCES)


def test_sizes_that_only_give_shapes_are_followed():
    def forward(net, x):
        flat = net.a(x).reshape(x.numel() // 24, -1)
        return x + flat.reshape(divmod(flat.shape[0], 1)[0], flat.shape[1] // 2, 2)

    X = cyclic()
    small = require_trimmed(drawn(Written(forward, a=layer(X))), X)
    torch.save(small, io.BytesIO())


# -- layers and types -----------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["auto", "gathered", "blocks", "flat"])
def test_a_layer_through_which_only_the_bias_comes(form):
    G = tk.group("D8")
    X, Y = G.regular_module(), G.natural_module()
    seen = 0
    for label in X.multiplicities:
        net = drawn(Written(lambda net, x: net.a(x), a=tk.nn.EquivariantLinear(X, Y, 2, 2)))
        x = inputs_in(X, [label], 2)
        own = torch.zeros(3, 8, 2, dtype=torch.float64)
        for options in ({}, {"modules": X, "example": own}):
            small = trim(net, [label], form=form, **options)
            require_equal(small(x), net(x))
        seen += label not in Y.multiplicities and bool(net.a.bias_values().any())
    assert seen  # simples that do not pass


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision(dtype):
    X = tk.group("C8").regular_module()
    net = nn.Sequential(tk.nn.EquivariantLinear(X, X, 2, 2, bias=False), nn.ReLU()).to(dtype)
    small = trim(net, SOURCES)
    x = inputs_in(X, SOURCES, 2).to(dtype)
    with torch.no_grad():
        found, wanted = small(x).double(), net.double()(x.double())
    assert wanted.abs().max() > 0.1
    assert (found - wanted).abs().max() < 8 * torch.finfo(dtype).eps * wanted.abs().max()


def test_dropout_says_what_it_does():
    X = cyclic()
    net = nn.Sequential(layer(X), tk.nn.EquivariantDropout(X, 0.5), nn.ReLU())
    with pytest.raises(ModuleMismatchError, match="drops different entries in every run"):
        trim(net, SOURCES)
    trim(net.eval(), SOURCES)
