"""Scores, their softmax, and weighted sums of values: torch's own attention where it serves."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch
from torch.nn import functional

if TYPE_CHECKING:
    from toolkit.nn.attention.relative_positions import RelativePositions


def attended(
    q: torch.Tensor,
    k: torch.Tensor,
    v: torch.Tensor,
    positions: RelativePositions | None = None,
    allowed: torch.Tensor | None = None,
    dropout: float = 0.0,
) -> torch.Tensor:
    """Return the weighted sums of values, ``(batch, heads, queries, channels)``.

    Parameters
    ----------
    q, k, v
        ``(batch, heads, queries or keys, channels)``.
    positions
        Positional terms, or ``None``.
    allowed
        Booleans that broadcast to ``(batch, heads, queries, keys)``: which keys a query attends
        to. A query without keys gets 0.
    dropout
        The share of weights that are dropped.

    Notes
    -----
    Without positional terms and ``allowed`` torch's fused kernels need no memory for the scores;
    else ``heads x queries x keys`` numbers are formed, and for each sample if terms in keys or
    values are used or a mask is given.
    """
    if q.shape[-1] == 0 or q.shape[0] == 0:  # softmax of nothing: no kernel takes it
        nothing = (q.sum() + k.sum()).to(v.dtype)
        return nothing * v.new_ones(*q.shape[:-1], v.shape[-1])
    if positions is not None and positions.needs_weights:
        weights = attention_weights(q, k, positions, allowed)
        weights = functional.dropout(weights, dropout, training=dropout > 0)
        return weights @ v + positions.values(weights)
    added, alive = _added(q, positions, allowed)
    if added is not None and added.dim() == 3:  # on a CPU the fused kernel takes 2 or 4 axes
        added = added.unsqueeze(0)
    y = functional.scaled_dot_product_attention(q, k, v, attn_mask=added, dropout_p=dropout)
    return y if alive is None else torch.where(alive, y, 0)


def attention_weights(
    q: torch.Tensor,
    k: torch.Tensor,
    positions: RelativePositions | None = None,
    allowed: torch.Tensor | None = None,
) -> torch.Tensor:
    """Return ``(batch, heads, queries, keys)`` weights: each query's sum to 1, or are all 0."""
    added, alive = _added(q, positions, allowed)
    scores = (q * _scale(q)) @ k.transpose(-2, -1)
    if added is not None:
        scores = scores + added
    weights = scores.softmax(-1).to(q.dtype)
    return weights if alive is None else torch.where(alive, weights, 0)


def _scale(q: torch.Tensor) -> float:
    return 1 / math.sqrt(q.shape[-1])


def _added(
    q: torch.Tensor, positions: RelativePositions | None, allowed: torch.Tensor | None
) -> tuple[torch.Tensor | None, torch.Tensor | None]:
    """Return what is added to the scores, and which queries have keys at all."""
    added = None if positions is None else positions.scores(q, _scale(q))
    if allowed is None:
        return added, None
    alive = allowed.any(-1, keepdim=True)
    if added is None:
        added = q.new_zeros(())
    # a query without keys attends to all, and is set to 0 afterwards: no row of -inf alone
    return torch.where(allowed | ~alive, added, -math.inf), alive
