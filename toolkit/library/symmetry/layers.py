"""Pairs of permutations of the rows and the columns of a weight matrix that keep it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from toolkit.groups.graphs.matrices import read_matrix
from toolkit.groups.specs.base import data_refusal
from toolkit.library.drawings import permutations_of, symmetries_of
from toolkit.library.group import Group
from toolkit.library.session import Session, session_or_default
from toolkit.library.symmetry.averaging import average_of_matrix, average_of_numbers, orbit_labels
from toolkit.library.symmetry.coincidences import chance_bound, coincidence
from toolkit.library.symmetry.found import Decision, FoundSymmetry
from toolkit.library.symmetry.matrices import order_of_images
from toolkit.library.symmetry.numbers_given import (
    is_exact,
    plain_array,
    tolerance_of,
    whole_number,
)
from toolkit.library.symmetry.resolution import Resolution, resolution_of, type_of
from toolkit.library.symmetry.trade_off import (
    KEPT,
    TradeOff,
    TradeOffRow,
    searched_trade_off,
)
from toolkit.library.symmetry.within_tolerance import MAX_POINTS, permutations_within

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

_WHAT = "this layer"


def symmetry_of_layer(
    weight: ArrayLike | Any,  # noqa: ANN401 - also a tensor or a layer
    *,
    bias: ArrayLike | Any | None = None,  # noqa: ANN401 - also a tensor
    tol: float | None = None,
    shuffles: int = 0,
    seed: int = 0,
    name: str | None = None,
    session: Session | None = None,
) -> FoundSymmetry:
    """Return the pairs of permutations of outputs and inputs that keep a layer's weights.

    Parameters
    ----------
    weight
        ``(outputs, inputs)`` real numbers, or a layer with attributes ``weight`` and ``bias``,
        such as ``torch.nn.Linear``. An equivariant layer of the toolkit stands for its dense
        matrix, whose rows and columns are points and, within each, channels.
    bias
        ``(outputs,)`` a bias that must be kept as well; that of a layer is.
    tol
        Weights that differ by at most this much may be identified. By default 0 for integers and
        fractions; for floats the longest plateau of the trade-off, see
        :func:`~toolkit.library.symmetry.trade_off.longest_plateau`.
    shuffles
        How often the weights are put in random order to see whether the order of the group arises
        by chance: ``facts["p_value"]``.
    seed
        Of the shuffles.
    name
        The group's name, for display.
    session
        As in :func:`toolkit.group`.

    Returns
    -------
    FoundSymmetry
        With the modules ``"outputs"`` and ``"inputs"`` of one group: generator g takes output i
        and input j to i^g and j^g with W[i^g, j^g] = W[i, j]; in matrices P W Q = W. ``averaged``
        is the nearest weight that all pairs keep. For floats ``trade_off`` has the order for
        rising tolerances; :func:`toolkit.figures.draw_trade_off` draws it.

    Raises
    ------
    NamingError
        If it is no matrix of finite numbers, or has more than 1,024 rows and columns together and
        floats.

    Notes
    -----
    Tolerances are compared with the spread of the weights about their mean, so that of weights
    which are all nearly equal nothing is found unless ``tol`` is given. Exact weights: the
    automorphisms of a bipartite graph, by igraph (bliss). Floats: for each tolerance a search for
    pairs that keep each weight within it, see
    :func:`~toolkit.library.symmetry.within_tolerance.permutations_within`.

    Examples
    --------
    >>> import numpy as np
    >>> found = symmetry_of_layer([[1, 2, 3], [3, 1, 2]])
    >>> found.order, found["outputs"].degree, found["inputs"].degree
    (1, 2, 3)
    >>> noisy = np.array([[1, 2, 3], [3, 1, 2], [2, 3, 1]]) + 1e-3 * np.eye(3)
    >>> found = symmetry_of_layer(noisy)
    >>> found.order, found.residual < 1e-3
    (3, True)
    """
    if hasattr(weight, "to_dense") and hasattr(weight, "weight"):
        weight = weight.to_dense()  # an equivariant layer: points times channels
    if hasattr(weight, "weight"):
        bias = getattr(weight, "bias", None) if bias is None else bias
        weight = weight.weight
    W = plain_array(weight, _WHAT)
    if W.ndim != 2 or 0 in W.shape:
        raise data_refusal(
            _WHAT, f"its weight must be a matrix (outputs, inputs), found shape {W.shape}"
        )
    m = len(W)
    b = np.zeros(m, dtype=np.int64) if bias is None else plain_array(bias, _WHAT)
    if b.shape != (m,):
        raise data_refusal(_WHAT, f"a bias needs shape ({m},), found {b.shape}")
    tol = tolerance_of(tol, _WHAT)
    shuffles, seed = whole_number(shuffles, "shuffles="), whole_number(seed, "seed=")
    used = session_or_default(session)
    exact = is_exact(W) and is_exact(b)
    if (exact and not tol) or tol == 0:
        images, order = _exact(W, b, used)
        detail = "integers or fractions" if exact else "floats were compared exactly"
        decisions: tuple[Decision, ...] = (
            Decision("which weights are equal", "exact", detail),
            Decision("the group", "exact", "all pairs of permutations, by igraph or digraphs"),
        )
        row = _row(W.astype(np.float64), b.astype(np.float64), images, 0.0, order)
        p_value = None
        if shuffles:

            def order_of(own: NDArray[Any]) -> int | None:
                return _exact(own, b, used)[1]

            p_value, compared = _chance(W, row, order_of, shuffles, seed)
            decisions = (*decisions, compared)
        return _found(W, images, row, decisions, None, name, used, p_value)
    weights, biases = W.astype(np.float64), b.astype(np.float64)
    if sum(W.shape) > MAX_POINTS:
        raise data_refusal(
            _WHAT,
            f"weights that are floats are searched for up to {MAX_POINTS:,} rows and columns "
            f"together, found {sum(W.shape):,}",
            "give tol=0 or round the weights to integers",
        )
    if tol is not None:
        row, images = within(weights, biases, float(tol), used)
        how = Decision("which weights are equal", "tolerance", f"tol={tol:g}, as given")
        return _searched(W, row, images, (how,), None, shuffles, seed, name, used, biases)
    known = resolution_of(weights, type_of(weight))
    images_of: list[NDArray[np.intp]] = []

    def chance(i: int) -> float:
        return chance_of_coincidence(weights, biases, images_of[i], rows[i].order, known)

    rows: list[TradeOffRow] = []

    def tried(t: float) -> tuple[TradeOffRow, NDArray[np.intp]]:
        row, images = within(weights, biases, t, used)
        rows.append(row)
        images_of.append(images)
        return row, images

    least = max(known.rounding, known.step if known.is_given else 0.0)
    trade_off, found_images, reason = searched_trade_off(weights, tried, least, chance)
    chosen = 0 if trade_off.chosen is None else trade_off.chosen
    detail = reason[1] if reason else (
        "no group above order 1 stays the same over a factor of 3 without being due to chance"
    )  # fmt: skip
    detail += _hint(trade_off, chosen)
    how = Decision("which weights are equal", "tolerance" if reason else "rounding", detail)
    row = trade_off.rows[chosen]
    args = (trade_off, shuffles, seed, name, used, biases)
    return _searched(W, row, found_images[chosen], (how,), *args)


def _hint(trade_off: TradeOff, chosen: int) -> str:
    least = trade_off.rows[chosen].order or 1
    larger = [r for r in trade_off.rows if (r.order or 1) > least and r.kept >= KEPT]
    if not larger:
        return ""
    return f"; at tol={larger[0].tol:.3g} the order would be {larger[0].order}"


def chance_of_coincidence(
    weights: NDArray[np.float64],
    biases: NDArray[np.float64],
    images: NDArray[np.intp],
    order: int | None,
    known: Resolution,
) -> float:
    """Return a bound on the chance that weights without a symmetry have a group.

    See :func:`~toolkit.library.symmetry.coincidences.chance_bound`.
    """
    m, n = weights.shape
    rows, columns = images[:, :m], images[:, m:] - m
    pairs = [(r[:, None] * n + c[None]).reshape(-1) for r, c in zip(rows, columns, strict=True)]
    found = [
        coincidence(weights.reshape(-1), orbit_labels(pairs, m * n), known.rounding),
        coincidence(biases, orbit_labels(list(rows), m), known.rounding),
    ]
    log_count = math.lgamma(m + 1) + math.lgamma(n + 1) - math.log(order or 1)
    return chance_bound(found, log_count, max(known.rounding, known.step))


def within(
    weights: NDArray[np.float64], biases: NDArray[np.float64], tol: float, session: Session
) -> tuple[TradeOffRow, NDArray[np.intp]]:
    """Return the group of pairs within a tolerance, and images of outputs, then inputs."""
    m, n = weights.shape
    block = np.zeros((m + n, m + n))
    block[:m, m:] = weights
    block[m:, :m] = weights.T
    block[range(m), range(m)] = biases
    near = permutations_within(block, tol, np.repeat([0, 1], [m, n]))
    images = near.images
    order: int | None = near.chain_order
    if not near.is_complete:
        order = None
    elif not near.is_group:
        order = order_of_images(images, session)
    return _row(weights, biases, images, tol, order), images


def _row(
    weights: NDArray[np.float64],
    biases: NDArray[np.float64],
    images: NDArray[np.intp],
    tol: float,
    order: int | None,
) -> TradeOffRow:
    m = len(weights)
    rows, columns = images[:, :m], images[:, m:] - m
    mean = average_of_matrix(weights, rows, columns)
    shift = average_of_numbers(biases, orbit_labels(list(rows), m))
    generators = tuple(map(tuple, images.tolist())) if len(images) else ()
    return TradeOffRow(
        tol, order, max(mean.residual, shift.residual), min(mean.kept, shift.kept), generators
    )


def _exact(W: NDArray[Any], b: NDArray[Any], session: Session) -> tuple[NDArray[np.intp], int]:
    """Return the images of outputs, then inputs, under generators, and the order."""
    m, n = W.shape
    _, classes = np.unique(W.reshape(-1), return_inverse=True)
    _, marks = np.unique(b, return_inverse=True)
    block = np.zeros((m + n, m + n), dtype=np.int64)
    block[:m, m:] = classes.reshape(m, n) + 1
    colors = np.concatenate([marks.reshape(-1) + 1, np.zeros(n, dtype=np.intp)])
    found = symmetries_of(read_matrix(block, 0.0, colors.astype(np.intp)).relation, session)
    return found.images, found.order


def _searched(
    W: NDArray[Any],
    row: TradeOffRow,
    images: NDArray[np.intp],
    decisions: tuple[Decision, ...],
    trade_off: TradeOff | None,
    shuffles: int,
    seed: int,
    name: str | None,
    session: Session,
    biases: NDArray[np.float64],
) -> FoundSymmetry:
    detail = f"pairs that keep each weight within tol={row.tol:.3g} were sought"
    if row.order is None:
        detail += "; the search ended early, so there may be more"
    more = [Decision("the group", "tolerance", detail)]
    p_value = None
    if shuffles:
        weights = W.astype(np.float64)

        def order_of(own: NDArray[Any]) -> int | None:
            return within(own, biases, row.tol, session)[0].order

        p_value, chance = _chance(weights, row, order_of, shuffles, seed)
        more.append(chance)
    return _found(W, images, row, (*decisions, *more), trade_off, name, session, p_value)


def _chance(
    weights: NDArray[Any],
    row: TradeOffRow,
    order_of: Callable[[NDArray[Any]], int | None],
    shuffles: int,
    seed: int,
) -> tuple[float, Decision]:
    """Return how often weights in random order have a group as large: a p-value.

    It is exact if all orders of the weights were equally likely and the tolerance did not depend
    on them.
    """
    p_value = 1.0
    if row.order is not None:
        chance = np.random.default_rng(seed)
        at_least = 1
        for _ in range(shuffles):
            order = order_of(chance.permutation(weights.reshape(-1)).reshape(weights.shape))
            at_least += order is None or order >= row.order
        p_value = at_least / (shuffles + 1)
    detail = (
        f"of {shuffles} random orders of the weights, and the order found, the share "
        f"{p_value:.3g} has a group at least as large at this tolerance"
    )
    return p_value, Decision("whether the group arises by chance", "chance", detail)


def _found(
    W: NDArray[Any],
    images: NDArray[np.intp],
    row: TradeOffRow,
    decisions: tuple[Decision, ...],
    trade_off: TradeOff | None,
    name: str | None,
    session: Session,
    p_value: float | None = None,
) -> FoundSymmetry:
    m, n = W.shape
    if not len(images):
        images = np.arange(m + n)[None]
    spec = permutations_of(images)
    group = Group(spec, session, title=name, known_order=row.order)
    rows, columns = images[:, :m], images[:, m:] - m
    modules = {
        "outputs": group.module_from_images(rows, name="outputs"),
        "inputs": group.module_from_images(columns, name="inputs"),
    }
    mean = average_of_matrix(W.astype(np.float64), rows, columns)
    exact = all(one.how in ("exact", "chance") for one in decisions)
    facts: dict[str, Any] = {"variance_kept": row.kept, "spread": mean.spread}
    if p_value is not None:
        facts["p_value"] = p_value
    residual = 0.0 if exact else row.residual
    return FoundSymmetry(
        group, dict(modules), decisions, residual, row.tol, mean.values, trade_off, facts
    )
