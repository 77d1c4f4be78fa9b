"""One transitive part of a module as the exact criterion needs it.

A permutation module G/H and a signed one induced from a sign character of H are treated alike: a
row per simple K with a spherical function phi_K of value 1 at 1, a column per double coset, and
the columns on which phi_K is exactly 1 or -1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from toolkit.errors import InconsistentAnswerError, NotAvailable
from toolkit.exact.residues import ResidueField, modular_product, residue_field
from toolkit.exact.vanishing import real_degree, which_vanish
from toolkit.modules.module import require_module
from toolkit.modules.signed_module import SignedModule
from toolkit.modules.spherical import SphericalTable
from toolkit.text import is_local

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeAlias

    from numpy.typing import NDArray

    from toolkit.modules.permutation_module import PermutationModule

    Bools: TypeAlias = NDArray[np.bool_]
    AnyModule: TypeAlias = PermutationModule | SignedModule | SphericalTable

__all__ = ["Part", "parts_of"]

_LARGEST_INT64 = 3_000_000_000  # products of two residues stay below 2^63


@dataclass(frozen=True, eq=False)
class Part:
    """A transitive part.

    Parameters
    ----------
    table
        Its spherical table; of the cover, for a signed part.
    rows
        Which simples of the table occur.
    fixed
        Per simple dim Hom_H(1, K), for a signed part dim Hom_H(sign, K).
    swap
        Signed only: per column the column of the opposite point.
    coordinates
        Number of coordinates of the part.
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
        """Per simple how often it occurs in the part."""
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

    @property
    def trivial(self) -> str | None:
        """Label of the trivial simple, if it occurs."""
        first = self.table.simples[0].label
        return first if first in self.position else None

    @cached_property
    def _index(self) -> NDArray[np.intp]:
        """``(simples, columns)`` positions among the table's values."""
        return np.array([self.table.simples[r].row for r in self.rows], dtype=np.intp)

    @cached_property
    def floats(self) -> NDArray[np.float64]:
        """``(simples, columns)`` the spherical functions, rounded."""
        values = np.array([v.to_float() for v in self.table.values])
        return self._signed(values[self._index])

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
        small = field.prime < _LARGEST_INT64
        values = np.array(field.map(self.table.values), dtype=np.int64 if small else object)
        phi = values[self._index]
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
            return np.asarray(self._index == found)
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

    def subgroup(self, present: Sequence[int]) -> tuple[Bools, Bools]:
        """Return the columns of U+ and of U- of a set of simples, given by their positions."""
        rows = list(present)
        plus: Bools = np.logical_and.reduce(self.plus[rows], axis=0)
        minus: Bools = np.logical_and.reduce(self.minus[rows], axis=0)
        return plus, minus

    # integers -------------------------------------------------------------------------------

    @cached_property
    def _field(self) -> ResidueField:
        return residue_field(self.conductor, max(2 * max(self.fixed), 1 << 29))

    @cached_property
    def _residues(self) -> NDArray[np.object_]:
        return self.residues(self._field)

    @cached_property
    def _known(self) -> dict[tuple[bytes, bytes, int], tuple[int, ...]]:
        return {}

    def dimensions_of_fixed(self, plus: Bools, minus: Bools, sign: int) -> tuple[int, ...]:
        """Return, for all simples K, dim Hom_U(character, K) for the subgroup U.

        Parameters
        ----------
        plus, minus
            ``(columns,)`` the columns of U+ and of U-.
        sign
            1: the trivial character of U. -1: the character that is 1 on U+ and -1 on U-. (In a
            signed part both mean: times the sign on H.)

        Raises
        ------
        InconsistentAnswerError
            If it is no integer between 0 and dim K^H: the table is wrong.

        Notes
        -----
        Exact: dim K^H times a mean over U, an integer, read off modulo a prime beyond twice its
        bound.
        """
        key = (plus.tobytes(), minus.tobytes(), sign)
        if key in self._known:
            return self._known[key]
        p = self._field.prime
        total = np.zeros(len(self.rows), dtype=self._residues.dtype)
        for columns, s in ((plus, 1), (minus, sign)):
            for c in np.flatnonzero(columns).tolist():
                total = (total + s * (self.sizes[c] % p) * self._residues[:, c]) % p
        order = sum(self.sizes[c] for c in np.flatnonzero(plus | minus).tolist())
        unit = self._field.inverse(order % p)
        out = []
        for label, fixed, x in zip(self.labels, self.fixed, total.tolist(), strict=True):
            found = self._field.to_int(x * fixed % p * unit)
            if not 0 <= found <= fixed:
                raise InconsistentAnswerError(
                    self.table.group,
                    f"dim {label}^U between 0 and {fixed} in {self.table.module}",
                    str(found),
                )
            out.append(found)
        self._known[key] = tuple(out)
        return self._known[key]

    # powers ---------------------------------------------------------------------------------

    @cached_property
    def _is_quotient_regular(self) -> bool:
        """Whether H acts as 1 on the whole part, so that phi_K = chi_K / chi_K(1)."""
        return self.swap is None and self.fixed == self.dimensions

    def power_reaches(self, sources: Sequence[Sequence[int]], degree: int) -> Bools:
        r"""Return whether K occurs in the d-th powers of the coordinates, for sets of sources.

        Parameters
        ----------
        sources
            Per set the positions of its simples.
        degree
            d, at least 2.

        Returns
        -------
        numpy.ndarray
            ``(sets, simples)``: whether the sum over D of \|D\| phi_K(D) Phi(D)^d is not 0, Phi a
            positive combination of the phi_L of the set.

        Notes
        -----
        Exact, by :mod:`toolkit.exact.vanishing`: one prime shows most sums not to be 0. For a
        regular module of a quotient, dim K Sum \|D\| phi_K (Sum dim L phi_L)^d / \|G\| is the
        inner product of chi_K with a power of a character; it is 0 if dim K exceeds the power's
        dimension, and else an integer below that.
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


def parts_of(X: AnyModule) -> tuple[Part, ...]:
    """Return the transitive parts of a module, or of a spherical table its one.

    Raises
    ------
    NotAvailable
        If there are several parts and their simples cannot be compared, or signs are to be
        combined with a table whose columns are merged.
    """
    if isinstance(X, SphericalTable):
        return (_permutation_part(X),)
    if isinstance(X, SignedModule):
        return _signed_parts(X)
    require_module(X)
    pieces = X.orbits
    same: dict[int, Part] = {}
    out = []
    for piece in pieces:
        table = piece.spherical_table
        if len(pieces) > 1 and is_local(table.simples[0].label):
            raise NotAvailable(
                X.group,
                f"interactions in {X.name}",
                "its simples are known within each transitive part only; ask the .orbits",
            )
        out.append(same.setdefault(id(table), _permutation_part(table)))
    return tuple(out)


def _permutation_part(table: SphericalTable) -> Part:
    fixed = tuple(s.fixed_dimension for s in table.simples)
    return Part(table, tuple(range(len(fixed))), fixed, None, table.degree)


def _signed_parts(X: SignedModule) -> tuple[Part, ...]:
    """Return the parts: an orbit of the cover that meets its opposite, or one of each two."""
    cover = X.cover
    out = []
    pieces = cover.orbits
    for piece, own in zip(pieces, cover.orbit_points, strict=True):
        here = {p: i for i, p in enumerate(own)}
        if own[0] ^ 1 not in here:
            if min(own) < min(p ^ 1 for p in own):
                out.append(_permutation_part(piece.spherical_table))
            continue
        table = piece.spherical_table
        if len(pieces) > 1 and is_local(table.simples[0].label):
            raise NotAvailable(X.group, f"interactions in {X.name}", "its parts are not comparable")
        opposite = [here[p ^ 1] for p in own]
        out.append(_signed_part(piece, table, opposite))
    return tuple(out)


def _signed_part(piece: PermutationModule, table: SphericalTable, opposite: list[int]) -> Part:
    from toolkit.modules.gsets.orbitals import Orbitals

    if not table.points:
        raise NotAvailable(
            table.group,
            f"signs on {table.module}",
            "the columns of its table are merged; make the cover with coset_module",
        )
    base = piece.record.base
    orbitals = Orbitals(piece.images, known_count=table.rank)
    points = np.array(table.points, dtype=np.intp)
    both = np.concatenate([points, np.array(opposite, dtype=np.intp)[points]])
    labels = orbitals.labels_at(np.full(len(both), base), both).tolist()
    column = {label: c for c, label in enumerate(labels[: len(points)])}
    swap = tuple(column[label] for label in labels[len(points) :])
    rows, fixed = [], []
    for r, s in enumerate(table.simples):
        value = table.values[s.row[swap[0]]]
        share = Fraction(1 - value.to_fraction()) / 2 if value.is_rational else Fraction(-1)
        m = share * s.fixed_dimension
        if m.denominator != 1 or not 0 <= m <= s.fixed_dimension:
            raise InconsistentAnswerError(
                table.group, f"a whole multiplicity of {s.label} with the sign", str(m)
            )
        if m:
            rows.append(r)
            fixed.append(int(m))
    return Part(table, tuple(rows), tuple(fixed), swap, piece.degree // 2)
