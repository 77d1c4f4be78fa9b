"""The vectors w and u of a map: the copy of a simple that is taken, exactly where that can be."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from numbers import Integral
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from toolkit.errors import ModuleMismatchError, NotAvailable
from toolkit.library.fourier import fourier_basis
from toolkit.memory import require_memory
from toolkit.modules.fourier.adapted import AdaptedBasis
from toolkit.modules.fourier.copies import END_UNITS
from toolkit.modules.module import Module, Sheet
from toolkit.pl.arrangements.exact_normals import exact_rows
from toolkit.pl.maps.addition import sum_of_exact
from toolkit.pl.maps.exact_vectors import ExactVectors
from toolkit.pl.maps.generic_numbers import ATTEMPTS, generic_numbers
from toolkit.pl.maps.references import (
    Orbit,
    generic_vectors,
    orbital_labels,
    reference_of_orbit,
    reference_of_orbits,
)
from toolkit.pl.maps.scale import Scale
from toolkit.pl.maps.zero import least_stabiliser

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from toolkit.exact.cyclotomic import Cyclotomic
    from toolkit.modules.gsets.actions import IntArray
    from toolkit.pl.maps.exact_vectors import Reference

    Floats = NDArray[np.float64]
    #: A copy of the simple in Fun(X), counted from 0; a vector that H fixes; a module Y with
    #: exact weights of its points; or nothing for the generic copy. For several orbits a list.
    FixedVector: TypeAlias = "int | ArrayLike | tuple[Module, Any] | Sequence[Any] | None"

_TOLERANCE = 1e-9
#: Directions of a generic copy that are closer than this would be hard to distinguish.
_CLEAR = 1e-5
#: Digits that may be lost in the sum of vectors that is given as exact weights.
_CANCELLED = 1e-4
#: The least and the greatest size of a weight.
_SMALLEST, _LARGEST = 1e-100, 1e100
_SIMPLE = 100  # the largest denominator, or numerator, in the ratio of copies on two orbits


@dataclass(frozen=True, eq=False)
class Part:
    """One orbit of a module's points, for a map.

    Parameters
    ----------
    module
        The whole module.
    basis
        Its Fourier basis.
    sheet
        The orbit over a transitive permutation module, whose points are those of the map.
    """

    module: Module
    basis: AdaptedBasis
    sheet: Sheet

    @property
    def terms(self) -> tuple[IntArray, NDArray[np.float64]]:
        """Per point of the sheet's module a point of the whole module, and its sign."""
        sheet = self.sheet
        points = np.empty(sheet.module.degree, dtype=np.intp)
        signs = np.empty(sheet.module.degree)
        if sheet.opposites is not None:
            points[sheet.opposites], signs[sheet.opposites] = sheet.points, -sheet.signs
        points[sheet.lifts], signs[sheet.lifts] = sheet.points, sheet.signs
        return points, signs

    @property
    def times(self) -> int:
        """2 if a point and its negative are both there, else 1."""
        return 1 if self.sheet.opposites is None else 2

    def multiplicity(self, label: str) -> int:
        """Return how often a simple occurs on this orbit."""
        if self.sheet.opposites is not None and label in {s.label for s in self.basis.simples}:
            return len(self.copies(label))
        found = {s.label: s.multiplicity for s in self.sheet.module.spherical_table.simples}
        return found.get(label, 0) if label in {s.label for s in self.basis.simples} else 0

    def copies(self, label: str) -> Floats:
        """Return ``(m, d, N)`` the vectors of the copies on this orbit, rows of length 1 on X."""
        simple = self.basis.simple(label)
        points, signs = self.terms
        rows = self.basis.matrix[simple.rows].reshape(simple.multiplicity, simple.dimension, -1)
        here = rows[:, :, points] * signs
        there = np.abs(here).max(axis=(1, 2)) > _TOLERANCE
        out: Floats = here[there]
        return out

    def orbit(self, label: str) -> Orbit:
        """Return the orbit as the search for exact vectors takes it: with all copies of L."""
        cover, table = self.sheet.module, self.sheet.module.spherical_table
        if self.sheet.opposites is None:
            return Orbit(cover.images, table, self.copies(label))
        basis = fourier_basis(cover)
        simple = basis.simple(label)
        copies = basis.matrix[simple.rows].reshape(simple.multiplicity, simple.dimension, -1)
        swap = np.empty(cover.degree, dtype=np.intp)
        swap[self.sheet.lifts], swap[self.sheet.opposites] = self.sheet.opposites, self.sheet.lifts
        return Orbit(cover.images, table, copies, swap)


