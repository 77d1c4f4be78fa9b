r"""Transitive signed permutation modules, one for each pair (H, K), and admissible pairs.

A transitive signed permutation module is induced from a character of a subgroup H with values 1
and -1; K is its kernel, of index 1 or 2. Isomorphic ones have conjugate pairs. They are the hidden
layers of shallow invariant networks (Agrawal and Ostrowski, arXiv 2205.09219): the neurons are
gw for a weight vector w in the input V, up to sign.

**Admissible pairs.** A neuron belongs to (H, K) exactly if K = {g : gw = w} and
H = {g : gw = w or gw = -w}. Such a w lies in E = Hom_H(sgn, V). There is one exactly if no other g
acts on all of E as 1 or as -1: for each g that does not, the w with gw = w or gw = -w form
a proper subspace, and finitely many of these do not fill E. Whether g acts on E as a sign depends
on which simples of V occur in the module only; it is the subgroup U of :mod:`toolkit.pl` for
A = these simples. So (H, K) is admissible exactly if U+ = K and U- = H - K.
"""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral
from typing import TYPE_CHECKING, cast

from toolkit.errors import ModuleMismatchError, NotAvailable
from toolkit.groups.subgroups import SubgroupClass
from toolkit.library.change_of_group import group_of_module
from toolkit.library.group import Group
from toolkit.library.modules.signed import index_two_subgroups, signed_coset_module
from toolkit.modules.module import Module
from toolkit.modules.permutation_module import PermutationModule
from toolkit.modules.signed_module import SignedModule
from toolkit.pl.interactions.graph import Interactions
from toolkit.text import group_required

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True)
class SignedPair:
    """A pair (H, K) of subgroups with K of index 1 or 2 in H, up to conjugacy.

    Parameters
    ----------
    subgroup
        The class of H.
    index
        [H : K]: 1 for a permutation module, 2 for one with signs.
    kernel
        The generators of K, as data.
    module
        The module: a permutation module for index 1, a signed module for index 2.

    Examples
    --------
    The sign character of S3 comes from the pair (S3, C3):

    >>> import toolkit as tk
    >>> pair = tk.signed_pairs(tk.group("S3"))[-1]
    >>> pair.index, pair.subgroup_order, pair.kernel_order, pair.module.degree
    (2, 6, 3, 1)
    """

    subgroup: SubgroupClass
    index: int
    kernel: tuple[object, ...]
    module: PermutationModule | SignedModule

    @property
    def subgroup_order(self) -> int:
        """|H|."""
        return self.subgroup.order

    @property
    def kernel_order(self) -> int:
        """|K|."""
        return self.subgroup.order // self.index


def signed_pairs(group: Group, max_index: int | None = None) -> tuple[SignedPair, ...]:
    """Return all pairs (H, K) up to conjugacy, in the order of the subgroup classes H.

    Parameters
    ----------
    group
        A group whose subgroups can be listed.
    max_index
        The largest index of H.

    Returns
    -------
    tuple of SignedPair
        For each H, the pairs of index 1, then those of index 2.

    Raises
    ------
    ModuleMismatchError
        If no group is given, or the index is not a positive integer.
    NotAvailable
        If there are too many subgroups to list.

    Examples
    --------
    >>> import toolkit as tk
    >>> [(p.subgroup.label, p.index) for p in signed_pairs(tk.group("C4"))]
    [('H1a', 1), ('H2a', 1), ('H2a', 2), ('H4a', 1), ('H4a', 2)]
    """
    _require_group(group)
    if max_index is not None:
        whole = isinstance(max_index, Integral) and not isinstance(max_index, bool)
        if not whole or max_index < 1:
            raise ModuleMismatchError(
                f"max_index must be a positive integer or None, not {max_index!r:.60}"
            )
        max_index = int(max_index)
    classes = group.subgroup_classes(max_index)
    if not classes.complete:
        raise NotAvailable(
            group.name, "its signed permutation modules", "it has too many subgroups to list them"
        )
    out = []
    for H in classes:
        own = tuple(H.generators)
        out.append(SignedPair(H, 1, own, group.coset_module(H)))
        out.extend(
            SignedPair(H, 2, K, signed_coset_module(group, H, K))
            for K in index_two_subgroups(group, H)
        )
    return tuple(out)


def is_admissible(pair: SignedPair, simples: Iterable[str]) -> bool:
    """Whether an input with these simples has weight vectors that belong to exactly (H, K).

    Parameters
    ----------
    pair
        (H, K).
    simples
        Labels of the simples that occur in the input, once or more.

    Raises
    ------
    ModuleMismatchError
        If the simples are not labels.

    Notes
    -----
    Exact; the text of this module proves the criterion.

    Examples
    --------
    >>> import toolkit as tk
    >>> G = tk.group("C4")
    >>> [is_admissible(p, {"L2"}) for p in signed_pairs(G)]     # the rotations of the plane
    [False, False, True, False, False]
    """
    wanted = _labels(simples)
    present = [label for label in pair.module.multiplicities if label in wanted]
    if not present:
        return False
    activation = "relu" if pair.index == 1 else "tanh"
    (criterion,) = Interactions(pair.module, activation).criterion(present, present[0])
    return (criterion.plus_order, criterion.minus_size) == (
        pair.kernel_order,
        pair.subgroup_order - pair.kernel_order,
    )


def admissible_pairs(
    V: Module | Iterable[str], group: Group | None = None
) -> tuple[SignedPair, ...]:
    """Return the pairs (H, K) to which the hidden neurons of a network on V can belong.

    Parameters
    ----------
    V
        The input: a module, or the labels of its simples.
    group
        The group; required if V is given by labels.

    Returns
    -------
    tuple of SignedPair
        The pairs, in the order of :func:`signed_pairs`.

    Raises
    ------
    ModuleMismatchError
        If the module belongs to another group, a label is unknown, or there are no labels.
    TypeError
        If V is given by labels and there is no group.
    NotAvailable
        If the group has too many subgroups to list.

    Examples
    --------
    >>> import toolkit as tk
    >>> [(p.subgroup.label, p.index) for p in admissible_pairs(tk.group("S3").natural_module())]
    [('H1a', 1), ('H2a', 1), ('H2a', 2), ('H6a', 1)]
    """
    if isinstance(V, Module):
        own = group_of_module(V)
        if group is not None and group != own:
            raise ModuleMismatchError(
                f"the input {V.name} is a module of {own.name}, but the group given is "
                f"{group!r:.60}: omit the group, or give a module of it"
            )
        group, simples = own, set(V.multiplicities)
    else:
        simples = _labels(V)
        if group is None:
            raise TypeError("admissible_pairs needs the group together with labels of simples")
        _require_group(group)
        unknown = simples - {s.label for s in group.simples}
        if unknown or not simples:
            known = ", ".join(s.label for s in group.simples[:40])
            raise ModuleMismatchError(
                f"labels of simples of {group.name} are required, one or more of {known}, found "
                f"{sorted(unknown, key=str)}"
            )
    return tuple(pair for pair in signed_pairs(group) if is_admissible(pair, simples))


def _require_group(group: object) -> None:
    if not isinstance(group, Group):
        raise ModuleMismatchError(group_required(group))


def _labels(simples: object) -> set[str]:
    """Return labels of simples as a set; one label stands for itself."""
    try:
        return {simples} if isinstance(simples, str) else set(cast("Iterable[str]", simples))
    except TypeError:  # not iterable, or of unhashable items
        raise ModuleMismatchError(
            f"the input must be a module or labels of simples, such as {{'L1'}}, not "
            f"{simples!r:.60}"
        ) from None
