r"""Association schemes: relations on points whose matrices span an algebra.

Relations R_0, ..., R_{r-1} partition the pairs of n points, R_0 is equality, the transpose of a
relation is one of them, and with A_i the 0/1 matrix of R_i

.. math:: A_i A_j = \sum_k p_{ij}^k A_k .

If the matrices commute they have common eigenspaces, with orthogonal projections E_j, and

.. math:: A_i = \sum_j P_{ji} E_j, \qquad n E_j = \sum_i Q_{ij} A_i, \qquad
   n\, E_i \circ E_j = \sum_k q_{ij}^k E_k, \qquad PQ = QP = nI,

the last product of E's entry by entry; q are the Krein parameters.

References: Bannai and Ito, Algebraic Combinatorics I; Brouwer, Cohen and Neumaier, Distance-Regular
Graphs, chapter 2.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from toolkit.cached import cached_property
from toolkit.errors import ModuleMismatchError, NotAvailable
from toolkit.exact.matrix import ExactMatrix
from toolkit.modules.schemes.fused_relations import FusedRelations
from toolkit.modules.schemes.polynomial_orders import intersection_array, polynomial_orders

if TYPE_CHECKING:
    from collections.abc import Iterable

    import networkx as nx
    from numpy.typing import NDArray

    from toolkit.exact.cyclotomic import Number
    from toolkit.modules.gsets.actions import IntArray
    from toolkit.modules.schemes.relations import Eigenspaces, Relations

#: The largest rank for which Krein parameters are formed, from its fourth power of products.
MOST_KREIN = 40


class AssociationScheme:
    """An association scheme: ``X.association_scheme`` of a transitive module, or a fusion of one.

    Relation i is orbital i of ``tk.orbitals(X)``; relation 0 is equality. Everything is exact and
    computed when first needed.

    Parameters
    ----------
    source
        The relations: orbitals, or unions of another scheme's relations.

    Examples
    --------
    The Petersen graph: pairs out of five, adjacent if disjoint.

    >>> import toolkit as tk
    >>> S5 = tk.group("S5")
    >>> pairs = S5.coset_module([[1, 0, 2, 3, 4], [0, 1, 3, 4, 2], [0, 1, 3, 2, 4]])
    >>> scheme = pairs.association_scheme
    >>> scheme
    <association scheme of rank 3 on 10 points, symmetric: valencies 1, 6, 3>
    >>> scheme.P
    [[1, 6, 3],
     [1, 1, -2],
     [1, -2, 1]]
    >>> scheme.multiplicities, scheme.strongly_regular_parameters(2), scheme.is_primitive
    ((1, 4, 5), (10, 3, 0, 1), True)
    >>> scheme.P @ scheme.Q
    [[10, 0, 0],
     [0, 10, 0],
     [0, 0, 10]]
    >>> scheme.intersection_array(2)
    ((3, 2), (1, 1))

    Seven points under C7:C3: not symmetric, with complex eigenvalues.

    >>> X = tk.group("<(1,2,3,4,5,6,7),(2,3,5)(4,7,6)>").natural_module()
    >>> X.association_scheme.P
    [[1, 3, 3],
     [1, (i√7-1)/2, (-1-i√7)/2],
     [1, (-1-i√7)/2, (i√7-1)/2]]
    """

    def __init__(self, source: Relations) -> None:
        self.source = source

    def __repr__(self) -> str:
        symmetry = "symmetric" if self.is_symmetric else "not symmetric"
        shown = ", ".join(map(str, self.valencies[:12])) + (", ..." if self.rank > 12 else "")
        return (
            f"<association scheme of rank {self.rank} on {self.degree} points, {symmetry}: "
            f"valencies {shown}>"
        )

    # relations -------------------------------------------------------------------------------

    @property
    def degree(self) -> int:
        """n, the number of points."""
        return self.source.degree

    @property
    def rank(self) -> int:
        """r, the number of relations, equality included."""
        return self.source.rank

    @property
    def valencies(self) -> tuple[int, ...]:
        """Per relation, the number of points in it with a given point."""
        return self.source.valencies

    @property
    def paired(self) -> tuple[int, ...]:
        """Per relation, the 0-based number of the transposed one."""
        return self.source.paired

    @property
    def relations(self) -> IntArray:
        """``(n, n)`` the 0-based number of the relation that each pair of points is in."""
        return self.source.labels

    @property
    def intersection_numbers(self) -> NDArray[np.int64]:
        """``(r, r, r)`` int64: ``[i, j, k]`` is p_ij^k.

        For (x, y) in relation k, the number of z with (x, z) in relation i and (z, y) in j.
        """
        return self.source.intersection_numbers

    @property
    def is_symmetric(self) -> bool:
        """Whether every relation is its own transpose."""
        return self.source.is_symmetric

    @property
    def is_commutative(self) -> bool:
        """Whether the matrices of the relations commute; symmetric ones always do."""
        return self.source.is_commutative

    @property
    def is_primitive(self) -> bool:
        """Whether every relation but equality, taken as a graph, is connected."""
        return self.source.is_primitive

    def _relation(self, i: int) -> int:
        if not 0 <= i < self.rank:
            raise IndexError(
                f"relations are numbered 0 to {self.rank - 1}, found {i}: use one of them"
            )
        return i

    def adjacency(self, i: int) -> NDArray[np.int64]:
        """Return A_i, the ``(n, n)`` int64 matrix with ones where a pair is in relation i.

        Row x, column y: whether (x, y) is in the relation.
        """
        out: NDArray[np.int64] = (self.relations == self._relation(i)).astype(np.int64)
        return out

    def graph(self, i: int) -> nx.Graph[int] | nx.DiGraph[int]:
        """Return relation i as a networkx graph on the points, directed if it is not symmetric."""
        import networkx as nx

        symmetric = self.paired[self._relation(i)] == i
        out: nx.Graph[int] | nx.DiGraph[int] = nx.Graph() if symmetric else nx.DiGraph()
        out.add_nodes_from(range(self.degree))
        out.add_edges_from((x, y) for x, y in np.argwhere(self.relations == i).tolist())
        return out

    # eigenvalues -----------------------------------------------------------------------------

    @property
    def eigenspaces(self) -> Eigenspaces:
        """The common eigenspaces: labels, multiplicities, eigenvalues.

        Raises
        ------
        NotAvailable
            If the scheme is not commutative.
        """
        return self.source.eigenspaces

    @property
    def P(self) -> ExactMatrix:
        """The first eigenmatrix: ``P[j, i]`` is the eigenvalue of relation i on eigenspace j.

        Raises
        ------
        NotAvailable
            If the scheme is not commutative.
        """
        return self.source.eigenvalues

    @cached_property
    def Q(self) -> ExactMatrix:
        """The second (dual) eigenmatrix, Q_ij = m_j conj(P_ji) / v_i; PQ = nI."""
        P, multiplicities = self.P, self.multiplicities
        return ExactMatrix.of(
            [P[j, i].conjugate() * Fraction(m, v) for j, m in enumerate(multiplicities)]
            for i, v in enumerate(self.valencies)
        )

    @property
    def multiplicities(self) -> tuple[int, ...]:
        """The dimensions of the eigenspaces, in the order of the rows of :attr:`P`."""
        return self.source.multiplicities

    @cached_property
    def krein_parameters(self) -> tuple[ExactMatrix, ...]:
        """Per i the matrix of q_ij^k, a row per j and a column per k: real, at least 0.

        Raises
        ------
        NotAvailable
            If the scheme is not commutative, or its rank is above :data:`MOST_KREIN`.
        """
        r, n = self.rank, self.degree
        P, Q = self.P, self.Q
        if r > MOST_KREIN:
            raise NotAvailable(
                self.source.subject,
                "Krein parameters",
                f"they are formed up to rank {MOST_KREIN}, and it has rank {r}; they follow from "
                "P and Q",
            )
        scaled = ExactMatrix.of([v * Fraction(1, n) for v in row] for row in P).T
        found: dict[tuple[int, int], tuple[Number, ...]] = {}
        for i in range(r):
            products = ExactMatrix.of([Q[x, i] * Q[x, j] for x in range(r)] for j in range(i, r))
            for j, row in enumerate((products @ scaled).rows, start=i):
                found[i, j] = found[j, i] = row
        return tuple(ExactMatrix(tuple(found[i, j] for j in range(r))) for i in range(r))

    # graphs ----------------------------------------------------------------------------------

    @cached_property
    def p_polynomial_orders(self) -> tuple[tuple[int, ...], ...]:
        """The orders of relations that make the scheme P-polynomial.

        In an order (0, i, ...) relation i is a distance-regular graph, and the others are the
        pairs at distance 2, 3, ... in it.
        """
        if not self.is_symmetric:
            return ()
        return polynomial_orders(self.intersection_numbers != 0)

    @property
    def is_p_polynomial(self) -> bool:
        """Whether some relation is a distance-regular graph whose distances are the relations."""
        return bool(self.p_polynomial_orders)

    @cached_property
    def q_polynomial_orders(self) -> tuple[tuple[int, ...], ...]:
        """The orders of eigenspaces (rows of P) that make the scheme Q-polynomial."""
        if not self.is_symmetric:
            return ()
        nonzero = [[[x != 0 for x in row] for row in matrix] for matrix in self.krein_parameters]
        return polynomial_orders(np.array(nonzero))

    @property
    def is_q_polynomial(self) -> bool:
        """Whether some order of the eigenspaces makes it Q-polynomial."""
        return bool(self.q_polynomial_orders)

    def intersection_array(self, i: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Return (b_0, ..., b_{d-1}) and (c_1, ..., c_d) of relation i, a distance-regular graph.

        Raises
        ------
        ModuleMismatchError
            If relation i is not such a graph with the other relations as its distances.
        """
        for order in self.p_polynomial_orders:
            if order[1] == self._relation(i):
                return intersection_array(self.intersection_numbers, order)
        known = sorted(order[1] for order in self.p_polynomial_orders)
        raise ModuleMismatchError(
            f"an intersection array belongs to a distance-regular graph whose distances are the "
            f"relations, and relation {i} of {self.source.subject} is not one"
            + (f"; {known} are" if known else ", nor is any other")
        )

    def strongly_regular_parameters(self, i: int) -> tuple[int, int, int, int] | None:
        """Return (n, k, lambda, mu) of relation i if it is a strongly regular graph, else None.

        Any two adjacent points have lambda common neighbours, any two others mu; complete graphs
        are left out.
        """
        numbers = self.intersection_numbers
        if self._relation(i) == 0 or self.paired[i] != i or self.rank < 3:
            return None
        common = {int(numbers[i, i, k]) for k in range(1, self.rank) if k != i}
        if len(common) != 1:
            return None
        return self.degree, self.valencies[i], int(numbers[i, i, i]), common.pop()

    # fusion ----------------------------------------------------------------------------------

    def fusion(self, partition: Iterable[Iterable[int]]) -> AssociationScheme:
        """Return the scheme whose relations are unions of relations.

        Parameters
        ----------
        partition
            Sets of 0-based relations, each relation in one of them; equality stays alone and may
            be left out.

        Raises
        ------
        ModuleMismatchError
            If the unions do not form an association scheme; the message says why.

        Examples
        --------
        The cube, with the pairs at odd distance as edges: the bipartite graph K_4,4.

        >>> import networkx as nx, toolkit as tk
        >>> cube = tk.group(nx.hypercube_graph(3)).natural_module().association_scheme
        >>> cube.valencies, cube.intersection_array(cube.valencies.index(3))
        ((1, 3, 3, 1), ((3, 2, 1), (1, 2, 3)))
        >>> odd = [i for i in range(1, 4) if cube.P[1, i] == -cube.valencies[i]]
        >>> cube.fusion([odd, {1, 2, 3} - set(odd)]).strongly_regular_parameters(1)
        (8, 4, 0, 4)
        """
        return AssociationScheme(FusedRelations(self.source, partition))

    @property
    def symmetrization(self) -> AssociationScheme:
        """The scheme of the unions of relations with their transposes.

        Raises
        ------
        ModuleMismatchError
            If these do not form an association scheme; for a commutative scheme they always do.
        """
        if self.is_symmetric:
            return self
        return self.fusion({frozenset((i, self.paired[i])) for i in range(1, self.rank)})
