"""Pictures of piecewise-linear maps."""
