"""A catalog checked against laws, isomorphisms and fresh answers."""
