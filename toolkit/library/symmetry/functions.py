"""Functions given as data: which subgroups of a proposed group they are equivariant under."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from toolkit.errors import ModuleMismatchError, NotAvailable
from toolkit.library.change_of_group import group_of_module
from toolkit.library.modules.element_matrices import words_of_elements
from toolkit.library.modules.elements import element_images
from toolkit.library.symmetry.averaging import orbit_labels
from toolkit.library.symmetry.design import Design, design_of
from toolkit.library.symmetry.equivariance_tests import EquivarianceReport, SubgroupTest
from toolkit.library.symmetry.hom_subspace import (
    actions_of_words,
    hom_subspace,
    squares_of_actions,
)
from toolkit.library.symmetry.numbers_given import plain_array, whole_number
from toolkit.library.symmetry.relabelings import Relabeled, all_relabelings, parts_of
from toolkit.modules.module import require_module, require_same_group

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from toolkit.library.group import Group
    from toolkit.modules.module import Module
    from toolkit.modules.permutation_module import PermutationModule

MAX_SUBGROUPS = 400
"""Most subgroups that are tested, conjugates among them."""
MAX_ORDER = 5_000
"""Largest order of a group whose subgroups are tested."""
COMMON = 0.99
"""Least share of what all relabelings keep that is called a symmetry under all of them."""
_ROUNDING = 1e-12  # a share of the variance that is rounding
_RANK = 1e-9  # directions of equivariant coefficients below this part of the largest are not there


def symmetry_of_function(
    inputs: ArrayLike | Any,  # noqa: ANN401 - also a tensor
    outputs: ArrayLike | Any,  # noqa: ANN401 - also a tensor
    *,
    modules: tuple[Module, Module],
    level: float = 0.05,
    contradiction: float = 0.001,
    draws: int = 199,
    seed: int = 0,
    degree: int = 1,
    max_index: int | None = None,
) -> EquivarianceReport:
    r"""Test under which subgroups of a group a function, known by samples, is equivariant.

    Parameters
    ----------
    inputs, outputs
        ``(samples, |X|)`` and ``(samples, |Y|)`` real numbers: x and y = f(x), with noise or
        without.
    modules
        X and Y, modules of the proposed group.
    level
        The share of data sets without symmetry of which some subgroup may be called a symmetry.
    contradiction
        A subgroup is not called a symmetry if its ``p_contradiction`` is at most this.
    draws
        How many random rotations stand for chance.
    seed
        Of the rotations.
    degree
        1 for linear functions, 2 for polynomials of degree 2 in the coordinates: what the data
        are fitted with. Even functions have no linear part.
    max_index
        Subgroups of larger index are not tested.

    Returns
    -------
    EquivarianceReport
        A test for each subgroup but the trivial one, and the largest subgroup that the data show
        and do not contradict.

    Raises
    ------
    ModuleMismatchError
        If the samples do not fit the modules, or there are fewer than three.
    NotAvailable
        If the group has more than 5,000 elements or 400 classes of subgroups, or matrices from X
        to Y have more than 4,096 entries.

    Notes
    -----
    Means are subtracted, and least squares gives B, the coefficients of y by an orthonormal basis
    of the fitted functions of x. For each subgroup H the H-equivariant functions are a subspace of
    dimension d of the N coefficients, and its share of \|B\|^2 is the equivariant share of the
    variance that the fit explains.

    *Chance.* What every relabeling of the points of an orbit keeps (a multiple of the identity,
    maps to and from means) every group of permutations keeps: ``report.common`` is its share, and
    it says nothing about one group. A subgroup is judged by its share of the rest. If the rest had
    no direction of its own, that share has a Beta distribution: an exact F-test, ``p_isotropic``.
    Real maps have structure without having a symmetry, therefore ``p_value`` compares the share
    with those of random maps of five kinds, and the largest p-value counts: U B V for random
    orthogonal U and V; the weights in the given coordinates of x, rotated by U and V that keep
    means; and, where inputs and outputs are labeled in the same way, weights with the same gains
    diag(a), row and column means and symmetric and antisymmetric parts in other directions (gains
    and means rotated, or permuted), and U W U^T. The smallest Beta tail of all subgroups is
    compared with those of the same random maps (Westfall and Young), so that ``p_adjusted`` is at
    most ``level`` for some subgroup in at most this share of data sets, if their distribution is
    that of one of these kinds. For polynomials of degree 2 the products are only rotated. If all
    relabelings together keep 0.99 of what is explained, all subgroups are called symmetries.

    *Contradiction.* If the function is H-equivariant and the noise is normal with one variance,
    what the equivariant fit leaves has an F distribution: ``p_contradiction`` is small where the
    data contradict H. It is ``None`` where there are not enough samples to tell noise from
    function.

    A subgroup is called a symmetry if ``p_adjusted <= level`` and ``p_contradiction >
    contradiction`` (or there is none). All conjugates are tested, as each is a symmetry of its
    own, as long as there are at most 400 subgroups; what is left out is said. Constants are left
    aside: a function that is equivariant up to a constant counts.

    Examples
    --------
    >>> import numpy as np, toolkit as tk
    >>> X = tk.group([[1, 2, 3, 4, 5, 0]]).natural_module()
    >>> chance = np.random.default_rng(0)
    >>> x, w = chance.normal(size=(200, 6)), chance.normal(size=6)
    >>> circulant = np.array([np.roll(w, i) for i in range(6)])
    >>> y = x @ circulant.T + 0.1 * chance.normal(size=(200, 6))
    >>> report = symmetry_of_function(x, y, modules=(X, X))
    >>> report.order, round(report.best.share, 3), round(report.best.expected, 3)
    (6, 1.0, 0.167)
    """
    if not isinstance(modules, tuple | list) or len(modules) != 2:
        raise ModuleMismatchError(
            f"modules= must be a pair, the module of the inputs and that of the outputs, found "
            f"{modules!r:.60}: give modules=(X, Y)"
        )
    X, Y = modules
    require_module(X)
    require_module(Y)
    require_same_group(X, Y)
    group = group_of_module(X)
    if degree not in (1, 2):
        raise ModuleMismatchError(f"degree must be 1 or 2, found {degree!r:.40}")
    if not 0 < level < 1:
        raise ModuleMismatchError(f"level must be between 0 and 1, found {level!r:.40}")
    if not isinstance(draws, int) or draws < 1 / level - 1:
        raise ModuleMismatchError(
            f"p-values as small as level={level:g} need at least {int(np.ceil(1 / level)) - 1} "
            f"draws, found {draws!r:.40}"
        )
    x = _of_size_one(_samples(inputs, X, "inputs"))
    y = _of_size_one(_samples(outputs, Y, "outputs"))
    if len(x) != len(y) or len(x) < 3:
        raise ModuleMismatchError(
            "at least three samples of x and the same number of samples of y are "
            f"required, found {len(x)} and {len(y)}"
        )
    seed = whole_number(seed, "seed=")
    design = design_of(x, y, degree)
    subgroups, untested = _subgroups(group, max_index)
    N = design.coefficients.size
    chance = np.random.default_rng(seed)
    sources, targets = (parts_of(M, group.generator_count) for M in (X, Y))
    everything = _subspace(design, *all_relabelings(sources, targets))
    flat = design.coefficients.reshape(1, -1)
    common = float(_shares(everything, flat)[0])
    specific = flat - (flat @ everything.T) @ everything
    kinds = replace(design, coefficients=specific.reshape(design.coefficients.shape)).random_maps(
        Relabeled(sources, targets), X.degree, draws, chance
    )
    stack = np.concatenate([specific, *(one.reshape(draws, -1) for one in kinds)])
    stack -= (stack @ everything.T) @ everything
    if common > 1 - _ROUNDING:
        stack[0] = 0.0
    dimensions, shares_of_all, columns = [], [], []
    for *_, words in subgroups:
        space = _subspace(design, actions_of_words(X, words), actions_of_words(Y, words))
        dimensions.append(len(space))
        shares_of_all.append(float(_shares(space, flat)[0]))
        columns.append(_shares(space, stack))
    shares = np.stack(columns, axis=1)  # the data, then each kind of chance
    left = np.array(dimensions) - len(everything)
    tails = _beta_tails(shares, left, N - len(everything))
    p_values, adjusted = _p_values(tails, draws)
    p_common = 1.0
    if 0 < len(everything) < N:
        p_common = float(
            _beta_tails(np.array([[common]]), np.array([len(everything)]), N)[0, 0]
        )  # fmt: skip
    if common >= COMMON and p_common <= level:  # all groups keep nearly all of it
        p_values, adjusted = np.minimum(p_values, p_common), np.minimum(adjusted, p_common)
    tests = []
    for i, (label, order, index, words) in enumerate(subgroups):
        d, share = dimensions[i], shares_of_all[i]
        tests.append(
            SubgroupTest(
                label=label,
                order=order,
                index=index,
                words=tuple(words),
                dimension=d,
                share=share,
                expected=d / N if N else 0.0,
                specific=float(shares[0, i]),
                p_isotropic=float(tails[0, i]),
                p_value=float(p_values[i]),
                p_adjusted=float(adjusted[i]),
                p_contradiction=design.p_contradiction(share, d),
            )
        )
    return EquivarianceReport(
        tests=tuple(tests),
        proposed=(X, Y),
        level=level,
        contradiction=contradiction,
        explained=design.explained,
        draws=draws,
        degree=degree,
        untested=untested,
        common=common,
    )


def _samples(data: Any, X: Module, what: str) -> NDArray[np.float64]:  # noqa: ANN401
    values = plain_array(data, f"the {what}").astype(np.float64)
    if values.ndim == 1 and X.degree == 1:
        values = values[:, None]
    if values.ndim != 2 or values.shape[1] != X.degree:
        raise ModuleMismatchError(
            f"{what} of {X.name} need shape (samples, {X.degree}), found {values.shape}"
        )
    return values


def _of_size_one(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the numbers times a power of two, so that squares are within the range of floats."""
    exponent = int(np.frexp(np.abs(values).max(initial=0.0))[1])
    half = exponent // 2  # a factor beyond the range of floats is applied in two steps
    out: NDArray[np.float64] = np.ldexp(np.ldexp(values, -half), half - exponent)
    return out


