"""Modules made from their specification: JSON data, or a short text."""

from __future__ import annotations

import json
import math
import reprlib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from toolkit.errors import ModuleMismatchError, NotAvailable, ToolkitError
from toolkit.groups.parsing.grammar import parse_group
from toolkit.groups.specs.tree import Product as ProductSpec
from toolkit.groups.specs.tree import direct_product
from toolkit.library.modules import construct, linear, signed
from toolkit.modules.gset_expressions import Sum
from toolkit.modules.linear.data import exact_from_data
from toolkit.modules.linear.linear_module import LinearModule
from toolkit.modules.linear.tensors import power_dimension
from toolkit.modules.module import Module, common_kind, direct_sum
from toolkit.modules.permutation_module import PermutationModule
from toolkit.modules.signed_module import SignedModule
from toolkit.modules.specification import DEEPEST_SPECIFICATION, digest, parse_specification
from toolkit.text import compact_integer

if TYPE_CHECKING:
    from toolkit.library.structure import GroupStructure
    from toolkit.modules.specification import Specification


_LONGEST_NAME = 1000
_MOST_PARTS = 1000  # of a power or of copies


def module_from_specification(
    group: GroupStructure, specification: str | Specification, most: int
) -> Module:
    """See :meth:`toolkit.Group.module`."""
    if isinstance(specification, str):
        specification = parse_specification(specification)
    try:
        return _Maker(group, most).make(specification, 0)
    except RecursionError:
        raise ModuleMismatchError(
            f"a module's specification at most {DEEPEST_SPECIFICATION} deep is required"
        ) from None


