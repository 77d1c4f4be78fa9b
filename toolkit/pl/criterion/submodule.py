r"""Chosen copies: which simples occur in f(v) for v in a subspace V of Fun(X), X any G-set.

Let a_x be the coordinate x as a functional on V. Those that are not 0 fall into classes of
proportional ones, a_x = s_x a_c. The K-part of f(v) is the sum over classes of g_c(a_c(v)) with
g_c(t) = sum of f(s_x t) p_K e_x. Differences along hyperplanes remove one class after another, so
if the sum vanishes for all v, each g_c is a polynomial (Frechet), and then each degree vanishes by
itself. Hence K occurs exactly if for some class and parity

* the part is not a polynomial, its remainder is homogeneous of degree d, and p_K u is not 0 for
  u = sum of \|s_x\|^d e_x, times the signs of s_x for the odd part; or its remainder is free, and
  p_K u is not 0 for some s and u = sum over \|s_x\| = s of (the sign of s_x) e_x;
* or a polynomial term of degree d >= 1 has
  sum over x, y of <a_x, a_y>^d p_K(x, y) not 0 (the squared length of sum of a_x^d (x) p_K e_x);
* or K is trivial and f(0) is not 0. Where f(0) is an isolated value and c that of the even part,
  p_K u decides, with u = f(0) at the x with a_x = 0, and c at the others.

For an isotypic part of a transitive X this is the criterion of :mod:`toolkit.pl`. If a simple
occurs more than once, a special copy can have fewer edges than the isotypic part.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from toolkit.errors import ModuleMismatchError, NotAvailable, UnsupportedActivationError
from toolkit.exact.vanishing import real_degree, which_vanish
from toolkit.modules.permutation_module import PermutationModule
from toolkit.pl.activations.activation import find_activation
from toolkit.pl.criterion.of_module import orbit_criteria
from toolkit.pl.criterion.orbit import OrbitCriterion
from toolkit.text import label_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from toolkit.exact.residues import ResidueField
    from toolkit.pl.activations.activation import Activation
    from toolkit.pl.activations.parity_parts import ParityPart

_LARGEST_DEGREE = 512  # points of X


def occurring_in_submodule(
    X: PermutationModule,
    basis: ArrayLike | Sequence[Sequence[Any]],
    activation: object,
    *,
    bias: bool = False,
) -> dict[str, tuple[str, ...]]:
    r"""Return the simples that occur in f(v) for v in a chosen subspace of Fun(X).

    Parameters
    ----------
    X
        A permutation module of at most 512 points.
    basis
        ``(d, |X|)`` rows that span V: integers or Fractions (decided exactly), or floats.
    activation
        See :func:`~toolkit.pl.activations.activation.find_activation`.
    bias
        Whether a generic invariant, a constant on each orbit, is added first.

    Returns
    -------
    dict
        A mapping from labels, in canonical order, to the sorted parts of the activation that
        produce the simple.

    Raises
    ------
    ModuleMismatchError
        If the rows do not have |X| entries.
    UnsupportedActivationError
        If coordinates are proportional with factors other than 1 and -1, and a part of the
        activation is only known not to be a polynomial.
    NotAvailable
        If X is too large, or if its table has no points (use ``G.coset_module([])`` instead of the
        regular module). For floats, also if it is not clear whether a number is 0.

    Notes
    -----
    Exact for integers and Fractions. For floats, relative sizes below 3e-7 count as 0, and those
    above 1e-5 as non-zero. The cost is O(\|X\|^3) for each simple. V need not be invariant under G.

    Examples
    --------
    The regular module of S3 holds its 2-dimensional simple twice. The copy that consists of
    functions on the three cosets of a reflection is special: ReLU leads from it only to the trivial
    simple and to itself, but from the isotypic part also to the sign.

    >>> import toolkit as tk
    >>> G = tk.group("S3")
    >>> X = G.coset_module([])
    >>> H = (tk.orbitals(X, G.natural_module()).labels == 0).astype(int)  # (3, 6), a map back
    >>> copy = H[:2] - H[1:]
    >>> occurring_in_submodule(X, copy, "relu")
    {'L0': ('even',), 'L2': ('even', 'linear')}
    >>> sorted(tk.interaction_graph(X, "relu").successors("L2"))
    ['L0', 'L1', 'L2']
    """
    PermutationModule.of(X)
    f = find_activation(activation)
    if X.degree > _LARGEST_DEGREE:
        raise NotAvailable(
            X.group, f"submodules of {X.name}", f"it has more than {_LARGEST_DEGREE} points"
        )
    columns, exact = _columns(X, basis, bias)
    pairs = zip(orbit_criteria(X), X.orbits, strict=True)
    blocks = [_Block(orbit, module) for orbit, module in pairs]
    places = X.orbit_points
    tests = _weights(columns, f.even_part, even=True) | _weights(columns, f.odd_part, even=False)
    powers = {
        d: "linear" if d == 1 else f"degree {d}"
        for p in (f.even_part, f.odd_part)
        for d in p.degrees
        if d >= 1 and p.rest != "free"
    }
    gram = _gram(columns)
    silent = _silent(columns)
    found: dict[str, set[str]] = {}
    for block, own in zip(blocks, places, strict=True):
        where = np.array(own, dtype=np.intp)
        forms = {name: u[:, where] for name, u in tests.items()}
        kernels = {name: gram[np.ix_(where, where)] ** d for d, name in powers.items()}
        constant = _constant(f, silent[where])
        if constant.any() and not (constant == constant[0]).all():
            forms["constant"] = constant[None].astype(object if exact else np.float64)
            if exact:
                forms["constant"][0] = [Fraction(c) for c in constant.tolist()]
        for label, names in block.decide(forms, kernels, exact).items():
            found.setdefault(label, set()).update(names)
        trivial = block.orbit.trivial
        if constant.all() and trivial and (f.even_part.is_polynomial or not found.get(trivial)):
            found.setdefault(trivial, set()).add("constant")
    order = sorted(found, key=label_key)
    return {label: tuple(sorted(found[label])) for label in order if found[label]}


def _columns(
    X: PermutationModule, basis: ArrayLike | Sequence[Sequence[Any]], bias: bool
) -> tuple[NDArray[Any], bool]:
    """Return ``(d, |X|)`` rows, as Fractions in an object array if they are exact."""
    rows = np.asarray(basis)
    if rows.ndim != 2 or rows.shape[1] != X.degree:
        raise ModuleMismatchError(
            f"a basis in {X.name} has shape (d, {X.degree}), found {rows.shape}"
        )
    exact = rows.dtype.kind in "iubO"
    if bias:
        places = X.orbit_points
        ones = np.zeros((len(places), X.degree), dtype=int)
        for i, own in enumerate(places):
            ones[i, list(own)] = 1
        rows = np.concatenate([rows, ones.astype(rows.dtype)])
    if exact:
        out = np.empty(rows.shape, dtype=object)
        out[...] = [[Fraction(x) for x in row] for row in rows.tolist()]
        return out, True
    return rows.astype(np.float64), False


def _silent(columns: NDArray[Any]) -> NDArray[np.bool_]:
    """Return ``(|X|,)`` which coordinates are 0 on the subspace."""
    if columns.dtype == object:
        return np.array([not any(column) for column in columns.T.tolist()], dtype=np.bool_)
    size: NDArray[np.float64] = np.abs(columns).max(axis=0, initial=0.0)
    return np.asarray(size <= 1e-9 * size.max(initial=0.0), dtype=np.bool_)


def _constant(f: Activation, silent: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the constant of f at coordinates: f(0) at those that are 0, else that of its part."""
    known = f.even_part.rest in ("none", "homogeneous")
    moving = f.even_part.coefficient(0) if known else f.at_zero
    return np.where(silent, f.at_zero, moving)


