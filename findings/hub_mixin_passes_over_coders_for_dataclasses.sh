#!/usr/bin/env bash
# Expected: PyTorchModelHubMixin(coders={Kind: (encode, decode)}) writes an argument of type Kind by
#   encode and reads it by decode, as its docstring says for "arguments with custom type".
# Real: if Kind is a dataclass the coders are never called. The argument is taken apart by
#   dataclasses.asdict, so that save_pretrained fails on the first field that is no JSON; and if it is
#   JSON by luck, it is not the one that encode would have written. And where annotations are text
#   ("from __future__ import annotations") no coder decodes at all: the network's __init__ is handed
#   the bare JSON.
# Package: huggingface_hub 2.4.0, torch 2.13.0. Date: 2026-11-30.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
  torch==2.13.0 huggingface_hub==2.4.0 safetensors==0.8.0 numpy==2.4.6

"$folder/venv/bin/python" -W ignore - "$folder" <<'PYTHON'
import sys
from dataclasses import dataclass
from pathlib import Path

import huggingface_hub
from huggingface_hub import PyTorchModelHubMixin
from torch import nn

print("huggingface_hub", huggingface_hub.__version__)
folder = Path(sys.argv[1])


class Plain:
    def __init__(self, size):
        self.size = size


@dataclass(frozen=True)
class Data:
    size: object


def network(kind, annotation):
    calls = []

    def encode(value):
        calls.append("encode")
        return {"n": value.size.n}

    def decode(data):
        calls.append("decode")
        return kind(Size(data["n"]))

    def init(self, size):
        nn.Module.__init__(self)
        self.seen = type(size).__name__
        self.layer = nn.Linear(2, 2)

    init.__annotations__["size"] = annotation

    class Net(nn.Module, PyTorchModelHubMixin, coders={kind: (encode, decode)}):
        __init__ = init

    return Net, calls


class Size:
    def __init__(self, n):
        self.n = n


def outcome(kind, annotation):
    Net, calls = network(kind, annotation)
    try:
        Net(kind(Size(3))).save_pretrained(folder / "net")
        seen = Net.from_pretrained(folder / "net").seen
    except Exception as error:
        seen = f"{type(error).__name__}: {error}"
    return seen, calls


plain, data, text = outcome(Plain, Plain), outcome(Data, Data), outcome(Plain, "Plain")
print("a plain class:", plain)
print("a dataclass:", data)
print("a plain class, annotation as text:", text)
assert plain[0] == "Plain", plain
assert plain[1][:2] == ["encode", "decode"], plain
assert data[0].startswith("TypeError: Object of type Size is not JSON serializable"), data
assert data[1] == [], data
assert text == ("dict", ["encode"]), text
PYTHON
