#!/usr/bin/env bash
# Expected: AveragedModel(use_buffers=True) averages any model, whichever of the averaging functions
#   that torch offers is used; the plain and the multi-tensor form differ in speed only.
# Real: with get_swa_multi_avg_fn it raises at the second update as soon as the model has an integer
#   buffer, such as the counter of a BatchNorm or an index table of an equivariant layer: it divides
#   integers by addcdiv. get_swa_avg_fn and get_ema_multi_avg_fn take the same model; the latter
#   truncates, so that entries of a table of indices become smaller by 1 or 2 (decay 0.9999).
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
from torch.optim.swa_utils import (
    AveragedModel,
    get_ema_multi_avg_fn,
    get_swa_avg_fn,
    get_swa_multi_avg_fn,
)

print("torch", torch.__version__)


def outcome(model, **options):
    average = AveragedModel(model, use_buffers=True, **options)
    try:
        for _ in range(30):
            average.update_parameters(model)
    except RuntimeError as error:
        return f"RuntimeError: {str(error)[:60]}"
    pairs = zip(average.module.buffers(), model.buffers(), strict=True)
    return sum(int((a != b).sum()) for a, b in pairs)


class Table(nn.Linear):
    def __init__(self):
        super().__init__(3, 2)
        self.register_buffer("index", torch.arange(10_000), persistent=False)


multi = outcome(nn.BatchNorm1d(3), multi_avg_fn=get_swa_multi_avg_fn())
plain = outcome(nn.BatchNorm1d(3), avg_fn=get_swa_avg_fn())
print("BatchNorm, get_swa_multi_avg_fn:", multi)
print("BatchNorm, get_swa_avg_fn:", plain, "entries changed")
table = outcome(Table(), multi_avg_fn=get_ema_multi_avg_fn(0.9999))
print("a table of 10,000 indices, get_ema_multi_avg_fn(0.9999):", table, "entries changed")
assert isinstance(multi, str), multi
assert plain == 0
assert table > 0
PYTHON
