"""The equivariant maps between two modules: what every kind of module has in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from toolkit.cached import cached_property
from toolkit.errors import (
    InconsistentAnswerError,
    ModuleMismatchError,
    NotAvailable,
    NotCachedError,
)
from toolkit.library.change_of_group import group_of_module
from toolkit.library.fourier import fourier_basis
from toolkit.nn.linear.blocks import BlockLayout
from toolkit.text import is_local

if TYPE_CHECKING:
    from toolkit.library.group import Group
    from toolkit.modules.fourier.adapted import AdaptedBasis
    from toolkit.modules.module import Module

#: The character table of a group with this many classes takes about a second.
CHEAP_CLASSES = 200

#: On so many points, groups of unknown order are small enough to ask for their facts.
_QUICK_POINTS = 31

#: Facts and characters of groups up to this order, which GAP lists, are quick.
_LISTED_ORDER = 20_000


class HomSpace(ABC):
    """The space Hom_G(X, Y): its dimension, its Fourier blocks, and the invariants of Y.

    The kinds are :class:`~toolkit.nn.linear.hom_space.OrbitalHomSpace` for permutation and signed
    modules, and :class:`~toolkit.nn.linear.fourier_hom_space.FourierHomSpace` where one of the
    modules is given by matrices; :func:`~toolkit.nn.linear.hom_space.hom_space` makes either.

    Notes
    -----
    Everything is computed on first use.
    """

    X: Module
    Y: Module

    #: Whether the orbitals of points are a basis, so that there are orbit weights.
    has_orbitals: ClassVar[bool]

    #: What a pickled space holds besides the modules; the rest is computed again.
    _kept: ClassVar[tuple[str, ...]] = ("X", "Y", "count", "bias_count")

    @property
    @abstractmethod
    def count(self) -> int:
        """Dimension of the equivariant maps: weights per pair of channels."""

    @property
    @abstractmethod
    def bias_count(self) -> int:
        """Dimension of the invariant elements of Y: biases per channel."""

    @property
    @abstractmethod
    def is_signed(self) -> bool:
        """Whether points carry signs."""

    @property
    @abstractmethod
    def factors(self) -> tuple[HomSpace, HomSpace] | None:
        """The maps between the factors of outer products; ``None`` unless both are such."""

    def __deepcopy__(self, memo: dict[int, Any]) -> HomSpace:
        """Return itself: copies of a layer share their tables, which nobody changes."""
        return self

    def __getstate__(self) -> dict[str, Any]:
        """Keep the modules and what is small; the rest is computed again."""
        return {name: self.__dict__[name] for name in self._kept if name in self.__dict__}

    @property
    def group(self) -> Group:
        """The group."""
        return group_of_module(self.X)

    @property
    def shape(self) -> tuple[int, int]:
        """``(m, n)``: the degrees of Y and of X."""
        return self.Y.degree, self.X.degree

    @cached_property
    def bases(self) -> tuple[AdaptedBasis, AdaptedBasis]:
        """The Fourier bases of Y and of X, whose models of the common simples agree.

        Raises
        ------
        NotAvailable
            If one of the bases is out of reach.
        """
        source = fourier_basis(self.X)
        target = source if self.Y is self.X else fourier_basis(self.Y)
        worst = 0.0
        if target is not source:
            for label in {s.label for s in target.simples} & {s.label for s in source.simples}:
                if is_local(label):
                    raise NotAvailable(
                        self.X.group,
                        f"Fourier blocks from {self.X.name} to {self.Y.name}",
                        "simples are known within each module only",
                    )
                difference = source.models[label] - target.models[label]
                worst = max(worst, float(np.abs(difference).max(initial=0.0)))
        if worst > 1e-9:
            raise ModuleMismatchError(
                f"the Fourier bases of {self.X.name} and {self.Y.name} disagree by {worst:.1e}"
            )
        return target, source

    @cached_property
    def blocks(self) -> BlockLayout:
        """The layout of the Fourier blocks.

        Raises
        ------
        NotAvailable
            If a Fourier basis is out of reach.
        InconsistentAnswerError
            If there are not as many blocks as orbitals.
        """
        layout = BlockLayout(*self.bases)
        if layout.count != self.count:
            raise InconsistentAnswerError(
                self.X.group,
                f"{layout.count} orbitals, the sum of m_L(X) m_L(Y) dim End(L)",
                str(self.count),
            )
        return layout

    @cached_property
    def has_bases(self) -> bool:
        """Whether the Fourier bases are within reach."""
        try:
            self.bases  # noqa: B018 - computed here or not at all
        except (NotAvailable, NotCachedError):
            return False
        return True

    @cached_property
    def bases_are_cheap(self) -> bool:
        """Whether the Fourier bases take about a second: few classes, or a stored table."""
        group = self.group
        if group.session.where(group.name, "character_table") is not None:
            return True
        if group.action_images is not None or not self._is_listed_group:
            return False  # a layer waits for no fact about the group
        try:
            if not group.has_table:
                return self.count <= 32
            return group.facts.classes is not None and group.facts.classes <= CHEAP_CLASSES
        except NotCachedError:
            return False

    @property
    def _is_listed_group(self) -> bool:
        """Whether the group is known to be small enough to be listed, so that facts are quick."""
        order = self.group.spec.order
        known = self.group.facts_at_hand if order is None else None
        if known is not None:
            order = known.order
        elif order is None:  # named by a library or by generators
            return self.shape[1] <= _QUICK_POINTS
        return order <= _LISTED_ORDER
