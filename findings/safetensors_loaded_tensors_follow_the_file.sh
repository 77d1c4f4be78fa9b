#!/usr/bin/env bash
# Expected: safetensors.torch.load_file loads: what it returns is in memory, as with torch.load, and
#   stays as it is when the file is later replaced by the next checkpoint.
# Real: the tensors are views of the mapped file. If the file is overwritten in place, as cp, rsync
#   --inplace and shutil.copyfile do, weights that were loaded before change without a word: a network
#   that took them with load_state_dict(assign=True) answers with the new weights, and what an
#   optimizer had written to such a parameter is gone, too. torch.load (without mmap=True), and
#   load(file.read()) of safetensors, keep the weights.
# Package: safetensors 0.8.0 with torch 2.13.0, Linux. Date: 2026-12-01.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check torch==2.13.0 \
  safetensors==0.8.0 numpy packaging

cd "$folder"
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import shutil

import safetensors
import torch
from safetensors.torch import load, load_file, save_file
from torch import nn

print("safetensors", safetensors.__version__, "torch", torch.__version__)
file = "best.safetensors"
save_file({"weight": torch.ones(1, 100_000)}, file)
save_file({"weight": torch.full((1, 100_000), 7.0)}, "newer.safetensors")
torch.save({"weight": torch.ones(1, 100_000)}, "best.pt")
torch.save({"weight": torch.full((1, 100_000), 7.0)}, "newer.pt")

with torch.device("meta"):
    net = nn.Linear(100_000, 1, bias=False)
net.load_state_dict(load_file(file), assign=True)
trained = load_file(file)["weight"]
trained[0, 0] += 1  # one step, here of one weight
kept = load(open(file, "rb").read())["weight"]
of_torch = torch.load("best.pt", weights_only=True)["weight"]

x = torch.full((1, 100_000), 1e-5)
before = net(x).item()
shutil.copyfile("newer.safetensors", file)
shutil.copyfile("newer.pt", "best.pt")
after = net(x).item()
print(f"the network answers {before:.3f}, and after cp newer best {after:.3f}")
print("a tensor of which one number was set to 2 has the values", trained.unique().tolist())
print("load(bytes), torch.load:", kept.unique().tolist(), of_torch.unique().tolist())
assert abs(before - 1) < 1e-3 and abs(after - 7) < 1e-2
assert trained.unique().tolist() == [7.0]
assert kept.unique().tolist() == of_torch.unique().tolist() == [1.0]
PYTHON
