"""The parity parts of a|t| + bt."""

from __future__ import annotations

from toolkit.errors import UnsupportedActivationError
from toolkit.pl.activations.checks import finite_number, shown
from toolkit.pl.activations.parity_parts import ParityPart


def parts_of_two_numbers(even: object, odd: object) -> tuple[float, float, ParityPart, ParityPart]:
    """Return a and b of a|t| + bt, and its parts.

    Raises
    ------
    UnsupportedActivationError
        If they are no finite numbers, or both 0.

    Examples
    --------
    >>> a, b, _, odd = parts_of_two_numbers(1, 2)
    >>> a, b, print(odd)
    linear
    (1.0, 2.0, None)
    """
    a, b = finite_number(even), finite_number(odd)
    if a is None or b is None or not 1e-100 < max(abs(a), abs(b)) < 1e100:
        raise UnsupportedActivationError(
            "an activation a|t| + bt needs finite numbers a and b, not both zero and below "
            f"1e100 in size; found a = {shown(even)}, b = {shown(odd)}"
        )
    return (
        a,
        b,
        ParityPart((), "homogeneous", 1) if a else ParityPart(),
        ParityPart.polynomial({1: b}),
    )
