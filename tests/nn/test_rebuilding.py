"""Networks from their files alone: modules as JSON, recipes of networks, safetensors, hubs."""

from __future__ import annotations

import copy
import json
from dataclasses import is_dataclass
from typing import TYPE_CHECKING

import networkx as nx
import numpy as np
import pytest
import torch
from layer_cases import CASES, PARAMETRIZATIONS, make_input, make_layer, modules
from torch import nn

import toolkit as tk
from toolkit.errors import CheckpointMismatchError, NotAvailable
from toolkit.interpret.checkpoint import layers_of_checkpoint
from toolkit.nn import EquivariantMLP, from_state, module_from_json, module_to_json
from toolkit.nn.linear.recipe import read_recipe, recipe_tensor

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def groups_of_every_kind() -> dict[str, Callable[[], tk.Group]]:
    cayley = [[0, 1, 2], [1, 2, 0], [2, 0, 1]]
    square = np.array([[[0, -1], [1, 0]], [[1, 0], [0, -1]]])
    return {
        "named": lambda: tk.group("SL(2,3)"),
        "product": lambda: tk.group("C2 x S3"),
        "presentation": lambda: tk.group("<a,b | a^4, b^2, (a*b)^2>"),
        "permutations": lambda: tk.group_from_permutations([[1, 2, 3, 0], [0, 3, 2, 1]]),
        "Cayley table": lambda: tk.group_from_cayley_table(cayley),
        "matrices": lambda: tk.group_from_matrices(square),
        "graph": lambda: tk.group_from_graph(nx.cycle_graph(5), name="ring"),
        "points": lambda: tk.group_from_points([[1, 0], [0, 1], [-1, 0], [0, -1]]),
    }


@pytest.mark.gap
@pytest.mark.parametrize("name", list(groups_of_every_kind()))
def test_modules_of_groups_of_every_kind(name: str) -> None:
    G = groups_of_every_kind()[name]()
    for X in (G.regular_module(), G.regular_module() + G.regular_module()):
        data = json.loads(json.dumps(module_to_json(X)))
        again = module_from_json(data)
        assert again.group == X.group
        assert np.array_equal(again.images, X.images)


@pytest.mark.parametrize("name", list(CASES))
def test_modules_of_every_kind(name: str) -> None:
    for X in modules(name):
        again = module_from_json(json.loads(json.dumps(module_to_json(X))))
        assert np.array_equal(again.images, X.images)
        assert np.array_equal(again.signs, X.signs)
        assert again.name == X.name


def test_linear_modules() -> None:
    V = tk.group("S4").simple_module("L3")
    again = module_from_json(json.loads(json.dumps(module_to_json(V + V))))
    assert np.array_equal(again.matrices, (V + V).matrices)


@pytest.mark.gap
@pytest.mark.parametrize("kind", ["points", "turned points", "floats", "point group"])
def test_networks_on_the_space_that_came_with_a_group(kind: str, tmp_path: Path) -> None:
    """A name of permutations brings no space: the file has the matrices."""
    corners = np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]], dtype=float)
    turn = np.linalg.qr(np.random.default_rng(0).standard_normal((3, 3)))[0]
    makers: dict[str, Callable[[], tk.Group]] = {
        "points": lambda: tk.group_from_points(corners),
        "turned points": lambda: tk.group_from_points(corners @ turn),
        "floats": lambda: tk.group_from_matrices(
            [[[-0.5, 3**0.5 / 2], [-(3**0.5) / 2, -0.5]], [[1.0, 0.0], [0.0, -1.0]]]
        ),
        "point group": lambda: tk.group("Td"),
    }
    G = makers[kind]()
    space = G.space_module()
    if kind == "point group":
        assert space.specification == {"module": "space"}
    X = G.natural_module() * space
    net = EquivariantMLP([X, None, space], [1, 3, 1], "silu", dtype=torch.float64)
    torch.save(net.state_dict(), path := tmp_path / "net.pt")
    again = from_state(path)
    x = torch.randn(5, X.degree, 1, dtype=torch.float64)
    torch.testing.assert_close(again(x), net(x))
    assert space == again.Y


def test_given_matrices_with_negative_zeros_are_made_again() -> None:
    root = 0.75**0.5
    V = tk.group("S3").linear_module([[[-0.5, -root], [root, -0.5]], [[1.0, -0.0], [-0.0, -1.0]]])
    assert module_from_json(json.loads(json.dumps(module_to_json(V)))) == V


