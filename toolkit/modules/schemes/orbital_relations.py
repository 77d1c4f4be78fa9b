r"""The association scheme of a transitive permutation module: its orbitals.

The scheme is commutative exactly when every irreducible complex character chi occurs at most once
in Fun(X), and then the eigenvalue of orbital R_i on its part is

.. math:: P_{\chi i} = \frac{1}{|G|} \sum_{C} |C| \, \chi(C) \, |\{x : (x, x^g) \in R_i\}|,

g in the class C. For a simple L of real type this is the valency of R_i times the spherical
function phi_L. Without a character table the spherical table serves for symmetric schemes, and the
algebra of the intersection numbers is split for the others.
"""

from __future__ import annotations

import itertools
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from toolkit.cached import cached_property
from toolkit.errors import InconsistentAnswerError, ModuleMismatchError, NotAvailable
from toolkit.exact.cyclotomic import order_key, simplified
from toolkit.exact.matrix import ExactMatrix
from toolkit.modules.gsets.orbitals import Orbitals
from toolkit.modules.module import require_listable
from toolkit.modules.schemes.intersection_numbers import MOST_RELATIONS, intersection_numbers
from toolkit.modules.schemes.relations import Eigenspaces, Relations

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from toolkit.exact.cyclotomic import Cyclotomic, Number
    from toolkit.groups.character_table import CharacterTable
    from toolkit.modules.gset_expressions import Backend
    from toolkit.modules.gsets.actions import IntArray
    from toolkit.modules.permutation_module import PermutationModule
    from toolkit.modules.spherical import SphericalSimple

#: The largest rank of a scheme whose eigenmatrix, the square of it in numbers, is formed.
MOST_EIGENSPACES = 2000


