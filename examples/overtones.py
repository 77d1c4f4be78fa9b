"""f(sin x) and its overtones: what an activation makes of one frequency, on n points.

A sine goes in. The odd part of f gives odd multiples of its frequency, the even part even ones, as
a plucked string sounds its overtones. On n points frequencies k and n - k are one simple, so that
high overtones fold back.
"""

from __future__ import annotations

import math

import matplotlib as mpl
import numpy as np
from training import OUT, PALETTE, is_quick

import toolkit as tk
from toolkit.pl import find_activation, limit_transfer, sine_series

ACTIVATIONS = ("relu", "abs", "tanh", "gelu")
AMPLITUDE = 2.0
SHIFT = 0.3  # so that no sample of the sine is 0 or repeats another by accident


def sine(n: int) -> np.ndarray:
    """Return A sin(2 pi x / n + shift) on n points."""
    return AMPLITUDE * np.sin(2 * math.pi * np.arange(n) / n + SHIFT)


def shares_on_points(activation: str, n: int, kind: type = np.float64) -> dict[int, float]:
    """Return by frequency the share of the energy of f(sine) on n points."""
    X = tk.group(f"C{n}").natural_module()
    basis = tk.fourier_basis(X)
    f = find_activation(activation)
    values = np.asarray(f(sine(n).astype(kind)), dtype=kind).astype(np.float64)
    energies = basis.energies(values[:, None])
    whole = sum(float(e.sum()) for e in energies.values())
    index = frequencies(n)
    return {k: float(energies[label].sum()) / whole for k, label in sorted(index.items())}


def frequencies(n: int) -> dict[int, str]:
    """Return the simples of C_n by frequency."""
    return {int(s.paper_index): s.label for s in tk.group(f"C{n}").simples}


def shares_on_circle(activation: str, count: int) -> np.ndarray:
    """Return by frequency the share of the energy of f(A sin x) on the circle."""
    cosines, sines = sine_series(activation, count, amplitude=AMPLITUDE)
    energy: np.ndarray = (cosines**2 + sines**2) / 2
    energy[0] *= 2
    x = np.linspace(0, 2 * math.pi, 20000, endpoint=False)
    return energy / (find_activation(activation)(AMPLITUDE * np.sin(x)) ** 2).mean()


def check(activation: str, n: int) -> str:
    """Compare the exact interaction graph with what is measured on n points."""
    X = tk.group(f"C{n}").natural_module()
    index = frequencies(n)
    possible = set(tk.interaction_graph(X, activation).successors(index[1]))
    exact = shares_on_points(activation, n)
    single = shares_on_points(activation, n, np.float32)
    zero = [k for k, label in index.items() if label not in possible]
    sounds = [k for k, label in index.items() if label in possible]
    largest = max((single[k] for k in zero), default=0.0)
    smallest = min(exact[k] for k in sounds)
    if largest >= 1e-6 or smallest < 1e-26:
        raise RuntimeError(f"{activation}, C{n}: zeros {largest:.1e}, others {smallest:.1e}")
    words = f"exactly zero k = {', '.join(map(str, sorted(zero))) or 'none'}"
    return f"{words:<42} measured below 1e-12: {largest < 1e-12}; smallest other {smallest:.1e}"


