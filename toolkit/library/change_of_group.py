r"""Modules and class functions of one group from those of another: restriction and the like.

For H in G, Frobenius reciprocity says

.. math:: \dim \mathrm{Hom}_G(\mathrm{Ind} X, Y) = \dim \mathrm{Hom}_H(X, \mathrm{Res} Y),

and for class functions <Ind f, h> = <f, Res h>.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, overload

import numpy as np

from toolkit.errors import (
    ClassFunctionError,
    InconsistentAnswerError,
    ModuleMismatchError,
    NotAvailable,
)
from toolkit.groups.class_functions.class_function import ClassFunction
from toolkit.groups.class_functions.class_maps import induced, pull_back
from toolkit.library.class_maps import class_map
from toolkit.library.group import Group
from toolkit.library.modules.backends import element_data
from toolkit.library.modules.construct import subgroup_generators
from toolkit.library.modules.element_matrices import (
    module_of_elements,
    word_matrix,
    words_of_elements,
    words_of_points,
)
from toolkit.library.modules.elements import element_images
from toolkit.library.naming import group as group_of
from toolkit.library.naming import group_from_permutations
from toolkit.library.questions import INDUCED_ACTION
from toolkit.modules.linear.expressions import ROUNDING, Given
from toolkit.modules.linear.linear_module import LinearModule
from toolkit.modules.module import Module, require_module
from toolkit.modules.permutation_module import PermutationModule
from toolkit.modules.signed_module import SignedModule
from toolkit.text import shortened

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from toolkit.library.modules.construct import SubgroupLike
    from toolkit.modules.gset_expressions import M
    from toolkit.modules.gsets.actions import IntArray


def group_of_module(X: Module) -> Group:
    """Return the group that a module belongs to.

    Examples
    --------
    >>> import toolkit as tk
    >>> group_of_module(tk.group("S3").natural_module())
    <group S3>
    """
    require_module(X)
    if not isinstance(X.home, Group):
        raise ModuleMismatchError(f"{X.name} must be a module of a toolkit.Group, not {X.home!r}")
    return X.home


def _group_of(f: ClassFunction) -> Group:
    if not isinstance(f.home, Group):
        raise ClassFunctionError(
            f"a class function of a toolkit.Group is required, but {f!r} was made from a table "
            "only: make it with G.class_function(...) or G.character(...)"
        )
    return f.home


def _acting(group: Group, elements: Sequence[Any]) -> Group:
    """Return a subgroup as a permutation group, with the given elements as its generators."""
    if not elements:
        return group_of("C1", session=group.session)
    images = element_images(faithful_module(group), elements)
    return group_from_permutations(images.tolist(), session=group.session)


def _embedding(below: Group, group: Group, embedding: Any) -> list[dict[str, list[int]]]:  # noqa: ANN401
    """Return the images of the generators of H in G as data, one for each."""
    given = subgroup_generators(group, embedding)
    elements = [element_data(g, group.spec) for g in given]
    wanted = len(below.facts.generators)
    if len(elements) != wanted:
        raise ModuleMismatchError(
            f"an embedding of {shortened(below.name)} needs the images of its {wanted} "
            f"generators, found {len(elements)}"
        )
    return elements


def faithful_module(group: Group) -> PermutationModule:
    """Return a faithful module, the smallest one at hand."""
    if group.facts.points and group.facts.faithful:
        return group.natural_module()
    return group.regular_module()


@overload
def restrict(X: M, subgroup: SubgroupLike) -> M: ...
@overload
def restrict(X: ClassFunction, subgroup: SubgroupLike) -> ClassFunction: ...
def restrict(X: Module | ClassFunction, subgroup: SubgroupLike) -> Module | ClassFunction:
    """Return the restriction of a module or class function to a subgroup H; coordinates are kept.

    Parameters
    ----------
    X
        A module of any kind, or a class function, of G.
    subgroup
        H: a class of subgroups of G, its label, or a list of generators as data, as in
        :meth:`toolkit.Group.coset_module`.

    Returns
    -------
    Module or ClassFunction
        The restriction, of the same kind. Its group is a permutation group: H acting on a faithful
        module of G (the natural module, else the regular module), with the given generators of H.

    Raises
    ------
    ModuleMismatchError
        If there is no such subgroup.

    Notes
    -----
    Exact. The images of the generators are looked up in the store, or else computed by GAP. On a
    linear module they act by words in G's generators, for G of up to 20,000 elements. The result is
    exact if the matrices are exact and have up to 24 rows.

    Examples
    --------
    >>> import toolkit as tk
    >>> V = tk.group("S4").natural_module()
    >>> restrict(V, [[1, 2, 0, 3]]).multiplicities
    {'L0': 2, 'L1': 1}
    >>> restrict(tk.group("S4").character("X4"), "H3a").complex_multiplicities
    {'X0': 1, 'X1': 1, 'X2': 1}
    >>> restrict(tk.group("S4").simple_module("L3"), "H3a").multiplicities
    {'L0': 1, 'L1': 1}
    """
    if isinstance(X, ClassFunction):
        group = _group_of(X)
        generators = [element_data(g, group.spec) for g in subgroup_generators(group, subgroup)]
        below = _acting(group, generators)
        classes, _ = class_map(below, group, generators)
        return pull_back(X, below.character_table, classes, below)
    group = group_of_module(X)
    elements = subgroup_generators(group, subgroup)
    below = _acting(group, elements)
    name = f"{X.name}, restricted" if elements else X.name
    return _by_elements(X, below, elements, name)


@overload
def induce(X: M, group: Group, embedding: SubgroupLike) -> M: ...
@overload
def induce(X: ClassFunction, group: Group, embedding: SubgroupLike) -> ClassFunction: ...
def induce(
    X: Module | ClassFunction, group: Group, embedding: SubgroupLike
) -> Module | ClassFunction:
    """Return the module (or class function) of G induced from one of a subgroup H.

    Parameters
    ----------
    X
        A module of any kind, or a class function, of H.
    group
        G.
    embedding
        For each generator of H its image in G, as data (``{"perm": ...}``, ``{"pc": ...}``,
        ``{"word": ...}``) or as an image list of a permutation group. Or a class of subgroups of G
        or its label, which stands for the generators of its representative, as in :func:`restrict`.

    Returns
    -------
    Module or ClassFunction
        The induced module, of the same kind; for a permutation module, X x_H G with |G:H| |X|
        points. Coordinate x over coset c has number ``c * |X| + x``, where |X| is the degree.
        Cosets are numbered by breadth-first search from H in the order of G's generators, so that
        the first |X| coordinates are X itself.

    Raises
    ------
    ModuleMismatchError
        If the elements do not embed H in G: the number of elements, a relation or the order is
        wrong.

    Examples
    --------
    >>> import toolkit as tk
    >>> X = tk.group("C3").natural_module()
    >>> induce(X, tk.group("S3"), [[1, 2, 0]]).multiplicities
    {'L0': 1, 'L1': 1, 'L2': 2}
    >>> psi = tk.group("C3").character("X1")
    >>> induce(psi, tk.group("S3"), [[1, 2, 0]]).complex_multiplicities
    {'X2': 1}
    """
    if isinstance(X, ClassFunction):
        below = _group_of(X)
        classes, kernel = class_map(below, group, _embedding(below, group, embedding))
        if kernel > 1:
            raise ModuleMismatchError(
                f"no embedding of {shortened(below.name)} in {shortened(group.name)}: the map from "
                "H to G is not injective"
            )
        return induced(X, group.character_table, classes, group)
    below = group_of_module(X)
    elements = _embedding(below, group, embedding)
    name = f"{X.name}, induced"
    if isinstance(X, LinearModule):
        words_of_points(below, np.empty(0, dtype=np.intp))  # refuses groups that are too large
        regular = below.regular_module()
        images = _induced_images(below, group, elements, regular.images)
        return _induced_matrices(X, group, images, regular.record.base, name)
    points = _points_of(X)
    return _module_of_points(X, group, _induced_images(below, group, elements, points), name)


def _induced_images(
    below: Group, group: Group, elements: list[dict[str, list[int]]], given: IntArray
) -> IntArray:
    """Return the images of G's generators on the G-set induced from one of H."""
    question = {
        "subgroup": below.spec.to_gap(),
        "embedding": elements,
        "images": given.tolist(),
        "points": given.shape[1],
    }

    def read(answer: dict[str, Any]) -> tuple[tuple[int, ...], ...]:
        if answer["broken"] is not None:
            raise ModuleMismatchError(
                f"no embedding of {shortened(below.name)} in {shortened(group.name)}: "
                f"{answer['broken']}"
            )
        if answer["index"] * below.order != group.order:
            raise InconsistentAnswerError(group.name, "|G:H| |H| = |G|", str(answer["index"]))
        return tuple(tuple(image) for image in answer["images"])

    images = group.answer(INDUCED_ACTION, key=question, send=lambda: question, read=read)
    degree = group.order // below.order * given.shape[1]
    return np.array(images, dtype=np.intp).reshape(len(images), degree)


