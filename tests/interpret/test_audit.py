"""Audits: planted breaks, brute-force averages, projected weights, layouts, refusals."""

from __future__ import annotations

import copy
import json

import numpy as np
import pytest
import torch
from torch import nn

import toolkit as tk
from toolkit.errors import ModuleMismatchError
from toolkit.interpret import audit, mirror
from toolkit.interpret.auditing.operators import elements_on, moved
from toolkit.nn import EquivariantLinear, EquivariantMLP
from toolkit.testing import assert_equivariant


@pytest.fixture(scope="module")
def S3():
    return tk.group("S3")


def operator(X, word):
    """Return the matrix of a word, left to right, by products of those of generators."""
    out = np.eye(X.degree)
    for g in word:
        out = out @ X.matrices[g]
    return out


def modules_of(G):
    return {
        "permutation": G.natural_module(),
        "signed": G.signed_module_from_images([[1, 2, 0], [0, 2, 1]], [[1, 1, 1], [-1, -1, -1]]),
        "linear": G.simple_module("L2"),
    }


@pytest.mark.parametrize("kind", ["permutation", "signed", "linear"])
def test_operators_of_all_elements(S3, kind):
    X = modules_of(S3)[kind]
    (found,) = elements_on(S3, (X,))
    x = torch.randn(2, X.degree, 3, dtype=torch.float64)
    words = S3.regular_module().elements.words
    seen = set()
    for g, word in enumerate(words):
        matrix = operator(X, word)
        seen.add(tuple(matrix.round(6).ravel() + 0.0))
        expected = torch.from_numpy(matrix) @ x
        assert torch.allclose(found.apply(g, x), expected)
        assert torch.allclose(found.undo(g, expected), x)
    assert len(seen) == 6
    for g in range(2):
        assert torch.allclose(moved(X, g, x), torch.from_numpy(X.matrices[g].copy()) @ x)


# -- models in the layout with channels -----------------------------------------------------------


def test_the_toolkits_networks_pass(S3):
    X = S3.regular_module()
    net = EquivariantMLP(X, [2, 5, 1], "gelu")
    found = audit(net, S3, X, channels=2)
    assert found.is_equivariant
    assert found.first_break is None
    assert found.unknown_before == ()
    assert all(c.own.error < 1e-12 for c in found.calls)
    assert found.averaged.change < 1e-12
    assert not found.projections
    assert "equivariant to rounding" in found.to_table()


class Positional(nn.Module):
    """Adds a number at one point."""

    def __init__(self, points: int, size: float) -> None:
        super().__init__()
        self.shift = nn.Parameter(torch.zeros(points, 1))
        with torch.no_grad():
            self.shift[0] = size

    def forward(self, x):
        return x + self.shift


@pytest.mark.parametrize("place", [1, 2, 3])
def test_the_planted_break_is_found(S3, place):
    X = S3.regular_module()
    torch.manual_seed(0)
    layers = [EquivariantLinear(X, X, 1, 3), nn.Tanh(), EquivariantLinear(X, X, 3, 2)]
    layers.insert(place, Positional(6, 0.5))
    net = nn.Sequential(*layers)
    name = str(place)
    found = audit(net, S3, X, spaces={name: X})
    assert not found.is_equivariant
    assert found.first_break.name == name
    assert found.first_break.own.error > 1e-3
    for call in found.calls:
        assert call.own.error < 1e-12 or call.name == name
        assert (call.up_to_here.error > 1e-6) == (int(call.name) >= place)
    assert f"First break: {name} (Positional)" in found.to_table()
    unknown = audit(net, S3, X)
    assert unknown.first_break is None
    assert unknown.unknown_before[0] == name
    state = json.loads(json.dumps(found.state()))
    assert state["first_break"] == name


