r"""Signed permutation modules: functions that change sign under a double cover.

A signed G-set of n points is a G-set of 2n points, its *cover*, with points (i, +) = 2i and
(i, -) = 2i + 1, on which G commutes with the swap of signs. The module consists of the functions
F on the cover with F(i, -) = -F(i, +); with f(i) = F(i, +) a generator g acts by

.. math:: (g f)(i) = \text{signs}[g, i] \, f(\text{images}[g, i]).

Transitive ones are induced from a sign character of a subgroup H, with kernel K: functions on
G/K that change sign under H/K. Odd activations (tanh, the identity) act on their coordinates.
"""

from __future__ import annotations

import contextlib
import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, NoReturn

import numpy as np

from toolkit.cached import cached_property
from toolkit.errors import (
    InconsistentAnswerError,
    ModuleMismatchError,
    NotAvailable,
    NotCachedError,
)
from toolkit.modules.gset_expressions import (
    Action,
    AllPlus,
    CoverOfProduct,
    Product,
    ProductKind,
    SignedExpression,
    Sum,
)
from toolkit.modules.gsets.actions import orbits, validate_images
from toolkit.modules.gsets.signed_orbitals import SignedOrbitals
from toolkit.modules.kept import keep, known
from toolkit.modules.linear.tensors import power_name
from toolkit.modules.module import (
    FEW_POINTS,
    Module,
    Sheet,
    hom_dimension,
    opaque,
    power_on_points,
    require_listable,
    require_module,
    sum_name,
)
from toolkit.modules.permutation_module import PermutationModule
from toolkit.modules.products import product_character, product_name, with_flat_factors
from toolkit.text import is_local, label_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from toolkit.modules.gset_expressions import ModuleGroup
    from toolkit.modules.gsets.actions import IntArray


