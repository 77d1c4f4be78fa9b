"""Files of weights: a changed bit is noticed, ordinary training and older files go on as before."""

from __future__ import annotations

import copy
import json
import os
import random
import zipfile
from collections import OrderedDict
from typing import TYPE_CHECKING

import pytest
import torch
from torch import nn

import toolkit as tk
from toolkit.errors import (
    CheckpointFileError,
    CheckpointMismatchError,
    ConfigError,
    ToolkitError,
)
from toolkit.interpret.checkpoint import layers_of_checkpoint
from toolkit.nn import EquivariantMLP, file_checksum, files, from_state, load, save

if TYPE_CHECKING:
    from pathlib import Path

safetensors_torch = pytest.importorskip("safetensors.torch")


@pytest.fixture
def net() -> EquivariantMLP:
    torch.manual_seed(0)
    return EquivariantMLP(tk.group("C8").natural_module(), [1, 6, 2])


def flipped(path: Path, bit: int) -> None:
    data = bytearray(path.read_bytes())
    data[bit // 8] ^= 1 << bit % 8
    path.write_bytes(data)


def same(a: dict[str, torch.Tensor], b: dict[str, torch.Tensor]) -> bool:
    return list(a) == list(b) and all(
        a[k].dtype == b[k].dtype and torch.equal(a[k], b[k]) for k in a
    )


def in_order(a: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {k: a[k] for k in sorted(a)}


def writers() -> dict[str, tuple[str, object]]:
    return {
        "save .pt": ("net.pt", save),
        "save .safetensors": ("net.safetensors", save),
        "torch.save": ("net.pt", lambda net, path: torch.save(net.state_dict(), path)),
    }


@pytest.mark.parametrize("writer", list(writers()))
def test_every_changed_bit_and_every_cut_is_noticed_or_changes_nothing(
    writer: str, net: EquivariantMLP, tmp_path: Path
) -> None:
    name, write = writers()[writer]
    path = tmp_path / name
    write(net, path)  # type: ignore[operator]
    assert file_checksum(path).holds
    wanted = in_order(net.state_dict())
    whole = path.read_bytes()
    chance, noticed = random.Random(writer), 0
    for n in range(150):
        if n % 5:
            flipped(path, chance.randrange(8 * len(whole)))
        else:
            path.write_bytes(whole[: chance.randrange(len(whole))])
        try:
            found = load(path)
        except CheckpointFileError as error:
            noticed += "\n" not in str(error)
        else:
            assert same(in_order(found), wanted)
        path.write_bytes(whole)
    assert noticed > 60  # others are in padding, or in what no reader looks at
    assert same(in_order(load(path)), wanted)
    assert from_state(path)


@pytest.mark.parametrize("writer", list(writers()))
def test_a_changed_weight_is_refused_and_taken_at_request(
    writer: str, net: EquivariantMLP, tmp_path: Path
) -> None:
    name, write = writers()[writer]
    path = tmp_path / name
    write(net, path)  # type: ignore[operator]
    data = path.read_bytes()
    raw = net.layers[0].weight.detach().numpy().tobytes()  # type: ignore[operator,union-attr]
    flipped(path, 8 * data.index(raw) + 6)
    assert file_checksum(path).holds is False
    for read in (load, from_state, layers_of_checkpoint):
        with pytest.raises(CheckpointFileError, match="unchecked=True") as caught:
            read(path)  # type: ignore[operator]
        assert str(path) in str(caught.value)
    found = load(path, unchecked=True)
    assert not same(in_order(found), in_order(net.state_dict()))
    again = from_state(path, unchecked=True).state_dict()
    assert not torch.equal(again["layers.0.weight"], net.state_dict()["layers.0.weight"])
    assert layers_of_checkpoint(path, unchecked=True)
    save(found, path)  # what was edited on purpose has its checksum then
    assert file_checksum(path).holds


def test_a_record_that_is_called_a_folder_is_noticed(net: EquivariantMLP, tmp_path: Path) -> None:
    # torch.load reads nothing then, and gives what happened to be in memory
    path = tmp_path / "net.pt"
    save(net, path)
    data = path.read_bytes()
    entry = data.index(b"archive/data/0PK\1\2") - 46
    assert data[entry : entry + 4] == b"PK\1\2"
    flipped(path, 8 * (entry + 38) + 4)
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
    with pytest.raises(CheckpointFileError, match="archive/data/0"):
        load(path)


def test_older_files_have_no_checksum_and_are_read(net: EquivariantMLP, tmp_path: Path) -> None:
    path = tmp_path / "net.safetensors"
    safetensors_torch.save_file(net.state_dict(), path)
    assert file_checksum(path) == files.FileChecksum(None)
    assert same(in_order(load(path)), in_order(net.state_dict()))
    assert from_state(path)
    path = tmp_path / "net.pt"
    torch.save(net.state_dict(), path, _use_new_zipfile_serialization=False)
    assert file_checksum(path).kind is None
    assert same(load(path), net.state_dict())
    torch.serialization.set_crc32_options(False)
    try:
        torch.save(net.state_dict(), path)
        assert file_checksum(path).kind is None
        assert same(load(path), net.state_dict())
        save(net, path)
        assert file_checksum(path).holds
        assert torch.serialization.get_crc32_options() is False
    finally:
        torch.serialization.set_crc32_options(True)


def test_other_programs_read_the_files(net: EquivariantMLP, tmp_path: Path) -> None:
    path = tmp_path / "net.safetensors"
    save(net, path, metadata={"epoch": "7"})
    assert same(in_order(safetensors_torch.load_file(path)), in_order(net.state_dict()))
    with safetensors_torch.safe_open(path, "pt") as file:
        assert file.metadata()["epoch"] == "7"
        assert len(file.metadata()[files.SHA256]) == 64
    save(net, tmp_path / "net.pt")
    assert same(torch.load(tmp_path / "net.pt", weights_only=True), net.state_dict())
    assert zipfile.ZipFile(tmp_path / "net.pt").testzip() is None
    assert {p.name for p in tmp_path.iterdir()} == {"net.pt", "net.safetensors"}


def test_the_same_weights_give_the_same_bytes(net: EquivariantMLP, tmp_path: Path) -> None:
    for end in (".pt", ".safetensors"):
        one, two = tmp_path / f"one{end}", tmp_path / f"two{end}"
        save(net, one)
        save(copy.deepcopy(net), two)
        assert one.read_bytes() == two.read_bytes()


@pytest.mark.parametrize("end", [".pt", ".safetensors"])
def test_ordinary_training_needs_no_ceremony(end: str, net: EquivariantMLP, tmp_path: Path) -> None:
    path = tmp_path / f"net{end}"
    average = torch.optim.swa_utils.AveragedModel(
        net, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.9)
    )
    optimizer = torch.optim.SGD(net.parameters(), 0.1)
    for _ in range(3):
        net(torch.randn(4, 8, 1)).square().mean().backward()
        optimizer.step()
        average.update_parameters(net)
    for state in (
        net.state_dict(),
        average.module.state_dict(),
        {k: (v + w) / 2 for (k, v), w in zip(
            net.state_dict().items(), average.module.state_dict().values(), strict=True)},
        {k: v.bfloat16() for k, v in net.state_dict().items()},
        {k: v * (v.abs() > 0.1) if k.endswith("weight") else v
         for k, v in net.state_dict().items()},
    ):  # fmt: skip
        save(state, path)
        assert file_checksum(path).holds
        other = EquivariantMLP(net.X, [1, 6, 2])
        other.load_state_dict(load(path))
        other.load_state_dict(other.state_dict())
        assert torch.equal(other.layers[0].weight, state["layers.0.weight"].float())  # type: ignore[arg-type,union-attr]
        assert from_state(path)


def test_weights_that_are_read_do_not_follow_the_file(net: EquivariantMLP, tmp_path: Path) -> None:
    for end in (".pt", ".safetensors"):
        path = tmp_path / f"net{end}"
        save(net, path)
        found = load(path)
        with path.open("r+b") as stream:
            stream.write(b"\xff" * path.stat().st_size)
        assert same(in_order(found), in_order(net.state_dict()))


@pytest.mark.parametrize("end", [".pt", ".safetensors"])
@pytest.mark.parametrize("how", ["edited", "replaced"])
def test_a_file_that_changes_while_it_is_read(
    end: str, how: str, net: EquivariantMLP, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / f"net{end}"
    save(net, path)
    reader = "_load_torch" if end == ".pt" else "_load_safetensors"
    original = getattr(files, reader)

    def late(*args: object) -> object:
        data = path.read_bytes()
        if how == "edited":
            path.write_bytes(data[:-1] + b"\0")
            os.utime(path)
        else:
            (tmp_path / "new").write_bytes(data)
            (tmp_path / "new").replace(path)
        return original(*args)

    monkeypatch.setattr(files, reader, late)
    with pytest.raises(CheckpointFileError):
        load(path)


def test_what_is_no_file_of_weights(tmp_path: Path) -> None:
    for name in ("a.pt", "b.safetensors"):
        path = tmp_path / name
        for data in (b"", b"{", b"hello", b"PK\3\4" * 9, bytes(200), b"\xff" * 50, os.urandom(99)):
            path.write_bytes(data)
            with pytest.raises(CheckpointFileError) as caught:
                load(path)
            assert "\n" not in str(caught.value)
    deep = b"[" * 200_000
    (tmp_path / "deep.safetensors").write_bytes(len(deep).to_bytes(8, "little") + deep)
    with pytest.raises(CheckpointFileError, match="header"):
        load(tmp_path / "deep.safetensors")
    torch.save([1, 2], tmp_path / "list.pt")
    with pytest.raises(CheckpointFileError, match=r"no state_dict.*found list"):
        from_state(tmp_path / "list.pt")
    torch.save(nn.Linear(1, 1), tmp_path / "whole.pt")
    with pytest.raises(CheckpointFileError, match=r"save model\.state_dict\(\)"):
        load(tmp_path / "whole.pt")
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "none.pt")
    os.mkfifo(tmp_path / "pipe.pt")
    for path in (tmp_path / "pipe.pt", "/dev/zero"):
        for read in (load, file_checksum, from_state):
            with pytest.raises(CheckpointFileError, match="a device or a pipe"):
                read(path)  # type: ignore[operator]


def test_what_a_safetensors_file_cannot_hold(tmp_path: Path) -> None:
    tied = torch.zeros(3)
    for state in ({"epoch": 7}, [torch.zeros(2)], {"a": tied, "b": tied},
                  {"a": torch.zeros(2).to_sparse()}, {1: tied}):  # fmt: skip
        with pytest.raises(ConfigError, match=r"\.pt"):
            save(state, tmp_path / "x.safetensors")  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="metadata"):
        save({"a": tied}, tmp_path / "x.pt", metadata={"a": "b"})
    assert list(tmp_path.iterdir()) == []
    save({"a": torch.zeros(4, 6).t()}, tmp_path / "x.safetensors")
    assert load(tmp_path / "x.safetensors")["a"].shape == (6, 4)


