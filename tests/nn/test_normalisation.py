"""Normalisations: they commute with every element, agree with torch's, and keep zeros at zero."""

from __future__ import annotations

import copy
import pickle  # noqa: TID251 - a round trip between processes

import pytest
import torch
from elements import element_matrices
from onnx_runner import Runner
from torch import nn
from torch.export import Dim, export

import toolkit as tk
from toolkit.errors import ModuleMismatchError
from toolkit.nn.normalisation.gain import gain, noise_share
from toolkit.testing import assert_equivariant
from toolkit.testing.randomised import randomise

PER = ("orbit", "simple", "module")


def _modules():
    G = tk.group("S4")
    cycle, swap = [1, 2, 3, 0], [2, 1, 0, 3]
    V, point = G.natural_module(), G.coset_module([[1, 2, 3, 0], [1, 0, 2, 3]])
    signed = G.signed_coset_module([cycle, swap], [cycle])
    other = G.signed_coset_module([cycle, swap], [swap, [0, 3, 2, 1]])
    Q = tk.group("Q8").regular_module()
    C = tk.group("C5").natural_module()
    return {
        "points": V,
        "sum": point + V * V,
        "signed": other + V + signed,
        "quaternionic": Q + Q,
        "cyclic": C,
    }


MODULES = _modules()


def norms(X, C, dtype=torch.float64):
    """Yield every normalisation by invariant statistics, with trained-looking parameters."""
    for per in PER:
        for make in (
            lambda per: tk.nn.EquivariantBatchNorm(X, C, per=per, dtype=dtype),
            lambda per: tk.nn.EquivariantLayerNorm(X, C, per=per, dtype=dtype),
            lambda per: tk.nn.EquivariantGroupNorm(2, X, C, per=per, dtype=dtype),
            lambda per: tk.nn.EquivariantRMSNorm(X, C, bias=True, per=per, dtype=dtype),
        ):
            norm = make(per)
            randomise(norm, 1)
            yield norm
    yield tk.nn.SimpleNorm(X, C, dtype=dtype)


@pytest.mark.parametrize("name", MODULES)
@pytest.mark.quick_cases(1)
def test_they_commute_with_every_element(name):
    X = MODULES[name]
    matrices = element_matrices(X)
    x = torch.randn(5, X.degree, 4, dtype=torch.float64)
    for norm in norms(X, 4):
        for training in (False, True):
            norm.train(training)
            moved = torch.stack([copy.deepcopy(norm)(m @ x) for m in matrices])
            expected = matrices[:, None] @ copy.deepcopy(norm)(x)
            torch.testing.assert_close(moved, expected, rtol=1e-10, atol=1e-10)


def test_channel_norms_commute():
    x = torch.randn(3, 4, 5, dtype=torch.float64)
    for name, bias in (("sum", True), ("signed", False)):
        X = MODULES[name]
        for norm in (
            tk.nn.ChannelRMSNorm(5, X=X), tk.nn.ChannelLayerNorm(5, bias=bias, X=X),
        ):  # fmt: skip
            assert_equivariant(norm)
            assert norm(x.float()).shape == x.shape


def _points_first(norm, x):
    return norm(x.flatten(0, 1)).reshape(x.shape)


def _channels_second(norm, x):
    return norm(x.mT).mT


SAME_AS_TORCH = (
    (lambda X, C: tk.nn.EquivariantLayerNorm(X, C), lambda n, C: nn.LayerNorm([n, C]), None),
    (lambda X, C: tk.nn.EquivariantRMSNorm(X, C), lambda n, C: nn.RMSNorm([n, C], 1e-5), None),
    (
        lambda X, C: tk.nn.EquivariantGroupNorm(2, X, C), lambda n, C: nn.GroupNorm(2, C),
        _channels_second,
    ),
    (
        lambda X, C: tk.nn.EquivariantGroupNorm(C, X, C), lambda n, C: nn.InstanceNorm1d(C),
        _channels_second,
    ),
    (lambda X, C: tk.nn.EquivariantBatchNorm(X, C), lambda n, C: nn.BatchNorm1d(C), _points_first),
    (lambda X, C: tk.nn.ChannelRMSNorm(C), lambda n, C: nn.RMSNorm(C, 1e-5), None),
    (lambda X, C: tk.nn.ChannelLayerNorm(C), lambda n, C: nn.LayerNorm(C), None),
)  # fmt: skip


