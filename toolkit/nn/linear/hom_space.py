"""The equivariant maps Fun X -> Fun Y: patterns of their matrices and biases, Fourier bases."""

from __future__ import annotations

from functools import cached_property, reduce
from typing import TYPE_CHECKING, Any

import numpy as np

from toolkit.errors import (
    InconsistentAnswerError,
    ModuleMismatchError,
    NotAvailable,
    NotCachedError,
)
from toolkit.library.change_of_group import group_of_module
from toolkit.library.fourier import abelian_subgroup, fourier_basis
from toolkit.library.modules.backends import ActionBackend
from toolkit.modules.fourier.variances import multiplicity_operator
from toolkit.modules.fourier.weight_spaces import WeightSpaces, weight_spaces
from toolkit.modules.gset_expressions import Action
from toolkit.modules.gsets.orbitals import Orbitals
from toolkit.modules.gsets.regular_points import broken_relation
from toolkit.modules.gsets.signed_orbitals import SignedOrbitals
from toolkit.modules.invariant_functions import invariant_functions, orbit_numbers
from toolkit.modules.module import Module, common_kind, require_same_group
from toolkit.modules.permutation_module import PermutationModule
from toolkit.modules.signed_module import SignedModule
from toolkit.nn.linear.blocks import BlockLayout
from toolkit.nn.linear.outline import Outline
from toolkit.text import is_local, shortened

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from toolkit.library.group import Group
    from toolkit.modules.fourier.basis import FourierBasis
    from toolkit.modules.gsets.actions import IntArray

#: The character table of a group with this many classes takes about a second.
CHEAP_CLASSES = 200

#: Up to this order given images are checked here on all elements, beyond it by GAP.
CHECKED_ORDER = 2000

#: On so many points, groups of unknown order are small enough to ask for their facts.
_QUICK_POINTS = 31

#: Facts and characters of groups up to this order, which GAP lists, are quick.
_LISTED_ORDER = 20_000

_KEPT = ("X", "Y", "count", "bias_count", "invariants", "target_orbits", "source_orbits")


