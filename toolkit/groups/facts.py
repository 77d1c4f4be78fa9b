"""Facts about a group that fit on one line each."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class CharacteristicOrders:
    """Orders of characteristic subgroups; ``None`` where it was out of reach.

    Parameters
    ----------
    centre, derived, frattini, fitting, socle, radical
        The centre, the derived subgroup, the Frattini and the Fitting subgroup, the socle and
        the solvable radical.
    """

    centre: int
    derived: int
    frattini: int | None
    fitting: int | None
    socle: int | None
    radical: int | None


@dataclass(frozen=True)
class GroupFacts:
    """Facts about a group; every field is exact, ``None`` means not known.

    Parameters
    ----------
    order
        |G|.
    generators
        The defining generators, as data (``{"perm": 0-based images}`` or ``{"pc": exponents}``).
    points
        Number of points of the natural action, 0 if the name brings none.
    faithful
        Whether the natural action is faithful.
    orbit_lengths
        Lengths of its orbits, longest first.
    id
        ``(order, index)`` in the small groups library.
    description
        GAP's StructureDescription: a helpful text, never an identifier.
    abelian, nilpotent, solvable, perfect, simple
        Whether the group has this property.
    exponent
        Least common multiple of the element orders.
    abelian_invariants
        Of the abelianisation: prime powers, smallest first.
    subgroups
        Orders of characteristic subgroups.
    derived_series
        Orders, from the whole group down.
    table
        ``True``, or the sentence that says why the character table is out of reach.
    classes
        Number of conjugacy classes.
    """

    order: int
    generators: tuple[object, ...]
    points: int
    faithful: bool | None
    orbit_lengths: tuple[int, ...]
    id: tuple[int, int] | None
    description: str | None
    abelian: bool
    nilpotent: bool
    solvable: bool
    perfect: bool
    simple: bool
    exponent: int | None
    abelian_invariants: tuple[int, ...]
    subgroups: CharacteristicOrders
    derived_series: tuple[int, ...]
    table: bool | str
    classes: int | None