def test_worst_generator_and_simple():
    """A difference in one simple, under one of two generators."""
    G = tk.group("C2 x C3")
    X = G.regular_module()
    basis = tk.fourier_basis(X)
    sign = next(s for s in basis.simples if s.dimension == 1 and (basis.models[s.label] < 0).any())
    row = torch.from_numpy(basis.matrix[sign.start].copy())

    class Bad(nn.Module):
        def forward(self, x):
            return x + row[:, None]

    found = audit(Bad(), G, X)
    broken = [float(m[0, 0]) < 0 for m in basis.models[sign.label]]
    assert [e > 1e-6 for e in found.on_noise.per_generator] == broken
    assert found.on_noise.generator == broken.index(True)
    assert found.on_noise.simple == sign.label
    assert found.on_noise.simples[sign.label] == pytest.approx(1)


def test_errors_by_hand(S3):
    X = S3.natural_module()
    torch.manual_seed(1)
    W = torch.randn(3, 3, dtype=torch.float64)

    class Mix(nn.Module):
        def forward(self, x):
            return W @ x

    data = torch.randn(10, 3, 2, dtype=torch.float64)
    found = audit(Mix(), S3, X, data=data)
    y = W @ data
    for g, error in enumerate(found.on_data.per_generator):
        matrix = torch.from_numpy(X.matrices[g].copy())
        difference = W @ (matrix @ data) - matrix @ y
        assert error == pytest.approx(float(difference.norm() / y.norm()))
    average = sum(
        torch.from_numpy(np.linalg.inv(operator(X, w))) @ W @ torch.from_numpy(operator(X, w))
        for w in S3.regular_module().elements.words
    ) / 6  # fmt: skip
    assert found.averaged.change == pytest.approx(float((average @ data - y).norm() / y.norm()))
    assert found.averaged.error < 1e-12


def test_sums_and_changes_in_place_are_unknown(S3):
    X = S3.regular_module()

    class Residual(nn.Module):
        def __init__(self):
            super().__init__()
            self.first = EquivariantLinear(X, X, 1, 1)
            self.second = nn.ReLU()
            self.third = nn.LayerNorm([6, 1])

        def forward(self, x):
            y = self.first(x)
            y += x + 1
            y = self.second(y)
            y = y + x
            return self.third(y)

    torch.manual_seed(0)
    net = Residual()
    nn.init.normal_(net.third.weight)
    found = audit(net, S3, X)
    assert not found.is_equivariant
    first, second, third = found.calls
    assert (first.name, first.target) == ("first", "regular module")
    assert first.own.error < 1e-12
    assert (second.source, third.source) == (None, None)
    assert found.first_break is None
    assert found.unknown_before == ("second", "third")
    declared = audit(net, S3, X, spaces={"second": X, "third": X})
    assert declared.first_break.name == "third"
    assert [c.own.error < 1e-12 for c in declared.calls] == [True, True, False]


# -- flat networks --------------------------------------------------------------------------------


def flat_net(seed=0):
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(6, 12), nn.ReLU(inplace=True), nn.Linear(12, 3))


def flat_spaces(G):
    X, Y = G.regular_module(), G.natural_module()
    return X, Y, {"0": (X, X), "2": (X, Y)}


def test_projection_of_a_plain_network(S3):
    X, Y, spaces = flat_spaces(S3)
    net = flat_net()
    before = copy.deepcopy(net.state_dict())
    data = torch.randn(50, 6)
    targets = torch.randn(50, 3)
    found = audit(net, S3, X, Y, data=data, targets=targets, spaces=spaces, flat=True)
    assert all(torch.equal(v, before[k]) for k, v in net.state_dict().items())
    assert not found.is_equivariant
    assert [p.name for p in found.projections] == ["0", "2"]
    assert found.projected.error < 1e-12
    assert found.loss == pytest.approx(nn.functional.mse_loss(net(data), targets).item(), rel=1e-5)
    y = found.projected_model(data.double()).detach()
    assert found.projected.loss == pytest.approx(float(((y - targets) ** 2).mean()))
    z = net.double()(data.double()).detach()
    assert found.projected.change == pytest.approx(float((y - z).norm() / z.norm()))
    by_hand = tk.project_to_hom(X, X, before["0.weight"].double().numpy())
    assert found.projections[0].share == pytest.approx(float(by_hand.share))
    assert found.projections[0].expected == pytest.approx(6 / 36)
    assert found.projections[1].expected == pytest.approx(3 / 18)
    assert audit(
        found.projected_model, S3, X, Y, data=data, spaces=spaces, flat=True
    ).is_equivariant


