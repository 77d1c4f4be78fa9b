#!/usr/bin/env bash
# Expected: torch.nn.utils.vector_to_parameters "copies slices of a vector into" parameters, as its
#   documentation says: the vector stays as it is whatever the layer does next, and a layer that is
#   given its own parameters_to_vector is unchanged.
# Real: each parameter becomes a view of the vector. A vector of the best weights so far, put back and
#   trained further, is trained with them; two layers filled from one vector share their weights, and
#   a step of one moves the other. And the vector has one dtype, the parameters take it over: beside
#   weights in float64 those in float32 become float64, beside complex ones real ones become complex.
# Package: torch 2.13.0. Date: 2026-11-30.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check torch==2.13.0

"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import torch
from torch import nn
from torch.nn.utils import parameters_to_vector, vector_to_parameters

print("torch", torch.__version__)
torch.manual_seed(0)
layer, other = nn.Linear(3, 1), nn.Linear(3, 1)
best = parameters_to_vector(layer.parameters()).detach().clone()
before = best.clone()
vector_to_parameters(best, layer.parameters())
vector_to_parameters(best, other.parameters())
assert torch.equal(best, before)

optimizer = torch.optim.SGD(layer.parameters(), lr=0.1)
layer(torch.ones(4, 3)).sum().backward()
optimizer.step()
moved = (best - before).abs().max().item()
print(f"one step of the layer moves the saved vector by {moved:.3f}")
print("and the other layer with it:", torch.equal(layer.weight, other.weight))
assert moved > 0.1 and torch.equal(layer.weight, other.weight)


def after_its_own_vector(*dtypes):
    weights = [nn.Parameter(torch.ones(2, dtype=dtype)) for dtype in dtypes]
    vector_to_parameters(parameters_to_vector(weights), weights)
    print([str(d) for d in dtypes], "->", [str(w.dtype) for w in weights])
    return [w.dtype for w in weights]


real, double, complex_ = torch.float32, torch.float64, torch.complex64
assert after_its_own_vector(real, double) == [double, double]
assert after_its_own_vector(torch.bfloat16, real) == [real, real]
assert after_its_own_vector(real, complex_) == [complex_, complex_]
PYTHON
