"""What sets of simples reach in one transitive part of a module, for several activations at once.

The subgroups U of many sets are found by one product of matrices, and the integers dim K^U for
all of them by another, modulo a prime beyond twice their bound. The activations share them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from toolkit.errors import InconsistentAnswerError
from toolkit.exact.residues import residue_field

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from toolkit.pl.activations.activation import Activation
    from toolkit.pl.criterion.orbit import Part

    Bools: TypeAlias = NDArray[np.bool_]
    Ints: TypeAlias = NDArray[np.int64]

__all__ = ["Reach", "Reaches"]

_LARGEST_INT64 = 1 << 62  # sums of two stay below 2^63


@dataclass(frozen=True, eq=False)
class Reach:
    """What sets of simples reach through one activation.

    Parameters
    ----------
    parts
        Names of the parts of the activation, sorted.
    masks
        ``(sets, simples)`` bits: which parts give the simple, 0 if none does.
    reach
        ``(sets, simples)``: the dimension of the part of K^H that is reached.
    """

    parts: tuple[str, ...]
    masks: Ints
    reach: Ints


class Reaches:
    """One transitive part of a module, and what sets of its simples reach; asks are remembered.

    Parameters
    ----------
    part
        The transitive part, signed or not.
    """

    def __init__(self, part: Part) -> None:
        self.part = part
        self._known: dict[bytes, tuple[Ints, Ints]] = {}
        self._powers: dict[tuple[bytes, int], Bools] = {}

    @cached_property
    def count(self) -> int:
        """Number of simples."""
        return len(self.part.labels)

    @cached_property
    def _outside(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """``(simples, columns)`` 1 where phi is not 1, and where it is not -1."""
        return (~self.part.plus).astype(np.float32), (~self.part.minus).astype(np.float32)

    @cached_property
    def _fixed(self) -> Ints:
        """``(simples,)`` dim K^H: int64, or Python integers where these are too small."""
        kind = np.int64 if max(self.part.fixed) < _LARGEST_INT64 else object
        return np.array(self.part.fixed, dtype=kind)

    @cached_property
    def sizes(self) -> NDArray[np.object_]:
        """``(columns,)`` sizes of the double cosets, Python integers."""
        return np.array(self.part.sizes, dtype=object)

    def subgroups(self, present: Bools) -> tuple[Bools, Bools]:
        """Return ``(sets, columns)`` U+ and U- of sets of simples, ``(sets, simples)``."""
        # sums of fewer than 2^24 ones are exact
        chosen = present.astype(np.float32)
        one, other = self._outside
        return chosen @ one == 0, chosen @ other == 0

    def reach(self, f: Activation, present: Bools) -> Reach:
        """Return what sets of simples reach.

        Parameters
        ----------
        f
            The activation.
        present
            ``(sets, simples)`` which simples are present: at least one in each set.

        Notes
        -----
        Exact; no bias. The theorem is in :mod:`toolkit.pl`, the meaning of ``reach`` in
        :class:`toolkit.pl.Reached`.
        """
        plus, minus = self.subgroups(present)
        even, odd = self._dimensions(plus, minus)
        signed: Bools = np.any(minus, axis=1, keepdims=True)
        degrees = tuple(
            d for p in (f.even_part, f.odd_part) if p.is_polynomial for d in p.degrees if d >= 2
        )
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
        elif f.even_part.coefficient(0) and self.part.trivial is not None:
            trivial = self.part.position[self.part.trivial]
            masks[:, trivial] |= bit["constant"]
            above[:, trivial] = even[:, trivial]
        if f.has_odd_part:
            masks |= bit["odd"] * (odd > 0)
            below = odd
        possible = (even > 0) | (odd > 0) | linear
        for d in degrees:
            found = self._power(present, d) & possible
            masks |= bit[f"degree {d}"] * found
            if d % 2:
                below = np.where(found, odd, below)
            else:
                above = np.where(found, even, above)
        reach = np.where(signed, above + below, np.maximum(above, below))
        reach = np.where(linear, self._fixed[None, :], reach)
        return Reach(parts, masks, np.where(masks > 0, reach, 0))

    def closures(self, f: Activation) -> Bools:
        """Return ``(simples, simples)`` the least closed set around each simple, by rows."""
        now: Bools = np.eye(self.count, dtype=np.bool_)
        open_rows = np.arange(self.count)
        while len(open_rows):
            before = now[open_rows]
            after = before | (self.reach(f, before).masks > 0)
            now[open_rows] = after
            open_rows = open_rows[(after != before).any(axis=1)]
        return now

    # integers -------------------------------------------------------------------------------

    @cached_property
    def _field_and_weights(self) -> tuple[int, NDArray[np.generic]]:
        """A prime, and ``(columns, simples)`` residues of |D| phi_K(D) dim K^H."""
        part = self.part
        field = residue_field(part.conductor, max(2 * max(part.fixed), 1 << 29))
        p = field.prime
        phi = part.residues(field)
        weights = phi * np.array([s % p for s in part.sizes], dtype=phi.dtype) % p
        weights = weights * np.array(part.fixed, dtype=phi.dtype)[:, None] % p
        return p, weights.T

    def _dimensions(self, plus: Bools, minus: Bools) -> tuple[Ints, Ints]:
        """Return ``(sets, simples)`` dim K^U and dim Hom_U(sgn, K), equal where U- is empty."""
        packed = np.packbits(np.hstack([plus, minus]), axis=1)
        keys = [row.tobytes() for row in packed]
        first = {key: i for i, key in reversed(list(enumerate(keys))) if key not in self._known}
        if first:
            rows = np.array(list(first.values()), dtype=np.intp)
            found = self._computed(plus[rows], minus[rows])
            for i, key in enumerate(first):
                self._known[key] = (found[0][i], found[1][i])
        shape = (len(keys), self.count)
        even, odd = np.empty(shape, self._fixed.dtype), np.empty(shape, self._fixed.dtype)
        for i, key in enumerate(keys):
            even[i], odd[i] = self._known[key]
        return even, odd

    def _computed(self, plus: Bools, minus: Bools) -> tuple[Ints, Ints]:
        p, weights = self._field_and_weights
        kind = weights.dtype  # int64: sums of residues below 2^32 over fewer than 2^31 columns
        orders = ((plus | minus) @ self.sizes).tolist()
        units = np.array([pow(order % p, -1, p) for order in orders], dtype=kind)[:, None]
        above = (plus.astype(kind) @ weights) % p
        below = (minus.astype(kind) @ weights) % p
        fixed = self._fixed
        out = []
        for total in (above + below, above - below):
            residues = total % p * units % p
            # an integer from 0 to dim K^H, and 2 dim K^H < p
            found = residues.astype(np.int64) if p < _LARGEST_INT64 else residues
            wrong = (found < 0) | (found > fixed)
            if wrong.any():
                i, k = np.argwhere(wrong)[0].tolist()
                value = int(found[i, k])
                raise InconsistentAnswerError(
                    self.part.table.group,
                    f"dim {self.part.labels[k]}^U between 0 and {fixed[k]} in "
                    f"{self.part.table.module}",
                    str(value if 2 * value < p else value - p),
                )
            out.append(np.asarray(found, dtype=fixed.dtype))
        return out[0], np.where(np.any(minus, axis=1, keepdims=True), out[1], out[0])

    def _power(self, present: Bools, degree: int) -> Bools:
        keys = [(np.packbits(row).tobytes(), degree) for row in present]
        new = [i for i, key in enumerate(keys) if key not in self._powers]
        if new:
            sources = [np.flatnonzero(present[i]).tolist() for i in new]
            found = self.part.power_reaches(sources, degree)
            self._powers.update((keys[i], found[j]) for j, i in enumerate(new))
        out = np.empty((len(keys), self.count), dtype=np.bool_)
        for i, key in enumerate(keys):
            out[i] = self._powers[key]
        return out
