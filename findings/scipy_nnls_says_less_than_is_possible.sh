#!/usr/bin/env bash
# Expected: x, r = nnls(A, b) are the non-negative weights whose A x comes closest to b, and the
#   distance, so that r is |A x - b|; lsq_linear with bounds (0, inf) solves the same problem.
# Real: with the 16 unit vectors (+-1, +-1, +-1, +-1, 1) / sqrt(5) as columns, a row of ones below,
#   and b = (0, ..., 0, 1), no weights come closer than 0.408, which equal ones reach. nnls returns
#   weights at a distance of 0.684 and says 0.182, less than is possible, without a warning or its
#   error of no convergence. Such columns, many of one length in few dimensions, are the normals of
#   symmetric arrangements. So compare the residual with the weights, and these with the conditions
#   of optimality (a gradient of the cost that is not negative), before they are believed.
# Packages: scipy 1.17.1, numpy 2.4.6. Date: 2026-12-01.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 scipy==1.17.1
"$folder/venv/bin/python" - <<'PYTHON'
import itertools

import numpy as np
from scipy.optimize import lsq_linear, nnls

columns = np.array([(*signs, 1) for signs in itertools.product((1, -1), repeat=4)]) / np.sqrt(5)
A = np.vstack([columns.T, np.ones(16)])
b = np.zeros(6)
b[-1] = 1
best = lsq_linear(A, b, (0, np.inf)).x
x, said = nnls(A, b)
print("nnls says                ", round(float(said), 4))
print("distance of its weights  ", round(float(np.linalg.norm(A @ x - b)), 4))
print("distance by lsq_linear   ", round(float(np.linalg.norm(A @ best - b)), 4))
mean = np.full(16, 1 / 16)
scale = (A @ mean) @ b / ((A @ mean) @ (A @ mean))
print("distance of equal weights", round(float(np.linalg.norm(scale * A @ mean - b)), 4))
print("least gradient of nnls   ", round(float((A.T @ (A @ x - b)).min()), 4))
wrong = abs(said - np.linalg.norm(A @ x - b)) > 0.1
raise SystemExit(0 if wrong else "nnls agrees with itself: the finding no longer holds")
PYTHON
