"""How a known symmetry of the inputs moves the hidden layer of a trained network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from toolkit.errors import ModuleMismatchError
from toolkit.library.change_of_group import group_of_module
from toolkit.library.statistics.arrays import constant, floats
from toolkit.library.symmetry.found import Decision, FoundSymmetry
from toolkit.library.symmetry.hom_subspace import actions_of_words
from toolkit.library.symmetry.nearest_representation import MAX_WORK, nearest_representation
from toolkit.library.symmetry.numbers_given import plain_array, whole_number
from toolkit.modules.gsets.actions import schreier_forest
from toolkit.modules.module import require_module

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from toolkit.library.group import Group
    from toolkit.modules.module import Module

MAX_ORDER = 500
"""Largest order of a group for which a linear action is fitted, element by element."""
_DEAD = 1e-7  # neurons that vary by less than this part of the largest are constant
_RANK = 1e-6  # directions of the activations below this part of the largest are not there


@dataclass(frozen=True, eq=False)
class _Observed:
    """Activations, and those of transformed inputs."""

    layer: Callable[[Any], Any]
    inputs: Any

    def under(self, action: NDArray[Any]) -> NDArray[np.float64]:
        """Return ``(samples, neurons)`` the activations at inputs moved by images or a matrix."""
        if action.ndim == 1:
            moved = self.inputs[:, action]
        else:
            moved = self.inputs @ constant(np.ascontiguousarray(action.T), self.inputs)
        return self.values(moved)

    def values(self, inputs: Any) -> NDArray[np.float64]:  # noqa: ANN401 - array or tensor
        found = plain_array(self.layer(inputs), "the activations").astype(np.float64)
        if found.ndim != 2 or len(found) != len(self.inputs):
            raise ModuleMismatchError(
                f"a hidden layer must give (samples, neurons), {len(self.inputs)} samples, found "
                f"shape {found.shape}"
            )
        return found


def symmetry_of_hidden_layer(
    layer: Callable[[Any], Any],
    inputs: Any,  # noqa: ANN401 - array or tensor
    *,
    module: Module,
    draws: int = 19,
    seed: int = 0,
    threshold: float = 0.9,
) -> FoundSymmetry:
    r"""Return how a group that moves the inputs moves the neurons of a hidden layer.

    Parameters
    ----------
    layer
        A function from inputs to activations ``(samples, neurons)``: the first layers of a trained
        network, for arrays or for tensors, as the inputs are.
    inputs
        ``(samples, |X|)`` an array or a tensor.
    module
        X, the module by which the group acts on inputs.
    draws
        How many random transformations of the inputs stand for chance.
    seed
        Of these.
    threshold
        The share of the variance that an action must explain to be handed on as a module.

    Returns
    -------
    FoundSymmetry
        With the modules ``"permutation"`` and ``"linear"``, where the fits reach the threshold and
        obey the relations of the group, and ``"inputs"``. In ``facts``, for each generator:

        ``"permutations"``
            The permutation with h(g x)[i] = h(x)[image[i]] nearly, by linear assignment.
        ``"permutation_r2"``, ``"permutation_chance"``, ``"permutation_p"``
            The share of the variance of h(g x) that it explains; the mean share and the p-value
            among random permutations (for linear modules random rotations) of the inputs.
        ``"linear_r2"``, ``"linear_chance"``, ``"linear_p"``
            The same for h(g x) = A h(x), fitted to every other sample and judged by the rest.
        ``"representation_r2"``
            The same for the representation near to these A, if there is one.
        ``"neuron_r2"``
            For each neuron the least share under a generator that its permutation explains.
        ``"dead"``, ``"basis"``
            Neurons that do not vary, and the directions of the activations in which the linear
            module acts, ``(neurons, r)``.

    Raises
    ------
    ModuleMismatchError
        If the inputs do not fit the module, or the layer gives another form.

    Notes
    -----
    The linear fit is made for every element of the group, up to 500 elements; a representation
    is found by averaging over the group, see
    :func:`~toolkit.library.symmetry.nearest_representation.nearest_representation`. Where the rank
    of the activations is below the number of neurons, it acts on their span.

    Examples
    --------
    >>> import numpy as np, toolkit as tk
    >>> X = tk.group([[1, 2, 3, 0]]).natural_module()
    >>> W = np.array([np.roll([1.0, -0.5, 0.3, 0.2], i) for i in range(4)])
    >>> x = np.random.default_rng(0).normal(size=(200, 4))
    >>> found = symmetry_of_hidden_layer(lambda x: np.maximum(x @ W.T, 0), x, module=X)
    >>> found["permutation"].images.tolist(), found.facts["permutation_r2"]
    ([[1, 2, 3, 0]], [1.0])
    >>> found["linear"].multiplicities
    {'L0': 1, 'L1': 1, 'L2': 1}
    """
    require_module(module)
    draws, seed = whole_number(draws, "draws="), whole_number(seed, "seed=")
    group = group_of_module(module)
    given = floats(inputs, "the inputs")
    if given.ndim != 2 or given.shape[1] != module.degree or given.shape[0] < 4:
        raise ModuleMismatchError(
            f"inputs of {module.name} need shape (samples, {module.degree}), at least 4 samples, "
            f"found {tuple(given.shape)}"
        )
    observed = _Observed(layer, given)
    k = group.generator_count
    generators = list(actions_of_words(module, [(g,) for g in range(k)]))
    chance = np.random.default_rng(seed)
    still = observed.values(given)
    moved = [observed.under(action) for action in generators]
    random = [observed.under(_random_action(generators, module, chance)) for _ in range(draws)]
    spread = np.concatenate([still, *moved]).std(axis=0)
    alive = np.flatnonzero(spread > _DEAD * spread.max(initial=0.0))
    if not alive.size:
        raise ModuleMismatchError("the activations do not vary: every neuron is constant")
    facts: dict[str, Any] = {
        "dead": np.setdiff1d(np.arange(still.shape[1]), alive).tolist(),
        "threshold": threshold,
    }
    modules: dict[str, Module] = {}
    decisions: list[Decision] = []
    images, residual = _permutations(still, moved, random, alive, facts)
    _hand_on_permutations(group, images, facts, threshold, modules, decisions)
    _linear(observed, module, group, still, moved, random, alive, facts, modules, decisions)
    modules["inputs"] = module
    return FoundSymmetry(group, modules, tuple(decisions), residual, facts=facts)


def _random_action(
    generators: list[NDArray[Any]], module: Module, chance: np.random.Generator
) -> NDArray[Any]:
    n = module.degree
    if not generators or generators[0].ndim == 1:
        return chance.permutation(n)
    q, r = np.linalg.qr(chance.normal(size=(n, n)))
    return np.asarray(q * np.sign(np.diag(r)))


def _permutations(
    still: NDArray[np.float64],
    moved: list[NDArray[np.float64]],
    random: list[NDArray[np.float64]],
    alive: NDArray[np.intp],
    facts: dict[str, Any],
) -> tuple[NDArray[np.intp], float]:
    """Fit a permutation to each generator; return images and the largest difference."""
    images = np.tile(np.arange(still.shape[1]), (len(moved), 1))
    shares, residual, own = [], 0.0, np.ones(still.shape[1])
    for g, after in enumerate(moved):
        best = _assigned(still[:, alive], after[:, alive])
        images[g, alive] = alive[best]
        left = after - still[:, images[g]]
        shares.append(_explained(after, left))
        residual = max(residual, float(np.abs(left).max()))
        total = ((after - after.mean(axis=0)) ** 2).sum(axis=0)
        rest = (left**2).sum(axis=0)
        own = np.minimum(own, 1 - np.divide(rest, total, out=np.zeros_like(rest), where=total > 0))
    by_chance = []
    for after in random:
        best = _assigned(still[:, alive], after[:, alive])
        by_chance.append(_explained(after[:, alive], after[:, alive] - still[:, alive[best]]))
    facts["permutations"] = images.tolist()
    facts["neuron_r2"] = own.tolist()
    _against_chance("permutation", shares, by_chance, facts)
    return images, residual


def _assigned(still: NDArray[np.float64], after: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return the image j for each i that makes ``after[:, i]`` nearest to ``still[:, j]``."""
    from scipy.optimize import linear_sum_assignment

    squares = (after**2).sum(axis=0)[:, None] + (still**2).sum(axis=0)[None]
    columns: NDArray[np.intp] = linear_sum_assignment(squares - 2 * after.T @ still)[1]
    return columns


