"""What attention makes exactly zero, against networks with random weights."""

from __future__ import annotations

import pytest
import torch
from attention_cases import randomised
from torch import nn

import toolkit as tk
from toolkit.errors import ModuleMismatchError
from toolkit.interpret import stages_of, zero_components
from toolkit.interpret.trimming.trim import trim
from toolkit.nn import (
    EquivariantAttention,
    EquivariantTransformerBlock,
    OrbitEmbedding,
    OrbitLinear,
    TokenAttention,
)


def check(net: nn.Module, X, sources, leading: tuple[int, ...] = (4,)) -> set[str]:
    """Compare with what random weights and inputs show; return what can be present at last."""
    basis = tk.fourier_basis(X)
    inside = torch.cat([torch.tensor(basis.matrix[s.rows]) for s in basis.simples
                        if s.label in sources])  # fmt: skip
    channels = net[0].in_channels
    found = zero_components(net, sources)
    seen: set[str] = set()
    for seed in range(3):
        randomised(net, seed)
        noise = torch.randn(*leading, len(inside), channels, dtype=torch.float64)
        y = net(torch.einsum("rp,...rc->...pc", inside, noise)).detach()
        energies = basis.energies(y.movedim(-2, 0).reshape(X.degree, -1).numpy())
        total = sum(float(e.sum()) for e in energies.values())
        seen |= {label for label, e in energies.items() if float(e.sum()) > 1e-20 * total}
    possible = set(found[-1].possible)
    assert seen <= possible, (seen, possible)
    return possible


def double(layer: type, *args, **options) -> nn.Module:
    return randomised(layer(*args, dtype=torch.float64, **options))


@pytest.mark.parametrize("projections", ["channels", "orbits"])
@pytest.mark.parametrize("name", ["C8", "S4", "Q8", "D12"])
def test_without_positions(name: str, projections: str) -> None:
    X = tk.group(name).regular_module()
    net = nn.Sequential(
        double(EquivariantAttention, X, 4, 2, positions=None, projections=projections)
    )
    everything = {s.label for s in tk.fourier_basis(X).simples}
    for label in sorted(everything):
        possible = check(net, X, [label])
        # of the regular module: the simples that the kernel of the input fixes
        kernels = {s.label: set(s.kernel) for s in tk.group(name).character_table.simples}
        assert possible == {k for k in everything if kernels[label] <= kernels[k]}


def test_coordinates_that_agree_without_a_kernel() -> None:
    """S4 on the cosets of <(1,2)(3,4)>: from L3, U+ is <(1,2),(3,4)> and the kernel is 1."""
    G = tk.group("S4")
    X = G.coset_module([[1, 0, 3, 2]])
    plain = nn.Sequential(double(EquivariantAttention, X, 4, 2, positions=None))
    placed = nn.Sequential(double(EquivariantAttention, X, 4, 2))
    labels = [s.label for s in tk.fourier_basis(X).simples]
    fewer = 0
    for label in labels:
        without, with_positions = check(plain, X, [label]), check(placed, X, [label])
        assert without <= with_positions
        fewer += without < with_positions
    assert fewer


@pytest.mark.parametrize("positions", [None, "bias"])
def test_several_orbits_and_signs(positions) -> None:
    G = tk.group("S4")
    sums = G.natural_module() + G.coset_module([[1, 2, 0, 3], [1, 0, 3, 2]])
    signed = G.signed_coset_module([[1, 2, 3, 0], [2, 1, 0, 3]], [[1, 2, 3, 0]])
    for X in (sums, signed):
        layers = [
            double(OrbitEmbedding, X, 4),
            double(OrbitLinear, X, 4, 4),
            double(EquivariantAttention, X, 4, 2, positions=positions),
        ]
        for net in (nn.Sequential(*layers), nn.Sequential(layers[2])):
            for simple in tk.fourier_basis(X).simples:
                check(net, X, [simple.label])


@pytest.mark.parametrize("projections", ["channels", "equivariant"])
@pytest.mark.parametrize("scores", ["invariant", "points"])
def test_tokens(projections: str, scores: str) -> None:
    X = tk.group("S4").regular_module()
    layer = double(TokenAttention, X, 4, 2, projections=projections, scores=scores, bias=False)
    net = nn.Sequential(layer)
    for label in ("L1", "L2"):
        possible = check(net, X, [label], (2, 5))
        if scores == "invariant":
            assert possible == {label}


@pytest.mark.parametrize("name", ["C8", "S4", "Q8"])
def test_blocks(name: str) -> None:
    X = tk.group(name).regular_module()
    everything = {s.label for s in tk.fourier_basis(X).simples}
    kernels = {s.label: set(s.kernel) for s in tk.group(name).character_table.simples}
    for options in (
        {"normalisation": "rms", "activation": "tanh"},
        {"normalisation": None, "activation": "relu"},
        {"normalisation": "layer", "activation": "gelu"},
    ):
        attention = double(EquivariantAttention, X, 4, 2, positions=None, bias=False)
        net = nn.Sequential(EquivariantTransformerBlock(attention, **options))
        for label in sorted(everything):
            possible = check(randomised(net), X, [label])
            assert possible == {k for k in everything if kernels[label] <= kernels[k]}


