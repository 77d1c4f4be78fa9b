"""Statistics of symmetric data measured: beside plain torch, and beside symm-learning.

``python benchmarks/symmetric_statistics.py [--seconds 1] [--only A5] [--threads 1]``. Copies of a
regular module, float64, torch on the CPU. Times are medians in milliseconds, of calls in turn with
a plain torch function on the same samples without symmetry: a mean, a covariance, a least squares.
symm-learning (0.8.1) is measured if ``PLREP_PEERS_PYTHON`` names a Python that has it: in a process
of its own, on the same samples and matrices of the group, beside the same plain functions. The
largest difference of values is told: its least squares are those of
``findings/symm_learning_lstsq_is_not_the_least.sh``, not the least.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from layers import in_turn

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

OPTION = "PLREP_PEERS_PYTHON"

#: name: our group, escnn's class and argument, channels, samples
CASES: dict[str, tuple[str, str, tuple[Any, ...], int, int]] = {
    "C2 x C2": ("C2 x C2", "DihedralGroup", (2,), 8, 1000),
    "C8": ("C8", "CyclicGroup", (8,), 8, 1000),
    "D16": ("D16", "DihedralGroup", (8,), 4, 1000),
    "A5": ("A5", "Icosahedral", (), 4, 2000),
}
KINDS = ("mean", "covariance", "lstsq")


def regular_images(name: str) -> NDArray[np.intp]:
    """Return the generators' images on the regular module."""
    import toolkit as tk

    return tk.group(CASES[name][0]).regular_module().images


def samples(points: int, channels: int, count: int) -> tuple[Any, Any]:
    """Return x and y of shape ``(count, points, channels)``, the same in every process."""
    import torch

    generator = torch.Generator().manual_seed(0)
    size = (2, count, points, channels)
    x, y = torch.randn(size, generator=generator, dtype=torch.float64)
    return x, y + x


def plain(kind: str, x: Any, y: Any) -> Any:  # noqa: ANN401 - tensors
    """Do without symmetry what is measured."""
    import torch

    x, y = x.flatten(1), y.flatten(1)
    if kind == "mean":
        return x.mean(dim=0)
    if kind == "covariance":
        return torch.cov(x.T, correction=0)
    return torch.linalg.lstsq(x, y).solution


def ours(name: str, seconds: float) -> dict[str, Any]:
    """Return our times beside the plain ones, and our values."""
    import toolkit as tk

    _, _, _, channels, count = CASES[name]
    X = tk.group(CASES[name][0]).regular_module()
    x, y = samples(X.degree, channels, count)
    asks = {
        "mean": lambda: tk.equivariant_mean(X, x),
        "covariance": lambda: tk.equivariant_covariance(X, x).matrix(),
        "lstsq": lambda: tk.lstsq(X, X, x, y, intercept=False).matrix(),
    }
    return measured(asks, x, y, seconds)


def measured(asks: dict[str, Any], x: Any, y: Any, seconds: float) -> dict[str, Any]:  # noqa: ANN401
    """Return per kind the milliseconds, those of the plain function, and the value."""
    out: dict[str, Any] = {}
    for kind, ask in asks.items():
        value = ask()
        ask()
        found = in_turn({"own": ask, "plain": partial(plain, kind, x, y)}, seconds)
        out[kind] = (found["own"], found["plain"], value.flatten().tolist())
    return out


def peer(name: str, matrices: str, seconds: float) -> dict[str, Any]:
    """Return symm-learning's times and values; the toolkit is not imported."""
    import numpy as np
    import symm_learning.stats as stats
    import torch
    from escnn import group as escnn_group
    from symm_learning.linalg import lstsq
    from symm_learning.representation_theory import direct_sum

    _, kind, argument, channels, count = CASES[name]
    G = getattr(escnn_group, kind)(*argument)
    regular = G.regular_representation
    images = np.load(matrices)
    points = images.shape[1]
    order = aligned_points(G, regular, images)
    rep = direct_sum([regular] * channels)
    x, y = samples(points, channels, count)
    place = torch.from_numpy(order)

    def theirs(v: Any) -> Any:  # noqa: ANN401 - (count, points, channels) to copy by copy
        return v[:, place].transpose(1, 2).reshape(count, -1)

    a, b = theirs(x), theirs(y)
    back = torch.arange(channels * points).reshape(channels, points)
    where = torch.empty(points, channels, dtype=torch.long)
    where[place] = back.T
    where = where.flatten()
    asks = {
        "mean": lambda: stats.mean(a, rep)[where],
        "covariance": lambda: stats.cov(a, a, rep, rep)[where][:, where] * (count - 1) / count,
        "lstsq": lambda: lstsq(a, b, rep, rep)[where][:, where],
    }
    return measured(asks, x, y, seconds)


