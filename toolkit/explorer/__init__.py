"""The explorer: a page in the browser, its data, and its local server."""
