"""The expressions behind linear modules, each with its matrices, character and data."""

from __future__ import annotations

import itertools
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from functools import reduce
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from toolkit.exact.matrix import ExactMatrix
from toolkit.modules.fourier.adapted import TOLERANCE
from toolkit.modules.gset_expressions import Product, Sum
from toolkit.modules.linear.tensors import power_matrices

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.groups.class_functions.class_function import ClassFunction
    from toolkit.modules.linear.linear_module import LinearModule  # noqa: TC004 - a cycle
    from toolkit.modules.module import Module  # noqa: TC004 - a cycle

#: The residual of matrices whose relations hold by construction, up to rounding.
ROUNDING = 1e-15

PowerKind: TypeAlias = Literal["symmetric power", "exterior power"]


class LinearExpression(ABC):
    """What a linear module is made of."""

    @abstractmethod
    def matrices(self, V: LinearModule) -> NDArray[np.float64]:
        """Return ``(k, d, d)`` the generators' matrices."""

    def exact(self, V: LinearModule) -> tuple[ExactMatrix, ...] | None:
        """Return the matrices with exact entries, or ``None`` if they are not at hand."""
        return None

    @abstractmethod
    def character(self, V: LinearModule) -> ClassFunction | None:
        """Return the character, exactly; ``None`` without a character table."""

    def multiplicities(self, V: LinearModule) -> dict[str, int] | None:
        """Return the multiplicities if they are known without a character, else ``None``."""
        return None

    @property
    def parts(self) -> tuple[Module, ...]:
        """Modules whose coordinates, side by side, are those of this one; or nothing."""
        return ()

    @property
    def residual_of_parts(self) -> float:
        """How far the matrices are from the group's relations; see ``LinearModule.residual``."""
        return 0.0


@dataclass(frozen=True, eq=False)
class Given(LinearExpression):
    """Matrices that were given, and how well they obey the relations of the group.

    Parameters
    ----------
    floats
        ``(k, d, d)`` float64.
    entries
        The same with exact entries, or ``None``.
    residual
        0.0 if the relations were proved exactly, else the largest deviation that was measured.
    origin
        ``"matrices"``, or ``"space"`` if they came with the group.
    name
        The module's name.
    """

    floats: NDArray[np.float64]
    entries: tuple[ExactMatrix, ...] | None
    residual: float
    name: str
    origin: Literal["matrices", "space"] = "matrices"

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Given)
            and self.origin == other.origin
            and self.floats.shape == other.floats.shape
            and self.floats.tobytes() == other.floats.tobytes()
            and self.entries == other.entries
        )

    def __hash__(self) -> int:
        return hash((self.floats.shape, self.floats.tobytes()))

    @property
    def residual_of_parts(self) -> float:
        """The residual."""
        return self.residual

    def matrices(self, V: LinearModule) -> NDArray[np.float64]:
        """Return the matrices as floats."""
        return self.floats

    def exact(self, V: LinearModule) -> tuple[ExactMatrix, ...] | None:
        """Return the matrices with exact entries, if they were given so."""
        return self.entries

    def character(self, V: LinearModule) -> ClassFunction | None:
        """Return the character, from the multiplicities."""
        from toolkit.modules.linear.characters import character_of_multiplicities

        return character_of_multiplicities(V)

    def multiplicities(self, V: LinearModule) -> dict[str, int] | None:
        """Return the multiplicities: exactly from exact entries, else rounded and certified."""
        from toolkit.modules.linear.characters import multiplicities_of_matrices

        return multiplicities_of_matrices(V, self)

    @property
    def specification(self) -> dict[str, Any]:
        """The matrices as JSON data, or that they came with the group."""
        from toolkit.modules.linear.data import matrices_as_data

        if self.origin == "space":
            return {"module": "space"}
        return {"module": "matrices", "name": self.name, **matrices_as_data(self)}


@dataclass(frozen=True)
class Embedded(LinearExpression):
    """A permutation or signed module, read as a linear one."""

    module: Module

    def matrices(self, V: LinearModule) -> NDArray[np.float64]:
        """Return the permutation matrices, with signs."""
        return self.module.matrices

    def exact(self, V: LinearModule) -> tuple[ExactMatrix, ...]:
        """Return the same with integer entries."""
        return tuple(
            ExactMatrix.of(rows) for rows in self.module.matrices.astype(np.int64).tolist()
        )

    def character(self, V: LinearModule) -> ClassFunction | None:
        """Return the module's character, from its multiplicities where it is not at hand."""
        from toolkit.modules.linear.characters import character_of_multiplicities

        found = self.module.character
        return character_of_multiplicities(V) if found is None else found

    def multiplicities(self, V: LinearModule) -> dict[str, int]:
        """Return the module's multiplicities."""
        return self.module.multiplicities

    @property
    def parts(self) -> tuple[Module, ...]:
        """The module itself."""
        return (self.module,)

    @property
    def specification(self) -> dict[str, Any]:
        """The module's own specification, marked as one to be read as a linear module."""
        return {"module": "linear", "of": self.module.specification}


@dataclass(frozen=True)
class Simple(LinearExpression):
    """A simple, by the orthogonal matrices that it has in every Fourier basis."""

    label: str

    @property
    def residual_of_parts(self) -> float:
        """The largest that the certificate of a Fourier basis allows, for one simple."""
        return TOLERANCE

    def matrices(self, V: LinearModule) -> NDArray[np.float64]:
        """Return the matrices of the model."""
        return V.home.simple_matrices(self.label).copy()

    def character(self, V: LinearModule) -> ClassFunction | None:
        """Return the simple's character."""
        from toolkit.modules.linear.characters import character_of_multiplicities

        return character_of_multiplicities(V)

    def multiplicities(self, V: LinearModule) -> dict[str, int]:
        """Return multiplicity 1 for the simple."""
        return {self.label: 1}

    @property
    def specification(self) -> dict[str, Any]:
        """The label."""
        return {"module": "simple", "label": self.label}