@pytest.mark.parametrize(("make", "reference", "run"), SAME_AS_TORCH)
def test_on_one_orbit_they_are_torchs_own(make, reference, run):
    X = tk.group("S4").regular_module()
    x = 2 + 3 * torch.randn(6, 24, 4, dtype=torch.float64)
    norm, other = make(X, 4).double(), reference(24, 4).double()
    run = run or (lambda module, x: module(x))
    for module in (norm, other):
        module.eps = 1e-13
    torch.testing.assert_close(norm(x), run(other, x))


@pytest.mark.parametrize("momentum", [0.1, 0.0, 1.0, None])
def test_running_statistics_are_torchs_own(momentum):
    X = tk.group("S4").natural_module()
    norm = tk.nn.EquivariantBatchNorm(X, 3, momentum=momentum).double()
    other = nn.BatchNorm1d(3, momentum=momentum).double()
    for scale in (1, 3, 0.5):
        x = scale + scale * torch.randn(5, 4, 3, dtype=torch.float64)
        norm(x)
        _points_first(other, x)
    assert norm.num_batches_tracked.dtype == torch.int64
    for name, value in other.state_dict().items():
        torch.testing.assert_close(norm.state_dict()[name], value)
    other.load_state_dict(norm.state_dict())  # and back: one orbit is one row
    norm.load_state_dict(other.state_dict())
    norm.eval()
    other.eval()
    torch.testing.assert_close(norm(x), _points_first(other, x), rtol=1e-4, atol=1e-4)
    norm.reset_parameters()
    assert int(norm.num_batches_tracked) == 0
    assert (norm.running_var == 1).all()


def test_statistics_of_the_batch_only():
    X = MODULES["sum"]
    norm = tk.nn.EquivariantBatchNorm(X, 2, track_running_stats=False, affine=False)
    assert list(norm.state_dict()) == []
    x = torch.randn(50, X.degree, 2)
    torch.testing.assert_close(norm(x), norm.eval()(x))
    with pytest.raises(ModuleMismatchError, match="momentum must be"):
        tk.nn.EquivariantBatchNorm(X, 2, momentum=2)


@pytest.mark.parametrize("per", PER)
def test_the_unbiased_variance_of_each_part(per):
    """The expected running variance is the true one: degrees of freedom are counted right."""
    X = MODULES["signed"]
    norm = tk.nn.EquivariantBatchNorm(X, 1, momentum=1.0, per=per, dtype=torch.float64)
    found = []
    for _ in range(1000):
        norm(torch.randn(2, X.degree, 1, dtype=torch.float64))
        found.append(norm.running_var.clone())
    assert (torch.stack(found).mean(0) - 1).abs().max() < 0.08


def test_one_sample_on_points_that_do_not_move():
    X = tk.group("S3").coset_module([[1, 2, 0], [1, 0, 2]])
    norm = tk.nn.EquivariantBatchNorm(X, 2)
    with pytest.raises(ModuleMismatchError, match="more than one sample"):
        norm(torch.randn(1, 1, 2))
    norm.eval()(torch.randn(1, 1, 2))
    tk.nn.EquivariantBatchNorm(MODULES["points"], 2)(torch.randn(1, 4, 2))


