"""A worker of the explorer whose answers are told by the question; started as a program.

The text of the field ``group`` is a word and its argument: ``say X`` answers X; ``refuse X`` raises
an error of the toolkit, ``break X`` another; ``note X`` warns; ``progress X`` asks a question about
X; ``wait FOLDER`` writes the number of the process into ``began`` there and waits for the file
``gate``; ``die`` ends; ``large N`` answers N bytes; ``print X`` writes to standard output.
"""

from __future__ import annotations

import os
import sys
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.errors import ConfigError
from toolkit.explorer.server.worker import main

if TYPE_CHECKING:
    from collections.abc import Mapping

    from toolkit.library.session import Session


def answer(question: Mapping[str, Any], session: Session) -> object:
    """Do what the question says."""
    text = question.get("group") or question.get("formula") or ""
    word, _, rest = text.partition(" ")
    if word == "refuse":
        raise ConfigError(rest)
    if word == "break":
        raise ZeroDivisionError(rest)
    if word == "note":
        warnings.warn(rest, UserWarning, stacklevel=2)
    if word == "progress" and session.on_question is not None:
        session.on_question("character_table", rest)
    if word == "wait":
        folder = Path(rest)
        (folder / "began.tmp").write_text(str(os.getpid()))
        (folder / "began.tmp").rename(folder / "began")
        while not (folder / "gate").exists():
            time.sleep(0.01)
    if word == "die":
        os._exit(3)
    if word == "large":
        return "x" * int(rest)
    if word == "print":
        print(rest, flush=True)
        os.write(1, rest.encode())
    return {"said": rest, "offline": session.settings.offline, "read_only": session.read_only}


if __name__ == "__main__":
    sys.stderr = open(os.devnull, "w")  # noqa: SIM115, PTH123 - until the end
    main(answer)