@dataclass(frozen=True)
class LinearSum(Sum["LinearModule"], LinearExpression):
    """A direct sum; the coordinates of the summands follow on each other."""

    @property
    def residual_of_parts(self) -> float:
        """The largest residual of the parts."""
        return max(X.residual for X in self.summands)

    def matrices(self, V: LinearModule) -> NDArray[np.float64]:
        """Return block diagonal matrices."""
        blocks = [X.matrices for X in self.summands]
        out = np.zeros((len(blocks[0]), V.degree, V.degree))
        for points, block in zip(self.points, blocks, strict=True):
            own = slice(points[0], points[-1] + 1) if points else slice(0, 0)
            out[:, own, own] = block
        return out

    def character(self, V: LinearModule) -> ClassFunction | None:
        """Return the sum of the characters."""
        found = [X.character for X in self.summands]
        known = [chi for chi in found if chi is not None]
        return reduce(lambda a, b: a + b, known) if len(known) == len(found) else None

    def multiplicities(self, V: LinearModule) -> dict[str, int]:
        """Return the sums of the summands' multiplicities."""
        from toolkit.modules.linear.characters import sum_of_multiplicities

        return sum_of_multiplicities(X.multiplicities for X in self.summands)

    @property
    def parts(self) -> tuple[Module, ...]:
        """The summands."""
        return self.summands


@dataclass(frozen=True)
class LinearProduct(Product["LinearModule"], LinearExpression):
    """A tensor product; the last factor's coordinate runs fastest."""

    @property
    def residual_of_parts(self) -> float:
        """The largest residual of the parts."""
        return max(X.residual for X in self.factors)

    def matrices(self, V: LinearModule) -> NDArray[np.float64]:
        """Return Kronecker products."""
        factors = [X.matrices for X in self.factors]
        if self.kind == "diagonal":
            return np.array(
                [reduce(np.kron, matrices) for matrices in zip(*factors, strict=True)]
            ).reshape(-1, V.degree, V.degree)
        ones = [np.eye(X.degree) for X in self.factors]
        rows = [
            reduce(np.kron, [*ones[:i], rho, *ones[i + 1 :]])
            for i, matrices in enumerate(factors)
            for rho in matrices
        ]
        return np.array(rows).reshape(-1, V.degree, V.degree)

    def character(self, V: LinearModule) -> ClassFunction | None:
        """Return the product of the characters."""
        from toolkit.groups.class_functions.class_function import class_function
        from toolkit.modules.products import product_character

        table = V.home.table_within_reach()
        values = product_character(V.home, self) if table is not None else None
        if table is None or values is None:
            return None
        return class_function(table, values, V.home)


@dataclass(frozen=True)
class Dual(LinearExpression):
    """The dual of a linear module."""

    of: LinearModule

    @property
    def residual_of_parts(self) -> float:
        """That of the module itself."""
        return self.of.residual

    def matrices(self, V: LinearModule) -> NDArray[np.float64]:
        """Return the transposed inverses."""
        inverses: NDArray[Any] = np.linalg.inv(self.of.matrices)
        return inverses.transpose(0, 2, 1).copy()

    def character(self, V: LinearModule) -> ClassFunction | None:
        """Return the same character: that of a real representation is real."""
        return self.of.character

    def multiplicities(self, V: LinearModule) -> dict[str, int]:
        """Return those of the module itself."""
        return self.of.multiplicities

    @property
    def specification(self) -> dict[str, Any]:
        """The specification of the module that this is the dual of."""
        return {"module": "dual", "of": self.of.specification}


@dataclass(frozen=True)
class Power(LinearExpression):
    """A symmetric or exterior power (:mod:`toolkit.modules.linear.tensors`)."""

    of: LinearModule
    exponent: int
    kind: PowerKind = field(default="symmetric power")

    @property
    def residual_of_parts(self) -> float:
        """That of the module itself."""
        return self.of.residual

    def matrices(self, V: LinearModule) -> NDArray[np.float64]:
        """Return the matrices on symmetric or antisymmetric tensors."""
        exterior = self.kind == "exterior power"
        return power_matrices(self.of.matrices, self.exponent, exterior=exterior)

    def character(self, V: LinearModule) -> ClassFunction | None:
        """Return the power of the character."""
        chi = self.of.character
        if chi is None:
            return None
        if self.kind == "exterior power":
            return chi.exterior_power(self.exponent)
        return chi.symmetric_power(self.exponent)

    @property
    def specification(self) -> dict[str, Any]:
        """The module and the exponent."""
        return {"module": self.kind, "of": self.of.specification, "exponent": self.exponent}


def consecutive(modules: Sequence[LinearModule]) -> tuple[range, ...]:
    """Return the coordinates of modules that follow on each other.

    Examples
    --------
    >>> import toolkit as tk
    >>> V = tk.LinearModule.of(tk.group("S3").natural_module())
    >>> consecutive([V, V])
    (range(0, 3), range(3, 6))
    """
    starts = itertools.accumulate((X.degree for X in modules), initial=0)
    return tuple(range(s, s + X.degree) for s, X in zip(starts, modules, strict=False))
