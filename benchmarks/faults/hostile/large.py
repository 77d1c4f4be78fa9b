"""Large answers at a small bound of memory: refused before they are made, or within it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

from hostile.case import Broken, Case

if TYPE_CHECKING:
    from hostile.case import World

#: Questions that take from some megabytes to terabytes.
QUESTIONS = (
    "tk.pl_map(cycle(2700), 'L1', 'L1', 'relu')",
    "tk.pl_map(cycle(900), 'L1', 'L1', 'relu').matrices",
    "tk.fourier_basis(tk.group('D5998').regular_module())",
    "tk.fourier_basis(cycle(3600)).matrix",
    "tk.layer_basis(X := cycle(6000), X).expand([[1.0] * 6000])",
    "tk.layer_basis(X := cycle(2000), X).dense()",
    "tk.orbitals(cycle(50000)).labels",
    "tk.group([[*range(1, 4000), 0]] * 40).natural_module().matrices",
    "(tk.group('S6').natural_module() ** 8).images",
    "tk.group('C900').character_table.to_numpy()",
    "tk.transfer_matrix(tk.group('C900').regular_module(), 'relu')",
    "tk.nn.EquivariantLinear(X := cycle(30000), X, 1, 1)",
)
_BOUND = 512 << 20
#: The program, its libraries and what is small.
_BESIDES = 900 << 20

_SCRIPT = """
import json, resource, sys
import toolkit as tk
from toolkit.errors import ToolkitError
import toolkit.nn, scipy.sparse, networkx

def cycle(n):
    return tk.group([[*range(1, n), 0]]).natural_module()

try:
    {question}
    said = ""
except ToolkitError as error:
    said = str(error)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps([said, peak * (1 if sys.platform == "darwin" else 1024)]))
"""


def case(world: World) -> Case:
    """Return a question, and ask it in a process of its own."""
    question = world.random.choice(QUESTIONS)
    return Case(question, lambda: _ask(question))


def _ask(question: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT.format(question=question)],
        capture_output=True,
        text=True,
        env={**os.environ, "PLREP_MEMORY": str(_BOUND >> 20)},
        check=False,
    )
    if done.returncode:
        raise Broken(f"status {done.returncode}: {done.stderr.strip().splitlines()[-1:]}")
    said, peak = json.loads(done.stdout)
    if peak > _BOUND + _BESIDES:
        raise Broken(f"{peak >> 20} MiB at a bound of {_BOUND >> 20}: {said[:100]}")
