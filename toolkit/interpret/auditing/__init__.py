"""Whether a trained model has a symmetry, where it breaks, and what a projection would change."""