def _explained(after: NDArray[np.float64], left: NDArray[np.float64]) -> float:
    total = float(((after - after.mean(axis=0)) ** 2).sum())
    return 1.0 - float((left**2).sum()) / total if total else 1.0


def _against_chance(
    what: str, shares: list[float], by_chance: list[float], facts: dict[str, Any]
) -> None:
    facts[f"{what}_r2"] = shares
    facts[f"{what}_chance"] = float(np.mean(by_chance)) if by_chance else None
    count = len(by_chance) + 1
    facts[f"{what}_p"] = [
        (1 + sum(other >= own - 1e-12 for other in by_chance)) / count for own in shares
    ]


def _hand_on_permutations(
    group: Group,
    images: NDArray[np.intp],
    facts: dict[str, Any],
    threshold: float,
    modules: dict[str, Module],
    decisions: list[Decision],
) -> None:
    least = min(facts["permutation_r2"], default=1.0)
    compared = ""
    if facts["permutation_chance"] is not None:
        compared = f"; random transformations {facts['permutation_chance']:.4f} on average"
    if least < threshold:
        detail = (
            f"none returned: the worst generator explains {least:.4f} of the variance, less than "
            f"{threshold:g}{compared}"
        )
        decisions.append(Decision("the permutation of neurons", "fit", detail))
        return
    try:
        modules["permutation"] = group.module_from_images(images, name="neurons")
    except ModuleMismatchError as error:
        detail = f"none returned: the best permutations are not an action ({error})"
        decisions.append(Decision("the permutation of neurons", "fit", detail))
        return
    detail = f"linear assignment; explains at least {least:.4f} of the variance{compared}"
    decisions.append(Decision("the permutation of neurons", "fit", detail))


