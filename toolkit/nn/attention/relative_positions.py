"""Positional terms of attention: what is learned about pairs of points, orbital by orbital."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
import torch
from torch import nn

from toolkit.errors import ModuleMismatchError
from toolkit.nn.linear.layer_state import LayerWithRecipe
from toolkit.nn.linear.recipe import recipe_of_layer
from toolkit.nn.linear.tensors.point_maps import PointMap
from toolkit.nn.linear.tensors.weights import require_choice

if TYPE_CHECKING:
    from collections.abc import Collection

    from toolkit.modules.module import Module
    from toolkit.nn.attention.pairs import PairLabels

#: ``"bias"`` adds a number to each score, ``"keys"`` and ``"values"`` vectors to keys and values.
PositionalTerm: TypeAlias = Literal["bias", "keys", "values"]
_TERMS = ("bias", "keys", "values")


class RelativePositions(LayerWithRecipe):
    """Learned terms for each orbital of pairs of points, relative positions in general.

    Parameters
    ----------
    terms
        ``"bias"``: a number per head that is added to the score; ``"keys"`` and ``"values"``: a
        vector, shared by the heads, that is added to the key or the value as the query sees it.
    pairs
        The orbital of each pair.
    heads, head_channels
        The number of heads, and the channels of each.
    queries, keys
        The modules that the pairs belong to.
    device, dtype
        As in torch.

    Notes
    -----
    Parameters: ``bias_table`` ``(heads, orbitals)``, ``key_table`` and ``value_table``
    ``(orbitals, head_channels)``, drawn with standard deviation 0.02. On a cycle, where an
    orbital is a difference of positions, these are the terms of Shaw et al. and of T5.

    References
    ----------
    P. Shaw, J. Uszkoreit, A. Vaswani, *Self-Attention with Relative Position Representations*
    (2018). D. Romero, J.-B. Cordonnier, *Group Equivariant Stand-Alone Self-Attention* (2021).
    """

    places: PointMap
    orbitals: PointMap

    def __init__(
        self,
        terms: Collection[str],
        pairs: PairLabels,
        heads: int,
        head_channels: int,
        queries: Module,
        keys: Module,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        where = None if device is None else torch.device(device)
        self.terms = tuple(sorted(terms))
        self.sets, self.queries, self.keys = pairs.labels.shape
        self.count, self.heads = pairs.orbits, heads
        flat = pairs.labels.reshape(-1)
        sizes = {
            "bias": ("bias_table", (heads, self.count)),
            "keys": ("key_table", (self.count, head_channels)),
            "values": ("value_table", (self.count, head_channels)),
        }
        for term in self.terms:
            name, size = sizes[term]
            tensor = torch.empty(size, device=where, dtype=dtype)
            self.register_parameter(name, nn.Parameter(tensor))
        if "bias" in terms:
            self.keep("orbitals", PointMap(flat, self.count, where, dtype))
        if {"keys", "values"} & set(terms):
            # a pair of points to the pair of its query and its orbital
            rows = np.arange(self.queries)[:, None] * self.count + pairs.labels[0]
            size_of_rows = self.queries * self.count
            self.keep("places", PointMap(rows.reshape(-1), size_of_rows, where, dtype))
        self.recipe = recipe_of_layer("RelativePositions", keys, queries, self.count)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw all terms with standard deviation 0.02."""
        for parameter in self.parameters():
            nn.init.normal_(parameter, std=0.02)

    def scores(self, q: torch.Tensor, scale: float) -> torch.Tensor | None:
        """Return what is added to the scores, ``(..., heads, queries, keys)``.

        Parameters
        ----------
        q
            ``(batch, heads, queries, head_channels)``.
        scale
            The factor of scores.
        """
        self.follow(next(self.parameters()))
        found = None
        if "bias" in self.terms:
            shape = (self.heads * self.sets, self.queries, self.keys)
            found = self.orbitals.pull(self.get_parameter("bias_table"), 1).reshape(shape)
            found = found.to(q.dtype)
        if "keys" in self.terms:
            products = q @ (self.get_parameter("key_table").to(q.dtype).T * scale)
            at_pairs = self.places.pull(products.flatten(-2), q.dim() - 2)
            at_pairs = at_pairs.reshape(*q.shape[:-1], self.keys)
            found = at_pairs if found is None else found + at_pairs
        return found

    @property
    def needs_weights(self) -> bool:
        """Whether attention's weights must be formed: for terms in the values."""
        return "values" in self.terms

    def values(self, weights: torch.Tensor) -> torch.Tensor:
        """Return ``(batch, heads, queries, head_channels)`` of weights ``(..., queries, keys)``."""
        sums = self.places.push(weights.flatten(-2), weights.dim() - 2)
        sums = sums.reshape(*weights.shape[:-1], self.count)
        return sums @ self.get_parameter("value_table").to(weights.dtype)

    def extra_repr(self) -> str:
        """Name the terms and count the orbitals."""
        return f"{', '.join(self.terms)} on {self.count} orbitals of pairs, heads={self.heads}"


def read_terms(given: str | Collection[str] | None) -> frozenset[str]:
    """Return positional terms as a set, after a check."""
    terms = [] if given is None else [given] if isinstance(given, str) else list(given)
    for term in terms:
        require_choice("positions", term, _TERMS)
    return frozenset(terms)


def require_bias_alone(terms: frozenset[str], why: str) -> None:
    """Refuse terms in keys and values where they are no invariants."""
    if terms - {"bias"}:
        raise ModuleMismatchError(
            f"positions must be 'bias' or None here, found {', '.join(sorted(terms))}: {why}"
        )
