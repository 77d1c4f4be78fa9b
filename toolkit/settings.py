"""The settings that environment variables choose, as one value.

=================== =====================================================  ====================
variable            meaning                                                default
=================== =====================================================  ====================
PLREP_CACHE_DIR     folder of the answer cache and GAP workspaces          the user's cache
PLREP_GAP           the GAP executable                                     searched for
PLREP_GAP_ROOT      GAP's root folder (its ``lib`` and ``pkg``)            beside the executable
PLREP_GAP_TIMEOUT   seconds that one question may take                     300
PLREP_GAP_MEMORY    memory of one GAP process: ``500m``, ``4g``, or plain  4g
                    megabytes, ``4096``
PLREP_GAP_PROCESSES GAPs that threads of one process may use at once       a processor each,
                                                                           at most 4
PLREP_MEMORY        memory that one answer may take in Python, in the      4g
                    same units; see :mod:`toolkit.memory`
PLREP_OFFLINE       ``1``: never start GAP                                 0
PLREP_MAX_COSETS    cosets that the enumeration of a presentation may      1000000
                    define
PLREP_MAX_VECTORS   vectors that a group of exact matrices may permute     100000
PLREP_MAX_TABLE     most classes of a character table that GAP computes    1300
PLREP_MAX_ORDER     largest order of a group whose classes GAP computes    50000000
PLREP_MAX_CLASSES   most classes that are listed by formula                50000
PLREP_MAX_ENTRIES   most entries of a spherical table by formula           4000000
=================== =====================================================  ====================

An empty variable counts as not set.
"""

from __future__ import annotations

import errno
import math
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.deprecation import warn_deprecated
from toolkit.errors import ConfigError
from toolkit.lazy import lazy_face
from toolkit.text import is_path, shortened

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "LARGEST_CLASSED",
    "LEAST_MEMORY",
    "MOST_PROCESSES",
    "VERSION",
    "Settings",
    "answer_memory",
]
_, __dir__ = lazy_face(__name__, {})

#: Of the toolkit; a test compares it with that of the installed package.
VERSION = __version__ = "0.1.0"

#: GAP computes the classes of groups up to this order, unless the settings raise that.
LARGEST_CLASSED = 50_000_000

#: GAPs that a session may run at once.
MOST_PROCESSES = 512

