"""The rows that a sweep writes about one group."""