@pytest.mark.parametrize("name", ["sum", "signed"])
def test_every_part_comes_out_at_size_one(name):
    X = MODULES[name]
    x = 5 * torch.randn(200, X.degree, 6, dtype=torch.float64)
    for per in PER:
        norm = tk.nn.EquivariantRMSNorm(X, 6, 1e-12, per=per).double()
        parts = norm.components
        sizes = parts.energies(parts.coordinates(norm(x))).mean(-1)
        torch.testing.assert_close(sizes, torch.ones_like(sizes), rtol=1e-6, atol=0)
        norm = tk.nn.EquivariantBatchNorm(X, 6, 1e-12, per=per).double()
        sizes = parts.energies(parts.coordinates(norm(x))).mean(0)
        torch.testing.assert_close(sizes, torch.ones_like(sizes), rtol=1e-6, atol=0)
        assert norm.components.means(norm(x)).mean(0).abs().max() < 1e-10


# -- zeros of symmetry -----------------------------------------------------------------------------


def three(X, Y, make, dtype):
    """Return three linear layers without biases, each before a normalisation."""
    torch.manual_seed(1)
    layers = []
    for source in (X, Y, Y):
        layers += [tk.nn.EquivariantLinear(source, Y, 8, 8, bias=False, dtype=dtype), make(Y)]
    return nn.Sequential(*layers).to(dtype)


def without_trivial(X, dtype, scale=1.0):
    x = scale * torch.randn(64, X.degree, 8, dtype=torch.float64)
    return (x - x.mean(-2, keepdim=True)).to(dtype)


BY_PARTS = [
    (f"{kind.__name__}-{per}", lambda Y, kind=kind, per=per: kind(Y, 8, per=per))
    for kind in (
        tk.nn.EquivariantRMSNorm, tk.nn.EquivariantLayerNorm, tk.nn.EquivariantBatchNorm,
    )
    for per in PER
]  # fmt: skip
BY_PARTS += [
    ("group", lambda Y: tk.nn.EquivariantGroupNorm(4, Y, 8)),
    ("instance", lambda Y: tk.nn.EquivariantGroupNorm(8, Y, 8)),
    ("simple", lambda Y: tk.nn.SimpleNorm(Y, 8)),
]
BY_CHANNELS = [
    ("channel rms", lambda Y: tk.nn.ChannelRMSNorm(8)),
    ("channel layer", lambda Y: tk.nn.ChannelLayerNorm(8)),
]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize(("name", "make"), BY_PARTS + BY_CHANNELS)
def test_a_tensor_of_zeros_stays_at_rounding(name, make, dtype):
    G = tk.group("S4")
    X, point = G.natural_module(), G.coset_module([[1, 2, 3, 0], [1, 0, 2, 3]])
    net = three(X, point, make, dtype)
    x = without_trivial(X, dtype)
    assert net[0](x).abs().max() > 0  # rounding errors are there to be raised
    for training in (True, False):
        assert net.train(training)(x).abs().max() < 32 * torch.finfo(dtype).eps


def test_that_torchs_own_raise_it():
    G = tk.group("S4")
    X, point = G.natural_module(), G.coset_module([[1, 2, 3, 0], [1, 0, 2, 3]])
    net = three(X, point, lambda Y: nn.RMSNorm(8), torch.float32)
    assert net(without_trivial(X, torch.float32)).abs().max() > 0.3


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e4])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
@pytest.mark.parametrize(("name", "make"), BY_PARTS)
@pytest.mark.quick_cases(17)
def test_an_orbit_of_zeros_beside_a_signal_stays_at_rounding(name, make, dtype, scale):
    G = tk.group("S4")
    X, point = G.natural_module(), G.coset_module([[1, 2, 3, 0], [1, 0, 2, 3]])
    net = three(X, X + point, make, dtype)
    y = net(without_trivial(X, dtype, scale))
    unit = torch.finfo(dtype).eps
    assert y[:, 4].abs().max() < 20 * unit
    if scale >= 1:
        assert 0.5 < y[:, :4].float().square().mean().sqrt() < 2


def test_an_mlp_with_norms_stays_at_rounding():
    G = tk.group("S4")
    X, point = G.natural_module(), G.coset_module([[1, 2, 3, 0], [1, 0, 2, 3]])
    for kind in ("rms", "layer"):
        net = tk.nn.EquivariantMLP(
            [X, point, point, point, point], [8, 8, 8, 8, 1], "tanh", False, kind
        )
        assert net(without_trivial(X, torch.float32)).abs().max() < 1e-6