def test_what_cannot_be_made_is_said() -> None:
    G = tk.group("C2100")
    long = G.module_from_images(np.roll(np.arange(2100), -7)[None], "a long cycle")
    with pytest.raises(NotAvailable, match="cannot be rebuilt from its specification"):
        module_from_json(module_to_json(long))
    data = module_to_json(tk.group("S4").natural_module())
    with pytest.raises(NotAvailable, match="too long to be stored"):
        module_from_json({**data, "specification": {"module": "left out", "characters": 9999}})
    with pytest.raises(CheckpointMismatchError, match="4 points of 4 points"):
        module_from_json({**data, "sha256": "0" * 32})
    with pytest.raises(NotAvailable, match="cannot be rebuilt"):
        module_from_json({**data, "specification": {"module": "power", "exponent": 99}})
    for broken in ({}, {"group": 3}, {**data, "points": "4"}, "text"):
        with pytest.raises(CheckpointMismatchError, match="a module as JSON"):
            module_from_json(broken)


# -- networks --------------------------------------------------------------------------------------


def networks() -> dict[str, EquivariantMLP]:
    G = tk.group("S4")
    X, V = G.natural_module(), G.simple_module("L3")
    signed, other = modules("signed")
    return {
        "plain": EquivariantMLP([X, None, X], [1, 8, 2]),
        "head": EquivariantMLP(X, [2, 4], nn.LeakyReLU(0.3), invariant_head=3),
        "norm": EquivariantMLP([X, None, X], [1, 8, 2], "silu", normalisation="layer"),
        "trained slope": EquivariantMLP([X, X, X, X], [1, 4, 4, 1], ["prelu", nn.GELU()]),
        "signed": EquivariantMLP([signed, other, signed], [1, 4, 1], torch.tanh, bias=False),
        "vectors": EquivariantMLP([V, X, V], [1, 4, 1]),
        "gates": EquivariantMLP(V, [1, 4, 1], tk.nn.Gated),
        "double": EquivariantMLP([X, None, X], [1, 4, 2], dtype=torch.float64, method="spectral"),
    }


@pytest.mark.parametrize("name", list(networks()))
def test_networks_from_their_states(name: str) -> None:
    net = networks()[name]
    with torch.no_grad():
        for p in net.parameters():
            p.add_(torch.randn_like(p))
    again = from_state(net.state_dict())
    assert type(again) is EquivariantMLP
    x = torch.randn(3, net.X.degree, net.in_channels, dtype=next(net.parameters()).dtype)
    torch.testing.assert_close(again(x), net(x))
    assert [type(m) for m in again] == [type(m) for m in net]
    # and once more, through an average and a copy
    averaged = {k: 0.75 * v + 0.25 * v for k, v in copy.deepcopy(again).state_dict().items()}
    torch.testing.assert_close(from_state(averaged)(x), net(x))


@pytest.mark.parametrize("name", ["points", "signed", "all types"])
@pytest.mark.parametrize("parametrization", PARAMETRIZATIONS)
def test_a_layer_from_its_state(name: str, parametrization: str) -> None:
    layer = make_layer(name, "dense", parametrization)
    again = from_state(layer.state_dict())
    x = make_input(name, 2)
    torch.testing.assert_close(again(x), layer(x))
    assert from_state(make_layer(name, bias=False).state_dict()).bias is None


def test_networks_that_cannot_be_made_again() -> None:
    X = tk.group("S4").natural_module()
    own = EquivariantMLP(X, [1, 2, 1], lambda t: t**3)
    with pytest.raises(NotAvailable, match=r"a user-defined function or layer: build it in Python"):
        from_state(own.state_dict())

    class Mine(EquivariantMLP):
        pass

    with pytest.raises(NotAvailable, match="Mine is a user-defined class"):
        from_state(Mine(X, [1, 2, 1]).state_dict())
    G = tk.group("C1500")
    long = G.module_from_images(np.roll(np.arange(1500), -7)[None], "a long cycle")
    big = EquivariantMLP([G.natural_module(), long, long + G.natural_module()], [1, 1, 1])
    assert len(json.dumps(big.recipe)) < 20_000
    with pytest.raises(CheckpointMismatchError, match="entries with 2 recipes of parts"):
        from_state(nn.Sequential(*EquivariantMLP(X, [1, 2, 1])).state_dict())
    with pytest.raises(CheckpointMismatchError, match="OrbitEmbedding"):
        from_state(tk.nn.OrbitEmbedding(X, 2).state_dict())


