"""The spherical table of a transitive permutation module: its rows, columns and laws.

For X = G/H and a simple L in Fun(X), phi_L(g) = (1/|H|) sum over h in H of chi_L(g h), divided
by dim L^H. A row per simple, a column per double coset HgH with its size. For the regular module
phi_L = chi_L / chi_L(1), so that the character table alone is enough.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from toolkit.cached import cached_property
from toolkit.display import PrintedTable
from toolkit.errors import InconsistentAnswerError
from toolkit.exact.cyclotomic import Cyclotomic
from toolkit.exact.residues import ResidueField, modular_product, residue_field
from toolkit.groups.character_table import ENDOMORPHISM_DIMENSIONS, RealType
from toolkit.text import counted

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np
    from numpy.typing import NDArray

    from toolkit.groups.character_table import CharacterTable


@dataclass(frozen=True)
class SphericalSimple:
    """A simple L that occurs in Fun(X), and its spherical function.

    Parameters
    ----------
    label
        ``"L3"`` of the group, or ``"V3"`` local to the module where the group's character table
        is out of reach.
    dimension, type
        Of L.
    multiplicity
        m_L: how often L occurs in Fun(X).
    action_order, kernel_order
        |G / ker L| and |ker L|.
    row
        phi_L: per column, a 0-based index into the table's ``values``.
    paper_index
        The paper's index, for cyclic and dihedral groups.
    """

    label: str
    dimension: int
    type: RealType
    multiplicity: int
    action_order: int
    kernel_order: int
    row: tuple[int, ...]
    paper_index: int | None = None

    @property
    def endomorphism_dimension(self) -> int:
        """Real dimension of End_G(L): 1, 2 or 4."""
        return ENDOMORPHISM_DIMENSIONS[self.type]

    @property
    def fixed_dimension(self) -> int:
        """Dimension of L^H: multiplicity times the dimension of End_G(L)."""
        return self.multiplicity * self.endomorphism_dimension


@dataclass(frozen=True, repr=False)
class SphericalTable(PrintedTable):
    """Spherical functions of a transitive module, exact.

    Parameters
    ----------
    group
        Canonical name of the group.
    module
        Name of the module.
    group_order, degree
        |G| and |X|.
    simples
        The simples in Fun(X), in canonical order; the trivial one is first.
    values
        The distinct entries, real cyclotomic numbers.
    sizes
        Per column |D|; they add up to |G|. The first column holds the trivial double coset H.
    points
        Per column the first point (0-based) of the suborbit, or empty if columns are merged.
    rank
        Number of orbitals of X x X.
    """

    group: str
    module: str
    group_order: int
    degree: int
    simples: tuple[SphericalSimple, ...]
    values: tuple[Cyclotomic, ...]
    sizes: tuple[int, ...]
    points: tuple[int, ...]
    rank: int

    def __repr__(self) -> str:
        simples = counted(len(self.simples), "simple")
        return f"<spherical table of {self.group}, {self.module}: {simples}, rank {self.rank}>"

    @cached_property
    def _position(self) -> dict[str, int]:
        return {s.label: i for i, s in enumerate(self.simples)}

    @cached_property
    def _field(self) -> ResidueField:
        bound = max(s.fixed_dimension for s in self.simples)
        return residue_field(ResidueField.common_conductor(self.values), max(2 * bound, 1 << 29))

    @cached_property
    def _residues(self) -> list[int]:
        return self._field.map(self.values)

    def simple(self, label: str) -> SphericalSimple:
        """Return the simple with this label; ``KeyError`` names those in the module."""
        if label in self._position:
            return self.simples[self._position[label]]
        known = ", ".join(self._position)
        raise KeyError(f"the simples in {self.module} of {self.group} are {known}, not {label!r}")

    def entry(self, label: str, column: int) -> Cyclotomic:
        """Return phi_L on one column (0-based), exactly."""
        return self.values[self.simple(label).row[column]]

    def to_numpy(self) -> NDArray[np.float64]:
        """Return the table as a ``(simples, columns)`` float64 array (rounded)."""
        import numpy as np

        values = np.array([v.to_float() for v in self.values])
        out: NDArray[np.float64] = values[np.array([s.row for s in self.simples], dtype=np.intp)]
        return out

    def columns_where(self, labels: Iterable[str], sign: int) -> tuple[int, ...]:
        """Return the columns on which phi_L = ``sign`` (1 or -1) for all the given simples.

        For sign 1 this is the subgroup U+ of :mod:`toolkit.pl`, for -1 the set U-.
        """
        wanted = self._units.get(sign, -1)
        rows = [self.simple(label).row for label in labels]
        return tuple(c for c in range(len(self.sizes)) if all(row[c] == wanted for row in rows))

    @cached_property
    def _units(self) -> dict[int, int]:
        """Positions of 1 and -1 among the values."""
        return {v.to_int(): i for i, v in enumerate(self.values) if v.is_integer}

    def fixed_dimension(self, label: str, columns: Iterable[int]) -> int:
        """Return dim K^U, U the subgroup that is the union of the given columns.

        dim K^U = dim K^H * sum over D in U of |D| phi_K(D) / |U|. The integer is read off
        modulo a prime larger than twice dim K^H, so it is exact.

        Raises
        ------
        InconsistentAnswerError
            If the sum is no integer between 0 and dim K^H: the columns are no subgroup, or the
            table is wrong.
        """
        simple = self.simple(label)
        p = self._field.prime
        chosen = tuple(columns)
        order = sum(self.sizes[c] for c in chosen)
        total = sum(self.sizes[c] * self._residues[simple.row[c]] for c in chosen)
        found = self._field.to_int(total * simple.fixed_dimension * self._field.inverse(order % p))
        if not 0 <= found <= simple.fixed_dimension:
            raise InconsistentAnswerError(
                self.group,
                f"dim {label}^U between 0 and {simple.fixed_dimension} in {self.module}",
                str(found),
            )
        return found


def regular_spherical_table(table: CharacterTable) -> SphericalTable:
    """Return the spherical table of the regular module, from the character table alone.

    Columns are the conjugacy classes, merged where all real characters agree (a class and its
    inverse). Exact; never starts GAP; no elements are listed, so that even the Monster's table
    works.
    """
    import numpy as np

    every = table.simple_rows
    place: dict[bytes, int] = {}
    sizes: list[int] = []
    kept: list[int] = []
    for c, (column, size) in enumerate(
        zip(np.ascontiguousarray(every.T), table.class_sizes, strict=True)
    ):
        at = place.setdefault(column.tobytes(), len(sizes))
        if at == len(sizes):
            sizes.append(0)
            kept.append(c)
        sizes[at] += size
    values: dict[Cyclotomic, int] = {}
    simples = []
    chosen = every[:, kept]
    dimensions = np.array([s.dimension for s in table.simples])
    ends = [*(np.flatnonzero(np.diff(dimensions)) + 1).tolist(), len(dimensions)]
    for start, end in zip([0, *ends], ends, strict=False):  # simples of one dimension
        scale = Fraction(1, int(dimensions[start]))
        known = np.full(len(table.values), -1, dtype=np.intp)
        # values are numbered in the order of simples, then of columns
        for v in dict.fromkeys(chosen[start:end].ravel().tolist()):
            known[v] = values.setdefault(table.values[v].scaled(scale), len(values))
        rows = known[chosen[start:end]].tolist()
        for simple, row in zip(table.simples[start:end], rows, strict=True):
            simples.append(
                SphericalSimple(
                    label=simple.label,
                    dimension=simple.dimension,
                    type=simple.type,
                    multiplicity=simple.dimension // simple.endomorphism_dimension,
                    action_order=simple.action_order,
                    kernel_order=simple.kernel_order,
                    row=tuple(row),
                    paper_index=simple.paper_index,
                )
            )
    return SphericalTable(
        group=table.group,
        module="regular module",
        group_order=table.order,
        degree=table.order,
        simples=tuple(simples),
        values=tuple(values),
        sizes=tuple(sizes),
        points=(),
        rank=table.order,
    )


def check_spherical_table(table: SphericalTable) -> None:
    """Check the laws of :mod:`toolkit.modules`; raise InconsistentAnswerError if one fails.

    Orthogonality of rows, the sum over simples on every column, the rank, the degree: all exact
    (integers as such, cyclotomic identities in two large prime fields).

    Parameters
    ----------
    table
        The spherical table.

    Examples
    --------
    >>> import toolkit as tk
    >>> table = tk.group("S3").natural_module().spherical_table
    >>> check_spherical_table(table)  # all laws hold

    >>> from dataclasses import replace
    >>> check_spherical_table(replace(table, sizes=(3, 3)))
    Traceback (most recent call last):
        ...
    toolkit.errors.InconsistentAnswerError: the answer about 3 points of S3 breaks a law and is
    rejected: required orthogonal spherical functions, found L0 and L2
    """

    def require(condition: bool, law: str, found: object) -> None:
        if not condition:
            raise InconsistentAnswerError(f"{table.module} of {table.group}", law, str(found))

    n, simples, sizes = table.group_order, table.simples, table.sizes
    require(sum(sizes) == n, "sizes of double cosets that add up to |G|", sum(sizes))
    require(
        sum(s.multiplicity * s.dimension for s in simples) == table.degree,
        f"multiplicities times dimensions to add up to {table.degree}",
        [(s.label, s.multiplicity) for s in simples],
    )
    require(
        sum(s.multiplicity**2 * s.endomorphism_dimension for s in simples) == table.rank,
        f"the rank {table.rank} to be the sum of m^2 e",
        [(s.label, s.multiplicity) for s in simples],
    )
    if table.points:
        require(len(sizes) == table.rank, f"{table.rank} double cosets", len(sizes))
    one = table.values.index(Cyclotomic.from_int(1))
    require(all(s.row[0] == one for s in simples), "phi(1) = 1", [s.row[0] for s in simples])
    first = simples[0]
    require(
        first.dimension == first.multiplicity == 1 and set(first.row) == {one},
        "the trivial simple first",
        first.label,
    )
    require(
        all(
            abs(v.to_float()) <= 1 + 1e-9 and abs(v.to_complex().imag) < 1e-9 for v in table.values
        ),
        "real values of absolute value at most 1",
        [str(v) for v in table.values][:5],
    )
    for skip in (0, 1):
        field = residue_field(ResidueField.common_conductor(table.values), skip=skip)
        p = field.prime
        values = field.map(table.values)
        rows = [[values[v] for v in s.row] for s in simples]
        columns = list(zip(*rows, strict=True))
        weighted = [
            [x * (size % p) % p for x in column]
            for column, size in zip(columns, sizes, strict=True)
        ]
        gram = modular_product(rows, weighted, p)
        for i, s in enumerate(simples):
            for j in range(len(simples)):
                wanted = n * field.inverse(s.multiplicity * s.dimension) % p if i == j else 0
                require(
                    gram[i][j] == wanted,
                    "orthogonal spherical functions",
                    f"{s.label} and {simples[j].label}",
                )
        for c, column in enumerate(columns):
            total = sum(
                s.multiplicity * s.dimension * x for s, x in zip(simples, column, strict=True)
            )
            wanted = table.degree if c == 0 else 0
            require(
                (total - wanted) % p == 0,
                "sum of m dim phi = |X| on H and 0 elsewhere",
                f"column {c}",
            )
