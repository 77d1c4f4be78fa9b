"""Trimming networks of any shape, as graphs of calls."""
