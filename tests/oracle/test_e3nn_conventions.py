"""The converter for tensors of e3nn against what e3nn 0.6.0 wrote down."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np

import toolkit as tk

DATA = json.loads(Path(__file__).with_name("e3nn_vectors.json").read_text())
PAGE = Path(__file__).parents[2] / "docs" / "coming_from" / "conventions.md"


def page_names():
    """Run the cell of the page, and return its names."""
    (cell,) = re.findall(
        r"```\{code-cell\} python\n(def e3nn_2e.*?)```", PAGE.read_text("utf-8"), re.DOTALL
    )
    names = {"np": np, "tk": tk}
    exec(cell, names)
    return names


def test_the_functions_of_the_page_are_those_of_e3nn():
    names = page_names()
    assert np.allclose(DATA["1o"], DATA["point"])  # x, y, z, as here
    assert np.allclose(names["e3nn_2e"](*DATA["point"]), DATA["2e"])
    for case in DATA["matrices"]:
        assert np.allclose(case["1o"], case["matrix"], atol=1e-6)
        assert np.allclose(names["act_on_2e"](case["matrix"]), case["2e"], atol=1e-6)
    assert names["turns"].order == 24
    assert names["V"].multiplicities == {"L2": 1, "L3": 1}
