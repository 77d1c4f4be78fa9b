"""Schur multipliers that follow from theory."""

from __future__ import annotations

from itertools import combinations
from math import gcd
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toolkit.groups.facts import GroupFacts

#: Cyclic factors of an abelian group; its multiplier has up to half their square.
_MOST_FACTORS = 1000


def multiplier_by_theory(facts: GroupFacts) -> tuple[int, ...] | None:
    """Return the abelian invariants of the Schur multiplier if they follow from theory.

    Parameters
    ----------
    facts
        Of the group.

    Returns
    -------
    tuple or None
        Prime powers, rising; ``None`` if they do not.

    Notes
    -----
    The multiplier of C_a x C_b x ... is the product of C_gcd(a, b) over all pairs (Schur 1907).
    Its p-part embeds in the multiplier of a Sylow p-subgroup, so that it is trivial if all Sylow
    subgroups are cyclic (Schur 1904), which means that the exponent is the order.

    Examples
    --------
    >>> import toolkit as tk
    >>> [multiplier_by_theory(tk.group(name).facts) for name in ("C4 x C2^2", "S3", "S4")]
    [(2, 2, 2), (), None]
    """
    if facts.exponent == facts.order:
        return ()
    if facts.abelian and len(facts.abelian_invariants) <= _MOST_FACTORS:
        common = (gcd(a, b) for a, b in combinations(facts.abelian_invariants, 2))
        return tuple(sorted(n for n in common if n > 1))
    return None
