"""The local server of the explorer: files, and answers to what the files lack.

It listens on the loopback address alone and answers requests that name it by that address. What
computes demands the token that the page was served with, and runs in child processes that can be
stopped at any time.
"""

from toolkit.explorer.server.run import serve

__all__ = ["serve"]
