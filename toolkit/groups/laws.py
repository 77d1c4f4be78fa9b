"""The laws that an answer about a group must satisfy before it is used.

Every function raises :class:`~toolkit.errors.InconsistentAnswerError` on the first law that
fails, and returns nothing. Integer laws are checked as such. Identities between the values of
characters are decided modulo primes, with proof: see :mod:`toolkit.groups.table_laws`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from toolkit.errors import InconsistentAnswerError
from toolkit.exact.residues import prime_factors

if TYPE_CHECKING:
    from toolkit.groups.character_table import CharacterTable
    from toolkit.groups.facts import GroupFacts
    from toolkit.groups.subgroups import SubgroupClasses


def check_facts(group: str, facts: GroupFacts) -> None:
    """Check that orders divide, and that the adjectives agree with each other and the orders.

    Parameters
    ----------
    group
        Its name, for the message.
    facts
        What is claimed of it.

    Examples
    --------
    >>> import toolkit as tk
    >>> facts = tk.group("S3").facts
    >>> check_facts("S3", facts)  # all laws hold

    >>> from dataclasses import replace
    >>> check_facts("S3", replace(facts, abelian=True))
    Traceback (most recent call last):
        ...
    toolkit.errors.InconsistentAnswerError: the answer about S3 breaks a law and is rejected:
    required abelian exactly if the centre is G, found ...
    """

    def require(condition: bool, law: str, found: object) -> None:
        if not condition:
            raise InconsistentAnswerError(group, law, str(found))

    n = facts.order
    require(n >= 1, "a positive order", n)
    orders = facts.subgroups
    for name in ("centre", "derived", "frattini", "fitting", "socle", "radical"):
        value = getattr(orders, name)
        require(value is None or n % value == 0, f"the order of the {name} to divide |G|", value)
    require(
        n // orders.derived == math.prod(facts.abelian_invariants),
        "|G/G'| to be the product of the abelian invariants",
        facts.abelian_invariants,
    )
    require(facts.abelian == (orders.centre == n), "abelian exactly if the centre is G", orders)
    require(facts.abelian == (orders.derived == 1), "abelian exactly if G' is trivial", orders)
    require(facts.perfect == (orders.derived == n), "perfect exactly if G' = G", orders.derived)
    require(facts.solvable or not facts.nilpotent, "nilpotent groups to be solvable", facts)
    require(facts.nilpotent or not facts.abelian, "abelian groups to be nilpotent", facts)
    if facts.derived_series:
        require(
            facts.solvable == (facts.derived_series[-1] == 1),
            "solvable exactly if the derived series reaches 1",
            facts.derived_series,
        )
    if facts.exponent is not None:
        require(n % facts.exponent == 0, "the exponent to divide |G|", facts.exponent)
        require(
            prime_factors(facts.exponent) == prime_factors(n),
            "the exponent to have the prime divisors of |G|",
            facts.exponent,
        )
    if facts.id is not None:
        require(facts.id[0] == n, "an id of the same order", facts.id)
    if facts.orbit_lengths:
        require(
            sum(facts.orbit_lengths) == facts.points
            and all(n % x == 0 for x in facts.orbit_lengths),
            "orbit lengths that divide |G| and add up to the number of points",
            facts.orbit_lengths,
        )
    if facts.classes is not None and facts.abelian:
        require(facts.classes == n, "an abelian group to have |G| classes", facts.classes)


def check_character_table(table: CharacterTable) -> None:
    """Check class equation, power maps, orthogonality, indicators and the real simples.

    Exact; about k^3 steps on arrays for k classes.

    Parameters
    ----------
    table
        The character table.

    Examples
    --------
    >>> import toolkit as tk
    >>> table = tk.group("S3").character_table
    >>> check_character_table(table)  # all laws hold

    >>> from dataclasses import replace
    >>> check_character_table(replace(table, class_sizes=(1, 2, 3)))
    Traceback (most recent call last):
        ...
    toolkit.errors.InconsistentAnswerError: the answer about S3 breaks a law and is rejected:
    required element orders that divide centraliser orders, found (1, 2, 3)
    """
    from toolkit.groups.table_laws import check_sums, check_values  # they need numpy

    _check_classes(table)
    check_values(table)
    check_sums(table)
    _check_simples(table)


def _check_classes(table: CharacterTable) -> None:
    def require(condition: bool, law: str, found: object) -> None:
        if not condition:
            raise InconsistentAnswerError(table.group, law, str(found))

    n, sizes, orders = table.order, table.class_sizes, table.element_orders
    require(sum(sizes) == n, "class sizes that add up to |G|", sum(sizes))
    require(all(n % s == 0 for s in sizes), "class sizes that divide |G|", sizes)
    require(orders[0] == 1 and sizes[0] == 1, "the identity class first", (orders[0], sizes[0]))
    require(
        all((n // s) % o == 0 for o, s in zip(orders, sizes, strict=True)),
        "element orders that divide centraliser orders",
        orders,
    )
    for p, power in table.power_maps.items():
        require(
            all(orders[power[c]] == o // math.gcd(o, p) for c, o in enumerate(orders)),
            f"{p}-th powers of the right order",
            power,
        )
        for q, other in table.power_maps.items():
            require(
                all(power[other[c]] == other[power[c]] for c in range(len(sizes))),
                f"power maps {p} and {q} that commute",
                power,
            )
    inverse = table.inverse
    require(
        all(inverse[inverse[c]] == c and sizes[inverse[c]] == s for c, s in enumerate(sizes)),
        "inversion of classes to be an involution",
        inverse,
    )
    degrees = [table.value(i, 0).to_int() for i in range(len(table.rows))]
    require(len(table.rows) == len(sizes), "as many characters as classes", len(table.rows))
    require(sum(d * d for d in degrees) == n, "squares of degrees that add up to |G|", degrees)
    require(all(d > 0 and n % d == 0 for d in degrees), "degrees that divide |G|", degrees)
    squares = table.power_maps.get(2)
    if squares is not None:
        roots = sum(s for c, s in enumerate(sizes) if squares[c] == 0)
        weighted = sum(nu * d for nu, d in zip(table.indicators, degrees, strict=True))
        require(
            weighted == roots,
            f"indicators times degrees to count the {roots} square roots of 1",
            weighted,
        )


def _check_simples(table: CharacterTable) -> None:
    def require(condition: bool, law: str, found: object) -> None:
        if not condition:
            raise InconsistentAnswerError(table.group, law, str(found))

    used = sorted(i for s in table.simples for i in s.constituents)
    require(used == list(range(len(table.rows))), "each character in one real simple", used)
    pairs = sum(1 for c, d in enumerate(table.inverse) if c <= d)
    require(
        len(table.simples) == pairs,
        f"as many real simples as classes up to inversion, {pairs}",
        len(table.simples),
    )
    require(
        sum(s.dimension**2 // s.endomorphism_dimension for s in table.simples) == table.order,
        "the regular module to have dimension |G|",
        [s.dimension for s in table.simples],
    )
    indicator = {"R": 1, "C": 0, "H": -1}
    for s in table.simples:
        found = [table.indicators[i] for i in s.constituents]
        require(
            set(found) == {indicator[s.type]}, f"indicators of {s.label} of type {s.type}", found
        )
        require(
            table.order % s.plus_minus_order == 0 and s.plus_minus_order % s.kernel_order == 0,
            f"the kernel of {s.label} inside its +-1-subgroup inside G",
            (s.kernel_order, s.plus_minus_order),
        )
    first = table.simples[0]
    require(first.action_order == 1 and first.dimension == 1, "L0 to be trivial", first.label)


def check_subgroup_classes(group: str, order: int, classes: SubgroupClasses) -> None:
    """Check Lagrange's theorem, class lengths, and integral numbers of fixed points.

    Parameters
    ----------
    group
        Its name, for the message.
    order
        Its order.
    classes
        The classes of subgroups.

    Examples
    --------
    >>> import toolkit as tk
    >>> found = tk.group("S3").subgroup_classes()
    >>> check_subgroup_classes("S3", 6, found)  # all laws hold

    >>> from dataclasses import replace
    >>> check_subgroup_classes("S3", 6, replace(found, classes=found.classes[:-1]))
    Traceback (most recent call last):
        ...
    toolkit.errors.InconsistentAnswerError: the answer about S3 breaks a law and is rejected:
    required the trivial subgroup and the whole group in the list, found [1, 2, 3]
    """
    for c in classes.classes:
        lawful = order % c.order == 0 and (order // c.order) % c.length == 0
        if not lawful or (c.class_counts and sum(c.class_counts) != c.order):
            raise InconsistentAnswerError(
                group,
                "subgroup orders dividing |G|, class lengths dividing the index, counts adding up",
                f"{c.label} of order {c.order} with {c.length} conjugates",
            )
    if classes.complete and classes.max_index is None:
        orders = [c.order for c in classes.classes]
        if orders[:1] != [1] or orders[-1:] != [order]:
            raise InconsistentAnswerError(
                group, "the trivial subgroup and the whole group in the list", str(orders)
            )


def check_table_of_marks(
    group: str, order: int, rows: tuple[tuple[int, ...], ...], orders: tuple[int, ...]
) -> None:
    """Check that marks are triangular, with indices first and |N(H):H| on the diagonal.

    Parameters
    ----------
    group
        Its name, for the message.
    order
        Its order.
    rows
        The marks, row by row, up to the diagonal.
    orders
        Orders of the subgroups, row by row.

    Examples
    --------
    >>> rows = ((6,), (3, 1), (2, 0, 2), (1, 1, 1, 1))
    >>> check_table_of_marks("S3", 6, rows, (1, 2, 3, 6))  # all laws hold

    >>> check_table_of_marks("S3", 6, (*rows[:-1], (1, 1, 1, 2)), (1, 2, 3, 6))
    Traceback (most recent call last):
        ...
    toolkit.errors.InconsistentAnswerError: the answer about S3 breaks a law and is rejected:
    required row 3 of the table of marks to begin with the index 1, found (1, 1, 1, 2)
    """
    for i, row in enumerate(rows):
        index = order // orders[i]
        if len(row) != i + 1 or row[0] != index or row[i] < 1 or index % row[i]:
            raise InconsistentAnswerError(
                group, f"row {i} of the table of marks to begin with the index {index}", str(row)
            )
        if any(mark < 0 or mark > index for mark in row):
            raise InconsistentAnswerError(group, "marks between 0 and the index", str(row))
