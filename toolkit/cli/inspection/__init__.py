"""What ``plrep inspect`` shows: layers of a checkpoint, group tasks, symmetries, whole models."""
