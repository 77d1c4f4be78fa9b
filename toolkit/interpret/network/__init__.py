"""Torch models as sequences of stages, and hooks that measure them."""
