"""Checkpoints from the command line."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

import toolkit as tk
from toolkit.nn import DeepSets, EquivariantMLP

pytestmark = pytest.mark.gap


@pytest.fixture
def net():
    torch.manual_seed(0)
    X = tk.group("C8").regular_module()
    return EquivariantMLP(X, [1, 6, 4, 1])


def test_weights(plrep_gap, net, tmp_path):
    path = tmp_path / "model.pt"
    torch.save(net.state_dict(), path)
    outcome = plrep_gap("inspect", str(path), "--output", str(tmp_path))
    assert (outcome.status, outcome.err) == (0, "")
    assert "model.pt: 3 equivariant layers" in outcome.out
    assert "layers.2: C8, 6 x regular module (8) to 4 x regular module (8), 196 weights" in (
        outcome.out
    )
    picture = tmp_path / "model_weights.png"
    assert picture.read_bytes().startswith(b"\x89PNG")
    found = {p.name for p in tmp_path.iterdir()} - {"cache"}
    assert found == {"model.pt", "model_weights.png"}
    data = json.loads(plrep_gap("inspect", str(path), "--json", "--no-pictures").out)
    expected = tk.interpret.weight_spectrum(net)
    assert [(w["stage"], w["label"], w["gain"]) for w in data["weights"]] == [
        (one.stage, one.label, pytest.approx(one.gain, rel=1e-5)) for one in expected
    ]
    assert (data["pictures"], data["spectra"]) == ([], None)


@pytest.mark.parametrize("form", ["npy", "pt", "inside"])
@pytest.mark.quick_cases(1)
def test_activations(plrep_gap, net, tmp_path, form):
    path, x = tmp_path / "model.pt", torch.randn(9, 8, 1)
    content = {"state_dict": net.state_dict()}
    argv = ["inspect", str(path), "--activation", "relu", "--output", str(tmp_path)]
    if form == "inside":
        content["inputs"] = x
    elif form == "npy":
        np.save(tmp_path / "x.npy", x.numpy())
    else:
        torch.save(x, tmp_path / "x.pt")
    if form != "inside":
        argv += ["--data", str(tmp_path / f"x.{form}")]
    torch.save(content, path)
    outcome = plrep_gap(*argv)
    assert (outcome.status, outcome.err) == (0, "")
    assert "activation2 before" in outcome.out
    for end in ("weights", "flow", "graph"):
        assert (tmp_path / f"model_{end}.png").exists()
    data = json.loads(plrep_gap(*argv, "--json", "--no-pictures").out)
    found = tk.interpret.Spectra.from_state(data["spectra"])
    with torch.no_grad():
        expected = tk.interpret.spectra(net, x)
    assert found["output"].by_simple == pytest.approx(expected["output"].by_simple, rel=1e-4)


def refused(plrep_gap, words, *argv):
    outcome = plrep_gap("inspect", *map(str, argv))
    assert (outcome.status, outcome.out) == (2, "")
    assert outcome.err.count("\n") == 1
    assert words in outcome.err, outcome.err


def test_bad_input_is_one_line(plrep_gap, net, tmp_path):
    path = tmp_path / "model.pt"
    torch.save(net.state_dict(), path)
    torch.save(net, tmp_path / "whole.pt")
    torch.save([1, 2], tmp_path / "list.pt")
    torch.save(DeepSets([1, 2]).state_dict(), tmp_path / "sets.pt")
    torch.save(EquivariantMLP(net.X, [1, 1]).state_dict(), tmp_path / "one.pt")
    normed = EquivariantMLP(net.X, [1, 2, 1], normalisation="layer")
    torch.save(normed.state_dict(), tmp_path / "normed.pt")
    (tmp_path / "text.pt").write_text("no checkpoint")
    np.save(tmp_path / "x.npy", np.zeros((3, 7, 1)))
    np.save(tmp_path / "ok.npy", np.zeros((3, 8, 1)))
    np.save(tmp_path / "words.npy", np.array(["a"]))
    ok = ("--data", tmp_path / "ok.npy")
    quiet = ("--no-pictures", "--activation", "relu")
    refused(plrep_gap, "there is no file", tmp_path / "none.pt")
    refused(plrep_gap, "save model.state_dict()", tmp_path / "text.pt", "--no-pictures")
    refused(plrep_gap, "save model.state_dict()", tmp_path / "whole.pt", "--no-pictures")
    refused(plrep_gap, "contains no state_dict", tmp_path / "list.pt", "--no-pictures")
    refused(plrep_gap, "entries without a recipe", tmp_path / "sets.pt", "--no-pictures")
    refused(plrep_gap, "no folder", path, "--output", tmp_path / "nowhere")
    refused(plrep_gap, "--data needs --activation", path, "--data", "x.npy")
    refused(plrep_gap, "add --data FILE", path, *quiet)
    refused(plrep_gap, "found (3, 7, 1)", path, *quiet, "--data", tmp_path / "x.npy")
    refused(plrep_gap, "real numbers", path, *quiet, "--data", tmp_path / "words.npy")
    refused(plrep_gap, "cannot read", path, *quiet, "--data", tmp_path / "none.npy")
    refused(plrep_gap, "must hold one tensor", path, *quiet, "--data", path)
    refused(plrep_gap, "only one layer", tmp_path / "one.pt", *quiet, *ok)
    refused(
        plrep_gap, "other weights", tmp_path / "normed.pt", *quiet, "--data", tmp_path / "ok.npy"
    )


def test_a_head_comes_after_an_activation(plrep_gap, net, tmp_path):
    head = EquivariantMLP(net.X, [1, 2], invariant_head=3)
    torch.save({"model": head.state_dict(), "inputs": torch.randn(3, 8, 1)}, tmp_path / "m.pt")
    outcome = plrep_gap("inspect", str(tmp_path / "m.pt"), "--activation", "gelu", "--no-pictures")
    assert "activation1 after" in outcome.out


@pytest.mark.parametrize("end", [".pt", ".safetensors"])
def test_the_checksum_of_the_file(plrep_gap, net, tmp_path, end):
    path = tmp_path / f"model{end}"
    tk.nn.save(net, path)
    outcome = plrep_gap("inspect", str(path), "--no-pictures")
    kind = "CRC-32" if end == ".pt" else "SHA-256"
    assert f"checksum: holds, {kind}" in outcome.out
    data = bytearray(path.read_bytes())
    weight = net.state_dict()["layers.0.weight"].numpy().tobytes()
    data[data.index(weight)] ^= 1
    path.write_bytes(data)
    refused(plrep_gap, "--unchecked", path, "--no-pictures")
    outcome = plrep_gap("inspect", str(path), "--no-pictures", "--unchecked")
    assert outcome.status == 0
    assert "checksum: DOES NOT MATCH" in outcome.out
    data = json.loads(plrep_gap("inspect", str(path), "--json", "--no-pictures", "--unchecked").out)
    assert data["checksum"] == {"kind": kind, "holds": False}


def test_a_file_without_a_checksum(plrep_gap, net, tmp_path):
    safetensors_torch = pytest.importorskip("safetensors.torch")
    path = tmp_path / "model.safetensors"
    safetensors_torch.save_file(net.state_dict(), path)
    outcome = plrep_gap("inspect", str(path), "--no-pictures")
    assert "checksum: none" in outcome.out
    data = json.loads(plrep_gap("inspect", str(path), "--json", "--no-pictures").out)
    assert data["checksum"] == {"kind": None, "holds": None}
