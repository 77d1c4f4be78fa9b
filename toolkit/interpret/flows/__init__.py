"""The origin of each simple in a trained network."""
