"""What attention makes exactly zero, against networks with random weights."""

from __future__ import annotations

import pytest
import torch
from attention_cases import randomised
from torch import nn

import toolkit as tk
from toolkit.errors import NotAvailable
from toolkit.interpret import zero_components
from toolkit.interpret.trimming.trim import trim
from toolkit.nn import EquivariantAttention, OrbitEmbedding, OrbitLinear, TokenAttention


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


def test_blocks_are_not_followed_in_silence() -> None:
    X = tk.group("C8").regular_module()
    block = tk.nn.EquivariantTransformerBlock(EquivariantAttention(X, 4, 2))
    net = nn.Sequential(OrbitEmbedding(X, 4), block)
    with pytest.raises(NotAvailable, match="only networks that are a chain"):
        zero_components(net, ["L1"], example=torch.zeros(1, 8, 4))
    net = nn.Sequential(tk.nn.EquivariantLinear(X, X, 1, 4), EquivariantAttention(X, 4, 2))
    with pytest.raises(NotAvailable, match="it is not a known layer"):
        trim(net, ["L1"])
