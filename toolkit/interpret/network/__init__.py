"""A torch model seen as a sequence of stages, and its activity recorded."""
