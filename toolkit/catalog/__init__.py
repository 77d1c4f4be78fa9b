"""Many groups at once: sweeps, their tables, and questions across groups."""
