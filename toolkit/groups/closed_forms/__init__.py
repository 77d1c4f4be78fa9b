"""Simples and characters by formula: abelian groups, and abelian normal subgroups with a cyclic
quotient, such as dihedral, dicyclic and metacyclic groups."""
