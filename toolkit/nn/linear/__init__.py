"""What equivariant linear layers are made of."""
