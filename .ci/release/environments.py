"""An empty environment with the wheel: its extras one after another, and the tests upon it."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import tarfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

#: What a file of tests names if it needs an extra.
_NEEDS = {
    "nn": re.compile(r"\btorch\b|\.nn\b|\.interpret\b"),
    "catalog": re.compile(r"\b(duckdb|pyarrow|dask|distributed|catalog)\b"),
    "graphs": re.compile(r"\bigraph\b"),
    "explorer": re.compile(r"\b(starlette|uvicorn|explorer)\b"),
}
#: Tests of the checkout itself.
_OF_THE_CHECKOUT = ["tests/house/test_release.py"]
#: A test that is added: the others run on what it finds.
_WHICH_TOOLKIT = '''"""The installed wheel is tested, and no checkout."""

import sysconfig
from pathlib import Path

import toolkit


def test_the_wheel_is_imported() -> None:
    site = Path(sysconfig.get_path("purelib")).resolve()
    assert Path(toolkit.__file__).resolve().is_relative_to(site)
'''


class Environment:
    """A virtual environment of one Python, outside of the checkout's own.

    Parameters
    ----------
    folder
        Where it and the tests are put; emptied first.
    python
        The Python to make it with.
    wheel
        What is installed.
    constraints
        The file of releases of other packages that pip keeps to.
    """

    def __init__(self, folder: Path, python: Path, wheel: Path, constraints: Path) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        self.folder = folder / "empty"
        self.folder.mkdir(parents=True)
        self.bin = folder / "env" / "bin"
        self.wheel = wheel
        self.release = python.name.removeprefix("python")
        subprocess.run([python, "-m", "venv", folder / "env"], check=True)
        self.environment = {
            **{
                name: value
                for name, value in os.environ.items()
                if not name.startswith(("PYTHON", "PLREP_"))
            },
            "PATH": f"{self.bin}:{os.environ['PATH']}",
            "PIP_CONSTRAINT": str(constraints),
            "PIP_FIND_LINKS": f"{wheel.parent} {os.environ.get('PIP_FIND_LINKS', '')}".strip(),
            "PIP_QUIET": "1",
            "PLREP_CACHE_DIR": str(folder / "cache"),
            "OMP_NUM_THREADS": "1",
        }

    def try_extras(self, extras: Sequence[str], version: str) -> list[str]:
        """Install the wheel alone and then each extra, as ``plrep doctor`` says, and try each.

        Returns
        -------
        list of str
            A sentence for each fault.
        """
        began = time.monotonic()
        print(f"Python {self.release}: installing the wheel without an extra", flush=True)
        done = self._run(self.bin / "pip", "install", self.wheel)
        if done.returncode:
            return [failed_on(f"Python {self.release}: pip install", done)]
        took = [f"no extra {time.monotonic() - began:.0f} s"]
        faults = self._tried((), version)
        present: tuple[str, ...] = ()
        for extra in extras:
            began = time.monotonic()
            print(f"Python {self.release}: installing the extra {extra}", flush=True)
            present += (extra,)
            faults += self._follow_doctor(extra) or self._tried(present, version)
            took.append(f"{extra} {time.monotonic() - began:.0f} s")
        print(f"Python {self.release}, installed and tried: {', '.join(took)}", flush=True)
        return faults

    def run_tests(
        self, source: Path, root: Path, extras: Sequence[str], tests: Sequence[str]
    ) -> list[str]:
        """Run the quick tests of the source distribution, where no checkout is.

        Parameters
        ----------
        source
            The source distribution: all of it but what the wheel brings is unpacked.
        root
            The checkout, which must not be imported.
        extras
            The extras that are installed; tests that need another are left out, and counted.
        tests
            Paths within the source distribution.

        Returns
        -------
        list of str
            A sentence for each fault.
        """
        print(f"Python {self.release}: installing what tests need", flush=True)
        place = self.folder.parent / "tests"
        _unpack(source, place)
        (place / "tests" / "test_which_toolkit.py").write_text(_WHICH_TOOLKIT)
        group = ("install", "--group", f"{root / 'pyproject.toml'}:test")
        done = self._run(self.bin / "pip", "install", "pip>=25.1")
        done = done if done.returncode else self._run(self.bin / "pip", *group)
        if done.returncode:
            return [failed_on(f"Python {self.release}: pip install --group test", done)]
        pytest: list[str | Path] = [self.bin / "python", "-m", "pytest", "-q"]
        pytest += ["-p", "no:cacheprovider"]
        which = "tests/test_which_toolkit.py"
        elsewhere = self.environment | {"PYTHONPATH": str(root)}
        if self._run(*pytest, which, cwd=place, environment=elsewhere).returncode != 1:
            return [f"Python {self.release}: {which} does not notice a checkout"]
        absent = [extra for extra in _NEEDS if extra not in extras]
        left_out = left_out_files(place, tests, absent)
        ignored = [f"--ignore={file}" for file in [*left_out, *_OF_THE_CHECKOUT]]
        began = time.monotonic()
        print(f"Python {self.release}: running the tests, many minutes", flush=True)
        workers = ("-n", "auto", "--maxprocesses", "4")
        done = self._run(*pytest, *workers, "-m", "not slow", *ignored, which, *tests, cwd=place)
        last = (done.stdout.strip().splitlines() or [""])[-1].strip("= ")
        print(
            f"Python {self.release}, tests on the wheel: {last}"
            + (f"; {len(left_out)} files need {', '.join(absent)}" if left_out else "")
            + f"; {time.monotonic() - began:.0f} s",
            flush=True,
        )
        return [failed_on(f"Python {self.release}: pytest", done)] if done.returncode else []

    def _tried(self, extras: Sequence[str], version: str) -> list[str]:
        program = Path(__file__).with_name("try_installed.py")
        done = self._run(self.bin / "python", "-I", program, version, *extras)
        if done.returncode:
            return [failed_on(f"Python {self.release} with {list(extras)}", done)]
        return []

    def _follow_doctor(self, extra: str) -> list[str]:
        """Run the line that ``plrep doctor`` prints for an extra; then it must be content."""
        lines = {c["remedy"] for c in self._missing() if f"[{extra}]" in c["remedy"]}
        if len(lines) != 1:
            return [f"Python {self.release}: plrep doctor has the lines {lines} for {extra}"]
        done = self._run(*shlex.split(lines.pop()))
        if done.returncode:
            return [failed_on(f"Python {self.release}: the line of plrep doctor", done)]
        still = [c["name"] for c in self._missing() if f"[{extra}]" in c["remedy"]]
        return (
            [f"Python {self.release}: {still} missing after plrep doctor's line"] if still else []
        )

    def _missing(self) -> list[dict[str, str]]:
        checks = json.loads(self._run(self.bin / "plrep", "doctor", "--json").stdout)["checks"]
        return [check for check in checks if check["state"] == "missing"]

    def _run(
        self,
        *command: str | Path,
        cwd: Path | None = None,
        environment: dict[str, str] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, cwd=cwd or self.folder, env=environment or self.environment,
            capture_output=True, text=True, check=False,
        )  # fmt: skip


def failed_on(what: str, done: subprocess.CompletedProcess[str]) -> str:
    """Return a sentence about a command that failed, with the end of what it said."""
    said = "\n".join([*done.stdout.splitlines()[-40:], *done.stderr.splitlines()[-20:]])
    return f"{what} failed with status {done.returncode}:\n{said}"


def _unpack(source: Path, place: Path) -> None:
    """Unpack a source distribution, without its top folder and without what the wheel brings."""
    with tarfile.open(source) as archive:
        archive.extractall(place, filter="data")
    (top,) = place.iterdir()
    for entry in list(top.iterdir()):
        if entry.name not in {"toolkit", "gap_scripts", "data"}:
            entry.rename(place / entry.name)
    (place / "data").mkdir()
    for script in (top / "data").glob("*.py"):  # what makes the data
        script.rename(place / "data" / script.name)
    shutil.rmtree(top)


def left_out_files(place: Path, tests: Sequence[str], absent: Sequence[str]) -> list[str]:
    """Return the files of tests that name what an absent extra brings."""
    files = [file for path in tests for file in sorted((place / path).rglob("test_*.py"))]
    files += [place / path for path in tests if path.endswith(".py")]
    return [
        file.relative_to(place).as_posix()
        for file in files
        if any(_NEEDS[extra].search(file.read_text("utf-8")) for extra in absent)
    ]
