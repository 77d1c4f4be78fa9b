r"""Layers of symmetric groups on tuples, for every number of points at once, in linear time.

A function on pairs of points, such as the weights of a graph's edges, is a tensor with two axes of
n points. The linear maps to functions on pairs that commute with all permutations of the points are
combinations of 15 terms (Maron et al., 2019): a mean over rows, columns, all or the diagonal, or
none, copied to rows, columns, all or the diagonal. For matrices whose rows and columns are points
of two sets there are 4 (Hartford et al., 2018), for triples 203. Weights of terms with means do not
depend on the number of points.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import torch
from torch import nn

from toolkit.errors import ModuleMismatchError
from toolkit.modules.gsets.equality_patterns import TupleTerms, blocks, patterns
from toolkit.modules.tuples import MOST_PATTERNS, TupleSpace, bell_number
from toolkit.nn.equivariant_linear import EquivariantLinear
from toolkit.nn.linear.hom_space import OrbitalHomSpace
from toolkit.nn.linear.initialisation import INITIALISATIONS, tuple_deviations
from toolkit.nn.linear.sizes import (
    diagonal_biases,
    orbit_biases,
    orbit_weights,
    term_weights,
)
from toolkit.nn.linear.tensors.constants import LayerWithConstants
from toolkit.nn.linear.tensors.point_maps import PointMap
from toolkit.nn.linear.tensors.tuple_maps import Diagonal, TuplePlan
from toolkit.nn.linear.tensors.weights import (
    register_weight,
    require_channels,
    require_choice,
    weight_of,
)
from toolkit.nn.linear.weighted_map import result_dtype

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.modules.permutation_module import PermutationModule
    from toolkit.nn.linear.initialisation import Initialisation

#: The number of entries of the tuples, or one for each of several sets.
Order: TypeAlias = "int | tuple[int, ...]"
#: Which points exist, for one set or for each of several.
Masks: TypeAlias = "torch.Tensor | Sequence[torch.Tensor | None] | None"


class ExchangeableLinear(LayerWithConstants):
    r"""The linear maps of functions on tuples that commute with all permutations, for any n.

    Parameters
    ----------
    in_channels, out_channels
        Numbers of channels.
    order
        The number of entries of the input's tuples: 0 for invariants, 1 for functions on points, 2
        for pairs. For several sets, a number for each: ``(1, 1)`` for matrices whose rows are
        points of one set and whose columns are points of another, ``(2, 1)`` for three axes of
        which two belong to the first set.
    out_order
        The same for the output; ``None`` for the order of the input.
    bias
        Whether to add invariant functions: a number for each channel and pattern of the output.
    device, dtype
        As in torch.
    init
        ``"he"``, ``"lecun"`` or ``"xavier"`` (:mod:`toolkit.nn.linear.initialisation`).

    Raises
    ------
    ModuleMismatchError
        If an order is invalid, if the two orders have different numbers of sets, or if there are
        more than 256 terms (more than 6 entries of one set).

    Notes
    -----
    Maps ``(..., n, n, in_channels)`` to ``(..., n, n, out_channels)`` for order 2 and any n. Time
    and memory are linear in the sizes of input and output. ``weight`` is ``(R, out_channels,
    in_channels)``: number r is the weight of the term for ``layer.terms.patterns[r]``. A pattern
    numbers the values of the output's entries, then those of the input's entries. Entry (y, x) of
    the term's matrix is 1 where (y, x) satisfies all equations of the pattern, divided by n for
    each value that only the input has: a *mean* over it. From pairs to pairs, (0, 1, 0, 1) is the
    identity, (0, 1, 1, 0) is the transpose, and (0, 1, 2, 3) is the mean of everything. (0, 1, 0,
    2) copies the mean of each row along the row, and (0, 0, 0, 1) writes it on the diagonal. Means
    are used, not sums, because then the same weights keep the sizes of features for every n.
    ``bias`` has one axis, with ``patterns of the output x out_channels`` numbers.

    The entry (y, x) of the matrix of :class:`EquivariantLinear` is the sum of ``weight[r] / n**m``
    over all patterns that the pair satisfies, where m is the number of values that only the input
    has. So its orbit weights are ``terms.zeta @ (weight / n**m)``, pattern by pattern in the same
    order, and :meth:`to_equivariant` and :meth:`from_equivariant` convert in both directions. If
    there are fewer points than a pattern has values, no tuple has that pattern. Then different
    weights give the same function, and ``from_equivariant`` chooses those for which the missing
    orbit weights are 0.

    Initial weights are independent for the components of the analysis of variance (means of rows
    minus the mean of everything, and so on), and keep the variance of each.

    Examples
    --------
    >>> import torch
    >>> layer = ExchangeableLinear(3, 5)
    >>> layer(torch.zeros(2, 10, 10, 3)).shape, layer(torch.zeros(40, 40, 3)).shape
    (torch.Size([2, 10, 10, 5]), torch.Size([40, 40, 5]))
    >>> layer.weight.shape, layer.bias.shape
    (torch.Size([15, 5, 3]), torch.Size([10]))
    >>> ExchangeableLinear(3, 5, order=(1, 1))(torch.zeros(2, 4, 7, 3)).shape
    torch.Size([2, 4, 7, 5])
    """

    weight: torch.Tensor
    bias: torch.Tensor | None
    level_order: PointMap

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        order: Order = 2,
        out_order: Order | None = None,
        bias: bool = True,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
        *,
        init: Initialisation = "he",
    ) -> None:
        super().__init__()
        require_choice("init", init, INITIALISATIONS)
        require_channels(in_channels, out_channels)
        self.in_channels, self.out_channels, self.init = in_channels, out_channels, init
        self.order = order
        self.out_order: Order = order if out_order is None else out_order
        counts = numbers_of_entries(self.order), numbers_of_entries(self.out_order)
        if len(counts[0]) != len(counts[1]):
            raise ModuleMismatchError(
                f"both orders must name the same sets, found {self.order} for the input and "
                f"{self.out_order} for the output"
            )
        total = math.prod(bell_number(k + m) for k, m in zip(*counts, strict=True))
        if total > MOST_PATTERNS:
            raise ModuleMismatchError(
                f"maps from order {self.order} to {self.out_order} have {total} terms, and at most "
                f"{MOST_PATTERNS} are supported: use lower orders"
            )
        self.sets = len(counts[0])
        self.terms = TupleTerms(sets_of_entries(self.out_order), sets_of_entries(self.order))
        self.plan = TuplePlan(self.terms)
        size = (self.terms.count, out_channels, in_channels)
        register_weight(self, "weight", size, device=device, dtype=dtype)
        if bias:
            numbers = len(self.terms.target_patterns) * out_channels
            register_weight(self, "bias", (numbers,), device=device, dtype=dtype)
        else:
            self.register_parameter("bias", None)
        order_of_terms = PointMap(self.terms.term_order, self.terms.count, self.weight.device)
        self.keep("level_order", order_of_terms)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw weights that keep the variance of every component; set biases to zero."""
        if self.bias is not None:
            nn.init.zeros_(self.bias)
        if self.weight.is_meta or not self.weight.numel():
            return
        shape = (self.out_channels, self.in_channels)
        host = torch.device("cpu")  # drawn there: a seed gives the same weights on every device
        with torch.no_grad(), host:
            noise = torch.randn(self.terms.count, *shape, dtype=torch.float64)
            blocks = noise * tuple_deviations(self.terms, *shape, self.init)
            change = torch.from_numpy(self.terms.from_components.astype(np.float64))
            self.weight.copy_(torch.tensordot(change, blocks, 1))

    def forward(
        self, x: torch.Tensor, mask: Masks = None, sizes: int | Sequence[int] | None = None
    ) -> torch.Tensor:
        """Return a function on the output's tuples: an axis for each entry, then channels.

        Parameters
        ----------
        x
            ``(..., n, n, in_channels)`` for order 2.
        mask
            ``(..., n)`` booleans: the points that exist, for sets of different sizes in one batch.
            For several sets, a sequence of such masks, with ``None`` for a complete set. Entries
            with other points are left out of the means, and are 0 in the output.
        sizes
            The number of points of each set, or one number for all. Required if the output has
            entries in a set and the input has none.

        Raises
        ------
        ModuleMismatchError
            If shapes do not fit, or the number of points of a set is not known.
        """
        own = self.terms.source
        k = len(own)
        if x.dim() < k + 1 or x.shape[-1] != self.in_channels:
            raise ModuleMismatchError(
                f"the input must have {k} axes of points and one of {self.in_channels} channels "
                f"at the end, found shape {tuple(x.shape)}"
            )
        result_dtype(x, weight_of(self))  # refuses other types
        lead = x.shape[: x.dim() - k - 1]
        masks = masks_of_sets(mask, self.sets, lead)
        lengths = self._lengths(x.shape[len(lead) : -1], masks, sizes)
        self.follow(self.weight)
        batch = math.prod(lead)
        x = with_zeros(x.reshape(batch, *x.shape[len(lead) :]), own, masks)
        scales = [
            1 / torch.sym_max(n, 1)  # type: ignore[no-untyped-call]
            if m is None
            else 1 / m.sum(-1).clamp(min=1).to(x.dtype)
            for n, m in zip(lengths, masks, strict=True)
        ]
        factors = self.level_order.pull(self.weight, 0)
        bias = self.bias
        if bias is not None:
            bias = bias.reshape(len(self.terms.target_patterns), self.out_channels)
        y = self.plan.apply(x, self.plan.weights(factors), lengths, scales, bias)
        return with_zeros(y, self.terms.target, masks).reshape(*lead, *y.shape[1:])

    def _lengths(
        self,
        shape: torch.Size,
        masks: list[torch.Tensor | None],
        sizes: int | Sequence[int] | None,
    ) -> list[int]:
        """Return the number of points of each set."""
        if isinstance(sizes, int):
            sizes = [sizes] * self.sets
        if sizes is not None and len(sizes) != self.sets:
            raise ModuleMismatchError(
                f"sizes must name the points of each of {self.sets} sets, found {list(sizes)}"
            )
        found = []
        for own in range(self.sets):
            known = [n for n, other in zip(shape, self.terms.source, strict=True) if other == own]
            mask = masks[own]
            if mask is not None:
                known.append(mask.shape[-1])
            if sizes is not None:
                known.append(sizes[own])
            if not known and own in self.terms.target:
                raise ModuleMismatchError(
                    f"the number of points of set {own} is required, because the input has no axis "
                    "for it: give sizes="
                )
            if any(n != known[0] for n in known):
                raise ModuleMismatchError(
                    f"set {own} must have one number of points, found {known} in input, mask and "
                    f"sizes: the input, of shape {tuple(shape)} apart from leading axes and "
                    f"channels, has an axis for each of {len(shape)} entries of the tuples; if "
                    "they are merged into one, x.unflatten(-2, (n, ...)) separates them"
                )
            found.append(known[0] if known else 1)
        return found

    def to_equivariant(
        self,
        X: PermutationModule,
        Y: PermutationModule | None = None,
        **options: Any,  # noqa: ANN401
    ) -> EquivariantLinear:
        """Return the same function as an :class:`EquivariantLinear`, for a fixed number of points.

        Parameters
        ----------
        X, Y
            Modules of tuples, such as ``tk.group("S10").natural_module() ** 2``; Y = ``None``
            stands for X. For several sets, outer products of powers.
        **options
            Options for EquivariantLinear.

        Raises
        ------
        ModuleMismatchError
            If the modules are of any other kind, or their group has more orbitals.

        Examples
        --------
        >>> import toolkit as tk
        >>> pairs = tk.group("S5").natural_module() ** 2
        >>> ExchangeableLinear(3, 4).to_equivariant(pairs).parameters_count()
        188
        """
        layer = EquivariantLinear(
            X,
            X if Y is None else Y,
            self.in_channels,
            self.out_channels,
            self.bias is not None,
            device=self.weight.device,
            dtype=self.weight.dtype,
            **options,
        )
        space = _tuples(layer)
        if layer.X.degree == layer.Y.degree == 1:  # one tuple, of whatever order
            space = TupleSpace(self.terms, (1,) * self.sets)
        if space.terms != self.terms:
            raise ModuleMismatchError(
                f"modules of tuples of orders {self.order} and {self.out_order} are required, "
                f"found {layer.X.name} and {layer.Y.name}"
            )
        layer.set_weights(_as(self.weight, orbit_weights(space, _wide(self.weight))))
        if layer.bias is not None and self.bias is not None:
            bias = _wide(self.bias).reshape(len(space.target.patterns), self.out_channels)
            with torch.no_grad():
                layer.bias.copy_(_as(self.bias, orbit_biases(space, bias)).flatten())
        return layer

    @classmethod
    def from_equivariant(cls, layer: EquivariantLinear) -> ExchangeableLinear:
        """Return the layer for every n that agrees with a given layer on its number of points.

        Parameters
        ----------
        layer
            A layer between modules of tuples on which the group has no more orbitals than the group
            of all permutations.

        Raises
        ------
        ModuleMismatchError
            If its modules are of any other kind.

        Examples
        --------
        >>> import toolkit as tk
        >>> pairs = tk.group("S5").natural_module() ** 2
        >>> layer = tk.nn.EquivariantLinear(pairs, pairs, 3, 4)
        >>> ExchangeableLinear.from_equivariant(layer)
        ExchangeableLinear(in_channels=3, out_channels=4, order=2, out_order=2, bias=True)
        """
        space = _tuples(layer)
        weight = layer.orbit_weights()
        sets = len(space.sizes)
        orders = [tuple(own.count(i) for i in range(sets)) for own in _sides(space.terms)]
        order, out_order = (own[0] if sets == 1 else own for own in orders)
        new = cls(
            layer.in_channels,
            layer.out_channels,
            order,
            out_order,
            layer.bias is not None,
            weight.device,
            weight.dtype,
            init=layer.init,
        )
        with torch.no_grad():
            new.weight.copy_(_as(new.weight, term_weights(space, _wide(weight))))
            bias = layer.bias_values()
            if new.bias is not None and bias is not None:
                own = diagonal_biases(space, _wide(bias))
                new.bias.copy_(_as(new.bias, own).flatten())
        return new

    def extra_repr(self) -> str:
        """Describe the channels and orders."""
        return (
            f"in_channels={self.in_channels}, out_channels={self.out_channels}, "
            f"order={self.order}, out_order={self.out_order}, bias={self.bias is not None}"
        )


