"""Automorphisms of drawings: graphs with attributes, matrices of weights, points in space."""
