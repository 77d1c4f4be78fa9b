"""Tensors of layers: constants, weights, maps of points, pull-backs, real Fourier transforms."""