def test_states_without_the_network_s_recipe_are_read() -> None:
    net = networks()["plain"]
    old = {k: v for k, v in net.state_dict().items() if k != "_extra_state"}
    other = networks()["plain"]
    assert not other.load_state_dict(old).missing_keys
    x = torch.randn(2, 4, 1)
    assert torch.equal(other(x), net(x))
    holder = nn.ModuleDict({"net": networks()["plain"]})
    holder.load_state_dict({f"net.{k}": v for k, v in old.items()})
    bare = {k: v for k, v in old.items() if not k.startswith("layers.0._")}
    with (
        pytest.raises(RuntimeError, match=r"Missing key.*layers.0._extra_state"),
        pytest.warns(UserWarning, match="accepted unchecked"),
    ):
        other.load_state_dict(bare)


def test_recipes_of_networks_do_not_depend_on_the_method() -> None:
    """Loading in place needs tensors of one size."""
    X = tk.group("S4").natural_module()
    first, second = (EquivariantMLP([X, None, X], [1, 2, 1], method=m) for m in ("dense", "fft"))
    assert first.recipe == second.recipe
    assert read_recipe(recipe_tensor(first.recipe)) == first.recipe


def test_the_layers_of_a_network_are_still_found() -> None:
    found = layers_of_checkpoint(networks()["plain"].state_dict())
    assert list(found) == ["layers.0", "layers.2"]
    block = tk.nn.EquivariantTransformerBlock(
        tk.nn.EquivariantAttention(tk.group("S4").natural_module(), 4, 2, projections="equivariant")
    )
    found = layers_of_checkpoint(block.state_dict())
    assert list(found)[:2] == ["attention.query", "attention.key"]


# -- safetensors -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", list(networks()))
@pytest.mark.quick_cases(2)
def test_safetensors(tmp_path: Path, name: str) -> None:
    safe = pytest.importorskip("safetensors.torch")
    net, other = networks()[name], networks()[name]
    file = str(tmp_path / "net.safetensors")
    safe.save_file(net.state_dict(), file)
    x = torch.randn(3, net.X.degree, net.in_channels, dtype=next(net.parameters()).dtype)
    other.load_state_dict(safe.load_file(file))
    assert torch.equal(other(x), net(x))
    torch.testing.assert_close(from_state(file)(x), net(x))
    model = str(tmp_path / "model.safetensors")
    safe.save_model(net, model)
    third = networks()[name]
    assert safe.load_model(third, model) == (set(), [])
    assert torch.equal(third(x), net(x))


@pytest.mark.parametrize("saved", PARAMETRIZATIONS)
@pytest.mark.parametrize("loaded", PARAMETRIZATIONS)
def test_safetensors_of_shared_layers_and_other_names(
    tmp_path: Path, saved: str, loaded: str
) -> None:
    """One layer under two names, the other parametrisation, and a module of another name."""
    safe = pytest.importorskip("safetensors.torch")
    X, Y = modules("points")
    named = tk.group("S4").module_from_images(Y.images.tolist(), name="corners")

    def made(target: tk.PermutationModule, parametrization: str) -> nn.ModuleDict:
        options = {"parametrization": parametrization, "dtype": torch.float64}
        layer = tk.nn.EquivariantLinear(X, target, 3, 2, method="dense", **options)
        return nn.ModuleDict({"first": layer, "second": layer})

    source, target = made(Y, saved), made(named, loaded)
    file = str(tmp_path / "model.safetensors")
    safe.save_model(source, file)
    assert len(safe.load_file(file)) == 4  # weight and bias once, the recipe twice
    safe.load_model(target, file)
    x = make_input("points", 2)
    torch.testing.assert_close(target["second"](x), source["first"](x))


def test_attention_and_embeddings_in_safetensors(tmp_path: Path) -> None:
    safe = pytest.importorskip("safetensors.torch")
    X = tk.group("S4").natural_module()

    def made() -> nn.Module:
        attention = tk.nn.EquivariantAttention(X, 4, 2, neighbourhood=[0, 1], projections="orbits")
        return nn.Sequential(
            tk.nn.OrbitEmbedding(X, 4), tk.nn.EquivariantTransformerBlock(attention)
        )

    net, other = made(), made()
    file = str(tmp_path / "net.safetensors")
    safe.save_model(net, file)
    safe.load_model(other, file)
    x = torch.randn(2, 4, 4)
    assert torch.equal(other(x), net(x))