def test_a_block_is_followed_stage_by_stage() -> None:
    X = tk.group("C8").regular_module()
    attention = EquivariantAttention(X, 4, 2, positions=None, bias=False)
    block = EquivariantTransformerBlock(attention, activation="tanh")
    net = nn.Sequential(tk.nn.EquivariantLinear(X, X, 1, 4, bias=False), block)
    found = zero_components(net, ["L2"])
    assert [s.key for s in found] == [
        "input", "0", "1.attention_norm", "1.attention", "1.dropout", "1.maps_norm", "1.maps.0",
        "1.maps.1", "1.maps.2", "1.dropout#2", "1",
    ]  # fmt: skip
    assert [s.key for s in stages_of(net)] == [s.key for s in found][1:]
    assert found["1"].stage.kind == "sum"
    assert found["1"].impossible == ("L3", "L4")
    block.dropout.p = 0.5
    with pytest.raises(ModuleMismatchError, match=r"dropout '1\.dropout' is active"):
        zero_components(net, ["L2"])
    block.maps[1] = nn.Softmax(-2)  # no function of one number
    found = zero_components(net.eval(), ["L2"])
    assert found.unknown_from is None
    assert found["1.maps.1.softmax"].kind == "pointwise"
    block.maps[1] = nn.RReLU()  # random while it is trained
    found = zero_components(net.eval(), ["L2"])
    assert found.unknown_from == "1.maps.1"
    assert zero_components(net[1], ["L2"]).unknown_from == "maps.1"
    declared = zero_components(net, ["L2"], spaces={"1.maps.0": X})
    assert declared.unknown_from == "1.maps.1"


def test_blocks_are_trimmed_around_attention() -> None:
    X = tk.group("C8").regular_module()
    block = EquivariantTransformerBlock(EquivariantAttention(X, 4, 2))
    linear = tk.nn.EquivariantLinear(X, X, 4, 4)
    for net, name in (
        (nn.Sequential(linear, block), "1.attention"),
        (nn.Sequential(linear, EquivariantAttention(X, 4, 2)), "1"),
    ):
        net.double().eval()
        small = trim(net, ["L1"])
        assert dict(small.untrimmed)[name] == "it depends on all points together"
        x = torch.randn(3, 1, 4, dtype=torch.float64) * (-1.0) ** torch.arange(8).double()[:, None]
        assert small.check_input(x) < 1e-25
        assert torch.allclose(small(x), net(x), rtol=1e-12, atol=1e-13)


def vectors(G: tk.Group) -> tk.modules.Module:
    V = G.simple_module("L3")
    return V * V + V


@pytest.mark.parametrize("projections", ["channels", "equivariant"])
def test_tokens_with_vectors(projections: str) -> None:
    V = vectors(tk.group("S4"))
    for bias in (False, True):
        layer = double(TokenAttention, V, 4, 2, projections=projections, bias=bias)
        norms = [tk.nn.SimpleNorm(V, 4, dtype=torch.float64) for _ in range(2)]
        act = tk.nn.NormActivation(V, 16, dtype=torch.float64)
        for net in (
            nn.Sequential(layer),
            nn.Sequential(EquivariantTransformerBlock(layer, norms=norms, activation=act)),
        ):
            for label in ("L0", "L2", "L3", "L4"):
                possible = check(net, V, [label], (3, 5))
                added = {"L0"} if bias and projections == "equivariant" else set()
                assert possible == {label} | added


def test_moved_tokens_with_vectors() -> None:
    G = tk.group("S4")
    T, V = G.natural_module(), G.simple_module("L1") + G.simple_module("L2")
    layer = double(TokenAttention, V, 4, 2, tokens=T, positions="bias", bias=False)
    block = EquivariantTransformerBlock(layer, norms=(nn.Identity(),) * 2, activation=nn.Identity())
    for net in (nn.Sequential(layer), nn.Sequential(block)):
        everything = {s.label for s in tk.fourier_basis(layer.X).simples}
        assert check(net, layer.X, ["L2"]) <= everything
        assert "L4" not in zero_components(net, ["L1"])[-1].possible


