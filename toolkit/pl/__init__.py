r"""Piecewise-linear representation theory: which simples an activation joins, and how strongly.

**Setting.** X = G/H is transitive, A a set of simples in Fun(X), V the A-isotypic part of Fun(X), f
a measurable function of one variable, applied to v in V coordinate by coordinate. A simple K
*occurs* in f(v) if its isotypic part of f(v) is not 0 for some v; for a continuous f that is so on
an open set. (Not for almost all v: max(t - 1, 0) is 0 on an open set.) Put

* U+ = {g : phi_L(g) = 1 for all L in A}, U- = {g : phi_L(g) = -1 for all L in A}, and
  U = U+ together with U-, a subgroup that contains H; sgn is 1 on U+ and -1 on U-.

**Theorem.** Let f = even + odd part, A not empty. K occurs in f(v) exactly if

* the even part is not a polynomial, and dim K^U > 0; or
* the odd part is not a polynomial, and dim Hom_U(sgn, K) > 0, which is dim K^(U+) - dim K^U if U-
  is not empty, and dim K^U if it is; or
* the odd part contains t, is a polynomial, and K is in A; or
* a part is a polynomial that contains t^d, d >= 2, and the sum over the double cosets D of
  \|D\| phi_K(D) Phi(D)^d is not 0, where Phi = sum of the phi_L, L in A; or
* the even part is a polynomial with a constant, and K is trivial.

*Proof.* The coordinate functionals l_x of X, restricted to V, all have the same length, and the
inner product of those at x = aH and y = bH is a sum over L in A of positive multiples of
phi_L(a^-1 b). As \|phi_L\| <= 1 = phi_L(1), two of them are equal exactly if a^-1 b lies in U+,
opposite exactly if it lies in U-, and proportional in no other case. So f(v) is a sum over the
cosets c of U, of even(l_c(v)) times the indicator e_c of c plus odd(l_c(v)) times the function s_c
that is sgn on c.
Replacing v by -v separates the parities.

Let a combination of p(l_c), with coefficients in the K-part, vanish on V, the l_c pairwise not
proportional. Take differences along a vector of the hyperplane of each l_c but one: then either
iterated differences of p with arbitrary steps vanish, or the one remaining coefficient is 0. By
Frechet's theorem a measurable p with such differences is a polynomial. So if p is not one, all
coefficients are 0: K is orthogonal to all e_c, that is to Fun(G/U), that is K^U = 0; or for the odd
part to all s_c, which span the module induced from sgn, that is Hom_U(sgn, K) = 0.

If a part is a polynomial its degrees vanish separately. The K-part of the sum of l_x^d e_x is 0 for
all v exactly if the sum of l_x^d (x) p_K e_x is 0; its squared length is the sum over x, y of
<l_x, l_y>^d p_K(x, y), a positive multiple of the sum in the theorem (for any invariant inner
product, thus for any positive combination Phi). In particular that sum is never negative. QED

*Dimensions.* The K-parts of the e_c span a module in which K has the multiplicity of K in Fun(G/U),
so that a subspace of dimension dim K^U of K^H occurs, and likewise for the odd part.

**A bias**, a generic constant added first, adds the trivial simple to A, which empties U-.

**More than one orbit.** f acts on each orbit separately, and the isotypic part of a sum of modules
is the sum of theirs: K occurs if it occurs on one orbit. On an orbit that contains no simple of A,
v = 0 and f(v) = f(0): only the trivial simple can occur, and only if f(0) is not 0. A bias is a
constant on each orbit.

**Signed modules**, induced from a sign character of H, allow odd f only. With the functions
phi_L(g) = (mean over h in H of sign(h) chi_L(gh)) / dim Hom_H(sign, L) all of the above remains
true, and dim Hom_U(sgn, K) decides, sgn now extending the sign of H.

**Several simples at once** and networks: :mod:`toolkit.pl.interactions.closure`. **Chosen copies**
of simples: :mod:`toolkit.pl.criterion.submodule`. **Arbitrary piecewise-linear maps**:
:mod:`toolkit.pl.interactions.kernels`. **Legal activations**: :mod:`toolkit.pl.legality`.

**Examples.** In the regular module phi_L = chi_L / chi_L(1) and U+ is the kernel of A: the
character table decides everything. For a cyclic group that is the rule of Gibson, Tubbenhauer and
Williamson: L_i -> L_j through ReLU exactly if i = j or ord(L_j) divides ord(L_i), halved if even.

**How it is computed.** phi = 1 and phi = -1 are equalities of canonical forms. For any union U of
double cosets that is a subgroup, dim K^U = dim K^H times the mean of phi_K over U: an integer, read
off modulo a prime. One prime shows that a sum of powers is not 0; that it is 0 is proved
modulo as many primes as its norm requires (:mod:`toolkit.exact.vanishing`).

**Spectral transfer.** For v Gaussian in the L-isotypic part, coordinates of variance s, the
coordinates at aH and bH have correlation phi_L(a^-1 b); with kappa(t) = E f(r) f(s) for Gaussian
r, s of correlation t the expected share of the energy of f(v) in K is

.. math:: T[L \to K] = \frac{m_K \dim K}{|G|} \sum_D |D|\, \varphi_K(D)\,
          \kappa(\varphi_L(D)) / \kappa(1),

since p_K has the entries (m_K dim K/\|X\|) phi_K(a^-1 b). As an expected squared length it is
positive exactly where there is an edge.

References: Gibson, Tubbenhauer, Williamson, Equivariant neural networks and piecewise linear
representation theory (arXiv 2408.00949), for the question and the cyclic case; Frechet, Une
definition fonctionnelle des polynomes (1909), and Kuczma, An Introduction to the Theory of
Functional Equations and Inequalities, chapter 15; Cho and Saul, Kernel methods for deep learning
(2009), and Daniely, Frostig, Singer (2016), for kappa.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.lazy import lazy_face

if TYPE_CHECKING:
    from toolkit.pl.activations.activation import Activation, find_activation
    from toolkit.pl.activations.parity_parts import ParityPart
    from toolkit.pl.criterion.submodule import occurring_in_submodule
    from toolkit.pl.interactions.closure import Layer, closed_sets, closure, reachable
    from toolkit.pl.interactions.compressed import blow_up, compressed_graph
    from toolkit.pl.interactions.explain import explain
    from toolkit.pl.interactions.graph import (
        Criterion,
        Interactions,
        Occurrence,
        interaction_graph,
        occurring_simples,
    )
    from toolkit.pl.interactions.kernels import kernel_lattice, pl_hom_preorder
    from toolkit.pl.legality import Legality, Violation, require_legal, require_legal_on
    from toolkit.pl.maps.pieces import Bound, LinearPiece
    from toolkit.pl.maps.pl_map import PLMap
    from toolkit.pl.transfer.cyclic_limit import limit_transfer, sine_series
    from toolkit.pl.transfer.depth import DepthSpectrum, spectra_by_depth, transfer_spectrum
    from toolkit.pl.transfer.matrix import transfer_error, transfer_matrix

__all__ = [
    "Activation",
    "Bound",
    "Criterion",
    "DepthSpectrum",
    "Interactions",
    "Layer",
    "Legality",
    "LinearPiece",
    "Occurrence",
    "PLMap",
    "ParityPart",
    "Violation",
    "blow_up",
    "closed_sets",
    "closure",
    "compressed_graph",
    "explain",
    "find_activation",
    "interaction_graph",
    "kernel_lattice",
    "limit_transfer",
    "occurring_in_submodule",
    "occurring_simples",
    "pl_hom_preorder",
    "reachable",
    "require_legal",
    "require_legal_on",
    "sine_series",
    "spectra_by_depth",
    "transfer_error",
    "transfer_matrix",
    "transfer_spectrum",
]

__getattr__, __dir__ = lazy_face(
    __name__,
    {
        "activations.activation": "Activation find_activation",
        "activations.parity_parts": "ParityPart",
        "criterion.submodule": "occurring_in_submodule",
        "interactions.closure": "Layer closed_sets closure reachable",
        "interactions.compressed": "blow_up compressed_graph",
        "interactions.explain": "explain",
        "interactions.graph": (
            "Criterion Interactions Occurrence interaction_graph occurring_simples"
        ),
        "interactions.kernels": "kernel_lattice pl_hom_preorder",
        "legality": "Legality Violation require_legal require_legal_on",
        "maps.pl_map": "Bound LinearPiece PLMap",
        "transfer.cyclic_limit": "limit_transfer sine_series",
        "transfer.depth": "DepthSpectrum spectra_by_depth transfer_spectrum",
        "transfer.matrix": "transfer_error transfer_matrix",
    },
)
