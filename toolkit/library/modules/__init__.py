"""How the modules of a group are made from stored answers or from GAP."""
