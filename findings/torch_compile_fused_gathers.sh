#!/usr/bin/env bash
# Expected: torch.compile gives the gradients of eager mode, to rounding.
# Real: on a CPU, with the default backend, the gradient of x is off by 26 % and more when x stands
#   beside 13 to 20 permutations of itself in one concatenation. With 12, or with 30, it is right;
#   so it is with the backend aot_eager. Forward is right throughout, nothing is raised, and neither
#   the number of threads nor the width of vectors matters. Writing torch.gather instead of
#   index_select changes nothing; one gather with all indices, reshaped, is right.
# Package: torch 2.13.0 (CPU), a C++ compiler. Date: 2026-11-29.
# Why it matters here: a group convolution computed orbital by orbital is just that.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check torch==2.13.0
export TORCHINDUCTOR_CACHE_DIR="$folder/compiled"

"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import torch

torch.manual_seed(0)
print("torch", torch.__version__)


def with_permuted(x, orders):
    return torch.cat([x, *(x.index_select(1, order) for order in orders)], dim=2)


def by_gather(x, orders):
    wide = [order[None, :, None].expand(8, 16, 4) for order in orders]
    return torch.cat([x, *(x.gather(1, order) for order in wide)], dim=2)


def at_once(x, orders):
    taken = x.index_select(1, torch.stack([torch.arange(16), *orders], dim=1).flatten())
    return taken.reshape(8, 16, -1)


def deviation(function, count, backend):
    orders = [torch.randperm(16) for _ in range(count)]
    weight = torch.randn(8, 16, 4 * (count + 1))
    torch._dynamo.reset()
    gradients = []
    for run in (with_permuted, torch.compile(function, backend=backend)):
        x = torch.ones(8, 16, 4, requires_grad=True)
        (run(x, orders) * weight).sum().backward()
        gradients.append(x.grad)
    eager, compiled = gradients
    return ((eager - compiled).norm() / eager.norm()).item()


found = {}
for count in (12, 13, 15, 20, 30):
    found[count] = deviation(with_permuted, count, "inductor")
    print(f"{count} permutations, default backend: gradient off by {100 * found[count]:.0f} %")
plain = deviation(with_permuted, 15, "aot_eager")
print(f"15 permutations, aot_eager: gradient off by {100 * plain:.0f} %")
gather = deviation(by_gather, 15, "inductor")
print(f"15 permutations by torch.gather, default backend: gradient off by {100 * gather:.0f} %")
single = deviation(at_once, 15, "inductor")
print(f"15 permutations in one gather, default backend: gradient off by {100 * single:.0f} %")
wrong = {count for count, off in found.items() if off > 0.1}
assert wrong == {13, 15, 20}, wrong
assert gather > 0.1
assert max(plain, single, found[12], found[30]) < 1e-5
PYTHON
