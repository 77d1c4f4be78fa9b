"""Modules of small groups, all their elements as matrices, and data on them."""

from __future__ import annotations

import numpy as np

import toolkit as tk

I4 = [[0, 1, 0, 0], [-1, 0, 0, 0], [0, 0, 0, 1], [0, 0, -1, 0]]
J4 = [[0, 0, 1, 0], [0, 0, 0, -1], [-1, 0, 0, 0], [0, 1, 0, 0]]


def plane():
    return tk.group("C4").signed_module_from_images([[1, 0]], [[1, -1]])


CASES = {
    "S3 points + regular": lambda: (
        tk.group("S3").natural_module() + tk.group("S3").regular_module()
    ),
    "C5 regular": lambda: tk.group("C5").regular_module(),
    "Q8 regular": lambda: tk.group("Q8").regular_module(),
    "SL(2,3) 8 vectors": lambda: tk.group("SL(2,3)").natural_module(),
    "S4 pairs": lambda: tk.group("S4").natural_module() ** 2,
    "C4 plane, twice, and regular": lambda: plane() + plane() + tk.group("C4").regular_module(),
    "Q8 quaternions, signed": lambda: tk.group("Q8").signed_module_from_matrices([I4, J4]),
    "C1": lambda: tk.group("C1").regular_module(),
}


def generator_matrices(X):
    """The matrices of the generators on columns: (g f)(i) = signs[g, i] f(images[g, i])."""
    out = np.zeros((len(X.images), X.degree, X.degree))
    for matrix, images, signs in zip(out, X.images, X.signs, strict=True):
        matrix[np.arange(X.degree), images] = signs
    return out


def all_elements(X, Y):
    """The matrices of all group elements on X and on Y, found by multiplication."""
    generators = list(zip(generator_matrices(X), generator_matrices(Y), strict=True))
    found = [(np.eye(X.degree), np.eye(Y.degree))]
    seen = {found[0][0].tobytes() + found[0][1].tobytes()}
    for a, b in found:
        for g, h in generators:
            new = a @ g + 0.0, b @ h + 0.0
            key = new[0].tobytes() + new[1].tobytes()
            if key not in seen:
                seen.add(key)
                found.append(new)
    return found


def images_of(elements, samples):
    """All images of samples (n, points, channels) under matrices."""
    return np.concatenate([np.einsum("pq,nqc->npc", g, samples) for g in elements])


def data(X, n=9, channels=2, seed=0):
    return np.random.default_rng(seed).normal(size=(n, X.degree, channels)) + 1.5


def flat(x):
    return x.reshape(len(x), -1)
