"""Series, Sylow and maximal subgroups, automorphisms and presentations, as records with laws."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import prod
from typing import TYPE_CHECKING

from toolkit.errors import InconsistentAnswerError

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class GroupSeries:
    """The chief and the central series of a group, by orders.

    Parameters
    ----------
    chief
        The terms of a chief series, from the whole group down to 1. The factors do not depend on
        the series (Jordan and Hoelder), the orders of its terms may.
    chief_factors
        A name for each factor, from the top: ``"C2^3"``, ``"A5"``, ``"A5^2"``.
    lower_central
        From the whole group down; the last term is 1 exactly if the group is nilpotent.
    upper_central
        From 1 up to the hypercentre, which is the whole group exactly if it is nilpotent.
    """

    chief: tuple[int, ...]
    chief_factors: tuple[str, ...]
    lower_central: tuple[int, ...]
    upper_central: tuple[int, ...]

    @property
    def nilpotency_class(self) -> int | None:
        """The length of the lower central series; ``None`` if the group is not nilpotent."""
        return len(self.lower_central) - 1 if self.lower_central[-1] == 1 else None


@dataclass(frozen=True)
class SylowSubgroup:
    """A Sylow subgroup.

    Parameters
    ----------
    prime, order
        p, and the largest power of p that divides the order of the group.
    count
        How many Sylow p-subgroups there are.
    generators
        Of one of them, elements as data; :meth:`toolkit.Group.coset_module` takes them.
    name
        A name for reading, ``None`` if none is within reach.
    normaliser_order, normaliser_name
        Of its normaliser.
    """

    prime: int
    order: int
    count: int
    generators: tuple[object, ...]
    name: str | None
    normaliser_order: int
    normaliser_name: str | None


@dataclass(frozen=True)
class MaximalSubgroup:
    """A conjugacy class of maximal subgroups.

    Parameters
    ----------
    order, index
        Of each of them.
    length
        How many there are in the class; 1 if normal.
    generators
        Of one of them, elements as data; :meth:`toolkit.Group.coset_module` takes them.
    name
        A name for reading, ``None`` if none is within reach.
    """

    order: int
    index: int
    length: int
    generators: tuple[object, ...]
    name: str | None


@dataclass(frozen=True)
class AutomorphismOrders:
    r"""Orders of automorphism groups.

    Parameters
    ----------
    automorphisms
        \|Aut(G)\|.
    inner
        \|G/Z(G)\|.

    Examples
    --------
    >>> AutomorphismOrders(1440, 720).outer
    2
    """

    automorphisms: int
    inner: int

    @property
    def outer(self) -> int:
        r"""\|Out(G)\|."""
        return self.automorphisms // self.inner


@dataclass(frozen=True)
class PcPresentation:
    """A power-conjugate presentation of a solvable group, in generators f1, f2, ...

    Parameters
    ----------
    orders
        Relative orders: f_i^(order i) is a word in the generators after f_i.
    powers
        Per generator the exponents of that word.
    conjugates
        Triples (i, j, exponents of f_i^-1 f_j f_i), counted from 0, i < j, for the pairs that do
        not commute.

    Examples
    --------
    The quaternion group:

    >>> Q8 = PcPresentation((2, 2, 2), ((0, 0, 1), (0, 0, 1), (0, 0, 0)), ((0, 1, (0, 1, 1)),))
    >>> Q8.relations
    ('f1^2 = f3', 'f2^2 = f3', 'f3^2 = 1', 'f2^f1 = f2*f3')
    """

    orders: tuple[int, ...]
    powers: tuple[tuple[int, ...], ...]
    conjugates: tuple[tuple[int, int, tuple[int, ...]], ...]

    @property
    def relations(self) -> tuple[str, ...]:
        """The relations as texts; generators without a relation f_j^f_i commute."""
        powers = (
            f"f{i}^{n} = {pc_word(word)}"
            for i, (n, word) in enumerate(zip(self.orders, self.powers, strict=True), 1)
        )
        return (*powers, *(f"f{j + 1}^f{i + 1} = {pc_word(w)}" for i, j, w in self.conjugates))


def pc_word(exponents: Sequence[int]) -> str:
    """Return a word in f1, f2, ...

    Examples
    --------
    >>> pc_word([1, 0, 2]), pc_word([0, 0])
    ('f1*f3^2', '1')
    """
    parts = (f"f{i}" + (f"^{e}" if e != 1 else "") for i, e in enumerate(exponents, 1) if e)
    return "*".join(parts) or "1"


# -- laws ----------------------------------------------------------------------------------------


def _require(group: str, condition: bool, law: str, found: object) -> None:
    if not condition:
        raise InconsistentAnswerError(group, law, f"{found!s:.80}")


def _descends(orders: Sequence[int]) -> bool:
    return bool(orders) and all(a % b == 0 and a > b for a, b in pairwise(orders))


def check_series(group: str, series: GroupSeries) -> None:
    """Check that orders divide each other, and the factors against the orders.

    Raises
    ------
    InconsistentAnswerError
        If they do not.
    """
    chief, lower, upper = series.chief, series.lower_central, series.upper_central
    _require(group, _descends(chief) and chief[-1] == 1, "a chief series down to 1", chief)
    fits = len(series.chief_factors) == len(chief) - 1
    _require(group, fits, "a name for each chief factor", series.chief_factors)
    for (a, b), name in zip(pairwise(chief), series.chief_factors, strict=True):
        simple, _, power = name.partition("^")
        if simple[0] == "C" and simple[1:].isdigit():
            order = int(simple[1:]) ** int(power or 1)
            _require(group, a // b == order, f"a chief factor {name} of order {order}", a // b)
    _require(group, lower[0] == chief[0] and _descends(lower), "a lower central series", lower)
    rising = upper[0] == 1 and _descends(upper[::-1]) and chief[0] % upper[-1] == 0
    _require(group, rising, "an upper central series", upper)
    same = (lower[-1] == 1) == (upper[-1] == chief[0]) and (
        lower[-1] > 1 or len(lower) == len(upper)
    )
    _require(group, same, "central series that agree about nilpotency", (lower, upper))


def check_sylow_subgroups(group: str, found: Sequence[SylowSubgroup]) -> None:
    """Check Sylow's theorem: count = |G:N| = 1 modulo p, and the orders multiply to |G|.

    Raises
    ------
    InconsistentAnswerError
        If it fails.
    """
    whole = prod(s.order for s in found)
    for s in found:
        power = s.order
        while power % s.prime == 0:
            power //= s.prime
        _require(group, power == 1 and s.order > 1, f"a power of {s.prime}", s.order)
        law = f"a number of Sylow {s.prime}-subgroups that is |G:N| and 1 modulo {s.prime}"
        fits = s.count * s.normaliser_order == whole and s.count % s.prime == 1 % s.prime
        _require(group, fits and s.normaliser_order % s.order == 0, law, s.count)


def check_maximal_subgroups(group: str, found: Sequence[MaximalSubgroup]) -> None:
    """Check |M| |G:M| = |G| and the numbers of conjugates, 1 or |G:M|.

    Raises
    ------
    InconsistentAnswerError
        If they fail.
    """
    orders = {m.order * m.index for m in found}
    _require(group, len(orders) <= 1, "|M| |G:M| = |G|", sorted(orders))
    fits = all(m.index > 1 and m.length in (1, m.index) for m in found)
    _require(group, fits, "1 or |G:M| conjugates", [m.length for m in found])


def check_automorphisms(group: str, found: AutomorphismOrders) -> None:
    """Check that |Inn| divides |Aut|.

    Raises
    ------
    InconsistentAnswerError
        If it does not.
    """
    fits = found.inner >= 1 and found.automorphisms % found.inner == 0
    _require(group, fits, "an order of Aut that |Inn| divides", found)


def check_pc_presentation(group: str, found: PcPresentation) -> None:
    """Check that all words are normal words in later generators.

    Raises
    ------
    InconsistentAnswerError
        If one is not.
    """
    n = len(found.orders)

    def normal(word: Sequence[int], after: int) -> bool:
        inside = all(0 <= e < o for e, o in zip(word, found.orders, strict=True))
        return inside and not any(word[: after + 1])

    fits = len(found.powers) == n and all(len(w) == n for w in found.powers)
    fits = fits and all(normal(w, i) for i, w in enumerate(found.powers))
    fits = fits and all(i < j < n and len(w) == n and normal(w, i) for i, j, w in found.conjugates)
    _require(group, fits, "normal words in later generators", found)