def numbers_of_entries(order: Order) -> tuple[int, ...]:
    """Return per set the number of entries of an order.

    Raises
    ------
    ModuleMismatchError
        If it is no order.
    """
    numbers = order if isinstance(order, tuple) else (order,)
    if not numbers or not all(type(k) is int and k >= 0 for k in numbers):
        raise ModuleMismatchError(
            "an order must be a non-negative integer, or a tuple with one for each set, not "
            f"{order!r:.60}"
        )
    return numbers


def sets_of_entries(order: Order) -> tuple[int, ...]:
    """Return per entry of a tuple the set that it belongs to."""
    return tuple(own for own, k in enumerate(numbers_of_entries(order)) for _ in range(k))


def _sides(terms: TupleTerms) -> tuple[tuple[int, ...], tuple[int, ...]]:
    return terms.source, terms.target


def _wide(tensor: torch.Tensor) -> torch.Tensor:
    return tensor.detach().to("cpu", torch.float64)


def _as(tensor: torch.Tensor, values: torch.Tensor) -> torch.Tensor:
    return values.to(tensor.device, tensor.dtype)


def _tuples(layer: EquivariantLinear) -> TupleSpace:
    """Return the tuples of a layer whose orbitals are the equality patterns."""
    space = layer.hom_space
    found = space.tuples if isinstance(space, OrbitalHomSpace) else None
    if found is None:
        raise ModuleMismatchError(
            "only a layer between tuples of points of a symmetric group (or of a group with no "
            f"more orbitals) extends to every n, found {space.count} orbitals from {layer.X.name} "
            f"to {layer.Y.name} of {layer.X.group_title}"
        )
    return found


