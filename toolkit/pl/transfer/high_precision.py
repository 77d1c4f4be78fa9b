r"""Transfer matrices of large groups, in as many digits as necessary.

For a group such as the Monster a share is m_K dim K / \|G\| times a sum whose terms cancel from
10^26 down to 1. With kappa(t)/kappa(1) = sum of e_k t^k, no e_k negative, the share is the sum of
e_k P_k[L, K], where P_k is the transfer matrix of t^k: entries between 0 and 1, P_0 all energy in
the trivial simple, P_1 the identity. So doubles are enough for the e_k, while phi and its
powers are integers scaled by powers of two, multiplied exactly in pieces of a few bits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from toolkit.errors import NotAvailable

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from toolkit.exact.cyclotomic import Cyclotomic
    from toolkit.pl.activations.activation import Activation
    from toolkit.pl.criterion.orbit import OrbitCriterion

    Floats = NDArray[np.float64]
    Integers = NDArray[np.object_]

_GUARD = 42
_WANTED = 1e-10


def share_error(orbit: OrbitCriterion, slack: Floats) -> float:
    """Return a bound for the error of a share, given one for kappa(phi_L(D))/kappa(1).

    Parameters
    ----------
    orbit
        The criterion on the orbit.
    slack
        ``(simples, columns)``.
    """
    return float((orbit.energies * (slack @ (np.abs(orbit.floats) * orbit.weights).T)).max())


def precise_transfer(orbit: OrbitCriterion, f: Activation, bias: bool, variance: float) -> Floats:
    """Return the transfer matrix on one orbit, in as many digits as necessary.

    Raises
    ------
    NotAvailable
        If 256 terms of the series are too few for ten digits (columns of very many elements on
        which a simple of small dimension is almost constant).
    """
    phi = orbit.floats
    direct = f.dual_ratio((phi + 1) / 2 if bias else phi, variance)
    slack = f.ratio_error(variance)
    whole = orbit.plus | orbit.minus
    for terms in (24, 64, 256):
        series = _series(f, bias, variance, terms)
        missed = np.abs(phi) ** terms
        by_series = (missed < slack) & ~whole
        if share_error(orbit, np.where(by_series, missed, np.where(whole, 0.0, slack))) < _WANTED:
            return _sum(orbit, series, direct, by_series)
    raise NotAvailable(
        orbit.table.group,
        f"shares in {orbit.table.module}",
        "its terms cancel too much; the edges without shares are exact (toolkit.pl.Interactions)",
    )


def _series(f: Activation, bias: bool, variance: float, terms: int) -> Floats:
    """Return the coefficients e_k, in phi, of kappa(phi) or kappa((1 + phi)/2), by kappa(1)."""
    if not bias:
        return f.energy_shares(terms, variance)
    energies = f.energy_shares(terms + 200, variance)
    out = np.zeros(terms)
    binomial = np.zeros(terms)  # of ((1 + phi)/2)^k
    binomial[0] = 1.0
    for e in energies:
        out += e * binomial
        binomial = (binomial + np.concatenate([[0.0], binomial[:-1]])) / 2
    return out


def _sum(
    orbit: OrbitCriterion, series: Floats, direct: Floats, by_series: NDArray[np.bool_]
) -> Floats:
    energy = [m * d for m, d in zip(orbit.multiplicities, orbit.dimensions, strict=True)]
    order = orbit.table.group_order
    # |sum over D of |D|/|G| |phi_K|| <= 1/sqrt(energy): an error in kappa counts by the root only
    left_bits = max(energy).bit_length() // 2 + _GUARD
    right_bits = max(energy).bit_length() + _GUARD + len(orbit.sizes).bit_length()
    values = _fixed_values(orbit, right_bits)
    size = np.array(orbit.sizes, dtype=object)
    right = values * size[None, :] // order
    left = _powers(values >> (right_bits - left_bits), series, left_bits)
    rest = direct - series[0] - series[1] * orbit.floats
    for i, c in np.argwhere(~by_series).tolist():
        left[i, c] = round(float(rest[i, c]) * 2.0**60) << left_bits >> 60
    product = exact_product(left, right.T)
    out = np.zeros(product.shape)
    shift = 1 << (left_bits + right_bits)
    for i, row in enumerate(product):
        out[i] = [m * int(x) / shift for m, x in zip(energy, row, strict=True)]
    out += series[1] * np.eye(len(energy))
    if orbit.trivial is not None:
        out[:, orbit.position[orbit.trivial]] += series[0]
    return out


def _powers(values: Integers, series: Floats, bits: int) -> Integers:
    """Return the sum of e_k x^k over k >= 2, scaled by 2^bits like x."""
    total = np.zeros_like(values)
    for e in series[:1:-1].tolist():
        total = (total * values >> bits) + (int(e * 2.0**60) << bits >> 60)
    out: Integers = (total * values >> bits) * values >> bits
    return out


def _fixed_values(orbit: OrbitCriterion, bits: int) -> Integers:
    """Return the spherical functions times 2^bits, rounded, ``(simples, columns)``."""
    known = [_fixed(v, bits) for v in orbit.table.values]
    rows = np.array([orbit.table.simples[r].row for r in orbit.rows], dtype=np.intp)
    phi: Integers = np.array(known, dtype=object)[rows]
    if orbit.swap is None:
        return phi
    difference = phi - phi[:, list(orbit.swap)]
    out: Integers = (difference << bits) // difference[:, :1]
    return out


def _fixed(value: Cyclotomic, bits: int) -> int:
    if value.is_rational:
        x = value.to_fraction()
        return ((x.numerator << (bits + 1)) // x.denominator + 1) >> 1
    import mpmath

    with mpmath.workprec(bits + 40):
        total = mpmath.fsum(
            mpmath.mpf(n) / d * mpmath.cospi(mpmath.mpf(2 * e) / value.conductor)
            for e, n, d in value.terms
        )
        return int(mpmath.nint(mpmath.ldexp(total, bits)))


def exact_product(left: Integers, right: Integers) -> Integers:
    """Return the product of two matrices of integers of any size, exactly.

    Cut into pieces of 22 bits (20 for more than 512 terms) whose products float64 adds up without
    rounding.

    Examples
    --------
    >>> a = np.array([[2**70, -3]], dtype=object)
    >>> exact_product(a, a.T).tolist() == [[2**140 + 9]]
    True
    """
    inner = left.shape[1]
    if inner > 8192:
        return np.asarray(left @ right)
    bits = 22 if inner <= 512 else 20
    a, b = _pieces(left, bits), _pieces(right, bits)
    rows, columns = left.shape[0], right.shape[1]
    beside = np.concatenate(b, axis=1)
    levels = np.zeros((len(a) + len(b) - 1, rows, columns), dtype=np.int64)
    for k, piece in enumerate(a):
        # each product is a whole number below 2^53, and few of them are added up
        products = (piece @ beside).astype(np.int64).reshape(rows, len(b), columns)
        levels[k : k + len(b)] += products.transpose(1, 0, 2)
    out = np.zeros((rows, columns), dtype=object)
    for level in levels[::-1]:
        out = (out << bits) + level.astype(object)
    return out


def _pieces(matrix: Integers, bits: int) -> list[Floats]:
    sign = np.where(matrix < 0, -1.0, 1.0)
    size = np.abs(matrix)
    longest = max((int(x).bit_length() for x in size.ravel()), default=1)
    mask = (1 << bits) - 1
    return [
        sign * ((size >> (bits * k)) & mask).astype(np.float64)
        for k in range(max(1, -(-longest // bits)))
    ]
