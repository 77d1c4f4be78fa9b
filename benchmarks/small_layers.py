"""Layers of small groups measured beside ``nn.Linear``, escnn and symm-learning.

Alone: ``python benchmarks/small_layers.py [--only D8] [--seconds 0.1]``; part of ``make bench``.
Regular module to itself, planned for the batch, float32, microseconds; medians of rounds that take
everything in turn.
*Linear* is ``nn.Linear`` of the flattened size on flat inputs, *flattened* the same between
``flatten`` and ``unflatten``, as data of points and channels need it. In training *node* is what
any derivative written in Python costs: flattened, with a dense weight and one
``torch.autograd.Function``. Training is a forward and a backward pass, with the gradients of the
input; *step* has one step of SGD as well. Evaluation is ``eval()`` without gradients.

escnn (1.0.11) and symm-learning (0.8.1) are measured if ``PLREP_PEERS_PYTHON`` names a Python that
has them, in a process of its own right after each case, beside ``nn.Linear`` there: what is shown
is how many times slower than ours they are, relative to it.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import torch

    Runs = dict[str, Callable[[], object]]

GROUPS = ("C2", "C2 x C2", "C4", "D8", "Q8", "S4", "D32")
CHANNELS = (4, 16)
BATCHES = (1, 64)
#: Group, channels and batch of all cases.
CASES = [(g, c, b) for g in GROUPS for c in CHANNELS for b in BATCHES] + [("A5", 16, 64)]
#: escnn's functions for these groups, and their arguments; it has no quaternions.
PEER_GROUPS: dict[str, tuple[str, tuple[int, ...]]] = {
    "C2": ("cyclic_group", (2,)),
    "C2 x C2": ("dihedral_group", (2,)),
    "C4": ("cyclic_group", (4,)),
    "D8": ("dihedral_group", (4,)),
    "S4": ("octa_group", ()),
    "D32": ("dihedral_group", (16,)),
    "A5": ("ico_group", ()),
}
OPTION = "PLREP_PEERS_PYTHON"


def in_turn(runs: Runs, seconds: float) -> dict[str, float]:
    """Return median microseconds of a call; each round calls everything some times."""
    repeats = {}
    for name, run in runs.items():
        run()
        start = time.perf_counter()
        for _ in range(5):
            run()
        repeats[name] = max(1, round(5 * 1e-3 / (time.perf_counter() - start)))
    times: dict[str, list[float]] = {name: [] for name in runs}
    start = time.perf_counter()
    while time.perf_counter() - start < seconds * len(runs) or len(times[name]) < 5:
        for name, run in runs.items():
            count = repeats[name]
            began = time.perf_counter()
            for _ in range(count):
                run()
            times[name].append((time.perf_counter() - began) / count)
    return {name: 1e6 * statistics.median(each) for name, each in times.items()}


def _without_gradients(run: Callable[[], object]) -> Callable[[], None]:
    import torch

    def call() -> None:
        with torch.no_grad():
            run()

    return call


def _trained(
    run: Callable[[], torch.Tensor], parameters: Iterable[torch.Tensor], x: torch.Tensor
) -> Callable[[], None]:
    own = [*parameters, x]

    def call() -> None:
        run().sum().backward()
        for p in own:
            p.grad = None

    return call


def _stepped(
    run: Callable[[], torch.Tensor], parameters: Iterable[torch.Tensor]
) -> Callable[[], None]:
    import torch

    optimizer = torch.optim.SGD(list(parameters), lr=1e-6)

    def call() -> None:
        optimizer.zero_grad()
        run().sum().backward()
        optimizer.step()

    return call


def _node() -> Any:  # noqa: ANN401 - a function of torch
    """Return ``nn.Linear``, flattened, as a function with a derivative written in Python."""
    import torch

    class Product(torch.autograd.Function):
        @staticmethod
        def forward(
            ctx: Any,  # noqa: ANN401 - torch's own
            x: torch.Tensor,
            weight: torch.Tensor,
            bias: torch.Tensor,
        ) -> torch.Tensor:
            ctx.save_for_backward(x, weight)
            return torch.nn.functional.linear(x.flatten(1), weight, bias).view(x.shape)

        @staticmethod
        def backward(  # type: ignore[override]
            ctx: Any,  # noqa: ANN401 - torch's own
            gradient: torch.Tensor,
        ) -> tuple[torch.Tensor, ...]:
            x, weight = ctx.saved_tensors
            flat = gradient.flatten(1)
            of_weight = torch.mm(flat.t(), x.flatten(1))
            return torch.mm(flat, weight).view(x.shape), of_weight, flat.sum(0)

    return Product.apply


def measure(group: str, channels: int, batch: int, seconds: float) -> dict[str, dict[str, float]]:
    """Return microseconds of our layer and of ``nn.Linear``."""
    import torch

    import toolkit as tk

    X = tk.group(group).regular_module()
    n = X.degree
    ours = tk.nn.EquivariantLinear(X, X, channels, channels, batch_hint=batch)
    linear = torch.nn.Linear(n * channels, n * channels)
    node = _node()
    x = torch.randn(batch, n, channels)
    z = x.clone().requires_grad_()
    flat = z.detach().flatten(1).requires_grad_()
    trained = {
        "Linear": _trained(lambda: linear(flat), linear.parameters(), flat),
        "ours": _trained(lambda: ours(z), ours.parameters(), z),
        "flattened": _trained(
            lambda: linear(z.flatten(1)).unflatten(1, (n, channels)), linear.parameters(), z
        ),
        "node": _trained(lambda: node(z, linear.weight, linear.bias), linear.parameters(), z),
    }
    out = {"training": in_turn(trained, seconds)}
    stepped = {
        "Linear": _stepped(lambda: linear(flat.detach()), linear.parameters()),
        "ours": _stepped(lambda: ours(x), ours.parameters()),
    }
    out["step"] = in_turn(stepped, seconds)
    ours.eval()
    linear.eval()
    flat = x.flatten(1)
    evaluated = {
        "Linear": _without_gradients(lambda: linear(flat)),
        "ours": _without_gradients(lambda: ours(x)),
        "flattened": _without_gradients(
            lambda: linear(x.flatten(1)).unflatten(1, (n, channels)),
        ),
    }
    return out | {"eval": in_turn(evaluated, seconds)}


# -- other libraries, in a process of their own ----------------------------------------------------


def peers(group: str, channels: int, batch: int, seconds: float) -> dict[str, dict[str, float]]:
    """Return microseconds of escnn's and symm-learning's layers and of ``nn.Linear`` there."""
    import escnn.group
    import torch
    from escnn import gspaces
    from escnn import nn as enn
    from escnn.group import directsum
    from symm_learning.nn import eLinear

    name, arguments = PEER_GROUPS[group]
    G = getattr(escnn.group, name)(*arguments)
    kind = enn.FieldType(gspaces.no_base_space(G), channels * [G.regular_representation])
    of_escnn = enn.Linear(kind, kind)
    representation = directsum([G.regular_representation] * channels)
    symm = eLinear(representation, representation)
    size = representation.size
    linear = torch.nn.Linear(size, size)
    x = torch.randn(batch, size)
    z = x.clone().requires_grad_()
    field = enn.GeometricTensor(z, kind)
    trained = {
        "Linear": _trained(lambda: linear(z), linear.parameters(), z),
        "escnn": _trained(lambda: of_escnn(field).tensor, of_escnn.parameters(), z),
        "symm-learning": _trained(lambda: symm(z), symm.parameters(), z),
    }
    out = {"training": in_turn(trained, seconds)}
    for layer in (linear, of_escnn, symm):
        layer.eval()
    field = enn.GeometricTensor(x, kind)
    evaluated = {
        "Linear": _without_gradients(lambda: linear(x)),
        "escnn": _without_gradients(lambda: of_escnn(field)),
        "symm-learning": _without_gradients(lambda: symm(x)),
    }
    return out | {"eval": in_turn(evaluated, seconds)}


def _peers_process(
    case: tuple[str, int, int], threads: int, seconds: float
) -> dict[str, dict[str, float]]:
    python = os.environ.get(OPTION)
    if not python or case[0] not in PEER_GROUPS:
        return {}
    words = [json.dumps(case), "--threads", str(threads), "--seconds", str(seconds)]
    done = subprocess.run(
        [python, "-W", "ignore", __file__, "--peers", *words],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        print(f"  {case}: the other libraries ended with {done.stderr.strip()[-200:]}")
        return {}
    found: dict[str, dict[str, float]] = json.loads(done.stdout.splitlines()[-1])
    return found


HEADER = (
    "layer, channels, batch", "eval us", "/Linear", "/flattened", "escnn", "symm-l.",
    "training us", "/Linear", "/flattened", "/node", "escnn", "symm-l.", "step /Linear",
)  # fmt: skip


def row(case: tuple[str, int, int], threads: int, seconds: float) -> list[str]:
    """Measure one case."""
    found = measure(*case, seconds)
    others = _peers_process(case, threads, seconds)
    cells = [f"{case[0]}, {case[1]}, {case[2]}"]
    for kind, rivals in (("eval", ("flattened",)), ("training", ("flattened", "node"))):
        own = found[kind]
        ratio = own["ours"] / own["Linear"]
        cells += [f"{own['ours']:.1f}", f"{ratio:.2f}"]
        cells += [f"{own['ours'] / own[name]:.2f}" for name in rivals]
        for peer in ("escnn", "symm-learning"):
            there = others.get(kind)
            cells.append(f"{there[peer] / there['Linear'] / ratio:.1f}" if there else "-")
    return [*cells, f"{found['step']['ours'] / found['step']['Linear']:.2f}"]


def report(seconds: float = 0.1, only: str = "", threads: Iterable[int] = (1, 2)) -> None:
    """Print the tables."""
    import torch
    from run_all import table

    if not os.environ.get(OPTION):
        print(f"\nescnn and symm-learning are left out: {OPTION} names no Python that has them")
    before = torch.get_num_threads()
    for count in threads:
        torch.set_num_threads(count)
        rows = []
        for case in CASES:
            if only in case[0]:
                rows.append(row(case, count, seconds))
                print("   ", *rows[-1], file=sys.stderr, flush=True)
        table(f"Layers of small groups, threads: {count}", HEADER, rows)
    torch.set_num_threads(before)


def main() -> None:
    """Measure from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="cases whose group has this in its name")
    parser.add_argument("--seconds", type=float, default=0.1)
    parser.add_argument("--threads", type=int, nargs="*", default=[1, 2])
    parser.add_argument("--peers", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.peers:
        import torch

        torch.set_num_threads(options.threads[0])
        print(json.dumps(peers(*json.loads(options.peers), options.seconds)))
        return
    os.environ.setdefault("PLREP_CACHE_DIR", tempfile.mkdtemp(prefix="plrep-bench-"))
    report(options.seconds, options.only, options.threads)


if __name__ == "__main__":
    main()
