"""Convolutions over a grid with a group that moves the window's cells and the fibres' points."""
