"""Finite G-sets: actions, orbitals, suborbits, block systems."""
