#!/usr/bin/env bash
# Expected: out_proj of nn.MultiheadAttention is a layer of the network: it runs in each pass, so
#   that a forward hook on it sees the heads' outputs (to measure or to ablate them), and another
#   forward on it changes what the attention returns. The projection of a transformer's
#   feed-forward part, linear1, does so.
# Real: the attention passes out_proj.weight and out_proj.bias to a function and never calls the
#   module. Hooks on it never fire, and another forward is never run; nothing is said. Of a
#   TransformerEncoderLayer the hooks on linear1 and norm1 fire, the one on self_attn.out_proj does
#   not: activations that are recorded "at every Linear" leave these out.
# Package: torch 2.13.0. Date: 2026-12-01.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check torch==2.13.0
export TORCHINDUCTOR_CACHE_DIR="$folder/compiled"

"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import torch
from torch import nn

print("torch", torch.__version__)
torch.manual_seed(0)
x = torch.randn(2, 3, 4)

attention = nn.MultiheadAttention(4, 1, batch_first=True)
before = attention(x, x, x)[0]
fired = []
attention.out_proj.register_forward_hook(lambda *_: fired.append("out_proj"))
attention.out_proj.forward = torch.zeros_like
after = attention(x, x, x)[0]
print("hooks that fired:", fired, "- the same output with a forward that gives 0:",
      torch.equal(before, after))
assert fired == []
assert torch.equal(before, after)

block = nn.TransformerEncoderLayer(4, 1, 8, batch_first=True)
layers = {name: m for name, m in block.named_modules() if isinstance(m, nn.Linear)}
for name, layer in layers.items():
    layer.register_forward_hook(lambda *_, name=name: fired.append(name))
block(x)
print("linear layers of the block:", sorted(layers), "- those whose hooks fired:", sorted(fired))
assert sorted(set(layers) - set(fired)) == ["self_attn.out_proj"]
PYTHON
