"""Group convolutions measured beside torch's own with the same dense weight, and escnn.

Alone: ``python benchmarks/convolutions.py [--only D8] [--seconds 2]``; part of ``make bench``.
Times are medians in milliseconds, float32, the layers in turn, with one thread and two. *Kept* is a
call that need not gather the kernel again. escnn (1.0.11) is measured if ``PLREP_PEERS_PYTHON``
names a Python that has it, in a process of its own and beside torch's convolution there: the
ratios to torch are what can be compared. Its filters are compared with ours as well.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tempfile
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

    from toolkit.nn import GroupConvolution

#: name: group, axes, window, pixels along each axis, channels, batch
CASES: dict[str, tuple[str, int, int, int, int, int]] = {
    "C4, 28 x 28, batch 16": ("C4", 2, 3, 28, 8, 16),
    "D8, 28 x 28, batch 16": ("D8", 2, 3, 28, 8, 16),
    "D8, 14 x 14, batch 64": ("D8", 2, 3, 14, 16, 64),
    "D8, 5 x 5 window, batch 16": ("D8", 2, 5, 28, 8, 16),
    "D8, 28 x 28, batch 1": ("D8", 2, 3, 28, 8, 1),
    "D8, 8 x 8, batch 1": ("D8", 2, 3, 8, 16, 1),
    "cube, 8 x 8 x 8, batch 4": ("C2 wr S3", 3, 3, 8, 1, 4),
}
#: What escnn calls the groups of the plane.
SPACES = {"C4": "rot2dOnR2", "D8": "flipRot2dOnR2"}
OPTION = "PLREP_PEERS_PYTHON"


def layer_of(case: tuple[str, int, int, int, int, int]) -> GroupConvolution:
    """Return the convolution of a case, from the regular module to itself."""
    import toolkit as tk

    name, axes, size, _, channels, _ = case
    G = tk.group(name)
    X, window = G.regular_module(), tk.nn.square_window(G, size, axes)
    return tk.nn.GroupConvolution(window, X, X, channels, channels, padding="same")


def forward(layer: torch.nn.Module, x: object) -> None:
    """Run a layer without gradients."""
    import torch

    with torch.no_grad():
        layer(x)


def training(layer: torch.nn.Module, x: torch.Tensor) -> None:
    """Run a layer and the gradients of its input and weights."""
    z = x.detach().requires_grad_()
    layer(z).sum().backward()
    for parameter in layer.parameters():
        parameter.grad = None


def measure(name: str, seconds: float, threads: int) -> dict[str, float]:
    """Return the milliseconds of our layer and of torch's own with the same weight."""
    import torch
    from layers import in_turn

    import toolkit as tk

    torch.set_num_threads(threads)
    torch.manual_seed(0)
    case = CASES[name]
    layer = layer_of(case)
    dense = layer.to_dense()
    x = torch.randn(case[5], layer.X.degree, case[4], *[case[3]] * case[1])
    images = x.flatten(1, 2)
    found = in_turn(
        {"ours": partial(forward, layer, x), "torch": partial(forward, dense, images)}, seconds
    )
    layer.eval()
    with tk.nn.prepared():
        again = in_turn(
            {"kept": partial(forward, layer, x), "torch": partial(forward, dense, images)}, seconds
        )
    layer.train()
    trained = in_turn(
        {"ours": partial(training, layer, x), "torch": partial(training, dense, images)}, seconds
    )
    return {
        "torch": found["torch"],
        "gathered": found["ours"] / found["torch"],
        "kept": again["kept"] / again["torch"],
        "torch training": trained["torch"],
        "training": trained["ours"] / trained["torch"],
    }


# -- escnn, in a process of its own ----------------------------------------------------------------