def _subgroups(
    group: Group, max_index: int | None
) -> tuple[list[tuple[str, int, int, list[tuple[int, ...]]]], str | None]:
    """Return label, order, index and generators as words of the subgroups to test.

    With a sentence about those that are left out.
    """
    if group.order > MAX_ORDER:
        raise NotAvailable(
            group.title,
            "a test of all subgroups",
            f"it has {group.order:,} elements, more than {MAX_ORDER:,}",
        )
    classes = [c for c in group.subgroup_classes(max_index) if c.order > 1]
    if not classes:
        raise ModuleMismatchError(
            f"{group.title} has no subgroup but the trivial one to test"
            + ("" if max_index is None else f" of index at most {max_index}")
        )
    out, left_out = [], []
    budget = MAX_SUBGROUPS - len(classes)
    if budget < 0:
        raise NotAvailable(
            group.title,
            "a test of all classes of subgroups",
            f"there are {len(classes):,}, more than {MAX_SUBGROUPS}: give max_index",
        )
    regular = group.regular_module()
    for one in classes:
        words = [tuple(word) for word in words_of_elements(group, one.generators)]
        length = one.length
        found = [words]
        if length - 1 <= budget:
            budget -= length - 1
            found = _conjugates(regular, words, length)
        else:
            left_out.append(one.label)
        for k, own in enumerate(found):
            label = one.label if not k else f"{one.label}/{k}"
            out.append((label, one.order, one.index, own))
    untested = None
    if left_out:
        untested = (
            f"of {', '.join(left_out)} only the representatives were tested: with their conjugates "
            f"there are more than {MAX_SUBGROUPS} subgroups"
        )
    return out, untested


