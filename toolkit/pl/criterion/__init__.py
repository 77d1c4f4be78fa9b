"""Which simples occur in f(v): the criterion on one orbit and on a submodule."""
