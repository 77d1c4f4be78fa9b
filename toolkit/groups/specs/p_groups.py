"""Dicyclic, semidihedral, modular, Heisenberg and extraspecial groups, and twisted ones."""

from __future__ import annotations

from toolkit.groups.specs.family_row import FamilyRow, Number, prime_power

_MAX_ORDER = 10**12


def _dicyclic(n: int) -> tuple[str, str] | None:
    if n >= 2:
        return None
    return "Dic3 means the dicyclic group of order 12, so the number must be at least 2", "write C4"


def _semidihedral(order: int) -> tuple[str, str] | None:
    if order >= 16 and order & (order - 1) == 0:
        return None
    return (
        "QD16 means the semidihedral group of order 16, so the number must be a power of two and "
        "at least 16",
        f"for instance QD{max(16, 1 << (order.bit_length() - 1))}",
    )


def _modular(exponent: int, prime: int) -> tuple[str, str] | None:
    if not _is_prime(prime):
        return f"M4(2) means the modular group of order 2^4, and {prime} is not a prime", ""
    least = 4 if prime == 2 else 3
    if exponent < least:
        return f"the modular groups of order {prime}^n start at n = {least}", (
            "the group of order 8 is D8" if (exponent, prime) == (3, 2) else ""
        )
    if prime**exponent > _MAX_ORDER:
        return f"the order must be at most {_MAX_ORDER:,}", ""
    return None


def _heisenberg(prime: int) -> tuple[str, str] | None:
    if prime == 2:
        return "He3 means the Heisenberg group of order 27, so the number must be odd", "write D8"
    if not _is_prime(prime):
        return "He3 means the Heisenberg group of order 27, so the number must be a prime", ""
    return None


def _extraspecial(prime: int, exponent: int) -> tuple[str, str] | None:
    if not _is_prime(prime):
        return (
            f"the order of an extraspecial group is a prime power, and {prime} is not a prime",
            "",
        )
    if exponent % 2:
        return f"an extraspecial group has order p^(1+2n): 2n must be even, found {exponent}", ""
    if prime ** (1 + exponent) > _MAX_ORDER:
        return f"the order must be at most {_MAX_ORDER:,}", ""
    return None


def _suzuki(field: int) -> tuple[str, str] | None:
    power = prime_power(field)
    if power and power[0] == 2 and power[1] % 2 and field > 2:
        return None
    return "the field of a Suzuki group has 2^(2n+1) elements, 8 or more", "for instance Sz(8)"


def _ree(field: int) -> tuple[str, str] | None:
    power = prime_power(field)
    if power and power[0] == 3 and power[1] % 2:
        return None
    return "the field of a Ree group has 3^(2n+1) elements", "for instance Ree(27)"


def _is_prime(number: int) -> bool:
    return prime_power(number) == (number, 1)


_PRIME = Number("prime", "prime", 2, 10_000)
_EXTRASPECIAL = (_PRIME, Number("exponent", "exponent", 2, 30))

P_GROUPS: dict[str, FamilyRow] = {
    "Dic": FamilyRow(
        "dicyclic",
        (Number("n", "number of a dicyclic group", 1, _MAX_ORDER // 4),),
        (3,),
        _dicyclic,
        lambda n: 4 * n,
    ),
    "QD": FamilyRow(
        "semidihedral",
        (Number("order", "order of a semidihedral group", 1, _MAX_ORDER),),
        (16,),
        _semidihedral,
        lambda order: order,
    ),
    "Mod": FamilyRow(
        "modular",
        (Number("exponent", "exponent of a modular group", 3, 30), _PRIME),
        (4, 2),
        _modular,
        lambda exponent, prime: prime**exponent,
        "M{}({})",
    ),
    "He": FamilyRow(
        "heisenberg",
        (Number("prime", "prime of a Heisenberg group", 2, 1000),),
        (3,),
        _heisenberg,
        lambda prime: prime**3,
    ),
    "ES+": FamilyRow(
        "extraspecial",
        _EXTRASPECIAL,
        (3, 2),
        _extraspecial,
        lambda prime, exponent: prime ** (1 + exponent),
        "{}^(1+{})_+",
    ),
    "ES-": FamilyRow(
        "extraspecial",
        _EXTRASPECIAL,
        (2, 4),
        _extraspecial,
        lambda prime, exponent: prime ** (1 + exponent),
        "{}^(1+{})_-",
    ),
}

TWISTED: dict[str, FamilyRow] = {
    "Sz": FamilyRow(
        "suzuki",
        (Number("field", "field size of a Suzuki group", 2, 2**15),),
        (8,),
        _suzuki,
        lambda q: q**2 * (q**2 + 1) * (q - 1),
        "Sz({})",
    ),
    "Ree": FamilyRow(
        "ree",
        (Number("field", "field size of a Ree group", 3, 3**9),),
        (27,),
        _ree,
        lambda q: q**3 * (q**3 + 1) * (q - 1),
        "Ree({})",
    ),
}
