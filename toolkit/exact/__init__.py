"""Exact numbers, frozen records and their JSON; the conventions of the whole toolkit.

1. Indices are 0-based in Python; the GAP side subtracts 1 in one place. A permutation is its
   image list, ``image[i]`` being the image of ``i``.
2. GAP acts on the right: ``image`` of a generator g is ``i -> i^g`` and ``i^(gh) = (i^g)^h``.
   On functions, (g f)(x) = f(x^g): as arrays ``f[image]``. Then rho(g) rho(h) = rho(g h) with
   GAP's product.
3. Orders of classes, characters, simples and subgroup classes are data, made canonical once and
   stored; see :mod:`toolkit.groups.canonical_order`.
4. A cyclotomic is ``[conductor, [[exponent, numerator, denominator], ...]]``, never a string.
"""

from toolkit.exact.cyclotomic import Cyclotomic, simplified
from toolkit.exact.matrix import ExactMatrix
from toolkit.exact.records import decode, encode
from toolkit.exact.residues import ResidueField

__all__ = ["Cyclotomic", "ExactMatrix", "ResidueField", "decode", "encode", "simplified"]