@dataclass(frozen=True, eq=False)
class Chosen:
    """The vectors gw on some orbits.

    Parameters
    ----------
    vectors
        ``(N, d)`` over all of them.
    exact
        The same exactly, up to one factor; ``None`` if they are floats.
    name
        Which copy it is, in words; nothing if there is only one.
    number
        The number of a copy in the Fourier basis, from 0; -1 for the generic copy, ``None`` for
        others.
    """

    vectors: Floats
    exact: ExactVectors | None
    name: str
    number: int | None


def chosen_vectors(parts: Sequence[Part], label: str, choice: Any, name: str) -> Chosen:  # noqa: ANN401
    """Return the vectors of one end of a map.

    Parameters
    ----------
    parts
        The orbits.
    label
        The simple, which occurs on each of them.
    choice
        What the user chose: for several orbits one choice for each, or ``None``.
    name
        ``"w"`` or ``"u"``, for errors.
    """
    if len(parts) > 1:
        return _on_several(parts, label, choice, name)
    (part,) = parts
    m = part.multiplicity(label)
    if choice is None or (m == 1 and _number(choice) == 0):
        return _kept_default(part, label)
    number = _number(choice)
    X = part.module
    if number is not None:
        if not 0 <= number < m:
            raise ModuleMismatchError(
                f"{name} = {number}: {label} occurs {m} time{'' if m == 1 else 's'} in {X.name} of "
                f"{X.group_title}; copies are 0-based"
            )
        own = part.copies(label)[number].T.copy()
        return Chosen(own, None, f"copy {number + 1} of {m}", number)
    if _is_exact(choice):
        return _exact(part, label, choice, name)
    vectors = _given(part, label, choice, name)
    # if L occurs once all vectors of L^H are alike: End_G(L) takes each to each
    once = reference_of_orbit(part.orbit(label), label) if m == 1 else None
    exact = None if once is None else _turned_exact(once.alone(), part, label)
    return Chosen(vectors, exact, "given vector", None)


def _on_several(parts: Sequence[Part], label: str, choice: Any, name: str) -> Chosen:  # noqa: ANN401
    if choice is not None and (
        _is_exact(choice) or not isinstance(choice, list | tuple) or len(choice) != len(parts)
    ):
        raise ModuleMismatchError(
            f"{name} must be a list with one choice for each of the {len(parts)} orbits on which "
            f"both simples occur, None for the generic copy there, found {choice!r:.60}"
        )
    choices = [None] * len(parts) if choice is None else list(choice)
    reference = reference_of_orbits([part.orbit(label) for part in parts], label)
    weights = generic_numbers(len(parts))
    found = []
    for part, one, weight in zip(parts, choices, weights / np.linalg.norm(weights), strict=True):
        if one is not None:
            found.append(chosen_vectors([part], label, one, name))
        elif reference is None:
            vectors = float(weight) * _generic_floats(part, label)
            found.append(Chosen(vectors, None, "", -1))
        else:
            found.append(_generic(part, label, reference, float(weight)))
    if all(one.exact is not None and one.number == -1 for one in found):
        found = _with_simple_ratios(parts, found)
    images = [part.sheet.module.images for part in parts]
    total = sum(part.multiplicity(label) for part in parts)
    generic = all(one.number == -1 for one in found)
    words = f"generic copy, of {total}" if generic else "given on each orbit"
    return Chosen(
        np.concatenate([one.vectors for one in found]),
        _joined([one.exact for one in found], images),
        words,
        -1 if generic else None,
    )


def _with_simple_ratios(parts: Sequence[Part], found: Sequence[Chosen]) -> list[Chosen]:
    """Return generic copies whose scales have small fractions as ratios: proofs are quicker."""
    old = [1.0 if x.exact is None or x.exact.scale is None else float(x.exact.scale.factor)
           for x in found]  # fmt: skip
    ratios = [_simple(x / old[0]) for x in old]
    sizes = [
        float(np.sum((one.vectors / x) ** 2)) * float(ratio) ** 2 / part.times
        for part, one, x, ratio in zip(parts, found, old, ratios, strict=True)
    ]
    whole = Fraction(math.sqrt(found[0].vectors.shape[1] / sum(sizes)))
    return [
        replace(
            one,
            vectors=one.vectors / x * float(whole * ratio),
            exact=replace(one.exact, scale=Scale(whole * ratio)),
        )
        for one, x, ratio in zip(found, old, ratios, strict=True)
        if one.exact is not None
    ]


