"""An activation from a formula: its values, its parts exactly or measured, its dual if closed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from toolkit.errors import UnsupportedActivationError
from toolkit.pl.activations.formula import Node, formula_text, read_formula
from toolkit.pl.activations.formula_parts import FormulaFacts, exact_facts
from toolkit.pl.activations.formula_values import values_on_array, values_on_tensor
from toolkit.pl.activations.from_callable import read_callable
from toolkit.pl.gaussian.closed_duals import dual_of_homogeneous, dual_of_polynomial

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from toolkit.pl.activations.parity_parts import ParityPart

    Floats = NDArray[np.float64]

_PROBES = np.concatenate([[0.0], np.linspace(-8.0, 8.0, 321), [1e-3, -1e-3]])
_FAR = 10.0 ** np.arange(1, 41)


@dataclass(frozen=True)
class FormulaFunction:
    """A formula as a function on float64 arrays.

    Parameters
    ----------
    text
        The formula in its normal spelling.
    tree
        Its tree.
    pieces
        Slopes and intercepts between its kinks, if that is proved; else ``None``.
    may_jump
        Whether it may jump at a kink, or have another value at an isolated point.
    """

    text: str
    tree: Node
    pieces: tuple[tuple[float, ...], tuple[float, ...]] | None = None
    may_jump: bool = True

    def __call__(self, t: Floats) -> Floats:
        """Apply the function."""
        return values_on_array(self.tree, t)

    def on_tensors(self, t: Any) -> Any:  # noqa: ANN401 - a tensor
        """Apply the function to a torch tensor, with gradients."""
        return values_on_tensor(self.tree, t)


class GivenFormula(NamedTuple):
    """What is known of a formula: the arguments of an activation."""

    name: str
    even: ParityPart
    odd: ParityPart
    function: FormulaFunction
    kinks: tuple[float, ...]
    closed_dual: Callable[[Floats, float], Floats] | None
    parts_are: Literal["exact", "measured"]


def looks_like_formula(text: str) -> bool:
    """Return whether a text that is no name is meant as a formula.

    It has an x, or an operation, or is a number.

    Examples
    --------
    >>> [looks_like_formula(t) for t in ("max(x,0)", "2*relu", "rleu", "leaky_relu(-)")]
    [True, True, False, False]
    """
    pattern = r"(?<![a-z_])[xt](?![a-z_])|[+*/^|]|^[ ]*-?[0-9.]+[ ]*$"
    return bool(re.search(pattern, text, re.IGNORECASE))


def given_formula(text: str) -> GivenFormula:
    """Return name, parts and values of a formula.

    Parameters
    ----------
    text
        In the language of :mod:`toolkit.pl.activations.formula`.

    Raises
    ------
    UnsupportedActivationError
        If it is no formula, is not finite on [-8, 8], is 0 but for isolated points at most, or
        cannot be told from 0, or a kink is no float64 of its own.

    Notes
    -----
    The parity parts, kinks and pieces are those of f without isolated points, at which no
    coordinate of a generic v is: sign(x)^2 has the even part 1. (The next layer starts with a
    generic v again; a chain that comes to rest at an isolated point is not covered.) The values
    are the formula's own at every point. Parts that no theorem gives are measured on 461 numbers
    up to 10^4 in size, which is no proof.

    Examples
    --------
    >>> given = given_formula("min(|t|, 1)")
    >>> given.name, given.kinks, given.parts_are, given.function.pieces
    ('min(abs(x), 1)', (-1.0, 0.0, 1.0), 'exact',
     ((0.0, -1.0, 1.0, 0.0), (1.0, 0.0, 0.0, 1.0)))
    """
    tree = read_formula(text)
    name = formula_text(tree)
    values = values_on_array(tree, _PROBES)
    bad = ~np.isfinite(values)
    if bad.any():
        raise UnsupportedActivationError(
            f"the formula {name:.60} has no finite value at x = {float(_PROBES[bad][0]):g}: an "
            "activation is defined for all real numbers"
        )
    facts = _facts(tree, name)
    kinks: tuple[float, ...] = ()
    closed = None
    if facts is None:
        function = FormulaFunction(name, tree)
        known = read_callable(function, name=name)
        even, odd = known.even, known.odd
    else:
        function = FormulaFunction(name, tree, facts.pieces, facts.may_jump)
        even, odd, kinks = facts.even, facts.odd, facts.kinks
        closed = _closed_dual(even, odd, function)
    _require_not_zero(function, even.is_zero and odd.is_zero, facts, kinks)
    how: Literal["exact", "measured"] = "measured" if facts is None else "exact"
    return GivenFormula(name, even, odd, function, kinks, closed, how)


def _facts(tree: Node, name: str) -> FormulaFacts | None:
    """Return what is proved; a fault of the toolkit ends in one sentence too."""
    try:
        return exact_facts(tree)
    except UnsupportedActivationError:
        raise
    except Exception as error:
        raise UnsupportedActivationError(
            f"the formula {name:.60} cannot be judged ({type(error).__name__} inside the toolkit, "
            "please report it)"
        ) from error


def _require_not_zero(
    f: FormulaFunction, vanishes: bool, facts: FormulaFacts | None, kinks: tuple[float, ...]
) -> None:
    """Raise if a formula is 0, or its values are: a fact only where it is proved."""
    if vanishes and facts is not None:
        where = "except at isolated points at most" if facts.may_jump else "everywhere"
        raise UnsupportedActivationError(f"the formula {f.text:.60} is 0 {where}")
    beyond = np.array([2.0 * abs(kink) + 1.0 for kink in kinks])
    tried = np.concatenate([_PROBES, _FAR, -_FAR, beyond, -beyond])
    if vanishes or not f(tried).any():
        raise UnsupportedActivationError(
            f"the formula {f.text:.60} cannot be told from 0: its values in float64 vanish, up to "
            "rounding, wherever they were tried"
        )


def _closed_dual(
    even: ParityPart, odd: ParityPart, f: FormulaFunction
) -> Callable[[Floats, float], Floats] | None:
    """Return kappa of a polynomial, or of a|t| + bt."""
    if even.is_polynomial and odd.is_polynomial:
        terms = dict((*even.terms, *odd.terms))
        coefficients = tuple(terms.get(d, 0.0) for d in range(max(terms, default=0) + 1))
        return partial(dual_of_polynomial, coefficients=coefficients)
    degrees = {p.homogeneous_degree for p in (even, odd) if not p.is_zero}
    if degrees != {1}:
        return None
    up, down = f(np.array([1.0, -1.0])).tolist()
    return partial(dual_of_homogeneous, even=(up + down) / 2, odd=(up - down) / 2)