class _Maker:
    """Makes modules of one group of at most ``most`` points; the bound is tested beforehand."""

    def __init__(self, group: GroupStructure, most: int) -> None:
        self.group = group
        self.most = most
        self.made: dict[str, Module] = {}

    def make(self, data: object, depth: int) -> Module:
        if depth > DEEPEST_SPECIFICATION:
            raise ModuleMismatchError(
                f"a module's specification at most {DEEPEST_SPECIFICATION} deep is required, found "
                "a deeper one"
            )
        kind = data.get("module") if isinstance(data, Mapping) else None
        if not isinstance(data, Mapping) or not isinstance(kind, str) or kind not in _KINDS:
            raise ModuleMismatchError(
                f"a module's specification needs the key 'module' with one of "
                f"{', '.join(_KINDS)}, found {_shown(data)}"
            )
        make, required, optional = _KINDS[kind]
        missing = [key for key in required if key not in data]
        unknown = [key for key in data if key not in (*required, *optional, "module")]
        if missing or unknown:
            needs, may = ", ".join(required) or "none", ", ".join(optional) or "no other"
            raise ModuleMismatchError(
                f"a specification of kind {kind!r} needs the keys {needs} and may have {may}, "
                f"found {_shown(data)}"
            )
        try:
            return make(self, data, depth)
        except ToolkitError:
            raise
        except (KeyError, TypeError, IndexError, ValueError, OverflowError) as error:
            raise ModuleMismatchError(
                f"the specification {_shown(data)} has a value of the wrong kind ({error}); "
                "toolkit.modules.specification lists the keys"
            ) from error

    def bound(self, points: int) -> None:
        if points > self.most:
            raise NotAvailable(
                self.group.name,
                "a module from its specification",
                f"it has {compact_integer(points)} points, more than the "
                f"{compact_integer(self.most)} that most= allows",
            )

    def several(self, data: Mapping[str, Any], depth: int) -> list[Module]:
        parts = data["of"]
        if not isinstance(parts, list) or not parts:
            raise ModuleMismatchError(
                f"a list of one or more modules is required in {data['module']!r}, found "
                f"{_shown(parts)}"
            )
        self.bound(len(parts))
        return [self._once(part, depth) for part in parts]

    def _once(self, data: object, depth: int) -> Module:
        """Make equal parts once."""
        key = json.dumps(data, sort_keys=True, default=repr) if isinstance(data, Mapping) else ""
        if key not in self.made:
            self.made[key] = self.make(data, depth + 1)
        return self.made[key]

    def regular(self, data: Mapping[str, Any], depth: int) -> Module:
        self.bound(self.group.order)
        return construct.regular_module(self.group)

    def natural(self, data: Mapping[str, Any], depth: int) -> Module:
        points = self.group.spec.points
        if points is not None:
            self.bound(points)
        found = construct.natural_module(self.group)
        self.bound(found.degree)
        return found

    def orbit(self, data: Mapping[str, Any], depth: int) -> Module:
        whole = construct.natural_module(self.group)
        if "number" in data:
            number = _whole(data, "number")
            if not 1 <= number <= len(whole.orbits):
                raise ModuleMismatchError(
                    f"{self.group.name} has orbits 1 to {len(whole.orbits)} on its {whole.degree} "
                    f"points, not {number}"
                )
            return whole.orbits[number - 1]
        point = _whole(data, "point")
        for orbit, points in zip(whole.orbits, whole.orbit_points, strict=True):
            if point in points:
                return orbit
        raise ModuleMismatchError(
            f"{self.group.name} acts on points 0 to {whole.degree - 1}, not on {point}"
        )

    def cosets(self, data: Mapping[str, Any], depth: int) -> Module:
        module = construct.coset_module(self.group, data["subgroup"])
        self.bound(module.degree)
        return construct.renamed(module, _name(data))

    def images(self, data: Mapping[str, Any], depth: int) -> Module:
        images = self._given(data, "images")
        module = construct.module_from_images(self.group, images, _name(data))
        self._same_digest(data, module.images)
        return module

    def signed_images(self, data: Mapping[str, Any], depth: int) -> Module:
        images, signs = self._given(data, "images"), self._given(data, "signs")
        module = SignedModule.from_signs(self.group, images, signs, _name(data))
        self._same_digest(data, module.images, module.signs)
        return module

    def _given(self, data: Mapping[str, Any], what: str, plural: str = "") -> Any:  # noqa: ANN401
        if what not in data and "sha256" not in data:
            raise ModuleMismatchError(
                f"a specification of kind {data['module']!r} needs the key {what!r}, found "
                f"{_shown(data)}"
            )
        if what not in data:
            raise NotAvailable(
                self.group.name,
                f"the module {data.get('name', 'from images')}",
                f"its specification holds only a digest of its {plural or what}, which are too "
                "many: construct the module in the original way",
            )
        rows = data[what]
        degree = int(data["shape"][1]) if rows == [] else len(rows[0])  # of no generators
        self.bound(degree)
        empty = (0, degree, degree) if plural else (0, degree)
        return rows if rows else np.empty(empty, dtype=np.intp)

    def _same_digest(self, data: Mapping[str, Any], *arrays: Any) -> None:  # noqa: ANN401
        if "sha256" in data and digest(*arrays) != data["sha256"]:
            raise ModuleMismatchError(
                f"the images in the specification of {data.get('name', 'a module')} do not have "
                f"the digest {str(data['sha256'])[:16]}... that stands beside them"
            )

    def signed_cosets(self, data: Mapping[str, Any], depth: int) -> Module:
        module = signed.signed_coset_module(self.group, data["subgroup"], data["kernel"])
        self.bound(module.degree)
        return construct.renamed(module, _name(data))

    def signed(self, data: Mapping[str, Any], depth: int) -> Module:
        return SignedModule.of(self.make(data["of"], depth + 1))

    def matrices(self, data: Mapping[str, Any], depth: int) -> Module:
        key = "entries" if "entries" in data else "exact"
        given: Any = self._given(data, key, "matrices")
        if key == "exact" and len(given):
            given = [m.rows for m in exact_from_data(given)]
        module = linear.linear_module(self.group, given, _name(data), 1e-6)
        if "sha256" in data and module.specification["sha256"] != data["sha256"]:
            raise ModuleMismatchError(
                f"the matrices in the specification of {data.get('name', 'a module')} do not have "
                f"the digest {str(data['sha256'])[:16]}... that stands beside them"
            )
        return module

    def simple(self, data: Mapping[str, Any], depth: int) -> Module:
        module = linear.simple_module(self.group, data["label"])
        self.bound(module.degree)
        return module

    def space(self, data: Mapping[str, Any], depth: int) -> Module:
        return linear.space_module(self.group, 1e-6)

    def linear(self, data: Mapping[str, Any], depth: int) -> Module:
        return LinearModule.of(self.make(data["of"], depth + 1))

    def dual(self, data: Mapping[str, Any], depth: int) -> Module:
        return self.make(data["of"], depth + 1).dual

    def tensor_power(self, data: Mapping[str, Any], depth: int) -> Module:
        base, exponent = self.make(data["of"], depth + 1), _whole(data, "exponent")
        exterior = data["module"] == "exterior power"
        if not 0 <= exponent <= _MOST_PARTS:
            raise ModuleMismatchError(
                f"an exponent from 0 to {_MOST_PARTS} is required, found {exponent}"
            )
        self.bound(power_dimension(base.degree, exponent, exterior=exterior))
        return base.exterior_power(exponent) if exterior else base.symmetric_power(exponent)

    def sum(self, data: Mapping[str, Any], depth: int) -> Module:
        parts = self.several(data, depth)
        degree = sum(X.degree for X in parts)
        self.bound(degree)
        whole = direct_sum(*parts)
        if "points" not in data:
            return whole
        points = tuple(tuple(map(int, own)) for own in data["points"])
        lengths = [len(own) for own in points] == [X.degree for X in parts]
        if not lengths or sorted(p for own in points for p in own) != list(range(degree)):
            raise ModuleMismatchError(
                f"the points of the summands must be 0 to {degree - 1}, each once, with the right "
                f"number for each summand, found {data['points']!r:.100}"
            )
        if not all(isinstance(X, PermutationModule) for X in parts):
            raise ModuleMismatchError(
                "points of summands can be given for permutation modules only"
            )
        plain = tuple(map(PermutationModule.of, parts))
        return PermutationModule(self.group, whole.name, degree, Sum(plain, points))

    def copies(self, data: Mapping[str, Any], depth: int) -> Module:
        one, number = self.make(data["of"], depth + 1), _whole(data, "number")
        if number < 1:
            raise ModuleMismatchError(f"a number of copies from 1 is required, found {number}")
        self.bound(one.degree * number)
        if number > _MOST_PARTS:
            raise NotAvailable(
                self.group.name, "a module from its specification", f"it has {number} summands"
            )
        return direct_sum(*[one] * number)

    def product(self, data: Mapping[str, Any], depth: int) -> Module:
        parts = self.several(data, depth)
        self.bound(math.prod(X.degree for X in parts))
        out = parts[0]
        for X in parts[1:]:
            out = out * X
        return out

    def power(self, data: Mapping[str, Any], depth: int) -> Module:
        base, exponent = self.make(data["of"], depth + 1), _whole(data, "exponent")
        # a power of one point is one point, but takes as long
        self.bound(max(base.degree, 2) ** min(exponent, 1000))
        if exponent > _MOST_PARTS:
            raise NotAvailable(
                self.group.name, "a module from its specification", f"it has {exponent} factors"
            )
        return base**exponent

    def outer_product(self, data: Mapping[str, Any], depth: int) -> Module:
        spec = self.group.spec
        groups = spec.factors if isinstance(spec, ProductSpec) else ()
        if "groups" in data:
            groups = tuple(map(parse_group, data["groups"]))
            if not groups or direct_product(groups) != spec:
                raise ModuleMismatchError(
                    f"the groups of an outer product must make up {self.group.name}, found "
                    f"{_shown(data['groups'])}"
                )
        parts = data["of"]
        if not isinstance(parts, list) or len(parts) != len(groups) or not parts:
            raise ModuleMismatchError(
                f"an outer product needs one module for each factor of its group, and "
                f"{self.group.name} has {len(groups) or 'no'} factors"
            )
        factors: list[Module] = []
        makers: dict[str, _Maker] = {}
        for factor, part in zip(groups, parts, strict=True):
            H = type(self.group)(factor, self.group.session)
            factors.append(makers.setdefault(H.name, _Maker(H, self.most))._once(part, depth))
        self.bound(math.prod(X.degree for X in factors))
        same = common_kind(*factors)
        out = same[0]
        for X in same[1:]:
            out = out.outer(X)
        return out


