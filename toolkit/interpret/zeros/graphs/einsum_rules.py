r"""Supports after ``torch.einsum``: maps of channels, products, attention and sums over points.

Every tensor among the arguments has a letter for each axis; each number that comes out is a sum,
over the letters that are left out, of products with one number of each tensor. Letters of size 1
do not tell places apart. Let p be the letter of the points of functions on X. Constants and
invariants must not have it.

* *One tensor of functions, p stays*: at each point the same linear map acts on the channels and
  samples, with coefficients that are constants or invariants. Each isotypic part goes to itself, so
  what is 0 stays 0. With one constant that is trained what is there occurs for some weights, for
  it may pick any one entry.
* *p is left out*: a sum over the points of a function on permuted points, or of products of two
  functions at the same point. Both are invariant: the group permutes the summands, and the signs
  of points come twice in a product. A single function without the trivial simple adds up to 0.
* *Two tensors of functions with the same p, which stays*: sums of products of values at the same
  point, in the span M of all products, so the rule of
  :mod:`toolkit.interpret.zeros.graphs.products` bounds them. It is attained where nothing is added
  up and the factors are independent and generic.
* *Two with different letters, which both stay*: numbers for pairs of points, which depend on the
  values at x and on those at y: scores of attention. The last axis is that of y. Sums over heads
  of such numbers are such numbers.
* *Weights of attention and functions*, the letter of y left out: y(x) is a sum over y of weights,
  which depend on the query at x and on what stands at y. Points of equal queries receive the same
  (:mod:`toolkit.interpret.zeros.graphs.attention_rules`).
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, TypeAlias

from toolkit.interpret.network.calls import Ref
from toolkit.interpret.zeros.graphs.layer_rules import NotFollowed
from toolkit.interpret.zeros.graphs.matrix_rules import attended, mixed
from toolkit.interpret.zeros.graphs.pointwise import after_gate, after_product
from toolkit.interpret.zeros.graphs.states import (
    Constant,
    Content,
    Functions,
    Invariants,
    Origin,
    State,
    Weights,
    nothing_like,
)
from toolkit.modules.same_functions import same_functions

if TYPE_CHECKING:
    from toolkit.interpret.zeros.graphs.arguments import Arguments

#: The name of an axis: a letter, or a place in an ellipsis, counted from its end.
Letter: TypeAlias = "str | int"


def einsum(a: Arguments) -> list[State]:
    """Follow ``einsum(equation, *tensors)``."""
    letters, out = letters_of_call(a)
    found = _Terms(a.given, [a.shape(x) for x in a.refs], letters, out)
    return [found.after()]


def letters_of_call(a: Arguments) -> tuple[list[list[Letter]], list[Letter]]:
    """Return the letters of the axes of each tensor among the arguments, and of the output.

    Raises
    ------
    NotFollowed
        If the call has no equation in letters.
    """
    equation, *given = a.call.args
    if len(given) == 1 and isinstance(given[0], list | tuple):
        given = list(given[0])
    if not isinstance(equation, str) or not all(isinstance(x, Ref) for x in given):
        raise NotFollowed("einsum without an equation in letters is not followed")
    return letters_of(equation, [len(a.shape(x)) for x in given])


def letters_of(equation: str, ranks: list[int]) -> tuple[list[list[Letter]], list[Letter]]:
    """Return the letters of each tensor's axes, and those of the output.

    Parameters
    ----------
    equation
        As of ``torch.einsum``.
    ranks
        How many axes each tensor has.

    Examples
    --------
    >>> letters_of("...c,cd->...d", [3, 2])
    ([[-2, -1, 'c'], ['c', 'd']], [-2, -1, 'd'])
    """
    left, arrow, right = equation.replace(" ", "").partition("->")
    letters: list[list[Letter]] = []
    for term, rank in zip(left.split(","), ranks, strict=True):
        before, dots, after = term.partition("...")
        hidden = rank - len(before) - len(after) if dots else 0
        letters.append([*before, *range(-hidden, 0), *after])
    most = max((-x for term in letters for x in term if isinstance(x, int)), default=0)
    if arrow:
        before, dots, after = right.partition("...")
        return letters, [*before, *(range(-most, 0) if dots else ()), *after]
    counts = Counter(x for term in letters for x in term if isinstance(x, str))
    return letters, [*range(-most, 0), *sorted(x for x, k in counts.items() if k == 1)]


class _Terms:
    """The tensors of an einsum, with the letters of their axes."""

    def __init__(
        self,
        states: list[State],
        shapes: list[tuple[int, ...]],
        letters: list[list[Letter]],
        out: list[Letter],
    ) -> None:
        self.out = out
        self.letters = letters
        self.functions: list[tuple[Functions, Letter, list[Letter]]] = []
        self.weights: list[tuple[Weights, Letter, Letter]] = []
        self.constants: list[Constant] = []
        self.invariants: list[Invariants] = []
        self.beside: set[Letter] = set()  # letters of constants and invariants
        self.others: list[Letter] = []  # letters of axes of functions that are no points
        for state, shape, own in zip(states, shapes, letters, strict=True):
            if isinstance(state, Functions):
                self.functions.append((state, own[state.points], own))
                self.others += [x for i, x in enumerate(own, -len(own)) if i != state.points]
            elif isinstance(state, Weights):
                self.weights.append((state, own[state.points], own[-1]))
                ends = (state.points, -1)
                self.others += [x for i, x in enumerate(own, -len(own)) if i not in ends]
            elif isinstance(state, Constant | Invariants):
                uniform = state.uniform if isinstance(state, Invariants) else frozenset()
                self.beside |= {
                    x for i, x in enumerate(own, -len(own)) if shape[i] != 1 and i not in uniform
                }
                (self.constants if isinstance(state, Constant) else self.invariants).append(state)  # type: ignore[arg-type]
            else:
                raise NotFollowed("it takes tensors on which the action of the group is unknown")

    def after(self) -> State:
        """Return what is known of the sums."""
        places = {p for _, p, _ in self.functions}
        places |= {x for _, p, q in self.weights for x in (p, q)}
        if places & self.beside:
            raise NotFollowed("it multiplies by numbers that differ between points")
        if places & set(self.others) or any(p == q for _, p, q in self.weights):
            raise NotFollowed("it combines the points with an axis that is not an axis of points")
        if any(not X.has_points for X in (f.module for f, _, _ in self.functions[1:])):
            raise NotFollowed("a product of coordinates that the group mixes is not followed")
        kinds = len(self.functions), len(self.weights)
        if kinds == (1, 0):
            return self._one()
        if kinds == (2, 0):
            return self._two()
        if kinds == (1, 1):
            return self._attended()
        if kinds == (0, 1):
            weights, p, q = self.weights[0]
            if self.out[-1] != q or p not in self.out:
                raise NotFollowed("it sums attention weights over points")
            return Weights(weights.module, self._axis(p), weights.rows, self._origin())
        raise NotFollowed("it combines more than two tensors of functions")

    def _origin(self) -> Origin:
        several = [f.origin for f, _, _ in self.functions]
        several += [w.origin for w, _, _ in self.weights]
        several += [one.origin for one in self.invariants]
        origin = Origin()
        for one in several:
            origin = origin.also(one)
        if any(c.is_trained for c in self.constants):
            origin = origin.with_any_weights
        return origin.without_silencers

    def _axis(self, letter: Letter) -> int:
        return self.out.index(letter) - len(self.out)

    def _one(self) -> State:
        first, p, own = self.functions[0]
        if p not in self.out:
            if not first.module.has_points or first.module.has_signs:
                raise NotFollowed("a sum over points that change sign or over mixed coordinates "
                                  "is not invariant")  # fmt: skip
            found = first.whole.possible
            is_zero = not any(s.orbit.trivial in s.labels for s in found)
            return Invariants(is_zero, self._origin())
        if len(set(own)) < len(own):
            raise NotFollowed("it takes a diagonal of the channels")
        now = first.merged
        if self.invariants:
            now = now.mapped(after_gate)
        elif self.constants:
            is_free = len(self.constants) == 1 and self.constants[0].is_trained
            now = mixed(now, is_free=is_free)
        elif set(own) - set(self.out):  # channels are added up
            now = now.mapped(lambda c: c if c.is_generic else _uncertain(c))
        content = now.whole
        origin = now.origin if not self.invariants else self._origin()
        return Functions(first.module, self._axis(p), None, ((0, content),), origin)

    def _two(self) -> State:
        (one, p, left), (other, q, right) = self.functions
        if not same_functions(one.module, other.module):
            raise NotFollowed("it combines functions on different modules")
        X = one.module
        if p != q:
            return self._scores()
        if p not in self.out:
            if not X.has_points:
                raise NotFollowed("a product of coordinates that the group mixes is not followed")
            return Invariants(False, self._origin())
        if not X.has_points or X.has_signs:
            raise NotFollowed("a product of functions on points that change sign does not change "
                              "sign")  # fmt: skip
        apart = one.origin.is_apart_from(other.origin)
        content = after_product(one.whole, other.whole, independent=apart)
        adds = set(left) | set(right) != set(self.out)
        if adds or self.constants or self.invariants or _has_diagonal(left, right):
            content = _uncertain(content)
        return Functions(X, self._axis(p), None, ((0, content),), self._origin())

    def _scores(self) -> State:
        (one, p, _), (other, q, _) = self.functions
        if not one.module.has_points or one.module.has_signs:
            raise NotFollowed("weights between points that change sign are not followed")
        if self.out[-1] == p:
            (one, p), (other, q) = (other, q), (one, p)
        if self.out[-1] != q or p not in self.out:
            raise NotFollowed("numbers for pairs of points whose second point is not on the last "
                              "axis are not followed")  # fmt: skip
        return Weights(one.module, self._axis(p), one.whole.possible, self._origin())

    def _attended(self) -> State:
        weights, p, q = self.weights[0]
        values, r, _ = self.functions[0]
        if not same_functions(weights.module, values.module):
            raise NotFollowed("the points that are attended to are not those of the values")
        if r != q or q in self.out or p not in self.out:
            raise NotFollowed("the points that are attended to are not those of the values")
        return attended(weights.module, weights.rows, self._origin(), self._axis(p))


def _has_diagonal(*terms: list[Letter]) -> bool:
    return any(len(set(term)) < len(term) for term in terms)


def _uncertain(content: Content) -> Content:
    return Content(content.possible, nothing_like(content.possible), False)
