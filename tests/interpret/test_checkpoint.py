"""Layers rebuilt from what a state_dict says of them."""

from __future__ import annotations

import json

import networkx as nx
import numpy as np
import pytest
import torch

import toolkit as tk
from toolkit.errors import CheckpointMismatchError, NotAvailable
from toolkit.interpret.checkpoint import layers_of_checkpoint, module_of_recipe
from toolkit.nn import DeepSets, EquivariantLinear, EquivariantMLP
from toolkit.nn.linear.recipe import fingerprint, read_recipe


def modules():
    G = tk.group("S4")
    V, R, H = G.natural_module(), G.regular_module(), G.coset_module("H4a")
    return [V, R, H, V + R, V + V + V, V * V, V**3, (V + R) * H, V.outer(H), (V + R).outer(V)]


@pytest.mark.parametrize("X", modules(), ids=lambda X: X.name)
def test_names_in_old_checkpoints_are_read_and_points_checked(X):
    G = tk.group(X.group)
    found = module_of_recipe(G, fingerprint(X))
    assert fingerprint(found) == fingerprint(X)
    with pytest.raises(CheckpointMismatchError, match="belong to another layer"):
        module_of_recipe(G, {**fingerprint(X), "sha256": "0" * 32})


@pytest.mark.parametrize("parametrization", ["orbit", "fourier"])
@pytest.mark.parametrize("bias", [True, False])
def test_layers_come_back(parametrization, bias):
    X = tk.nn.periodic_module((4, 6))
    layer = EquivariantLinear(X, X, 2, 3, bias, parametrization=parametrization)
    net = torch.nn.Sequential(torch.nn.Identity(), layer)
    found = layers_of_checkpoint(net.state_dict())
    assert list(found) == ["1"]
    x = torch.randn(5, 24, 2)
    assert torch.allclose(found["1"](x), layer(x), atol=1e-6)
    assert list(layers_of_checkpoint(layer.state_dict())) == [""]


def test_what_is_refused():
    with pytest.raises(CheckpointMismatchError, match="entries without a recipe"):
        layers_of_checkpoint(DeepSets([1, 2]).state_dict())
    G = tk.group("S4")
    for name in ("my points", "cosets of H99z", "4 points x 4 points", "(((", "5 points"):
        with pytest.raises(NotAvailable, match="load the model in Python"):
            module_of_recipe(G, {"name": name, "points": 4, "sha256": ""})
    net = EquivariantMLP(G.natural_module(), [1, 2, 1])
    state = {k: v for k, v in net.state_dict().items() if k != "layers.0.weight"}
    with pytest.raises(CheckpointMismatchError, match="found none"):
        layers_of_checkpoint(state)


def changed(state, key, change):
    """A state_dict with one recipe changed."""
    recipe = read_recipe(state[key])
    change(recipe)
    text = json.dumps(recipe).encode()
    return {**state, key: torch.tensor(list(text), dtype=torch.uint8)}


@pytest.fixture
def state():
    return tk.nn.EquivariantMLP(tk.group("S4").natural_module(), [1, 8, 2]).state_dict()


@pytest.mark.parametrize(
    "name",
    [
        "(regular module)^9",
        "(4 points)^99999999999999999999",
        "100000000 (4 points)",
        " * ".join(["4 points"] * 40),
        "(" * 3000 + "4 points" + ")" * 3000,
        "4 points + " * 3000 + "4 points",
    ],
)
@pytest.mark.parametrize("points", [4, 10**12])
def test_names_that_would_be_huge_are_refused_before_anything_is_made(state, name, points):
    def change(recipe):
        recipe["source"] |= {"name": name, "points": points}
        del recipe["source"]["specification"]

    with pytest.raises(NotAvailable, match=r"more (points )?than the|are read") as caught:
        layers_of_checkpoint(changed(state, "layers.0._extra_state", change))
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize("points", [4, 10**12])
def test_specifications_that_would_be_huge_are_refused_before_anything_is_made(state, points):
    power = {"module": "power", "of": {"module": "regular"}, "exponent": 9}

    def change(recipe):
        recipe["source"] |= {"specification": power, "points": points}

    with pytest.raises(NotAvailable, match="more than the"):
        layers_of_checkpoint(changed(state, "layers.0._extra_state", change))


@pytest.mark.parametrize("damaged", [5, {}, {"module": "cosets"}, {"module": "sum", "of": 3}])
def test_damaged_specifications_are_refused(state, damaged):
    def change(recipe):
        recipe["source"]["specification"] = damaged

    with pytest.raises(NotAvailable, match="load the model in Python"):
        layers_of_checkpoint(changed(state, "layers.0._extra_state", change))


