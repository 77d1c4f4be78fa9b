#!/usr/bin/env bash
# Expected: symm_learning.linalg.lstsq(x, y, rep_x, rep_y) returns, as its documentation says, the
#   matrix A that minimises |Y - A X| among those that commute with the group.
# Real: it returns the projection of the unconstrained solution to those that commute, which is
#   another matrix: with few samples its error is larger. On the regular representation of the
#   cyclic group of order 3, four samples, the squared error is 9.24 where 9.05 can be had; on the
#   samples with all their images plain least squares finds the same 9.05.
# Package: symm-learning 0.8.1 with escnn 1.0.11. Date: 2026-11-30.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
  symm-learning==0.8.1 escnn==1.0.11 py3nj==0.2.1 "numpy<2" torch==2.13.0

"$folder/venv/bin/python" -W ignore - <<'PYTHON'
from importlib.metadata import version

import torch
from escnn.group import CyclicGroup
from symm_learning.linalg import lstsq

print("symm-learning", version("symm-learning"))
torch.manual_seed(0)
group = CyclicGroup(3)
regular = group.regular_representation
x, y = torch.randn(2, 4, 3, dtype=torch.float64)
found = lstsq(x, y, regular, regular)

# all that commute are combinations of the three permutation matrices
matrices = [torch.tensor(regular(g)) for g in group.elements]
assert all(torch.allclose(found @ p, p @ found) for p in matrices)
columns = torch.stack([(x @ p.T).flatten() for p in matrices], dim=1)
weights = torch.linalg.lstsq(columns, y.flatten()[:, None]).solution[:, 0]
best = sum(w * p for w, p in zip(weights, matrices, strict=True))

# another route: plain least squares on the samples and all their images
images = torch.cat([x @ p.T for p in matrices]), torch.cat([y @ p.T for p in matrices])
assert torch.allclose(torch.linalg.lstsq(*images).solution.T, best)


def error(matrix):
    return float(((y - x @ matrix.T) ** 2).sum())


print(f"squared error {error(found):.4f}, least {error(best):.4f}")
assert error(found) > error(best) + 0.1
PYTHON