def test_states_inside_of_dictionaries(net: EquivariantMLP, tmp_path: Path) -> None:
    path = tmp_path / "run.pt"
    save({"epoch": 7, "state_dict": net.state_dict()}, path)
    assert load(path)["epoch"] == 7
    assert same(from_state(path).state_dict(), net.state_dict())
    assert list(layers_of_checkpoint(path)) == ["layers.0", "layers.2"]
    with pytest.raises(CheckpointMismatchError):
        from_state(OrderedDict())


def test_a_changed_header_is_noticed(net: EquivariantMLP, tmp_path: Path) -> None:
    path = tmp_path / "net.safetensors"
    save(net, path)
    data = path.read_bytes()
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    first, second = (k for k in header if k.endswith("weight"))
    header[first], header[second] = header[second], header[first]
    text = json.dumps(header, separators=(",", ":")).encode()
    path.write_bytes(data[:8] + text.ljust(length) + data[8 + length :])
    with pytest.raises(CheckpointFileError, match="does not match"):
        load(path)
    assert issubclass(CheckpointFileError, ToolkitError)


def test_a_device_without_end_is_not_read() -> None:
    for read in (load, file_checksum):
        with pytest.raises(CheckpointFileError, match="a file is required, found a device"):
            read("/dev/zero")
