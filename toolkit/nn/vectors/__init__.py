"""Nonlinear layers for modules whose coordinates the group does not permute, such as vectors."""
