"""Initial weights: the variance of every simple is kept, or doubled."""

from __future__ import annotations

import pytest
import torch
from layer_cases import PARAMETRIZATIONS, make_layer, modules

import toolkit as tk
from toolkit.nn.linear.hom_space import OrbitalHomSpace
from toolkit.nn.linear.initialisation import _variance_matrix, draw_orbit_weights, variance

CHANNELS = (24, 20)


def gains(layer: tk.nn.EquivariantLinear) -> dict[str, float]:
    """Return per simple the mean variance of the output's coordinates for isotropic input.

    Averaged over the drawn weights: the sum of squares of a coordinate's row of weights.
    """
    out = {}
    for label, block in layer.fourier_blocks().items():
        # (ends, target, source, out, in): a row is what one output coordinate is made of
        out[label] = float((block**2).sum((0, 2, 4)).mean())
    return out


def spread(layer: tk.nn.EquivariantLinear, label: str) -> float:
    """Return six standard deviations of that mean: a sum of squares of N normal numbers."""
    return 6 * (2 / layer.fourier_blocks()[label].numel()) ** 0.5


def xavier(layer: tk.nn.EquivariantLinear, label: str) -> float:
    ends, target, source, out, into = layer.fourier_blocks()[label].shape
    forward, backward = source * ends * into, target * ends * out
    return 2 * forward / (forward + backward)


@pytest.mark.parametrize("name", ["cyclic", "sums", "all types", "signed", "pairs"])
@pytest.mark.parametrize("parametrization", PARAMETRIZATIONS)
@pytest.mark.parametrize("init", ["he", "lecun", "xavier"])
def test_variance_of_every_simple(name: str, parametrization: str, init: str) -> None:
    layer = make_layer(name, "dense", parametrization, CHANNELS, init=init)
    for label, gain in gains(layer).items():
        expected = {"he": 2.0, "lecun": 1.0, "xavier": xavier(layer, label)}[init]
        assert abs(gain / expected - 1) < spread(layer, label), label


@pytest.mark.parametrize("name", ["points", "quaternionic", "signed"])
def test_variance_seen_from_outside(name: str) -> None:
    """The same with samples: white noise in, variance 2 in every simple out."""
    layer = make_layer(name, "dense", "auto", CHANNELS)
    basis = tk.fourier_basis(layer.Y)
    x = torch.randn(400, layer.X.degree, CHANNELS[0], dtype=torch.float64)
    with torch.no_grad():
        layer.bias.zero_()
        y = layer(x)
    spectrum = torch.einsum("pm,bmc->pbc", torch.from_numpy(basis.matrix.copy()), y)
    common = layer.fourier_blocks()
    for simple in basis.simples:
        energy = spectrum[simple.rows].square().mean().item()
        if simple.label in common:
            assert abs(energy / 2 - 1) < 0.1 + spread(layer, simple.label)
        else:
            assert energy < 1e-20


@pytest.mark.parametrize("name", ["cyclic", "quaternionic"])
def test_regular_modules_are_independent_orbit_weights(name: str) -> None:
    """White noise by orbital and white noise by block are one distribution there."""
    orbit = make_layer(name, "dense", "orbit", CHANNELS)
    n = orbit.hom_space.shape[1]
    expected = 2 / (n * CHANNELS[0])
    variances = orbit.weight.detach().square().mean((1, 2)) / expected
    assert (variances - 1).abs().max() < 6 * (2 / (CHANNELS[0] * CHANNELS[1])) ** 0.5
    fourier = make_layer(name, "dense", "fourier", CHANNELS)
    variances = fourier.orbit_weights().square().mean((1, 2)) / expected
    assert (variances - 1).abs().max() < 6 * (2 / (CHANNELS[0] * CHANNELS[1])) ** 0.5


def test_orbit_weights_would_not_do() -> None:
    """Independent orbit weights blow up the trivial simple: what the initialisation avoids."""
    V = tk.group("S6").natural_module()
    layer = tk.nn.EquivariantLinear(V, V, 48, 48, method="dense", dtype=torch.float64)
    with torch.no_grad():
        layer.weight.normal_().div_((6 * 48) ** 0.5)
    found = gains(layer)
    assert found["L0"] > 3 * min(found.values())


@pytest.mark.parametrize("parametrization", PARAMETRIZATIONS)
def test_a_seed_gives_the_same_weights(parametrization: str) -> None:
    first = make_layer("sums", "dense", parametrization)
    second = make_layer("sums", "structured", parametrization)
    assert torch.equal(first.weight, second.weight)
    torch.manual_seed(6)
    second.reset_parameters()
    assert not torch.equal(first.weight, second.weight)
    assert not second.bias.any()
    torch.manual_seed(6)
    first.reset_parameters()
    assert torch.equal(first.weight, second.weight)
    single = make_layer("sums", "dense", parametrization, dtype=torch.float32)
    torch.manual_seed(6)
    single.reset_parameters()
    assert torch.equal(first.weight.float(), single.weight)


def test_weights_keep_their_gradient_and_identity() -> None:
    layer = make_layer("points")
    weight = layer.weight
    layer.reset_parameters()
    assert layer.weight is weight
    assert weight.requires_grad
    assert weight.is_leaf


def test_signed_and_plain_modules_agree() -> None:
    """A module without signs, taken as a signed one, is initialised alike."""
    from toolkit.modules.signed_module import SignedModule

    X, Y = modules("points")
    plain = make_layer("points", "dense", "orbit")
    torch.manual_seed(5)
    signed = tk.nn.EquivariantLinear(
        SignedModule.from_permutation(X), Y, 3, 2, method="dense", dtype=torch.float64
    )
    assert gains(signed).keys() == gains(plain).keys()
    assert signed.parameters_count() == plain.parameters_count()


@pytest.mark.parametrize("group", ["S3", "Q8", "C5"])
@pytest.mark.parametrize("init", ["he", "lecun", "xavier"])
def test_between_free_modules_weights_are_independent(group: str, init: str) -> None:
    """The variances by simples, which are computed otherwise, are equal numbers on a diagonal."""
    G = tk.group(group)
    X, point = G.regular_module(), G.regular_module() ** 0
    space = OrbitalHomSpace((point + point + point) * X, X + X)
    assert space.is_free
    m, n = space.shape
    expected = variance(n * 2, m * 5, init) ** 0.5
    found = torch.from_numpy(_variance_matrix(space, 5, 2, init))
    torch.testing.assert_close(found, expected * torch.eye(space.count, dtype=torch.float64))
    torch.manual_seed(0)
    drawn = draw_orbit_weights(space, 5, 2, init)
    torch.manual_seed(0)
    noise = torch.randn(drawn.shape, dtype=torch.float64)
    torch.testing.assert_close(drawn, expected * noise)
    for other in (
        OrbitalHomSpace(X, point),
        OrbitalHomSpace(point, X),
        OrbitalHomSpace(X + point, X),
    ):
        assert not other.is_free
    signed = G.signed_coset_module([], [])
    assert not OrbitalHomSpace(signed, signed).is_free
