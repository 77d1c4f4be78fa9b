"""The piecewise-linear map from one simple to another."""
