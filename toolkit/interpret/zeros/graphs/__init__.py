"""Supports along networks of any shape, as graphs of calls."""
