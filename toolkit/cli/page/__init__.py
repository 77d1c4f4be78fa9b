"""The page about a group that `plrep query` prints."""
