"""The one place where the store warns."""

from __future__ import annotations


def warn(message: str, *values: object) -> None:
    """Log a warning; without a handler it is one line on standard error."""
    import logging  # costs 5 ms, and a sound store never needs it

    logging.getLogger("toolkit.store").warning(message, *values)
