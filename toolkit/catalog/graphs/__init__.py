"""Graphs from the rows of a catalog: interaction graphs, their classes, quotients, families."""
