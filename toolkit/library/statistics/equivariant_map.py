r"""Equivariant linear maps as values: by orbit weights or by Fourier blocks, without torch.

A map X -> Y with channels is a weight ``(out, in)`` per orbital of Y x X; or, by Schur's lemma,
per simple L a matrix W_L over D = End(L), m_L(Y) out x m_L(X) in. Either is computed from the
other when needed. Matrices made from orbit weights commute with the group to the last bit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

from toolkit.cached import cached_property
from toolkit.errors import ModuleMismatchError
from toolkit.library.layers import layer_basis
from toolkit.library.statistics.arrays import constant, einsum, floats, index
from toolkit.library.statistics.coordinates import FourierTables, fourier_tables_of
from toolkit.modules.fourier.copies import END_UNITS
from toolkit.modules.invariant_functions import orbit_numbers
from toolkit.modules.kept import kept
from toolkit.modules.module import Module
from toolkit.text import label_key

if TYPE_CHECKING:
    from toolkit.modules.fourier.adapted import FourierSimple
    from toolkit.modules.gsets.actions import IntArray
    from toolkit.modules.layer_basis import LayerBasis

#: Per label ``(dim D, m_L(Y), m_L(X), out, in)``.
Blocks = dict[str, Any]


@dataclass(frozen=True, eq=False, repr=False)
class EquivariantMap:
    """A linear map that commutes with the group, from channels of Fun(X) to channels of Fun(Y).

    Returned by :func:`toolkit.project_to_hom`, :func:`toolkit.lstsq` and the other statistics.

    Parameters
    ----------
    X, Y
        Modules of one kind.
    in_channels, out_channels
        Numbers of channels.
    has_channels
        Whether functions have an axis of channels; without one there is one channel.
    given
        Either ``(R, out, in)`` weights by orbital, or a dict of Fourier blocks by label.
    like
        An array or a tensor that fixes kind, type and device of results.
    dual
        Whether the source is the dual of X, as for covariances. This differs only for linear
        modules whose matrices are not orthogonal.

    Examples
    --------
    >>> import numpy as np, toolkit as tk
    >>> X = tk.group("C3").regular_module()
    >>> shift = tk.project_to_hom(X, X, [[0, 1, 0], [0, 0, 1], [1, 0, 0]])
    >>> shift(np.array([1.0, 2.0, 3.0])).tolist()
    [2.0, 3.0, 1.0]
    """

    X: Module
    Y: Module
    in_channels: int
    out_channels: int
    has_channels: bool
    given: Any
    like: Any
    dual: bool = False

    def __repr__(self) -> str:
        m, n = self.Y.degree * self.out_channels, self.X.degree * self.in_channels
        return (
            f"<{type(self).__name__} {self.source.name} -> {self.Y.name} of "
            f"{self.X.group_title}: {m} x {n}>"
        )

    @property
    def source(self) -> Module:
        """The module that the map starts from: X, or its dual where this is another."""
        return self.X.dual if self.dual else self.X

    @property
    def fields(self) -> dict[str, Any]:
        """The parameters by name, from which a map with more fields is made."""
        return {name: getattr(self, name) for name in EquivariantMap.__dataclass_fields__}

    @cached_property
    def basis(self) -> LayerBasis:
        """The basis of equivariant maps behind :attr:`weights`."""
        return basis_of(self.X, self.Y)

    @cached_property
    def _tables(self) -> tuple[FourierTables, FourierTables]:
        source, target = fourier_tables_of(self.X, self.Y)
        return (source.dual if self.dual else source), target

    @property
    def has_orbitals(self) -> bool:
        """Whether X and Y have points; if not, maps have blocks only, no weights by orbital."""
        return self.X.has_points and self.Y.has_points

    # -- the two forms -------------------------------------------------------------------------

    @cached_property
    def weights(self) -> Any:  # noqa: ANN401 - an array or a tensor
        """``(R, out, in)`` the weight of each orbital, numbered as by :func:`toolkit.orbitals`.

        Raises
        ------
        ModuleMismatchError
            For linear modules, which have no points.
        """
        if not self.has_orbitals:
            raise ModuleMismatchError(
                f"maps from {self.X.name} to {self.Y.name} have no orbitals, because a module is "
                "linear: use .blocks or .matrix()"
            )
        if not isinstance(self.given, dict):
            return self.given
        count = self.basis.dimension
        _, bases = self._columns
        rows, columns = kept(self.X, self.Y, "entries", self._entries)
        width = self.in_channels
        deltas = np.zeros((len(bases), width, self.X.degree, width))
        deltas[
            np.arange(len(bases))[:, None], np.arange(width), bases[:, None], np.arange(width)
        ] = 1
        columns_of_one = deltas.reshape(len(bases) * width, self.X.degree, width)
        found = self._by_blocks(constant(columns_of_one, self.like))
        found = found.reshape(len(bases), width, self.Y.degree, self.out_channels)
        picked = found[index(columns, found), :, index(rows, found)]  # (R, in, out)
        signs = self.basis.signs[rows, bases[columns]].reshape(count, 1, 1)
        return picked.swapaxes(1, 2) * constant(signs, self.like)

    def _entries(self) -> tuple[IntArray, IntArray]:
        """Return per orbital an entry in one of the columns: its row, the number of the column."""
        labels, bases = self._columns
        names, first = np.unique(labels, return_index=True)
        first = first[names >= 0]
        return first // len(bases), first % len(bases)

    @cached_property
    def _columns(self) -> tuple[IntArray, IntArray]:
        """The orbital of each entry in the columns at one point of each orbit of X; the points."""

        def make() -> tuple[IntArray, IntArray]:
            _, bases = np.unique(orbit_numbers(self.X.images), return_index=True)
            return self.basis.label_matrix[:, bases], bases

        return kept(self.X, self.Y, "columns", make)

    @cached_property
    def blocks(self) -> Blocks:
        """Per simple of both modules its block ``(dim D, m_L(Y), m_L(X), out, in)``.

        The first axis holds the components over 1, i, j, k of D = End(L), as in
        :meth:`toolkit.nn.EquivariantLinear.fourier_blocks`. May need a Fourier basis.
        """
        if isinstance(self.given, dict):
            return self.given
        source, target = self._tables
        labels, bases = self._columns
        signs = np.where(labels < 0, 0, self.basis.signs[:, bases])
        if not len(self.given):
            return {}
        columns = self.given[index(np.maximum(labels, 0), self.given)]  # (|Y|, k, out, in)
        columns = columns * constant(signs[:, :, None, None], self.like)
        spectrum = einsum("ry,ykoi->rkoi", constant(target.analysis, self.like), columns)
        sizes = np.bincount(orbit_numbers(self.X.images))
        found = {}
        for label, s, t in self._common():
            e, p = s.endomorphism_dimension, s.positions
            delta = source.analysis[s.rows][:, bases] * (sizes / s.dimension)
            turned = np.einsum(
                "cfa,mpak->cmpfk", END_UNITS[s.type], delta.reshape(s.multiplicity, p, e, -1)
            )
            own = spectrum[t.rows].reshape(t.multiplicity, p, e, *spectrum.shape[1:])
            found[label] = einsum("cmpfk,tpfkoi->ctmoi", constant(turned, self.like), own)
        return found

    def _common(self) -> list[tuple[str, FourierSimple, FourierSimple]]:
        """Return the simples of both modules: label, in X, in Y."""
        source, target = self._tables
        both = sorted(source.simples.keys() & target.simples.keys(), key=label_key)
        return [(label, source.simples[label], target.simples[label]) for label in both]

    # -- as a function and as a matrix ---------------------------------------------------------

    def matrix(self) -> Any:  # noqa: ANN401 - an array or a tensor
        """Return ``(|Y| out, |X| in)``, points first, then channels: for ``x.reshape(n, -1)``."""
        size = (self.Y.degree * self.out_channels, self.X.degree * self.in_channels)
        if self.has_orbitals:
            entries = self.basis.gather(self.weights, axis=0)  # (m, n, out, in)
            return entries.swapaxes(1, 2).reshape(size)
        every = np.eye(size[1]).reshape(size[1], self.X.degree, self.in_channels)
        return self._by_blocks(constant(every, self.like)).reshape(size[1], size[0]).T

    def __call__(self, x: Any) -> Any:  # noqa: ANN401 - arrays or tensors
        """Return ``(..., |Y|, out)`` for functions ``(..., |X|, in)``; without channels, neither.

        Parameters
        ----------
        x
            An array or a tensor, of the kind that the map was made from.
        """
        values = floats(x, "functions")
        if not self.has_channels:
            values = values[..., None]
        own = (self.X.degree, self.in_channels)
        if values.ndim < 2 or tuple(values.shape[-2:]) != own:
            wanted = f"(..., {own[0]}, {own[1]})" if self.has_channels else f"(..., {own[0]})"
            raise ModuleMismatchError(
                f"functions on {self.X.name} must have shape {wanted}, found {tuple(x.shape)}"
            )
        lead = tuple(values.shape[:-2])
        flat = values.reshape(math.prod(lead), *own)
        if isinstance(self.given, dict):
            found = self._by_blocks(flat)
        else:
            found = flat.reshape(len(flat), math.prod(own)) @ self.matrix().T
        found = found.reshape(*lead, self.Y.degree, self.out_channels)
        return found if self.has_channels else found[..., 0]

    def _by_blocks(self, functions: Any) -> Any:  # noqa: ANN401 - arrays or tensors
        """Return ``(b, |Y|, out)`` for ``(b, |X|, in)``, simple by simple."""
        source, target = self._tables
        spectrum = einsum("rx,bxi->rbi", constant(source.analysis, self.like), functions)
        out = 0 * functions[:1, :1, :1].sum()
        shape = (len(functions), self.Y.degree, self.out_channels)
        total = constant(np.zeros(shape), self.like) + out
        for label, s, t in self._common():
            e, p = s.endomorphism_dimension, s.positions
            own = spectrum[s.rows].reshape(s.multiplicity, p, e, *spectrum.shape[1:])
            units = constant(END_UNITS[s.type], self.like)
            moved = einsum("cfa,ctmoi->ftamoi", units, self.given[label])
            moved = einsum("ftamoi,mpabi->tpfbo", moved, own)
            back = constant(target.synthesis[:, t.rows], self.like)
            total = total + einsum(
                "yr,rbo->byo", back, moved.reshape(t.multiplicity * t.dimension, *moved.shape[3:])
            )
        return total

    def to_layer(self, **arguments: Any) -> Any:  # noqa: ANN401 - nn is above this room
        """Return a :class:`toolkit.nn.EquivariantLinear` that computes this map.

        Parameters
        ----------
        arguments
            As of the layer: ``method``, ``parametrization``, ``dtype``, ``device``, ...

        Examples
        --------
        >>> import toolkit as tk
        >>> X = tk.group("C3").regular_module()
        >>> tk.project_to_hom(X, X, [[1, 0, 2], [0, 3, 0], [0, 0, 5]]).to_layer().in_channels
        1
        """
        return layer_of(self, None, arguments)


def basis_of(X: Module, Y: Module) -> LayerBasis:
    """Return the layer basis of two modules, kept with the first.

    Examples
    --------
    >>> import toolkit as tk
    >>> X = tk.group("S3").natural_module()
    >>> basis_of(X, X) is basis_of(X, X)
    True
    """
    return kept(X, Y, "layer basis", lambda: layer_basis(X, Y))


def layer_of(map_: EquivariantMap, bias: Any, arguments: dict[str, Any]) -> Any:  # noqa: ANN401
    """Return the torch layer of a map plus an invariant function, with the room above this one."""
    return import_module("toolkit.nn.from_map").layer_of_map(map_, bias, **arguments)
