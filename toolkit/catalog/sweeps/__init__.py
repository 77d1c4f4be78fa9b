"""Sweeps over many groups: the run, its workers and where they run."""
