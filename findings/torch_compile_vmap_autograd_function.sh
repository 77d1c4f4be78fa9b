#!/usr/bin/env bash
# Expected: an autograd.Function with generate_vmap_rule = True works under torch.func.vmap, and what
#   works eagerly works compiled.
# Real: eager vmap works; torch.compile of the same call raises, since the compiler puts a class of
#   its own in the place of the function, and that class has no rule for vmap. Without vmap the
#   compiled function works. An operator made by torch.library.custom_op with register_autograd does
#   not help: torch.func.grad refuses it, compiled or not.
# Package: torch 2.13.0. Date: 2026-11-29.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check torch==2.13.0 numpy==2.4.6
export TORCHINDUCTOR_CACHE_DIR="$folder/compiled"

"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import torch

print("torch", torch.__version__)


class Reverse(torch.autograd.Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(x):
        return x.flip(0)

    @staticmethod
    def setup_context(ctx, inputs, output):
        pass

    @staticmethod
    def backward(ctx, gradient):
        return gradient.flip(0)


@torch.library.custom_op("finding::reverse", mutates_args=())
def reverse(x: torch.Tensor) -> torch.Tensor:
    return x.flip(0)


reverse.register_fake(lambda x: torch.empty_like(x))
reverse.register_autograd(lambda ctx, gradient: gradient.flip(0))


def outcome(run):
    try:
        return bool(run().isfinite().all())
    except Exception as error:
        return type(error).__name__


weight = torch.arange(3.0, requires_grad=True)
xs = torch.randn(4, 3)


def through_vmap(xs):
    return torch.func.vmap(lambda x: (Reverse.apply(weight) * x).sum())(xs)


eager = outcome(lambda: through_vmap(xs))
compiled = outcome(lambda: torch.compile(through_vmap, backend="eager", fullgraph=True)(xs))
alone = outcome(lambda: torch.compile(Reverse.apply, backend="eager", fullgraph=True)(weight))
operator = outcome(lambda: torch.func.grad(lambda x: reverse(x).sum())(torch.ones(3)))
print("autograd.Function: eager vmap", eager, "| compiled", alone, "| compiled vmap", compiled)
print("custom operator under torch.func.grad, not compiled:", operator)
assert eager is True and alone is True
assert isinstance(compiled, str) and isinstance(operator, str)
PYTHON