def test_the_gain():
    energy = torch.logspace(-14, 4, 40, dtype=torch.float64)
    size = energy.sqrt()
    none = torch.zeros(())
    out = gain(energy, none, 1e-5, torch.float64) * size
    large = energy > 1e-2
    torch.testing.assert_close(out[large], torch.ones_like(out[large]), rtol=2e-3, atol=0)
    assert (out[size < 1e-5] <= size[size < 1e-5]).all()
    assert (out.diff() > 0).all()  # a larger part stays the larger one
    for dtype in (torch.float32, torch.float64):
        unit = torch.finfo(dtype).eps
        for total in (1e-2, 1.0, 1e6):
            noise = torch.tensor(8 * unit * total**0.5, dtype=torch.float64)
            found = noise * gain(noise**2, torch.tensor(total), 0.0, dtype)
            assert found <= 2 * unit * (1 + 1e-6)
    assert noise_share(torch.half) < noise_share(torch.bfloat16) == 2**-7
    zero = torch.zeros(1, 4, 2, dtype=torch.float64, requires_grad=True)
    tk.nn.EquivariantRMSNorm(MODULES["points"], 2, 0.0).double()(zero).sum().backward()
    assert torch.isfinite(zero.grad).all()


# -- good citizens ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["sum", "signed"])
def test_gradients(name):
    X = MODULES[name]
    x = torch.randn(2, X.degree, 4, dtype=torch.float64, requires_grad=True)
    for norm in norms(X, 4):
        norm.train()
        if isinstance(norm, tk.nn.EquivariantBatchNorm):
            norm.momentum = 0.0
        names = [n for n, _ in norm.named_parameters()]
        given = [p.detach().requires_grad_() for p in norm.parameters()]

        def run(x, *values, norm=norm, names=names):
            return torch.func.functional_call(norm, dict(zip(names, values, strict=True)), (x,))

        torch.autograd.gradcheck(run, (x, *given), fast_mode=True)
    torch.autograd.gradgradcheck(tk.nn.SimpleNorm(X, 4).double(), (x,), fast_mode=True)
    for norm in (tk.nn.ChannelRMSNorm(4).double(), tk.nn.ChannelLayerNorm(4).double()):
        torch.autograd.gradcheck(norm, (x,), fast_mode=True)
        torch.autograd.gradgradcheck(norm, (x,), fast_mode=True)


def test_any_leading_dimensions_and_empty_batches():
    X = MODULES["signed"]
    x = torch.randn(2, 3, X.degree, 4, dtype=torch.float64)
    for norm in norms(X, 4):
        norm.eval()
        torch.testing.assert_close(norm(x)[1, 2], norm(x[1, 2]))
        for training in (True, False):
            before = copy.deepcopy(norm.state_dict())
            y = norm.train(training)(x[:, :0])
            assert y.shape == (2, 0, X.degree, 4)
            y.sum().backward()
            for key, value in norm.state_dict().items():
                assert torch.equal(value, before[key])
        with pytest.raises(ModuleMismatchError, match="points of"):
            norm(x[..., :3])
        with pytest.raises(ModuleMismatchError, match="float type"):
            norm(torch.zeros(X.degree, 4, dtype=torch.int64))
    for make in (tk.nn.EquivariantBatchNorm, tk.nn.EquivariantLayerNorm, tk.nn.SimpleNorm):
        assert make(X, 0)(torch.zeros(5, X.degree, 0)).shape == (5, X.degree, 0)
    for kind in (tk.nn.ChannelRMSNorm, tk.nn.ChannelLayerNorm):
        assert kind(4)(torch.zeros(0, 4)).shape == (0, 4)
        with pytest.raises(ModuleMismatchError, match="channels last"):
            kind(4)(torch.zeros(3, 5))


