"""A group as a value: its specification, and the families that have names."""
