"""Arrangements of hyperplanes: regions, sign vectors, exact Gram matrices."""
