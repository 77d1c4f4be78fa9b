"""Class functions of a finite group, from its character table alone."""
