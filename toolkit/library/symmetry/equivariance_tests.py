"""What tests of subgroups say about a function that is known by samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from toolkit.cached import cached_property
from toolkit.errors import UnknownLabelError
from toolkit.library.change_of_group import group_of_module, restrict
from toolkit.modules.module import Module
from toolkit.text import listed, table

if TYPE_CHECKING:
    from toolkit.library.group import Group


@dataclass(frozen=True, eq=False)
class SubgroupTest:
    """How equivariant data are under one subgroup.

    Parameters
    ----------
    label
        The label of its class of subgroups, and for conjugates of the representative a number:
        ``"H2b"``, ``"H2b/1"``.
    order, index
        Order and index of the subgroup.
    words
        Its generators as words in those of the proposed group, ``~g`` for an inverse.
    dimension
        Of the space of equivariant functions among the fitted ones.
    share
        The share of the explained variance that is equivariant.
    expected
        That share for coefficients without a direction.
    specific
        The share of what not all relabelings keep: of this it is tested whether it is chance.
    p_isotropic
        Exact F-test of it against isotropic normal coefficients.
    p_value
        Against random maps of several kinds, for this subgroup alone.
    p_adjusted
        The same, for the smallest p-value of all subgroups.
    p_contradiction
        F-test of equivariance itself: small where the data contradict it; ``None`` if there are
        too few samples.
    """

    label: str
    order: int
    index: int
    words: tuple[tuple[int, ...], ...]
    dimension: int
    share: float
    expected: float
    specific: float
    p_isotropic: float
    p_value: float
    p_adjusted: float
    p_contradiction: float | None

    def is_symmetry(self, level: float, contradiction: float) -> bool:
        """Whether the data show the subgroup, at this level, and do not contradict it."""
        contradicted = self.p_contradiction is not None and self.p_contradiction <= contradiction
        return self.p_adjusted <= level and not contradicted

    def to_json(self) -> dict[str, Any]:
        """Return the numbers as JSON."""
        return {
            "label": self.label,
            "order": str(self.order),
            "index": str(self.index),
            "dimension": self.dimension,
            "share": self.share,
            "expected": self.expected,
            "specific": self.specific,
            "p_isotropic": self.p_isotropic,
            "p_value": self.p_value,
            "p_adjusted": self.p_adjusted,
            "p_contradiction": self.p_contradiction,
        }


@dataclass(frozen=True, eq=False)
class EquivarianceReport:
    """Tests of the subgroups of a proposed group on a function that is known by samples.

    Returned by :func:`toolkit.find_symmetry` for inputs and outputs.

    Parameters
    ----------
    tests
        One for each subgroup, by order.
    proposed
        The modules of inputs and outputs of the proposed group.
    level, contradiction
        The levels of the tests: of chance, and of equivariance itself.
    explained
        The share of the variance of the outputs that the unrestricted fit explains.
    draws
        How many random maps of each kind stood for chance.
    degree
        Of the polynomials that were fitted.
    untested
        A sentence that says which subgroups were not tested, or ``None``.
    common
        The share of the explained variance that every relabeling of the points of an orbit keeps:
        every group of permutations does.
    """

    tests: tuple[SubgroupTest, ...]
    proposed: tuple[Module, Module]
    level: float
    contradiction: float
    explained: float
    draws: int
    degree: int
    untested: str | None = None
    common: float = 0.0

    @property
    def best(self) -> SubgroupTest | None:
        """The largest subgroup that is called a symmetry, of these the one of largest share."""
        found = [one for one in self.tests if one.is_symmetry(self.level, self.contradiction)]
        return max(found, key=lambda one: (one.order, one.share), default=None)

    @property
    def is_symmetric(self) -> bool:
        """Whether some subgroup is called a symmetry."""
        return self.best is not None

    def restricted(self, label: str | None = None) -> tuple[Module, Module]:
        """Return the modules of inputs and outputs as modules of one of the subgroups.

        Parameters
        ----------
        label
            The label of a test; ``None`` for the largest symmetry, or the trivial subgroup if none
            is called one.

        Raises
        ------
        UnknownLabelError
            If no test has the label.
        """
        chosen = self.best
        if label is not None:
            chosen = next((one for one in self.tests if one.label == label), None)
            if chosen is None:
                shown = listed([one.label for one in self.tests], 8)
                raise UnknownLabelError(f"the subgroups tested are {shown}, not {label!r:.40}")
        words = [] if chosen is None else [{"word": list(word)} for word in chosen.words]
        X, Y = self.proposed
        return restrict(X, words), restrict(Y, words)

    @cached_property
    def modules(self) -> dict[str, Module]:
        """The modules ``"inputs"`` and ``"outputs"`` of the group of the answer."""
        inputs, outputs = self.restricted()
        return {"inputs": inputs, "outputs": outputs}

    @property
    def group(self) -> Group:
        """The largest subgroup that is called a symmetry; the trivial one if none is."""
        return group_of_module(self.modules["inputs"])

    @property
    def order(self) -> int:
        """The order of the group."""
        return 1 if self.best is None else self.best.order

    def __repr__(self) -> str:
        return f"<equivariance of {len(self.tests)} subgroups: order {self.order}>"

    def __str__(self) -> str:
        head = (
            "subgroup",
            "order",
            "dim",
            "share",
            "by chance",
            "of the rest",
            "p",
            "p of all",
            "contradicted",
        )
        rows = [("", *head)]
        best = self.best
        for one in self.tests:
            against = "not tested" if one.p_contradiction is None else f"{one.p_contradiction:.3g}"
            rows.append(
                (
                    "*"
                    if one is best
                    else "+"
                    if one.is_symmetry(self.level, self.contradiction)
                    else "",
                    one.label,
                    str(one.order),
                    str(one.dimension),
                    f"{one.share:.4f}",
                    f"{one.expected:.4f}",
                    f"{one.specific:.4f}",
                    f"{one.p_value:.3g}",
                    f"{one.p_adjusted:.3g}",
                    against,
                )
            )
        lines = [
            f"functions of degree {self.degree} explain {self.explained:.4f} of the variance of "
            "the outputs; share: the equivariant part of this",
            *table(rows, right={2, 3, 4, 5, 6, 7, 8, 9}, rule=True),
            f"+ a symmetry at level {self.level:g}, * the largest; {self.draws} random maps of "
            "each kind",
            f"all relabelings of coordinates keep {self.common:.4f}: p is that of the rest. It "
            "assumes that chance is a rotation, or one of gains, means and parts",
        ]
        if self.untested:
            lines.append(self.untested)
        return "\n".join(lines)

    def to_json(self) -> dict[str, Any]:
        """Return the report as JSON."""
        best = self.best
        return {
            "schema": "plrep-equivariance/1",
            "tests": [one.to_json() for one in self.tests],
            "best": None if best is None else best.label,
            "level": self.level,
            "contradiction": self.contradiction,
            "explained": self.explained,
            "draws": self.draws,
            "degree": self.degree,
            "untested": self.untested,
            "common": self.common,
        }
