"""Orders and numbers of many groups from one run of GAP, which reads their descriptions."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from toolkit.files import gap_scripts_path
from toolkit.gap.locate import find_gap
from toolkit.gap.workspace import base_command

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.groups.specs.base import GroupSpec


class Found(NamedTuple):
    """What GAP says about a group; ``order`` 0 and a reason if it cannot be built."""

    order: int
    id: tuple[int, int] | None
    classes: int | None
    reason: str = ""


def orders_of(specs: Sequence[GroupSpec], folder: Path, most_for_classes: int = 0) -> list[Found]:
    """Return the order, the number and the number of classes of each group.

    Parameters
    ----------
    specs
        The groups.
    folder
        An empty folder for the questions and answers.
    most_for_classes
        The largest order of groups whose conjugacy classes are counted.
    """
    scripts = gap_scripts_path()
    assert scripts is not None
    questions, out = folder / "specs.jsonl", folder / "found.txt"
    questions.write_text("".join(json.dumps(spec.to_json()) + "\n" for spec in specs))
    own = str(Path(__file__).with_suffix(".g"))
    names = {"PLREP_SPECS": str(questions), "PLREP_OUT": str(out)}
    done = subprocess.run(
        [*base_command(find_gap()), str(scripts / "init.g"), own],
        env={**os.environ, **names, "PLREP_CLASSES": str(most_for_classes)},
        stdin=subprocess.DEVNULL, capture_output=True, check=False,
    )  # fmt: skip
    assert out.is_file(), done.stderr.decode()[-1000:] + done.stdout.decode()[-1000:]
    return [_found(line) for line in out.read_text().splitlines()]


def _found(line: str) -> Found:
    if line.startswith("!"):
        return Found(0, None, None, line[1:])
    order, number, classes = line.split()
    index = None if number == "-" else (int(order), int(number.split(".")[1]))
    return Found(int(order), index, None if classes == "-" else int(classes))