_MIB = 1024**2
#: Bytes: GAP with its packages does not start with less.
LEAST_MEMORY = 256 * _MIB
#: Bytes: the largest limit that the system can set.
MOST_MEMORY = 2**63 - 1
_UNITS = {"k": 1024, "": _MIB, "m": _MIB, "g": 1024**3, "t": 1024**4}
_MEMORY = re.compile(r"([0-9]+)\s*([kmgt]?)(?:i?b)?", re.IGNORECASE)
_YES = frozenset({"1", "true", "yes", "on"})
_NO = frozenset({"0", "false", "no", "off"})


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one session; the module lists the environment variables.

    Parameters
    ----------
    cache_dir
        The folder of the answer cache, which may be missing or read-only.
    gap_executable
        The GAP to start, or ``None`` to search for one. It is not checked here.
    gap_root
        GAP's root folder, or ``None`` for that of the executable.
    gap_timeout
        The time limit for one question, in seconds.
    gap_memory
        The memory limit of one GAP process, in bytes.
    offline
        Whether starting GAP is forbidden.
    max_cosets
        The largest number of cosets that the enumeration of a presentation may define.
    max_vectors
        The largest number of vectors that a group of exact matrices may permute.
    max_table
        The largest number of conjugacy classes of a group whose character table GAP computes.
        Beyond the default this takes minutes and gigabytes.
    max_order
        The largest order of a group whose conjugacy classes GAP computes. Up to the default this
        takes seconds, or tens of seconds for thousands of classes. Symmetric and alternating groups
        have their own bounds, and the bound for simple groups whose tables are in the library is
        2,000,000. A value below the default counts as the default.
    max_classes
        The largest number of classes, and of simples, that are listed by formula, at about a
        kilobyte each.
    max_entries
        The largest number of entries of a table that is computed by formula: about 40 bytes each,
        and twice that with a graph made from the table.
    gap_processes
        The largest number of GAP processes of one session. The second is started when a second
        thread asks while the first GAP is busy. By default one for each processor, at most 4.
    memory
        The largest size of one answer in this process, in bytes. A larger answer is refused before
        it is computed; :mod:`toolkit.memory` reads the limit from the environment at that point.

    Raises
    ------
    ConfigError
        If the number of GAP processes is out of range.

    Examples
    --------
    >>> found = Settings.from_environment({"PLREP_CACHE_DIR": "/scratch/plrep"})
    >>> str(found.answers_path), found.gap_timeout, found.gap_memory
    ('/scratch/plrep/answers.sqlite', 300.0, 4294967296)
    """

    cache_dir: Path
    gap_executable: Path | None = None
    gap_root: Path | None = None
    gap_timeout: float = 300.0
    gap_memory: int = 4 * 1024**3
    offline: bool = False
    max_cosets: int = 1_000_000
    max_vectors: int = 100_000
    max_table: int = 1300
    max_order: int = LARGEST_CLASSED
    max_classes: int = 50_000
    max_entries: int = 4_000_000
    gap_processes: int = field(default_factory=lambda: min(4, _processors()))
    memory: int = 4 * 1024**3

    def __post_init__(self) -> None:
        if not 0 < self.gap_processes <= MOST_PROCESSES:
            raise ConfigError(
                f"from 1 to {MOST_PROCESSES} GAP processes are required, not {self.gap_processes}"
            )

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Return the settings given by environment variables.

        Parameters
        ----------
        environ
            The variables; ``None`` means those of this process.

        Raises
        ------
        ConfigError
            If a variable has a value that cannot be used; the message names the variable, the
            allowed values and the value found.

        Examples
        --------
        >>> Settings.from_environment({"PLREP_CACHE_DIR": "/c", "PLREP_GAP_MEMORY": "500m"})
        Settings(cache_dir=...Path('/c'), ..., gap_memory=524288000, offline=False, ...)
        >>> Settings.from_environment({"PLREP_GAP_TIMEOUT": "soon"})
        Traceback (most recent call last):
        toolkit.errors.ConfigError: PLREP_GAP_TIMEOUT must be a number of seconds above 0, not
        'soon'
        """
        variables = os.environ if environ is None else environ
        cache_dir = _path(variables, "PLREP_CACHE_DIR")
        if cache_dir is None:
            cache_dir = _user_cache_dir()
        elif _is_file(cache_dir):
            raise ConfigError(f"PLREP_CACHE_DIR must be a folder, not the file {str(cache_dir)!r}")
        else:
            _require_possible("PLREP_CACHE_DIR", cache_dir)
        return cls(
            cache_dir=cache_dir,
            gap_executable=_program(variables, "PLREP_GAP"),
            gap_root=_path(variables, "PLREP_GAP_ROOT"),
            gap_timeout=_seconds(variables, "PLREP_GAP_TIMEOUT", 300.0),
            gap_memory=_bytes(variables, "PLREP_GAP_MEMORY", 4 * 1024**3),
            offline=_switch(variables, "PLREP_OFFLINE"),
            max_cosets=_count(variables, "PLREP_MAX_COSETS", 1_000_000),
            max_vectors=_count(variables, "PLREP_MAX_VECTORS", 100_000),
            max_table=_count(variables, "PLREP_MAX_TABLE", 1300),
            max_order=_count(variables, "PLREP_MAX_ORDER", LARGEST_CLASSED),
            max_classes=_count(variables, "PLREP_MAX_CLASSES", 50_000),
            max_entries=_count(variables, "PLREP_MAX_ENTRIES", 4_000_000),
            gap_processes=_count(
                variables, "PLREP_GAP_PROCESSES", min(4, _processors()), MOST_PROCESSES
            ),
            memory=answer_memory(variables),
        )

    @property
    def limits(self) -> dict[str, int]:
        """The limits that are sent to GAP with every question, by their names in GAP."""
        return {"cosets": self.max_cosets, "vectors": self.max_vectors}

    @property
    def answers_path(self) -> Path:
        """The file of the answer cache."""
        return self.cache_dir / "answers.sqlite"


