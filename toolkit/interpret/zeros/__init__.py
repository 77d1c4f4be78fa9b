"""Components of a network that are exactly zero."""
