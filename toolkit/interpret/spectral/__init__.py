"""Energies of activations and weights, simple by simple."""