def peer(name: str, seconds: float, threads: int) -> dict[str, Any]:
    """Return escnn's times beside torch's convolution, and its filters; toolkit is not imported."""
    import torch
    from escnn import gspaces
    from escnn import nn as enn
    from layers import in_turn

    torch.set_num_threads(threads)
    torch.manual_seed(0)
    group, _, size, pixels, channels, batch = CASES[name]
    space = getattr(gspaces, SPACES[group])(4)
    fibre = space.regular_repr.size
    many = enn.FieldType(space, channels * [space.regular_repr])
    layer = enn.R2Conv(many, many, size, padding=size // 2)
    dense = torch.nn.Conv2d(fibre * channels, fibre * channels, size, padding=size // 2)
    x = torch.randn(batch, fibre * channels, pixels, pixels)
    field = enn.GeometricTensor(x, many)

    def step() -> None:
        z = enn.GeometricTensor(x.detach().requires_grad_(), many)
        layer(z).tensor.sum().backward()
        for parameter in layer.parameters():
            parameter.grad = None

    layer.train()
    trained = in_turn({"peer": step, "torch": partial(training, dense, x)}, seconds)
    layer.eval()
    found = in_turn(
        {"peer": partial(forward, layer, field), "torch": partial(forward, dense, x)}, seconds
    )
    out: dict[str, Any] = {
        "kept": found["peer"] / found["torch"],
        "training": trained["peer"] / trained["torch"],
    }
    return {**out, **filters(space, size)}


def filters(space: Any, size: int) -> dict[str, Any]:  # noqa: ANN401 - of escnn
    """Return filters of escnn between regular fields, and how the generators act.

    With escnn's own limit of frequencies, which keeps filters smooth.
    """
    import numpy as np
    import torch
    from escnn import nn as enn

    one = enn.FieldType(space, [space.regular_repr])
    conv = enn.R2Conv(one, one, size)
    count = conv.basisexpansion.dimension()
    found = []
    for _ in range(count + 4):
        torch.nn.init.normal_(conv.weights)
        found.append(conv.expand_parameters()[0].detach().double().numpy())
    rotation, *reflection = sorted(
        space.fibergroup.generators, key=lambda g: np.trace(space.regular_repr(g @ g))
    )
    return {
        "dimension": count,
        "filters": np.array(found).tolist(),
        "fibre": [space.regular_repr(g).argmax(1).tolist() for g in (rotation, *reflection)],
        "plane": [np.round(space.basespace_action(g)).tolist() for g in (rotation, *reflection)],
    }


def compared(group: str, found: dict[str, Any]) -> dict[str, float]:
    """Compare escnn's filters with our kernels: dimensions, and the part outside of ours.

    escnn lets g act by F(A^-1 x) on the plane, x to the right and y up, and by its regular
    representation on the fibre; as rows and columns of an image that is a window of ours.
    """
    import numpy as np

    import toolkit as tk
    from toolkit.nn.linear.hom_space import OrbitalHomSpace

    kernels = np.array(found["filters"])
    G = tk.group(group)
    to_pixels = np.array([[0, -1], [1, 0]])  # row = -y, column = x
    matrices = to_pixels @ np.array(found["plane"]) @ to_pixels.T
    X = G.module_from_images(np.array(found["fibre"]))
    window = tk.nn.Window.box(G, kernels.shape[3:], np.rint(matrices).astype(int))
    space = OrbitalHomSpace(window.module * X, X)
    labels = space.labels.reshape(X.degree, len(window), X.degree)
    flat = kernels.reshape(len(kernels), X.degree, X.degree, -1).transpose(0, 1, 3, 2)
    flat = flat.reshape(len(kernels), -1)
    sums = np.stack([np.bincount(labels.ravel(), weights=row) for row in flat])
    means = sums / np.bincount(labels.ravel())
    outside = np.linalg.norm(flat - means[:, labels.ravel()]) / np.linalg.norm(flat)
    return {
        "ours": space.count,
        "escnn": found["dimension"],
        "rank": int(np.linalg.matrix_rank(means, tol=1e-4 * np.linalg.norm(means, 2))),
        "outside": float(outside),
    }


def asked(name: str, seconds: float, threads: int) -> dict[str, Any] | None:
    """Return what a process with escnn measures; ``None`` if there is none for the case."""
    python = os.environ.get(OPTION)
    if not python or CASES[name][0] not in SPACES:
        return None
    command = [python, "-W", "ignore", __file__, "--peer", name, "--seconds", str(seconds)]
    done = subprocess.run(
        [*command, "--threads", str(threads)], capture_output=True, text=True, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def report(only: str = "", seconds: float = 2.0) -> None:
    """Print the tables."""
    from run_all import table

    header = (
        "layer", "weights", "dense", "torch ms", "gathered /torch", "kept /torch",
        "training ms", "/torch", "escnn eval /torch", "escnn training /torch",
    )  # fmt: skip
    spaces: dict[str, dict[str, float]] = {}
    for threads in (1, 2):
        rows = []
        for name in (n for n in CASES if only in n):
            case = CASES[name]
            layer = layer_of(case)
            found = measure(name, seconds, threads)
            other = asked(name, seconds, threads)
            if other is not None:
                spaces[f"{case[0]}, {case[2]} x {case[2]}"] = compared(case[0], other)
            rows.append([
                name, str(layer.hom_space.count), str(layer.kernel().numel() // case[4] ** 2),
                f"{found['torch']:.2f}", f"{found['gathered']:.2f}", f"{found['kept']:.2f}",
                f"{found['torch training']:.2f}", f"{found['training']:.2f}",
                *([f"{other['kept']:.2f}", f"{other['training']:.2f}"] if other else ["-", "-"]),
            ])  # fmt: skip
        table(f"Group convolutions, regular to regular, {threads} threads", header, rows)
    if not os.environ.get(OPTION):
        print(f"\nescnn is not measured: {OPTION} names no Python that has it")
        return
    table(
        "escnn's filters, regular to regular: how many, and how far from ours",
        ("layer", "our kernels", "escnn's", "independent", "part outside of ours"),
        [
            [name, f"{v['ours']}", f"{v['escnn']}", f"{v['rank']}", f"{v['outside']:.0e}"]
            for name, v in spaces.items()
        ],
    )


def main() -> None:
    """Measure what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="cases whose name has this in it")
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--threads", type=int, default=1, help=argparse.SUPPRESS)
    parser.add_argument("--peer", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.peer:
        print(json.dumps(peer(options.peer, options.seconds, options.threads)))
        return
    os.environ.setdefault("PLREP_CACHE_DIR", tempfile.mkdtemp(prefix="plrep-bench-"))
    report(options.only, options.seconds)


if __name__ == "__main__":
    main()
