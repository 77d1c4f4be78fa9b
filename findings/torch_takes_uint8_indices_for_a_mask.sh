#!/usr/bin/env bash
# Expected: a table of small labels in the smallest unsigned type indexes a tensor of weights as it
#   indexes an array: weights[labels] has the shape of the labels, one weight for each entry.
# Real: torch takes uint8, and of all integer types uint8 alone, for a mask, also in a NumPy array.
#   Where the shapes fit, the result is another one, with a deprecation warning only; else there is an
#   IndexError. NumPy arrays of int16, uint16, int32 and int64 index as they do in NumPy.
# Packages: torch 2.13.0, numpy 2.3.5. Date: 2026-11-29.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check torch==2.13.0 numpy==2.3.5

"$folder/venv/bin/python" - <<'PYTHON'
import warnings

import numpy as np
import torch

print("torch", torch.__version__, "numpy", np.__version__)
table = [[0, 1], [1, 0]]
weights = np.array([[10.0, 20.0], [30.0, 40.0]])


def outcome(labels):
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        try:
            found = torch.from_numpy(weights)[labels].tolist()
        except (IndexError, TypeError) as error:
            found = type(error).__name__
    return found, [" ".join(str(w.message).split())[:60] for w in seen]


expected = weights[np.array(table)].tolist()
print("NumPy, any type of integers:", expected)
outcomes = {}
for name in ("uint8", "int16", "uint16", "int32", "int64"):
    outcomes[name] = outcome(np.array(table, dtype=name))
    print("NumPy array of", name, "on a tensor:", *outcomes[name])
tensor = outcome(torch.tensor(table, dtype=torch.uint8))
print("tensor of uint8 on a tensor:", *tensor)
assert outcomes["uint8"][0] == tensor[0] == [20.0, 30.0] != expected, "it has changed"
assert outcomes["int64"][0] == expected, "it has changed"
PYTHON
