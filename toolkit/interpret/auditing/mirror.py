"""Mirror functions of robots: what a reflection does to joints and observations, by name.

A robot with a left and a right side has a symmetry of order 2. A reflection exchanges joints, and
changes the sign of those that turn about an axis in the plane of reflection; a vector changes the
sign of its component across that plane, an axial vector (an angular velocity) that of the other
two. A mirror function that is wrong in one sign trains against itself, so everything here is
checked: pairs are pairs, signs agree on both sides, joint limits and default positions are kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from toolkit.cached import cached_property
from toolkit.errors import ModuleMismatchError
from toolkit.library.naming import group
from toolkit.library.statistics.arrays import constant, index

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from numpy.typing import ArrayLike

    from toolkit.library.group import Group
    from toolkit.modules.signed_module import SignedModule

#: Kinds of observations with a fixed behaviour: names of the components, and their signs, for the
#: axes forward, left, up and the reflection that exchanges left and right.
KINDS: dict[str, tuple[tuple[str, ...], tuple[int, ...]]] = {
    "scalar": (("",), (1,)),
    "pseudoscalar": (("",), (-1,)),
    "vector": (("x", "y", "z"), (1, -1, 1)),
    "axial": (("x", "y", "z"), (-1, 1, -1)),
    "planar": (("x", "y"), (1, -1)),
    "velocity command": (("x", "y", "yaw"), (1, -1, -1)),
    "quaternion": (("w", "x", "y", "z"), (1, -1, 1, -1)),
}


@dataclass(frozen=True, eq=False)
class Mirror:
    """A reflection of vectors whose components have names; made by :func:`mirror`.

    Parameters
    ----------
    names
        The names of the components, in order.
    images
        ``(n,)`` integers: the mirror image of x has ``signs[i] * x[images[i]]`` at i.
    signs
        ``(n,)`` 1 or -1.
    slices
        The position of each term's components, by the name of the term.

    Examples
    --------
    >>> legs = mirror({"q": "joints"}, ["left_hip", "right_hip", "waist"],
    ...               pairs={"left_hip": "right_hip"}, flips=["waist"])
    >>> legs([1.0, 2.0, 3.0]).tolist()
    [2.0, 1.0, -3.0]
    """

    names: tuple[str, ...]
    images: NDArray[np.intp]
    signs: NDArray[np.int8]
    slices: dict[str, slice]

    def __len__(self) -> int:
        return len(self.names)

    def __call__(self, x: Any) -> Any:  # noqa: ANN401 - an array or a tensor
        """Return the mirror image of vectors ``(..., n)``, an array or a tensor, in its type.

        Raises
        ------
        ModuleMismatchError
            If the last axis has another length.
        """
        values = x if hasattr(x, "shape") else np.asarray(x)
        if not len(values.shape) or values.shape[-1] != len(self):
            raise ModuleMismatchError(
                f"vectors of {len(self)} components are required, {', '.join(self.names[:4])}, "
                f"..., found shape {tuple(values.shape)}"
            )
        return values[..., index(self.images, values)] * constant(self.signs, values)

    @cached_property
    def module(self) -> SignedModule:
        """The vectors as a signed module of the group of order 2, for layers and audits."""
        name = "mirrored vector"
        return self.group.signed_module_from_images(self.images[None], self.signs[None], name)

    @property
    def group(self) -> Group:
        """The group of order 2 of the reflection."""
        return group("C2")

    def components(self, term: str) -> tuple[str, ...]:
        """Return the names of the components of a term."""
        return self.names[self._slice(term)]

    def part(self, term: str) -> Mirror:
        """Return the reflection of a single term, such as the positions of the joints.

        Raises
        ------
        ModuleMismatchError
            If there is no such term.
        """
        own = self._slice(term)
        return Mirror(
            self.names[own],
            self.images[own] - own.start,
            self.signs[own],
            {term: slice(0, own.stop - own.start)},
        )

    def _slice(self, term: str) -> slice:
        if term not in self.slices:
            raise ModuleMismatchError(
                f"there is no term named {term!r}; there are {', '.join(self.slices)}"
            )
        return self.slices[term]

    def differences(self, other: Callable[[NDArray[np.float64]], ArrayLike]) -> tuple[str, ...]:
        """Return the components in which another mirror function differs from this one.

        Parameters
        ----------
        other
            A function from vectors ``(batch, n)``, float64, to their mirror images, such as the one
            that a training run uses.

        Returns
        -------
        tuple of str
            One sentence for each component that differs. It is empty if the two agree on 0 and on
            all unit vectors, which is a proof for affine functions.

        Raises
        ------
        ModuleMismatchError
            If it returns a different shape.

        Examples
        --------
        >>> two = mirror({"v": "planar"})
        >>> two.differences(lambda x: x)
        ('v.y: required -v.y, found v.y',)
        """
        n = len(self)
        probes = np.concatenate([np.zeros((1, n)), np.eye(n)])
        found = np.asarray(other(probes.copy()), dtype=np.float64)
        if found.shape != probes.shape:
            raise ModuleMismatchError(
                f"a mirror function must return shape {probes.shape} for this input, found "
                f"{found.shape}"
            )
        shift, rows = found[0], (found[1:] - found[0]).T  # rows[i, j]: how i depends on j
        out = []
        for i, name in enumerate(self.names):
            expected = np.zeros(n)
            expected[self.images[i]] = self.signs[i]
            if not np.allclose(rows[i], expected, atol=1e-6) or abs(shift[i]) > 1e-6:
                required = self._words(expected, 0.0)
                out.append(f"{name}: required {required}, found {self._words(rows[i], shift[i])}")
        return tuple(out)

    def _words(self, row: NDArray[np.float64], shift: float) -> str:
        parts = []
        for j in np.flatnonzero(np.abs(row) > 1e-6).tolist():
            value = float(row[j])
            factor = {1.0: "", -1.0: "-"}.get(round(value, 6), f"{value:.4g} ")
            parts.append(f"{factor}{self.names[j]}")
        if abs(shift) > 1e-6:
            parts.append(f"{shift:.4g}")
        return " + ".join(parts) or "0"

    def check(
        self,
        term: str,
        *,
        limits: ArrayLike | None = None,
        values: ArrayLike | None = None,
        tolerance: float = 1e-6,
    ) -> None:
        """Check that the reflection preserves given numbers, one or two for each component.

        Parameters
        ----------
        term
            The term, such as the joints' positions.
        limits
            ``(components, 2)`` the lower and upper limit of each component.
        values
            ``(components,)`` numbers, such as default positions.
        tolerance
            The largest difference that is allowed.

        Raises
        ------
        ModuleMismatchError
            If they are not preserved. The message names the first such component; usually its sign
            or its partner is wrong.

        Examples
        --------
        >>> hips = mirror({"q": "joints"}, ["left", "right"], pairs={"left": "right"})
        >>> hips.check("q", limits=[[-1.0, 2.0], [-2.0, 1.0]])
        Traceback (most recent call last):
            ...
        toolkit.errors.ModuleMismatchError: the limits of q.left, -1 to 2, must be those of its
        mirror image q.right with sign +, -2 to 1, up to 1e-06: is the sign of the joint wrong?
        """
        part = self.part(term)
        n = len(part)
        for what, given, shape in (("limits", limits, (n, 2)), ("values", values, (n,))):
            if given is None:
                continue
            array = np.asarray(given, dtype=np.float64)
            if array.shape != shape:
                raise ModuleMismatchError(
                    f"{what}= of {term} must have shape {shape}, found {array.shape}"
                )
            for i, name in enumerate(part.names):
                j, sign = int(part.images[i]), int(part.signs[i])
                image = np.sort(sign * array[j]) if what == "limits" else sign * array[j]
                with np.errstate(invalid="ignore"):
                    same = np.abs(image - array[i]) <= tolerance
                if not (same | (image == array[i])).all():
                    mark = "+" if sign > 0 else "-"
                    raise ModuleMismatchError(
                        f"the {what} of {name}, {_shown(array[i])}, must be those of its mirror "
                        f"image {part.names[j]} with sign {mark}, {_shown(image)}, up to "
                        f"{tolerance:g}: is the sign of the joint wrong?"
                    )


def mirror(
    terms: Mapping[str, str | Sequence[tuple[str, int]]],
    joints: Sequence[str] = (),
    *,
    pairs: Mapping[str, str] | None = None,
    flips: Collection[str] = (),
) -> Mirror:
    """Return the mirror function for a vector of observations or actions with named parts.

    Parameters
    ----------
    terms
        The parts of the vector, in order: a mapping from names to kinds. The kinds are ``"joints"``
        (a number for each joint), ``"vector"`` (velocities, gravity), ``"axial"`` (angular
        velocities), ``"planar"`` (x, y), ``"velocity command"`` (x, y, yaw), ``"quaternion"`` (w,
        x, y, z), ``"scalar"`` and ``"pseudoscalar"`` (a yaw angle). The axes are forward, left and
        up, and the reflection exchanges left and right. A kind can also be a list of pairs: for
        each component the name of its mirror image within this term, and the sign. Components have
        the names of the joints if their numbers agree, else ``0``, ``1``, ...
    joints
        The names of the joints, in order.
    pairs
        Joints and their mirror images, each pair in one or both directions; a joint that is omitted
        is its own mirror image.
    flips
        The joints whose sign changes; for a pair, one or both names.

    Returns
    -------
    Mirror
        A function of arrays or tensors ``(..., n)``. Its ``.module`` is the signed module for
        layers and :func:`toolkit.interpret.audit`.

    Raises
    ------
    ModuleMismatchError
        If a name is unknown or occurs twice, if a joint has two partners, or if the result is not
        its own inverse.

    Notes
    -----
    Exact: signs and permutations. The signs of joints depend on the conventions of the robot's
    model. Check them with joint limits and default positions (:meth:`Mirror.check`), or against the
    function in use (:meth:`Mirror.differences`).

    Examples
    --------
    >>> robot = mirror(
    ...     {"velocity": "vector", "turning": "axial", "position": "joints"},
    ...     ["FL_hip", "FR_hip", "FL_knee", "FR_knee"],
    ...     pairs={"FL_hip": "FR_hip", "FL_knee": "FR_knee"},
    ...     flips=["FL_hip"],
    ... )
    >>> robot([1, 2, 3, 4, 5, 6, 0.1, 0.2, 0.3, 0.4]).tolist()
    [1.0, -2.0, 3.0, -4.0, 5.0, -6.0, -0.2, -0.1, 0.4, 0.3]
    >>> robot.module.multiplicities
    {'L0': 5, 'L1': 5}
    """
    joints = tuple(joints)
    if len(set(joints)) != len(joints):
        twice = next(j for j in joints if joints.count(j) > 1)
        raise ModuleMismatchError(f"each joint must be named once, found {twice!r} twice")
    own = _joints(joints, dict(pairs or {}), set(flips))
    names: list[str] = []
    images: list[int] = []
    signs: list[int] = []
    slices: dict[str, slice] = {}
    for term, kind in terms.items():
        start = len(names)
        components, partners, factors = _term(term, kind, joints, own)
        names += [f"{term}.{c}" if c else term for c in components]
        images += [start + p for p in partners]
        signs += factors
        slices[term] = slice(start, len(names))
    if not names:
        raise ModuleMismatchError("terms= must have at least one component, found none")
    return Mirror(
        tuple(names), np.array(images, dtype=np.intp), np.array(signs, dtype=np.int8), slices
    )


def _joints(
    joints: tuple[str, ...], pairs: dict[str, str], flips: set[str]
) -> list[tuple[int, int]]:
    """Return per joint the number of its partner, and the sign."""
    number = {name: i for i, name in enumerate(joints)}
    for name in [*pairs, *pairs.values(), *flips]:
        if name not in number:
            raise ModuleMismatchError(
                f"there is no joint named {name!r}; there are {', '.join(joints) or 'none'}"
            )
    partner: dict[str, str] = {}
    for one, other in pairs.items():
        for a, b in ((one, other), (other, one)):
            if partner.setdefault(a, b) != b:
                raise ModuleMismatchError(
                    f"the joint {a!r} must have one mirror image, found {partner[a]!r} and {b!r}"
                )
    flipped = flips | {partner.get(name, name) for name in flips}
    return [(number[partner.get(j, j)], -1 if j in flipped else 1) for j in joints]


def _term(
    term: str,
    kind: str | Sequence[tuple[str, int]],
    joints: tuple[str, ...],
    own: list[tuple[int, int]],
) -> tuple[tuple[str, ...], list[int], list[int]]:
    if kind == "joints":
        if not joints:
            raise ModuleMismatchError(f"the term {term!r} needs joints=, found none")
        return joints, [p for p, _ in own], [s for _, s in own]
    if isinstance(kind, str):
        if kind not in KINDS:
            raise ModuleMismatchError(
                f"the kind of the term {term!r} must be joints, {', '.join(KINDS)}, or a list of "
                f"pairs, found {kind!r}"
            )
        components, signs = KINDS[kind]
        return components, list(range(len(components))), list(signs)
    given = list(kind)
    components = joints if len(given) == len(joints) else tuple(map(str, range(len(given))))
    number = {name: i for i, name in enumerate(components)}
    images, factors = [], []
    for pair in given:
        if len(pair) != 2 or str(pair[0]) not in number or pair[1] not in (1, -1):
            raise ModuleMismatchError(
                f"the term {term!r} must give each component a pair of a name among "
                f"{', '.join(components[:6])}, ... and a sign 1 or -1, found {pair!r:.40}"
            )
        images.append(number[str(pair[0])])
        factors.append(int(pair[1]))
    for i, j in enumerate(images):
        if images[j] != i or factors[i] != factors[j]:
            raise ModuleMismatchError(
                f"a reflection must be its own inverse: in the term {term!r} the mirror image of "
                f"{components[i]} is {components[j]} with sign {factors[i]:+d}, and that of "
                f"{components[j]} is {components[images[j]]} with sign {factors[j]:+d}"
            )
    return components, images, factors


def _shown(value: Any) -> str:  # noqa: ANN401 - a number or two
    return " to ".join(f"{v:g}" for v in np.atleast_1d(value).tolist())
