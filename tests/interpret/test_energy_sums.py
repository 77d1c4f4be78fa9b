"""Energies added up over a tensor: in any precision, of any size, with numbers that are none."""

from __future__ import annotations

import pytest
import torch
from torch import nn

import toolkit as tk
from toolkit.interpret import record
from toolkit.interpret.network.energies import SimpleParts
from toolkit.interpret.network.energy_sums import _FEW, _PIECE, EnergySums, energy_sums
from toolkit.interpret.spectral.probe import SiteProbe
from toolkit.interpret.spectral.spectrum import Site

LARGE = 3 * _PIECE + 5000


@pytest.fixture(scope="module")
def parts():
    return SimpleParts(tk.group("S4").regular_module())


def tensor(dtype, numbers=LARGE, channels=5, size=1.0):
    generator = torch.Generator().manual_seed(0)
    samples = numbers // (24 * channels) + 1
    return (size * torch.randn(samples, 24, channels, generator=generator)).to(dtype)


def exact(parts, x):
    """The sums by another route: sample by sample, in double precision."""
    each = parts.energies(x.double())
    kept = torch.isfinite(each.sum((1, 2)))
    return each[kept].sum(0), int((~kept).sum())


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.float16, torch.bfloat16])
def test_all_precisions(parts, dtype):
    x = tensor(dtype)
    found = energy_sums(parts, x)
    sums, _ = exact(parts, x)
    error = 1e-13 if dtype is torch.float64 else 3e-6
    assert torch.allclose(found.sums, sums, rtol=error, atol=0)
    assert float(found.total) == pytest.approx(float(x.double().square().sum()), rel=error)
    assert (found.samples, int(found.lost), found.sums.dtype) == (len(x), 0, torch.float64)
    small = x[: _FEW // 120]  # in double precision whatever the type
    assert torch.allclose(energy_sums(parts, small).sums, exact(parts, small)[0], rtol=1e-13)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16])
def test_what_is_empty_stays_so(parts, dtype):
    """A simple that is not there keeps what the rounding of the tensor itself leaves."""
    coordinates = torch.zeros(24, LARGE // 24 + 1, dtype=torch.float64)
    rows = parts.basis.simple(parts.labels[-1]).rows
    coordinates[rows] = torch.randn(coordinates[rows].shape, dtype=torch.float64)
    x = parts.synthesise(coordinates[None])[0].T[..., None].contiguous().to(dtype)
    sums = energy_sums(parts, x).sums.sum(1)
    shares = sums[:-1] / sums[-1]
    assert float(shares.max()) < (1e-13 if dtype is torch.float32 else 1e-6)
    reference, _ = exact(parts, x)
    assert torch.allclose(sums, reference.sum(1), rtol=1e-5, atol=1e-13 * float(sums[-1]))


@pytest.mark.parametrize("size", [1e-25, 1e25])
def test_squares_beyond_single_precision(parts, size):
    x = tensor(torch.float32, size=size)
    found = energy_sums(parts, x)
    assert torch.allclose(found.sums, exact(parts, x)[0], rtol=1e-12)
    assert int(found.lost) == 0
    assert float(found.total) == pytest.approx(float(x.double().square().sum()), rel=1e-12)


def test_large_numbers_in_some_samples_only(parts):
    x = tensor(torch.float32)
    x[700] *= 1e25
    x[3] = 0
    x[5, 2, 1], x[800, 0, 0] = float("nan"), float("inf")
    found = energy_sums(parts, x)
    sums, lost = exact(parts, x)
    assert (int(found.lost), lost) == (2, 2)
    assert torch.allclose(found.sums, sums, rtol=1e-5)
    nothing = energy_sums(parts, torch.zeros(4000, 24, 1))
    assert not nothing.sums.any()
    assert float(nothing.total) == 0
    assert energy_sums(parts, torch.zeros(0, 24, 1)).samples == 0


def test_products_that_may_be_rounded_are_taken_in_double(parts):
    x = tensor(torch.float32)
    before = torch.get_float32_matmul_precision()
    try:
        torch.set_float32_matmul_precision("medium")
        found = energy_sums(parts, x)
    finally:
        torch.set_float32_matmul_precision(before)
    assert torch.allclose(found.sums, exact(parts, x)[0], rtol=1e-12)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        found = energy_sums(parts, x)
    assert torch.allclose(found.sums, exact(parts, x)[0], rtol=3e-6)


def test_a_network_of_half_precision():
    X = tk.group("C8").regular_module()
    net = tk.nn.EquivariantMLP(X, [2, 4, 1], "relu").to(torch.bfloat16)
    x = torch.randn(6000, 8, 2).to(torch.bfloat16)
    with record(net) as found, torch.no_grad():
        y = net(x)
    assert found["output"].defect < 1e-5
    assert float(y.double().square().sum()) == pytest.approx(found["output"].total, rel=1e-6)


class _OnDevice(torch.Tensor):
    """Sums that say that they are on a GPU, for its way of adding."""

    is_cuda = True


def test_sums_on_a_gpu_are_read_when_they_are_wanted(parts):
    probe = SiteProbe(Site("", "input"), parts)

    def far(x):
        return EnergySums(2, torch.full((5, 3), x).as_subclass(_OnDevice),
                          torch.tensor(15 * x), torch.tensor(1))  # fmt: skip

    probe.add(far(1.0))
    probe.add(far(2.0))
    assert probe.spectrum._samples == 0  # nothing was fetched
    assert probe.spectrum.samples == 2
    assert probe.spectrum.sums.tolist() == [[3.0] * 3] * 5
    assert (probe.spectrum.total, probe.spectrum.not_finite) == (45.0, 2)
    probe.add(far(4.0))
    assert probe.spectrum.not_finite == 3
    assert probe.spectrum.unread is None


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.float16, torch.bfloat16])
def test_on_a_gpu(parts, dtype):
    x = tensor(dtype)
    x[5, 2, 1] = float("nan")
    sums, lost = exact(parts, x)
    there = x.cuda()
    energy_sums(parts, there)  # the matrix goes there once
    torch.cuda.set_sync_debug_mode("error")
    try:
        with torch.autocast("cuda", dtype=torch.bfloat16):
            found = energy_sums(parts, there)
    finally:
        torch.cuda.set_sync_debug_mode("default")
    assert torch.allclose(found.sums.cpu(), sums, rtol=3e-6)
    assert int(found.lost) == lost == 1
    net = nn.Sequential(tk.nn.EquivariantMLP(parts.X, [5, 4, 1]).to(x.dtype)).cuda()
    with record(net) as spectra, torch.no_grad():
        net(there)
    assert spectra["input"].not_finite == 1
