"""Audits of convolutional networks: pixels moved by hand, planted breaks, symmetric kernels."""

from __future__ import annotations

import pytest
import torch
from torch import nn

import toolkit as tk
from toolkit.errors import ModuleMismatchError
from toolkit.interpret import audit
from toolkit.interpret.auditing.grids import Grids
from toolkit.interpret.auditing.operators import from_points, moved, with_points

MOVES = {
    "C4": [lambda x, k=k: torch.rot90(x, k, (-2, -1)) for k in range(4)],
    "D8": [
        lambda x, k=k, f=f: torch.rot90(x.flip(-1) if f else x, k, (-2, -1))
        for k in range(4) for f in (False, True)
    ],
}  # fmt: skip


def images(*shape, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def symmetric(conv):
    """Return a convolution in float64 with its kernel averaged over the eight symmetries."""
    conv = conv.double()
    with torch.no_grad():
        conv.weight.copy_(sum(move(conv.weight) for move in MOVES["D8"]) / 8)
    return conv


@pytest.mark.parametrize("size", [4, 5])
@pytest.mark.parametrize("name", ["C4", "D8"])
def test_generators_move_the_pixels(name, size):
    """Every generator is a turn or reflection of the image, and not all of them are none."""
    X = tk.nn.square_window(tk.group(name), size).module
    x = images(2, 3, size, size)
    hits = []
    for g in range(len(X.images)):
        y = from_points(moved(X, g, with_points(X, x, "images", "x")), x, "images")
        hits.append([i for i, move in enumerate(MOVES[name]) if torch.equal(y, move(x))])
    assert all(len(found) == 1 for found in hits)
    assert len({found[0] for found in hits}) == len(hits)
    assert [0] not in hits


def test_errors_by_hand():
    G = tk.group("C4")
    window = tk.nn.square_window(G, 5)
    torch.manual_seed(0)
    conv = nn.Conv2d(2, 3, 3, padding=1)
    data = images(6, 2, 5, 5)
    found = audit(conv, G, window, data=data)
    run = conv.double().requires_grad_(requires_grad=False)
    y = run(data)
    quarter = torch.rot90(data, 1, (-2, -1))
    way = 1 if torch.equal(
        from_points(moved(window.module, 0, with_points(window.module, data, "images", "x")), data,
                    "images"), quarter) else -1  # fmt: skip
    difference = run(torch.rot90(data, way, (-2, -1))) - torch.rot90(y, way, (-2, -1))
    assert found.on_data.error == pytest.approx(float(difference.norm() / y.norm()))
    average = sum(
        torch.rot90(run(torch.rot90(data, k, (-2, -1))), -k, (-2, -1)) for k in range(4)
    ) / 4  # fmt: skip
    assert found.averaged.change == pytest.approx(float((average - y).norm() / y.norm()))
    assert found.averaged.error < 1e-12


def network(planted=None):
    torch.manual_seed(0)
    layers = [
        symmetric(nn.Conv2d(1, 4, 3, padding=1)), nn.BatchNorm2d(4), nn.ReLU(inplace=True),
        nn.MaxPool2d(2), symmetric(nn.Conv2d(4, 6, 3, padding=1)), nn.Tanh(),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(6, 3),
    ]  # fmt: skip
    if planted is not None:
        layers[planted] = nn.Conv2d(
            1 if planted == 0 else 4, 4 if planted == 0 else 6, 3, padding=1
        )
    return nn.Sequential(*layers)


@pytest.mark.parametrize("name", ["C4", "D8"])
def test_a_symmetric_network_passes(name):
    G = tk.group(name)
    found = audit(network(), G, tk.nn.square_window(G, 8), "invariant", samples=8)
    assert found.is_equivariant
    assert found.unknown_before == ()
    assert all(c.own.error < 1e-12 for c in found.calls)
    assert [c.target for c in found.calls[-2:]] == ["invariant", "invariant"]
    assert [p.share for p in found.projections] == pytest.approx([1, 1])
    assert any("whose channels do not move" in note for note in found.notes)


@pytest.mark.parametrize("planted", [0, 4])
def test_the_planted_kernel_is_found_and_projected(planted):
    G = tk.group("D8")
    window = tk.nn.square_window(G, 8)
    net = network(planted)
    found = audit(net, G, window, "invariant", samples=8)
    assert found.first_break.name == str(planted)
    assert found.first_break.own.error > 1e-3
    assert [p.name for p in found.projections] == ["0", "4"]
    assert [p.expected for p in found.projections] == pytest.approx([3 / 9, 3 / 9])
    kernel = net[planted].weight.detach().double()
    mean = sum(move(kernel) for move in MOVES["D8"]) / 8
    assert torch.allclose(found.projected_model[planted].weight, mean)
    share = [p.share for p in found.projections if p.name == str(planted)]
    assert share == pytest.approx([float((mean**2).sum() / (kernel**2).sum())])
    assert found.projected.error < 1e-12


def test_strides_that_do_not_fit():
    """A symmetric kernel at every second pixel of an even image: its pixels have no centre."""
    G = tk.group("C4")
    conv = symmetric(nn.Conv2d(1, 2, 3, stride=2, padding=1))
    assert not audit(conv, G, tk.nn.square_window(G, 8)).is_equivariant
    assert audit(conv, G, tk.nn.square_window(G, 9)).is_equivariant


def test_a_group_convolution_between_plain_layers_is_not_judged():
    G = tk.group("D8")
    window = tk.nn.square_window(G, 3)
    X = G.regular_module()

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.lift = tk.nn.GroupConvolution(window, window.point, X, 1, 2, padding="same")
            self.last = nn.Conv2d(2, 2, 1)

        def forward(self, x):
            return self.last(self.lift(x.unsqueeze(1)).mean(1))

    torch.manual_seed(0)
    found = audit(Net(), G, tk.nn.square_window(G, 6), samples=8)
    assert found.is_equivariant
    assert found.calls[0].own is None
    assert found.calls[-1].own.error < 1e-12


def test_grids():
    grids = Grids(tk.nn.Window.box(tk.group("C2"), (3, 5), [[[-1, 0], [0, -1]]]))
    assert grids.module((2, 7)).degree == 14
    with pytest.raises(ModuleMismatchError, match="two axes"):
        Grids(tk.nn.square_window(tk.group("C2"), 3, dimension=1))


def test_refusals():
    G = tk.group("D8")
    window = tk.nn.square_window(G, 6)
    conv = nn.Conv2d(1, 1, 3, padding=1)
    for options, words in (
        ({"data": images(2, 1, 4, 9)}, r"\(N, C, 6, 6\)"),
        ({"data": images(2, 36, 1)}, r"\(N, C, 6, 6\)"),
        ({"flat": True}, "drop flat="),
    ):
        with pytest.raises(ModuleMismatchError, match=words):
            audit(conv, G, window, **options)
    with pytest.raises(ModuleMismatchError, match="outputs= must be"):
        audit(nn.Flatten(), G, window)
    with pytest.raises(ModuleMismatchError, match="inputs must be a module of C4"):
        audit(conv, tk.group("C4"), window)
