r"""Permutation modules: orbitals, spherical tables, layer bases. Values in, values out.

**Words.** A *simple* L is a real irreducible representation of a finite group G; its type R, C
or H and e_L = 1, 2, 4 say that End_G(L) is the reals, complexes or quaternions. For a finite
G-set X, Fun(X) is the space of real functions on X with (g f)(x) = f(x^g) (GAP's right action).
For X = G/H the simple L occurs m_L = dim L^H / e_L times.

**Orbitals.** The G-orbits on Y x X are the orbitals; their 0/1 matrices are a basis of the
equivariant linear maps Fun X -> Fun Y, so that their number is the sum of m_L(X) m_L(Y) e_L.

**Sums and products.** Fun of a disjoint union is the direct sum, Fun(X x Y) the tensor product:
of two modules of G, on which G acts at once, or of modules of two groups, on which their direct
product acts. The number of fixed points of g on X x Y is the product of those on X and Y, which
gives every multiplicity, and Hom of an outer product is the tensor product of the Homs.

**Signed modules** are induced from a sign character of H with kernel K: the functions on G/K that
change sign under H/K. They carry odd activations. Their multiplicities are those of Fun(G/K) less
those of Fun(G/H), and their maps are the orbitals of the covers on which signs do not collide.

**Linear modules** are real representations by any matrices rho(g), acting on columns, with
rho(gh) = rho(g) rho(h). Multiplicities m_L = <chi_V, chi_L> / e_L are decided modulo a prime from
exact matrices, and rounded with a certificate from floats; G keeps some inner product, found by
averaging. Their Fourier bases lead to the matrices that simples have in those of permutation
modules, so that the maps V -> W are matrices over End(L), simple by simple, for any two modules.

**The spherical table** of X = G/H. For L in Fun(X) with character chi_L put

.. math:: \varphi_L(g) = \frac{1}{|H| \dim L^H} \sum_{h \in H} \chi_L(gh).

This is real, constant on double cosets HgH, 1 at g = 1, of absolute value at most 1, and the
projection of Fun(X) onto its L-isotypic part has the matrix entries
(m_L dim L / |X|) phi_L(a^-1 b) at the points aH and bH, since it commutes with G. (It is phi_L(g)
in the row of the base point H and the column of gH; not for other points x and x^g: S3 on three
points, L2, x = 2 and g = (1,3) have the entry 2/3, and (2/3) phi_L(g) is -1/3.) Hence the laws that
every table is checked against:

* sum over D of |D| phi_K(D) phi_L(D) = |G| / (m_L dim L) if K = L, else 0,
* sum over L of m_L dim L phi_L(D) = |X| for D = H, else 0,
* the number of double cosets is the sum of m_L^2 e_L.

For H = 1 it is chi_L / chi_L(1): the character table alone.

**The second route** needs no character: the matrices above are the primitive idempotents of
the symmetric part of the centre of the algebra that the orbitals span, an algebra with integer
structure constants. With p an idempotent, the pair (dim pAp, dimension of its symmetric
elements) is (m^2, m(m+1)/2), (2m^2, m^2), (4m^2, 2m^2 - m) for types R, C, H, since pAp is the
full matrix algebra of size m over the reals, complexes, quaternions, and transposition its
conjugate transposition.

References: Bannai and Ito, Algebraic Combinatorics I; Serre, Linear Representations of Finite
Groups, chapters 12 and 13.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.lazy import lazy_face

if TYPE_CHECKING:
    from toolkit.modules.fourier.adapted import AdaptedBasis
    from toolkit.modules.fourier.basis import FourierBasis
    from toolkit.modules.fourier.linear_basis import LinearBasis
    from toolkit.modules.gsets.block_systems import block_systems, is_primitive
    from toolkit.modules.gsets.orbitals import Orbitals
    from toolkit.modules.gsets.signed_orbitals import SignedOrbitals
    from toolkit.modules.layer_basis import LayerBasis
    from toolkit.modules.linear.linear_module import LinearModule
    from toolkit.modules.module import Module, Sheet, common_kind, direct_sum, hom_dimension
    from toolkit.modules.permutation_module import PermutationModule
    from toolkit.modules.schemes.association_scheme import AssociationScheme
    from toolkit.modules.schemes.relations import Eigenspaces
    from toolkit.modules.signed_module import SignedModule
    from toolkit.modules.specification import parse_specification
    from toolkit.modules.spherical import SphericalSimple, SphericalTable

__all__ = [
    "AdaptedBasis",
    "AssociationScheme",
    "Eigenspaces",
    "FourierBasis",
    "LayerBasis",
    "LinearBasis",
    "LinearModule",
    "Module",
    "Orbitals",
    "PermutationModule",
    "Sheet",
    "SignedModule",
    "SignedOrbitals",
    "SphericalSimple",
    "SphericalTable",
    "block_systems",
    "common_kind",
    "direct_sum",
    "hom_dimension",
    "is_primitive",
    "parse_specification",
]

__getattr__, __dir__ = lazy_face(
    __name__,
    {
        "fourier.adapted": "AdaptedBasis",
        "fourier.basis": "FourierBasis",
        "fourier.linear_basis": "LinearBasis",
        "gsets.block_systems": "block_systems is_primitive",
        "gsets.orbitals": "Orbitals",
        "gsets.signed_orbitals": "SignedOrbitals",
        "layer_basis": "LayerBasis",
        "linear.linear_module": "LinearModule",
        "module": "Module Sheet common_kind direct_sum hom_dimension",
        "permutation_module": "PermutationModule",
        "schemes.association_scheme": "AssociationScheme",
        "schemes.relations": "Eigenspaces",
        "signed_module": "SignedModule",
        "specification": "parse_specification",
        "spherical": "SphericalSimple SphericalTable",
    },
)
