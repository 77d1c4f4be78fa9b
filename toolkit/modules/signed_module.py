r"""Signed permutation modules: functions that change sign under a double cover.

A signed G-set of n points is a G-set of 2n points, its *cover*, with points (i, +) = 2i and
(i, -) = 2i + 1, on which G commutes with the swap of signs. The module consists of the functions
F on the cover with F(i, -) = -F(i, +); with f(i) = F(i, +) a generator g acts by

.. math:: (g f)(i) = \text{signs}[g, i] \, f(\text{images}[g, i]).

Transitive ones are induced from a sign character of a subgroup H, with kernel K: functions on
G/K that change sign under H/K. Odd activations (tanh, the identity) act on their coordinates.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from toolkit.errors import (
    InconsistentAnswerError,
    ModuleMismatchError,
    NotAvailable,
)
from toolkit.modules.gset_expressions import Action, Sum
from toolkit.modules.gsets.actions import validate_images
from toolkit.modules.permutation_module import (
    PermutationModule,
    require_module,
    require_same_group,
)
from toolkit.text import shortened

if TYPE_CHECKING:
    from typing import Self

    from numpy.typing import ArrayLike, NDArray

    from toolkit.modules.gset_expressions import Home
    from toolkit.modules.gsets.actions import IntArray

__all__ = ["SignedModule", "signed_hom_dimension"]


@dataclass(frozen=True, repr=False)
class SignedModule:
    """A signed permutation module of dimension n.

    Made by :meth:`toolkit.Group.signed_coset_module`, :meth:`from_permutation`, and ``X + Y``.

    Parameters
    ----------
    name
        Its name.
    cover
        The permutation module of 2n points; points 2i and 2i + 1 are (i, +) and (i, -).
    base
        A permutation module isomorphic to the n points without signs. If left out it is read
        off the cover.

    Raises
    ------
    ModuleMismatchError
        If the cover has an odd number of points.

    Examples
    --------
    The sign of S3, a module of one dimension:

    >>> import toolkit as tk
    >>> G = tk.group("S3")
    >>> sign = G.signed_coset_module([[1, 2, 0], [1, 0, 2]], [[1, 2, 0]])
    >>> sign.degree, sign.signs.tolist(), sign.multiplicities
    (1, [[1], [-1]], {'L1': 1})
    """

    name: str
    cover: PermutationModule = field(repr=False)
    base: PermutationModule | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        require_module(self.cover)
        if self.cover.degree % 2:
            raise ModuleMismatchError(
                f"the cover of a signed module has two points for each sign, found "
                f"{self.cover.degree} points in {self.cover.name}"
            )

    def __deepcopy__(self, memo: dict[int, object]) -> Self:
        """Return the module itself: it never changes."""
        return self

    def __repr__(self) -> str:
        where = shortened(self.group)
        return f"<{self.name}: signed module of {where} of dimension {self.degree}>"

    @classmethod
    def from_permutation(cls, X: PermutationModule) -> SignedModule:
        """Return a permutation module as a signed one, with all signs +.

        Examples
        --------
        >>> import toolkit as tk
        >>> X = tk.group("S3").natural_module()
        >>> SignedModule.from_permutation(X).multiplicities == X.multiplicities
        True
        """
        require_module(X)
        sheets = Sum((X, X), (range(0, 2 * X.degree, 2), range(1, 2 * X.degree, 2)))
        cover = PermutationModule(X.home, f"cover of {X.name}", 2 * X.degree, sheets)
        return cls(X.name, cover, X)

    @classmethod
    def from_signs(
        cls, group: Home, images: ArrayLike, signs: ArrayLike, name: str | None = None
    ) -> SignedModule:
        """Return the signed module in which the generators act by given signed permutations.

        Parameters
        ----------
        group
            The group.
        images, signs
            ``(k, n)`` 0-based images and signs 1 or -1: generator g acts on functions by
            (g f)(i) = signs[g, i] f(images[g, i]).
        name
            The module's name.

        Raises
        ------
        ModuleMismatchError
            If the data is of another form. That it is an action is checked by GAP when it is
            first asked.

        Examples
        --------
        >>> import toolkit as tk
        >>> plane = SignedModule.from_signs(tk.group("C4"), [[1, 0]], [[1, -1]])
        >>> plane.multiplicities
        {'L2': 1}
        """
        array, factors = validate_images(images, name or "the signed module"), np.asarray(signs)
        if factors.shape != array.shape or not np.isin(factors, (1, -1)).all():
            raise ModuleMismatchError(
                f"signs must be 1 or -1, as many as images, found shape {factors.shape} for images "
                f"of shape {array.shape}"
            )
        k, n = array.shape
        cover = np.empty((k, 2 * n), dtype=np.intp)
        cover[:, 0::2] = 2 * array + (factors < 0)
        cover[:, 1::2] = cover[:, 0::2] ^ 1
        title = name or f"signed action on {n} point{'s' if n > 1 else ''}"
        module = PermutationModule(group, f"cover of {title}", 2 * n, Action(cover))
        return cls(title, module)

    @property
    def home(self) -> Home:
        """The group itself, as its modules hold it."""
        return self.cover.home

    @property
    def group(self) -> str:
        """Canonical name of the group."""
        return self.cover.group

    @property
    def group_order(self) -> int:
        """|G|; may start GAP."""
        return self.cover.group_order

    @property
    def degree(self) -> int:
        """The dimension n."""
        return self.cover.degree // 2

    @cached_property
    def _sheets(self) -> IntArray:
        """``(k, n)`` where each generator takes (i, +), after checking that signs are kept."""
        images = self.cover.images
        plus, minus = images[:, 0::2], images[:, 1::2]
        if not np.array_equal(plus ^ 1, minus):
            g, i = np.argwhere((plus ^ 1) != minus)[0].tolist()
            raise ModuleMismatchError(
                f"{self.name}: a generator must take the two points over i to the two over one "
                f"point, but generator {g} takes points {2 * i} and {2 * i + 1} of the cover to "
                f"{int(plus[g, i])} and {int(minus[g, i])}"
            )
        return plus

    @cached_property
    def images(self) -> IntArray:
        """``(generators, n)`` 0-based images of the points without their signs."""
        return self._sheets >> 1

    @cached_property
    def signs(self) -> NDArray[np.int8]:
        """``(generators, n)`` the signs, 1 or -1: (g f)(i) = signs[g, i] f(images[g, i])."""
        return (1 - 2 * (self._sheets & 1)).astype(np.int8)

    @cached_property
    def unsigned(self) -> PermutationModule:
        """The permutation module of the n points: ``base``, or what the cover says it is."""
        if self.base is not None:
            return self.base
        return PermutationModule(
            self.home, f"points of {self.name}", self.degree, Action(self.images)
        )

    @cached_property
    def multiplicities(self) -> dict[str, int]:
        """How often each simple occurs, by label, in canonical order.

        Those in the cover less those in the points without signs: exact.

        Raises
        ------
        NotAvailable
            If the group's character table is out of reach.
        """
        above, below = self.cover.multiplicities, self.unsigned.multiplicities
        if any(label.startswith("V") for label in (*above, *below)):
            raise NotAvailable(
                self.group,
                f"the multiplicities in {self.name}",
                "its simples are known within each permutation module only",
            )
        out = {label: m - below.get(label, 0) for label, m in above.items()}
        if min(out.values()) < 0 or set(below) - set(above):
            raise InconsistentAnswerError(
                self.group, f"the points of {self.name} to be a quotient of its cover", str(out)
            )
        return {label: m for label, m in out.items() if m}

    def __add__(self, other: SignedModule) -> SignedModule:
        """Return the direct sum: coordinates of ``self`` first, then those of ``other``."""
        if not isinstance(other, SignedModule):
            return NotImplemented
        return SignedModule(
            f"{self.name} + {other.name}", self.cover + other.cover, self.unsigned + other.unsigned
        )


def signed_hom_dimension(X: SignedModule, Y: SignedModule) -> int:
    """Return the dimension of the equivariant maps X -> Y: sum of m_L(X) m_L(Y) e_L, exactly.

    Examples
    --------
    >>> import toolkit as tk
    >>> X = SignedModule.from_permutation(tk.group("S3").natural_module())
    >>> signed_hom_dimension(X, X)
    2
    """
    require_same_group(X.cover, Y.cover)
    mine, other = X.multiplicities, Y.multiplicities
    table = X.home.table_within_reach()
    if table is None:
        raise NotAvailable(X.group, "a dimension by characters", "count the signed orbitals")
    ends = {s.label: s.endomorphism_dimension for s in table.simples}
    return sum(m * other.get(label, 0) * ends[label] for label, m in mine.items())