def test_the_file_has_everything(S3, tmp_path):
    """The JSON of a report beside the report: breaches with their worst, effects, weights."""
    X, Y, spaces = flat_spaces(S3)
    data = torch.randn(9, 6, generator=torch.Generator().manual_seed(2))
    found = audit(
        flat_net(), S3, X, Y, data=data, targets=torch.zeros(9, 3), spaces=spaces, flat=True
    )
    found.save(tmp_path / "audit.json")
    state = json.loads((tmp_path / "audit.json").read_text())
    own = found.state()
    assert {**own, "projected_weights": state["projected_weights"]} == state
    for name, breach in (("on_noise", found.on_noise), ("on_data", found.on_data)):
        assert state[name]["per_generator"] == list(breach.per_generator)
        assert (state[name]["error"], state[name]["generator"], state[name]["simple"]) == (
            breach.error, breach.generator, breach.simple,
        )  # fmt: skip
    for name, effect in (("averaged", found.averaged), ("projected", found.projected)):
        assert (state[name]["change"], state[name]["loss"]) == (effect.change, effect.loss)
        assert state[name]["breach"]["per_generator"] == list(effect.breach.per_generator)
        assert state[name]["error"] == effect.error < 1e-12
    assert state["first_break"] == "0"
    assert state["calls"][state["first_break_call"]]["own"]["error"] == found.first_break.own.error
    layers = dict(found.projected_model.named_modules())
    assert set(state["projected_weights"]) == {"0", "2"}
    for name, arrays in state["projected_weights"].items():
        for part in ("weight", "bias"):
            assert arrays[part] == getattr(layers[name], part).tolist()
    assert "projected_weights" not in own
    fields = set(found.__dataclass_fields__) - {"projected_model"}
    assert fields <= set(own)


def test_projection_keeps_equivariant_weights(S3):
    X, Y, spaces = flat_spaces(S3)
    net = audit(flat_net(), S3, X, Y, spaces=spaces, flat=True).projected_model
    again = audit(net, S3, X, Y, spaces=spaces, flat=True)
    assert again.is_equivariant
    assert [p.share for p in again.projections] == pytest.approx([1, 1])
    assert [p.bias_share for p in again.projections] == pytest.approx([1, 1])
    assert again.projected.change < 1e-12


def test_expected_share_of_random_weights(S3):
    X, Y, spaces = flat_spaces(S3)
    shares = [
        [p.share for p in audit(flat_net(k), S3, X, Y, spaces=spaces, flat=True,
                                samples=1).projections]
        for k in range(25)
    ]  # fmt: skip
    assert np.mean(shares, axis=0) == pytest.approx([6 / 36, 3 / 18], abs=0.05)


def test_unknown_hidden_layers_are_said(S3):
    X, Y, _spaces = flat_spaces(S3)
    found = audit(flat_net(), S3, X, Y, flat=True)
    assert found.unknown_before == ("0", "1", "2")
    assert found.projected is None
    assert "not projected: 0, 2" in found.notes[0]
    half = audit(flat_net(), S3, X, Y, spaces={"0": (X, X)}, flat=True)
    assert [p.name for p in half.projections] == ["0"]
    assert [c.target for c in half.calls] == ["regular module", "regular module", None]
    assert [c.own is None for c in half.calls] == [False, False, True]


def test_invariant_outputs(S3):
    X = S3.natural_module()

    class Sum(nn.Module):
        def forward(self, x):
            return x.sum(-2)

    assert audit(Sum(), S3, X, "invariant", channels=2).is_equivariant
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(3, 4))
    found = audit(net, S3, X, "invariant", spaces={"0": (X, "invariant")}, flat=True)
    assert not found.is_equivariant
    assert found.on_noise.simple is None
    weight = found.projected_model[0].weight
    assert torch.allclose(weight, weight[:, :1].expand_as(weight))
    assert found.projected.error < 1e-12


