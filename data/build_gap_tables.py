"""Write ``gap_scripts/fingerprint_table.g`` and ``description_table.g``.

They hold invariants that name the groups of order up to 255, and descriptions that take GAP long,
which are used with the version of GAP that is installed now only. Run from a checkout, ``python
data/build_gap_tables.py``; GAP needs about four minutes.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from toolkit.gap.locate import find_gap
from toolkit.gap.workspace import base_command

HERE = Path(__file__).resolve().parent
SCRIPTS = HERE.parent / "gap_scripts"
LARGEST = 255


def write_table(script: str, target: Path) -> None:
    """Let GAP write a table, after our own scripts, by a script of this folder."""
    beside = target.with_suffix(".new")
    answer = subprocess.run(
        [*base_command(find_gap()), str(SCRIPTS / "init.g"), str(HERE / script)],
        env={**os.environ, "PLREP_OUT": str(beside), "PLREP_LARGEST": str(LARGEST)},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if answer.returncode or not beside.read_text().endswith(("];\n", "]);\n")):
        sys.exit(f"GAP failed:\n{answer.stdout[-2000:]}{answer.stderr[-2000:]}")
    beside.replace(target)


if __name__ == "__main__":
    write_table("fingerprints.g", SCRIPTS / "fingerprint_table.g")
    write_table("structure_descriptions.g", SCRIPTS / "description_table.g")