class OrbitalRelations(Relations):
    """The orbitals of a transitive permutation module, as relations of a scheme.

    Parameters
    ----------
    module
        The module.

    Raises
    ------
    ModuleMismatchError
        If it is not transitive: its orbitals are then a coherent configuration.
    NotAvailable
        If it has too many points to list them.
    """

    def __init__(self, module: PermutationModule) -> None:
        if not module.is_transitive:
            raise ModuleMismatchError(
                f"an association scheme belongs to a transitive module; the orbitals of "
                f"{module.name} of {module.group}, which has {len(module.orbits)} orbits, are a "
                "coherent configuration: use each of its .orbits, or tk.orbitals(X) for all pairs"
            )
        require_listable(module)
        self.module = module

    @property
    def subject(self) -> str:
        """What messages call it."""
        return f"the scheme of {self.module.name} of {self.module.group}"

    @property
    def degree(self) -> int:
        """n, the number of points."""
        return self.module.degree

    @cached_property
    def _orbitals(self) -> Orbitals:
        return Orbitals(self.module.images)

    @cached_property
    def valencies(self) -> tuple[int, ...]:
        """Per relation, the number of points in it with a given point."""
        return tuple(self._orbitals.row_degrees.tolist())

    @cached_property
    def paired(self) -> tuple[int, ...]:
        """Per relation, the 0-based number of the transposed one."""
        return tuple(self._orbitals.paired.tolist())

    @property
    def labels(self) -> IntArray:
        """``(n, n)`` the 0-based number of the relation that each pair of points is in."""
        return self._orbitals.labels.astype(np.intp)

    @cached_property
    def intersection_numbers(self) -> NDArray[np.int64]:
        """``(r, r, r)`` int64: ``[i, j, k]`` is p_ij^k."""
        return intersection_numbers(self.module.images)[3]

    @cached_property
    def is_commutative(self) -> bool:
        """Whether the matrices of the relations commute: every character occurs at most once."""
        if self.is_symmetric:
            return True
        if self.rank == self.degree:  # the group acts regularly, and commutes itself or not
            images = self.module.images
            return all((a[b] == b[a]).all() for a, b in itertools.combinations(images, 2))
        if self.rank <= MOST_RELATIONS:
            return super().is_commutative
        constituents = {"R": 1, "C": 2, "H": 1}
        simples = self.module.spherical_table.simples
        return self.rank == sum(constituents[s.type] for s in simples)

    @cached_property
    def is_primitive(self) -> bool:
        """Whether every relation but equality, taken as a graph, is connected."""
        return self.module.is_primitive

    @property
    def _backend(self) -> Backend:
        backend = self.module.backend
        assert backend is not None  # the module is transitive
        return backend

    @property
    def multiplicities(self) -> tuple[int, ...]:
        """The dimensions of the common eigenspaces; of a 2-transitive group without its table."""
        return (1, self.degree - 1) if self.rank == 2 else super().multiplicities

    @property
    def eigenvalues(self) -> ExactMatrix:
        """The first eigenmatrix P; of a 2-transitive group without its character table."""
        if self.rank == 2:
            return ExactMatrix(((1, self.degree - 1), (1, -1)))
        return super().eigenvalues

    @cached_property
    def eigenspaces(self) -> Eigenspaces:
        """The common eigenspaces; NotAvailable if the scheme is not commutative."""
        if not self.is_commutative:
            raise self.not_commutative("the eigenmatrix P")
        if self.rank > MOST_EIGENSPACES:
            raise NotAvailable(
                self.subject,
                "the eigenmatrix P",
                f"it is formed up to rank {MOST_EIGENSPACES}, and this has rank {self.rank}",
            )
        table = self.module.home.table_within_reach()
        if self.is_symmetric:
            try:
                found = self._by_spherical_table(table)
            except NotAvailable:
                if table is None:
                    raise
                found = self._by_characters(table)
        elif table is not None:
            found = self._by_characters(table)
        else:
            found = self._by_splitting()
        sums = sum(found.multiplicities)
        if sums != self.degree or len(found.labels) != self.rank:
            raise InconsistentAnswerError(
                self.subject,
                f"{self.rank} eigenspaces of {self.degree} dimensions",
                f"{len(found.labels)} of {sums}",
            )
        return found

    def _spherical_rows(self) -> list[tuple[SphericalSimple, tuple[Number, ...]]]:
        """Return valencies times spherical functions, in the order of the relations."""
        spherical = self.module.spherical_table
        if not spherical.points:
            raise NotAvailable(self.subject, "the relation of each column", "they are merged")
        bases = np.full(len(spherical.points), self._backend.record().base)
        order = np.argsort(self._orbitals.labels_at(bases, spherical.points)).tolist()
        columns = list(zip(self.valencies, order, strict=True))
        return [
            (s, tuple(simplified(v * spherical.values[s.row[c]]) for v, c in columns))
            for s in spherical.simples
        ]

    def _by_spherical_table(self, table: CharacterTable | None) -> Eigenspaces:
        """Return the eigenspaces of a symmetric scheme."""
        rows = self._spherical_rows()
        labels = [
            s.label if table is None else f"X{table.simple(s.label).constituents[0]}"
            for s, _ in rows
        ]
        matrix = ExactMatrix(tuple(row for _, row in rows))
        return Eigenspaces(tuple(labels), tuple(s.dimension for s, _ in rows), matrix)

    def _by_splitting(self) -> Eigenspaces:
        """Return the eigenspaces without a table, named by the module's own simples."""
        numbers = self.intersection_numbers.tolist()
        by_real_part: dict[tuple[Number, ...], list[tuple[int, tuple[Cyclotomic, ...]]]] = {}
        for found in self._backend.split_scheme(numbers, self.paired):
            real = tuple(simplified((v + v.conjugate()) * Fraction(1, 2)) for v in found[1])
            by_real_part.setdefault(real, []).append(found)
        labels, dimensions, rows = [], [], []
        for simple, real in self._spherical_rows():
            # of two conjugates the one whose first imaginary part that is not 0 is positive
            pair = sorted(by_real_part.get(real, []), key=lambda found: order_key(found[1]))
            labels += [simple.label, f"{simple.label}*"][: len(pair)]
            dimensions += [dimension for dimension, _ in pair]
            rows += [row for _, row in pair]
        return Eigenspaces(tuple(labels), tuple(dimensions), ExactMatrix.of(rows))

    def _by_characters(self, table: CharacterTable) -> Eigenspaces:
        """Return the eigenspaces by counting, per class and relation, the x with (x, x^g) in it."""
        everything = np.arange(self.degree)
        images = self._backend.representative_images()
        counts = np.stack(
            [
                np.bincount(self._orbitals.labels_at(everything, image), minlength=self.rank)
                for image in images
            ]
        )
        space = table.class_functions
        weights = [
            [size * n for size, n in zip(table.class_sizes, column, strict=True)]
            for column in counts.T.tolist()
        ]
        once = space.multiplicities(tuple(counts[:, 0].tolist()))
        if once is None:
            raise InconsistentAnswerError(
                self.subject, "a permutation character", str(counts[:, 0])
            )
        met = [i for i, m in enumerate(once) if m]
        rows = space.weighted_sums(met, weights)
        return Eigenspaces(
            tuple(f"X{i}" for i in met), tuple(table.degrees[i] for i in met), ExactMatrix.of(rows)
        )
