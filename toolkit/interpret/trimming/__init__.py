"""Smaller networks that compute the same function, or one with fewer simples."""
