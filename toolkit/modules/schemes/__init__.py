"""Association schemes of transitive permutation modules."""