def _directions(columns: NDArray[Any]) -> list[tuple[list[int], list[Any]]]:
    """Return the classes of proportional columns that are not 0: members and their factors."""
    exact = columns.dtype == object
    size = 0.0 if exact else float(np.abs(columns).max(initial=0.0))
    classes: dict[Any, tuple[list[int], list[Any]]] = {}
    for x in range(columns.shape[1]):
        column = columns[:, x].tolist()
        if exact:
            first = next((c for c in column if c), None)
        else:
            largest = max(map(abs, column), default=0.0)
            first = next((c for c in column if abs(c) > largest / 2), None)
            first = first if largest > 1e-9 * size else None
        if first is None:
            continue
        key = tuple(c / first if exact else round(c / first, 7) + 0.0 for c in column)
        members, factors = classes.setdefault(key, ([], []))
        members.append(x)
        factors.append(first)
    return list(classes.values())


def _weights(columns: NDArray[Any], part: ParityPart, *, even: bool) -> dict[str, NDArray[Any]]:
    """Return, by the part's name, the vectors u that decide on a part that is not a polynomial."""
    if part.is_polynomial:
        return {}
    exact = columns.dtype == object
    rows: list[NDArray[Any]] = []
    for members, factors in _directions(columns):
        sizes = [abs(s) if exact else round(abs(s) / abs(factors[0]), 7) for s in factors]
        signs = [1 if even or s > 0 else -1 for s in factors]
        if part.rest == "homogeneous":
            groups = [list(range(len(members)))]
            weight = [abs(s / factors[0]) ** part.degree for s in factors]
        else:
            if part.rest == "unknown" and len(set(sizes)) > 1:
                raise UnsupportedActivationError(
                    "coordinates of this submodule are proportional with factors other than 1 and "
                    "-1, but the scaling of the activation is unknown: state its parts as "
                    "'homogeneous d' or as a ParityPart with rest 'free'"
                )
            groups = [[i for i, s in enumerate(sizes) if s == t] for t in dict.fromkeys(sizes)]
            weight = [1] * len(members)
        for group in groups:
            u = np.zeros(columns.shape[1], dtype=columns.dtype)
            for i in group:
                u[members[i]] = signs[i] * weight[i]
            rows.append(u)
    if not rows:
        return {}
    return {"even" if even else "odd": np.array(rows, dtype=columns.dtype)}


