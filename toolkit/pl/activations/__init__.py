"""Activations: functions of one variable, their parity parts and duals."""
