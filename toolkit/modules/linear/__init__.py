"""Linear modules: any real representation, by the matrices of the generators."""
