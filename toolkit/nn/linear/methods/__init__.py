"""The ways to compute a layer: each turns weights into an operator, and applies that."""
