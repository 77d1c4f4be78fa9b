"""The parts of equivariant linear layers."""
