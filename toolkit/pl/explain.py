"""Why there is an edge between two simples, or none: two sentences and the integer that decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.pl.interactions import Interactions

if TYPE_CHECKING:
    from toolkit.pl.activations import Activation
    from toolkit.pl.interaction_part import AnyModule
    from toolkit.pl.interactions import Criterion, Reached

__all__ = ["explain"]


def explain(
    X: AnyModule, source: str, target: str, activation: object, *, bias: bool = False
) -> str:
    """Return in two sentences why the edge from L to K is there, or why there is none.

    Parameters
    ----------
    X
        A permutation module (transitive or not), a signed module, or a spherical table.
    source, target
        Labels of L and K; both occur in X.
    activation
        See :func:`~toolkit.pl.activations.find_activation`.
    bias
        Whether a generic invariant is added first.

    Raises
    ------
    KeyError
        If L or K does not occur in X.

    Notes
    -----
    Exact: the certificate is the dimension named in the second sentence. If the parts of the
    activation are stated by the user or measured on samples, the sentence says so: it holds for a
    function with those parts.

    Examples
    --------
    >>> import toolkit as tk
    >>> X = tk.group("C8").regular_module()
    >>> print(explain(X, "L3", "L4", "relu"))
    U = U_L3 has order 2: 1 element(s) act as +1 and 1 as -1 on L3. There is no edge L3 -> L4 under
    relu: dim K^U = 0 of dim K^H = 2 excludes the even part, and K is not L3 itself, which excludes
    the linear part.
    >>> print(explain(X, "L3", "L2", "relu"))
    U = U_L3 has order 2: 1 element(s) act as +1 and 1 as -1 on L3. There is an edge L3 -> L2 under
    relu: dim K^U = 2 of dim K^H = 2 gives it through the even part.
    """
    engine = Interactions(X, activation, bias=bias)
    criteria = engine.criterion([source], target)
    found = next((r for r in engine.reached([source]) if r.label == target), None)
    f = engine.activation
    here = f"{source} -> {target} under {f.name}" + (" with a bias" if bias else "")
    if f.parts_are != "exact":
        here = f"{here}, by the {f.parts_are} parts of {f.name}"
    several = len(engine.parts) > 1
    if not criteria:
        first = (
            f"No transitive part of {engine.name} contains both {source} and {target}."
            if several
            else f"{source} and {target} do not meet in {engine.name}."
        )
        if found is None:
            return (
                f"{first} There is no edge {here}: elsewhere the activation meets 0, and f(0) = 0."
            )
        return f"{first} There is an edge {here}: where v is 0 it gives f(0) = {f.at_zero:g}."
    best = max(criteria, key=lambda c: (c.is_source, c.even, c.odd))
    who = f"{source} and the constants" if bias and source != "L0" else source
    where = f" in part {best.part + 1} of {len(engine.parts)}" if several else ""
    first = (
        f"U = U_{source} has order {best.plus_order + best.minus_size}{where}: {best.plus_order} "
        f"element(s) act as +1 and {best.minus_size} as -1 on {who}."
    )
    if several:
        first = first[:-1] + f" ({len(criteria)} parts contain both)."
    if found is None:
        reasons = " and ".join(_excluded(f, best, source, bias)) or "f is 0"
        return f"{first} There is no edge {here}: {reasons}."
    return f"{first} There is an edge {here}: {_given(found, best, f)}."


def _excluded(f: Activation, c: Criterion, source: str, bias: bool) -> list[str]:
    out = []
    if f.has_even_part:
        out.append(f"dim K^U = {c.even} of dim K^H = {c.fixed} excludes the even part,")
    if f.has_odd_part:
        sign = "dim Hom_U(sgn, K)" if c.minus_size else "dim K^U"
        out.append(f"{sign} = {c.odd} of dim K^H = {c.fixed} excludes the odd part,")
    degrees = [d for p in (f.even_part, f.odd_part) if p.is_polynomial for d in p.degrees]
    out += [
        f"the sum of |D| phi_K(D) phi_L(D)^{d}, which is 0, excludes degree {d},"
        for d in degrees
        if d >= 2
    ]
    if f.has_linear_part:
        also = " or trivial" if bias else ""
        out.append(f"K is not {source} itself{also}, which excludes the linear part")
    if not f.has_even_part and f.even_part.coefficient(0):
        out.append("K is not trivial, which excludes the constant")
    if out:
        out[-1] = out[-1].rstrip(",")
    return out


def _given(found: Reached, c: Criterion, f: Activation) -> str:
    words = {
        "even": f"dim K^U = {c.even} of dim K^H = {c.fixed} gives it through the even part",
        "odd": (
            f"{'dim Hom_U(sgn, K)' if c.minus_size else 'dim K^U'} = {c.odd} of dim K^H = "
            f"{c.fixed} gives it through the odd part"
        ),
        "linear": f"K is present itself, all of dim K^H = {c.fixed}, through the linear part",
        "constant": f"K is trivial, and f has the constant {f.even_part.coefficient(0):g}",
    }
    out = []
    for part in found.parts:
        if part in words:
            out.append(words[part])
        else:
            d = part.split()[1]
            out.append(f"the sum of |D| phi_K(D) phi_L(D)^{d} is positive ({part})")
    return ", and ".join(out)
