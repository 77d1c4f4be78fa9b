"""The loss of a network with one hidden layer on the product of a group, from its tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from toolkit.errors import ModuleMismatchError
from toolkit.interpret.tasks.elements import multiplication_table, points_of_rows
from toolkit.interpret.tasks.sites import host_array
from toolkit.pl.activations.activation import find_activation

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import ArrayLike

    from toolkit.library.group import Group

#: Rows of x that are evaluated together, times |G| and neurons.
_ENTRIES = 1 << 23


def product_loss(
    G: Group,
    activation: object = "relu",
    *,
    bias: ArrayLike | None = None,
    output_bias: ArrayLike | None = None,
    table: ArrayLike | None = None,
    elements: ArrayLike | None = None,
) -> Callable[[Mapping[str, ArrayLike]], float]:
    """Return the loss of a network with one hidden layer that learns x y, as a function.

    The network adds the embeddings of x and y, applies the activation, and computes the logits of
    the product: ``logits[z] = output[z] @ f(left[x] + right[y] + bias) + output_bias[z]``.

    Parameters
    ----------
    G
        A group of order up to 2,048.
    activation
        A name, or whatever :func:`toolkit.interaction_graph` takes.
    bias
        ``(N,)`` the biases of the neurons.
    output_bias
        ``(|G|,)`` the biases of the logits.
    table, elements
        The multiplication table in the order of the rows, or the elements as permutations of the
        natural points, if that differs from the order of ``G.regular_module()``; as for
        :func:`toolkit.interpret.group_task_report`.

    Returns
    -------
    callable
        It maps a mapping of the tables ``"left"``, ``"right"`` and ``"output"``, each ``(|G|, N)``,
        to the mean cross-entropy over all pairs, in float64.
        :func:`toolkit.interpret.ablate_simples` takes it as ``loss``.

    Raises
    ------
    ModuleMismatchError
        If a bias has the wrong shape, or both orders are given. When the loss is called: if a table
        is missing or has the wrong shape.

    Notes
    -----
    Each evaluation costs O(|G|^3 N).

    Examples
    --------
    >>> import numpy as np, toolkit as tk
    >>> loss = product_loss(tk.group("S3"))
    >>> nothing = dict.fromkeys(("left", "right", "output"), np.zeros((6, 4)))
    >>> round(float(loss(nothing) - np.log(6)), 9)
    0.0
    """
    n = G.order
    if table is None:
        points = points_of_rows(G, None, elements)
        rows = np.empty_like(points)
        rows[points] = np.arange(n)
        products = rows[multiplication_table(G)[np.ix_(points, points)]]
    elif elements is not None:
        raise ModuleMismatchError("give one of table= and elements=, not both")
    else:
        products = np.asarray(table)
    if products.shape != (n, n):
        raise ModuleMismatchError(f"table= must have shape {(n, n)}, found {products.shape}")
    function = find_activation(activation)
    shift = 0.0 if bias is None else host_array(bias, "the bias")
    end = np.zeros(n) if output_bias is None else host_array(output_bias, "the output bias")
    if end.shape != (n,):
        raise ModuleMismatchError(f"the output bias must have shape ({n},), found {end.shape}")

    def loss(tables: Mapping[str, ArrayLike]) -> float:
        names = ("left", "right", "output")
        if set(names) - set(tables):
            raise ModuleMismatchError(
                f"the tables left, right and output are required, found {', '.join(tables)}: for "
                "another network write your own loss"
            )
        left, right, output = (host_array(tables[k], f"the table {k!r}") for k in names)
        if not left.shape == right.shape == output.shape == (n, left.shape[-1]):
            raise ModuleMismatchError(
                f"the tables left, right and output must have one shape ({n}, neurons), found "
                f"{left.shape}, {right.shape} and {output.shape}"
            )
        step = max(1, _ENTRIES // (n * max(left.shape[1], n)))
        total = 0.0
        for start in range(0, n, step):
            own = slice(start, start + step)
            hidden = function(left[own, None] + right[None] + shift)
            logits = hidden @ output.T + end
            top = logits.max(axis=-1, keepdims=True)
            norm = np.log(np.exp(logits - top).sum(axis=-1)) + top[..., 0]
            right_ones = np.take_along_axis(logits, products[own][..., None], axis=-1)[..., 0]
            total += float((norm - right_ones).sum())
        return total / n**2

    return loss
