"""What each method of a layer costs, in estimated milliseconds, before it is built.

A cost is a sum of three things: arithmetic in matrix products, bytes moved by everything else,
and a fixed price for each operation called. The constants were measured on a two-core x86 CPU
with float32 and two threads (``benchmarks/layers.py`` compares estimates with measurements); on
other machines the ratios matter, and ``EquivariantLinear.tune`` measures instead.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from toolkit.modules.gsets.quotients import MOST_ORBITALS
from toolkit.nn.linear.hom_space import OrbitalHomSpace
from toolkit.nn.linear.methods.dense_blocks import has_small_table
from toolkit.nn.linear.methods.kronecker import uses_fft
from toolkit.nn.linear.methods.structured_product import structured_factors

if TYPE_CHECKING:
    from toolkit.modules.tuples import TupleSpace
    from toolkit.nn.linear.hom_space_base import HomSpace

#: The batch that costs are estimated for unless another is named.
BATCH = 64

_FLOPS = 6.5e7  # per millisecond, in large matrix products
_SMALL = 14.0  # a product whose smallest side is this long runs at half of that
_BYTES = 6e6  # per millisecond, moved
_CALL = 0.005  # milliseconds per operation
_FFT = 1.1e-6  # milliseconds per real entry and transform, plus a little per level
_LARGEST_TABLE = 1 << 26  # entries of a table of the dense method
_MOST_ORBITS = 24  # of both modules, up to which common quotients are looked for
_WORTH_A_PLAN = 2  # how much slower than reading and writing the other methods must be for that
_MOST_ORBIT_PAIRS = 1 << 12  # beyond, nearly every pair of points has a weight of its own


@dataclass(frozen=True)
class CostEstimate:
    """Estimated milliseconds of one training step's forward pass, by method.

    Parameters
    ----------
    batch
        The number of samples.
    apply, prepare
        Per method: the work per batch, and that of turning weights into the method's own form,
        which an inference loop can do once (:func:`toolkit.nn.prepared`).
    """

    batch: int
    apply: dict[str, float]
    prepare: dict[str, float]

    def total(self, method: str) -> float:
        """Milliseconds of both."""
        return self.apply[method] + self.prepare[method]

    @property
    def best(self) -> str:
        """The cheapest method."""
        return min(self.apply, key=self.total)

    def __str__(self) -> str:
        ranked = sorted(self.apply, key=self.total)
        return ", ".join(f"{name} {self.total(name):.3g}" for name in ranked) + " ms"


def _product(rows: float, inner: float, columns: float, batches: float = 1) -> float:
    """Milliseconds of ``batches`` matrix products."""
    least = min(rows, inner, columns)
    flops = 2.0 * rows * inner * columns * batches
    data = 4.0 * batches * (rows * inner + inner * columns + rows * columns)
    return flops / _FLOPS * (1 + _SMALL / max(least, 1)) + data / _BYTES + _CALL


def _moved(entries: float, times: float = 2) -> float:
    """Milliseconds of reading and writing float32 entries."""
    return 4.0 * entries * times / _BYTES + _CALL


def _transform(entries: float, length: int) -> float:
    """Milliseconds of a real fast Fourier transform."""
    return entries * _FFT * (1 + 0.1 * math.log2(max(length, 2))) + 2 * _CALL


def estimate(space: HomSpace, out: int, into: int, batch: int = BATCH) -> CostEstimate:
    """Estimate every method that is open to a layer.

    Parameters
    ----------
    space
        The maps X -> Y.
    out, into
        Channels.
    batch
        The number of samples to plan for.

    Notes
    -----
    The spectral methods need multiplicities, hence a character table. They are estimated only
    where their lower bound beats all other methods.
    """
    if not isinstance(space, OrbitalHomSpace):
        return _estimate_of_blocks(space, out, into, batch)
    apply: dict[str, float] = {}
    prepare: dict[str, float] = {}
    m, n = space.shape
    few = (space.target_orbits.max() + 1) * (space.source_orbits.max() + 1) <= _MOST_ORBIT_PAIRS
    if m * n * out * into <= _LARGEST_TABLE or m * n <= 2 * space.count:
        apply["dense"], prepare["dense"] = _dense(space, out, into, batch)
    if few and space.tuples is not None:
        apply["pooled"], prepare["pooled"] = _pooled_tuples(space.tuples, out, into, batch)
        best = min(apply[name] + prepare[name] for name in apply)
        if best <= _least_table(space, out, into, batch):
            return CostEstimate(batch, apply, prepare)
    pair = structured_factors(space) if few else None
    structured = None
    if pair is not None:
        structured = _structured_product(*pair, out, into, batch)
    elif few:
        structured = _structured(space, out, into, batch)
    if structured is not None:
        apply["structured"], prepare["structured"] = structured
    if few or not apply:
        apply["fft"], prepare["fft"] = _fft(space, out, into, batch)
    if not few:
        return CostEstimate(batch, apply, prepare)
    factors = space.factors
    if factors is not None and all(f.bases_are_cheap and f.has_bases for f in factors):
        apply["kronecker"], prepare["kronecker"] = _kronecker(*factors, out, into, batch)
    if few and "pooled" not in apply and _may_be_pooled(space):
        best = min(apply[name] + prepare[name] for name in apply)
        if best > _WORTH_A_PLAN * _least_table(space, out, into, batch):
            apply["pooled"], prepare["pooled"] = _pooled_quotients(space, out, into, batch)
    best = min(apply[name] + prepare[name] for name in apply)
    least = _least_spectral(space, out, into, batch)
    if least < best and space.bases_are_cheap and space.has_bases:
        for fast in (False, True):
            name = "fast" if fast else "spectral"
            apply[name], prepare[name] = _spectral(space, out, into, batch, fast)
    return CostEstimate(batch, apply, prepare)


def _estimate_of_blocks(space: HomSpace, out: int, into: int, batch: int) -> CostEstimate:
    """Estimate the methods between modules of which one is given by matrices."""
    apply, prepare = {}, {}
    m, n = space.shape
    if has_small_table(space) and m * n * out * into <= _LARGEST_TABLE:
        apply["dense"] = 0.65 * _product(batch, n * into, m * out) + 2 * _CALL
        prepare["dense"] = _product(m * n, space.count, out * into) + _moved(m * n * out * into)
    apply["spectral"], prepare["spectral"] = _spectral(space, out, into, batch, False)
    return CostEstimate(batch, apply, prepare)


def _pooled_tuples(space: TupleSpace, out: int, into: int, batch: int) -> tuple[float, float]:
    terms = space.terms
    n, m = (math.prod(space.lengths(sets)) for sets in (terms.source, terms.target))
    apply = 0.0
    for level in terms.levels:
        orders, reads, writes = level.terms.shape
        points = math.prod(space.lengths(level.sets))
        apply += _product(batch * points, orders * reads * into, writes * out)
        if orders * reads > 1:
            apply += _moved(batch * points * orders * reads * into)
        apply += (reads + writes) * _CALL
    # a sum over each axis, and a copy along each and on the diagonals
    apply += len(terms.source) * _moved(batch * n * into, 1)
    apply += len(terms.target) * _moved(batch * m * out)
    weights = terms.count * out * into
    return apply, _product(terms.count, space.count, out * into) + _moved(weights, 3) + 4 * _CALL


def _may_be_pooled(space: OrbitalHomSpace) -> bool:
    """Whether to look for common quotients: the points are many more than the orbitals."""
    orbits = int(space.target_orbits.max()) + int(space.source_orbits.max()) + 2
    few = 4 * space.count <= min(space.shape) and orbits <= _MOST_ORBITS
    return few and space.count <= MOST_ORBITALS and not space.is_signed


def _pooled_quotients(
    space: OrbitalHomSpace, out: int, into: int, batch: int
) -> tuple[float, float]:
    plan = space.pooled_plan
    apply = 0.0
    for number, kind in enumerate(plan.kinds):
        own = [p for p in plan.products if p.kind == number]
        if not own:
            continue
        reads, writes = {p.source for p in own}, {p.target for p in own}
        apply += _product(batch * kind.size, len(reads) * into, len(writes) * out)
        read = sum(int((kind.sources[i] >= 0).sum()) for i in reads)
        written = sum(int((kind.targets[i] >= 0).sum()) for i in writes)
        # sums over fibres and copies, about half of them by way of smaller ones
        apply += _moved(batch * read * into, 1) + _moved(batch * written * out, 1)
        apply += (len(reads) + len(writes)) * _CALL
    for label in plan.singles.tolist():
        rows = int(space.orbitals.sizes[label] // space.row_degrees[label])
        apply += _moved(batch * int(space.orbitals.sizes[label]) * into)
        apply += _product(batch * rows, into, out)
    apply += _moved(batch * space.shape[0] * out, 3)
    count = space.count
    prepare = _product(count, count, out * into) + _moved(count * out * into, 4)
    return apply, prepare + len(plan.kinds) * 3 * _CALL


def _least_table(space: OrbitalHomSpace, out: int, into: int, batch: int) -> float:
    """Return less than what methods with tables cost: each reads and writes all points thrice."""
    m, n = space.shape
    return _moved(batch * (n * into + m * out), 3) + 10 * _CALL


def _dense(space: OrbitalHomSpace, out: int, into: int, batch: int) -> tuple[float, float]:
    m, n = space.shape
    if space.is_regular and 2 * batch < into:
        # every point is multiplied with every weight, and the products are gathered
        return _product(batch * n, into, m * out) + _moved(batch * m * n * out, 3), 0.0
    apply = 0.65 * _product(batch, n * into, m * out) + 2 * _CALL
    return apply, _moved(m * n * out * into, 1.5)


def _structured(
    space: OrbitalHomSpace, out: int, into: int, batch: int
) -> tuple[float, float] | None:
    m, n = space.shape
    apply = 0.0
    used = 0
    targets = space.outline.targets
    for target in targets:
        rows, count = target.points.size, target.labels.size
        gathered = rows * float(target.degrees[~target.has_matrix].sum())
        matrices = int(target.has_matrix.sum())
        if gathered * batch * into > _LARGEST_TABLE * 4:
            return None
        apply += _moved(gathered * batch * into, 3) + _CALL * count
        if matrices:
            apply += _product(matrices * rows, n, into, batch)
            apply += _moved(matrices * rows * into * batch)
        if count:
            apply += _product(batch * rows, count * into, out)
            apply += _moved(count * rows * into * batch)
        used += count
    if any((target.pooled >= 0).any() for target in targets):
        apply += _moved(batch * n * into, 1) + _moved(batch * m * out) + 3 * _CALL
    return apply, _moved(max(used, 1) * out * into, 4) + 4 * _CALL * len(targets)


def _structured_product(
    first: OrbitalHomSpace, second: OrbitalHomSpace, out: int, into: int, batch: int
) -> tuple[float, float] | None:
    apply = 0.0
    features = 1  # of both arguments, per channel
    pools = 0
    other = first.shape[1]  # points of the argument that is not touched
    for factor in (second, first):
        m, n = factor.shape
        (target,) = factor.outline.targets
        pools += bool((target.pooled >= 0).any())
        channels = other * into * features
        for label, degree, has_matrix in zip(
            target.labels.tolist(), target.degrees.tolist(), target.has_matrix, strict=True
        ):
            if has_matrix:
                apply += _product(m, n, channels, batch)
            elif degree > 1 or m != n or label != 0:
                apply += _moved(batch * m * degree * channels, 3)
        features *= target.labels.size
        if features * m * channels * batch > _LARGEST_TABLE * 4:
            return None
        other = m
    m, n = first.shape[0] * second.shape[0], first.shape[1] * second.shape[1]
    if features:
        apply += _product(batch * m, features * into, out)
        apply += _moved(batch * m * features * into)
    apply += pools * (_moved(batch * n * into, 1) + _moved(batch * m * out))
    return apply + 8 * _CALL, _moved(first.count * second.count * out * into, 6) + 20 * _CALL


def _fft(space: OrbitalHomSpace, out: int, into: int, batch: int) -> tuple[float, float]:
    target, source = space.spaces
    k_target, k_source, order = target.orbits, source.orbits, source.group_order
    half = len(source.characters)
    apply = _transform(batch * k_source * order * into, order)
    apply += 1.6 * _transform(batch * k_target * order * out, order)
    apply += _product(batch, 2 * k_source * into, 2 * k_target * out, half)
    apply += _moved(batch * order * (k_source * into + 2 * k_target * out)) + 20 * _CALL
    if k_source > 1:
        apply += _moved(batch * order * k_source * into)
    if k_target > 1:
        apply += _moved(batch * order * k_target * out)
    entries = order * k_source * k_target * out * into
    prepare = _transform(entries, order) + _moved(entries, 9) + 20 * _CALL
    return apply, prepare


def _change_of_basis(side: int, space: HomSpace, channels: int, batch: int, fast: bool) -> float:
    degree = space.shape[side]
    if not fast or not isinstance(space, OrbitalHomSpace):
        return _product(degree, degree, batch * channels) + _moved(degree * batch * channels)
    spaces = space.spaces[side]
    k, order, half = spaces.orbits, spaces.group_order, len(spaces.characters)
    data = k * order * batch * channels
    cost = 1.3 * _transform(data, order) + _moved(data, 5)
    return cost + _product(2 * k, 2 * k, batch * channels, half) + 4 * _CALL


def _least_spectral(space: OrbitalHomSpace, out: int, into: int, batch: int) -> float:
    change = min(
        _change_of_basis(1, space, into, batch, fast) + _change_of_basis(0, space, out, batch, fast)
        for fast in (False, True)
    )
    # the sum of m_L(X) m_L(Y) dim End(L) dim L is at least the number of orbitals
    return change + 2.0 * space.count * out * into * batch / _FLOPS + 4 * _CALL


def _spectral(space: HomSpace, out: int, into: int, batch: int, fast: bool) -> tuple[float, float]:
    apply = _change_of_basis(1, space, into, batch, fast)
    apply += _change_of_basis(0, space, out, batch, fast)
    prepare = 0.0
    for shape in space.blocks.shapes:
        s, p, e = len(shape.labels), shape.positions, shape.ends
        apply += _product(p * batch, shape.source * e * into, shape.target * e * out, s)
        apply += _moved(batch * s * p * e * (shape.source * into + shape.target * out))
        apply += 8 * _CALL
        prepare += _moved(shape.blocks * e * out * into, 2 + e) + 6 * _CALL
    apply += _moved(batch * space.shape[0] * out)
    return apply, float(np.float64(prepare))


def _kronecker(
    first: OrbitalHomSpace, second: OrbitalHomSpace, out: int, into: int, batch: int
) -> tuple[float, float]:
    apply = 0.0
    for side, channels in ((1, into), (0, out)):
        # the other factor's points, or its coordinates, ride along as channels
        coordinates = sum(shape.coordinates(side) for shape in first.blocks.shapes)
        for factor, others in ((first, second.shape[side]), (second, coordinates)):
            fast = uses_fft(factor.spaces[side])
            apply += _change_of_basis(side, factor, channels * others, batch, fast)
    prepare = _moved(first.count * second.count * out * into, 6)
    prepare += _product(first.count, first.shape[0], second.count * out * into)
    prepare += _product(second.count, second.shape[0], first.count * out * into)
    for b in second.blocks.shapes:
        for a in first.blocks.shapes:
            pairs = len(a.labels) * len(b.labels)
            rows = a.positions * b.positions * batch
            inner = a.source * a.ends * b.source * b.ends * into
            outer = a.target * a.ends * b.target * b.ends * out
            apply += _product(rows, inner, outer, pairs)
            apply += _moved(rows * pairs * (inner + outer)) + 4 * _CALL
            prepare += _moved(a.blocks * b.blocks * out * into, 2 + a.ends * b.ends) + 3 * _CALL
    return apply, prepare
