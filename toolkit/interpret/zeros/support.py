"""The simples that can be present on one orbit, and the coordinates that agree there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from toolkit.deprecation import deprecated
from toolkit.errors import NotAvailable
from toolkit.library.fourier import fourier_basis
from toolkit.library.invariant_vectors import is_trivial
from toolkit.pl.criterion.of_module import orbit_criteria
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
        isolated = f.formula is not None and f.formula.may_jump  # this is said of every v
        if f.parts_are == "measured" or isolated:
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


@dataclass(frozen=True)
class ModuleSimples:
    """The simples of a linear module, which has no orbits.

    Parameters
    ----------
    labels, dimensions, multiplicities
        Of the simples, in canonical order.
    trivial
        The label of the trivial simple, if it occurs.
    """

    labels: tuple[str, ...]
    dimensions: tuple[int, ...]
    multiplicities: tuple[int, ...]
    trivial: str | None

    @classmethod
    def of(cls, V: Module) -> ModuleSimples:
        """Return those of a module with a Fourier basis."""
        basis = fourier_basis(V)
        simples = basis.simples
        return cls(
            tuple(s.label for s in simples),
            tuple(s.dimension for s in simples),
            tuple(s.multiplicity for s in simples),
            next((s.label for s in simples if is_trivial(basis, s)), None),
        )


@dataclass(frozen=True)
class LinearSupport:
    """What can be present in a linear module.

    Parameters
    ----------
    orbit
        The simples of the module; it has no orbits, and stands in the place of one.
    labels
        Simples that can be present, in canonical order.
    """

    orbit: ModuleSimples
    labels: tuple[str, ...]

    @classmethod
    def of(cls, orbit: ModuleSimples, labels: Iterable[str]) -> LinearSupport:
        """Return the support of an element whose components are the given ones."""
        wanted = set(labels)
        return cls(orbit, tuple(label for label in orbit.labels if label in wanted))

    @property
    def is_zero(self) -> bool:
        """Whether the element is 0."""
        return not self.labels

    def after(self, f: Activation) -> LinearSupport:
        """Return the support after a linear activation, the only ones that mixed coordinates have.

        Raises
        ------
        NotAvailable
            For another activation, on a module whose matrices happen to permute the coordinates.
        """
        if f.is_affine and not f.at_zero:
            return self if f.has_linear_part else LinearSupport(self.orbit, ())
        raise NotAvailable(
            f.name,
            "its effect on a linear module",
            "its points are not known: use the permutation module itself",
        )


#: What can be present on one orbit, or in a linear module.
Support: TypeAlias = OrbitSupport | LinearSupport


def on_orbits(supports: tuple[Support, ...]) -> tuple[OrbitSupport, ...]:
    """Return supports that are all on orbits of points.

    Raises
    ------
    NotAvailable
        If one is in a linear module.
    """
    found = tuple(p for p in supports if isinstance(p, OrbitSupport))
    if len(found) < len(supports):
        raise NotAvailable(
            "a linear module", "the effect of a layer on points", "it has no orbits of points"
        )
    return found


def supports_on(X: Module, labels: Iterable[str] | None = None) -> tuple[Support, ...]:
    """Return the support per orbit of elements in some simples (in all of them if left out)."""
    if not X.has_points:
        own = ModuleSimples.of(X)
        return (LinearSupport.of(own, own.labels if labels is None else labels),)
    wanted = None if labels is None else tuple(labels)
    return tuple(
        OrbitSupport.of(orbit, orbit.labels if wanted is None else wanted)
        for orbit in orbit_criteria(X)
    )


def points_of_orbits(X: Module) -> tuple[NDArray[np.intp], ...]:
    """Return the 0-based points of each orbit, in the order of ``orbit_criteria``."""
    return tuple(sheet.points for sheet in X.sheets)


def united(several: Iterable[Iterable[str]]) -> tuple[str, ...]:
    """Return labels without repetition, in canonical order."""
    found = {label for labels in several for label in labels}
    return tuple(sorted(found, key=label_key))
