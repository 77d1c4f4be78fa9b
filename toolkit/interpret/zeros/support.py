"""The simples that can be present on one orbit, and the coordinates that agree there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from toolkit.deprecation import deprecated
from toolkit.pl.criterion.orbit import OrbitCriterion
from toolkit.text import label_key

if TYPE_CHECKING:
    from collections.abc import Iterable

    from toolkit.modules.module import Module
    from toolkit.pl.activations.activation import Activation


@dataclass(frozen=True, eq=False)
class OrbitSupport:
    """What can be present on one orbit.

    Parameters
    ----------
    orbit
        The criterion on the orbit.
    labels
        Simples that can be present, in canonical order; none if the function is 0 there.
    plus, minus
        Columns of U+ and U-; empty sets of columns if the function is 0.
    """

    orbit: OrbitCriterion
    labels: tuple[str, ...]
    plus: NDArray[np.bool_]
    minus: NDArray[np.bool_]

    @property
    @deprecated("OrbitSupport.part is now OrbitSupport.orbit")
    def part(self) -> OrbitCriterion:
        """The old name of ``orbit``."""
        return self.orbit

    @property
    def is_zero(self) -> bool:
        """Whether the function is 0 on the orbit."""
        return not self.labels

    @classmethod
    def of(cls, orbit: OrbitCriterion, labels: Iterable[str]) -> OrbitSupport:
        """Return the support of a function whose components on an orbit are the given ones."""
        present = orbit.present(labels)
        if not present.any():
            nothing = np.zeros(len(orbit.sizes), dtype=bool)
            return cls(orbit, (), nothing, nothing)
        plus, minus = orbit.subgroups(present)
        found = tuple(orbit.labels[r] for r in np.flatnonzero(present[0]).tolist())
        return cls(orbit, found, plus[0], minus[0])

    @property
    def block(self) -> int:
        """How many coordinates are one functional up to sign."""
        order = self.orbit.order_of(self.plus | self.minus)
        return order * self.orbit.coordinates // self.orbit.table.group_order

    def after(self, f: Activation) -> OrbitSupport:
        """Return the support after an activation."""
        orbit = self.orbit
        if self.is_zero:
            starts = f.at_zero != 0 and orbit.trivial is not None
            return OrbitSupport.of(orbit, [orbit.trivial] if starts and orbit.trivial else [])
        if f.parts_are == "measured":
            return self.after_any(is_odd=orbit.swap is not None)
        fixed = orbit.fixed_dimensions(self.plus[None], self.minus[None])
        even, odd = (dimensions[0].tolist() for dimensions in fixed)
        found: set[int] = set()
        if f.has_even_part:
            found |= {k for k, d in enumerate(even) if d}
        elif f.even_part.coefficient(0) and orbit.trivial is not None:
            found.add(orbit.position[orbit.trivial])
        if f.has_odd_part:
            found |= {k for k, d in enumerate(odd) if d}
        present = tuple(orbit.position[label] for label in self.labels)
        if f.has_linear_part:
            found |= set(present)
        for p, reached in ((f.even_part, even), (f.odd_part, odd)):
            for degree in p.degrees if p.is_polynomial else ():
                if degree >= 2:
                    powers = orbit.occurring_in_powers(orbit.present(self.labels), degree)[0]
                    found |= {k for k, yes in enumerate(powers.tolist()) if yes and reached[k]}
        labels = tuple(orbit.labels[k] for k in sorted(found))
        if not labels:
            return OrbitSupport.of(orbit, ())
        return self._constant_along(labels, f.is_odd, f.is_even)

    def after_any(self, *, is_odd: bool) -> OrbitSupport:
        """Return a bound for the support after any function of the values at each point."""
        minus = self.minus if is_odd else np.zeros_like(self.minus)
        even, odd = self.orbit.fixed_dimensions(self.plus[None], minus[None])
        dimensions = (odd if is_odd else even)[0].tolist()
        labels = tuple(label for label, d in zip(self.orbit.labels, dimensions, strict=True) if d)
        return self._constant_along(labels, is_odd, False)

    def plus_other(self, other: OrbitSupport) -> OrbitSupport:
        """Return the support of a sum of two functions on the orbit."""
        if self.is_zero or other.is_zero:
            return other if self.is_zero else self
        labels = united([self.labels, other.labels])
        # coordinates that agree, or are opposite, in both terms do so in the sum
        plus, minus = self.plus & other.plus, self.minus & other.minus
        return OrbitSupport(self.orbit, labels, plus, minus)

    def without_trivial(self) -> OrbitSupport:
        """Return the support after the invariant part was taken away."""
        labels = tuple(label for label in self.labels if label != self.orbit.trivial)
        if labels == self.labels:
            return self
        if not labels:
            return OrbitSupport.of(self.orbit, ())
        return OrbitSupport(self.orbit, labels, self.plus, self.minus)

    def _constant_along(self, labels: tuple[str, ...], is_odd: bool, is_even: bool) -> OrbitSupport:
        """Return the state in which coordinates agree as before, up to the function's parity."""
        nothing = np.zeros_like(self.minus)
        if is_odd:
            return OrbitSupport(self.orbit, labels, self.plus, self.minus)
        if is_even:
            return OrbitSupport(self.orbit, labels, self.plus | self.minus, nothing)
        return OrbitSupport(self.orbit, labels, self.plus, nothing)


def points_of_orbits(X: Module) -> tuple[NDArray[np.intp], ...]:
    """Return the 0-based points of each orbit, in the order of ``orbit_criteria``."""
    return tuple(sheet.points for sheet in X.sheets)


def united(several: Iterable[Iterable[str]]) -> tuple[str, ...]:
    """Return labels without repetition, in canonical order."""
    found = {label for labels in several for label in labels}
    return tuple(sorted(found, key=label_key))