@pytest.mark.parametrize("training", [False, True])
def test_norms_of_vectors(training: bool) -> None:
    V = vectors(tk.group("S4"))
    for make in (
        tk.nn.EquivariantRMSNorm, tk.nn.EquivariantLayerNorm, tk.nn.SimpleNorm,
        tk.nn.EquivariantBatchNorm,
    ):  # fmt: skip
        norm = make(V, 4).double()
        net = nn.Sequential(tk.nn.EquivariantLinear(V, V, 4, 4, bias=False).double(), norm)
        net.train(training)
        assert zero_components(net, ["L3"])["1"].possible == ("L3",)
        randomised(net)
        moves = norm.bias is not None or (norm.added_constants() is not None and not training)
        possible = check(net, V, ["L3"])
        assert possible == ({"L0", "L3"} if moves else {"L3"})
    one = nn.Sequential(
        tk.nn.EquivariantLinear(V, V, 1, 1, bias=False).double(),
        tk.nn.EquivariantLayerNorm(V, 1, bias=False).double(),
    )
    assert zero_components(one, ["L0", "L3"])["1"].possible == ("L3",)


class TwoInputs(nn.Module):
    """Attention to a function of its own, or under a mask."""

    def __init__(self, X, masked: bool):
        super().__init__()
        self.attention = EquivariantAttention(X, 4, 2, keys=None if masked else X)
        self.last = tk.nn.EquivariantLinear(X, X, 4, 4)
        self.masked = masked

    def forward(self, x):
        ramp = torch.arange(8.0)
        given = {"mask": ramp > 3} if self.masked else {"context": ramp[:, None].expand(x.shape)}
        return self.last(self.attention(x, **given))


@pytest.mark.parametrize("masked", [False, True])
def test_what_takes_other_tensors_too_is_unknown(masked: bool) -> None:
    X = tk.group("C8").regular_module()
    net = TwoInputs(X, masked)
    found = zero_components(net, ["L2"], example=torch.zeros(2, 8, 4))
    assert found.unknown_from == "attention"
    assert [s.key for s in found if not s.is_unknown] == ["input"]
    assert [s.takes_more for s in stages_of(net, example=torch.zeros(2, 8, 4))] == [True, False]
    small = trim(net, ["L2"], example=torch.zeros(2, 8, 4))
    assert dict(small.untrimmed)["attention"]  # it says why
    x = (
        torch.randn(3, 2, 4).repeat(1, 4, 1)
        * torch.tensor([1.0, 1.0, -1.0, -1.0]).repeat(2)[:, None]
    )
    assert torch.allclose(small(x), net(x), rtol=1e-4, atol=1e-5)
    alone = EquivariantAttention(X, 4, 2, keys=X + X)
    assert zero_components(alone, ["L2"]).unknown_from == ""


def test_a_block_used_twice_has_the_names_of_its_stages() -> None:
    X = tk.group("C8").regular_module()
    block = EquivariantTransformerBlock(EquivariantAttention(X, 4, 2))
    net = nn.Sequential(block, block)
    found = [s.key for s in zero_components(net, ["L2"])][1:]
    assert sorted(found) == sorted(s.key for s in stages_of(net))


@pytest.mark.parametrize(
    "make",
    [
        lambda X: EquivariantAttention(X, 2, 1, dropout=0.5, dtype=torch.float64),
        lambda X: EquivariantAttention(
            X, 2, 1, positions=None, projections="equivariant", dropout=0.5, dtype=torch.float64
        ),
        lambda X: TokenAttention(
            tk.group("C8").trivial_module(), 2, 1, tokens=X, dropout=0.5, dtype=torch.float64
        ),
    ],
)
def test_dropout_of_weights_makes_all_possible(make) -> None:
    X = tk.group("C8").regular_module()
    layer = make(X)
    everything = {"L0", "L1", "L2", "L3", "L4"}
    net = nn.Sequential(layer)
    assert check(net.train(), X, ["L2"]) == everything
    assert "L3" not in zero_components(net.eval(), ["L2"])[-1].possible
    in_graph = nn.Sequential(tk.nn.Residual(net)).train()
    assert set(zero_components(in_graph, ["L2"])[-1].possible) == everything


def test_dropout_of_invariant_weights_moves_nothing() -> None:
    V = tk.group("C8").regular_module()
    layer = TokenAttention(V, 2, 1, dropout=0.5, bias=False, dtype=torch.float64)
    assert check(nn.Sequential(layer).train(), V, ["L2"], (2, 5)) == {"L2"}


def test_dropout_of_weights_between_two_modules() -> None:
    X = tk.group("C8").regular_module()

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.attention = EquivariantAttention(X, 2, 1, keys=X, dropout=0.5)

        def forward(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
            out: torch.Tensor = self.attention(x, y)
            return out

    x = torch.zeros(3, 8, 2)
    net = Net()
    options = {"modules": (X, X), "example": (x, x)}
    sources = {"input 0": ["L2"], "input 1": ["L2"]}
    assert len(zero_components(net, sources, **options)[-1].possible) == 5
    assert "L3" not in zero_components(net.eval(), sources, **options)[-1].possible
