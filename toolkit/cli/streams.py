"""Standard input, output and errors of the command, also where they are closed or full.

What is written to a full device is an error of one line; what is written to a closed output too,
so that nothing is lost in silence. An output that nobody reads (``| head``) ends the command
without a word. Messages that cannot be written are dropped: the exit status still tells.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
from typing import TYPE_CHECKING, Any, cast

from toolkit.cli.console import UsageError

if TYPE_CHECKING:
    from typing import TextIO

    from _typeshed import ReadableBuffer


class OutputError(UsageError):
    """What the command has to say cannot be written to standard output."""


class _Output(io.FileIO):
    """Standard output, whose errors say what they are about."""

    def write(self, data: ReadableBuffer, /) -> int | None:  # type: ignore[override]
        try:
            return super().write(data)
        except BrokenPipeError:
            raise
        except OSError as error:
            problem = error.strerror or str(error)
            raise OutputError(f"cannot write to standard output: {problem}") from None


class _Messages(io.FileIO):
    """Standard error, which never fails."""

    def write(self, data: ReadableBuffer, /) -> int | None:  # type: ignore[override]
        with contextlib.suppress(OSError):
            return super().write(data)
        return memoryview(data).nbytes


class _Closed(io.TextIOBase):
    """Standard output that was closed when the command began, as by ``>&-``."""

    encoding = "utf-8"

    def writable(self) -> bool:
        return True

    def write(self, text: str, /) -> int:
        if text:
            raise OutputError("cannot write to standard output: it is closed")
        return 0


def open_streams() -> None:
    """Make all three streams usable, whatever the command was started with.

    The numbers 0, 1 and 2 of closed ones are taken by the null device: else the next file that is
    opened, a cache say, would have them, and a message of some library would be written into it.
    """
    if os.name != "posix":
        return
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)
    if sys.stdin is None:
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - for good
    if sys.stdout is None:
        sys.stdout = cast("TextIO", _Closed())
    else:
        sys.stdout = _again(sys.stdout, _Output)
    messages: Any = sys.stderr
    if messages is None:
        messages = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - for good
    sys.stderr = _again(messages, _Messages)


def _again(stream: TextIO, kind: type[io.FileIO]) -> TextIO:
    """Return a stream to the same file through another kind of writer."""
    if not isinstance(stream, io.TextIOWrapper):
        return stream
    try:
        raw = kind(stream.fileno(), "wb", closefd=False)
    except (OSError, ValueError):
        return stream
    return io.TextIOWrapper(
        io.BufferedWriter(raw),
        encoding=stream.encoding,
        errors=stream.errors,
        line_buffering=stream.line_buffering,
        write_through=stream.write_through,
    )


def forget_output() -> None:
    """Prevent an error at exit if what is left cannot be written to standard output."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