def test_no_generators_and_large_groups():
    one = tk.group("C1")
    found = audit(nn.Linear(1, 1), one, one.regular_module(), flat=True)
    assert found.is_equivariant
    assert found.on_noise.generator is None
    S8 = tk.group("S8")
    X = S8.natural_module()
    found = audit(nn.Softmax(-2), S8, X, channels=2)
    assert found.is_equivariant
    assert found.averaged is None
    assert "order up to 2,048" in found.notes[0]


def test_outputs_that_are_not_finite(S3):
    class Root(nn.Module):
        def forward(self, x):
            return x.sqrt()

    found = audit(Root(), S3, S3.natural_module())
    assert not found.is_equivariant
    assert "not finite" in found.notes[0]
    assert "Infinity" not in json.dumps(found.state())
    assert "inf" in found.to_table()


def test_refusals(S3):
    X = S3.natural_module()
    net = nn.Identity()
    data = torch.randn(4, 3, 1)
    cases = [
        ((net, S3, tk.group("C3").natural_module()), {}, "inputs must be a module of S3"),
        ((net, S3, X, "scalar"), {}, "outputs must be"),
        ((net, S3, X), {"spaces": {"x": X}}, "name submodules"),
        ((net, S3, X), {"spaces": {"": "regular"}}, r"spaces\[''\] must be"),
        ((net, S3, X), {"data": torch.randn(4, 3)}, "data= must be a tensor"),
        ((net, S3, X), {"data": torch.randn(4, 5, 1)}, "functions on"),
        ((net, S3, X), {"data": data * torch.nan}, "finite"),
        ((net, S3, X), {"targets": data}, "found no data"),
        ((net, S3, X), {"data": data, "targets": data[:2]}, "2 targets for 4 samples"),
        ((net, S3, X), {"loss": nn.functional.mse_loss}, "needs targets="),
        ((net, S3, X), {"samples": 0}, "at least 1"),
        ((lambda x: x, S3, X), {}, "a torch module"),
        ((net, "S3", X), {}, "a group is required"),
        ((nn.LSTM(1, 1), S3, X), {}, "one tensor, found tuple"),
        ((nn.Flatten(), S3, X), {}, "flat=True selects the other layout"),
    ]
    for args, options, words in cases:
        with pytest.raises(ModuleMismatchError, match=words):
            audit(*args, **options)


# -- robots ---------------------------------------------------------------------------------------

JOINTS = [f"{leg}_{j}" for leg in ("FL", "FR", "RL", "RR") for j in ("hip", "thigh", "calf")]
PAIRS = {f"{a}L_{j}": f"{a}R_{j}" for a in "FR" for j in ("hip", "thigh", "calf")}
FLIPS = ["FL_hip", "RL_hip"]
TERMS = {
    "velocity": "vector", "turning": "axial", "gravity": "vector", "command": "velocity command",
    "position": "joints", "speed": "joints", "action": "joints",
}  # fmt: skip


@pytest.fixture(scope="module")
def robot():
    return mirror(TERMS, JOINTS, pairs=PAIRS, flips=FLIPS)


def test_the_mirror_by_hand(robot):
    assert len(robot) == 12 + 36
    x = torch.arange(48.0)
    y = robot(x)
    assert y[:12].tolist() == [0, -1, 2, -3, 4, -5, 6, -7, 8, 9, -10, -11]
    q, image = x[12:24], y[12:24]
    for i, name in enumerate(JOINTS):
        other = name[0] + {"L": "R", "R": "L"}[name[1]] + name[2:]
        sign = -1 if name.endswith("hip") else 1
        assert image[i] == sign * q[JOINTS.index(other)]
    assert torch.equal(robot(y), x)
    assert y.dtype == torch.float32
    assert robot.names[12] == "position.FL_hip"
    assert robot.components("command") == ("command.x", "command.y", "command.yaw")


def test_axial_vectors_are_cross_products():
    both = mirror({"a": "vector", "b": "vector", "c": "axial"})
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 5, 3))
    x = np.concatenate([a, b, np.cross(a, b)], axis=1)
    y = both(x)
    assert y[:, 6:] == pytest.approx(np.cross(y[:, :3], y[:, 3:6]))


