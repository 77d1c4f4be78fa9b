r"""Piecewise-linear representation theory: which simples an activation joins, and how strongly.

**The criterion.** Let X = G/H, A a set of simples in Fun(X), v in the A-isotypic part V of
Fun(X), and f applied to v coordinate by coordinate. Put

* U+ = {g : phi_L(g) = 1 for all L in A}, U- = {g : phi_L(g) = -1 for all L in A}, and
  U = U+ together with U-, a subgroup that contains H.

For f(t) = a|t| + bt, a simple K occurs in f(v) for some v (then for v in an open set) exactly
when

* a is not 0 and dim K^U > 0 (the even part), or
* b is not 0 and K is in A (the linear part).

*Proof.* The coordinate functionals of X, restricted to V, all have the same length, and the
inner product of those at x and x^g is a sum over L in A of positive multiples of phi_L(g). As
\|phi_L\| <= 1 = phi_L(1), two of them are equal exactly if g lies in U+, opposite exactly if g
lies in U-, and proportional in no other case. So \|v\| is the sum, over the cosets c of U, of
\|l_c(v)\| times the indicator function of c, with pairwise non-proportional l_c. Each \|l_c\|
fails to be differentiable on the hyperplane of l_c and, of all summands, it alone; so a
combination of them vanishes only if all coefficients do, and the K-part of \|v\| vanishes for
all v only if K is orthogonal to the indicators of all cosets of U, that is to Fun(G/U), that
is if K^U = 0. The linear part is odd and \|v\| even, so they do not cancel. QED

A generic constant added first (a bias) adds the trivial simple to A, which empties U-. In the
regular module of a cyclic group this is the rule of the paper: L_i -> L_j through ReLU exactly
if i = j or ord(L_j) divides ord(L_i), halved if even.

For any union U of double cosets that is a subgroup,
dim K^U = dim K^H times the mean of phi_K over U: an integer, and computed as one.

**Spectral transfer.** For v Gaussian in the L-isotypic part, coordinates of variance 1, the
coordinates at x and x^g have correlation phi_L(g); with kappa(t) = E f(a) f(b) for correlation t
the expected share of the energy of f(v) in K is

.. math:: T[L \to K] = \frac{m_K \dim K}{|G|} \sum_D |D|\, \varphi_K(D)\,
          \kappa(\varphi_L(D)) / \kappa(1).

References: Gibson, Tubbenhauer, Williamson, Equivariant neural networks and piecewise linear
representation theory (arXiv 2408.00949), for the question and the cyclic case; Cho and Saul,
Kernel methods for deep learning (2009), for kappa.
"""
