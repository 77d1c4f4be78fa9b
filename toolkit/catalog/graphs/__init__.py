"""Networkx graphs made from the rows of a catalog."""
