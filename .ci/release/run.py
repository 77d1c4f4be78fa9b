"""Make a release and try it: ``make release``.

Versions are compared, a source distribution and a wheel are built and their contents looked at.
Then, for each Python that pyproject.toml names or the dependencies allow: the wheel goes into an
empty environment, without extras and then with one extra after another, each by the line that
``plrep doctor`` prints; and the tests of the source distribution run on it in a folder without the
checkout. A Python that is not on this machine is named; if pyproject.toml names it, the release is
not complete.

Everything is written below ``out/release``; the two files are in its folder ``dist``.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from archives import source_faults, wheel_faults
from environments import Environment, failed_on
from pythons import ALLOWED, find_python, named_releases
from try_installed import EXTRAS
from versions import version_faults, version_of

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).resolve().parents[2]
OUT = ROOT / "out" / "release"


def main(words: list[str] | None = None) -> int:
    """Run all steps; return 0 if every one went well on every Python, 1 otherwise."""
    options = _parser().parse_args(words)
    start = time.monotonic()
    faults = version_faults(ROOT)
    if not options.trial:
        faults += _uncommitted()
    if faults:
        return _end(faults)
    OUT.mkdir(parents=True, exist_ok=True)
    print("building the source distribution, and from it the wheel", flush=True)
    wheel, source = _built()
    for file in (wheel, source):
        print(f"{file.relative_to(ROOT)}: {file.stat().st_size / 1e6:.1f} MB")
    faults = [*wheel_faults(wheel, ROOT), *source_faults(source, ROOT), *_checked(wheel, source)]
    if faults:
        return _end(faults)
    print(f"contents, description and citation are in order after {_minutes(start)}", flush=True)
    named = named_releases(ROOT)
    for release in options.python or [*named, *ALLOWED]:
        python = find_python(release)
        if python is None:
            text = f"Python {release} is not on this machine: the release is untried there"
            if release in named:
                faults.append(text)
            else:
                print(f"NOT TRIED: {text}; pyproject.toml does not name it", flush=True)
            continue
        began = time.monotonic()
        print(f"Python {release}: an empty environment, of {python}", flush=True)
        made = Environment(OUT / f"python{release}", python, wheel, ROOT / "constraints.txt")
        tried = made.try_extras(options.extras, version_of(ROOT))
        faults += tried or made.run_tests(source, ROOT, options.extras, options.tests)
        print(f"Python {release}: {_minutes(began)}", flush=True)
    return _end(faults, _limits(options))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=".ci/release/run.py",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    text = "try this Python only; may be repeated"
    add("--python", action="append", metavar="3.X", help=text)
    text = "the extras to install (default: all)"
    add("--extras", type=_extras, default=EXTRAS, metavar="A,B", help=text)
    text = "the tests to run, as paths of the source distribution (default: tests)"
    add("--tests", nargs="+", default=["tests"], metavar="PATH", help=text)
    add("--trial", action="store_true", help="also with uncommitted changes")
    return parser


def _limits(options: argparse.Namespace) -> list[str]:
    """Return what was left out of a whole release, by the options that say so."""
    chosen = {
        "--trial": options.trial,
        "--python": options.python,
        "--extras": set(options.extras) != set(EXTRAS),
        "--tests": options.tests != ["tests"],
    }
    return [option for option, limits in chosen.items() if limits]


def _extras(text: str) -> tuple[str, ...]:
    chosen = tuple(text.split(",")) if text else ()
    unknown = set(chosen) - set(EXTRAS)
    if unknown:
        raise argparse.ArgumentTypeError(f"the extras are {', '.join(EXTRAS)}, not {text}")
    return chosen


def _uncommitted() -> list[str]:
    done = subprocess.run(
        ["git", "status", "--porcelain"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    changed = done.stdout.splitlines()
    if not changed:
        return []
    return [f"{len(changed)} files have uncommitted changes: commit them, or give --trial"]


def _built() -> tuple[Path, Path]:
    """Build the source distribution, and from it the wheel."""
    dist = OUT / "dist"
    for old in dist.glob("*"):
        old.unlink()
    subprocess.run(
        [sys.executable, "-m", "build", "--outdir", str(dist), str(ROOT)],
        stdout=subprocess.DEVNULL, check=True,
    )  # fmt: skip
    (wheel,) = dist.glob("*.whl")
    (source,) = dist.glob("*.tar.gz")
    return wheel, source


def _checked(wheel: Path, source: Path) -> list[str]:
    """Return what twine says of the description, and cffconvert of the citation."""
    tools = Path(sys.executable).parent
    commands: dict[str, list[str | Path]] = {
        "twine": [tools / "twine", "check", "--strict", wheel, source],
        "cffconvert": [tools / "cffconvert", "--validate", "--infile", ROOT / "CITATION.cff"],
    }
    faults = []
    for name, command in commands.items():
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
        if done.returncode:
            faults.append(failed_on(name, done))
    return faults


def _minutes(since: float) -> str:
    return f"{(time.monotonic() - since) / 60:.1f} minutes"


def _end(faults: list[str], limits: Sequence[str] = ()) -> int:
    for fault in faults:
        print(f"FAULT: {fault}")
    if faults:
        print("the release is not complete")
    elif limits:
        print(f"no fault; but this was a part of a release only: {', '.join(limits)}")
    else:
        print("the release is complete")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
