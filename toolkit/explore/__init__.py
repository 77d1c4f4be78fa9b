"""Pictures and formats of what the other rooms make."""
