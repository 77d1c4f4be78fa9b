"""One hostile input, what is done with it, and whether the promise was kept."""

from __future__ import annotations

import contextlib
import io
import os
import traceback
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import toolkit as tk
from toolkit.cached import cached_property
from toolkit.cli.console import UsageError
from toolkit.errors import ToolkitError

#: What is promised of every input.
PROMISE = "a right answer, or one sentence of the toolkit; no other error, no part of a file"

_STATUSES = frozenset({0, 2, 3, 4})
_BOUNDS = {"PLREP_GAP_TIMEOUT": "30", "PLREP_GAP_MEMORY": "1g", "PLREP_MAX_COSETS": "20000"}
_LONGEST = 20_000  # characters of a sentence that is read as data


class Broken(Exception):  # noqa: N818 - reads as what it says
    """A promise that was not kept, in words."""


@dataclass(frozen=True)
class Case:
    """An input in words, and the question with it; the question returns what it likes."""

    words: str
    ask: Callable[[], object]


@dataclass
class World:
    """What cases have in common: chance, a folder, a session, a group.

    Parameters
    ----------
    gap
        Whether GAP is asked, for some seconds.
    """

    random: Random
    folder: Path
    gap: bool = False
    session: tk.Session = field(init=False)

    def __post_init__(self) -> None:
        os.environ["PLREP_CACHE_DIR"] = str(self.folder / "cache")
        os.environ["PLREP_OFFLINE"] = "0" if self.gap else "1"
        if self.gap:
            os.environ.update(_BOUNDS)
        self.session = tk.Session()

    @cached_property
    def group(self) -> tk.Group:
        """The symmetric group on four points."""
        return tk.group("S4", session=self.session)

    @cached_property
    def catalog(self) -> Any:
        """The bundled catalog."""
        return tk.catalog.open()

    @cached_property
    def layers(self) -> Any:
        """A small network and its state."""
        import torch

        X = tk.group("S3", session=self.session).natural_module()
        layer = tk.nn.EquivariantLinear
        return torch.nn.Sequential(layer(X, X, 2, 2), torch.nn.ReLU(), layer(X, X, 2, 2))

    def files(self) -> set[str]:
        """Return the names of all files, those of the cache left out."""
        return {
            str(path.relative_to(self.folder))
            for path in self.folder.rglob("*")
            if path.is_file() and path.relative_to(self.folder).parts[0] != "cache"
        }


@contextlib.contextmanager
def world(random: Random, folder: Path, *, gap: bool = False) -> Iterator[World]:
    """Give a world, and put the environment back afterwards."""
    names = ("PLREP_CACHE_DIR", "PLREP_OFFLINE", *_BOUNDS)
    before = {name: os.environ.get(name) for name in names}
    made = World(random, folder, gap)
    try:
        yield made
    finally:
        made.session.close()
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def outcome(case: Case) -> str | None:
    """Ask, and return what broke the promise, or nothing."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            case.ask()
    except Broken as error:
        return str(error)
    except (ToolkitError, UsageError) as error:
        return _problem_of(str(error))
    except Exception as error:  # noqa: BLE001 - what the inputs are for
        where = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{Path(where.filename).name}:{where.lineno}"
        return f"{type(error).__name__} at {place}: {str(error)[:200]}"
    return None


def _problem_of(sentence: str) -> str | None:
    if not sentence.strip():
        return "an error without words"
    if "Traceback" in sentence or "internal error" in sentence:
        return f"no sentence: {sentence[:200]}"
    if len(sentence) > _LONGEST:
        return f"a sentence of {len(sentence)} characters: {sentence[:100]}"
    return None


def refused(ask: Callable[[], object]) -> bool:
    """Ask, and return whether the answer was one of our own sentences."""
    try:
        ask()
    except ToolkitError as error:
        problem = _problem_of(str(error))
        if problem is not None:
            raise Broken(problem) from error
        return True
    return False


def command(*words: str) -> int:
    """Run ``plrep`` in this process; its status must be documented, its error one line."""
    from toolkit.cli.main import main

    out, messages = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(messages):
        status = main(list(words))
    said = [x for x in messages.getvalue().splitlines() if not x.startswith("note: ")]
    if status not in _STATUSES:
        raise Broken(f"status {status}: {messages.getvalue()[:300]}")
    if status == 0 and said:
        raise Broken(f"status 0, and said: {said[0][:200]}")
    if status != 0 and (len(said) != 1 or not said[0].startswith("plrep: ")):
        raise Broken(f"status {status} and {len(said)} lines: {' / '.join(said)[:300]}")
    return status