@pytest.mark.filterwarnings("ignore:torch.distributed is disabled, unavailable or uninitialized")
@pytest.mark.filterwarnings("ignore:TypedStorage is deprecated")
def test_distributed_checkpoints_of_networks(tmp_path: Path) -> None:
    """Loaded in place: from dense to spectral, and layers whose parameters belong to orbitals."""
    import torch.distributed.checkpoint as dcp

    X = tk.group("S4").natural_module()

    def made(method: str) -> nn.Module:
        attention = tk.nn.EquivariantAttention(X, 4, 2, positions=("bias", "keys", "values"))
        return nn.Sequential(
            EquivariantMLP([X, None, X], [1, 6, 4], method=method),
            tk.nn.OrbitEmbedding(X, 4),
            tk.nn.EquivariantTransformerBlock(attention),
        )

    net, other = made("dense"), made("spectral")
    dcp.save({"model": net.state_dict()}, checkpoint_id=tmp_path)
    state = {"model": other.state_dict()}
    dcp.load(state, checkpoint_id=tmp_path)
    other.load_state_dict(state["model"])
    x = torch.randn(2, 4, 1)
    torch.testing.assert_close(other(x), net(x))


# -- hubs and dispatchers, where they are installed ------------------------------------------------


def test_networks_on_a_hub(tmp_path: Path) -> None:
    hub = pytest.importorskip("huggingface_hub")

    class Net(nn.Module, hub.PyTorchModelHubMixin):
        def __init__(self, X: dict, Y: dict, channels: int = 4) -> None:
            super().__init__()
            source, target = module_from_json(X), module_from_json(Y)
            self.net = EquivariantMLP([source, None, target], [1, channels, 2])

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.net(x)

    X = tk.group("S4").natural_module()
    net = Net(module_to_json(X), module_to_json(X * X), channels=6)
    net.save_pretrained(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    assert config["X"]["specification"] == {"module": "natural"}
    again = Net.from_pretrained(tmp_path)
    x = torch.randn(3, 4, 1)
    assert torch.equal(again(x), net(x))


def test_networks_on_a_hub_with_modules_as_arguments(tmp_path: Path) -> None:
    hub = pytest.importorskip("huggingface_hub")
    coders = {tk.modules.Module: (module_to_json, module_from_json)}

    def build(net, X, Y, channels=4):
        nn.Module.__init__(net)
        net.layer = tk.nn.EquivariantLinear(X, Y, channels, channels)

    # as they are in a file without "from __future__ import annotations"
    build.__annotations__ = {"X": tk.modules.Module, "Y": tk.modules.Module, "channels": int}

    class Net(nn.Module, hub.PyTorchModelHubMixin, coders=coders):
        __init__ = build

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.layer(x)

    G = tk.group("S4")
    X, V = G.natural_module(), G.simple_module("L3")
    signed = G.signed_coset_module([[1, 2, 3, 0], [1, 0, 2, 3]], [[1, 2, 0, 3], [1, 0, 3, 2]])
    for Y in (X * X, V, X + V, signed):
        net = Net(X, Y, channels=2)
        net.save_pretrained(tmp_path)
        again = Net.from_pretrained(tmp_path)
        x = torch.randn(3, 4, 2)
        assert torch.equal(again(x), net(x))


def test_modules_are_no_dataclasses_to_others() -> None:
    G = tk.group("S4")
    X, V = G.natural_module(), G.simple_module("L3")
    signed = G.signed_coset_module([[1, 2, 3, 0], [1, 0, 2, 3]], [[1, 2, 0, 3], [1, 0, 3, 2]])
    for Y in (X, X * X, signed, V, X + V):
        assert not is_dataclass(Y)
        twin = copy.deepcopy(Y)
        assert twin.matrices.tolist() == Y.matrices.tolist()
        assert module_from_json(module_to_json(Y)).name == Y.name


def test_networks_made_without_memory_and_dispatched() -> None:
    accelerate = pytest.importorskip("accelerate")
    X = tk.group("S4").natural_module()
    net = EquivariantMLP([X, None, X], [1, 4, 2], method="dense")
    for method in ("dense", "spectral"):
        with accelerate.init_empty_weights():
            empty = EquivariantMLP([X, None, X], [1, 4, 2], method=method)
        assert all(p.is_meta for p in empty.parameters())
        empty.load_state_dict(net.state_dict(), assign=True)
        placed = accelerate.dispatch_model(empty, {"": "cpu"})
        x = torch.randn(3, 4, 1)
        torch.testing.assert_close(placed(x), net(x))
