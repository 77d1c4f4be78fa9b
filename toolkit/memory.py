"""How much memory one answer takes in this process: decided before it is allocated.

GAP has a cap of its own (``PLREP_GAP_MEMORY``). What Python makes of an answer, a dense matrix of a
large module say, is estimated from its sizes first; what would take more than ``PLREP_MEMORY`` is
refused in one sentence, with the number of bytes and what can be asked instead.
"""

from __future__ import annotations

from toolkit.errors import NotAvailable
from toolkit.lazy import lazy_face
from toolkit.settings import answer_memory

__all__ = ["in_units", "require_memory"]
_, __dir__ = lazy_face(__name__, {})

_UNITS = ("bytes", "kB", "MB", "GB", "TB", "PB", "EB")


def in_units(size: int) -> str:
    """Return a number of bytes with three digits.

    Examples
    --------
    >>> in_units(999), in_units(203_212_800), in_units(4 * 1024**3), in_units(10**30)
    ('999 bytes', '203 MB', '4.29 GB', '1e+12 EB')
    """
    if size.bit_length() > 900:
        return f"2^{size.bit_length() - 1} bytes or more"
    place = min(max(0, (len(str(size)) - 1) // 3), len(_UNITS) - 1)
    return f"{size / 1000**place:.3g} {_UNITS[place]}"


def require_memory(subject: str, question: str, size: int, instead: str = "") -> None:
    """Refuse an answer that would take more memory than one answer may.

    Parameters
    ----------
    subject
        Canonical name of the group or module.
    question
        What is asked for.
    size
        Bytes that it takes at once, at most, with all that is needed on the way.
    instead
        What can be asked for instead; the sentence ends with it.

    Raises
    ------
    NotAvailable
        If that is more than ``PLREP_MEMORY``.
    ConfigError
        If PLREP_MEMORY is no size.

    Examples
    --------
    >>> require_memory("S3", "its table", 1000)
    >>> require_memory("S9", "a dense basis", 8 * 362880**2, "a smaller module has one")
    Traceback (most recent call last):
    toolkit.errors.NotAvailable: no answer to 'a dense basis' about S9: it takes 1.05 TB of memory,
    but one answer may take at most 4.29 GB (PLREP_MEMORY raises that); a smaller module has one
    """
    most = answer_memory()
    if size <= most:
        return
    hint = f"; {instead}" if instead else ""
    raise NotAvailable(
        subject,
        question,
        f"it takes {in_units(size)} of memory, but one answer may take at most {in_units(most)} "
        f"(PLREP_MEMORY raises that){hint}",
    )
