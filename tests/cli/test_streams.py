"""Standard streams that are closed or full: one sentence, the documented status, nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = "-m toolkit.cli.main"
FULL = Path("/dev/full").exists()


def run(command: str, environ: dict[str, str] | None = None) -> tuple[int, str, str]:
    script = command.replace("plrep", f"'{sys.executable}' {COMMAND}")
    done = subprocess.run(
        ["sh", "-c", script],
        capture_output=True,
        text=True,
        env={**os.environ, **(environ or {})},
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.skipif(os.name != "posix", reason="shells of another kind")
@pytest.mark.parametrize(
    ("command", "status", "said"),
    [
        ("plrep query S3 --json >&-", 2, "plrep: cannot write to standard output: it is closed\n"),
        ("plrep graph C8 --json >&- 2>&- <&-", 2, ""),
        ("plrep query Nosuch 2>&-", 2, ""),
        pytest.param(
            "plrep query --help >/dev/full",
            2,
            "plrep: cannot write to standard output: No space left on device\n",
            marks=pytest.mark.skipif(not FULL, reason="no /dev/full"),
        ),
        pytest.param(
            "plrep explore --no-browser >/dev/full",
            2,
            "plrep: cannot write to standard output: No space left on device\n",
            marks=pytest.mark.skipif(not FULL, reason="no /dev/full"),
        ),
        pytest.param(
            "plrep query Nosuch 2>/dev/full",
            2,
            "",
            marks=pytest.mark.skipif(not FULL, reason="no /dev/full"),
        ),
    ],
)
@pytest.mark.quick_cases(2)
def test_what_cannot_be_written(command: str, status: int, said: str) -> None:
    assert run(command) == (status, "", said)


@pytest.mark.skipif(os.name != "posix", reason="shells of another kind")
def test_closed_input_and_messages_matter_to_nobody() -> None:
    status, out, err = run("plrep --version <&- 2>&-")
    assert (status, out.split()[0], err) == (0, "plrep", "")


@pytest.mark.skipif(os.name != "posix", reason="shells of another kind")
def test_a_file_is_never_opened_as_a_standard_stream(tmp_path: Path) -> None:
    """Else what a library prints would be written into the cache."""
    code = (
        "import os; from toolkit.cli.streams import open_streams; open_streams(); "
        f"print(os.open({str(tmp_path / 'file')!r}, os.O_CREAT | os.O_RDWR) > 2, "
        f"file=open({str(tmp_path / 'said')!r}, 'w'))"
    )
    subprocess.run(
        ["sh", "-c", '"$0" -c "$1" <&- >&- 2>&-', sys.executable, code], check=True, timeout=60
    )
    assert (tmp_path / "said").read_text() == "True\n"


def test_a_cache_folder_with_a_name_that_is_too_long(tmp_path: Path) -> None:
    status, out, err = run(
        "plrep cache info", {"PLREP_CACHE_DIR": str(tmp_path / ("a" * 300)), "PLREP_OFFLINE": "1"}
    )
    assert (status, out) == (2, "")
    assert err.startswith("plrep: PLREP_CACHE_DIR must be a folder that can be created, not '")
    assert err.endswith("File name too long\n")
    assert err.count("\n") == 1
