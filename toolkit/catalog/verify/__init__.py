"""Checks of a catalog: laws, its graphs, and a sample computed again."""
