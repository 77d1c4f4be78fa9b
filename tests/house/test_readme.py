"""The README's examples with prompts need no GAP; those without run as they stand."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

README = Path(__file__).parents[2] / "README.md"

PROGRAM = """
import doctest, sys
failures, tried = doctest.testfile(
    sys.argv[1], module_relative=False, optionflags=doctest.NORMALIZE_WHITESPACE
)
print(tried, "tried")
sys.exit(failures)
"""


def test_ten_lines_from_bundled_answers(tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "PLREP_OFFLINE": "1",
        "PLREP_GAP": "/nonexistent",
        "PLREP_CACHE_DIR": str(tmp_path),
    }
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(README)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert int(done.stdout.split()[0]) >= 8


def test_examples_without_prompts_run() -> None:
    """Linear modules have Fourier bases of groups that are not all bundled: GAP is asked."""
    import numpy as np
    import torch

    import toolkit as tk
    from toolkit.testing import assert_equivariant

    blocks = re.findall(r"```python\n(.*?)```", README.read_text("utf-8"), re.S)
    plain = [block for block in blocks if ">>>" not in block]
    assert plain
    for block in plain:
        exec(block, {"tk": tk, "np": np, "torch": torch, "assert_equivariant": assert_equivariant})
