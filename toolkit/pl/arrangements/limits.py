"""Limits and callbacks that users give: numbers and functions, checked before anything is done."""

from __future__ import annotations

from numbers import Real

from toolkit.errors import ConfigError


def require_limit(name: str, value: object, what: str) -> None:
    """Raise ConfigError unless the value is a number, 0 or more.

    Parameters
    ----------
    name, value
        The parameter.
    what
        What it counts, in words.

    Examples
    --------
    >>> require_limit("most_work", 1e6, "residues")
    >>> require_limit("most_work", "much", "residues")
    Traceback (most recent call last):
    ...
    toolkit.errors.ConfigError: most_work must be a number of residues, 0 or more, not 'much'
    """
    if not isinstance(value, Real) or isinstance(value, bool) or not float(value) >= 0:
        raise ConfigError(f"{name} must be a number of {what}, 0 or more, not {value!r:.60}")


def require_progress(progress: object) -> None:
    """Raise ConfigError unless progress is a function, or None.

    Examples
    --------
    >>> require_progress(print)
    """
    if progress is not None and not callable(progress):
        raise ConfigError(f"progress must be a function, or None, not {progress!r:.60}")