@pytest.mark.parametrize("dtype", [torch.half, torch.bfloat16])
def test_narrow_types_and_autocast(dtype):
    X = MODULES["sum"]
    x = torch.randn(6, X.degree, 4, dtype=torch.float64)
    for norm in norms(X, 4):
        norm.eval()
        expected = norm(x)
        narrow = copy.deepcopy(norm).to(dtype)
        y = narrow(x.to(dtype))
        assert y.dtype == dtype
        assert narrow.weight.dtype == dtype
        difference = (y.double() - expected).norm() / expected.norm()
        assert difference < (0.05 if dtype == torch.half else 0.1)
        single = copy.deepcopy(norm).float()
        with torch.autocast("cpu", dtype):
            assert single(x.float()).dtype == torch.float32
            assert single(x.to(dtype)).dtype == dtype
            again = single(x.float())
        torch.testing.assert_close(again, single(x.float()))


def test_copies_meta_device_and_pickles():
    X = MODULES["signed"]
    x = torch.randn(3, X.degree, 4, dtype=torch.float64)
    for norm in norms(X, 4):
        norm.eval()
        for twin in (
            copy.deepcopy(norm),
            pickle.loads(pickle.dumps(norm)),  # noqa: S301 - our own
        ):
            assert twin.X == norm.X
            torch.testing.assert_close(twin(x), norm(x))
    with torch.device("meta"):
        empty = tk.nn.EquivariantBatchNorm(X, 4)
    assert empty.weight.is_meta
    assert empty.running_var.is_meta
    empty.to_empty(device="cpu").reset_parameters()
    assert torch.isfinite(empty(x.float())).all()
    made = torch.nn.utils.skip_init(tk.nn.SimpleNorm, X, 4)
    made.reset_parameters()
    torch.testing.assert_close(made(x.float()), tk.nn.SimpleNorm(X, 4)(x.float()))


def test_states_with_empty_tensors_are_loaded():
    plane = tk.group("C4").signed_coset_module([{"word": [0, 0]}], [])  # no invariant function
    for X, C in ((plane, 4), (MODULES["signed"], 4), (plane, 0), (MODULES["points"], 0)):
        for saved, loaded in zip(norms(X, C), norms(X, C), strict=True):
            if isinstance(saved, tk.nn.EquivariantBatchNorm):
                saved.running_var.fill_(3)
            state = saved.state_dict()
            for assign in (False, True):
                assert not any(loaded.load_state_dict(state, assign=assign))
            for name, value in loaded.state_dict().items():
                assert torch.equal(value, state[name])


def test_one_axis_and_what_is_not_there():
    X = MODULES["signed"]  # three orbits, of which one has an invariant function, and V
    norm = tk.nn.EquivariantLayerNorm(X, 4)
    assert norm.weight.shape == (len(norm.components.labels) * 4,)
    assert norm.bias.shape == (norm.components.invariant_count * 4,)
    assert norm.weight_values().shape == (3, 4)
    plane = tk.group("C4").signed_coset_module([{"word": [0, 0]}], [])
    alone = tk.nn.EquivariantLayerNorm(plane, 4)  # no invariant function: no bias
    assert [name for name, _ in alone.named_parameters()] == ["weight"]
    bare = tk.nn.EquivariantRMSNorm(X, 4, elementwise_affine=False)
    assert list(bare.state_dict()) == []
    assert "per='simple'" in repr(tk.nn.SimpleNorm(X, 4))
    for bad, message in (
        (lambda: tk.nn.EquivariantLayerNorm(X, 4, per="point"), "per must be"),
        (lambda: tk.nn.EquivariantLayerNorm(X, 4, -1.0), "eps must be"),
        (lambda: tk.nn.EquivariantGroupNorm(3, X, 4), "groups must divide"),
        (lambda: tk.nn.EquivariantLayerNorm(X, -1), "channels must be"),
        (lambda: tk.nn.EquivariantLayerNorm(5, 4), "module is required"),
        (lambda: tk.nn.EquivariantLayerNorm(X, 4, dtype=torch.int64), "real numbers"),
        (lambda: tk.nn.ChannelLayerNorm(4, X=X), "change sign|does not change sign"),
    ):
        with pytest.raises(ModuleMismatchError, match=message):
            bad()


