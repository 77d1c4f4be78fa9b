"""Write ``tests/oracle/escnn_filters.json``: filters of escnn between regular fields of the square.

Run by a Python with escnn 1.0.11: ``python data/escnn_filters.py``. For each group and
size of the window: how many independent filters escnn has with its own limit of frequencies, a
random one of them, and how the generators act on the fibre and on the plane.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import escnn
import numpy as np
import torch
from escnn import gspaces

HERE = Path(__file__).resolve()
CASES = {"C4": ("rot2dOnR2", (3, 5)), "D8": ("flipRot2dOnR2", (3, 5))}


def main() -> None:
    """Write the file."""
    sys.path.insert(0, str(HERE.parents[1] / "benchmarks"))
    from convolutions import filters

    torch.manual_seed(0)
    rows = []
    for group, (kind, sizes) in CASES.items():
        for size in sizes:
            found = filters(getattr(gspaces, kind)(4), size)
            found["filters"] = np.round(found["filters"][:1], 6).tolist()
            rows.append({"group": group, "size": size, **found})
    text = json.dumps(
        {
            "source": f"escnn {escnn.__version__}, R2Conv between regular fields",
            "command": "python data/escnn_filters.py",
            "cases": rows,
        },
        separators=(",", ":"),
    )
    (HERE.parents[1] / "tests" / "oracle" / "escnn_filters.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
