#!/usr/bin/env bash
# Expected: symm_learning.nn.eLinear in eval() computes with its weights of now. Its documentation
#   says that the dense weight is cached and reused "until parameters change".
# Real: only gradients and load_state_dict mark the cache as old. After a moving average of weights
#   (a target network, EMA), which changes them under no_grad, the layer goes on with the weights of
#   before. And after a call in eval() with gradients enabled the cache is part of a graph:
#   copy.deepcopy of the layer, which an average begins with, raises RuntimeError.
# Package: symm-learning 0.8.1 with escnn 1.0.11. Date: 2026-11-30.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
  symm-learning==0.8.1 escnn==1.0.11 py3nj==0.2.1 "numpy<2" torch==2.13.0

"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import copy
from importlib.metadata import version

import torch
from escnn.group import CyclicGroup
from symm_learning.nn import eLinear

print("symm-learning", version("symm-learning"))
torch.manual_seed(0)
regular = CyclicGroup(4).regular_representation
online, target = eLinear(regular, regular), eLinear(regular, regular)
target.eval()
x = torch.randn(3, 4)
with torch.no_grad():
    before = target(x)
    for p, q in zip(target.parameters(), online.parameters(), strict=True):
        p.lerp_(q, 0.5)
    after = target(x)
    fresh = eLinear(regular, regular)
    fresh.load_state_dict(target.state_dict())
    right = fresh.eval()(x)
print("off by", float((after - right).abs().max()))
assert not torch.allclose(after, right)
# the bias, which is not cached, has followed; the weights have not
difference = after - before
assert torch.allclose(difference, difference[:1].expand_as(difference), atol=1e-6)

layer = eLinear(regular, regular).eval()
layer(x)
try:
    copy.deepcopy(layer)
except RuntimeError as error:
    print("deepcopy:", str(error).partition(".")[0][:90])
else:
    raise AssertionError("the layer can be copied now")
PYTHON