def test_quaternions_are_rotations():
    """The rotation of the mirrored quaternion is the rotation seen in the mirror."""
    rng = np.random.default_rng(0)
    S = np.diag([1.0, -1.0, 1.0])

    def rotation(q):
        w, x, y, z = q / np.linalg.norm(q)
        K = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
        return np.eye(3) + 2 * w * K + 2 * K @ K

    q = rng.normal(size=4)
    image = mirror({"q": "quaternion"})(q)
    assert rotation(image) == pytest.approx(S @ rotation(q) @ S)


def test_the_module_is_the_mirror(robot):
    X = robot.module
    x = torch.randn(5, 48, dtype=torch.float64)
    assert torch.equal(moved(X, 0, x[..., None])[..., 0], robot(x))
    Y = robot.part("action").module
    layer = EquivariantLinear(X, Y, 1, 1)
    assert_equivariant(layer)
    y = layer.double()(x[..., None])[..., 0]
    mirrored = layer(robot(x)[..., None])[..., 0]
    assert torch.allclose(mirrored, robot.part("action")(y))


def test_checks_of_limits_and_defaults(robot):
    limits = np.array([[-1.0, 0.8], [-1, 3], [-2.7, -0.9]] * 4)
    limits[3::6] = [-0.8, 1.0]  # the right hips
    defaults = np.array([0.1, 0.8, -1.5, -0.1, 0.8, -1.5] * 2)
    robot.check("position", limits=limits, values=defaults)
    robot.check("position", limits=np.array([[-np.inf, np.inf]] * 12))
    wrong = mirror(TERMS, JOINTS, pairs=PAIRS, flips=["FL_hip"])
    with pytest.raises(ModuleMismatchError, match=r"values of position\.RL_hip"):
        wrong.check("position", values=defaults)
    with pytest.raises(ModuleMismatchError, match=r"limits of position\.RL_hip"):
        wrong.check("position", limits=limits)


def test_comparing_with_a_function_in_use(robot):
    assert robot.differences(robot) == ()

    def careless(x):
        y = robot(x).copy()
        y[:, 4] *= -1
        y[:, 12] += 0.5
        return y

    found = robot.differences(careless)
    assert found[0] == "turning.y: required turning.y, found -turning.y"
    assert found[1].startswith("position.FL_hip: required -position.FR_hip, found -position.FR_hip")
    assert len(found) == 2


def test_audit_of_a_policy(robot):
    actions = robot.part("action")
    torch.manual_seed(0)
    hidden = mirror({"h": [(str(i ^ 1), 1) for i in range(16)]})
    policy = nn.Sequential(nn.Linear(48, 16), nn.ReLU(), nn.Linear(16, 12))
    found = audit(
        policy, robot.group, robot.module, actions.module, flat=True,
        spaces={"0": (robot.module, hidden.module), "2": (hidden.module, actions.module)},
    )  # fmt: skip
    assert not found.is_equivariant
    assert found.first_break.name == "0"
    assert found.projected.error < 1e-12
    good = found.projected_model
    x = torch.randn(7, 48, dtype=torch.float64)
    assert torch.allclose(good(robot(x)), actions(good(x)))


def test_custom_terms_and_their_refusals():
    feet = mirror({"contact": [("1", 1), ("0", 1), ("3", 1), ("2", 1)], "yaw": "pseudoscalar"})
    assert feet([1, 2, 3, 4, 5]).tolist() == [2, 1, 4, 3, -5]
    assert feet.names[-1] == "yaw"
    cases = [
        (({"q": "joints"},), {}, "needs joints="),
        (({"q": "matrix"},), {}, "must be joints, scalar"),
        (({"q": "joints"}, ["a", "a"]), {}, "named once"),
        (({"q": "joints"}, ["a"]), {"pairs": {"a": "b"}}, "no joint named 'b'"),
        (({"q": "joints"}, ["a"]), {"flips": ["b"]}, "no joint named 'b'"),
        (({"q": "joints"}, ["a", "b", "c"]), {"pairs": {"a": "b", "b": "c"}}, "one mirror image"),
        (({"q": [("1", 1), ("0", -1)]},), {}, "its own inverse"),
        (({"q": [("1", 1), ("2", 1), ("0", 1)]},), {}, "its own inverse"),
        (({"q": [("0", 2)]},), {}, "a sign 1 or -1"),
        (({},), {}, "at least one component"),
    ]
    for args, options, words in cases:
        with pytest.raises(ModuleMismatchError, match=words):
            mirror(*args, **options)
    with pytest.raises(ModuleMismatchError, match="5 components"):
        feet(np.ones(4))
    with pytest.raises(ModuleMismatchError, match="no term named 'x'"):
        feet.part("x")


