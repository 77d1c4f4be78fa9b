"""Interaction graphs, closures, and why an edge is there."""