def _shown(data: object) -> str:
    """Return data as an error shows it: short, and in printable letters."""
    return ascii(reprlib.repr(data))[1:-1][:120]


def _whole(data: Mapping[str, Any], key: str) -> int:
    if type(data[key]) is not int:
        raise ModuleMismatchError(
            f"an integer is required for {key!r} in a specification, found {_shown(data[key])}"
        )
    number: int = data[key]
    return number


def _name(data: Mapping[str, Any]) -> str | None:
    """Return the module's name, which is shown in tables and messages."""
    name = data.get("name")
    if name is None or (
        isinstance(name, str) and len(name) <= _LONGEST_NAME and name.isprintable() and name
    ):
        return name
    raise ModuleMismatchError(
        f"a module's name must be a string of at most {_LONGEST_NAME} printable letters, found "
        f"{_shown(name)}"
    )


#: Per kind what makes it, its keys, and those that may be left out.
_KINDS: dict[str, tuple[Callable[..., Module], tuple[str, ...], tuple[str, ...]]] = {
    "regular": (_Maker.regular, (), ()),
    "natural": (_Maker.natural, (), ()),
    "orbit": (_Maker.orbit, (), ("point", "number")),
    "cosets": (_Maker.cosets, ("subgroup",), ("name",)),
    "images": (_Maker.images, (), ("images", "name", "shape", "sha256")),
    "signed images": (_Maker.signed_images, (), ("images", "signs", "name", "shape", "sha256")),
    "signed cosets": (_Maker.signed_cosets, ("subgroup", "kernel"), ("name",)),
    "signed": (_Maker.signed, ("of",), ()),
    "matrices": (_Maker.matrices, (), ("entries", "exact", "name", "shape", "sha256")),
    "simple": (_Maker.simple, ("label",), ()),
    "space": (_Maker.space, (), ()),
    "linear": (_Maker.linear, ("of",), ()),
    "dual": (_Maker.dual, ("of",), ()),
    "symmetric power": (_Maker.tensor_power, ("of", "exponent"), ()),
    "exterior power": (_Maker.tensor_power, ("of", "exponent"), ()),
    "sum": (_Maker.sum, ("of",), ("points",)),
    "copies": (_Maker.copies, ("of", "number"), ()),
    "product": (_Maker.product, ("of",), ()),
    "power": (_Maker.power, ("of", "exponent"), ()),
    "outer product": (_Maker.outer_product, ("of",), ("groups",)),
}
