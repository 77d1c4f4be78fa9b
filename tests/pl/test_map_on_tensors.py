"""Maps between simples on torch tensors: values, dtypes and gradients, for every activation."""

from __future__ import annotations

import pickle  # noqa: TID251 - what multiprocessing does; nothing is stored
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import toolkit as tk
from toolkit.errors import ModuleMismatchError, UnsupportedActivationError
from toolkit.pl.activations.registry import ACTIVATIONS

if TYPE_CHECKING:
    from toolkit.pl.maps.pl_map import PLMap

torch = pytest.importorskip("torch")

VARIANTS = ["leaky_relu(0.2)", "leaky_relu(0.123456789)", "softplus(2.5)", "hardtanh(-0.3,0.7)",
            "softshrink(0.1234567891)", "elu(0.7)", "celu(2)", "relu_power(4)", "t^5",
            "polynomial(1,0,2,-3)", "softplus(12)"]  # fmt: skip


def cube(name: Any, target: str = "L3") -> PLMap:
    return tk.pl_map(tk.group("S4").natural_module(), "L3", target, name)


def some_points(many: int = 6) -> np.ndarray[Any, Any]:
    return 1.7 * np.random.default_rng(3).standard_normal((many, 3))


@pytest.mark.parametrize("name", [*ACTIVATIONS, *VARIANTS])
def test_values_and_gradients(name: str) -> None:
    phi = cube(name)
    v = some_points()
    for dtype, tolerance in ((torch.float64, 1e-12), (torch.float32, 3e-5)):
        t = torch.tensor(v, dtype=dtype, requires_grad=True)
        out = phi(t)
        assert out.dtype == dtype
        scale = 1.0 + np.abs(phi(v)).max()
        assert np.allclose(out.detach().numpy(), phi(v), atol=tolerance * scale)
        (gradient,) = torch.autograd.grad(out[0, 1], t)
        assert gradient.dtype == dtype
        assert not gradient[1:].any()
    # against differences of the values on numpy arrays
    t = torch.tensor(v[0], requires_grad=True)
    (gradient,) = torch.autograd.grad(phi(t)[1], t)
    step = 1e-6
    differences = [(phi(v[0] + step * e) - phi(v[0] - step * e))[1] / (2 * step) for e in np.eye(3)]
    assert np.allclose(gradient.numpy(), differences, atol=1e-6 * (1 + np.abs(differences).max()))
    if phi.is_piecewise_linear:
        assert np.allclose(gradient.numpy(), phi.at(v[0])[1], atol=1e-12)


def test_the_gradient_check_of_torch() -> None:
    for name in ("gelu", "tanh", "t^3", "relu"):
        t = torch.tensor(some_points(2), requires_grad=True)
        assert torch.autograd.gradcheck(cube(name), (t,))


def test_shapes_dtypes_and_wrong_input() -> None:
    phi = cube("gelu")
    assert phi(torch.zeros(2, 5, 3)).shape == (2, 5, 3)
    assert phi(torch.zeros(3)).shape == (3,)
    assert phi(torch.tensor([1, 2, 3])).dtype == torch.get_default_dtype()
    assert np.allclose(phi(torch.tensor([1, 2, 3])).numpy(), phi([1, 2, 3]), atol=1e-6)
    assert phi(torch.zeros(4, 3, dtype=torch.bfloat16)).dtype == torch.bfloat16
    assert torch.func.vmap(phi)(torch.ones(4, 3)).shape == (4, 3)
    with pytest.raises(ModuleMismatchError, match="shape"):
        phi(torch.zeros(4, 2))
    with pytest.raises(ModuleMismatchError, match="real numbers"):
        phi(torch.zeros(4, 3, dtype=torch.complex64))
    with pytest.raises(ModuleMismatchError, match="real numbers"):
        phi(np.zeros((4, 3), dtype=complex))


def test_functions_of_the_user() -> None:
    own = tk.Activation.from_callable(lambda t: t * t * t + abs(t), name="own")
    phi = tk.pl_map(tk.group("S4").natural_module(), "L3", "L3", own)
    t = torch.tensor(some_points(), requires_grad=True)
    assert np.allclose(phi(t).detach().numpy(), phi(some_points()), atol=1e-12)
    (gradient,) = torch.autograd.grad(phi(t).sum(), t)
    assert gradient.shape == (6, 3)
    for function in (torch.nn.functional.silu, lambda t: torch.nn.functional.silu(t)):
        swish = tk.Activation.from_callable(function, name="swish of my own")
        phi = tk.pl_map(tk.group("S4").natural_module(), "L3", "L3", swish)
        assert np.allclose(phi(t).detach().numpy(), cube("silu")(some_points()), atol=1e-12)
    assert np.allclose(cube(torch.nn.GELU())(t).detach().numpy(), cube("gelu")(some_points()))
    numpy_only = tk.Activation.from_callable(lambda t: np.cbrt(np.asarray(t)), name="root")
    with pytest.raises(UnsupportedActivationError, match="convert to numpy"):
        _ = numpy_only.on_tensors


def test_pickle() -> None:
    """A map goes to another process and back."""
    for name in ("relu", "gelu", "softplus(2)", "t^3", "hardtanh"):
        phi = cube(name, "L0")
        if phi.is_piecewise_linear:
            assert phi.regions.count > 1
        again = pickle.loads(pickle.dumps(phi))  # noqa: S301 - our own bytes, a moment old
        assert np.array_equal(again(some_points()), phi(some_points()))
        assert again.zero == phi.zero
        assert repr(again) == repr(phi)
        t = torch.tensor(some_points())
        assert torch.equal(again(t), phi(t))


def test_a_zero_map_is_zero_where_the_activation_jumps() -> None:
    X = next(m for m in tk.group("S4").permutation_modules() if m.name == "cosets of H4c")
    phi = tk.pl_map(X, "L4", "L0", "sign")
    assert phi.is_zero
    for dtype in (torch.float64, torch.float32):
        corners = torch.eye(3, dtype=dtype, requires_grad=True)
        assert phi(corners).abs().max() < 1e-5
    shrink = tk.pl_map(X, "L4", "L4", "hardshrink(0.2)")
    v = torch.tensor(some_points(), requires_grad=True)
    (gradient,) = torch.autograd.grad(shrink(v).sum(), v)
    step = 1e-6 * np.eye(3)[0]
    moved = (shrink(some_points() + step) - shrink(some_points() - step)).sum(axis=1) / 2e-6
    assert np.allclose(gradient[:, 0].numpy(), moved, atol=1e-6)
