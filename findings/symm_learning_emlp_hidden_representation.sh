#!/usr/bin/env bash
# Expected: symm_learning.models.eMLP is equivariant for every hidden_rep that it accepts. Its
#   documentation offers "a user-provided base representation" and promises equivariance.
# Real: the activation is applied coordinate by coordinate whatever the representation. With the
#   plane rotations of C4 as hidden_rep, ReLU does not commute with the group: the network is built
#   without a word and is not equivariant. With the regular representation, the default, it is.
# Package: symm-learning 0.8.1 with escnn 1.0.11. Date: 2026-12-02.
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
from symm_learning.models import eMLP

print("symm-learning", version("symm-learning"))
group = CyclicGroup(4)
regular, plane = group.regular_representation, group.irrep(1)


def fault(hidden):
    """How far the network is from being equivariant under a quarter turn."""
    torch.manual_seed(0)
    network = eMLP(regular, plane, hidden_units=[32], hidden_rep=hidden).double()
    x = torch.randn(64, 4, dtype=torch.float64)
    turn = group.elements[1]
    before, after = (torch.tensor(r(turn)) for r in (regular, plane))
    with torch.no_grad():
        return float((network(x @ before.T) - network(x) @ after.T).abs().max())


print(f"regular: {fault(regular):.1e}, plane rotations: {fault(plane):.2f}")
assert fault(regular) < 1e-12
assert fault(plane) > 0.1
PYTHON
