"""The package as a whole: imports, doors between rooms, documentation."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import subprocess
import sys

import pytest

import toolkit
from toolkit import errors

HEAVY = (
    "torch",
    "dask",
    "pyarrow",
    "numpy",
    "scipy",
    "networkx",
    "matplotlib",
    "sqlite3",
    "mpmath",
)


def run(code: str, *, warn: bool = True) -> str:
    """Run a program in a fresh interpreter; with ``warn`` every warning is an error."""
    options = ["-W", "error"] if warn else []
    done = subprocess.run(
        [sys.executable, *options, "-c", code], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_import_is_light() -> None:
    loaded = run(
        f"import sys, toolkit; print([m for m in {HEAVY!r} if m in sys.modules and m != 'sqlite3'])"
    )
    assert loaded == "[]"


def test_import_test_can_fail() -> None:
    loaded = run("import sys, toolkit, numpy; print('numpy' in sys.modules)")
    assert loaded == "True"


@pytest.mark.slow
def test_torch_comes_with_layers_only() -> None:
    """Groups, modules and Fourier bases need no torch; naming ``tk.nn`` brings it."""
    code = """
import sys
import toolkit as tk
X = tk.group("C4").regular_module()
tk.fourier_basis(X), tk.interaction_graph(X, "relu")
before = "torch" in sys.modules, "toolkit.nn" in sys.modules
{last}
print(before, "torch" in sys.modules, "toolkit.nn" in sys.modules)
"""
    assert run(code.format(last="tk.nn"), warn=False) == "(False, False) True True"
    assert run(code.format(last=""), warn=False) == "(False, False) False False"
    early = code.replace("import sys", "import sys, toolkit.nn", 1)
    assert run(early.format(last=""), warn=False) == "(True, True) True True"


@pytest.mark.parametrize("room", ["nn", "interpret"])
def test_without_torch_the_error_says_what_installs_it(room: str) -> None:
    code = f"""
import sys
import toolkit as tk
sys.modules["torch"] = None
try:
    tk.{room}
except ModuleNotFoundError as error:
    print(error.name, error)
"""
    text = f'torch toolkit.{room} needs torch: pip install "plrep-toolkit[nn]"'
    assert run(code, warn=False) == text


def test_a_stored_answer_needs_no_tools_for_imports_and_reports() -> None:
    code = """
import sys
import toolkit as tk
assert tk.group("C8").order == 8
print([m for m in ("random", "gzip", "toolkit.store.exchange", "toolkit.store.reports")
       if m in sys.modules])
"""
    assert run(code) == "[]"


def test_import_brings_little() -> None:
    """The time that it takes (the budget is 0.2 s) is for make bench to measure."""
    code = (
        "import sys; before = set(sys.modules); import toolkit; print(*set(sys.modules) - before)"
    )
    brought = run(code).split()
    assert "toolkit" in brought
    assert len(brought) <= 150


def modules() -> list[str]:
    return [
        m.name
        for m in pkgutil.walk_packages(toolkit.__path__, "toolkit.")
        if not m.name.endswith("__main__")
    ]


@pytest.mark.parametrize("name", modules())
def test_every_module_says_what_it_is_for(name: str) -> None:
    module = importlib.import_module(name)
    assert module.__doc__, name
    assert len(module.__doc__) > 20, name


@pytest.mark.parametrize("name", toolkit.__all__)
def test_every_public_name_is_documented(name: str) -> None:
    thing = getattr(toolkit, name)
    assert inspect.getdoc(thing), name


@pytest.mark.parametrize("name", errors.__all__)
def test_errors_survive_a_process_boundary(name: str) -> None:
    import copyreg

    kind = getattr(errors, name)
    fields = list(inspect.signature(kind.__init__).parameters)[1:]
    sample: dict[str, object] = {
        "position": 3, "seconds": 2.0, "returncode": -9, "found": 2, "expected": 1,
    }  # fmt: skip
    names = [f for f in fields if f not in ("args", "kwargs")]
    error = kind(*[sample.get(f, f) for f in names]) if names else kind("a sentence")
    maker, arguments = error.__reduce__()[:2]
    again = maker(*arguments)
    assert type(again) is kind
    assert str(again) == str(error)
    assert "\n" not in str(error)
    assert copyreg  # the protocol that process pools use


def test_version_agrees_with_the_metadata() -> None:
    from importlib.metadata import version

    assert version("plrep-toolkit") == toolkit.__version__
