"""Dropout of channels, orbits, simples and samples: equivariant for every mask."""

from __future__ import annotations

import copy

import pytest
import torch
from onnx_runner import Runner, check
from torch import nn

import toolkit as tk
from toolkit.errors import ModuleMismatchError
from toolkit.testing import assert_equivariant, equivariance_error

PER = ("channel", "orbit", "simple", "sample")


def _modules():
    G = tk.group("S4")
    cycle, swap = [1, 2, 3, 0], [2, 1, 0, 3]
    V = G.natural_module()
    signed = G.signed_coset_module([cycle, swap], [cycle])
    return {"sum": V + V * V, "signed": signed + V}


MODULES = _modules()


@pytest.mark.parametrize("name", MODULES)
@pytest.mark.parametrize("per", PER)
def test_every_mask_commutes(name, per):
    X = MODULES[name]
    drop = tk.nn.EquivariantDropout(X, 0.5, per)
    for seed in range(5):
        assert_equivariant(drop, channels=4, training=True, seed=seed)
    assert equivariance_error(nn.Dropout(), X, channels=4, training=True).error > 0.1


@pytest.mark.parametrize("per", PER)
def test_what_is_dropped_is_dropped_whole(per):
    X = MODULES["sum"]
    drop = tk.nn.EquivariantDropout(X, 0.25, per, dtype=torch.float64)
    x = torch.randn(400, X.degree, 6, dtype=torch.float64)
    y = drop(x)
    if per == "simple":
        basis = torch.from_numpy(tk.fourier_basis(X).matrix.copy())
        rows = [list(range(X.degree))[s.rows] for s in tk.fourier_basis(X).simples]
        x, y = basis @ x, basis @ y
    else:
        rows = [list(range(X.degree))]
    if per == "orbit":
        rows = [list(points) for points in X.orbit_points]
    factors = y / x
    kept = []
    for own in rows:
        part = factors[:, own]
        torch.testing.assert_close(part, part[:, :1].expand_as(part), rtol=1e-6, atol=1e-6)
        if per == "sample":
            torch.testing.assert_close(part, part[..., :1].expand_as(part))
        kept.append(part[:, 0].round(decimals=6))
    values = torch.stack(kept).unique()
    torch.testing.assert_close(
        values, torch.tensor([0, 4 / 3], dtype=values.dtype), atol=1e-5, rtol=0
    )
    assert torch.stack(kept).mean() == pytest.approx(1, abs=0.15)  # the mean is kept
    assert not torch.equal(drop(x), drop(x))
    assert drop.eval()(x) is x


def test_ends_shapes_and_types():
    X = MODULES["signed"]
    x = torch.randn(2, 3, X.degree, 4)
    assert torch.equal(tk.nn.EquivariantDropout(X, 0.0)(x), x)
    for per in PER:
        assert not tk.nn.EquivariantDropout(X, 1.0, per)(x).any()
        drop = tk.nn.EquivariantDropout(X, 0.5, per)
        for dtype in (torch.half, torch.bfloat16, torch.float32, torch.float64):
            y = drop(x.to(dtype))
            assert y.dtype == dtype
            assert y.shape == x.shape
        with torch.autocast("cpu", torch.bfloat16):
            assert drop(x).dtype == torch.float32
        assert drop(x[:, :0]).shape == (2, 0, X.degree, 4)
        assert drop(x[..., :0]).shape == (2, 3, X.degree, 0)
        assert drop(x[0, 0]).shape == (X.degree, 4)
        assert list(drop.state_dict()) == []
        with pytest.raises(ModuleMismatchError, match="points of"):
            drop(x[..., :2, :])
        torch.manual_seed(3)
        first = drop(x)
        torch.manual_seed(3)
        assert torch.equal(copy.deepcopy(drop)(x), first)
        assert drop.to("meta")(x.to("meta")).is_meta
    assert tk.nn.EquivariantDropout()(torch.randn(2, 9, 4)).shape == (2, 9, 4)
    assert "per='channel'" in repr(tk.nn.EquivariantDropout(X))
    for bad, message in (
        (lambda: tk.nn.EquivariantDropout(X, 2.0), "probability"),
        (lambda: tk.nn.EquivariantDropout(None, 0.5, "orbit"), "need the module"),
        (lambda: tk.nn.EquivariantDropout(X, 0.5, "point"), "per must be"),
        (lambda: tk.nn.EquivariantDropout(3), "module is required"),
    ):
        with pytest.raises(ModuleMismatchError, match=message):
            bad()


def test_gradients_go_where_signals_went():
    X = MODULES["sum"]
    x = torch.randn(3, X.degree, 4, dtype=torch.float64, requires_grad=True)
    for per in PER:
        drop = tk.nn.EquivariantDropout(X, 0.5, per, dtype=torch.float64)

        def run(x, drop=drop):
            with torch.random.fork_rng():
                torch.manual_seed(0)
                return drop(x)

        torch.autograd.gradcheck(run, (x,), fast_mode=True)


def test_compiled_exported_and_as_onnx():
    X = MODULES["sum"]
    x = torch.randn(4, X.degree, 4)
    for per in PER:
        drop = tk.nn.EquivariantDropout(X, 0.5, per)
        torch._dynamo.reset()
        y = torch.compile(drop, fullgraph=True, backend="aot_eager")(x)
        assert y.shape == x.shape
        assert ((y == 0) | (y != x)).all()
        program = torch.export.export(drop.eval(), (x,))
        assert torch.equal(program.module()(x), x)
    model = nn.Sequential(
        nn.Linear(4, 4), tk.nn.EquivariantDropout(X, 0.5, "orbit"), nn.Linear(4, 2)
    )
    check(model, Runner(model, x), x)