def each_kind(X, dtype=torch.float64):
    """Return one of each normalisation, every kind of part among them."""
    return [
        tk.nn.EquivariantBatchNorm(X, 4, per="simple", dtype=dtype),
        tk.nn.EquivariantBatchNorm(X, 4, momentum=None, dtype=dtype),
        tk.nn.EquivariantLayerNorm(X, 4, dtype=dtype),
        tk.nn.EquivariantGroupNorm(2, X, 4, per="module", dtype=dtype),
        tk.nn.SimpleNorm(X, 4, bias=True, dtype=dtype),
        tk.nn.ChannelRMSNorm(4, dtype=dtype),
        tk.nn.ChannelLayerNorm(4, dtype=dtype),
    ]


@pytest.mark.slow
def test_compiled():
    X = MODULES["signed"]
    x = torch.randn(3, X.degree, 4, dtype=torch.float64)
    for norm in each_kind(X):
        torch._dynamo.reset()
        randomise(norm, 1)
        for training in (True, False):
            twin = copy.deepcopy(norm).train(training)
            norm.train(training)
            run = torch.compile(twin, fullgraph=True, backend="aot_eager")
            torch.testing.assert_close(run(x), norm(x))
            for key, value in norm.state_dict().items():
                torch.testing.assert_close(twin.state_dict()[key], value)


def test_exported_for_any_batch():
    X = MODULES["sum"]
    x = torch.randn(3, X.degree, 4, dtype=torch.float64)
    for norm in each_kind(X):
        program = export(norm.eval(), (x,), dynamic_shapes=({0: Dim("batch")},))
        again = torch.randn(7, X.degree, 4, dtype=torch.float64)
        torch.testing.assert_close(program.module()(again), norm(again))


@pytest.mark.slow
def test_as_onnx_models():
    X = MODULES["sum"]
    model = nn.Sequential(*each_kind(X, torch.float32)).eval()
    randomise(model, 2)
    runner = Runner(model, torch.randn(4, X.degree, 4))
    for batch in (4, 7):
        x = torch.randn(batch, X.degree, 4)
        found = torch.from_numpy(runner(x))
        torch.testing.assert_close(found, model(x), rtol=1e-4, atol=1e-4)


def test_linear_modules():
    """Also where the matrices are not orthogonal: then the invariant inner product counts."""
    D8 = tk.group("D8")
    plane = D8.linear_module([[[0, -1], [1, 0]], [[1, 0], [0, -1]]], name="plane")
    oblique = tk.group("C2").linear_module([[[0, 2], ["1/2", 0]]])
    for X in (plane + plane, oblique + oblique, plane * plane + D8.regular_module()):
        for norm in (
            tk.nn.EquivariantBatchNorm(X, 4), tk.nn.EquivariantLayerNorm(X, 4, per="module"),
            tk.nn.EquivariantGroupNorm(2, X, 4), tk.nn.SimpleNorm(X, 4, bias=True),
        ):  # fmt: skip
            for training in (False, True):
                assert_equivariant(norm, training=training)
        assert_equivariant(tk.nn.EquivariantDropout(X, 0.5, "simple"), channels=4, training=True)
        # the default is per simple, and each comes out at size one
        norm = tk.nn.EquivariantRMSNorm(X, 4, 1e-12).double()
        assert norm.per == "simple"
        parts = norm.components
        y = norm(3 * torch.randn(5, X.degree, 4, dtype=torch.float64))
        sizes = parts.energies(parts.coordinates(y)).mean(-1)
        torch.testing.assert_close(sizes, torch.ones_like(sizes))
    for make in (
        lambda: tk.nn.EquivariantLayerNorm(plane, 4, per="orbit"),
        lambda: tk.nn.EquivariantDropout(plane, 0.5, "orbit"),
        lambda: tk.nn.ChannelRMSNorm(4, X=plane),
    ):
        with pytest.raises(ModuleMismatchError, match="points"):
            make()
