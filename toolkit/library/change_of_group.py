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
from toolkit.library.modules.elements import element_images
from toolkit.library.naming import group as group_of
from toolkit.library.naming import group_from_permutations
from toolkit.library.questions import INDUCED_ACTION
from toolkit.modules.module import Module, require_module
from toolkit.modules.permutation_module import PermutationModule
from toolkit.text import shortened

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.library.modules.construct import SubgroupLike


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
            f"a class function of a toolkit.Group is required, and {f!r} was made from a table "
            "alone: make it with G.class_function(...) or G.character(...)"
        )
    return f.home


def _acting(group: Group, elements: Sequence[Any]) -> Group:
    """Return a subgroup as a permutation group, with the given elements as its generators."""
    if not elements:
        return group_of("C1", session=group.session)
    images = element_images(_faithful_module(group), elements)
    return group_from_permutations(images.tolist(), session=group.session)


def _embedding(below: Group, group: Group, embedding: Any) -> list[dict[str, list[int]]]:  # noqa: ANN401
    """Return the images of the generators of H in G as data, one for each."""
    given = subgroup_generators(group, embedding)
    elements = [element_data(group.name, g) for g in given]
    wanted = len(below.facts.generators)
    if len(elements) != wanted:
        raise ModuleMismatchError(
            f"an embedding of {shortened(below.name)} needs the images of its {wanted} "
            f"generators, found {len(elements)}"
        )
    return elements


def _faithful_module(group: Group) -> PermutationModule:
    """Return a faithful module, the smallest one at hand."""
    if group.facts.points and group.facts.faithful:
        return group.natural_module()
    return group.regular_module()


@overload
def restrict(X: PermutationModule, subgroup: SubgroupLike) -> PermutationModule: ...
@overload
def restrict(X: ClassFunction, subgroup: SubgroupLike) -> ClassFunction: ...
def restrict(
    X: PermutationModule | ClassFunction, subgroup: SubgroupLike
) -> PermutationModule | ClassFunction:
    """Return a module (or a class function) as one of a subgroup H: the same points.

    Parameters
    ----------
    X
        A permutation module or a class function of G.
    subgroup
        H: a class of subgroups of G, its label, or a list of generators as data, as in
        :meth:`toolkit.Group.coset_module`.

    Returns
    -------
    PermutationModule or ClassFunction
        Of a permutation group, its ``home``: H acting on a faithful module of G (the natural one,
        else the regular one), with the given generators of H.

    Raises
    ------
    ModuleMismatchError
        If there is no such subgroup.

    Notes
    -----
    Exact. The images of the generators are looked up in the store, or else asked of GAP.

    Examples
    --------
    >>> import toolkit as tk
    >>> V = tk.group("S4").natural_module()
    >>> restrict(V, [[1, 2, 0, 3]]).multiplicities
    {'L0': 2, 'L1': 1}
    >>> restrict(tk.group("S4").character("X4"), "H3a").complex_multiplicities
    {'X0': 1, 'X1': 1, 'X2': 1}
    """
    if isinstance(X, ClassFunction):
        group = _group_of(X)
        generators = [element_data(group.name, g) for g in subgroup_generators(group, subgroup)]
        below = _acting(group, generators)
        classes, _ = class_map(below, group, generators)
        return pull_back(X, below.character_table, classes, below)
    group = group_of_module(PermutationModule.of(X))
    elements = subgroup_generators(group, subgroup)
    below = _acting(group, elements)
    if not elements:
        return below.module_from_images(np.empty((0, X.degree), dtype=np.intp), X.name)
    return below.module_from_images(element_images(X, elements), f"{X.name}, restricted")


@overload
def induce(X: PermutationModule, group: Group, embedding: SubgroupLike) -> PermutationModule: ...
@overload
def induce(X: ClassFunction, group: Group, embedding: SubgroupLike) -> ClassFunction: ...
def induce(
    X: PermutationModule | ClassFunction, group: Group, embedding: SubgroupLike
) -> PermutationModule | ClassFunction:
    """Return the module (or class function) of G induced from one of a subgroup H.

    Parameters
    ----------
    X
        A permutation module or a class function of H.
    group
        G.
    embedding
        Per generator of H its image in G, as data (``{"perm": ...}``, ``{"pc": ...}``,
        ``{"word": ...}``) or as an image list of a permutation group. Or a class of subgroups of
        G or its label: the generators of its representative, as :func:`restrict` takes them.

    Returns
    -------
    PermutationModule or ClassFunction
        The module X x_H G, of |G:H| |X| points: point x over coset c has number ``c * |X| + x``.
        Cosets are numbered by breadth-first search from H in the order of G's generators, so that
        the first |X| points are X itself.

    Raises
    ------
    ModuleMismatchError
        If the elements do not embed H in G: their number, a relation, or the order is wrong.

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
    below = group_of_module(PermutationModule.of(X))
    elements = _embedding(below, group, embedding)

    question = {
        "subgroup": below.spec.to_gap(),
        "embedding": elements,
        "images": X.images.tolist(),
        "points": X.degree,
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
    degree = group.order // below.order * X.degree
    array = np.array(images, dtype=np.intp).reshape(len(images), degree)
    return group.module_from_images(array, f"{X.name}, induced")


@overload
def inflate(X: PermutationModule, group: Group, projection: Sequence[Any]) -> PermutationModule: ...
@overload
def inflate(X: ClassFunction, group: Group, projection: Sequence[Any]) -> ClassFunction: ...
def inflate(
    X: PermutationModule | ClassFunction, group: Group, projection: Sequence[Any]
) -> PermutationModule | ClassFunction:
    """Return a module (or class function) of a quotient Q as one of G, along a map from G to Q.

    Parameters
    ----------
    X
        A permutation module or a class function of Q.
    group
        G.
    projection
        Per generator of G its image in Q: a word ``{"word": [0, ~1]}`` in the generators of Q
        (0-based numbers, ``~i`` for an inverse), an element as data, or an image list of a
        permutation group.

    Returns
    -------
    PermutationModule or ClassFunction
        The same points. GAP checks that the map is a homomorphism on them when it is first asked
        about the module.

    Raises
    ------
    ModuleMismatchError
        If the number of images is not the number of G's generators.

    Notes
    -----
    Words need no GAP, except for the facts about G.

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
        PermutationModule.of(X)
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
        elements = [element_data(quotient.name, g) for g in projection]
        classes, _ = class_map(group, quotient, elements)
        return pull_back(X, group.character_table, classes, group)
    return group.module_from_images(element_images(X, projection), f"{X.name}, inflated")
