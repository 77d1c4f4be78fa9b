r"""Modules of one group from modules of another: restriction, induction, inflation.

For H in G, Frobenius reciprocity says

.. math:: \dim \mathrm{Hom}_G(\mathrm{Ind} X, Y) = \dim \mathrm{Hom}_H(X, \mathrm{Res} Y).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from toolkit.errors import InconsistentAnswerError, ModuleMismatchError, NotAvailable
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


def _faithful_module(group: Group) -> PermutationModule:
    """Return a faithful module, the smallest one at hand."""
    if group.facts.points and group.facts.faithful:
        return group.natural_module()
    return group.regular_module()


def restrict(X: PermutationModule, subgroup: SubgroupLike) -> PermutationModule:
    """Return a module as one of a subgroup H: the same points.

    Parameters
    ----------
    X
        A module of G.
    subgroup
        H: a class of subgroups of G, its label, or a list of generators as data, as in
        :meth:`toolkit.Group.coset_module`.

    Returns
    -------
    PermutationModule
        A module of a permutation group: H acting on a faithful module of G (the natural one, else
        the regular one), with the given generators of H.

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
    """
    group = group_of_module(PermutationModule.of(X))
    elements = subgroup_generators(group, subgroup)
    if not elements:
        trivial = group_of("C1", session=group.session)
        return trivial.module_from_images(np.empty((0, X.degree), dtype=np.intp), X.name)
    acting = element_images(_faithful_module(group), elements)
    below = group_from_permutations(acting.tolist(), session=group.session)
    return below.module_from_images(element_images(X, elements), f"{X.name}, restricted")


def induce(X: PermutationModule, group: Group, embedding: Sequence[Any]) -> PermutationModule:
    """Return the module of G induced from one of a subgroup H: the points of X x_H G.

    Parameters
    ----------
    X
        A module of H.
    group
        G.
    embedding
        Per generator of H its image in G, as data (``{"perm": ...}``, ``{"pc": ...}``,
        ``{"word": ...}``) or as an image list of a permutation group.

    Returns
    -------
    PermutationModule
        Of |G:H| |X| points: point x over coset c has number ``c * |X| + x``. Cosets are numbered
        by breadth-first search from H in the order of G's generators, so that the first |X|
        points are X itself.

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
    """
    below = group_of_module(PermutationModule.of(X))
    elements = [element_data(group.name, g) for g in embedding]
    if len(elements) != len(X.images):
        raise ModuleMismatchError(
            f"an embedding of {shortened(below.name)} needs the images of its {len(X.images)} "
            f"generators, found {len(elements)}"
        )

    question = {
        "subgroup": below.spec.to_json(),
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


def inflate(X: PermutationModule, group: Group, projection: Sequence[Any]) -> PermutationModule:
    """Return a module of a quotient Q as one of G, by a homomorphism from G to Q.

    Parameters
    ----------
    X
        A module of Q.
    group
        G.
    projection
        Per generator of G its image in Q: a word ``{"word": [0, ~1]}`` in the generators of Q
        (0-based numbers, ``~i`` for an inverse), an element as data, or an image list of a
        permutation group.

    Returns
    -------
    PermutationModule
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
    """
    PermutationModule.of(X)
    if group.is_table_only:
        raise NotAvailable(group.name, "a module", "only the character table is known")
    wanted = len(group.facts.generators)
    if len(projection) != wanted:
        raise ModuleMismatchError(
            f"a map from {shortened(group.name)} needs the images of its {wanted} generators, "
            f"found {len(projection)}"
        )
    return group.module_from_images(element_images(X, projection), f"{X.name}, inflated")
