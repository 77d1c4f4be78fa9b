"""The ways in which an equivariant linear map is computed, one per file."""