def _simple(ratio: float) -> Fraction:
    """Return a fraction near a positive number, within a hundredth of it."""
    if ratio < 1:
        return 1 / _simple(1 / ratio)
    return Fraction(ratio).limit_denominator(_SIMPLE)


def _joined(
    exact: Sequence[ExactVectors | None], images: Sequence[IntArray]
) -> ExactVectors | None:
    """Return the vectors of several orbits as sums of the same ones, if that can be."""
    known = [x for x in exact if x is not None]
    if len(known) == len(exact) and all(
        x.reference.is_same(known[0].reference) and not x.is_turned for x in known
    ):
        return ExactVectors.joined(known)
    out = exact[0]
    for one, moved in zip(exact[1:], images[1:], strict=True):
        out = sum_of_exact(out, one, moved)
    return out


def _kept_default(part: Part, label: str) -> Chosen:
    """Return the only copy, or the generic one, which the module keeps: it takes milliseconds."""
    kept: dict[tuple[str, int], Chosen] = vars(part.module).setdefault("_default_copies", {})
    key = label, int(part.sheet.lifts[0])
    if key not in kept:
        kept[key] = _within_reach(_default(part, label))
    return replace(kept[key], vectors=kept[key].vectors.copy())


def _default(part: Part, label: str) -> Chosen:
    """Return the only copy, or the generic one."""
    m = part.multiplicity(label)
    orbit = part.orbit(label)
    own = reference_of_orbit(orbit, label) if m == 1 else None
    if own is not None:
        vectors = part.copies(label)[0].T.copy()
        scale = Scale(square=Fraction(vectors.shape[1] * part.times, len(vectors)))
        return Chosen(vectors, own.alone().times(scale), "", 0)
    reference = reference_of_orbits([orbit], label)
    if m > 1 and reference is not None:
        return _generic(part, label, reference, 1.0)
    if m > 1:
        return Chosen(_generic_floats(part, label), None, f"generic copy, of {m}", -1)
    # once in a signed module, more often in its cover
    found = None if reference is None else _generic(part, label, reference, 1.0).exact
    exact = None if found is None else _turned_exact(found, part, label)
    return Chosen(part.copies(label)[0].T.copy(), exact, "", 0)


def _turned_exact(exact: ExactVectors, part: Part, label: str) -> ExactVectors:
    """Return exact vectors for others of a simple that occurs once: alike up to End_G(L)."""
    simple = part.sheet.module.spherical_table.simple(label)
    return replace(exact.times(None), is_turned=simple.endomorphism_dimension > 1)


def _generic(part: Part, label: str, reference: Reference, weight: float) -> Chosen:
    """Return vectors gw of a generic copy as exact sums, on X isometric up to the weight."""
    orbit = part.orbit(label)
    m, d = part.multiplicity(label), orbit.copies.shape[1]
    words = f"generic copy, of {m}" if m > 1 else ""
    wanted = orbit.table.group_order // least_stabiliser(orbit.table, label)
    best: ExactVectors | None = None
    most = 0
    labels = orbital_labels(orbit.images, reference)
    for attempt in range(ATTEMPTS):
        if labels is None:  # too many
            break
        found = generic_vectors(orbit, label, reference, attempt, labels)
        if found is None:
            continue
        lines = _number_of_lines(found)
        if lines > most:
            best, most = found, lines
        if lines >= wanted or m == 1:
            break
    if best is None:
        return Chosen(weight * _generic_floats(part, label), None, words, -1)
    floats = best.to_float()
    # the sum of w w^T over the points of X is the square of the weight
    scale = weight * math.sqrt(d * part.times / float(np.sum(floats**2)))
    return Chosen(scale * floats, best.times(Scale(Fraction(scale))), words, -1)


def _within_reach(chosen: Chosen) -> Chosen:
    """Return vectors without the exact ones if these are too large to be compared."""
    known = chosen.exact is None or chosen.exact.are_comparable
    return chosen if known else replace(chosen, exact=None)