class _OwnCode(torch.nn.Module):
    """Two equivariant layers, and a running sum over points somewhere."""

    def __init__(self, place: int) -> None:
        super().__init__()
        X = tk.group("C4").regular_module()
        self.a = tk.nn.EquivariantLinear(X, X, 2, 2)
        self.b = tk.nn.EquivariantLinear(X, X, 2, 2)
        self.place = place

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for place, layer in enumerate((self.a, self.b)):
            x = layer(x.cumsum(1) if self.place == place else x)
        return x.cumsum(1) if self.place == 2 else x


@pytest.mark.parametrize(
    ("place", "where"), [(0, "before a"), (1, "between a and b"), (2, "after b")]
)
def test_a_break_in_the_code_of_the_forward(place: int, where: str) -> None:
    G = tk.group("C4")
    found = tk.interpret.audit(_OwnCode(place), G, G.regular_module(), channels=2)
    assert not found.is_equivariant
    assert found.first_break is None
    assert found.notes == (f"the symmetry breaks {where}: in the code of forward itself",)


@pytest.mark.parametrize("factor", [1e-200, 1e200])
def test_sizes_of_numbers_do_not_matter(factor: float) -> None:
    G = tk.group("C4")
    X = G.regular_module()
    x = torch.randn((5, 4, 2), generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    model = _OwnCode(1)
    with torch.no_grad():
        for layer in (model.a, model.b):
            if layer.bias is not None:
                layer.bias.zero_()
    one = tk.interpret.audit(model, G, X, data=x).on_data
    other = tk.interpret.audit(model, G, X, data=x * factor).on_data
    assert one is not None
    assert other is not None
    assert abs(one.error - other.error) < 1e-9
    assert one.simple == other.simple


def test_refusals_of_numbers_and_tensors_without_values() -> None:
    G = tk.group("C4")
    X = G.regular_module()
    model = _OwnCode(1)
    with pytest.raises(ModuleMismatchError, match="seed= must be an integer"):
        tk.interpret.audit(model, G, X, channels=2, seed="x")  # type: ignore[arg-type]
    with pytest.raises(ModuleMismatchError, match="device 'meta'"):
        tk.interpret.audit(model, G, X, data=torch.zeros(5, 4, 2, device="meta"))
    with pytest.raises(ModuleMismatchError, match="device 'meta'"):
        tk.interpret.audit(torch.nn.Linear(2, 2, device="meta"), G, X)
    D8 = tk.group("D8")
    window, T = tk.nn.square_window(D8, 3), D8.trivial_module()
    convolution = tk.nn.GroupConvolution(window, T, T, 1, 1, padding=1)
    with pytest.raises(ModuleMismatchError, match=r"audit a wrapper .*unsqueeze\(1\)"):
        tk.interpret.audit(convolution, D8, tk.nn.square_window(D8, 6))


def test_the_root_is_named() -> None:
    G = tk.group("C4")
    model = torch.nn.Bilinear(4, 4, 4)

    class Square(torch.nn.Bilinear):
        def forward(self, x: torch.Tensor) -> torch.Tensor:  # type: ignore[override]
            return torch.nn.functional.bilinear(x, x, self.weight, self.bias)

    found = tk.interpret.audit(Square(4, 4, 4), G, G.regular_module(), flat=True)
    assert model.out_features == 4
    assert any(note.startswith("not projected: the model;") for note in found.notes)
