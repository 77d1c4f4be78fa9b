"""Weights prepared once for inference: the same outputs, and nothing stale."""

from __future__ import annotations

import copy
import gc
import threading
import weakref

import pytest
import torch
from layer_cases import METHODS, PARAMETRIZATIONS, make_input, make_layer
from torch.func import functional_call, vmap

from toolkit.nn import prepared
from toolkit.nn.linear import prepared as preparation

#: A prepared matrix multiplies in another order.
ROUNDING = {"rtol": 1e-12, "atol": 1e-13}


class Counter:
    """Counts how often a layer prepares its weights."""

    def __init__(self, layer: torch.nn.Module) -> None:
        self.count = 0
        operator = layer.computation.operator

        def counted(weight: torch.Tensor) -> object:
            self.count += 1
            return operator(weight)

        layer.computation.operator = counted


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("parametrization", PARAMETRIZATIONS)
def test_same_outputs_from_one_preparation(method: str, parametrization: str) -> None:
    layer = make_layer("quaternionic", method, parametrization)
    x = make_input("quaternionic", 2)
    expected = layer(x).detach()
    counter = Counter(layer)
    with torch.no_grad(), prepared():
        for _ in range(3):
            torch.testing.assert_close(layer(x), expected, **ROUNDING)
    assert counter.count == 1
    assert preparation._OPERATORS.found is None
    with torch.no_grad():  # outside, even a change that torch does not count is seen
        layer(x)
        layer.weight.data.mul_(2)
        assert not torch.equal(layer(x), expected)
        layer.weight.data.div_(2)
        torch.testing.assert_close(layer(x), expected, **ROUNDING)
    before = counter.count
    with torch.inference_mode(), prepared():
        torch.testing.assert_close(layer(x), expected, **ROUNDING)
        torch.testing.assert_close(layer(x), expected, **ROUNDING)
    assert counter.count == before + 1


@pytest.mark.parametrize("method", METHODS)
def test_training_inside_gets_gradients(method: str) -> None:
    layer = make_layer("points", method)
    x = make_input("points", 2)
    optimizer = torch.optim.SGD(layer.parameters(), 0.1)
    with prepared():
        for _ in range(2):
            with torch.no_grad():
                before = layer(x)
            optimizer.zero_grad()
            layer(x).square().sum().backward()
            assert layer.weight.grad.abs().max() > 0
            optimizer.step()
            with torch.no_grad():
                after = layer(x)
            assert not torch.allclose(before, after)
            torch.testing.assert_close(after, layer(x).detach())


def test_changes_are_noticed() -> None:
    layer = make_layer("points", "structured")
    other = copy.deepcopy(layer)
    x = make_input("points", 2)
    with torch.no_grad(), prepared():
        layer(x)
        layer.weight.mul_(2)
        other.set_weights(layer.weight)
        assert torch.equal(layer(x), other(x))
        layer.set_method("dense")
        torch.testing.assert_close(layer(x), other(x))
        layer.float()
        assert layer(x.float()).dtype == torch.float32
        layer.double()
        assert layer(x).dtype == torch.float64
        layer.weight = torch.nn.Parameter(torch.zeros_like(layer.weight))
        torch.testing.assert_close(layer(x), layer.bias.expand(2, 4, 2))
        layer.load_state_dict(other.state_dict())
        torch.testing.assert_close(layer(x), other(x))


def test_autocast_inside() -> None:
    layer = make_layer("points", "structured", dtype=torch.float32)
    x = make_input("points", 2, dtype=torch.float32)
    with torch.no_grad(), prepared():
        expected = layer(x)
        with torch.autocast("cpu", torch.bfloat16):
            assert (layer(x).float() - expected).abs().max() < 0.1
        assert torch.equal(layer(x), expected)


def test_nested_and_after_an_error() -> None:
    layer = make_layer("points", "structured")
    counter = Counter(layer)
    x = make_input("points", 2)
    with torch.no_grad(), prepared():
        layer(x)
        with prepared():
            layer(x)
            with preparation.unprepared():
                layer(x)
        layer(x)
    assert counter.count == 2
    with pytest.raises(RuntimeError, match="stop"), prepared():
        raise RuntimeError("stop")
    assert preparation._OPERATORS.found is None


def test_nothing_is_left() -> None:
    layer = make_layer("points", "structured")
    x = make_input("points", 2)
    with torch.no_grad(), prepared():
        layer(x)
        path = weakref.ref(layer.computation)
        weight = weakref.ref(layer.weight)
        del layer
        gc.collect()
        assert path() is None
        assert weight() is None


def test_threads_do_not_meet() -> None:
    layer = make_layer("points", "fft")
    x = make_input("points", 2)
    expected = layer(x).detach()
    seen: list[bool] = []

    def work(inside: bool) -> None:
        with torch.no_grad():
            if inside:
                with prepared():
                    seen.extend(torch.equal(layer(x), expected) for _ in range(20))
            else:
                assert preparation._OPERATORS.found is None
                seen.extend(torch.equal(layer(x), expected) for _ in range(20))

    with torch.no_grad(), prepared():
        layer(x)
        threads = [threading.Thread(target=work, args=(i % 2 == 0,)) for i in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert seen == [True] * 120


def test_with_function_transforms() -> None:
    layer = make_layer("points", "structured")
    x = make_input("points", 3)
    weights = torch.randn(4, *layer.weight.shape, dtype=torch.float64)

    def one(weight: torch.Tensor) -> torch.Tensor:
        return functional_call(layer, {"weight": weight}, (x,))

    with torch.no_grad():
        expected = torch.stack([one(w) for w in weights])
        with prepared():
            plain = layer(x)
            for _ in range(2):
                torch.testing.assert_close(vmap(one)(weights), expected)
            torch.testing.assert_close(vmap(layer)(x), plain)
            assert torch.equal(layer(x), plain)