def _gram(columns: NDArray[Any]) -> NDArray[Any]:
    """Return inner products of the columns; integers up to one common factor if exact."""
    if columns.dtype != object:
        return np.asarray(columns.T @ columns)
    common = math.lcm(*(c.denominator for c in columns.ravel().tolist()), 1)
    whole = np.array([[int(c * common) for c in row] for row in columns.tolist()], dtype=object)
    return np.asarray(whole.reshape(columns.shape).T @ whole.reshape(columns.shape))


@dataclass(frozen=True, eq=False)
class _Block:
    """The isotypic projectors on one orbit."""

    orbit: OrbitCriterion
    module: PermutationModule

    def _columns_of_pairs(self) -> NDArray[np.intp]:
        """Return ``(n, n)`` the table's column of each pair of points."""
        from toolkit.modules.gsets.orbitals import Orbitals

        table = self.orbit.table
        if not table.points:
            raise NotAvailable(
                table.group,
                f"submodules of {table.module}",
                "the columns of its table are merged; use G.coset_module([])",
            )
        labels = Orbitals(self.module.images, known_count=table.rank).labels
        column = np.full(int(labels.max()) + 1, -1, dtype=np.intp)
        column[labels[self.module.record.base, list(table.points)]] = np.arange(len(table.points))
        return column[labels]

    def decide(
        self, forms: dict[str, NDArray[Any]], kernels: dict[str, NDArray[Any]], exact: bool
    ) -> dict[str, set[str]]:
        """Return per simple the names of the tests that do not vanish.

        A form u is tested by u p u, a kernel M by the sum over x, y of M(x, y) p(x, y): both are
        sums over columns D of a rational number times phi(D), and squared lengths.
        """
        pairs = self._columns_of_pairs().ravel()
        count = len(self.orbit.sizes)
        names: list[str] = []
        sums: list[list[Any]] = []
        for name, rows in forms.items():
            for u in rows:
                if any(u.tolist()):
                    if exact:
                        common = math.lcm(*(x.denominator for x in u.tolist()))
                        u = np.array([int(x * common) for x in u.tolist()], dtype=object)
                    names.append(name)
                    sums.append(_by_column(np.outer(u, u).ravel(), pairs, count))
        for name, matrix in kernels.items():
            names.append(name)
            sums.append(_by_column(matrix.ravel(), pairs, count))
        if not names:
            return {}
        occurs = self._exactly(sums) if exact else self._nearly(sums)
        return {
            label: {name for name, yes in zip(names, occurs[:, k].tolist(), strict=True) if yes}
            for k, label in enumerate(self.orbit.labels)
        }

    def _exactly(self, sums: list[list[int]]) -> NDArray[np.bool_]:
        largest = max(sum(map(abs, row)) for row in sums)

        def residues(field: ResidueField, _: NDArray[np.bool_]) -> NDArray[np.int64]:
            phi = self.orbit.residues(field).astype(object)
            values = np.array(sums, dtype=object) @ phi.T % field.prime
            return np.asarray(values, dtype=np.int64)

        shape = (len(sums), len(self.orbit.labels))
        return ~which_vanish(
            residues,
            shape,
            conductor=self.orbit.conductor,
            degree=real_degree(self.orbit.conductor),
            bits=math.log2(max(largest, 1)) + math.log2(self.orbit.denominator) + 1,
            avoid=self.orbit.table.group_order,
        )

    def _nearly(self, sums: list[list[float]]) -> NDArray[np.bool_]:
        total = np.array(sums)
        energy = np.array(self.orbit.multiplicities) * np.array(self.orbit.dimensions)
        values = total @ (energy[:, None] * self.orbit.floats).T / len(self.orbit.sizes)
        size = np.abs(values).max(axis=1, keepdims=True)
        relative = np.sqrt(np.abs(values) / np.where(size > 0, size, 1.0))
        # a squared length that is 0 comes out as 1e-16, and its root as 1e-8
        unclear = (relative > 3e-7) & (relative < 1e-5)
        if unclear.any():
            raise NotAvailable(
                self.orbit.table.group,
                f"a submodule of {self.orbit.table.module} given by floats",
                "it is unclear whether a number is 0: give integers or Fractions",
            )
        return np.asarray(relative >= 1e-5)


def _by_column(values: NDArray[Any], pairs: NDArray[np.intp], count: int) -> list[Any]:
    """Add up values over the pairs of points of each column."""
    if values.dtype != object:
        return list(np.bincount(pairs, weights=values, minlength=count))
    out = [0] * count
    for value, column in zip(values.tolist(), pairs.tolist(), strict=True):
        if value:
            out[column] += value
    return out
