"""The explorer: a page in the browser, its data, and its local server.

:mod:`toolkit.explorer.server` serves the page on this machine and answers what its data lack;
:mod:`toolkit.explorer.site` finds the page and its data and writes both as static files.
"""
