r"""Cutting the line into panels on which a function times a Gaussian's density is a polynomial.

For g(x) = f(sqrt(s) x) and a standard Gaussian x, put G(x) = g(x) times the square root of the
density. Its square has integral E f^2. Its support in float64 is located first: about 0 in
general, but near sqrt(s) x = 50 for a function that vanishes up to 50. Then panels between the
kinks are halved until on each of them 16 values fix G to about 1e-15 of its size, or the panel is
too narrow to matter (a kink that was not named), and joined again where one panel is as good as
two.

Everything is scaled by the largest g and by the density where G is greatest, so that neither f nor
the variance need be near 1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Function = Callable[[Floats], Floats]

_NODES = 16
_CLOSE = 2e-15  # of the largest G: what a polynomial may miss
_DEEP = 85.0  # exp(-85) of the largest G^2 is nothing
_MOST = 6000  # panels
_BULK = 40.0  # searched evenly up to here, by powers beyond
_FARTHEST = 1e15
_OVERFLOW = 1418.0  # 2 log of the largest double


class NoEnergyError(FloatingPointError):
    """The function is 0 in float64 wherever the Gaussian has mass."""


@dataclass(frozen=True, eq=False)
class Panels:
    """The support of g in float64, cut into panels.

    Parameters
    ----------
    low, high
        ``(panels,)`` ends of each, in units of the standard deviation, rising.
    centre
        The x at which G is greatest.
    scale
        What g is divided by.
    log_energy
        log of E f^2.
    sharp
        Points about which g changes on a scale finer than the panels show: 0, kinks named and
        found.
    error
        Estimated relative error of E f^2 by the panels.
    """

    low: Floats
    high: Floats
    centre: float
    scale: float
    log_energy: float
    sharp: tuple[float, ...]
    error: float

    @property
    def log_mass(self) -> float:
        """Logarithm of E (g/scale)^2 exp(centre^2/2), which is not far from 0."""
        return self.log_energy - 2 * math.log(self.scale) + self.centre**2 / 2


def split_panels(low: Floats, high: Floats, widest: float, count: int) -> tuple[Floats, Floats]:
    """Return nodes and weights of Gauss-Legendre rules of panels, none wider than ``widest``.

    Examples
    --------
    >>> x, w = split_panels(np.array([0.0, 2.0]), np.array([1.0, 3.0]), 0.5, 4)
    >>> len(x), round(float(w @ x**2), 12)
    (16, 6.666666666667)
    """
    pieces = np.maximum(1, np.ceil((high - low) / widest)).astype(np.intp)
    which = np.repeat(np.arange(len(low)), pieces)
    first = np.concatenate([[0], np.cumsum(pieces)[:-1]])
    number = np.arange(len(which)) - first[which]
    half = ((high - low) / pieces / 2)[which]
    middle = low[which] + (2 * number + 1) * half
    points, weights = np.polynomial.legendre.leggauss(count)
    return (middle[:, None] + half[:, None] * points).ravel(), (half[:, None] * weights).ravel()


def gaussian_panels(f: Function, kinks: Sequence[float], variance: float) -> Panels:
    """Return the panels of a function; see the head of this module.

    Parameters
    ----------
    f
        A function on arrays.
    kinks
        Where it is known not to be smooth.
    variance
        Of the Gaussian.

    Raises
    ------
    FloatingPointError
        If f is not finite where the Gaussian falls, is 0 in float64 wherever the
        Gaussian has mass, or changes too fast to be integrated; the message is one clause.

    Examples
    --------
    >>> p = gaussian_panels(lambda t: np.maximum(t - 50, 0), (50.0,), 1.0)
    >>> round(p.log_energy, 6), float(p.low[0]), round(p.centre, 1)
    (-1261.964256, 50.0, 50.0)
    """
    s = math.sqrt(variance)

    def g(x: Floats) -> Floats:
        with np.errstate(all="ignore"):
            return np.asarray(f(s * x), dtype=np.float64)

    places = sorted({k / s for k in kinks if abs(k / s) < _FARTHEST})
    centre, sides = _home(g, places, s)
    tips = g(np.array([x for side in sides for x in np.linspace(*side, 65).tolist()]))
    scale = float(np.abs(tips[np.isfinite(tips)]).max(initial=0.0)) or 1.0

    def scaled(x: Floats) -> Floats:
        with np.errstate(all="ignore"):
            out = g(x) / scale * np.exp((centre - x) * (centre + x) / 4)
        return np.where(np.isfinite(out), out, 0.0)

    edges = _first_edges(places, sides, s, centre)
    low, high, rough = _cut(scaled, edges)
    low, high = _joined(scaled, low, high, places)
    x, w = split_panels(low, high, np.inf, _NODES)
    mass = float(w @ scaled(x) ** 2)
    x, w = split_panels(low, high, np.inf, _NODES + 8)
    again = float(w @ scaled(x) ** 2)
    if not again > 0:
        raise NoEnergyError(_ZERO)
    log_mass = math.log(again) - math.log(2 * math.pi) / 2
    return Panels(
        low,
        high,
        centre,
        scale,
        log_mass + 2 * math.log(scale) - centre**2 / 2,
        tuple(sorted({0.0, *places, *rough})),
        abs(again - mass) / again + 4e-15,
    )


_ZERO = "it is 0 wherever Gaussians of this variance have mass, so there is no energy to share"


def _home(g: Function, places: list[float], s: float) -> tuple[float, list[tuple[float, float]]]:
    """Return where g^2 times the density is greatest, and the intervals that hold all of it."""
    beyond = _BULK * 1.03 ** np.arange(1, math.ceil(math.log(_FARTHEST / _BULK, 1.03)))
    half = np.concatenate([np.arange(1, _BULK * 32) / 32, beyond])
    # f itself may change on the scale 1, which is 1/s here
    ladder = 2.0 ** np.arange(-4, max(0, math.ceil(math.log2(_BULK * s)))) / s
    ladder = ladder[ladder < _BULK]
    fine = [p + d for p in (0.0, *places) for d in (-ladder, ladder)]
    near = [p + d * max(1.0, abs(p)) for p in places for d in (-1e-9, 0.0, 1e-9)]
    x = np.unique(np.concatenate([-half, [0.0], half, near, *fine]))
    for _ in range(14):
        depth = _depth(g, x)
        new = []
        for side in (x < 0, x >= 0):
            if np.isfinite(depth[side]).any():
                best = int(np.flatnonzero(side)[np.argmax(depth[side])])
                around = x[[max(best - 1, 0), best, min(best + 1, len(x) - 1)]]
                new += [np.linspace(around[0], around[2], 35)]
                step = 1 / max(1.0, abs(around[1]))
                new += [around[1] + step * np.arange(-24, 120, 4)]
                new += [around[1] - step * np.arange(-24, 120, 4)]
        if not new:
            raise NoEnergyError(_ZERO)
        x = np.unique(np.concatenate([x, *new]))
    depth = _depth(g, x)
    top = float(depth.max())
    with np.errstate(all="ignore"):
        values = g(x)
        bad = np.where(np.isnan(values), 0.0, _OVERFLOW) - x * x / 2
    if (~np.isfinite(values) & (bad > top - _DEEP)).any():
        raise FloatingPointError(
            "it is not finite, or its square has no mean, where Gaussians of this "
            "variance have mass"
        )
    centre = float(x[np.argmax(depth)])
    sides: list[tuple[float, float]] = []
    alive = np.flatnonzero(depth > top - _DEEP)
    for group in np.split(alive, np.flatnonzero(np.diff(np.sign(x[alive])) > 0) + 1):
        if len(group):
            first, last = max(int(group[0]) - 1, 0), min(int(group[-1]) + 1, len(x) - 1)
            inner = [p for p in places if x[first] <= p <= x[group[0]]]
            start = inner[-1] if inner and not depth[first] > -math.inf else float(x[first])
            inner = [p for p in places if x[group[-1]] <= p <= x[last]]
            stop = inner[0] if inner and not depth[last] > -math.inf else float(x[last])
            sides.append((start, stop))
    together = sides[:1]
    for start, stop in sides[1:]:
        if start <= together[-1][1] + 0.1:
            start = together.pop()[0]
        together.append((start, stop))
    return centre, together


def _depth(g: Function, x: Floats) -> Floats:
    """Return the logarithm of g^2 times the density, up to a constant."""
    with np.errstate(all="ignore"):
        size = np.abs(g(x))
        out = 2 * np.log(size) - x * x / 2
    return np.where(np.isfinite(size) & (size > 0), out, -np.inf)


def _first_edges(
    places: list[float], sides: list[tuple[float, float]], s: float, centre: float
) -> list[Floats]:
    """Return the edges to begin with: finer and finer about 0 and the kinks, down to f's scale."""
    out = []
    for low, high in sides:
        steps = max(2, math.ceil((high - low) * max(1.0, abs(centre) / 8)))
        edges = [np.linspace(low, high, min(steps, _MOST // 4) + 1)]
        for p in (0.0, *places):
            reach = max(abs(low - p), abs(high - p))
            least = 0.25 / s
            if least < reach:
                ladder = least * np.exp2(
                    np.arange(math.ceil(math.log2(reach / least)), dtype=np.float64)
                )
                edges += [p - ladder, p + ladder]
            edges.append(np.array([p]))
        every = np.unique(np.concatenate(edges))
        inside = every[(every > low) & (every < high)]
        out.append(np.concatenate([[low], inside, [high]]))
    return out


def _cut(scaled: Function, edges: list[Floats]) -> tuple[Floats, Floats, list[float]]:
    points = np.polynomial.legendre.leggauss(_NODES)[0]
    to_series = np.linalg.inv(np.polynomial.legendre.legvander(points, _NODES - 1))
    low = np.concatenate([e[:-1] for e in edges])
    high = np.concatenate([e[1:] for e in edges])
    low, high = low[high > low], high[high > low]
    done_low, done_high, rough = [], [], []
    largest = total = 0.0
    while len(low):
        total += len(low)
        if total > 4 * _MOST:
            raise FloatingPointError(
                "it changes too fast for Gaussians of this variance to be integrated"
            )
        middle, half = (low + high) / 2, (high - low) / 2
        values = scaled(middle[:, None] + half[:, None] * points)
        largest = max(largest, float(np.abs(values).max(initial=0.0)))
        tail = np.abs(values @ to_series[-3:].T).max(axis=1)
        narrow = (half * tail < 1e-17 * largest) | (half < 4e-16 * np.maximum(1, np.abs(middle)))
        # what rounding in sqrt(s) x does to the values
        slope = np.abs(np.diff(values, axis=1) / np.diff(points)).max(axis=1) / half
        noise = 1e-15 * np.maximum(np.abs(low), np.abs(high)) * slope
        narrow |= (middle <= low) | (middle >= high)
        fine = (tail <= np.maximum(_CLOSE * largest, noise)) | narrow
        done_low.append(low[fine])
        done_high.append(high[fine])
        rough += middle[narrow & (tail > 1e-10 * largest)].tolist()
        low, high = (
            np.concatenate([low[~fine], middle[~fine]]),
            np.concatenate([middle[~fine], high[~fine]]),
        )
    if not done_low:
        raise NoEnergyError(_ZERO)
    first, last = np.concatenate(done_low), np.concatenate(done_high)
    order = np.argsort(first)
    return first[order], last[order], rough


def _joined(
    scaled: Function, low: Floats, high: Floats, places: list[float]
) -> tuple[Floats, Floats]:
    """Return fewer panels: neighbours become one where its polynomial gives the values of both."""
    points = np.polynomial.legendre.leggauss(_NODES)[0]
    inverse = np.linalg.inv(np.polynomial.legendre.legvander(points, _NODES - 1))
    kept = set(places)
    while len(low) > 1:
        x = (low + high)[:, None] / 2 + (high - low)[:, None] / 2 * points
        values = scaled(x)
        largest = float(np.abs(values).max())
        joins = np.flatnonzero(low[1:] == high[:-1])
        # pairs that do not overlap: take every second, then the others
        chosen: list[int] = []
        for i in joins.tolist():
            if (not chosen or chosen[-1] < i - 1) and float(high[i]) not in kept:
                chosen.append(i)
        if not chosen:
            break
        pick = np.array(chosen)
        middle, half = (low[pick] + high[pick + 1]) / 2, (high[pick + 1] - low[pick]) / 2
        series = scaled(middle[:, None] + half[:, None] * points) @ inverse.T
        good = np.abs(series[:, -3:]).max(axis=1) <= _CLOSE * largest
        for own in (x[pick], x[pick + 1]):
            place = (own - middle[:, None]) / half[:, None]
            basis = np.polynomial.legendre.legvander(place, _NODES - 1)
            found = np.einsum("pnk,pk->pn", basis, series)
            known = values[pick] if own is x[pick] else None
            known = scaled(own) if known is None else known
            good &= np.abs(found - known).max(axis=1) <= 2 * _CLOSE * largest
        kept |= set(high[pick[~good]].tolist())
        gone = pick[good]
        if len(gone):
            high = np.delete(high, gone)
            low = np.delete(low, gone + 1)
    return low, high
