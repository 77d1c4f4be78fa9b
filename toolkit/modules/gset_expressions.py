"""G-set expressions: what a module is made of, and what it needs from its group.

A permutation module is the backend of a transitive G-set, a sum, a product, the cover of a product
of signed modules, or an action given by images. Whatever costs work (orbits, multiplicities) is
done by the module when it is needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Literal, Protocol, TypeAlias, TypeVar

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from toolkit.exact.cyclotomic import Cyclotomic
    from toolkit.groups.character_table import CharacterTable
    from toolkit.groups.closed_forms.form import ClosedForm
    from toolkit.modules.gsets.actions import IntArray  # noqa: TC004 - would import numpy
    from toolkit.modules.module import Module
    from toolkit.modules.permutation_module import PermutationModule  # noqa: TC004 - a cycle
    from toolkit.modules.signed_module import SignedModule  # noqa: TC004 - a cycle
    from toolkit.modules.spherical import SphericalTable

M = TypeVar("M", bound="Module")
ProductKind: TypeAlias = Literal["diagonal", "outer"]


@dataclass(frozen=True)
class TransitiveRecord:
    """What is known of a transitive G-set G/H, as stored.

    Parameters
    ----------
    degree
        |X| = |G:H|.
    subgroup_order
        |H|.
    subgroup
        Generators of H, as data.
    orbit
        For an orbit of the natural action its 0-based points, rising; else ``None``.
    base
        0-based point whose stabiliser is H.
    images
        Per generator of G the 0-based images of the points (i -> i^g), or ``None`` if not kept.
    fixed_points
        Per conjugacy class, how many points its elements fix; ``None`` without a table.
    kernel_order
        Order of the kernel of the action, or ``None`` if not requested.
    """

    degree: int
    subgroup_order: int
    subgroup: tuple[object, ...]
    orbit: tuple[int, ...] | None
    base: int
    images: tuple[tuple[int, ...], ...] | None
    fixed_points: tuple[int, ...] | None
    kernel_order: int | None


class Backend(Protocol):
    """What computes the contents of a transitive module: the store, GAP, or the orbitals."""

    def record(self) -> TransitiveRecord:
        """Return the record, without images if they are costly."""

    def images(self) -> Sequence[Sequence[int]] | IntArray:
        """Return the generators' images."""

    def natural_points(self) -> IntArray | None:
        """Return the point of the natural action, or of the given one, that each point is.

        ``None`` for cosets: their names are words from the base point.
        """

    def spherical_table(self) -> SphericalTable:
        """Return the spherical table."""

    def representative_images(self) -> IntArray:
        """Return ``(classes, degree)`` the images under the representatives of the classes."""

    def split_scheme(
        self, numbers: list[list[list[int]]], paired: Sequence[int]
    ) -> list[tuple[int, tuple[Cyclotomic, ...]]]:
        """Return dimension and eigenvalues, by eigenspace, of orbitals that commute.

        From their intersection numbers and transposes, without a character table.
        """

    @property
    def specification(self) -> dict[str, Any]:
        """What the module is, as JSON data (:mod:`toolkit.modules.specification`)."""


class ModuleGroup(Protocol):
    """What a module needs from its group; :class:`toolkit.Group` is one."""

    @property
    def name(self) -> str:
        """Canonical name."""

    @property
    def title(self) -> str:
        """The name to display."""

    @property
    def order(self) -> int:
        """|G|."""

    def table_within_reach(self) -> CharacterTable | None:
        """Return the character table, or ``None`` if it is out of reach."""

    @property
    def closed_form(self) -> ClosedForm | None:
        """The closed form of the simples, at any order; ``None`` if there is none."""

    def backend_of_action(self, images: IntArray, name: str) -> Backend:
        """Return the backend of a transitive G-set given by images."""

    def direct_product(self, other: ModuleGroup) -> ModuleGroup:
        """Return the direct product: this group's generators first."""

    def factor_classes(
        self, factors: tuple[ModuleGroup, ...]
    ) -> tuple[tuple[int, ...], ...] | None:
        """Return, per factor of this direct product and per class, the class of the component.

        ``None`` if a character table is out of reach.
        """

    def signed_module_of_action(
        self, images: IntArray, signs: NDArray[np.int8], name: str
    ) -> SignedModule:
        """Return the signed module of images and signs that are known to be an action."""

    def class_words(self) -> Sequence[Sequence[int]] | None:
        """Return, per class, a word in the generators for one of its elements.

        0-based generators, multiplied from left to right, ``~g`` for an inverse. ``None`` if they
        are out of reach.
        """

    def simple_matrices(self, label: str) -> NDArray[np.float64]:
        """Return ``(generators, d, d)`` the orthogonal matrices of a simple."""


@dataclass(frozen=True)
class Sum(Generic[M]):
    """A disjoint union of G-sets, or a direct sum of signed modules.

    Parameters
    ----------
    summands
        The modules, in order.
    points
        Per summand the 0-based points of the whole, in the summand's own order.
    """

    summands: tuple[M, ...]
    points: tuple[Sequence[int], ...]


@dataclass(frozen=True)
class NaturalSum(Sum["PermutationModule"]):
    """The whole natural action, as the union of its orbits."""


@dataclass(frozen=True)
class Product(Generic[M]):
    """A product of G-sets, or of signed modules; the last factor's point runs fastest.

    Parameters
    ----------
    kind
        ``"diagonal"``: all factors belong to one group, which acts on all of them at once.
        ``"outer"``: each factor has its own group, and their direct product acts.
    factors
        Two or more modules.
    """

    kind: ProductKind
    factors: tuple[M, ...]


@dataclass(frozen=True)
class CoverOfProduct:
    """The cover of a product of signed modules: (i, j, +) is point 2 (i n + j), (i, j, -) the next.

    Parameters
    ----------
    product
        The product.
    """

    product: Product[SignedModule]


@dataclass(frozen=True)
class AllPlus:
    """A permutation module, read as a signed one with all signs +."""

    module: PermutationModule


@dataclass(frozen=True)
class SignedCosets:
    """The functions on G/K that change sign under H/K; both by generators, as data."""

    subgroup: tuple[object, ...]
    kernel: tuple[object, ...]


@dataclass(frozen=True, eq=False)
class Action:
    """A G-set of any kind, given by the images of the generators.

    Parameters
    ----------
    images
        ``(k, n)`` 0-based images, checked to be permutations.
    proved
        Whether they are known to be an action of the group, such as that on the edges of a graph.
    """

    images: IntArray
    proved: bool = False

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Action)
            and self.images.shape == other.images.shape
            and self.images.tobytes() == other.images.tobytes()
        )

    def __hash__(self) -> int:
        return hash((self.images.shape, self.images.tobytes()))


GSetExpression: TypeAlias = (
    "Backend | Sum[PermutationModule] | Product[PermutationModule] | CoverOfProduct | Action"
)
SignedExpression: TypeAlias = (
    "Sum[SignedModule] | Product[SignedModule] | AllPlus | SignedCosets | None"
)
