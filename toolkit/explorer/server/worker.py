"""The process that answers: it reads questions and writes answers until its input ends.

``python -m toolkit.explorer.server.worker``. It ends with the server, however that ends, and its
GAP ends with it.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import sys
import threading
import time
import traceback
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.errors import NotAvailable, ToolkitError
from toolkit.explorer.server import frames
from toolkit.library.questions import QUESTION_WORDS
from toolkit.library.session import Session
from toolkit.settings import Settings
from toolkit.text import shortened

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import BinaryIO

    #: From a question and a session to JSON data.
    Answer = Callable[[Mapping[str, Any], Session], object]

#: Seconds in which a worker whose server has gone stops its GAP, before it ends in any case.
_GRACE = 5.0
#: Set once the process is to end: what a library raises then is no error of the question.
_ENDING = threading.Event()
#: Bytes that a worker itself may map, where the system can limit that.
_MEMORY = 16 << 30


def settings_to_json(settings: Settings, *, read_only: bool) -> bytes:
    """Return settings as the first frame to a worker has them."""
    from dataclasses import asdict

    fields = {
        name: str(value) if isinstance(value, Path) else value
        for name, value in asdict(settings).items()
    }
    return json.dumps({"settings": fields, "read_only": read_only}).encode()


def session_from_json(text: bytes) -> Session:
    """Return the session that the first frame describes."""
    data = json.loads(text)
    paths = ("cache_dir", "gap_executable", "gap_root")
    fields: dict[str, Any] = {
        name: Path(value) if name in paths and value is not None else value
        for name, value in data["settings"].items()
    }
    return Session(Settings(**fields), read_only=data["read_only"])


class _Output:
    """The pipe to the server, which nothing but frames reaches."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def send(self, letter: str, body: bytes) -> None:
        self._stream.write(frames.packed(letter, body))
        self._stream.flush()

    def text(self, letter: str, text: str) -> None:
        self.send(letter, json.dumps(text).encode())


def main(answer: Answer | None = None) -> None:
    """Answer questions until the input ends.

    Parameters
    ----------
    answer
        By default :func:`toolkit.explorer.server.answers.answer`.
    """
    source, output = _take_pipes()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of the terminal: for the server to decide
    signal.signal(signal.SIGTERM, _end)
    _limit_memory()
    first = frames.read(source)
    if first is None:
        return
    questions: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(source, questions), daemon=True).start()
    if answer is None:
        from toolkit.explorer.server.answers import answer as ours

        answer = ours
    with session_from_json(first[1]) as session:
        while True:
            _answer_one(questions.get(), session, output, answer)
            if _ENDING.is_set():
                sys.exit(143)


def _end(*_: object) -> None:
    if not _ENDING.is_set():  # a second signal does not interrupt the end
        _ENDING.set()
        sys.exit(143)


def _answer_one(question: bytes, session: Session, output: _Output, answer: Answer) -> None:
    """Answer one question, whatever happens on the way."""
    asked = 0

    def on_question(name: str, group: str) -> None:
        nonlocal asked
        words = f"GAP: {QUESTION_WORDS.get(name, name)} of {shortened(group, 40)}"
        progress = {"done": asked, "total": None, "words": words}
        output.send("p", json.dumps(progress).encode())
        asked += 1

    session.on_question = on_question
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("default", UserWarning)
            warnings.showwarning = lambda message, *_args, **_more: output.text("n", str(message))
            found = answer(json.loads(question), session)
        body = json.dumps(found, separators=(",", ":"), allow_nan=False).encode()
    except ToolkitError as error:
        output.text("e", _one_line(_sentence(error)))
    except MemoryError:
        output.text("e", "the answer needs more memory than the explorer may take")
    except Exception as error:  # noqa: BLE001 - the page gets one sentence, the terminal the rest
        if _ENDING.is_set():  # DuckDB turns the signal into an error of the query
            return
        traceback.print_exc(file=sys.stderr)
        said = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        output.text("e", f"internal error: {_one_line(said)[:300]} (please report it)")
    else:
        output.send("a", body)


def _sentence(error: ToolkitError) -> str:
    """Return what an error says, with the question in words."""
    if not isinstance(error, NotAvailable):
        return str(error)
    named = f"no answer to {error.question!r} about "
    words = QUESTION_WORDS.get(error.question, error.question)
    return str(error).replace(named, f"no answer ({words}) for ", 1)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _take_pipes() -> tuple[BinaryIO, _Output]:
    """Return the pipes from and to the server; what others print goes to standard error."""
    source = os.fdopen(os.dup(0), "rb")
    target = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return source, _Output(target)


def _listen(source: BinaryIO, questions: queue.SimpleQueue[bytes]) -> None:
    """Hand questions over; at the end of the input end the process, in the middle of one too."""
    while (frame := frames.read(source)) is not None:
        questions.put(frame[1])
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_GRACE)  # the main thread stops GAP; one that is deep in a computation does not
    os._exit(1)


def _limit_memory() -> None:
    """Bound what a runaway computation takes; GAP gets a limit of its own."""
    import resource

    if sys.platform == "linux":
        with contextlib.suppress(OSError, ValueError):
            _, hard = resource.getrlimit(resource.RLIMIT_AS)
            resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, hard))


if __name__ == "__main__":
    main()
