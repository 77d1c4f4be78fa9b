"""Least squares and covariance with a symmetry that is known: fewer samples for the same error.

A linear system on a ring of 12 sites that is the same at every site and has no preferred direction
(the dihedral group of order 24 acts): y = A x + noise. How far is A off, fitted from n samples with
and without the symmetry? And how far is the covariance of x?

    python examples/symmetric_statistics.py [--seed 0] [--quick]
"""

from __future__ import annotations

import argparse

import numpy as np

import toolkit as tk

SITES = 12


def main() -> None:
    """Print a table of errors."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--quick", action="store_true", help="fewer samples")
    options = parser.parse_args()
    rng = np.random.default_rng(options.seed)

    X = tk.group(f"D{2 * SITES}").natural_module()
    print(f"{X}: {X.rank} weights instead of {SITES**2}")
    weights = rng.normal(size=X.rank)
    A = tk.layer_basis(X).expand(weights)  # what is to be found
    root = tk.layer_basis(X).expand(rng.normal(size=X.rank))
    sigma = root @ root.T

    print("samples   A: plain   A: symmetric   covariance: plain   covariance: symmetric")
    for n in (15, 30, 100) if options.quick else (15, 30, 100, 1000):
        x = rng.normal(size=(n, SITES)) @ root.T
        y = x @ A.T + rng.normal(size=(n, SITES))
        plain = np.linalg.lstsq(x, y, rcond=None)[0].T
        fit = tk.lstsq(X, X, x, y)
        covariance = tk.equivariant_covariance(X, x)
        errors = [
            np.linalg.norm(found - truth) / np.linalg.norm(truth)
            for found, truth in (
                (plain, A),
                (fit.matrix(), A),
                (np.cov(x.T), sigma),
                (covariance.matrix(), sigma),
            )
        ]
        print(
            f"{n:7}   {errors[0]:8.3f}   {errors[1]:12.3f}   {errors[2]:17.3f}   {errors[3]:21.3f}"
        )

    print("\nprincipal components, the last samples: each is a copy of a simple")
    fitted = tk.isotypic_components(X, x)
    for one in fitted.components[:4]:
        print(f"  {one.label}: dimension {one.dimension}, {one.share:.1%} of the variance")
    layer = fit.to_layer()
    print(f"\nas a torch layer: {layer.parameters_count()} parameters, method {layer.method!r}")


if __name__ == "__main__":
    main()
