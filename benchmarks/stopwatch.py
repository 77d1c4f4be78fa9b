"""A stopwatch on chosen functions: processor time of each, without that of others it calls.

Unlike a profiler it leaves all other calls alone, so that it hardly slows what it measures.
"""

from __future__ import annotations

import functools
import importlib
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence


@contextmanager
def stopwatch(stages: Mapping[str, Sequence[str]]) -> Iterator[dict[str, float]]:
    """Measure the calls of some functions inside a ``with`` block.

    Parameters
    ----------
    stages
        Per name of a stage its functions, as ``"package.module:function"`` or
        ``"package.module:Class.method"``.

    Yields
    ------
    dict
        Seconds of each stage so far. Time in a function of another stage counts there.
    """
    spent = dict.fromkeys(stages, 0.0)
    inside: list[float] = []  # per open call the time of measured calls within

    def timed(stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def call(*args: object, **options: object) -> Any:  # noqa: ANN401 - as the function
            start = time.process_time()
            inside.append(0.0)
            try:
                return function(*args, **options)
            finally:
                seconds = time.process_time() - start
                spent[stage] += seconds - inside.pop()
                if inside:
                    inside[-1] += seconds

        return call

    replaced: list[tuple[object, str, object]] = []
    try:
        for stage, names in stages.items():
            for name in names:
                module, _, path = name.partition(":")
                *owners, last = path.split(".")
                owner = functools.reduce(getattr, owners, importlib.import_module(module))
                function = getattr(owner, last)
                measured = timed(stage, function)
                # wherever the function was imported to
                holders = [owner] if owners else list(sys.modules.values())
                for holder in holders:
                    for attribute, value in list(getattr(holder, "__dict__", {}).items()):
                        if value is function:
                            setattr(holder, attribute, measured)
                            replaced.append((holder, attribute, function))
        yield spent
    finally:
        for holder, attribute, function in replaced:
            setattr(holder, attribute, function)
