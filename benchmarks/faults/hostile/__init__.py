"""Hostile inputs of every kind that the toolkit reads, made by chance from a seed.

One file per kind, each with a function ``case`` that makes one input and the question with it.
The tests and ``benchmarks/faults/inputs.py`` take them from here.
"""
