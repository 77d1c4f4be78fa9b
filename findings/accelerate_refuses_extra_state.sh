#!/usr/bin/env bash
# Expected: load_checkpoint_and_dispatch reads the state_dict that a model itself gives, also one with
#   an entry of torch's documented get_extra_state / set_extra_state; the tensors are all there.
# Real: with a device_map it sets tensor by tensor, only as parameters and buffers, and raises on the
#   first "_extra_state" (load_state_dict of the same file, with assign=True, then dispatch_model,
#   serves). So set_extra_state, which may check or convert, is never called. Without a device_map,
#   its default, it raises for every model that init_empty_weights made, nn.Linear included: it asks
#   for a process group that one process alone does not have.
# Packages: accelerate 1.15.0, torch 2.13.0, safetensors 0.8.0. Date: 2026-11-30.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
  torch==2.13.0 accelerate==1.15.0 safetensors==0.8.0 numpy==2.4.6

"$folder/venv/bin/python" -W ignore - "$folder" <<'PYTHON'
import sys
from pathlib import Path

import accelerate
import torch
from accelerate import dispatch_model, init_empty_weights, load_checkpoint_and_dispatch
from safetensors.torch import load_file, save_file
from torch import nn

print("accelerate", accelerate.__version__, "torch", torch.__version__)
file = str(Path(sys.argv[1]) / "model.safetensors")


class Noted(nn.Linear):
    """A layer with a note beside its weights."""

    def get_extra_state(self):
        return torch.tensor([1.0])

    def set_extra_state(self, state):
        assert state.tolist() == [1.0]


def outcome(kind, **options):
    model = kind(2, 3)
    save_file(model.state_dict(), file, metadata={"format": "pt"})
    with init_empty_weights():
        empty = kind(2, 3)
    try:
        placed = load_checkpoint_and_dispatch(empty, file, **options)
    except ValueError as error:
        return " ".join(str(error).split())[-60:]
    return torch.equal(placed.weight, model.weight)


plain = outcome(nn.Linear, device_map={"": "cpu"})
noted = outcome(Noted, device_map={"": "cpu"})
alone = outcome(nn.Linear)
print("nn.Linear, device_map:", plain)
print("with extra state, device_map:", noted)
print("nn.Linear, no device_map:", alone)
assert plain is True
assert "parameter or a buffer named _extra_state" in noted, noted
assert "call init_process_group" in alone, alone

model = Noted(2, 3)
save_file(model.state_dict(), file)
with init_empty_weights():
    empty = Noted(2, 3)
empty.load_state_dict(load_file(file), assign=True)
placed = dispatch_model(empty, {"": "cpu"})
print("load_state_dict(assign=True), then dispatch_model:", torch.equal(placed.weight, model.weight))
assert torch.equal(placed.weight, model.weight)
PYTHON
