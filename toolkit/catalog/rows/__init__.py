"""What a sweep writes about one group, row by row."""
