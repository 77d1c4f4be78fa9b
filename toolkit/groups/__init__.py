"""Groups as values: naming, characters, real simples, subgroups, and their laws."""
