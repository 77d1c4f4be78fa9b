"""Every example runs, prints what it is about, and writes its pictures."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import torch

import toolkit as tk

if TYPE_CHECKING:
    from collections.abc import Iterable

EXAMPLES = Path(__file__).parents[2] / "examples"

EXPECTED = {
    "demo.py": ("SmallGroup(96,64), regular module, relu", "commute with a generator: 0.0"),
    "query_group.py": ("SL(2,3)", "a typed no", "cosets of H8a"),
    "layer_basis.py": ("168 elements: 8 weights", "W commutes: True", "1024 weights of 32^4"),
    "explore_graphs.py": ("from low frequency to high: L3 L4 > L2 > L1 > L0", "C24: a shortest"),
    "research_questions.py": (
        "10,636 graphs of 16,543 groups",
        "63 at 64, 127 at 128",
        "the smallest SmallGroup(192,1025)",
        "10. 10 and 10",
    ),
    "questions_across_groups.py": (
        "16543 groups",
        "1. How often",
        "cyclic: order 511: 256 simples",
    ),
    "piecewise_linear_maps.py": ("4 planes, 14 regions", "in orbits of 4, 4, 6", "dim L1^U = 0"),
    "overtones.py": (
        "+0.5000 sin 1x -0.2122 cos 2x",
        "exactly zero k = 1, 3 ",
        "0.405285  0.500000",
    ),
    "c8_network.py": ("it cannot make frequency 1", "halving   frequency 2 -> 1: 1."),
    "p4m_digits.py": ("72 weights per pair of channels of 576", "rounding", "are 6 for 9"),
    "periodic_digits.py": ("144 weights of 20736", "do not change under shifts: True"),
    "point_clouds.py": ("outputs agree: True", "parts are proved to be 0"),
    "molecular_forces.py": (
        "Td: 24 symmetries",
        "maps of it that commute with them: 12 of 225",
        "to rounding: True",
    ),
    "hidden_symmetry.py": ("automorphism group: 120", "the Petersen graph: True", "held out"),
    "group_tasks.py": (
        "Two groups with the same character table",
        "by chance",
        "Simples removed from left, right, output",
    ),
    "group_tasks_by_type.py": (
        "1. Dihedral and dicyclic, order 104",
        "4  H     yes            12",
        "Simples removed from left, right, output",
    ),
    "digits_attention.py": (
        "equivariant to rounding: True",
        "share is below 1e-9: True",
        "L0 L1 L2 L3",
    ),
    "robot_mirror.py": (
        "48 observations, 12 actions; default positions are kept",
        "caught: the values of joint positions.RL_hip",
        "equivariant to rounding: True",
    ),
    "symmetric_statistics.py": ("7 weights instead of 144", "L4: dimension 2", "8 parameters"),
    "trim_and_lowpass.py": ("144 -> 36", "20 -> 10", "P g(x), the low part"),
}
# networks are trained: --quick is a short form; the others take seconds in any case
TRAINED = (
    "c8_network.py", "digits_attention.py", "group_tasks.py", "group_tasks_by_type.py",
    "hidden_symmetry.py", "molecular_forces.py", "overtones.py", "p4m_digits.py",
    "periodic_digits.py", "point_clouds.py", "robot_mirror.py", "trim_and_lowpass.py",
)  # fmt: skip
# more than some seconds even with --quick
LONG = (
    "c8_network.py", "digits_attention.py", "group_tasks.py", "group_tasks_by_type.py",
    "hidden_symmetry.py", "molecular_forces.py", "overtones.py", "p4m_digits.py",
    "periodic_digits.py", "piecewise_linear_maps.py", "point_clouds.py",
    "questions_across_groups.py", "research_questions.py", "trim_and_lowpass.py",
)  # fmt: skip
# no example: what others import
APART = ("product_task.py", "training.py")
PICTURES = {
    "demo.py": ("interaction_graph_96_64.png",),
    "explore_graphs.py": ("C8_relu.svg", "C8_abs.svg", "SL2_3_relu.svg", "SL2_3_abs.svg"),
    "questions_across_groups.py": (
        "shared_graphs.png",
        "nontrivial_sinks.png",
        "growth_of_families.png",
    ),
    "research_questions.py": ("graphs_that_occur.png", "growth_of_sinks.png"),
    "piecewise_linear_maps.py": ("c8_plane_to_sign.png", "s4_space_to_itself.png"),
    "overtones.py": ("overtones.png",),
    "c8_network.py": ("c8_exact.png", "c8_flow.png", "c8_flow_graph.png", "c8_flow_pairs.png"),
    "periodic_digits.py": ("periodic_digits.png",),
    "point_clouds.py": ("point_clouds.png",),
    "digits_attention.py": ("digits_attention_zeros.png", "digits_attention_flow.png"),
    "group_tasks.py": ("group_tasks.png",),
    "group_tasks_by_type.py": ("group_tasks_by_type.png", "group_task_dicyclic.png"),
    "hidden_symmetry.py": ("hidden_symmetry.png",),
    "trim_and_lowpass.py": ("lowpass.png",),
}


def test_every_example_is_tested() -> None:
    assert {p.name for p in EXAMPLES.glob("*.py")} == set(EXPECTED) | set(APART)


def run(name: str, folder: Path, *options: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", str(EXAMPLES / name), *options],
        cwd=folder,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def each(names: Iterable[str]) -> list[Any]:
    return [
        pytest.param(name, marks=pytest.mark.slow if name in LONG else ()) for name in sorted(names)
    ]


@pytest.mark.gap
@pytest.mark.parametrize("name", each(EXPECTED))
@pytest.mark.quick_cases(2)
def test_example(name: str, tmp_path: Path) -> None:
    printed = run(name, tmp_path, "--quick")
    for fragment in EXPECTED[name]:
        assert fragment in printed
    for picture in PICTURES.get(name, ()):
        assert (tmp_path / "out" / picture).stat().st_size > 5000


@pytest.mark.slow
def test_training_gives_the_same_numbers_again(tmp_path: Path) -> None:
    first, second = (run("c8_network.py", tmp_path, "--quick") for _ in range(2))
    assert first == second


@pytest.mark.slow
@pytest.mark.parametrize("name", TRAINED)
def test_example_in_full(name: str, tmp_path: Path) -> None:
    printed = run(name, tmp_path)
    for fragment in EXPECTED[name]:
        assert fragment in printed


def test_the_check_of_zeros_can_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(EXAMPLES)
    training = importlib.import_module("training")
    X = tk.group("C8").regular_module()
    torch.manual_seed(0)
    net = tk.nn.EquivariantMLP(X, [1, 4, 1], "abs", bias=False)
    constant = torch.ones(3, 8, 1)
    assert "16 parts are proved to be 0" in training.check_zeros(net, ["L0"], constant)
    with pytest.raises(RuntimeError, match="proved zeros up to"):
        training.check_zeros(net, ["L0"], torch.randn(3, 8, 1))
