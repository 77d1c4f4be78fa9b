r"""Linear modules: a real representation of a finite group by any invertible matrices.

A linear module V has a real matrix rho(g) for each generator, acting on columns, with
rho(gh) = rho(g) rho(h) for the product gh of GAP, g first. Permutation and signed modules are the
special case (g f)(i) = sign * f(i^g). An activation that acts coordinate by coordinate commutes
with permutation matrices only (odd ones with signed ones), so that linear modules carry none:
their coordinates mean directions, not points.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

import numpy as np

from toolkit.cached import cached_property
from toolkit.errors import ModuleMismatchError, NotAvailable
from toolkit.modules.gset_expressions import ModuleGroup
from toolkit.modules.linear.expressions import (
    Dual,
    Embedded,
    Given,
    LinearExpression,
    LinearProduct,
    LinearSum,
    Power,
    consecutive,
)
from toolkit.modules.linear.tensors import power_dimension, power_name
from toolkit.modules.module import (
    Module,
    common_kind,
    direct_sum,
    hom_dimension,
    opaque,
    require_matrices,
    require_module,
    sum_name,
)
from toolkit.modules.products import product_name, with_flat_factors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from toolkit.exact.cyclotomic import Number
    from toolkit.exact.matrix import ExactMatrix
    from toolkit.groups.class_functions.class_function import ClassFunction
    from toolkit.modules.gset_expressions import ProductKind
    from toolkit.modules.module import Sheet
    from toolkit.modules.permutation_module import PermutationModule

#: How far float matrices may be from orthogonal ones and still count as such.
_ORTHOGONAL = 1e-11

#: Matrices up to this size are looked at for permutations.
_SEARCHED = 1000


@opaque
@dataclass(frozen=True, repr=False)
class LinearModule(Module):
    """A real representation of a finite group, by the matrices of the generators.

    Made by :meth:`toolkit.Group.linear_module` from matrices, by
    :meth:`toolkit.Group.simple_module` and :meth:`toolkit.Group.space_module`, and from permutation
    and signed modules by :meth:`of`; by sums ``X + Y`` and products ``X * Y``, ``X ** k``,
    :meth:`outer`, in which other summands and factors may be permutation or signed modules; by
    :attr:`dual`, :meth:`symmetric_power` and :meth:`exterior_power`.

    Parameters
    ----------
    home
        The group.
    name
        The module's name.
    degree
        Its dimension.
    contents
        What it is made of.

    Examples
    --------
    The symmetries of a square, turning vectors of the plane:

    >>> import toolkit as tk
    >>> G = tk.group("D8")
    >>> V = G.linear_module([[[0, -1], [1, 0]], [[1, 0], [0, -1]]], name="plane")
    >>> V, V.multiplicities, (V * V).multiplicities
    (<plane: linear module of D8 of dimension 2>, {'L4': 1}, {'L0': 1, 'L1': 1, 'L2': 1, 'L3': 1})
    >>> (V + G.regular_module()).rank, V.symmetric_square.degree
    (13, 3)
    """

    home: ModuleGroup = field(repr=False)
    name: str
    degree: int
    contents: LinearExpression = field(repr=False)

    generality: ClassVar[int] = 2

    if TYPE_CHECKING:

        def __add__(self, other: Module) -> LinearModule: ...
        def __mul__(self, other: Module) -> LinearModule: ...
        def outer(self, other: Module) -> LinearModule: ...  # noqa: D102

    def __repr__(self) -> str:
        return f"<{self.name}: linear module of {self.group_title} of dimension {self.degree}>"

    # kinds --------------------------------------------------------------------------------------

    @classmethod
    def of(cls, X: Module) -> LinearModule:
        """Return a linear module unchanged, and any other module as a linear module.

        Examples
        --------
        >>> import toolkit as tk
        >>> V = LinearModule.of(tk.group("C3").natural_module())
        >>> V.matrices.tolist()
        [[[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]]
        """
        require_module(X)
        if isinstance(X, LinearModule):
            return X
        return cls(X.home, X.name, X.degree, Embedded(X))

    @classmethod
    def sum_of(cls, modules: Sequence[LinearModule]) -> LinearModule:
        """Return the direct sum of linear modules of one group, in their order."""
        plain = _on_points(modules)
        if plain:
            return cls.of(direct_sum(*plain))
        summands: list[LinearModule] = []
        for X in modules:
            flat = X.summands and X.name == sum_name(X.summands)
            summands.extend(X.summands if flat else (X,))
        degree = sum(X.degree for X in summands)
        contents = LinearSum(tuple(summands), consecutive(summands))
        return cls(summands[0].home, sum_name(summands), degree, contents)

    @classmethod
    def product_of(
        cls, kind: ProductKind, group: ModuleGroup, factors: Sequence[LinearModule]
    ) -> LinearModule:
        """Return the tensor product; nothing of its size is formed before it is needed."""
        plain = _on_points(factors)
        if plain:
            same = common_kind(*plain)
            return cls.of(type(same[0]).product_of(kind, group, same))
        flat = with_flat_factors(kind, factors)
        degree = int(np.prod([X.degree for X in factors], dtype=object))
        return cls(group, product_name(kind, flat), degree, LinearProduct(kind, flat))

    @property
    def summands(self) -> tuple[LinearModule, ...]:
        """The summands of a sum; empty if this is not a sum."""
        if isinstance(self.contents, Embedded):
            return tuple(map(self.of, self.contents.module.summands))
        return super().summands

    @property
    def product(self) -> ProductKind | None:
        """``"diagonal"`` or ``"outer"`` for a product, else ``None``."""
        if isinstance(self.contents, Embedded):
            return self.contents.module.product
        return super().product

    @property
    def factors(self) -> tuple[LinearModule, ...]:
        """The factors of a product; empty if this is not a product."""
        if isinstance(self.contents, Embedded):
            return tuple(map(self.of, self.contents.module.factors))
        return super().factors

    @property
    def on_points(self) -> Module | None:
        """The permutation or signed module that was read as this one, or ``None``."""
        return self.contents.module if isinstance(self.contents, Embedded) else None

    def _unit(self) -> LinearModule:
        one = np.ones((len(self.matrices), 1, 1))
        return LinearModule(self.home, "1", 1, Given(one, None, 0.0, "1"))

    # matrices -----------------------------------------------------------------------------------

    @cached_property
    def matrices(self) -> NDArray[np.float64]:
        """``(generators, degree, degree)`` float64, read-only: the generators, acting on columns.

        Raises
        ------
        NotAvailable
            If the dimension is above 4096.
        """
        require_matrices(self)
        out = np.asarray(self.contents.matrices(self), dtype=np.float64)
        out.flags.writeable = False
        return out

    @cached_property
    def exact_matrices(self) -> tuple[ExactMatrix, ...] | None:
        """Per generator its matrix with exact entries, or ``None`` if they are not at hand.

        They exist for modules given by exact matrices, and for permutation and signed modules read
        as linear ones.
        """
        return self.contents.exact(self)

    @cached_property
    def residual(self) -> float:
        """How far the matrices are from the group's relations: 0.0 if these were proved.

        Measured for float matrices; at most 1e-12 for simples, whose matrices come from Fourier
        bases; for sums, products and powers the largest of the modules that they are made of.
        """
        return self.contents.residual_of_parts

    @cached_property
    def is_orthogonal(self) -> bool:
        """Whether the group keeps the standard inner product: all matrices are orthogonal.

        To 1e-11 for each entry. If not, :attr:`inner_product` is one that it keeps.
        """
        rho = self.matrices
        difference = rho.transpose(0, 2, 1) @ rho - np.eye(self.degree)
        return bool(np.abs(difference).max(initial=0.0) <= _ORTHOGONAL)

    @cached_property
    def inner_product(self) -> NDArray[np.float64]:
        """``(degree, degree)`` float64: an inner product Q that the group keeps, read-only.

        rho(g)^T Q rho(g) = Q. The identity for orthogonal matrices, else the average of
        rho(g)^T rho(g) over the group, to rounding.

        Raises
        ------
        InconsistentAnswerError
            If none is found: then the matrices generate no finite group.

        Examples
        --------
        >>> import toolkit as tk
        >>> V = tk.group("C2").linear_module([[[0, 2], ["1/2", 0]]])
        >>> V.is_orthogonal, (V.inner_product / V.inner_product[0, 0]).round(6).tolist()
        (False, [[1.0, 0.0], [0.0, 4.0]])
        """
        if self.is_orthogonal:
            out = np.eye(self.degree)
        else:
            from toolkit.modules.fourier.averages import invariant_form

            out, _ = invariant_form(self.matrices)
        out.flags.writeable = False
        return out

    # decomposition ------------------------------------------------------------------------------

    @cached_property
    def multiplicities(self) -> dict[str, int]:
        """How often each simple occurs, by label, in canonical order.

        Exact for exact matrices, permutation and signed modules, simples, and whatever is made of
        them; from float matrices rounded, with a certificate: every inner product of characters is
        within 1e-3 of an integer, and the dimensions add up.

        Raises
        ------
        NotAvailable
            If the group's character table is out of reach, or its elements are too many.
        InconsistentAnswerError
            If the certificate fails.
        """
        found = self.contents.multiplicities(self)
        if found is not None:
            return found
        chi = self.contents.character(self)
        if chi is None:
            raise NotAvailable(
                self.group,
                f"the multiplicities in {self.name}",
                "the character table is out of reach, and without it only sums of modules with "
                "known multiplicities are decomposed",
            )
        return chi.real_multiplicities

    @cached_property
    def character(self) -> ClassFunction | None:
        """The character, exactly: from the multiplicities; ``None`` without a character table.

        Examples
        --------
        >>> import toolkit as tk
        >>> G = tk.group("A5")
        >>> G.simple_module("L1").character
        <class function of A5: 3, -1, 0, (√5+1)/2, (1-√5)/2>
        """
        return self.contents.character(self)

    @property
    def traces(self) -> tuple[Number, ...] | None:
        """The character's value at each conjugacy class, exact; ``None`` without a table."""
        chi = self.character
        return None if chi is None else chi.values

    @cached_property
    def rank(self) -> int:
        """The dimension of End_G of the module: the sum of m_L^2 dim End(L), exactly."""
        if isinstance(self.contents, Embedded):
            return self.contents.module.rank
        return hom_dimension(self, self)

    # constructions ------------------------------------------------------------------------------

    @property
    def dual(self) -> LinearModule:
        """The dual module, with the transposed inverse matrices; itself where it is orthogonal.

        Examples
        --------
        >>> import toolkit as tk
        >>> V = tk.group("C2").linear_module([[[0, 2], ["1/2", 0]]], name="V")
        >>> V.dual, V.dual.matrices[0].tolist(), V.dual.dual == V
        (<dual of V: linear module of C2 of dimension 2>, [[0.0, 0.5], [2.0, 0.0]], True)
        """
        if isinstance(self.contents, Dual):
            return self.contents.of
        if self.is_orthogonal:
            return self
        name = f"dual of {self.name}" if not self.summands else f"dual of ({self.name})"
        return LinearModule(self.home, name, self.degree, Dual(self))

    def _tensor_power(self, exponent: int, *, exterior: bool) -> LinearModule:
        if isinstance(self.contents, Embedded):
            X = self.contents.module
            return self.of(X._tensor_power(exponent, exterior=exterior))
        degree = power_dimension(self.degree, exponent, exterior=exterior)
        kind: Any = "exterior power" if exterior else "symmetric power"
        name = power_name(self.name, exponent, exterior=exterior)
        return LinearModule(self.home, name, degree, Power(self, exponent, kind))

    # what needs points --------------------------------------------------------------------------

    def require_points(self, what: str) -> NoReturn:
        """Raise ModuleMismatchError: the group mixes the coordinates; it says what to do instead.

        Parameters
        ----------
        what
            What needs points, for the message.
        """
        raise ModuleMismatchError(
            f"{what}: a permutation or signed module is required, found the linear module "
            f"{self.name:.60}, whose coordinates the group mixes; {self.advice_without_points}"
        )

    @property
    def advice_without_points(self) -> str:
        """What to do where points are needed."""
        if isinstance(self.contents, Embedded):
            return f"use the module {self.contents.module.name:.60} itself"
        rho = self.matrices if self.degree <= _SEARCHED else np.empty((0, 0, 0))
        near = np.rint(rho)
        monomial = (np.abs(near).sum(axis=1) == 1).all() and (np.abs(near).sum(axis=2) == 1).all()
        if len(rho) and monomial and np.abs(rho - near).max() < 1e-9:
            if (near >= 0).all():
                return (
                    "its matrices are permutation matrices, and "
                    "G.module_from_images(V.matrices.argmax(axis=2)) gives the permutation module"
                )
            return (
                "its matrices are signed permutation matrices, and "
                "G.signed_module_from_matrices(V.matrices.round()) gives the signed module"
            )
        return (
            "pass through a permutation module X, with tk.nn.Frame(V, X) or equivariant layers "
            "from V to X and back, or use tk.nn.NormActivation or tk.nn.Gated"
        )

    @property
    def images(self) -> NoReturn:
        """No linear module has images of points.

        Raises
        ------
        ModuleMismatchError
            Always; it says what to do instead.
        """
        self.require_points("images of points")

    @property
    def signs(self) -> NoReturn:
        """No linear module has signs; raises as :attr:`images` does."""
        self.require_points("signs of points")

    @property
    def has_signs(self) -> NoReturn:
        """No linear module has signs; raises as :attr:`images` does."""
        self.require_points("signs of points")

    @property
    def is_transitive(self) -> NoReturn:
        """No linear module has orbits of points; raises as :attr:`images` does."""
        self.require_points("orbits of points")

    @property
    def orbit_count(self) -> NoReturn:
        """No linear module has orbits of points; raises as :attr:`images` does."""
        self.require_points("orbits of points")

    @property
    def orbits(self) -> NoReturn:
        """No linear module has orbits of points; raises as :attr:`images` does."""
        self.require_points("orbits of points")

    @property
    def orbit_points(self) -> NoReturn:
        """No linear module has orbits of points; raises as :attr:`images` does."""
        self.require_points("orbits of points")

    @property
    def unsigned(self) -> PermutationModule:
        """No linear module has points; raises as :attr:`images` does."""
        self.require_points("points without signs")

    @property
    def sheets(self) -> tuple[Sheet, ...]:
        """No linear module has points; raises as :attr:`images` does."""
        self.require_points("orbits of points")

    @property
    def association_scheme(self) -> NoReturn:
        """No linear module has one; raises as :attr:`images` does."""
        self.require_points("an association scheme")

    @property
    def spherical_table(self) -> NoReturn:
        """No linear module has one; raises as :attr:`images` does."""
        self.require_points("a spherical table")

    def hom_basis(self, target: LinearModule, *, step_limit: int | None = None) -> NoReturn:
        """No orbitals span the maps between linear modules; raises as :attr:`images` does."""
        self.require_points("orbitals")

    # identity -----------------------------------------------------------------------------------

    @property
    def action_digest(self) -> str:
        """A digest of the specification without names, as hexadecimal digits.

        Not of the matrices: those of simples are computed, and differ in their last digits between
        machines.
        """
        text = json.dumps(_nameless(self.specification), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


def _on_points(modules: Sequence[LinearModule]) -> list[Module]:
    """Return permutation and signed modules that are all read as linear ones; else nothing."""
    plain = [X.on_points for X in modules if X.on_points is not None]
    return plain if len(plain) == len(modules) else []


def _nameless(data: Any) -> Any:  # noqa: ANN401 - JSON
    if isinstance(data, dict):
        return {key: _nameless(value) for key, value in data.items() if key != "name"}
    return [_nameless(value) for value in data] if isinstance(data, list) else data
