r"""Which simples occur in the product of two functions, coordinate by coordinate; exact.

**The rule.** Let X = G/H be an orbit, A and B sets of simples in Fun(X), V_A and V_B the sums of
their isotypic parts, and :math:`\varphi_L` the spherical functions. K occurs in the products
:math:`a \cdot b` of :math:`a \in V_A` and :math:`b \in V_B` exactly when

.. math:: \sum_D |D| \, \varphi_K(D) \, \Phi_A(D) \, \Phi_B(D) \neq 0,

D running through the double cosets, :math:`\Phi_A` and :math:`\Phi_B` being sums of the
:math:`\varphi_L` with any positive coefficients.

**Proof.** The products are the image of the bilinear map :math:`V_A \times V_B \to Fun(X)`. Its
span M is a submodule, and K occurs for some (then for generic) a and b exactly if the projector
:math:`p_K` is not 0 on M: a bilinear map vanishes on all pairs exactly if it does on the span. At
the point x the product is :math:`(\ell_x \otimes m_x)(a \otimes b)`, with
:math:`\ell_x` and :math:`m_x` the coordinates at x. So for the map
:math:`\mu: V_A \otimes V_B \to Fun(X)` the matrix :math:`\mu \mu^T` has the entries
:math:`\langle \ell_x, \ell_y \rangle \langle m_x, m_y \rangle`: it is the entrywise product of
those of the projectors :math:`p_A` and :math:`p_B`, or of any positive combinations of the
:math:`p_L` in their place (another invariant inner product on :math:`V_A`). As
:math:`\mu \mu^T` is positive semidefinite and commutes with G, :math:`p_K \mu = 0` if and only if
the trace of :math:`p_K \mu \mu^T` is 0. With the entry
:math:`p_L(x, y) = (m_L \dim L / |X|) \, \varphi_L(D)` for the orbital D of (x, y) that trace is
the sum above times a positive number.

If a and b are functions of the same input, the pair (a, b) need not run through all of
:math:`V_A \times V_B`; the product still lies in M, so the rule is a bound from above. For
:math:`b = a` the products span the squares, for which :mod:`toolkit.pl` has the exact rule.

On points that change sign the product of two functions does not change sign: it is a function on
the points without signs, so it is not taken here.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from toolkit.errors import NotAvailable
from toolkit.exact.vanishing import real_degree, which_vanish

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from toolkit.exact.residues import ResidueField
    from toolkit.pl.criterion.orbit import OrbitCriterion


def occurring_in_product(
    orbit: OrbitCriterion, one: Iterable[str], other: Iterable[str]
) -> tuple[str, ...]:
    """Return the simples that occur in products of functions in two sets of simples.

    Parameters
    ----------
    orbit
        The criterion on an orbit whose points do not change sign.
    one, other
        Labels of the simples of the two factors; those that are not on the orbit are ignored.

    Returns
    -------
    tuple of str
        Labels in canonical order; none if a factor is 0.

    Raises
    ------
    NotAvailable
        If points change sign.

    Notes
    -----
    Exact: sums of algebraic numbers are proved to be 0 by :mod:`toolkit.exact.vanishing`. Up to
    three rational denominators of the entries and their number bound the sums.

    Examples
    --------
    On C8, of frequencies 1 and 2 those of the sum and of the difference:

    >>> import toolkit as tk
    >>> from toolkit.pl.criterion.of_module import orbit_criteria
    >>> (orbit,) = orbit_criteria(tk.group("C8").regular_module())
    >>> orbit.labels
    ('L0', 'L1', 'L2', 'L3', 'L4')
    >>> occurring_in_product(orbit, ["L3"], ["L2"])
    ('L3', 'L4')
    >>> occurring_in_product(orbit, ["L2"], ["L2"])
    ('L0', 'L1')
    """
    if orbit.swap is not None:
        raise NotAvailable(
            orbit.table.module,
            "which simples occur in a product",
            "its points change sign, but a product of two functions does not",
        )
    chosen = [np.flatnonzero(orbit.present(labels)[0]) for labels in (one, other)]
    if not all(len(rows) for rows in chosen):
        return ()
    count = len(orbit.rows)

    def sums(field: ResidueField, wanted: NDArray[np.bool_]) -> NDArray[np.int64]:
        p = field.prime
        phi = orbit.residues(field)
        total = np.array([s % p for s in orbit.sizes], dtype=phi.dtype)
        for rows in chosen:
            combined = np.zeros(phi.shape[1], dtype=phi.dtype)
            for row in rows.tolist():
                combined = (combined + phi[row]) % p
            total = total * combined % p
        out = np.ones(wanted.shape, dtype=np.int64)
        for k in np.flatnonzero(wanted[0]).tolist():
            out[0, k] = int((phi[k] * total % p).sum()) % p
        return out

    bits = 3 * math.log2(orbit.denominator) + math.log2(orbit.table.group_order)
    bits += sum(math.log2(len(rows)) for rows in chosen)
    zero = which_vanish(
        sums,
        (1, count),
        conductor=orbit.conductor,
        degree=real_degree(orbit.conductor),
        bits=bits,
    )
    return tuple(orbit.labels[k] for k in np.flatnonzero(~zero[0]).tolist())
