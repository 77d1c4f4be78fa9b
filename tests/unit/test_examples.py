"""Every example runs, prints what it is about, and writes its pictures."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"

EXPECTED = {
    "demo.py": ("SmallGroup(96,64), regular module, relu", "commute with a generator: 0.0"),
    "query_group.py": ("SL(2,3)", "a typed no", "cosets of H8a"),
    "layer_basis.py": ("168 elements: 8 weights", "W commutes: True", "1024 weights of 32^4"),
    "explore_graphs.py": ("from low frequency to high: L3 L4 > L2 > L1 > L0", "C24: a shortest"),
    "questions_across_groups.py": ("7012 groups", "1. How often", "cyclic: order 255: 128 simples"),
    "piecewise_linear_maps.py": ("4 planes, 14 regions", "in orbits of 4, 4, 6", "dim L1^U = 0"),
}
PICTURES = {
    "demo.py": ("interaction_graph_96_64.png",),
    "explore_graphs.py": ("C8_relu.svg", "C8_abs.svg", "SL2_3_relu.svg", "SL2_3_abs.svg"),
    "questions_across_groups.py": (
        "shared_graphs.png",
        "nontrivial_sinks.png",
        "growth_of_families.png",
    ),
    "piecewise_linear_maps.py": ("c8_plane_to_sign.png", "s4_space_to_itself.png"),
}


def test_every_example_is_tested() -> None:
    assert {p.name for p in EXAMPLES.glob("*.py")} == set(EXPECTED)


@pytest.mark.gap
@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_example(name: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", str(EXAMPLES / name)],
        cwd=tmp_path,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    for fragment in EXPECTED[name]:
        assert fragment in done.stdout
    for picture in PICTURES.get(name, ()):
        assert (tmp_path / "out" / picture).stat().st_size > 5000
