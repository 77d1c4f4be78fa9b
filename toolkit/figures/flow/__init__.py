"""Pictures of what flows through a trained network."""
