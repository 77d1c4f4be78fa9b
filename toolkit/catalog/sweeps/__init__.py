"""A sweep over many groups: the plan, the workers, the executors."""