def specified_modules():
    G, ring = tk.group("S4"), nx.cycle_graph(5)
    two = tk.group("<(1,2,3),(4,5)>").natural_module()
    return {
        "an orbit": two.orbits[1],
        "a sum of orbits": two + two.orbits[0],
        "images": G.module_from_images(G.natural_module().images, "mine"),
        "edges": tk.nn.graph_module(ring, "edges"),
        "signed": tk.nn.graph_module(ring, "flows"),
        "signed cosets": G.signed_coset_module([[1, 2, 0, 3], [1, 0, 2, 3]], [[1, 2, 0, 3]]),
        "cosets": G.coset_module([[1, 0, 2, 3]]),
        "points of one": tk.group("C1").natural_module() ** 2,
        "restricted": tk.library.change_of_group.restrict(G.natural_module(), [[1, 2, 0, 3]]),
    }


@pytest.mark.parametrize("name", specified_modules())
def test_layers_come_back_from_specifications(name):
    X = specified_modules()[name]
    Y = X + X if name != "signed" else tk.nn.graph_module(nx.cycle_graph(5), "nodes")
    for layer in (EquivariantLinear(X, X, 2, 1), EquivariantLinear(Y, X, 1, 2)):
        found = layers_of_checkpoint(layer.state_dict())[""]
        assert found.X.name == layer.X.name
        x = torch.randn(3, layer.X.degree, layer.in_channels)
        assert torch.allclose(found(x), layer(x), atol=1e-6)


def test_many_images_are_left_out_of_a_recipe():
    X = tk.group("C600").regular_module()
    mine = tk.group("C600").module_from_images(X.images, "mine")
    layer = EquivariantLinear(mine, mine, 1, 1)
    assert "images" in layer.recipe["source"]["specification"]
    X = tk.group("C1500").regular_module()
    mine = tk.group("C1500").module_from_images(X.images, "mine")
    layer = EquivariantLinear(mine, mine, 1, 1)
    assert layer.recipe["source"]["specification"]["module"] == "left out"
    assert layer.recipe["source"]["specification"]["characters"] > 4000
    assert len(layer.get_extra_state()) < 2000
    with pytest.raises(NotAvailable, match="was too long to be stored with the weights"):
        layers_of_checkpoint(layer.state_dict())


@pytest.mark.filterwarnings("ignore:The PyTorch API of nested tensors")
def test_damaged_recipes_and_weights_are_refused(state):
    key = "layers.0._extra_state"
    for change in (
        lambda recipe: recipe["source"].pop("sha256"),
        lambda recipe: recipe["source"].update(points="many"),
        lambda recipe: recipe["target"].update(name=None),
        lambda recipe: recipe.update(source=5),
    ):
        with pytest.raises(CheckpointMismatchError, match="name, points and sha256"):
            layers_of_checkpoint(changed(state, key, change))
    weight = state["layers.0.weight"]
    for name, value in {
        "weight": torch.ones(99, 8, 1),
        "bias": torch.ones(7),
    }.items():
        with pytest.raises(CheckpointMismatchError, match=f"layers.0.{name} of shape"):
            layers_of_checkpoint({**state, f"layers.0.{name}": value})
    for value in (weight.to_sparse(), weight.to("meta"), torch.ones(1, 1, 1).expand(2, 9999, 9999)):
        with pytest.raises(CheckpointMismatchError, match="without all its numbers"):
            layers_of_checkpoint({**state, "layers.0.weight": value})
    nested = torch.nested.nested_tensor([torch.zeros(2), torch.zeros(3)])
    with pytest.raises(CheckpointMismatchError, match="found a nested tensor"):
        layers_of_checkpoint({**state, "layers.0.weight": nested})
    with pytest.raises(CheckpointMismatchError, match="found a str"):
        layers_of_checkpoint({**state, "layers.0.bias": "text"})
    with pytest.raises(CheckpointMismatchError, match="2 entries without a recipe"):
        layers_of_checkpoint({1: 2, 3: 4})


def test_a_target_too_long_to_be_specified_is_not_taken_for_the_source():
    G = tk.group("C1500")
    Y = G.module_from_images(np.roll(np.arange(1500), -7)[None], "a long cycle")
    state = EquivariantLinear(G.natural_module(), Y, 1, 1).state_dict()
    assert len(json.dumps(Y.specification)) > 4000
    with pytest.raises(NotAvailable, match="a long cycle"):
        layers_of_checkpoint(state)
