#!/usr/bin/env bash
# Expected: R2Conv of escnn commutes with its group for every frequencies_cutoff, the largest
#   frequency of the filters' basis; under rotations by 90 degrees, which permute the pixels, to
#   rounding. A larger cutoff gives more filters of the same, exactly known space: 36 for C4 with a
#   window of 3 x 3 between regular fields.
# Real: with a cutoff of 12 the layer is off by a quarter of its output under a rotation by 90 degrees,
#   without a word, and its basis has more than 36 independent filters. With 3 and 6 all is well.
# Package: escnn 1.0.11 with torch 2.13.0, numpy 1.26.4. Date: 2026-11-30.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
pip() { "$folder/venv/bin/pip" install --quiet --disable-pip-version-check "$@"; }
pip torch==2.13.0 numpy==1.26.4 scipy==1.17.1 joblib==1.6.0 autograd==1.9.1 pymanopt==2.2.1 \
    lie_learn==0.0.2 requests==2.34.2
# without py3nj, which needs a Fortran compiler: it is for SO(3) only
pip --no-deps escnn==1.0.11

"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import numpy as np
import torch
from escnn import gspaces
from escnn import nn as enn

torch.manual_seed(0)
space = gspaces.rot2dOnR2(4)
field = enn.FieldType(space, [space.regular_repr])
turn = space.fibergroup.element(1)
matrix = torch.tensor(space.regular_repr(turn), dtype=torch.float32)


def turned(x):
    return torch.rot90(torch.einsum("ij,bjhw->bihw", matrix, x), 1, (2, 3))


def measure(cutoff):
    layer = enn.R2Conv(field, field, 3, bias=False, frequencies_cutoff=lambda r: cutoff)
    filters = []
    for _ in range(60):
        torch.nn.init.normal_(layer.weights)
        filters.append(layer.expand_parameters()[0].detach().double().flatten().numpy())
    rank = np.linalg.matrix_rank(np.array(filters), tol=1e-3)
    layer.eval()
    x = torch.randn(1, 4, 9, 9)
    with torch.no_grad():
        y = layer(enn.GeometricTensor(x, field)).tensor
        there = layer(enn.GeometricTensor(turned(x), field)).tensor
    return int(rank), float((there - turned(y)).norm() / y.norm())


found = {cutoff: measure(cutoff) for cutoff in (3, 6, 12)}
for cutoff, (rank, error) in found.items():
    print(f"cutoff {cutoff}: {rank} independent filters, equivariance error {error:.1e}")
assert found[3][1] < 1e-5
assert found[6][1] < 1e-5
assert found[6][0] <= 36
assert found[12][1] > 0.05
assert found[12][0] > 36
PYTHON
