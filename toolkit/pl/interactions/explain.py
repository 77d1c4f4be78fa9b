"""Why there is an edge between two simples, or none: two sentences and the integer that decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.errors import ModuleMismatchError
from toolkit.pl.interactions.graph import Interactions
from toolkit.text import compact_integer

if TYPE_CHECKING:
    from toolkit.pl.activations.activation import Activation
    from toolkit.pl.criterion.of_module import AnyModule
    from toolkit.pl.criterion.orbit import OrbitCriterion
    from toolkit.pl.interactions.graph import Criterion, Occurrence

#: Numbers of elements from here on are rounded to three digits.
_ROUNDED_FROM = 10**20


def explain(
    X: AnyModule, source: str, target: str, activation: object, *, bias: bool = False
) -> str:
    """Explain in two sentences why there is an edge from L to K, or why there is none.

    Parameters
    ----------
    X
        A permutation module (transitive or not), a signed module, or a spherical table.
    source, target
        Labels of L and K; both occur in X.
    activation
        See :func:`~toolkit.pl.activations.activation.find_activation`.
    bias
        Whether a generic invariant is added first.

    Returns
    -------
    str
        Two sentences.

    Raises
    ------
    KeyError
        If L or K does not occur in X.
    ModuleMismatchError
        If L or K is not a single label.
    IllegalActivationError
        If the module has signs and the activation is not odd.

    Notes
    -----
    Exact: the certificate is the dimension in the second sentence. U is the group of elements that
    act as +1 or -1 on what L contributes; L^H is the subspace of L that is fixed by the stabiliser
    H of a point; on a signed module it is replaced by Hom_H(sgn, L); f is the activation. Where a
    polynomial part decides, the text names a sum: phi_L is the row of L in the spherical table, D
    runs through its columns, the double cosets of H, and ``|D|`` is their size. If the parity parts
    of the activation are stated by the user or measured on samples, the text says so: it holds for
    a function with those parts.

    Examples
    --------
    >>> import toolkit as tk
    >>> X = tk.group("C8").regular_module()
    >>> print(tk.explain(X, "L3", "L4", "relu"))
    U = U_L3 has order 2: 1 element acts as +1 and 1 as -1 on L3. There is no edge L3 -> L4 under
    relu: dim L4^U = 0 of dim L4^H = 2 excludes the even part, and L4 is not L3 itself, which
    excludes the linear part.
    >>> print(tk.explain(X, "L3", "L2", "relu"))
    U = U_L3 has order 2: 1 element acts as +1 and 1 as -1 on L3. There is an edge L3 -> L2 under
    relu: dim L2^U = 2 of dim L2^H = 2 gives it through the even part.
    """
    for label in (source, target):
        if not isinstance(label, str):
            raise ModuleMismatchError(
                f"the label of one simple is required, such as 'L1', not {label!r:.60}"
            )
    engine = Interactions(X, activation, bias=bias)
    criteria = {c.orbit: c for c in engine.criterion([source], target)}
    by_orbit = enumerate(engine.occurring_by_orbit([source]))
    found = {n: r for n, occurring in by_orbit for r in occurring if r.label == target}
    own = [n for n, p in enumerate(engine.orbits) if target in p.position]
    both = [n for n in own if source in engine.orbits[n].position]
    silent = [n for n in own if n not in both]
    f = engine.activation
    here = f"{source} -> {target} under {f.name}" + (" with a bias" if bias else "")
    if f.parts_are != "exact":
        here = f"{here}, by the {f.parts_are} parts of {f.name}"
    verdict = f"There is {'an' if found else 'no'} edge {here}"
    rest = _where_silent(found, silent, f, bias)
    if not both:
        first = f"No orbit of {engine.name} contains both {source} and {target}."
        return f"{first} {verdict}: {rest}."

    def givers(n: int) -> tuple[int, int, int]:
        c = criteria[n]
        return len(found[n].parts) if n in found else 0, c.even, c.odd

    best = max(both, key=givers)
    first = _subgroup(engine.orbits[best], criteria[best], source, bias)
    if len(engine.orbits) > 1:
        shared = f"{len(both)} orbits contain" if len(both) > 1 else "no other orbit contains"
        first = f"In orbit {best + 1} of {len(engine.orbits)}, {first} ({shared} both)"
    if found:
        reasons = _given(found, best, both, criteria, engine, (source, target))
        reasons += [rest] if any(n in found for n in silent) else []
        return f"{first}. {verdict}: {', and '.join(reasons)}."
    reasons = _excluded(f, criteria[best], engine.orbits[best], (source, target), bias)
    why = " and ".join(reasons) or "f is 0"
    why += "; the same holds in the other orbits that contain both" if len(both) > 1 else ""
    why += f"; {rest}" if silent else ""
    return f"{first}. {verdict}: {why}."


def _subgroup(orbit: OrbitCriterion, c: Criterion, source: str, bias: bool) -> str:
    """Return what U is, and on what its elements act by a common sign."""
    k = orbit.position[source]
    if orbit.swap is not None:
        who = f"Hom_H(sgn, {source})"
    else:
        who = source if orbit.fixed[k] == orbit.dimensions[k] else f"{source}^H"
    if bias and orbit.trivial not in (None, source):
        who += " and the constants"
    act = "element acts" if c.plus_order == 1 else "elements act"
    order, plus, minus = (
        str(n) if n < _ROUNDED_FROM else compact_integer(n)
        for n in (c.plus_order + c.minus_size, c.plus_order, c.minus_size)
    )
    return f"U = U_{source} has order {order}: {plus} {act} as +1 and {minus} as -1 on {who}"


def _where_silent(
    found: dict[int, Occurrence], silent: list[int], f: Activation, bias: bool
) -> str:
    """Return what occurs in the orbits that contain K and not L."""
    edge = any(n in found for n in silent)
    if bias:
        gives = "gives it" if edge else "gives at most the trivial simple"
        return f"where v is 0, the bias {gives}"
    if not f.at_zero:
        return "where v is 0, f(0) = 0 gives nothing"
    gives = "gives it" if edge else "gives the trivial simple only"
    return f"where v is 0, f(0) = {f.at_zero:g} {gives}"


def _of_fixed(orbit: OrbitCriterion, c: Criterion, K: str) -> str:
    return f"dim {K}^H = {c.fixed}" if orbit.swap is None else f"dim Hom_H(sgn, {K}) = {c.fixed}"


def _of_signs(c: Criterion, K: str) -> str:
    return f"dim Hom_U(sgn, {K})" if c.minus_size else f"dim {K}^U"


def _power(degree: int, orbit: OrbitCriterion, edge: tuple[str, str], bias: bool) -> str:
    """Return the sum that decides on a power."""
    L, K = edge
    phi = f"(phi_{L}(D) + 1)" if bias and orbit.trivial not in (None, L) else f"phi_{L}(D)"
    return f"the sum of |D| phi_{K}(D) {phi}^{degree}"


def _excluded(
    f: Activation, c: Criterion, orbit: OrbitCriterion, edge: tuple[str, str], bias: bool
) -> list[str]:
    out = []
    L, K = edge
    fixed = _of_fixed(orbit, c, K)
    if f.has_even_part:
        out.append(f"dim {K}^U = {c.even} of {fixed} excludes the even part,")
    if f.has_odd_part:
        out.append(f"{_of_signs(c, K)} = {c.odd} of {fixed} excludes the odd part,")
    degrees = [d for p in (f.even_part, f.odd_part) if p.is_polynomial for d in p.degrees]
    out += [
        f"{_power(d, orbit, edge, bias)}, which is 0, excludes degree {d},"
        for d in degrees
        if d >= 2
    ]
    if f.has_linear_part:
        also = " or trivial" if bias else ""
        out.append(f"{K} is not {L} itself{also}, which excludes the linear part")
    if not f.has_even_part and f.even_part.coefficient(0):
        out.append(f"{K} is not trivial, which excludes the constant")
    if out:
        out[-1] = out[-1].rstrip(",")
    return out


def _given(
    found: dict[int, Occurrence],
    best: int,
    both: list[int],
    criteria: dict[int, Criterion],
    engine: Interactions,
    edge: tuple[str, str],
) -> list[str]:
    """Return why K occurs: each part of f with an orbit of the module where it gives K."""
    givers: dict[str, int] = {}
    for n in sorted(both, key=lambda n: n != best):
        if n in found:
            for name in found[n].parts:
                givers.setdefault(name, n)
    out = []
    for name, n in sorted(givers.items()):
        reason = _reason(name, criteria[n], engine.orbits[n], engine, edge)
        out.append(reason if n == best else f"in orbit {n + 1} {reason}")
    return out


def _reason(
    name: str, c: Criterion, orbit: OrbitCriterion, engine: Interactions, edge: tuple[str, str]
) -> str:
    K = edge[1]
    fixed = _of_fixed(orbit, c, K)
    if name == "even":
        return f"dim {K}^U = {c.even} of {fixed} gives it through the even part"
    if name == "odd":
        return f"{_of_signs(c, K)} = {c.odd} of {fixed} gives it through the odd part"
    if name == "linear":
        return f"{K} is present itself, all of {fixed}, through the linear part"
    if name == "constant":
        level = engine.activation.even_part.coefficient(0)
        return f"{K} is trivial, and f has the constant {level:g}"
    degree = int(name.split()[1])
    return f"{_power(degree, orbit, edge, engine.bias)} is positive ({name})"
