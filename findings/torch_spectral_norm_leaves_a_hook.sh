#!/usr/bin/env bash
# Expected: after torch.nn.utils.remove_spectral_norm a layer is as before spectral_norm: it loads
#   its own state_dict.
# Real: the hook that runs before loading stays (it is wrapped, and removal looks for the bare
#   class). The layer refuses its own state_dict, for the missing keys weight_orig and weight_u.
#   It holds for nn.Linear as for any other layer, and in copies of it; strict=False loads.
# Package: torch 2.13.0. Date: 2026-11-29.
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
layer = nn.Linear(3, 2)
nn.utils.spectral_norm(layer)
nn.utils.remove_spectral_norm(layer)
state = layer.state_dict()
print("keys:", list(state), "and hooks before loading:", len(layer._load_state_dict_pre_hooks))
assert sorted(state) == ["bias", "weight"]
try:
    layer.load_state_dict(state)
except RuntimeError as error:
    print(error)
    assert "weight_orig" in str(error)
else:
    raise SystemExit("it loads now")
PYTHON