def masks_of_sets(mask: Masks, sets: int, lead: Sequence[int]) -> list[torch.Tensor | None]:
    """Return per set ``(b, n)`` booleans, or ``None`` if it is complete.

    Parameters
    ----------
    mask
        As given to a layer.
    sets
        The number of sets.
    lead
        The leading axes, which make b.

    Raises
    ------
    ModuleMismatchError
        If a mask has another shape, or there is none for some set.
    """
    if mask is None:
        return [None] * sets
    listed: list[Any] = list(mask) if isinstance(mask, (list, tuple)) else [mask]
    given: list[torch.Tensor | None] = []
    for one in listed:
        if not (one is None or isinstance(one, torch.Tensor)):
            raise ModuleMismatchError(
                f"a mask must be a tensor of booleans, or None, not {type(one).__name__}"
            )
        given.append(one)
    if len(given) != sets:
        raise ModuleMismatchError(
            f"the tuples have points of {sets} sets, so a mask is required for each (None for a "
            f"complete set), found {len(given)}"
        )
    found: list[torch.Tensor | None] = []
    for one in given:
        if one is not None and (
            one.dim() == 0
            or one.dim() > len(lead) + 1
            or any(a not in (1, b) for a, b in zip(one.shape[-2::-1], lead[::-1], strict=False))
        ):
            axes = ", ".join([*map(str, lead), "points"])
            raise ModuleMismatchError(
                f"a mask must have shape ({axes}), with a value for each point of a set, found "
                f"{tuple(one.shape)}"
            )
        found.append(
            None
            if one is None
            else one.bool().expand(*lead, one.shape[-1]).reshape(math.prod(lead), one.shape[-1])
        )
    return found


