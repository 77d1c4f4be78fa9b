"""Which simple came from which in a trained network."""
