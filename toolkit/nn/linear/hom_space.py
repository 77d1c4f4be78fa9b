"""The equivariant maps Fun X -> Fun Y: patterns of their matrices and biases, Fourier bases."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, final

import numpy as np

from toolkit.cached import cached_property
from toolkit.errors import ModuleMismatchError
from toolkit.library.modules.given_actions import require_action
from toolkit.library.point_bases import abelian_subgroup
from toolkit.memory import require_memory
from toolkit.modules.fourier.variances import multiplicity_operator
from toolkit.modules.fourier.weight_spaces import WeightSpaces, weight_spaces
from toolkit.modules.gsets.orbitals import Orbitals
from toolkit.modules.gsets.quotients import MOST_ORBITALS, PooledPlan, pooled_plan
from toolkit.modules.gsets.signed_orbitals import SignedOrbitals
from toolkit.modules.invariant_functions import invariant_functions, orbit_numbers
from toolkit.modules.module import Module, common_kind, require_same_group
from toolkit.modules.permutation_module import PermutationModule
from toolkit.modules.tuples import TupleSpace, tuple_space
from toolkit.nn.linear.fourier_hom_space import FourierHomSpace
from toolkit.nn.linear.hom_space_base import HomSpace
from toolkit.nn.linear.outline import Outline

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from toolkit.modules.gsets.actions import IntArray


@final
class OrbitalHomSpace(HomSpace):
    """The space Hom_G(Fun X, Fun Y) of permutation or signed modules, as tables of orbitals.

    Parameters
    ----------
    X, Y
        Modules of one group. If one is signed, the other is read as signed.

    Raises
    ------
    ModuleMismatchError
        If they are not modules of one group.
    """

    has_orbitals = True
    _kept = (*HomSpace._kept, "invariants", "target_orbits", "source_orbits")

    def __init__(self, X: Module, Y: Module) -> None:
        require_same_group(X, Y)
        self.X, self.Y = common_kind(X, Y)
        for module in dict.fromkeys((self.X, self.Y)):
            require_action(module)

    @property
    def is_signed(self) -> bool:
        """Whether the modules carry signs."""
        return self.X.generality > 0

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
    def tuples(self) -> TupleSpace | None:
        """X and Y as tuples whose equality patterns are the orbitals; ``None`` for others."""
        if self.is_signed:
            return None
        found = tuple_space(PermutationModule.of(self.Y), PermutationModule.of(self.X))
        return found if found is not None and found.count == self.count else None

    @cached_property
    def pooled_plan(self) -> PooledPlan:
        """A basis of the maps out of those by way of common quotients, and of single orbitals.

        Raises
        ------
        ModuleMismatchError
            If the modules carry signs, or there are more than 512 orbitals.
        """
        if not isinstance(self.orbitals, Orbitals):
            raise ModuleMismatchError(
                "the method 'pooled' needs permutation modules, found signs in "
                f"{self.X.name} or {self.Y.name}: use another method"
            )
        if self.count > MOST_ORBITALS:
            raise ModuleMismatchError(
                f"the method 'pooled' needs at most {MOST_ORBITALS} orbitals, found {self.count} "
                f"from {self.X.name} to {self.Y.name}: use another method"
            )
        X, Y = PermutationModule.of(self.X), PermutationModule.of(self.Y)
        own = self.orbitals if X is Y else X.hom_basis(X)
        return pooled_plan(self.orbitals, own if X is Y else Y.hom_basis(Y), own)

    @cached_property
    def factors(self) -> tuple[OrbitalHomSpace, OrbitalHomSpace] | None:
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
        first = OrbitalHomSpace(X.factors[0], X.factors[0] if X is Y else Y.factors[0])
        return first, OrbitalHomSpace(rest_x, rest_y)

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
                f"the orbitals of {self.X.name} and {self.Y.name} must be the pairs of orbitals of "
                "their factors, but they are not"
            )
        return labels

    def entries(self, rows: IntArray, columns: IntArray) -> tuple[IntArray, NDArray[np.int8]]:
        """Return labels and signs of given matrix entries, without the table where possible."""
        subject = f"Hom({self.X.name}, {self.Y.name})"
        require_memory(subject, f"the labels of {rows.size:,} matrix entries", 48 * rows.size)
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
    def operator_of_source(self) -> NDArray[np.float64]:
        """``(n, n)`` K_X = sum over L of m_L dim End(L) / dim L times the projection to L."""
        return _multiplicities(self if self.X is self.Y else OrbitalHomSpace(self.X, self.X))

    @cached_property
    def operator_of_target(self) -> NDArray[np.float64]:
        """``(m, m)`` the same for Y."""
        return _multiplicities(self if self.X is self.Y else OrbitalHomSpace(self.Y, self.Y))

    @cached_property
    def is_regular(self) -> bool:
        """Whether X and Y are one regular G-set, without signs."""
        if self.is_signed or self.shape[0] != self.shape[1]:
            return False
        n = self.shape[1]
        same = self.X is self.Y or np.array_equal(self.X.images, self.Y.images)
        return same and self.count == n and int(self.source_orbits.max()) == 0

    @cached_property
    def is_free(self) -> bool:
        """Whether each orbital is a bijection of orbits: no element fixes a point without all.

        So it is between sums of regular modules, and products with one.
        """
        if self.is_signed:
            return False
        columns = np.bincount(self.source_orbits)[self.orbit_pairs[:, 1]]
        return bool((self.row_degrees == 1).all() and (self.orbitals.sizes == columns).all())


def _multiplicities(space: OrbitalHomSpace) -> NDArray[np.float64]:
    return multiplicity_operator(space.labels, space.signs, space.count)


def hom_space(X: Module, Y: Module) -> HomSpace:
    """Return the space Hom_G(X, Y), of the kind that fits the modules.

    Parameters
    ----------
    X, Y
        Modules of one group, of any kinds.

    Raises
    ------
    ModuleMismatchError
        If they are not modules of one group.

    Examples
    --------
    >>> import toolkit as tk
    >>> G = tk.group("S4")
    >>> hom_space(G.regular_module(), G.natural_module()).count
    4
    """
    require_same_group(X, Y)
    if X.has_points and Y.has_points:
        return OrbitalHomSpace(X, Y)
    return FourierHomSpace(X, Y)


def require_orbitals(space: HomSpace, what: str, instead: str) -> OrbitalHomSpace:
    """Return a space as one that has orbitals.

    Raises
    ------
    ModuleMismatchError
        If a module is given by matrices; it says what needs orbitals, and what to use instead.
    """
    if isinstance(space, OrbitalHomSpace):
        return space
    linear = space.Y if space.X.has_points else space.X
    raise ModuleMismatchError(
        f"{what} needs modules whose coordinates the group permutes, but {linear.name} of "
        f"{linear.group_title} is a linear module: {instead}"
    )