@opaque
@dataclass(frozen=True, repr=False, eq=False)
class SignedModule(Module):
    """A signed permutation module of dimension n.

    Made by :meth:`toolkit.Group.signed_coset_module`, ``signed_module_from_images`` and
    ``signed_module_from_matrices``, by :meth:`from_permutation` and :meth:`from_signs`; by sums
    ``X + Y`` and products ``X * Y``, ``X ** k``, :meth:`outer`, in which one factor may be a
    permutation module.

    Parameters
    ----------
    name
        Its name.
    cover
        The permutation module of 2n points; points 2i and 2i + 1 are (i, +) and (i, -).
    base
        A permutation module isomorphic to the n points without signs. If left out it is read
        off the cover.
    contents
        The sum, product, or other expression that this is; ``None`` for given images and signs.

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
    base: PermutationModule | None = field(default=None, repr=False)
    contents: SignedExpression = field(default=None, repr=False)

    generality: ClassVar[int] = 1

    if TYPE_CHECKING:

        def __add__(self, other: Module) -> SignedModule: ...
        def __mul__(self, other: Module) -> SignedModule: ...
        def outer(self, other: Module) -> SignedModule: ...  # noqa: D102

    def __post_init__(self) -> None:
        PermutationModule.of(self.cover)
        if self.cover.degree % 2:
            raise ModuleMismatchError(
                f"the cover of a signed module has an even number of points, found "
                f"{self.cover.degree} points in {self.cover.name}"
            )

    @property
    def _identity(self) -> tuple[object, ...]:
        """What makes modules equal: name, group and expression; given images and signs."""
        own = self.cover if self.contents is None else self.contents
        return self.name, self.home, own

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SignedModule) and self._identity == other._identity

    def __hash__(self) -> int:
        return hash((self.name, self.home))

    def __repr__(self) -> str:
        return f"<{self.name}: signed module of {self.group_title} of dimension {self.degree}>"

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
        X = PermutationModule.of(X)
        sheets = Sum((X, X), (range(0, 2 * X.degree, 2), range(1, 2 * X.degree, 2)))
        cover = PermutationModule(X.home, f"cover of {X.name}", 2 * X.degree, sheets)
        return cls(X.name, cover, X, AllPlus(X))

    @classmethod
    def from_signs(
        cls,
        group: ModuleGroup,
        images: ArrayLike,
        signs: ArrayLike,
        name: str | None = None,
        *,
        proved: bool = False,
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
        proved
            Whether they are known to be an action of the group, which then is not checked.

        Raises
        ------
        ModuleMismatchError
            If the data is of another form. GAP checks at the first question that it is an
            action.

        Examples
        --------
        >>> import toolkit as tk
        >>> plane = SignedModule.from_signs(tk.group("C4"), [[1, 0]], [[1, -1]])
        >>> plane.multiplicities
        {'L2': 1}
        """
        array = validate_images(images, name or "the signed module")
        try:
            factors = np.asarray(signs)
        except ValueError:  # rows of several lengths
            factors = np.empty(0, dtype=object)
        if factors.shape != array.shape or factors.dtype.kind not in "biuf":
            raise ModuleMismatchError(
                f"signs must be 1 or -1, as many as images, found shape {factors.shape} of "
                f"{factors.dtype} for images of shape {array.shape}"
            )
        if (np.abs(factors) != 1).any():
            g, i = np.argwhere(np.abs(factors) != 1)[0].tolist()
            raise ModuleMismatchError(
                f"signs must be 1 or -1, but that of point {i} under generator {g} is "
                f"{factors[g, i]:.12g} (both count from 0)"
            )
        k, n = array.shape
        cover = np.empty((k, 2 * n), dtype=np.intp)
        cover[:, 0::2] = 2 * array + (factors < 0)
        cover[:, 1::2] = cover[:, 0::2] ^ 1
        title = name or f"signed action on {n} point{'s' if n > 1 else ''}"
        module = PermutationModule(group, f"cover of {title}", 2 * n, Action(cover, proved))
        return cls(title, module)

    @property
    def home(self) -> ModuleGroup:
        """The group itself."""
        return self.cover.home

    @property
    def degree(self) -> int:
        """The dimension n."""
        return self.cover.degree // 2

    @property
    def summands(self) -> tuple[SignedModule, ...]:
        """The summands of a sum; empty if this is not a sum."""
        if isinstance(self.contents, AllPlus):
            return tuple(map(SignedModule.from_permutation, self.contents.module.summands))
        return super().summands

    @property
    def product(self) -> ProductKind | None:
        """``"diagonal"`` or ``"outer"`` for a product, else ``None``."""
        if isinstance(self.contents, AllPlus):
            return self.contents.module.product
        return super().product

    @property
    def factors(self) -> tuple[SignedModule, ...]:
        """The factors of a product; empty if this is not a product."""
        if isinstance(self.contents, AllPlus):
            return tuple(map(SignedModule.from_permutation, self.contents.module.factors))
        return super().factors

    @cached_property
    def _lifted(self) -> IntArray:
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
        return self._lifted >> 1

    @cached_property
    def signs(self) -> NDArray[np.int8]:
        """``(generators, n)`` the signs, 1 or -1: (g f)(i) = signs[g, i] f(images[g, i])."""
        return (1 - 2 * (self._lifted & 1)).astype(np.int8)

    @cached_property
    def unsigned(self) -> PermutationModule:
        """The permutation module of the n points: ``base``, or read off the cover."""
        if self.base is not None:
            return self.base
        return PermutationModule(
            self.home, f"points of {self.name}", self.degree, Action(self.images)
        )

    @cached_property
    def traces(self) -> tuple[int, ...] | None:
        """Per conjugacy class, the points fixed with sign + less those with sign -."""
        if isinstance(self.contents, Product):
            return product_character(self.home, self.contents)
        above, below = self.cover.fixed_points, self.unsigned.fixed_points
        if above is None or below is None:
            return None
        return tuple(a - b for a, b in zip(above, below, strict=True))

    @cached_property
    def multiplicities(self) -> dict[str, int]:
        """How often each simple occurs, by label, in canonical order.

        Those in the cover less those in the points without signs; a product is decomposed by its
        character. Exact.

        Raises
        ------
        NotAvailable
            If the group's character table is out of reach.
        """
        given = self.contents is None and self.base is None
        if isinstance(self.contents, AllPlus) or (given and not self.has_signs):
            return dict(self.unsigned.multiplicities)
        if self.summands:
            total: dict[str, int] = {}
            for summand in self.summands:
                for label, m in summand.multiplicities.items():
                    total[label] = total.get(label, 0) + m
            return dict(sorted(total.items(), key=lambda item: label_key(item[0])))
        table = self.home.table_within_reach() if self.product else None
        if table is not None and self.traces is not None:
            from toolkit.modules.permutation_character import multiplicities_of_character

            return multiplicities_of_character(table, self.traces)
        above, below = self.cover.multiplicities, self.unsigned.multiplicities
        if any(is_local(label) for label in (*above, *below)):
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

    @cached_property
    def has_signs(self) -> bool:
        """Whether some sign is -; if none is, this is a permutation module."""
        return not isinstance(self.contents, AllPlus) and bool((self.signs < 0).any())

    @cached_property
    def rank(self) -> int:
        """The dimension of End_G of the module, exactly.

        By characters for sums and products, else the number of signed orbitals.
        """
        if isinstance(self.contents, AllPlus):
            return self.unsigned.rank
        if self.product or (self.summands and self.degree > FEW_POINTS):
            with contextlib.suppress(NotAvailable, NotCachedError):
                return hom_dimension(self, self)
        return self.hom_basis(self).count

    @property
    def is_transitive(self) -> bool:
        """Whether G has one orbit of points."""
        return len(self.orbit_points) == 1

    @property
    def association_scheme(self) -> NoReturn:
        """No signed module has one: its signed orbitals are no relations between the points.

        Raises
        ------
        ModuleMismatchError
            Always; :attr:`unsigned` has the scheme of the points.
        """
        raise ModuleMismatchError(
            f"a permutation module is required for an association scheme, found the signed module "
            f"{self.name:.60}; that of its points, where they are one orbit, is "
            "X.unsigned.association_scheme"
        )

    @property
    def orbit_count(self) -> int:
        """The number of orbits of points."""
        return len(self.orbit_points)

    @cached_property
    def orbit_points(self) -> tuple[Sequence[int], ...]:
        """Per orbit of points its 0-based points, rising, by their first points."""
        return tuple(tuple(sorted(map(int, orbit))) for orbit in orbits(self.images))

    @cached_property
    def orbits(self) -> tuple[SignedModule, ...]:
        """The orbits of points as signed modules; a transitive module is its own single orbit."""
        if self.is_transitive:
            return (self,)
        place = np.empty(self.degree, dtype=np.intp)
        out = []
        for number, orbit in enumerate(self.orbit_points, start=1):
            own = list(orbit)
            place[own] = np.arange(len(own))
            out.append(
                SignedModule.from_signs(
                    self.home,
                    place[self.images[:, own]],
                    self.signs[:, own],
                    f"{self.name}, orbit {number}",
                )
            )
        return tuple(out)

    @cached_property
    def sheets(self) -> tuple[Sheet, ...]:
        """The orbits of points, each over an orbit of the cover, in the cover's order.

        An orbit of the cover that meets its opposite is equal to it; otherwise, of the two, the
        one with the smaller first point is taken, on which the module is a permutation module up to
        signs.
        """
        require_listable(self)
        if not self.has_signs:
            return self.unsigned.sheets
        self._lifted  # noqa: B018 - checks that this is a cover
        out = []
        for piece, upstairs in zip(self.cover.orbits, self.cover.orbit_points, strict=True):
            where = np.full(self.cover.degree, -1, dtype=np.intp)
            where[list(upstairs)] = np.arange(len(upstairs))
            if where[upstairs[0] ^ 1] < 0 and min(upstairs) > min(p ^ 1 for p in upstairs):
                continue
            points = np.unique(np.array(upstairs, dtype=np.intp) >> 1)
            plus, minus = where[2 * points], where[2 * points + 1]
            signs = np.where(plus >= 0, 1, -1).astype(np.int8)
            double = where[upstairs[0] ^ 1] >= 0
            lifts = np.where(plus >= 0, plus, minus)
            out.append(Sheet(piece, points, lifts, signs, minus if double else None))
        return tuple(out)

    @classmethod
    def of(cls, X: Module) -> SignedModule:
        """Return a signed module unchanged, and a permutation module with all signs +."""
        require_module(X)
        if isinstance(X, SignedModule):
            return X
        plain = PermutationModule.of(X)
        # made once, so that what it has computed is kept
        signed: SignedModule = vars(plain).setdefault("_signed", cls.from_permutation(plain))
        return signed

    @classmethod
    def sum_of(cls, modules: Sequence[SignedModule]) -> SignedModule:
        """Return the direct sum of signed modules of one group, in their order."""
        plain = [X.contents.module for X in modules if isinstance(X.contents, AllPlus)]
        if len(plain) == len(modules):
            return cls.from_permutation(PermutationModule.sum_of(plain))
        cover = PermutationModule.sum_of([X.cover for X in modules])
        base = PermutationModule.sum_of([X.unsigned for X in modules])
        summands: list[SignedModule] = []
        for X in modules:
            flat = X.summands and X.name == sum_name(X.summands)
            summands.extend(X.summands if flat else (X,))
        starts = itertools.accumulate((X.degree for X in summands), initial=0)
        points = [range(s, s + X.degree) for s, X in zip(starts, summands, strict=False)]
        name = sum_name(summands)
        return cls(name, cover, base, Sum(tuple(summands), tuple(points)))

    @classmethod
    def product_of(
        cls, kind: ProductKind, group: ModuleGroup, factors: Sequence[SignedModule]
    ) -> SignedModule:
        """Return the tensor product; nothing of its size is formed before it is needed."""
        plain = [X.contents.module for X in factors if isinstance(X.contents, AllPlus)]
        if len(plain) == len(factors):
            return cls.from_permutation(PermutationModule.product_of(kind, group, plain))
        contents = Product(kind, with_flat_factors(kind, factors))
        name = product_name(kind, contents.factors)
        base = PermutationModule.product_of(kind, group, [X.unsigned for X in factors])
        cover = PermutationModule(
            group, f"cover of {name}", 2 * base.degree, CoverOfProduct(contents)
        )
        return cls(name, cover, base, contents)

    def _tensor_power(self, exponent: int, *, exterior: bool) -> Module:
        images, factors = power_on_points(self, exponent, exterior=exterior)
        name = power_name(self.name, exponent, exterior=exterior)
        return SignedModule.from_signs(self.home, images, factors, name, proved=True)

    def hom_basis(self, target: SignedModule, *, step_limit: int | None = None) -> SignedOrbitals:
        """Return the signed orbitals of target x source; see :func:`toolkit.orbitals`."""
        raised: SignedOrbitals | None = known(self, target, "orbitals")
        if step_limit is None and raised is not None:
            return raised
        found = SignedOrbitals(target, self, step_limit)
        return found if step_limit is None else keep(self, target, "orbitals", found)

    def _unit(self) -> SignedModule:
        unit: PermutationModule = self.unsigned._unit()
        return SignedModule.from_permutation(unit)