def with_zeros(
    x: torch.Tensor,
    sets: Sequence[int],
    masks: Sequence[torch.Tensor | None],
    value: float = 0.0,
) -> torch.Tensor:
    """Return x with 0, or a value, for tuples with points that do not exist, whatever is there.

    Parameters
    ----------
    x
        ``(b, an axis for each entry, C)``.
    sets
        Per entry the set it belongs to.
    masks
        Per set ``(b, n)`` booleans, or ``None``.
    value
        What to put there.
    """
    exists = _existing(sets, masks)
    return x if exists is None else x.masked_fill(~exists, value)


def _existing(sets: Sequence[int], masks: Sequence[torch.Tensor | None]) -> torch.Tensor | None:
    """Return ``(b, axes, 1)`` whether tuples exist, with axes of length 1; ``None`` if all do."""
    exists: torch.Tensor | None = None
    for axis, own in enumerate(sets):
        mask = masks[own]
        if mask is not None:
            shape = [mask.shape[0], *[1] * len(sets), 1]
            shape[axis + 1] = mask.shape[1]
            one = mask.reshape(shape)
            exists = one if exists is None else exists & one
    return exists


class TuplePooling:
    """The mean, sum or maximum of a function on tuples, over each of its diagonals.

    Parameters
    ----------
    sets
        Per entry of a tuple the set it belongs to.
    kind
        ``"mean"``, ``"sum"`` or ``"max"``; where there is no tuple it is 0.
    """

    def __init__(self, sets: tuple[int, ...], kind: str) -> None:
        self.sets, self.kind = sets, kind
        #: The diagonals, and per axis of each the set it belongs to.
        self.diagonals = tuple(
            (Diagonal.of(sets, pattern), tuple(own for own, _ in blocks(sets, pattern)))
            for pattern in patterns(sets)
        )

    def __call__(self, x: torch.Tensor, masks: Sequence[torch.Tensor | None]) -> torch.Tensor:
        """Return ``(b, diagonals C)`` for ``(b, an axis for each entry, C)``.

        Parameters
        ----------
        x
            The function.
        masks
            Per set ``(b, n)`` booleans, or ``None``.
        """
        x = with_zeros(x, self.sets, masks)
        return torch.cat(
            [self._pooled(diagonal.view(x), sets, masks) for diagonal, sets in self.diagonals], -1
        )

    def _pooled(
        self, x: torch.Tensor, sets: tuple[int, ...], masks: Sequence[torch.Tensor | None]
    ) -> torch.Tensor:
        axes = tuple(range(1, len(sets) + 1))
        if not axes:
            return x
        if self.kind == "sum" or math.prod(x.shape[1:-1]) == 0:
            return x.sum(axes)
        if self.kind == "max":
            return _largest(x, sets, axes, masks)
        for own in reversed(sets):  # the last axis first; scaled, so that narrow types hold it
            mask = masks[own]
            if mask is None:
                x = x.mean(-2)
            else:
                count = mask.sum(-1).clamp(min=1).to(x.dtype)
                x = (x / count.reshape(-1, *[1] * (x.dim() - 1))).sum(-2)
        return x


def _largest(
    values: torch.Tensor,
    sets: tuple[int, ...],
    axes: tuple[int, ...],
    masks: Sequence[torch.Tensor | None],
) -> torch.Tensor:
    exists = _existing(sets, masks)
    if exists is None:
        return values.amax(axes)
    # where nothing exists no minimum of the type may reach the output or a gradient
    found = values.masked_fill(~exists, torch.finfo(values.dtype).min).amax(axes)
    full = exists.expand(*values.shape[:-1], 1)
    return found.masked_fill(~full.any(-1).flatten(1).any(1, keepdim=True), 0.0)
