"""The names that people type for groups, parsed."""
