"""Bases of modules in which a group acts by the same matrices everywhere."""