def _number_of_lines(exact: ExactVectors) -> int:
    """Return on how many lines the vectors lie; 0 if their numbers are too large to say."""
    try:
        return int(exact.line_numbers().max()) + 1
    except NotAvailable:
        return 0


def _generic_floats(part: Part, label: str) -> Floats:
    """Return the vectors gw of a generic copy, ``(N, d)``, in floating point."""
    turned = _turned(part, label)
    table = part.sheet.module.spherical_table
    wanted = least_stabiliser(table, label) * part.sheet.module.degree // table.group_order
    best: Floats | None = None
    fewest = part.sheet.module.degree + 1
    for attempt in range(ATTEMPTS):
        numbers = generic_numbers(len(turned), attempt)
        vectors = np.einsum("f,fdn->nd", numbers / np.linalg.norm(numbers), turned)
        units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        distance = np.minimum(
            np.linalg.norm(units - units[0], axis=1), np.linalg.norm(units + units[0], axis=1)
        )
        many = int((distance < _CLEAR).sum())
        if many < fewest:
            best, fewest = vectors, many
        if many <= wanted:
            break
    if best is None:
        raise AssertionError("a vector lies on its own line")
    return best


def units_of(basis: AdaptedBasis, label: str) -> Floats:
    """Return a basis of End_G(L), ``(dim D, d, d)``, the identity first."""
    simple = basis.simple(label)
    return np.array([np.kron(np.eye(simple.positions), e) for e in END_UNITS[simple.type]])


def _turned(part: Part, label: str) -> Floats:
    """Return ``(f, d, N)`` the vectors of the copies, turned by End_G(L)."""
    copies = part.copies(label)
    m, d, many = copies.shape
    units = units_of(part.basis, label)
    require_memory(
        part.module.group,
        f"a map from or to {label}",
        # the copies turned by D, that again while it is made, and a few arrays of vectors
        8 * many * d * (3 * m * len(units) + 6),
        "a copy by its number, w=0 or u=0, takes less",
    )
    out: Floats = np.einsum("cde,men->mcdn", units, copies).reshape(-1, d, many)
    return out


# -- given vectors ---------------------------------------------------------------------------------


def _number(choice: object) -> int | None:
    """Return the number of a copy, if one was given."""
    whole = isinstance(choice, Integral) and not isinstance(choice, bool)
    return int(choice) if whole else None  # type: ignore[call-overload]


def _is_exact(choice: object) -> bool:
    return isinstance(choice, tuple) and bool(choice) and isinstance(choice[0], Module)


def _base(part: Part) -> int:
    """Return the point of the sheet's module over the base point of the module."""
    X = part.module
    if X.has_signs or not X.is_transitive:
        return int(part.sheet.lifts[0])
    return int(part.sheet.lifts[X.unsigned.record.base])


def _exact(part: Part, label: str, choice: Any, name: str) -> Chosen:  # noqa: ANN401
    """Return the vectors gw for w as an exact sum of vectors of a module."""
    Y, weights = choice if len(choice) == 2 else (choice[0], None)
    own = Part(Y, fourier_basis(Y), Y.sheets[0]) if Y.is_transitive and not Y.has_signs else None
    if own is None or Y.group != part.module.group or own.multiplicity(label) != 1:
        raise ModuleMismatchError(
            f"{name} = (Y, weights) needs a transitive permutation module Y of "
            f"{part.module.group_title} in which {label} occurs once, found {Y!r:.60}"
        )
    numbers = _weights(weights, Y.degree, name)
    reference = reference_of_orbit(own.orbit(label), label)
    images = part.sheet.module.images
    labels = None if reference is None else orbital_labels(images, reference)
    if reference is None or labels is None:
        raise ModuleMismatchError(
            f"{name}: the vectors of {label} in {Y.name} are not known exactly, or are too many: "
            "give a smaller module"
        )
    base = _base(part)
    of_orbital: list[Cyclotomic] = [numbers[0]] * (int(labels.max()) + 1)
    for y, place in enumerate(labels[base].tolist()):
        of_orbital[place] = numbers[y]
    wrong = [y for y, place in enumerate(labels[base].tolist()) if of_orbital[place] != numbers[y]]
    if wrong:
        y = wrong[0]
        alike = np.flatnonzero(labels[base] == labels[base, y]).tolist()
        raise ModuleMismatchError(
            f"{name} must be fixed by the stabiliser of point {base} of {part.module.name} of "
            f"{part.module.group_title}: it moves points {alike!s:.60} of {Y.name} to each other, "
            "so they must have the same weight"
        )
    exact = ExactVectors(reference, labels, tuple(of_orbital))
    floats = exact.to_float()
    if np.linalg.norm(floats[base]) <= _CANCELLED * exact.sizes[base]:
        place = np.array([base], dtype=np.intp)
        if exact.sums_vanish(place, 0 * place, [Fraction(1)]).all():
            raise ModuleMismatchError(
                f"{name} must not be 0: the vectors of {label} in {Y.name} with these weights add "
                "up to 0"
            )
        raise ModuleMismatchError(
            f"{name}: the vectors of {label} in {Y.name} with these weights cancel to less than "
            f"{_CANCELLED:g} of what is added up, so that float64 loses digits: give smaller "
            "weights for the same vector"
        )
    return Chosen(floats, exact, f"given sum of vectors in {Y.name}", None)


