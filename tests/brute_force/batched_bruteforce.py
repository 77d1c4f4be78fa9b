"""Brute force for many sets of simples of one transitive module and many activations at once.

The same question as :func:`bruteforce.occurring`, and as independent of the toolkit: projectors
are those of :func:`bruteforce.isotypic_components`, vectors are random, numbers are float64. What
is shared makes it fast: one orthonormal basis adapted to all isotypic parts, and one draw of
vectors for all activations.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import bruteforce
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Sets = tuple[frozenset[int], ...]

VECTORS = 64
"""Random vectors per set, half of them scaled simple by simple; each comes with its negative."""
ATTEMPTS = 8


class Batch:
    """One transitive module, its isotypic parts, and the vectors drawn so far.

    Parameters
    ----------
    components
        Its isotypic parts, as :func:`bruteforce.isotypic_components` returns them.
    rng
        Where the vectors come from.
    """

    def __init__(
        self, components: Sequence[bruteforce.Component], rng: np.random.Generator
    ) -> None:
        self.components = components
        self.rng = rng
        self.degree = components[0].projector.shape[0]
        sizes = [c.dimension_of_simple * c.multiplicity for c in components]
        self.starts = np.cumsum([0, *sizes[:-1]])
        self.sizes = np.array(sizes)
        mixed = np.sum([(i + 1) * c.projector for i, c in enumerate(components)], axis=0)
        values, self.basis = np.linalg.eigh(mixed)
        wanted = np.repeat(np.arange(1.0, len(sizes) + 1), sizes)
        assert np.allclose(values, wanted, atol=1e-9), "the projectors are not orthogonal"
        self.trivial = next(i for i, c in enumerate(components) if c.is_trivial)
        self._drawn: dict[tuple[Sets, int], tuple[Floats, Floats]] = {}

    def _draw(self, sets: Sets, attempt: int) -> tuple[Floats, Floats]:
        """Return ``(2 * VECTORS * sets, degree)`` vectors and their lengths."""
        if (sets, attempt) not in self._drawn:
            decades = 1 + attempt / 4
            shape = (len(sets), VECTORS, len(self.sizes))
            exponents = self.rng.uniform(-decades, decades, shape)
            # common scales one by one, not at random: a kink at 6 is felt between 4 and 12 only
            common = np.linspace(-decades, decades, VECTORS // 2)
            exponents[:, VECTORS // 2 :] = common[:, None]
            scales = 10.0**exponents
            present = np.array([[i in s for i in range(len(self.sizes))] for s in sets])
            # a vector of one part has coordinates of the size of its scale
            scales = scales * present[:, None, :] * np.sqrt(self.degree / self.sizes)
            own = np.repeat(scales, self.sizes, axis=2).reshape(-1, self.degree)
            v = (own * self.rng.standard_normal(own.shape)) @ self.basis.T
            v = np.stack([v, -v], axis=1).reshape(-1, self.degree)
            self._drawn[sets, attempt] = v, np.linalg.norm(v, axis=1)
        return self._drawn[sets, attempt]

    def occurring(
        self,
        sources: Iterable[Iterable[int]],
        f: bruteforce.Activation,
        *,
        bias: bool = False,
        expected: Sequence[set[int]] | None = None,
    ) -> list[set[int]]:
        """Return, per set of components, those that occur in f(v), v generic in its parts.

        As :func:`bruteforce.occurring`: relative norms above 1e-7 occur and below 1e-10 do not;
        what lies between is drawn again on other scales, and is an error at last. One vector is
        enough to prove that a component occurs; so if one that is expected was not seen, up to
        seven more draws look for it, and the answer is what was seen in the end.
        """
        added = {self.trivial} if bias else set()
        chosen = tuple(frozenset(s) | added for s in sources)
        sets = tuple(dict.fromkeys(chosen))
        hoped = np.zeros((len(sets), len(self.sizes)), dtype=bool)
        for s, wanted in zip(chosen, expected or (), strict=bool(expected)):
            hoped[sets.index(s), sorted(wanted)] = True
        largest = np.zeros((len(sets), len(self.sizes)))
        for attempt in range(ATTEMPTS):
            v, lengths = self._draw(sets, attempt)
            w = f(v)
            parts = np.add.reduceat((w @ self.basis) ** 2, self.starts, axis=1)
            size = np.maximum(lengths, np.sqrt(parts.sum(axis=1)))
            norms = np.sqrt(parts) / np.where(size > 0, size, 1.0)[:, None]
            new = norms.reshape(len(sets), -1, len(self.sizes)).max(axis=1)
            largest = np.maximum(largest, new)
            undecided = (largest > bruteforce.ABSENT_BELOW) & (largest < bruteforce.PRESENT_ABOVE)
            seen = largest >= bruteforce.PRESENT_ABOVE
            if not undecided.any() and (seen | ~hoped).all():
                break
        else:
            assert not undecided.any(), f"neither present nor absent: {largest[undecided]}"
        answer = dict(zip(sets, seen, strict=True))
        return [set(np.flatnonzero(answer[s]).tolist()) for s in chosen]

    def closures(
        self,
        sources: Iterable[Iterable[int]],
        f: bruteforce.Activation,
        *,
        bias: bool = False,
        expected: Sequence[set[int]] | None = None,
    ) -> list[set[int]]:
        """Return, per set of components, the least set around it that f does not lead out of.

        As in :meth:`occurring`, what is expected and was not seen is looked for again, at the end.
        """
        current = [set(s) for s in sources]
        while True:
            found = self.occurring(current, f, bias=bias)
            larger = [a | b for a, b in zip(current, found, strict=True)]
            if larger == current and expected is not None:
                missing = [b - a for a, b in zip(current, expected, strict=True)]
                if not any(missing):
                    return current
                found = self.occurring(current, f, bias=bias, expected=missing)
            larger = [a | b for a, b in zip(current, found, strict=True)]
            if larger == current:
                return current
            current = larger