def aligned_points(G: Any, regular: Any, images: NDArray[np.intp]) -> NDArray[np.intp]:  # noqa: ANN401
    """Return, per point of escnn's regular representation, the point of ours.

    Both are the group acting on itself; an isomorphism is found by trying images of generators.
    """
    import itertools

    import numpy as np

    elements = list(G.elements)
    tables = {g: np.argmax(regular(g), axis=1) for g in elements}
    n = len(elements)
    for chosen in itertools.product(elements, repeat=len(images)):
        own = [tables[g] for g in chosen]
        place = np.full(n, -1)
        place[0], queue, fits = 0, [0], True
        for point in queue:
            for g, image in enumerate(images):
                new, target = own[g][place[point]], image[point]
                if place[target] < 0:
                    place[target] = new
                    queue.append(int(target))
                fits = fits and place[target] == new
        if fits and len(queue) == n == len(set(place.tolist())):
            return np.argsort(place)
    raise RuntimeError(f"no isomorphism between the two descriptions of {G}")


def of_peer(name: str, seconds: float, threads: int) -> dict[str, Any] | None:
    """Return what the peer's process measured; ``None`` without one."""
    import numpy as np

    python = os.environ.get(OPTION)
    if not python:
        return None
    with tempfile.TemporaryDirectory() as folder:
        file = str(Path(folder) / "images.npy")
        np.save(file, regular_images(name))
        command = [python, "-W", "ignore", __file__, "--peer", name, "--images", file]
        command += ["--seconds", str(seconds), "--threads", str(threads)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"symm-learning on {name}: {done.stderr.strip().splitlines()[-1]}")
        return None
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def report(seconds: float = 1.0, only: str | None = None, threads: int = 1) -> None:
    """Measure all cases and print a table."""
    import numpy as np
    import torch

    from toolkit.text import table as aligned

    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    header = ("", "n", "what", "ms", "plain", "ratio", "symm-learning", "plain", "ratio", "apart")
    rows = [header]
    for name, (_, _, _, channels, count) in CASES.items():
        if only is not None and name != only:
            continue
        own, other = ours(name, seconds), of_peer(name, seconds, threads)
        for kind in KINDS:
            ms, base, value = own[kind]
            cells = [f"{ms:.3f}", f"{base:.3f}", f"{ms / base:.2f}"]
            if other is None:
                cells += ["", "", "", ""]
            else:
                ms, base, theirs = other[kind]
                apart = float(np.abs(np.subtract(value, theirs)).max())
                cells += [f"{ms:.3f}", f"{base:.3f}", f"{ms / base:.2f}", f"{apart:.1e}"]
            rows.append((f"{name}, {channels} channels", str(count), kind, *cells))
    print("\nStatistics of symmetric data, milliseconds (median)")
    print(*aligned([list(row) for row in rows], right=range(3, len(header)), indent=2), sep="\n")
    if not os.environ.get(OPTION):
        print(f"symm-learning is not measured: {OPTION} names no Python that has it")
    torch.set_num_threads(before)


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--only", choices=CASES)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--peer", help=argparse.SUPPRESS)
    parser.add_argument("--images", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.peer:
        import torch

        torch.set_num_threads(options.threads)
        print(json.dumps(peer(options.peer, options.images, options.seconds)))
        return
    report(options.seconds, options.only, options.threads)


if __name__ == "__main__":
    main()