def answer_memory(environ: Mapping[str, str] | None = None) -> int:
    """Return the largest size of one answer in this process, in bytes.

    Parameters
    ----------
    environ
        The variables; ``None`` means those of this process.

    Returns
    -------
    int
        The number of bytes.

    Raises
    ------
    ConfigError
        If PLREP_MEMORY is not a size.

    Examples
    --------
    >>> answer_memory({"PLREP_MEMORY": "500m"})
    524288000
    """
    variables = os.environ if environ is None else environ
    return _bytes(variables, "PLREP_MEMORY", 4 * 1024**3)


def __getattr__(name: str) -> object:
    """Return a function that has moved to :mod:`toolkit.files`; deprecated."""
    if name not in ("bundled_answers_path", "gap_scripts_path"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from toolkit import files

    warn_deprecated(f"toolkit.settings.{name} is now toolkit.files.{name}")
    return getattr(files, name)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a folder above cannot be read: the store reports that later
        return False


def _require_possible(name: str, path: Path) -> None:
    """Refuse a path that no file can have: too long, or in a circle of links."""
    try:
        path.stat()
    except OSError as error:
        if error.errno in (errno.ENAMETOOLONG, errno.ELOOP):
            raise ConfigError(
                f"{name} must be a folder that can be created, not {shortened(str(path))!r}: "
                f"{error.strerror}"
            ) from None


def _user_cache_dir() -> Path:
    import platformdirs  # not needed where PLREP_CACHE_DIR is set

    return Path(platformdirs.user_cache_dir("plrep-toolkit"))


def _value(variables: Mapping[str, str], name: str) -> str | None:
    return variables.get(name, "").strip() or None


def _path(variables: Mapping[str, str], name: str) -> Path | None:
    text = _value(variables, name)
    if text is None:
        return None
    if not is_path(text):
        raise ConfigError(f"{name} must be a path, not {text!r}")
    try:
        return Path(text).expanduser().absolute()
    except RuntimeError as error:  # ~nobody-of-this-name
        raise ConfigError(
            f"{name} must be a path in an existing home folder, not {text!r}"
        ) from error


def _program(variables: Mapping[str, str], name: str) -> Path | None:
    """Return a path, or a bare command name as it is, so that PATH can be searched for it."""
    text = _value(variables, name)
    if text is not None and os.sep not in text and not text.startswith("~") and is_path(text):
        return Path(text)
    return _path(variables, name)


def _seconds(variables: Mapping[str, str], name: str, default: float) -> float:
    text = _value(variables, name)
    if text is None:
        return default
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not (math.isfinite(seconds) and seconds > 0):
        raise ConfigError(f"{name} must be a number of seconds above 0, not {text!r}")
    return seconds


def _processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _count(variables: Mapping[str, str], name: str, default: int, most: int | None = None) -> int:
    text = _value(variables, name)
    if text is None:
        return default
    digits = text.replace("_", "").replace(",", "").lstrip("0")
    if not digits.isdecimal() or len(digits) > 18:
        raise ConfigError(f"{name} must be a positive integer, not {text!r}")
    if most is not None and int(digits) > most:
        raise ConfigError(f"{name} must be an integer from 1 to {most}, not {text!r}")
    return int(digits)


def _bytes(variables: Mapping[str, str], name: str, default: int) -> int:
    text = _value(variables, name)
    if text is None:
        return default
    match = _MEMORY.fullmatch(text)
    size = int(match[1][:19]) * _UNITS[match[2].lower()] if match else 0
    if size < LEAST_MEMORY or size > MOST_MEMORY:
        raise ConfigError(
            f"{name} must be a size such as '4g', '500m' or plain megabytes, at least 256m, "
            f"not {text!r}"
        )
    return size


def _switch(variables: Mapping[str, str], name: str) -> bool:
    text = _value(variables, name)
    if text is None or text.lower() in _NO:
        return False
    if text.lower() in _YES:
        return True
    raise ConfigError(f"{name} must be 1 or 0 (or yes, no, true, false, on, off), not {text!r}")
