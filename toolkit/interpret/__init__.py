"""Trained networks seen simple by simple: spectra, flow, what cannot happen, trimming."""
