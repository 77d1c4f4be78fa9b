"""The exact criterion on one orbit of a module: which simples occur in f(v), for sets of simples.

A permutation module G/H and a signed one induced from a sign character of H are treated alike: a
row per simple K with a spherical function phi_K of value 1 at 1, a column per double coset, and
the columns on which phi_K is exactly 1 or -1. The subgroups U of many sets of simples are found by
one product of matrices, and the integers dim K^U for all of them by another, modulo a prime larger
than twice their bound. All activations share them. The theorem is in :mod:`toolkit.pl`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from toolkit.cached import cached_property
from toolkit.errors import InconsistentAnswerError
from toolkit.exact.residues import LARGEST_INT64_PRIME, ResidueField, modular_product, residue_field
from toolkit.exact.vanishing import real_degree, which_vanish
from toolkit.modules.spherical import SphericalTable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import TypeAlias

    from numpy.typing import NDArray

    from toolkit.pl.activations.activation import Activation

    Bools: TypeAlias = NDArray[np.bool_]
    Ints: TypeAlias = NDArray[np.int64]

_SETS_KEPT = 8
_LARGEST_SUM = 1 << 62  # sums of two integers below it stay below 2^63


@dataclass(frozen=True, eq=False)
class Occurrences:
    """The simples that occur in f(v), for sets of simples and one activation.

    Parameters
    ----------
    parts
        Names of the parts of the activation, sorted.
    masks
        ``(sets, simples)`` bits: through which parts the simple occurs, 0 if it does not.
    dimensions
        ``(sets, simples)``: the dimension of the part of K^H that occurs; see
        :class:`toolkit.pl.interactions.graph.Occurrence`.
    """

    parts: tuple[str, ...]
    masks: Ints
    dimensions: Ints


@dataclass(frozen=True, eq=False)
class OrbitCriterion:
    """The exact criterion on one orbit of a module.

    Parameters
    ----------
    table
        Its spherical table; of the cover, for a signed orbit.
    rows
        Which simples of the table occur.
    fixed
        Per simple dim Hom_H(1, K), for a signed orbit dim Hom_H(sign, K).
    swap
        Signed only: per column the column of the opposite point.
    coordinates
        Number of coordinates.
    """

    table: SphericalTable
    rows: tuple[int, ...]
    fixed: tuple[int, ...]
    swap: tuple[int, ...] | None
    coordinates: int

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """Labels of the simples, in canonical order."""
        return tuple(self.table.simples[r].label for r in self.rows)

    @cached_property
    def position(self) -> dict[str, int]:
        """Position of a label among :attr:`labels`."""
        return {label: i for i, label in enumerate(self.labels)}

    @cached_property
    def multiplicities(self) -> tuple[int, ...]:
        """Per simple how often it occurs."""
        simples = self.table.simples
        return tuple(
            f // simples[r].endomorphism_dimension
            for f, r in zip(self.fixed, self.rows, strict=True)
        )

    @cached_property
    def dimensions(self) -> tuple[int, ...]:
        """Per simple its dimension."""
        return tuple(self.table.simples[r].dimension for r in self.rows)

    @property
    def sizes(self) -> tuple[int, ...]:
        """Per column |D|; they add up to |G|."""
        return self.table.sizes

    @cached_property
    def energies(self) -> NDArray[np.float64]:
        """``(simples,)`` m_K dim K, rounded."""
        pairs = zip(self.multiplicities, self.dimensions, strict=True)
        return np.array([float(m * d) for m, d in pairs])

    @cached_property
    def weights(self) -> NDArray[np.float64]:
        """``(columns,)`` |D| / |G|, rounded."""
        return np.array([size / self.table.group_order for size in self.sizes])

    @cached_property
    def weighted(self) -> NDArray[np.float64]:
        """``(columns, simples)`` phi_K(D) |D| / |G|, rounded."""
        return (self.floats * self.weights).T

    @property
    def trivial(self) -> str | None:
        """Label of the trivial simple, if it occurs."""
        first = self.table.simples[0].label
        return first if first in self.position else None

    @cached_property
    def places(self) -> NDArray[np.intp]:
        """``(simples, columns)`` positions among the table's values."""
        return np.array([self.table.simples[r].row for r in self.rows], dtype=np.intp)

    @cached_property
    def distinct(self) -> NDArray[np.float64]:
        """The table's values, rounded; integers are exact."""
        return np.array([v.to_float() for v in self.table.values])

    @cached_property
    def floats(self) -> NDArray[np.float64]:
        """``(simples, columns)`` the spherical functions, rounded."""
        return self._signed(self.distinct[self.places])

    def _signed(self, phi: NDArray[np.float64]) -> NDArray[np.float64]:
        if self.swap is None:
            return phi
        difference = phi - phi[:, list(self.swap)]
        return difference / difference[:, :1]

    @cached_property
    def conductor(self) -> int:
        """A common conductor of the entries."""
        return ResidueField.common_conductor(self.table.values)

    @cached_property
    def denominator(self) -> int:
        """An integer N such that N times each entry is an algebraic integer."""
        common = math.lcm(*{d for v in self.table.values for _, _, d in v.terms}, 1)
        if self.swap is None:
            return common
        # divided by 1 - phi(swap) = 2 m' / m, m' and m the multiplicities above and in the cover
        return common * math.lcm(*(2 * m for m in self.multiplicities), 1)

    def residues(self, field: ResidueField) -> NDArray[np.object_]:
        """Return the entries' residues, ``(simples, columns)`` Python integers or int64."""
        small = field.prime < LARGEST_INT64_PRIME
        values = np.array(field.map(self.table.values), dtype=np.int64 if small else object)
        phi = values[self.places]
        if self.swap is None:
            return phi
        p = field.prime
        difference = (phi - phi[:, list(self.swap)]) % p
        inverse = np.array([field.inverse(int(x)) for x in difference[:, 0]], dtype=phi.dtype)
        out: NDArray[np.object_] = difference * inverse[:, None] % p
        return out

    @cached_property
    def plus(self) -> Bools:
        """``(simples, columns)`` whether phi = 1, exactly."""
        return self._where(1)

    @cached_property
    def minus(self) -> Bools:
        """``(simples, columns)`` whether phi = -1, exactly."""
        return self._where(-1)

    def _where(self, sign: int) -> Bools:
        if self.swap is None:
            place = [i for i, v in enumerate(self.table.values) if v.is_integer]
            found = next((i for i in place if self.table.values[i].to_int() == sign), -1)
            return np.asarray(self.places == found)
        # a double further off than 1e-6 is not 1; the others are decided
        near = np.abs(self.floats - sign) < 1e-6
        return near & which_vanish(
            lambda field, _: (self.residues(field) - sign) % field.prime,
            near.shape,
            conductor=self.conductor,
            degree=real_degree(self.conductor),
            bits=math.log2(2 * self.denominator),
            start=near,
        )

    @cached_property
    def _outside(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """``(simples, columns)`` 1 where phi is not 1, and where it is not -1."""
        return (~self.plus).astype(np.float32), (~self.minus).astype(np.float32)

    def subgroups(self, present: Bools) -> tuple[Bools, Bools]:
        """Return ``(sets, columns)`` U+ and U- of sets of simples, ``(sets, simples)``."""
        # sums of fewer than 2^24 ones are exact
        chosen = present.astype(np.float32)
        one, other = self._outside
        return chosen @ one == 0, chosen @ other == 0

    def present(self, labels: Iterable[str]) -> Bools:
        """Return ``(1, simples)`` which simples have these labels; others are ignored."""
        out: Bools = np.zeros((1, len(self.rows)), dtype=np.bool_)
        out[0, [self.position[label] for label in labels if label in self.position]] = True
        return out

    def order_of(self, columns: Bools) -> int:
        """Return the number of group elements in ``(columns,)`` double cosets."""
        return sum(self.sizes[c] for c in np.flatnonzero(columns).tolist())

    def orders_of(self, sets: Bools) -> list[int]:
        """Return the numbers of group elements in unions of double cosets, ``(sets, columns)``."""
        kind = np.int64 if self.table.group_order < _LARGEST_SUM else object
        orders: list[int] = (sets @ np.array(self.sizes, dtype=kind)).tolist()
        return orders

    # integers -------------------------------------------------------------------------------

    @cached_property
    def _fixed(self) -> Ints:
        """``(simples,)`` dim K^H: int64, or Python integers where these are too small."""
        kind = np.int64 if max(self.fixed) < _LARGEST_SUM else object
        return np.array(self.fixed, dtype=kind)

    @cached_property
    def _known_dimensions(self) -> dict[bytes, tuple[Ints, Ints]]:
        return {}

    @cached_property
    def _known_closures(self) -> dict[tuple[object, ...], Bools]:
        return {}

    @cached_property
    def _known_sets(self) -> dict[tuple[int, bytes], tuple[Ints, Ints, Bools]]:
        return {}

    @cached_property
    def _known_powers(self) -> dict[tuple[bytes, int], Bools]:
        return {}

    @cached_property
    def _field_and_weights(self) -> tuple[int, NDArray[np.generic]]:
        """A prime, and ``(columns, simples)`` residues of |D| phi_K(D) dim K^H."""
        field = residue_field(self.conductor, max(2 * max(self.fixed), 1 << 29))
        p = field.prime
        phi = self.residues(field)
        weights = phi * np.array([s % p for s in self.sizes], dtype=phi.dtype) % p
        weights = weights * np.array(self.fixed, dtype=phi.dtype)[:, None] % p
        return p, weights.T

    def fixed_dimensions(self, plus: Bools, minus: Bools) -> tuple[Ints, Ints]:
        """Return dim K^U and dim Hom_U(sgn, K) for all simples K and several subgroups U.

        Parameters
        ----------
        plus, minus
            ``(sets, columns)`` the columns of U+ and of U-.

        Returns
        -------
        tuple of numpy.ndarray
            ``(sets, simples)`` each, equal where U- is empty. On a signed orbit both characters
            are multiplied by the sign of H.

        Raises
        ------
        InconsistentAnswerError
            If one is not an integer between 0 and dim K^H: the table is wrong.

        Notes
        -----
        Exact: dim K^H times a mean over U is an integer, read off modulo a prime larger than twice
        its bound. Results are cached.
        """
        keys = [row.tobytes() for row in np.packbits(np.hstack([plus, minus]), axis=1)]
        known = self._known_dimensions
        first = {key: i for i, key in enumerate(keys) if key not in known}
        if first:
            rows = list(first.values())
            above, below = self._computed(plus[rows], minus[rows])
            known.update(zip(first, zip(above, below, strict=True), strict=True))
        pairs = [known[key] for key in keys]
        shape, kind = (len(keys), len(self.rows)), self._fixed.dtype
        even = np.array([pair[0] for pair in pairs], dtype=kind).reshape(shape)
        odd = np.array([pair[1] for pair in pairs], dtype=kind).reshape(shape)
        return even, odd

    def _dimensions_of(self, present: Bools) -> tuple[Ints, Ints, Bools]:
        """Return, of sets of simples, :meth:`fixed_dimensions`, and whether U- has elements.

        ``(sets, 1)`` the latter. All activations ask about the same sets: the last ones are kept.
        """
        key = (len(present), present.tobytes())
        known = self._known_sets
        if key not in known:
            plus, minus = self.subgroups(present)
            found = *self.fixed_dimensions(plus, minus), np.any(minus, axis=1, keepdims=True)
            for array in found:
                array.setflags(write=False)
            if len(known) == _SETS_KEPT:
                del known[next(iter(known))]
            known[key] = found
        return known[key]

    def _computed(self, plus: Bools, minus: Bools) -> tuple[Ints, Ints]:
        p, weights = self._field_and_weights
        kind = weights.dtype  # int64: sums of residues below 2^32 over fewer than 2^31 columns
        orders = self.orders_of(plus | minus)
        units = np.array([pow(order % p, -1, p) for order in orders], dtype=kind)[:, None]
        above = (plus.astype(kind) @ weights) % p
        below = (minus.astype(kind) @ weights) % p
        fixed = self._fixed
        out = []
        for total in (above + below, above - below):
            residues = total % p * units % p
            # an integer from 0 to dim K^H, and 2 dim K^H < p
            found = residues.astype(np.int64) if p < _LARGEST_SUM else residues
            wrong = (found < 0) | (found > fixed)
            if wrong.any():
                i, k = np.argwhere(wrong)[0].tolist()
                value = int(found[i, k])
                raise InconsistentAnswerError(
                    self.table.group,
                    f"dim {self.labels[k]}^U between 0 and {fixed[k]} in {self.table.module}",
                    str(value if 2 * value < p else value - p),
                )
            out.append(np.asarray(found, dtype=fixed.dtype))
        return out[0], np.where(np.any(minus, axis=1, keepdims=True), out[1], out[0])

    # powers ---------------------------------------------------------------------------------

    @cached_property
    def _is_quotient_regular(self) -> bool:
        """Whether H acts as 1 on the whole orbit, so that phi_K = chi_K / chi_K(1)."""
        return self.swap is None and self.fixed == self.dimensions

    def occurring_in_powers(self, present: Bools, degree: int) -> Bools:
        r"""Return ``(sets, simples)``: which simples occur in the d-th powers, d at least 2.

        That is whether the sum over D of \|D\| phi_K(D) Phi(D)^d is not 0, with Phi a positive
        combination of the phi_L of the set. Exact; results are cached.
        """
        keys = [(np.packbits(row).tobytes(), degree) for row in present]
        new = [i for i, key in enumerate(keys) if key not in self._known_powers]
        if new:
            sources = [np.flatnonzero(present[i]).tolist() for i in new]
            found = self._powers_computed(sources, degree)
            self._known_powers.update((keys[i], found[j]) for j, i in enumerate(new))
        out = np.empty((len(keys), len(self.rows)), dtype=np.bool_)
        for i, key in enumerate(keys):
            out[i] = self._known_powers[key]
        return out

    def _powers_computed(self, sources: Sequence[Sequence[int]], degree: int) -> Bools:
        r"""Return :meth:`occurring_in_powers` for sets given by positions.

        By :mod:`toolkit.exact.vanishing`: one prime shows most sums not to be 0. For a regular
        module of a quotient, dim K Sum \|D\| phi_K (Sum dim L phi_L)^d / \|G\| is the inner
        product of chi_K with a power of a character; it is 0 if dim K exceeds the power's
        dimension, and otherwise an integer at most that.
        """
        regular = self._is_quotient_regular
        weights = self.dimensions if regular else tuple(1 for _ in self.rows)
        largest = max((sum(weights[i] for i in s) for s in sources), default=1)
        if regular:
            bits, steps = degree * math.log2(largest) + 1, 1
            start = np.array(
                [
                    [d <= sum(weights[i] for i in s) ** degree for d in self.dimensions]
                    for s in sources
                ],
                dtype=bool,
            ).reshape(len(sources), len(self.rows))
        else:
            bits = (degree + 1) * math.log2(self.denominator) + math.log2(self.table.group_order)
            bits += degree * math.log2(largest)
            steps = real_degree(self.conductor)
            start = np.ones((len(sources), len(self.rows)), dtype=bool)

        def sums(field: ResidueField, wanted: Bools) -> NDArray[np.int64]:
            p = field.prime
            phi = self.residues(field)
            chosen = np.flatnonzero(wanted.any(axis=1))
            targets = np.flatnonzero(wanted.any(axis=0))
            powers = []
            for i in chosen.tolist():
                combined = np.zeros(phi.shape[1], dtype=phi.dtype)
                for k in sources[i]:
                    combined = (combined + weights[k] % p * phi[k]) % p
                power = combined
                for _ in range(degree - 1):
                    power = power * combined % p
                powers.append(power.tolist())
            size = np.array([s % p for s in self.sizes], dtype=phi.dtype)
            weighted = (phi[targets] * size % p).T.tolist()
            out = np.ones(wanted.shape, dtype=np.int64)
            out[np.ix_(chosen, targets)] = modular_product(powers, weighted, p)
            return out

        zero = which_vanish(
            sums,
            start.shape,
            conductor=self.conductor,
            degree=steps,
            bits=bits,
            start=start,
            avoid=self.table.group_order,
        )
        return np.asarray(start & ~zero)

    # occurrences ----------------------------------------------------------------------------

    def occurring(self, f: Activation, present: Bools) -> Occurrences:
        """Return the simples that occur in f(v), for sets of simples.

        Parameters
        ----------
        f
            The activation.
        present
            ``(sets, simples)`` which simples are present: at least one in each set.

        Notes
        -----
        Exact; no bias.
        """
        even, odd, signed = self._dimensions_of(present)
        degrees = _degrees(f)
        parts = tuple(
            sorted(("constant", "even", "linear", "odd", *(f"degree {d}" for d in degrees)))
        )
        bit = {name: 1 << i for i, name in enumerate(parts)}
        linear = present if f.has_linear_part else np.zeros_like(present)
        above, below = np.zeros_like(even), np.zeros_like(odd)
        masks = bit["linear"] * linear.astype(np.int64)
        if f.has_even_part:
            masks |= bit["even"] * (even > 0)
            above = even
        elif _has_constant_alone(f) and self.trivial is not None:
            trivial = self.position[self.trivial]
            masks[:, trivial] |= bit["constant"]
            above[:, trivial] = even[:, trivial]
        if f.has_odd_part:
            masks |= bit["odd"] * (odd > 0)
            below = odd
        possible = (even > 0) | (odd > 0) | linear
        for d in degrees:
            found = self.occurring_in_powers(present, d) & possible
            masks |= bit[f"degree {d}"] * found
            if d % 2:
                below = np.where(found, odd, below)
            else:
                above = np.where(found, even, above)
        dimensions = np.where(signed, above + below, np.maximum(above, below))
        dimensions = np.where(linear, self._fixed[None, :], dimensions)
        return Occurrences(parts, masks, np.where(masks > 0, dimensions, 0))

    def closures(self, f: Activation, first: Bools | None = None) -> Bools:
        """Return ``(simples, simples)`` the closure of each simple, by rows; read-only.

        ``first``: which simples occur from each one alone, if that is known.

        Notes
        -----
        Exact. A simple lies in its own closure, so that a linear part adds nothing: activations
        with the same other parts share the closures.
        """
        degrees = _degrees(f)
        kind = (f.has_even_part, f.has_odd_part, _has_constant_alone(f), *degrees)
        if kind not in self._known_closures:
            each: Bools = np.eye(len(self.rows), dtype=np.bool_)
            start = each if first is None else each | first
            closed = least_closed_sets(start, lambda sets: self._occur(f, degrees, sets))
            closed.setflags(write=False)
            self._known_closures[kind] = closed
        return self._known_closures[kind]

    def _occur(self, f: Activation, degrees: tuple[int, ...], present: Bools) -> Bools:
        """Return ``(sets, simples)`` which simples occur, of a linear part perhaps not all."""
        even, odd, _ = self._dimensions_of(present)
        above, below = even > 0, odd > 0
        out: Bools = np.zeros_like(present)
        if f.has_even_part:
            out |= above
        elif _has_constant_alone(f) and self.trivial is not None:
            out[:, self.position[self.trivial]] = True
        if f.has_odd_part:
            out |= below
        for d in degrees:
            out |= self.occurring_in_powers(present, d) & (above | below)
        return out


def _degrees(f: Activation) -> tuple[int, ...]:
    """Return the degrees from 2 on of the polynomial parts of an activation."""
    parts = (p for p in (f.even_part, f.odd_part) if p.is_polynomial)
    return tuple(d for p in parts for d in p.degrees if d >= 2)


def _has_constant_alone(f: Activation) -> bool:
    """Whether the even part is a polynomial with a constant term."""
    return not f.has_even_part and bool(f.even_part.coefficient(0))


def least_closed_sets(sets: Bools, step: Callable[[Bools], Bools]) -> Bools:
    """Return the least sets that contain given ones and are closed under a monotone step.

    Parameters
    ----------
    sets
        ``(sets, simples)``.
    step
        From sets to what occurs from them.
    """
    now = sets.copy()
    opened = np.arange(len(now))
    while len(opened):
        before = now[opened]
        after = before | step(before)
        now[opened] = after
        opened = opened[(after != before).any(axis=1)]
    return now