def draw(n: int, count: int) -> None:
    """Draw f(sin x) and the spectrum of each activation."""
    import matplotlib.pyplot as plt

    plt.rcParams.update({"font.size": 9})
    figure, rows = plt.subplots(
        len(ACTIVATIONS), 2, figsize=(8.2, 8.6), width_ratios=(1, 1.5), layout="constrained"
    )
    x = np.linspace(0, 2 * math.pi, 400)
    points = np.arange(n) * 2 * math.pi / n
    X = tk.group(f"C{n}").natural_module()
    index = frequencies(n)
    for number, (activation, (left, right)) in enumerate(zip(ACTIVATIONS, rows, strict=True)):
        f = find_activation(activation)
        colour = PALETTE[(0, 5, 2, 3)[number]]
        left.plot(x, AMPLITUDE * np.sin(x + SHIFT), color="#c9ced6", lw=1.2)
        left.plot(x, f(AMPLITUDE * np.sin(x + SHIFT)), color=colour, lw=1.6)
        left.plot(points, f(sine(n)), "o", color=colour, ms=4)
        left.set_title(f"{activation}({AMPLITUDE:g} sin x)", loc="left", fontweight="bold")
        left.set_xticks([0, math.pi, 2 * math.pi], ["0", "π", "2π"])
        left.set_ylim(-2.3, 2.3)
        circle = shares_on_circle(activation, count)
        found = shares_on_points(activation, n)
        possible = set(tk.interaction_graph(X, activation).successors(index[1]))
        ks = [k for k in range(count) if circle[k] > 1e-20]
        right.semilogy(
            ks, circle[ks], "o", mfc="none", mec="#2b2f36", ms=8, label="on the circle, closed form"
        )
        sounding = [k for k in found if index[k] in possible]
        right.vlines(sounding, 1e-9, [found[k] for k in sounding], color=colour, lw=3)
        right.plot(
            sounding, [found[k] for k in sounding], "o", color=colour, ms=4, label=f"on {n} points"
        )
        for k in found:
            if index[k] not in possible:
                right.axvspan(k - 0.45, k + 0.45, color="#eceef1", lw=0)
        right.set_xlim(-0.6, count - 0.4)
        right.set_ylim(1e-8, 8)
        right.set_xticks(range(count))
        right.set_ylabel("share of the energy")
        for axes in (left, right):
            axes.spines[["top", "right"]].set_visible(False)
    rows[0][1].set_title(f"grey: proved to be 0 on {n} points", loc="left")
    rows[0][1].legend(frameon=False, loc="upper right", fontsize=8)
    rows[-1][1].set_xlabel("frequency k")
    rows[-1][0].set_xlabel("x")
    figure.savefig(OUT / "overtones.png", dpi=110)
    plt.close(figure)


def main() -> None:
    """Print coefficients and shares, compare with the exact graphs, draw."""
    quick = is_quick(__doc__)
    mpl.use("Agg")
    sizes = (8, 9) if quick else (8, 9, 12, 15, 16)
    print("1. Coefficients of f(sin x): mean, then a_k cos kx + b_k sin kx\n")
    for activation in ACTIVATIONS:
        cosines, sines = sine_series(activation, 7)
        terms = [f"{cosines[0]:.4f}"] if abs(cosines[0]) > 1e-12 else []
        for k in range(1, 7):
            terms += [
                f"{value:+.4f} {name} {k}x"
                for value, name in ((cosines[k], "cos"), (sines[k], "sin"))
                if abs(value) > 1e-12
            ]
        print(f"   {activation:<5} {' '.join(terms)} ...")
    print("\n2. Expected share of the energy at frequency k, from frequency 1, Gaussian amplitude")
    print("   (closed form; on n points frequencies k and n - k are one)\n")
    print("   relu      " + "".join(f"k = {k:<6}" for k in (0, 1, 2, 3, 4, 6)).rstrip())
    for n in (8, 16, 64):
        index = frequencies(n)
        X = tk.group(f"C{n}").natural_module()
        labels = list(X.multiplicities)
        row = tk.transfer_matrix(X, "relu")[labels.index(index[1])]
        cells = [f"{row[labels.index(index[k])]:<10.6f}" if k in index else " " * 10
                 for k in (0, 1, 2, 3, 4, 6)]  # fmt: skip
        print(f"   C{n:<9}" + "".join(cells).rstrip())
    limit = limit_transfer("relu", 7)
    print("   n -> oo   " + "".join(f"{limit[k]:<10.6f}" for k in (0, 1, 2, 3, 4, 6)).rstrip())
    print(f"\n3. {AMPLITUDE:g} sin x on n points: what is proved to be 0, and what is measured\n")
    for activation in ACTIVATIONS:
        for n in sizes:
            print(f"   {activation:<5} C{n:<3} {check(activation, n)}")
    print(
        "\n   On an odd number of points there are no zeros: k and n - k are one simple, and one of"
        "\n   them has the right parity. Overtones of smooth activations fall exponentially: that"
        "\n   they occur is exact, and says nothing about how loud they are."
    )
    draw(16, 9)
    print(f"\n   drawn: {OUT / 'overtones.png'}")


if __name__ == "__main__":
    main()
