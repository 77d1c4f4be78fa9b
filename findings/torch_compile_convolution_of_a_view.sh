#!/usr/bin/env bash
# Expected: a compiled function with a convolution takes images of a second size, as in eager mode.
# Real: on a CPU, with the default backend, compilation for the second size, when sizes become
#   symbols, ends with "TypeError: cannot determine truth value of Relational", if what is convolved
#   is a view with two axes joined (flatten, reshape). With the axes as they are, or after a sum
#   with 0, it compiles; so it does with the backend aot_eager. Another batch alone is fine.
# Package: torch 2.13.0 (CPU), a C++ compiler. Date: 2026-11-30.
# Why it matters here: points and channels of a field are joined before torch's convolution.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check torch==2.13.0
export TORCHINDUCTOR_CACHE_DIR="$folder/compiled"

"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import logging

import torch

logging.disable(logging.ERROR)
print("torch", torch.__version__)
convolution = torch.nn.Conv2d(16, 24, 3, padding=1).eval()
FUNCTIONS = {
    "joined by flatten": (lambda x: convolution(x.flatten(1, 2)), (8, 2)),
    "joined by reshape": (lambda x: convolution(x.reshape(x.shape[0], 16, *x.shape[3:])), (8, 2)),
    "joined, plus 0": (lambda x: convolution(x.flatten(1, 2) + 0.0), (8, 2)),
    "as they are": (lambda x: convolution(x), (16,)),
}


def runs(function, channels, backend, sizes):
    torch._dynamo.reset()
    compiled = torch.compile(function, fullgraph=True, backend=backend)
    try:
        for batch, size in sizes:
            x = torch.randn(batch, *channels, *size)
            torch.testing.assert_close(compiled(x), function(x))
    except Exception as error:
        assert "cannot determine truth value" in str(error), error
        return False
    return True


two, batches = [(4, (6, 7)), (4, (9, 5))], [(4, (6, 7)), (5, (6, 7))]
found = {}
for name, (function, channels) in FUNCTIONS.items():
    found[name] = runs(function, channels, "inductor", two)
    print(f"{name}: a second size {'runs' if found[name] else 'does not compile'}")
assert found == {
    "joined by flatten": False, "joined by reshape": False,
    "joined, plus 0": True, "as they are": True,
}
assert runs(*FUNCTIONS["joined by flatten"], "inductor", batches)
assert runs(*FUNCTIONS["joined by flatten"], "aot_eager", two)
PYTHON
