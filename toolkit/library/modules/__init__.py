"""Modules of one group: their constructors, and their contents from the store or from GAP."""