def _weights(given: Any, many: int, name: str) -> list[Cyclotomic]:  # noqa: ANN401
    """Return one exact number per point, or raise ModuleMismatchError."""
    required = (
        f"{name} = (Y, weights) needs an integer, a fraction or a real cyclotomic number for each "
        f"of the {many} points of Y, or a dictionary from points to such numbers"
    )
    row: list[Any]
    if isinstance(given, Mapping):
        if not all(_number(y) is not None and 0 <= int(y) < many for y in given):
            raise ModuleMismatchError(f"{required}, found points {list(given)!s:.60}")
        row = [given.get(y, 0) for y in range(many)]
    else:
        row = list(given) if isinstance(given, Sequence | np.ndarray) else []
    if len(row) != many:
        raise ModuleMismatchError(f"{required}, found {given!r:.60}")
    if any(isinstance(x, str | bytes) for x in row):
        raise ModuleMismatchError(f"{required}, found text")
    if any(isinstance(x, float | np.floating) for x in row):
        raise ModuleMismatchError(f"{required}, found a float: use fractions.Fraction")
    exact = exact_rows([row])
    if exact is None or not all(x.is_real for x in exact[0]):
        raise ModuleMismatchError(f"{required}, found {given!r:.60}")
    sizes = [x.weight for x in exact[0] if x.terms]
    if any(not _SMALLEST <= size <= _LARGEST for size in sizes):
        raise ModuleMismatchError(
            f"{required}, each 0 or of a size between {_SMALLEST:g} and {_LARGEST:g}"
        )
    return exact[0]


def _given(part: Part, label: str, choice: object, name: str) -> Floats:
    """Return the vectors gw for w in floating point, in the coordinates of the models."""
    X = part.module
    turned = _turned(part, label)
    d, many = turned.shape[1:]
    vector = _read_vector(choice, d, label, name)
    size = float(np.linalg.norm(vector))
    base = _base(part)
    # the columns at the base point are orthogonal, of squared length d / |X|
    coefficients = turned[:, :, base] @ vector * (many / part.times / d)
    out: Floats = np.einsum("f,fdn->nd", coefficients, turned)
    error = float(np.linalg.norm(out[base] - vector)) / size
    if error > _TOLERANCE:
        point = int(part.terms[0][base])
        raise ModuleMismatchError(
            f"{name} must be fixed by the stabiliser of point {point} of {X.name} of "
            f"{X.group_title}: {label}^H has dimension {len(turned)}, and "
            f"{name} is off it by {error:.1e} of its length"
        )
    return out


def _read_vector(given: object, d: int, label: str, name: str) -> Floats:
    """Return a given vector as an array, or raise ModuleMismatchError."""
    required = f"{name} must be a copy's number, from 0, or {d} real numbers, a vector of {label}"
    try:
        array = np.asarray(given)
    except (TypeError, ValueError):
        array = np.asarray(None)
    if array.dtype.kind not in "iuf":
        kind = "complex numbers" if array.dtype.kind == "c" else f"{given!r:.40}"
        raise ModuleMismatchError(f"{required}, found {kind}")
    if array.shape != (d,):
        raise ModuleMismatchError(f"{required}, found shape {array.shape}")
    vector = array.astype(np.float64)
    if not np.isfinite(vector).all():
        raise ModuleMismatchError(f"{required}, all finite, found {vector.tolist()!s:.60}")
    if not vector.any():
        raise ModuleMismatchError(f"{required}, not all of them 0, found only zeros")
    return vector
