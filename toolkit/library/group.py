"""A finite group as users hold it: its structure, and its modules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from toolkit.display import Tabulated
from toolkit.errors import ModuleMismatchError
from toolkit.groups.specs.tree import direct_product
from toolkit.library.characters import GroupCharacters
from toolkit.library.invariants import GroupInvariants
from toolkit.library.modules import construct
from toolkit.library.modules.backends import ActionBackend
from toolkit.library.modules.direct_products import factor_classes
from toolkit.library.structure import DEFAULT_SUBGROUP_LIMIT
from toolkit.text import group_required

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    from toolkit.groups.class_functions.class_function import ClassFunction
    from toolkit.library.modules.construct import SubgroupLike
    from toolkit.modules.gset_expressions import Backend, ModuleGroup
    from toolkit.modules.gsets.actions import IntArray
    from toolkit.modules.linear.linear_module import LinearModule
    from toolkit.modules.module import Module
    from toolkit.modules.permutation_module import PermutationModule
    from toolkit.modules.signed_module import SignedModule


class Group(GroupCharacters, GroupInvariants, Tabulated):
    """A finite group, returned by :func:`toolkit.group`.

    Properties are exact and lazy: each is looked up in the cache and in the bundled answers.
    Otherwise GAP computes it, and the answer is checked and stored. Any property may raise
    :class:`~toolkit.errors.NotAvailable`, which says why and what to use instead, or a
    :class:`~toolkit.errors.GapError`.

    Parameters
    ----------
    spec
        The group's description.
    session
        The store and the GAP processes to use.
    space
        Matrices of the generators, for a group that came with points in space or float matrices.
    title
        The name to display; by default the canonical name.
    known_order
        The order, if it is known from the construction.

    Examples
    --------
    >>> import toolkit as tk
    >>> G = tk.group("S4")
    >>> G.order, G.small_group_id, G.is_solvable
    (24, (24, 12), True)
    >>> [(L.label, L.dimension, L.type) for L in G.simples]
    [('L0', 1, 'R'), ('L1', 1, 'R'), ('L2', 2, 'R'), ('L3', 3, 'R'), ('L4', 3, 'R')]
    """

    _class_words: tuple[tuple[int, ...], ...] | None = None

    # modules --------------------------------------------------------------------------------

    def regular_module(self) -> PermutationModule:
        """Return Fun(G), where G acts by right multiplication.

        Point 0 is the identity, and a generator h takes point x to x h. ``X.elements`` gives the
        element of each point, and ``f[..., X.elements.grid(), :]`` has an axis for each generator
        (orientation, x, y, ...), or for each of given subgroups. The spherical table requires only
        the character table.

        Examples
        --------
        >>> import toolkit as tk
        >>> X = tk.group("D8").regular_module()
        >>> X.elements[5], X.elements.grid().tolist()    # turns and flips
        ((1, 0), [[0, 2], [1, 4], [3, 7], [6, 5]])
        """
        return construct.regular_module(self)

    def trivial_module(self) -> PermutationModule:
        """Return the module of functions on one point, which G fixes: invariant numbers.

        Examples
        --------
        The moves on a board of 64 squares with its symmetries, and the move "pass":

        >>> import numpy as np, toolkit as tk
        >>> squares = np.arange(64).reshape(8, 8)
        >>> G = tk.group_from_permutations([np.rot90(squares).ravel(), np.flip(squares, 1).ravel()])
        >>> moves = G.natural_module() + G.trivial_module()
        >>> moves.degree, moves.points[63:]
        (65, [(0, 63), (1, 0)])
        """
        return construct.trivial_module(self)

    def natural_module(self) -> PermutationModule:
        """Return the module of the action that came with the group's name or generators.

        Raises
        ------
        NotAvailable
            If the name has no natural action (``SmallGroup(24,12)``, ``Q8``, presentations).
        """
        self._require_elements("the natural module")
        return construct.natural_module(self)

    def coset_module(self, subgroup: SubgroupLike) -> PermutationModule:
        """Return Fun(G/H).

        ``X.points`` gives the coset of each point, as a word that takes the base point, H itself,
        to it.

        Parameters
        ----------
        subgroup
            H: a class from :meth:`subgroup_classes` (meaning its representative), its label
            (``"H4a"``), a normal subgroup or its label (``"N2"``), one of
            :meth:`sylow_subgroups`, or a list of generators:
            texts of cycles as in GAP (``"(1,2)(3,4)"``, points from 1) or plain 0-based image lists
            for a permutation group, texts such as ``"a^2*b"`` for a presented group, words in the
            group's generators (``{"word": [0, ~1]}``, counted from 0, ``~i`` an inverse), or
            elements as data (``{"perm": ...}``, ``{"pc": ...}``). The empty list is the trivial
            subgroup.

        Raises
        ------
        ModuleMismatchError
            If there is no such subgroup (a ValueError).

        Examples
        --------
        >>> import toolkit as tk
        >>> tk.group("S4").coset_module(["(1,2)(3,4)", "(1,3)(2,4)"]).degree
        6
        """
        self._require_elements("a coset module")
        return construct.coset_module(self, subgroup)

    def module_from_images(self, images: ArrayLike, name: str | None = None) -> PermutationModule:
        """Return Fun(X) for any finite G-set X, given by the images of its points.

        Parameters
        ----------
        images
            ``(k, n)`` integers, 0-based: ``images[g][i]`` is the image of point i under the g-th
            generator, in the order of the group's generators (that of :attr:`facts` and of every
            module's ``images``).
        name
            The module's name.

        Raises
        ------
        ModuleMismatchError
            If there is not a row for each generator, a row is not a permutation, or the images are
            not an action of the group: a relation that they break is named. For groups of more than
            a million elements, and where GAP is required but missing, the action is checked only
            when the module is first used in a layer or in a question to GAP.

        Examples
        --------
        >>> import toolkit as tk
        >>> tk.group("C4").module_from_images([[1, 0, 3, 2]]).multiplicities
        {'L0': 2, 'L1': 2}
        """
        return construct.module_from_images(self, images, name)

    def module(self, specification: str | dict[str, Any], *, most: int = 10**100) -> Module:
        """Return the module that a specification describes: a text, or ``X.specification``.

        Parameters
        ----------
        specification
            A text such as ``"regular"``, ``"points^2 + H4a"``, ``"signed(H8a, H4b)"``, or JSON
            data; :mod:`toolkit.modules.specification` has the grammar and the keys.
        most
            The largest number of points that a module may have. Nothing of that size is computed
            before it is needed.

        Returns
        -------
        PermutationModule or SignedModule
            The module, with the points, their order and the name that were specified.

        Raises
        ------
        ModuleMismatchError
            If the specification does not describe a module of this group.
        NotAvailable
            If the module would have too many points, or only a digest of its images is given.

        Examples
        --------
        >>> import toolkit as tk
        >>> G = tk.group("S4")
        >>> G.module("points^2 + regular")
        <(4 points)^2 + regular module: module of S4 of degree 40>
        >>> G.module(G.coset_module("H4a").specification) == G.coset_module("H4a")
        True
        """
        from toolkit.library.modules.from_specification import module_from_specification

        return module_from_specification(self, specification, most)

    def signed_coset_module(self, subgroup: SubgroupLike, kernel: SubgroupLike) -> SignedModule:
        """Return the module of functions on G/K that change sign under H/K, with K of index 2 in H.

        Parameters
        ----------
        subgroup, kernel
            H and K, each as in :meth:`coset_module`. K must lie in H itself, not only in a
            conjugate of H. K = H gives the module Fun(G/H) with all signs +1.

        Raises
        ------
        ModuleMismatchError
            If K does not lie in H, or if its index in H is neither 1 nor 2.
        """
        from toolkit.library.modules import signed

        self._require_elements("a signed coset module")
        return signed.signed_coset_module(self, subgroup, kernel)

    def signed_module_from_images(
        self, images: ArrayLike, signs: ArrayLike, name: str | None = None
    ) -> SignedModule:
        r"""Return the signed module in which the generators act by given signed permutations.

        The coordinates are the given ones: generator g acts on functions f of the points by

        .. math:: (g f)(x) = \text{signs}[g][x] \, f(\text{images}[g][x]).

        Parameters
        ----------
        images
            ``(k, n)`` integers, 0-based: ``images[g][x]`` is the image x^g of point x under the
            g-th generator, as in :meth:`module_from_images`. The points may form several orbits.
        signs
            ``(k, n)`` numbers 1 or -1: ``signs[g][x]`` belongs to point x and generator g.
        name
            The module's name.

        Returns
        -------
        SignedModule
            Always a signed module. If flipping the signs of some points would leave no sign -1, it
            is isomorphic to a permutation module and has its multiplicities, but keeps the given
            coordinates.

        Raises
        ------
        ModuleMismatchError
            If the data do not have this form, or break a relation of the group.
        NotAvailable
            If only the character table of the group is known.

        Notes
        -----
        Exact. GAP checks the relations immediately. If GAP cannot be used, they are checked at the
        first question to GAP about the module.

        Examples
        --------
        The rotation of a plane by 90 degrees, and the edges of a triangle with orientations:

        >>> import toolkit as tk
        >>> tk.group("C4").signed_module_from_images([[1, 0]], [[1, -1]]).multiplicities
        {'L2': 1}
        >>> edges = tk.group("S3").signed_module_from_images(
        ...     [[1, 2, 0], [0, 2, 1]], [[1, 1, 1], [-1, -1, -1]]
        ... )
        >>> edges.multiplicities
        {'L1': 1, 'L2': 1}
        """
        from toolkit.library.modules import signed

        return signed.signed_module_from_images(self, images, signs, name)

    def signed_module_from_matrices(
        self, matrices: ArrayLike, name: str | None = None
    ) -> SignedModule:
        """Return the signed module in which the generators act by given matrices on columns.

        Parameters
        ----------
        matrices
            ``(k, n, n)`` numbers, one signed permutation matrix for each generator: one entry 1 or
            -1 in each row and each column, and 0 elsewhere. Since (g f)(x) = sign * f(x^g), row x
            of the matrix of g holds that sign in column x^g. The matrix of a product g h, g first,
            is the product of the matrices of g and h in this order.
        name
            The module's name.

        Returns
        -------
        SignedModule
            As from :meth:`signed_module_from_images`.

        Raises
        ------
        ModuleMismatchError
            If a matrix is not a signed permutation matrix, or if the matrices break a relation of
            the group. The message says so if the transposed matrices satisfy all relations.
        NotAvailable
            If only the character table of the group is known.

        Examples
        --------
        >>> import toolkit as tk
        >>> i = [[0, 1, 0, 0], [-1, 0, 0, 0], [0, 0, 0, 1], [0, 0, -1, 0]]
        >>> j = [[0, 0, 1, 0], [0, 0, 0, -1], [-1, 0, 0, 0], [0, 1, 0, 0]]
        >>> tk.group("Q8").signed_module_from_matrices([i, j]).multiplicities
        {'L4': 1}
        """
        from toolkit.library.modules import signed

        return signed.signed_module_from_matrices(self, matrices, name)

    def linear_module(
        self,
        matrices: Any,  # noqa: ANN401 - arrays, tensors, nested lists of any numbers
        name: str | None = None,
        *,
        tol: float = 1e-6,
    ) -> LinearModule:
        r"""Return the module in which the generators act by given real matrices on columns.

        Parameters
        ----------
        matrices
            ``(k, d, d)``: arrays, tensors or nested lists, one invertible matrix for each
            generator, in the order of the generators (that of every module's ``matrices``;
            ``G.natural_module().images`` shows how they move points). Exact entries are ints,
            fractions, :class:`~toolkit.exact.Cyclotomic` values and texts such as ``"1/2"`` or
            ``"E(8)-E(8)^3"``, the square root of 2; floats that are whole numbers count as ints. If
            one entry is any other float, all entries are treated as floats.
        name
            The module's name.
        tol
            The largest violation of the group's relations by float matrices, relative to the
            largest entry of their products. Matrices with a violation above 1e-13 are replaced by
            nearby matrices that satisfy the relations to rounding.

        Returns
        -------
        LinearModule
            The module in the given coordinates. ``.residual`` says how well its ``.matrices``
            satisfy the relations: 0.0, with proof, for exact matrices.

        Raises
        ------
        ModuleMismatchError
            If the matrices are not real, not square, not of one size, or not one for each
            generator. Also if they break a relation of the group, which the message names; it says
            so if the transposed matrices satisfy all relations.
        NotAvailable
            If only the character table of the group is known.

        Notes
        -----
        The matrix of a product g h, g first, must be the product of the matrices of g and h in this
        order. All relations are checked: for up to 20,000 elements along the edges of the Cayley
        graph, O(k |G| d^3); for larger groups on the relators of a presentation, which GAP
        computes.

        Examples
        --------
        A quarter turn of the plane, and a reflection that is not orthogonal:

        >>> import toolkit as tk
        >>> tk.group("C4").linear_module([[[0, -1], [1, 0]]], name="plane").multiplicities
        {'L2': 1}
        >>> V = tk.group("C2").linear_module([[[1, 1], [0, -1]]])
        >>> V.multiplicities, V.is_orthogonal
        ({'L0': 1, 'L1': 1}, False)
        >>> tk.group("C3").linear_module([[[0, -1], [1, 0]]])
        Traceback (most recent call last):
        ...
        toolkit.errors.ModuleMismatchError: given matrices of dimension 2: the matrices are not a
        representation of C3: in the group, generators 0, 0, 0 in turn give the identity (generators
        are 0-based), but the product of the matrices differs by 1.0e+00 from the required one;
        matrices act on columns, and the matrix of a product g h, g first, is the product of the
        matrices of g and h in this order
        """
        from toolkit.library.modules import linear

        return linear.linear_module(self, matrices, name, tol)

    def simple_module(self, label: str) -> LinearModule:
        """Return a simple as a module, with its orthogonal matrices of every Fourier basis.

        Parameters
        ----------
        label
            ``"L0"``, ``"L1"``, ...

        Raises
        ------
        UnknownLabelError
            If the group has no such simple.
        NotAvailable
            If the character table is out of reach. For the matrices, if no permutation module that
            contains the simple has a Fourier basis within reach.

        Examples
        --------
        >>> import toolkit as tk
        >>> G = tk.group("S4")
        >>> L = G.simple_module("L3")
        >>> L, (L * L).multiplicities
        (<L3: linear module of S4 of dimension 3>, {'L0': 1, 'L2': 1, 'L3': 1, 'L4': 1})
        """
        from toolkit.library.modules import linear

        return linear.simple_module(self, label)

    def space_module(self, *, tol: float = 1e-6) -> LinearModule:
        """Return the module of the space that came with the group, with :attr:`space_matrices`.

        Generator g takes the column vector v to the transpose of v^T A^-1, where A is its matrix in
        ``space_matrices``, which acts on row vectors from the right. For an orthogonal A this is A
        v. So the coordinates of points with p_(x^g) = p_x A are fixed in ``Fun(X) * V``.

        Parameters
        ----------
        tol
            As in :meth:`linear_module`; at least ten times the residual of the space's matrices.

        Raises
        ------
        NotAvailable
            If the group came without a real space.

        Examples
        --------
        >>> import toolkit as tk
        >>> V = tk.group("Oh").space_module()
        >>> V, V.rank, (V * V).rank
        (<space: linear module of PointGroup(Oh) of dimension 3>, 1, 4)
        """
        from toolkit.library.modules import linear

        return linear.space_module(self, tol)

    def index_two_subgroups(self, subgroup: SubgroupLike) -> tuple[tuple[object, ...], ...]:
        """Return generators of the subgroups of index 2 in H, up to conjugacy in N_G(H).

        These are the kernels of the sign characters of H, for :meth:`signed_coset_module`.
        """
        from toolkit.library.modules import signed

        self._require_elements("subgroups of index 2")
        return signed.index_two_subgroups(self, subgroup)

    def permutation_modules(
        self, max_index: int | None = None, *, limit: int = DEFAULT_SUBGROUP_LIMIT
    ) -> tuple[PermutationModule, ...]:
        """Return one transitive module for each class of subgroups, the regular one first.

        Parameters
        ----------
        max_index
            The largest number of points; ``None`` for all modules.
        limit
            As in :meth:`subgroup_classes`.
        """
        return tuple(self.coset_module(c) for c in self.subgroup_classes(max_index, limit=limit))

    def permutation_character(self, subgroup: SubgroupLike) -> ClassFunction:
        """Return the character of Fun(G/H), which is induced from the trivial character of H.

        Parameters
        ----------
        subgroup
            H, as in :meth:`coset_module`.

        Raises
        ------
        NotAvailable
            If the group has no character table, or if the table comes from a formula and the group
            has more than 100,000 elements.

        Examples
        --------
        >>> import toolkit as tk
        >>> tk.group("S4").permutation_character("H4a").real_multiplicities
        {'L0': 1, 'L1': 1, 'L2': 2}
        """
        self._require_elements("a permutation character")

        def counted(generators: tuple[object, ...], order: int) -> tuple[int, ...]:
            return self.counted_by_class([generators], [order])[0]

        return self.class_function(construct.permutation_character(self, subgroup, counted))

    # as the group of a module ---------------------------------------------------------------

    def backend_of_action(self, images: IntArray, name: str) -> Backend:
        """Return the backend of a transitive G-set given by images."""
        return ActionBackend(self, images, name)

    def signed_module_of_action(
        self, images: IntArray, signs: NDArray[np.int8], name: str
    ) -> SignedModule:
        """Return the signed module of images and signs that are known to be an action.

        Data from a user go to :meth:`signed_module_from_images`, which checks them.
        """
        from toolkit.modules.signed_module import SignedModule

        return SignedModule.from_signs(self, images, signs, name, proved=True)

    def class_words(self) -> tuple[tuple[int, ...], ...] | None:
        """Return for each class a word in the generators for one of its elements.

        Generators are 0-based and multiplied from left to right, with ``~g`` for an inverse.
        ``None`` without a character table. Up to order 20,000 the words are shortest words; beyond
        that, GAP finds words.
        """
        if self._class_words is None:
            from toolkit.library.modules.class_words import words_of_classes

            self._class_words = words_of_classes(self)
        return self._class_words

    def simple_matrices(self, label: str) -> NDArray[np.float64]:
        """Return the orthogonal matrices ``(generators, d, d)`` of a simple, acting on columns.

        They agree with those of :meth:`simple_module`, and of ``tk.fourier_basis(X).models`` for
        every module X, to rounding.
        """
        from toolkit.library.simple_models import simple_models

        return simple_models(self, [label])[label]

    def direct_product(self, other: ModuleGroup) -> Group:
        """Return the direct product; this group's generators come first.

        Raises
        ------
        ModuleMismatchError
            If ``other`` is not a group.
        """
        if not isinstance(other, Group):
            raise ModuleMismatchError(group_required(other))
        return Group(direct_product([self.spec, other.spec]), self.session)

    def factor_classes(
        self, factors: tuple[ModuleGroup, ...]
    ) -> tuple[tuple[int, ...], ...] | None:
        """Return, for each factor of this product and each class, the class of the component."""
        return factor_classes(self, tuple(f for f in factors if isinstance(f, Group)))