class HomSpace:
    """The space Hom_G(Fun X, Fun Y), as tables.

    Parameters
    ----------
    X, Y
        Modules of one group. If one is signed, the other is read as signed.

    Raises
    ------
    ModuleMismatchError
        If they are not modules of one group.

    Notes
    -----
    Everything is computed on first use.
    """

    def __init__(self, X: Module, Y: Module) -> None:
        require_same_group(X, Y)
        self.X, self.Y = common_kind(X, Y)
        for module in dict.fromkeys((self.X, self.Y)):
            _require_action(module)

    def __deepcopy__(self, memo: dict[int, Any]) -> HomSpace:
        """Return itself: copies of a layer share their tables, which nobody changes."""
        return self

    def __getstate__(self) -> dict[str, Any]:
        """Keep the modules and what is small; the rest is computed again."""
        return {name: self.__dict__[name] for name in _KEPT if name in self.__dict__}

    @property
    def is_signed(self) -> bool:
        """Whether the modules carry signs."""
        return self.X.generality > 0

    @property
    def group(self) -> Group:
        """The group."""
        return group_of_module(self.X)

    @property
    def shape(self) -> tuple[int, int]:
        """``(m, n)``: the points of Y and of X."""
        return self.Y.degree, self.X.degree

    @cached_property
    def orbitals(self) -> Orbitals | SignedOrbitals:
        """The orbits on Y x X, signed ones for signed modules."""
        return self.X.hom_basis(self.Y)

    @cached_property
    def count(self) -> int:
        """Dimension of the equivariant maps: weights per pair of channels."""
        return self.orbitals.count

    @cached_property
    def labels(self) -> NDArray[np.int64]:
        """``(m, n)`` the weight of each matrix entry, -1 where every map vanishes."""
        return self.orbitals.labels.astype(np.int64)

    @cached_property
    def signs(self) -> NDArray[np.int8] | None:
        """``(m, n)`` the sign of each matrix entry, or ``None`` if all are 1."""
        if isinstance(self.orbitals, SignedOrbitals):
            return self.orbitals.signs
        return None

    @cached_property
    def representatives(self) -> tuple[IntArray, IntArray, NDArray[np.int8]]:
        """``(R,)`` rows, columns and signs of an entry of each orbital, the first one: with +."""
        y, x = self.orbitals.representatives.T
        return y, x, np.ones(y.size, dtype=np.int8)

    @cached_property
    def row_degrees(self) -> IntArray:
        """``(R,)`` the number of neighbours of a row in each orbital."""
        rows = np.bincount(self.target_orbits)[self.orbit_pairs[:, 0]]
        return np.asarray(self.orbitals.sizes // rows)

    @cached_property
    def orbit_pairs(self) -> IntArray:
        """``(R, 2)`` the orbits of Y and of X that each orbital connects."""
        y, x, _ = self.representatives
        return np.stack([self.target_orbits[y], self.source_orbits[x]], axis=1)

    @cached_property
    def outline(self) -> Outline:
        """Which orbitals a structured layer computes, and which it pools."""
        return Outline(
            self.target_orbits, self.source_orbits, self.orbit_pairs, self.row_degrees,
            pools=not self.is_signed,
        )  # fmt: skip

    @cached_property
    def factors(self) -> tuple[HomSpace, HomSpace] | None:
        """The maps between the factors of outer products; ``None`` unless both are outer products.

        Of more than two factors the second is the product of all but the first.
        """
        X, Y = self.X, self.Y
        if self.is_signed or not X.product == Y.product == "outer":
            return None
        if len(X.factors) != len(Y.factors):
            return None
        if any(x.home != y.home for x, y in zip(X.factors, Y.factors, strict=True)):
            return None
        rest_x = reduce(Module.outer, X.factors[1:])
        rest_y = rest_x if X is Y else reduce(Module.outer, Y.factors[1:])
        first = HomSpace(X.factors[0], X.factors[0] if X is Y else Y.factors[0])
        return first, HomSpace(rest_x, rest_y)

    @cached_property
    def pair_labels(self) -> IntArray:
        """``(R_1, R_2)`` the orbital that each pair of orbitals of the two factors is.

        Raises
        ------
        ModuleMismatchError
            If the orbitals are not the pairs of those of the factors.
        """
        assert self.factors is not None
        first, second = self.factors
        (y1, x1, _), (y2, x2, _) = first.representatives, second.representatives
        rows = y1[:, None] * second.shape[0] + y2
        columns = x1[:, None] * second.shape[1] + x2
        labels, _ = self.entries(rows, columns)
        if not np.array_equal(np.sort(labels.ravel()), np.arange(self.count)):
            raise ModuleMismatchError(
                f"the orbitals of {self.X.name} and {self.Y.name} must be the pairs of those of "
                "their factors, and they are not"
            )
        return labels

    def entries(self, rows: IntArray, columns: IntArray) -> tuple[IntArray, NDArray[np.int8]]:
        """Return labels and signs of given matrix entries, without the table where possible."""
        if isinstance(self.orbitals, Orbitals):
            big = self.shape[0] * self.shape[1] > 1 << 22
            flat_rows, flat_columns = rows.ravel(), columns.ravel()
            if big:
                found = self.orbitals.labels_at(flat_rows, flat_columns)
            else:
                found = self.labels[flat_rows, flat_columns]
            labels = found.reshape(rows.shape).astype(np.int64)
            return labels, np.ones(rows.shape, dtype=np.int8)
        assert self.signs is not None
        return self.labels[rows, columns], self.signs[rows, columns]

    def coordinates(self, label: int) -> tuple[IntArray, IntArray, NDArray[np.int8]]:
        """Return rows, columns and signs of the entries of one basis map, in row-major order."""
        rows, columns, *signs = self.orbitals.coordinates(label)
        return rows, columns, signs[0] if signs else np.ones(rows.size, dtype=np.int8)

    def neighbours(self, label: int) -> tuple[IntArray, IntArray, NDArray[np.int8]]:
        """Return rows ``(b,)``, their columns ``(b, r)`` and signs ``(b, r)`` of one basis map."""
        rows, columns, signs = self.coordinates(label)
        own = np.unique(rows)
        degree = rows.size // own.size
        return own, columns.reshape(own.size, degree), signs.reshape(own.size, degree)

    @cached_property
    def target_orbits(self) -> IntArray:
        """``(m,)`` the number of each point's orbit in Y."""
        return orbit_numbers(self.Y.images)

    @cached_property
    def source_orbits(self) -> IntArray:
        """``(n,)`` the number of each point's orbit in X."""
        return orbit_numbers(self.X.images)

    @cached_property
    def invariants(self) -> tuple[IntArray, NDArray[np.int8]]:
        """``(m,)`` the invariant function each point of Y belongs to, and its sign there.

        -1 and 0 on an orbit of a signed module on which every invariant function vanishes.
        """
        return invariant_functions(self.Y)

    @cached_property
    def bias_count(self) -> int:
        """Dimension of the invariant functions on Y: biases per channel."""
        return int(self.invariants[0].max(initial=-1)) + 1

    @cached_property
    def spaces(self) -> tuple[WeightSpaces, WeightSpaces]:
        """The orbits of the abelian subgroup on Y and on X."""
        subgroup = abelian_subgroup(self.group)
        out = []
        for module in (self.Y, self.X):
            signs = module.signs if module.has_signs else None
            out.append(weight_spaces(subgroup, module.images, signs))
        return out[0], out[1]

    @cached_property
    def bases(self) -> tuple[FourierBasis, FourierBasis]:
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

    @cached_property
    def operator_of_source(self) -> NDArray[np.float64]:
        """``(n, n)`` K_X = sum over L of m_L dim End(L) / dim L times the projection to L."""
        return _multiplicities(self if self.X is self.Y else HomSpace(self.X, self.X))

    @cached_property
    def operator_of_target(self) -> NDArray[np.float64]:
        """``(m, m)`` the same for Y."""
        return _multiplicities(self if self.X is self.Y else HomSpace(self.Y, self.Y))

    @cached_property
    def is_regular(self) -> bool:
        """Whether X and Y are one regular G-set, without signs."""
        if self.is_signed or self.shape[0] != self.shape[1]:
            return False
        n = self.shape[1]
        same = self.X is self.Y or np.array_equal(self.X.images, self.Y.images)
        return same and self.count == n and int(self.source_orbits.max()) == 0


def _require_action(module: Module) -> None:
    """Check that images given by a user are an action of the group, a row for each generator.

    Raises
    ------
    ModuleMismatchError
        If they are not. For a large group GAP checks them.
    """
    plain = _plain(module)
    if not isinstance(plain.contents, Action) or plain.contents.proved:
        return
    group, images = group_of_module(plain), plain.images
    count = group.generator_count
    if len(images) != count:
        raise ModuleMismatchError(
            f"{plain.name}: {shortened(group.name)} has {count} generators, so {count} rows of "
            f"images are required, found {len(images)}"
        )
    if group.order_alone > CHECKED_ORDER:
        for part in plain.orbits:
            ActionBackend(group, part.images, part.name).action()  # GAP checks the action
        return
    broken = broken_relation(group.regular_module().images, images)
    if broken is not None:
        word, point = broken
        raise ModuleMismatchError(
            f"{plain.name}: the images are no action of {shortened(group.name)}: in the group the "
            f"word {list(word)} (generators from 0, ~g for an inverse) is 1, but it moves point "
            f"{point}; give the images of the generators in their order"
        )


def _plain(module: Module) -> PermutationModule:
    """Return a permutation module that has the same group."""
    return module.cover if isinstance(module, SignedModule) else PermutationModule.of(module)


def _multiplicities(hom_space: HomSpace) -> NDArray[np.float64]:
    return multiplicity_operator(hom_space.labels, hom_space.signs, hom_space.count)
