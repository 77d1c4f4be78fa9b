"""Simples and characters by formula, of groups with a large abelian normal subgroup."""