def _linear(
    observed: _Observed,
    module: Module,
    group: Group,
    still: NDArray[np.float64],
    moved: list[NDArray[np.float64]],
    random: list[NDArray[np.float64]],
    alive: NDArray[np.intp],
    facts: dict[str, Any],
    modules: dict[str, Module],
    decisions: list[Decision],
) -> None:
    """Fit a linear action; hand it on if a representation near by fits."""
    what = "the linear action on activations"
    everything = np.concatenate([still, *moved])[:, alive]
    sizes, axes = np.linalg.svd(everything, full_matrices=False)[1:]
    rank = int((sizes > _RANK * sizes[0]).sum())
    basis = np.zeros((still.shape[1], rank))
    basis[alive] = np.eye(rank) if rank == alive.size else axes[:rank].T
    facts["basis"] = basis.tolist()
    fit, judge = slice(0, None, 2), slice(1, None, 2)
    before = still @ basis
    if len(before[fit]) < 2 * rank:
        detail = f"none fitted: {rank} directions need {4 * rank} samples, found {len(before)}"
        decisions.append(Decision(what, "fit", detail))
        return

    def fitted(after: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
        target = after @ basis
        action = np.linalg.lstsq(before[fit], target[fit], rcond=None)[0].T
        left = target[judge] - before[judge] @ action.T
        return np.asarray(action, dtype=np.float64), _explained(target[judge], left)

    own = [fitted(after) for after in moved]
    _against_chance("linear", [share for _, share in own], [fitted(x)[1] for x in random], facts)
    order = group.order
    if order > MAX_ORDER or order**2 * rank**3 > MAX_WORK:
        detail = (
            f"fitted for the generators only: {order:,} elements on {rank} directions are out of "
            f"reach"
        )
        decisions.append(Decision(what, "fit", detail))
        return
    words, products = _elements(group)
    actions = [
        np.eye(rank)[None],
        *(fitted(observed.under(a))[0][None] for a in actions_of_words(module, words[1:])),
    ]
    near = nearest_representation(np.concatenate(actions), products)
    if near is None:
        least = min(facts["linear_r2"], default=1.0)
        detail = (
            f"none returned: there is no representation nearby; least squares explain {least:.4f} "
            "of the variance for the worst generator"
        )
        decisions.append(Decision(what, "fit", detail))
        return
    numbers = actions_of_words(group.regular_module(), [(g,) for g in range(len(moved))])[:, 0]
    chosen = [near.matrices[i] for i in numbers]
    shares = []
    for action, after in zip(chosen, moved, strict=True):
        target = (after @ basis)[judge]
        shares.append(_explained(target, target - before[judge] @ action.T))
    facts["representation_r2"] = shares
    least = min(shares, default=1.0)
    if least < facts["threshold"]:
        detail = (
            f"none returned: the nearest representation explains {least:.4f} of the variance for "
            f"the worst generator, less than {facts['threshold']:g}"
        )
        decisions.append(Decision(what, "fit", detail))
        return
    matrices = np.array(chosen).reshape(len(chosen), rank, rank)
    modules["linear"] = group.linear_module(matrices, name="activations")
    detail = (
        f"least squares, then the nearest representation: explains at least {least:.4f} of the "
        "variance of samples that were not fitted; random transformations "
        f"{facts['linear_chance'] or 0.0:.4f} on average; {rank} directions of {still.shape[1]} "
        "neurons"
    )
    decisions.append(Decision(what, "fit", detail))


def _elements(group: Group) -> tuple[list[tuple[int, ...]], NDArray[np.intp]]:
    """Return words for all elements, the identity first, and the numbers of their products."""
    regular = group.regular_module()
    forest = schreier_forest(regular.images)
    words = [tuple(forest.word(point)) for point in range(regular.degree)]
    products = actions_of_words(regular, words).T  # point h goes to h g under g
    return words, np.ascontiguousarray(products)
