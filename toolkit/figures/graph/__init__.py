"""Pictures of interaction graphs and lattices."""
