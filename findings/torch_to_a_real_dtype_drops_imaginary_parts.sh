#!/usr/bin/env bash
# Expected: layer.double() and layer.to(torch.float64) are two spellings of one thing, also for a
#   layer that has real weights and complex ones (Fourier blocks, characters in a buffer).
# Real: .double() and .half() pass over what is complex: beside weights in float64 it stays complex64.
#   .to(torch.float64), .to(torch.bfloat16), .to(torch.float16) make it real and drop the imaginary
#   parts, of parameters and buffers; torch warns once in a process, and a second model loses them
#   without a word. .to(torch.complex128) makes the real weights complex. None of the five gives what
#   one wants, float64 with complex128. Moving and changing in one call,
#   .to("cpu", torch.bfloat16), is no different.
# Package: torch 2.13.0. Date: 2026-11-30.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check torch==2.13.0

"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import warnings

import torch
from torch import nn


class Mixed(nn.Module):
    def __init__(self):
        super().__init__()
        self.real = nn.Parameter(torch.ones(2))
        self.fourier = nn.Parameter(torch.tensor([1 + 2j, 3 - 4j]))
        self.register_buffer("character", torch.tensor([1j, -1j]))


def seen(words, change):
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        layer = change(Mixed())
    tensors = (layer.real, layer.fourier, layer.character)
    dtypes = [str(t.dtype).removeprefix("torch.") for t in tensors]
    lost = any("imaginary" in str(one.message) for one in said)
    print(f"{words:24}", *dtypes, layer.fourier.tolist(), "warning" if lost else "")
    return dtypes, layer.fourier.tolist(), lost


print("torch", torch.__version__)
complex_stays = ["complex64", "complex64"]
assert seen(".double()", lambda m: m.double())[0] == ["float64", *complex_stays]
assert seen(".half()", lambda m: m.half())[0] == ["float16", *complex_stays]
first = seen(".to(float64)", lambda m: m.to(torch.float64))
second = seen(".to('cpu', bfloat16)", lambda m: m.to("cpu", torch.bfloat16))
third = seen(".to(float16)", lambda m: m.to(torch.float16))
assert first == (["float64"] * 3, [1.0, 3.0], True)
assert second == (["bfloat16"] * 3, [1.0, 3.0], False)
assert third == (["float16"] * 3, [1.0, 3.0], False)
assert seen(".to(complex128)", lambda m: m.to(torch.complex128))[0] == ["complex128"] * 3
PYTHON
