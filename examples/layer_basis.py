"""Generate layer bases: the weight sharing of every equivariant linear map."""

from __future__ import annotations

import numpy as np

import toolkit as tk


def main() -> None:
    """Print a few layer bases and check one against the group."""
    for name, describe in (("S5", "Deep Sets"), ("C6", "circular convolution"), ("D12", "hexagon")):
        X = tk.group(name).natural_module()
        basis = tk.layer_basis(X)
        print(f"{name} on {X.degree} points ({describe}): {basis.dimension} weights")
        print(basis.label_matrix, "\n")

    G = tk.group("PSL(2,7)")
    X, Y = G.natural_module(), G.regular_module()
    basis = tk.layer_basis(X, Y)
    print(f"PSL(2,7), from {X.degree} points to its {Y.degree} elements: {basis.dimension} weights")
    print("counted by characters:", tk.hom_dimension(X, Y))
    W = basis.expand(np.random.default_rng(0).normal(size=basis.dimension))
    for g, (x, y) in enumerate(zip(X.images, Y.images, strict=True)):
        print(f"generator {g}: W commutes:", bool((W[np.ix_(y, x)] == W).all()))

    pixels = tk.group("C32 x C32").regular_module()
    print(f"C32 x C32 on {pixels.degree} pixels: {tk.orbitals(pixels).count} weights of 32^4")


if __name__ == "__main__":
    main()
