"""Questions to a catalog: SQL behind a guard, and the language of `find`."""
