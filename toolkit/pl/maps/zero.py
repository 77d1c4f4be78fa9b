r"""Whether a map "include, activate, project" between simples is zero: the criterion, decided.

Let X = G/H, w in L^H, u in K^H not 0, and phi(v) = sum over x = gH of f(<v, gw>) gu. Put
U = {g : gw = w or gw = -w}, a subgroup that contains H, with the sign s(g) = 1 or -1; c runs over
the cosets of U, which are the lines of the gw, with one vector l_c on each, and

    e_c = sum of gu over x = gH in c,        o_c = sum of s gu, where gw = s l_c.

**Criterion.** Split f into its even and its odd part. Then phi = 0 exactly when the contribution
of each part is 0, and the contribution of a part is 0 exactly when

* even, not a polynomial: e_c = 0, that is, u has no component in K^U;
* odd, not a polynomial: o_c = 0, that is, u has no component in {k in K : gk = s(g) k for g in U};
* b t: K is not L, or u is orthogonal to wD, D = End_G(L);
* c t^d: the sum over x of <w, gw>^d <u, gu> is 0 (for d = 0: K is not trivial).

So for f(t) = a\|t\| + bt with a, b not 0 the map is zero exactly if u has no component in K^U *and*
either K is not L or u is orthogonal to wD.

*Proof.* phi(-v) = phi(v) for the even part and -phi(v) for the odd part, so neither can cancel the
other. The contribution of an even f is the sum over c of f(<v, l_c>) e_c, and that of an odd f the
sum of f(<v, l_c>) o_c. For continuous f that is not a polynomial and pairwise non-proportional l_c
the functions f(<v, l_c>) are linearly independent (for \|t\| since each fails to be differentiable
on a hyperplane of its own). So all e_c, or all o_c, must vanish; G permutes them up to signs, so
one is enough. At the coset U itself e_c is \|U : H\| times the projection of u to K^U, and o_c the
same for the sign. The linear part is b times the G-map T = sum of gu (gw)^T from L to K; by Schur
it is 0 if K is not L, and if K = L it lies in D and is 0 exactly if it is orthogonal to D: the
trace of T r^T, r in D, is \|X\| <u, rw>. The contribution of t^d is the contraction of v^d with the
tensor sum of (gw)^d times gu, and the squared length of this is \|X\| times the sum in the last
line; parts of different degree cannot cancel. QED

**The least U.** U_L, the g that act on L^H as one sign, where phi_L = 1 or -1, lies in U for every
w, and for generic w it is U; if L occurs once in Fun(X), for all w, since L^H = wD and D commutes
with G. So there are at most \|G : U_L\| lines, and if that many different ones are found U = U_L is
proved. Then dim K^U is an integer from the spherical table. If it is 0 or dim K^H, always so if K
occurs once too, it decides the even part for every u.

**Several orbits.** A sum of such maps has vectors of different lengths on one line, and parts that
are no polynomials are decided by :mod:`toolkit.pl.maps.zero_of_sum`. A polynomial in such a part is
judged by itself there: in one orbit it vanishes with the rest.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

import numpy as np

from toolkit.errors import InconsistentAnswerError
from toolkit.pl.arrangements.regions import Certainty
from toolkit.pl.criterion.of_module import orbit_criteria
from toolkit.pl.maps.zero_of_sum import contribution_of
from toolkit.text import readable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from toolkit.modules.spherical import SphericalTable
    from toolkit.pl.activations.parity_parts import ParityPart
    from toolkit.pl.arrangements.hyperplanes import Lines
    from toolkit.pl.maps.breaks import Terms

_TOLERANCE = 1e-9

Pairing = Literal["same", "orthogonal", "unknown"]


#: How something may be known, the best first.
_ORDER: tuple[Certainty, ...] = ("exact", "stated", "measured", "numerical")


def worst(found: Sequence[Certainty]) -> Certainty:
    """Return the weakest of some certainties.

    Examples
    --------
    >>> worst(["exact", "numerical", "stated"])
    'numerical'
    """
    return max(found, key=_ORDER.index)


def least_stabiliser(table: SphericalTable, label: str) -> int:
    """Return the order of U_L, the g that act on L^H as one sign: an exact integer.

    Examples
    --------
    >>> import toolkit as tk
    >>> table = tk.group("S4").regular_module().spherical_table
    >>> [least_stabiliser(table, s.label) for s in table.simples]
    [24, 24, 4, 1, 1]
    """
    (orbit,) = orbit_criteria(table)
    plus, minus = orbit.subgroups(orbit.present([label]))
    return orbit.order_of(plus[0] | minus[0])


@dataclass(frozen=True)
class PartVerdict:
    """Whether one part of the activation contributes to the map.

    Parameters
    ----------
    part
        ``"even"``, ``"odd"``, ``"linear"``, ``"constant"`` or ``"degree 3"``.
    vanishes
        Whether its contribution is 0.
    certainty
        ``"exact"``: by integers, or by numbers of which it is proved that they are 0, or not, for
        w and u given exactly. ``"numerical"``: right for vectors w and u within 1e-9 (relatively)
        of those used. ``"stated"``, ``"measured"``: exact if the parts of the activation are what
        the user stated, or what was measured.
    reason
        In words.
    """

    part: str
    vanishes: bool
    certainty: Certainty
    reason: str


@dataclass(frozen=True)
class ZeroVerdict:
    """Whether a map is zero, and why.

    Parameters
    ----------
    parts
        A verdict for each part that the activation has.
    """

    parts: tuple[PartVerdict, ...]

    @property
    def is_zero(self) -> bool:
        """Whether no part contributes."""
        return all(part.vanishes for part in self.parts)

    @property
    def certainty(self) -> Certainty:
        """The least certainty of the parts if all vanish, else the greatest of those that do not.

        Never ``"exact"`` if the parts of the activation are stated or measured.
        """
        if self.is_zero:
            return worst([part.certainty for part in self.parts] or ["exact"])
        return min((p.certainty for p in self.parts if not p.vanishes), key=_ORDER.index)

    @property
    def reason(self) -> str:
        """Why, part by part."""
        return "; ".join(f"{part.part} part: {part.reason}" for part in self.parts)

    def vanishes(self, part: str) -> bool:
        """Return whether a part contributes nothing or is absent."""
        return all(verdict.vanishes for verdict in self.parts if verdict.part == part)


def decide_zero(
    even: ParityPart,
    odd: ParityPart,
    lines: Lines,
    terms: Terms,
    units: NDArray[np.float64] | None,
    table: SphericalTable | None = None,
    labels: tuple[str, str] = ("", ""),
    pairing: Pairing = "unknown",
    parts_are: Literal["exact", "stated", "measured"] = "exact",
    measured: Callable[[Literal["even", "odd"]], bool] = lambda _: False,
) -> ZeroVerdict:
    """Decide whether the map is zero by the criterion above.

    Parameters
    ----------
    even, odd
        The parts of the activation.
    lines
        Lines of the gw.
    terms
        The gw and the gu.
    units
        ``(dim D, d, d)`` a basis of End_G(L) if K = L, else ``None``.
    table, labels
        Spherical table of X with the labels of L and K; ``None`` for a sum of maps.
    pairing
        What is known of w and u if K = L: the same copy, two different ones, or nothing.
    parts_are
        How the parts of the activation are known; nothing is called exact on worse grounds.
    measured
        For a sum of maps; see :func:`~toolkit.pl.maps.zero_of_sum.contribution_of`.

    Notes
    -----
    Integers decide wherever dim K^U_L is 0, or U is U_L and dim K^U is dim K^H. Elsewhere sums of
    vectors do, exactly where w and u are given exactly; for floats what is found is "numerical".
    """
    judge = _Judge(lines, terms, units, table, labels, pairing)
    parts: list[PartVerdict] = []
    names: tuple[Literal["even", "odd"], ...] = ("even", "odd")
    for name, part in zip(names, (even, odd), strict=True):
        if not part.is_polynomial and table is not None:
            parts.append(judge.kinked(name))  # a polynomial in it needs no other condition
            continue
        if not part.is_polynomial:
            found = contribution_of(part, name, lines, terms, measured)
            known = found.is_proved and terms.are_known
            certainty: Certainty = "exact" if known else "numerical"
            parts.append(PartVerdict(name, found.vanishes, certainty, found.reason))
        parts += [judge.power(degree) for degree in part.degrees]
    return ZeroVerdict(tuple(replace(p, certainty=worst([p.certainty, parts_are])) for p in parts))


class _Judge:
    def __init__(
        self,
        lines: Lines,
        terms: Terms,
        units: NDArray[np.float64] | None,
        table: SphericalTable | None,
        labels: tuple[str, str],
        pairing: Pairing,
    ) -> None:
        self.lines, self.terms = lines, terms
        self.vectors, self.covectors = terms.vectors, terms.covectors
        self.units, self.table, self.pairing = units, table, pairing
        self.source, self.target = labels
        self.exact = terms.are_exact

    def known(self, *, vanishes: bool) -> Certainty:
        """Return how it is known that sums are 0, or are not: that needs no exact lengths."""
        proved = self.exact if vanishes else self.terms.are_known
        return "exact" if proved else "numerical"

    def kinked(self, part: Literal["even", "odd"]) -> PartVerdict:
        """Judge a part that is not a polynomial, on one orbit."""
        if self.table is None:
            raise AssertionError("a sum of maps has no table")
        sums = self.lines.sums(self.covectors, even=part == "even")
        scale = self.lines.sizes(self.covectors)
        sizes = np.linalg.norm(sums, axis=1)
        vanishes = not bool((sizes > _TOLERANCE * scale).any())
        if vanishes and self.exact:
            vanishes = self._proved_zero(part)
        dimension, whole, least = self._fixed(part)
        fixed = f"{self.target}^U" if part == "even" else f"the sign part of {self.target} under U"
        order = self.table.group_order // len(self.lines)
        known = f"U = {{g : gw = ±w}} has order {readable(str(order))}"
        if dimension == 0 or (least and dimension == whole):
            if vanishes != (dimension == 0):
                raise InconsistentAnswerError(
                    self.table.group,
                    f"the {part} part of {self.source} -> {self.target} to "
                    f"{'vanish' if dimension == 0 else 'be there'}, as {fixed} has dimension "
                    f"{dimension}",
                    f"vectors of length {float(sizes.max()):.1e}",
                )
            says = f"{fixed} has dimension {dimension} of {whole}, {known}"
            if part == "even":
                says = f"dim {fixed} = {dimension} of {whole}, {known}"
            # 0 for the least U is 0 for all; that U is the least one is known as the lines are
            of_all = dimension == 0 or self.terms.exact_vectors is not None
            return PartVerdict(part, vanishes, "exact" if of_all else "numerical", says)
        where = f"U of order {readable(str(order))}"
        says = f"u has {'no' if vanishes else 'a'} component in {fixed}, {where}"
        if vanishes:
            says += f"; for generic w and u it does: there dim {fixed} = {dimension}"
        return PartVerdict(part, vanishes, self.known(vanishes=vanishes), says)

    def _proved_zero(self, part: Literal["even", "odd"]) -> bool:
        """Return whether the sum on a line is 0, exactly."""
        exact = self.terms.exact_covectors
        assert exact is not None
        used = np.flatnonzero(self.lines.line_of_point == 0)  # G permutes the lines
        signs = np.sign(self.lines.factors[used]) if part == "odd" else np.ones(len(used))
        factors = [Fraction(int(x)) for x in signs]
        return bool(exact.sums_vanish(used, 0 * used, factors).all())

    def _fixed(self, part: Literal["even", "odd"]) -> tuple[int, int, bool]:
        """Return the dimension that decides under U_L, dim K^H, and whether U is U_L."""
        assert self.table is not None
        target = self.table.simple(self.target)
        (orbit,) = orbit_criteria(self.table)
        plus, minus = orbit.subgroups(orbit.present([self.source]))
        even, odd = orbit.fixed_dimensions(plus, minus)
        fixed = int((even if part == "even" else odd)[0, orbit.position[self.target]])
        order = orbit.order_of(plus[0] | minus[0])
        least = len(self.lines) * order == self.table.group_order
        return fixed, target.fixed_dimension, least

    def power(self, degree: int) -> PartVerdict:
        """Judge t^degree."""
        if degree == 1:
            return self._linear()
        inner = self.vectors @ self.vectors[0]
        other = self.covectors @ self.covectors[0]
        top = max(float(np.abs(inner).max()), 1e-300) ** degree * max(float(other.max()), 1e-300)
        value = float(np.sum(inner**degree * other)) / (top * len(inner))
        name = "constant" if degree == 0 else f"degree {degree}"
        if self.table is None:
            tensor = self._tensor_norm(degree)
            value = tensor
        if abs(value) > _TOLERANCE:
            return PartVerdict(name, False, self.known(vanishes=False), "its tensor is not 0")
        if degree == 0 and self.table is not None:
            return PartVerdict(name, True, "exact", "its tensor is 0")
        return self._proved_power(degree, name, "its tensor is")

    def _proved_power(self, degree: int, name: str, what: str) -> PartVerdict:
        """Judge t^degree where floats say that it vanishes."""
        found = None
        if self.terms.exact_vectors is not None and self.terms.exact_covectors is not None:
            found = self.terms.exact_vectors.tensor_vanishes(degree, self.terms.exact_covectors)
        if found is None:
            return PartVerdict(name, True, "numerical", f"{what} 0")
        return PartVerdict(name, found, "exact", f"{what} {'0' if found else 'not 0'}")

    def _tensor_norm(self, degree: int) -> float:
        inner = self.vectors @ self.vectors.T
        other = self.covectors @ self.covectors.T
        scale = np.sum(np.diag(inner) ** (degree / 2) * np.sqrt(np.diag(other))) ** 2
        return float(np.sum(inner**degree * other) / max(float(scale), 1e-300))

    def _linear(self) -> PartVerdict:
        if self.units is None:
            return PartVerdict(
                "linear", True, "exact", f"there is no linear map {self.source} -> {self.target}"
            )
        if self.pairing == "orthogonal":
            return PartVerdict("linear", True, "exact", "w and u lie in different copies")
        once = self.table is not None and self.table.simple(self.source).multiplicity == 1
        if self.pairing == "same" or once:
            return PartVerdict("linear", False, "exact", f"{self.target} = {self.source}")
        whole = self.covectors.T @ self.vectors
        size = float(np.linalg.norm(whole))
        scale = float(np.linalg.norm(self.covectors) * np.linalg.norm(self.vectors))
        if size > _TOLERANCE * scale:
            return PartVerdict(
                "linear", False, self.known(vanishes=False), "u is not orthogonal to wD"
            )
        return self._proved_power(1, "linear", "the sum of gu (gw)^T is")