def _induced_matrices(
    V: LinearModule, group: Group, images: IntArray, base: int, name: str
) -> LinearModule:
    """Return the induced module, from how G acts on H x_H G, the elements of G.

    The point of H's identity over coset c goes to that of h over c': so row block c has rho(h) in
    column block c'.
    """
    below, d = group_of_module(V), V.degree
    size = below.order
    index = images.shape[1] // size
    starts = np.arange(index) * size + base
    ends = images[:, starts]
    words = dict(zip(range(size), words_of_points(below, np.arange(size)), strict=True))
    known: dict[int, NDArray[np.float64]] = {}
    out = np.zeros((len(images), index, d, index, d))
    for g, row in enumerate(ends.tolist()):
        for c, end in enumerate(row):
            h = end % size
            if h not in known:
                known[h] = word_matrix(V.matrices, words[h])
            out[g, c, :, end // size, :] = known[h]
    floats = out.reshape(len(images), index * d, index * d)
    return LinearModule(
        group, name, index * d, Given(floats, None, max(V.residual, ROUNDING), name)
    )


def _points_of(X: Module) -> IntArray:
    """Return the images of the points of a permutation module, of a signed one's cover."""
    return X.cover.images if isinstance(X, SignedModule) else X.images


def _module_of_points(X: Module, group: Group, images: IntArray, name: str) -> Module:
    """Return the module of the kind of X on which a group acts by images of points, or covers."""
    if not isinstance(X, SignedModule):
        return group.module_from_images(images, name)
    plus = images[:, 0::2]
    return SignedModule.from_signs(group, plus >> 1, 1 - 2 * (plus & 1), name)


def _by_elements(X: Module, group: Group, elements: Sequence[Any], name: str) -> Module:
    """Return the module on which the generators of a group act as given elements do on X."""
    if isinstance(X, LinearModule):
        words = words_of_elements(group_of_module(X), elements)
        return module_of_elements(X, group, words, name)
    plain = X.cover if isinstance(X, SignedModule) else PermutationModule.of(X)
    images = np.empty((0, plain.degree), dtype=np.intp)
    if elements:
        images = element_images(plain, elements)
    return _module_of_points(X, group, images, name)


@overload
def inflate(X: M, group: Group, projection: Sequence[Any]) -> M: ...
@overload
def inflate(X: ClassFunction, group: Group, projection: Sequence[Any]) -> ClassFunction: ...
def inflate(
    X: Module | ClassFunction, group: Group, projection: Sequence[Any]
) -> Module | ClassFunction:
    """Return the inflation to G of a module or class function of a quotient Q.

    Parameters
    ----------
    X
        A module of any kind, or a class function, of Q.
    group
        G.
    projection
        For each generator of G its image in Q: a word ``{"word": [0, ~1]}`` in the generators of Q
        (0-based numbers, ``~i`` for an inverse), an element as data, or an image list of a
        permutation group.

    Returns
    -------
    Module or ClassFunction
        The inflation, of the same kind, with the same coordinates.

    Raises
    ------
    ModuleMismatchError
        If the number of images is not the number of G's generators, or if the map is not a
        homomorphism on the module (:meth:`toolkit.Group.module_from_images` says when points are
        checked).
    NotAvailable
        If only the character table of G is known.

    Notes
    -----
    Words do not require GAP, except for the facts about G.

    Examples
    --------
    >>> import toolkit as tk
    >>> sign = tk.group("C2").natural_module()
    >>> inflate(sign, tk.group("S3"), [{"word": []}, {"word": [0]}]).multiplicities
    {'L0': 1, 'L1': 1}
    >>> inflate(tk.group("C2").character("X1"), tk.group("S3"), [{"word": []}, {"word": [0]}])
    <class function of S3: 1, -1, 1>
    """
    if not isinstance(X, ClassFunction):
        require_module(X)
    if group.is_table_only:
        raise NotAvailable(group.name, "a module", "only the character table is known")
    wanted = group.generator_count
    if len(projection) != wanted:
        raise ModuleMismatchError(
            f"a map from {shortened(group.name)} needs the images of its {wanted} generators, "
            f"found {len(projection)}"
        )
    if isinstance(X, ClassFunction):
        quotient = _group_of(X)
        elements = [element_data(g, quotient.spec) for g in projection]
        classes, _ = class_map(group, quotient, elements)
        return pull_back(X, group.character_table, classes, group)
    name = f"{X.name}, inflated"
    found = _by_elements(X, group, projection, name)
    if isinstance(found, LinearModule):  # checks the relations of G
        entries = found.exact_matrices
        given = found.matrices if entries is None else [m.rows for m in entries]
        return group.linear_module(given, name)
    return found