def _conjugates(
    regular: PermutationModule, words: list[tuple[int, ...]], length: int
) -> list[list[tuple[int, ...]]]:
    """Return words for the generators of all conjugates of a subgroup, itself first."""

    def elements(own: list[tuple[int, ...]]) -> bytes:
        images = element_images(regular, [{"word": list(word)} for word in own])
        labels = orbit_labels(list(images), regular.degree)
        return bytes(np.packbits(labels == labels[0]).tobytes())  # point 0 is the identity

    out, seen = [words], {elements(words)}
    for own in out:
        for g in range(len(regular.images)):
            if len(out) == length:
                return out
            moved = [(~g, *word, g) for word in own]
            key = elements(moved)
            if key not in seen:
                seen.add(key)
                out.append(moved)
    return out


def _subspace(design: Design, source: NDArray[Any], target: NDArray[Any]) -> NDArray[np.float64]:
    """Return ``(d, N)`` an orthonormal basis of the equivariant coefficients."""
    blocks, offset = [], 0
    for actions in (source,) if design.degree == 1 else (source, squares_of_actions(source)):
        maps = hom_subspace(actions, target)
        own = design.loadings[offset : offset + actions.shape[1]]
        blocks.append(np.einsum("dyf,fr->dyr", maps, own).reshape(len(maps), -1))
        offset += actions.shape[1]
    flat = np.concatenate(blocks)
    if not flat.size:
        return np.empty((0, design.coefficients.size))
    _, sizes, axes = np.linalg.svd(flat, full_matrices=False)
    rank = int((sizes > _RANK * max(float(sizes.max(initial=0.0)), 1e-300)).sum())
    return np.ascontiguousarray(axes[:rank])


def _shares(space: NDArray[np.float64], stack: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the share of each row's sum of squares that lies in a subspace."""
    totals = (stack**2).sum(axis=1)
    inside = ((stack @ space.T) ** 2).sum(axis=1)
    out: NDArray[np.float64] = np.zeros(len(stack))
    np.divide(inside, totals, out=out, where=totals > 0)
    return out


def _beta_tails(
    shares: NDArray[np.float64], dimensions: NDArray[np.intp], N: int
) -> NDArray[np.float64]:
    """Return the chance of at least these shares for isotropic normal coefficients."""
    from scipy.special import betainc

    out = np.ones(shares.shape)
    for i, d in enumerate(dimensions.tolist()):
        if 0 < d < N:
            rest = np.clip(1.0 - shares[:, i], _ROUNDING, 1.0)
            out[:, i] = betainc((N - d) / 2, d / 2, rest)
    return out


def _p_values(
    tails: NDArray[np.float64], draws: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the p-value of each subgroup, and those adjusted for the smallest of all.

    The data are one of the draws. Of all kinds of chance the largest p-value counts.
    """
    single, adjusted = np.zeros((2, tails.shape[1]))
    for start in range(1, len(tails), draws):
        table = np.concatenate([tails[:1], tails[start : start + draws]])
        slack = 1.0 + 1e-9
        single = np.maximum(single, (table <= slack * tails[0]).mean(axis=0))
        least = table.min(axis=1)
        adjusted = np.maximum(adjusted, (least[:, None] <= slack * tails[0]).mean(axis=0))
    return single, adjusted
