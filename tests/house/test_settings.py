"""Settings: what the environment says, and one clear sentence for what it must not say."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from toolkit import files, settings
from toolkit.errors import ConfigError
from toolkit.settings import Settings


def read(**variables: str) -> Settings:
    return Settings.from_environment({"PLREP_CACHE_DIR": "/cache", **variables})


def test_defaults(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    found = Settings.from_environment({})
    assert found == Settings(found.cache_dir, None, None, 300.0, 4 * 1024**3, offline=False)
    assert found.cache_dir.is_relative_to(tmp_path)
    assert found.cache_dir.name == "plrep-toolkit"
    assert found.answers_path == found.cache_dir / "answers.sqlite"


def test_nothing_is_the_same_as_not_set() -> None:
    names = ("GAP", "GAP_ROOT", "GAP_TIMEOUT", "GAP_MEMORY", "OFFLINE")
    assert read(**{f"PLREP_{name}": " " for name in names}) == read()


def test_the_process_environment_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLREP_CACHE_DIR", "/elsewhere")
    monkeypatch.setenv("PLREP_GAP_TIMEOUT", "7")
    found = Settings.from_environment()
    assert (found.cache_dir, found.gap_timeout) == (Path("/elsewhere"), 7.0)


def test_paths(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    found = read(PLREP_CACHE_DIR="~/c", PLREP_GAP="bin/gap", PLREP_GAP_ROOT="~/root")
    assert found.cache_dir == tmp_path / "c"
    assert found.gap_executable == tmp_path / "bin" / "gap"
    assert found.gap_root == tmp_path / "root"
    assert read(PLREP_GAP="gap").gap_executable == Path("gap")


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("4g", 4 * 1024**3),
        ("500m", 500 * 1024**2),
        ("500 MB", 500 * 1024**2),
        ("2GiB", 2 * 1024**3),
        ("300000k", 300_000 * 1024),
        ("1t", 1024**4),
        ("512", 512 * 1024**2),
    ],
)
def test_memory(text: str, size: int) -> None:
    assert read(PLREP_GAP_MEMORY=text).gap_memory == size


@pytest.mark.parametrize(
    ("text", "switch"),
    [("1", True), ("Yes", True), ("on", True), ("TRUE", True), ("0", False), ("off", False)],
)
def test_offline(text: str, switch: bool) -> None:
    assert read(PLREP_OFFLINE=text).offline is switch


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("PLREP_GAP_TIMEOUT", "soon", "must be a number of seconds above 0, not 'soon'"),
        ("PLREP_GAP_TIMEOUT", "0", "must be a number of seconds above 0, not '0'"),
        ("PLREP_GAP_TIMEOUT", "nan", "must be a number of seconds above 0, not 'nan'"),
        ("PLREP_GAP_TIMEOUT", "inf", "must be a number of seconds above 0, not 'inf'"),
        ("PLREP_GAP_MEMORY", "lots", "must be a size such as '4g', '500m' or plain megabytes"),
        ("PLREP_GAP_MEMORY", "50m", "at least 256m, not '50m'"),
        ("PLREP_GAP_MEMORY", "0g", "plain megabytes, at least 256m, not '0g'"),
        ("PLREP_GAP_MEMORY", "-1g", "plain megabytes, at least 256m, not '-1g'"),
        ("PLREP_GAP_MEMORY", "9" * 5000, "plain megabytes, at least 256m, not '999"),
        ("PLREP_GAP_PROCESSES", "0", "must be a positive integer, not '0'"),
        ("PLREP_GAP_PROCESSES", "513", "must be an integer from 1 to 512, not '513'"),
        ("PLREP_MAX_COSETS", "1" * 5000, "must be a positive integer, not '111"),
        ("PLREP_GAP_PROCESSES", "0" * 5000, "must be a positive integer, not '000"),
        ("PLREP_OFFLINE", "maybe", "must be 1 or 0 (or yes, no, true, false, on, off)"),
        ("PLREP_CACHE_DIR", "~no-such-user-here/c", "must be a path in an existing home folder"),
        ("PLREP_GAP_ROOT", "a\0b", r"must be a path, not 'a\x00b'"),
        ("PLREP_GAP", "a\0b", r"must be a path, not 'a\x00b'"),
        ("PLREP_CACHE_DIR", "/tmp/\ud800", "must be a path, not"),
        ("PLREP_GAP", "\ud800gap", "must be a path, not"),
    ],
)
def test_a_wrong_value_is_one_sentence(name: str, text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(**{name: text})
    assert str(caught.value).startswith(f"{name} ")
    assert message in str(caught.value)


def test_processes() -> None:
    assert read(PLREP_GAP_PROCESSES="3").gap_processes == 3
    assert 1 <= read().gap_processes <= 4
    with pytest.raises(ConfigError, match="from 1 to 512 GAP processes are required, not 0"):
        replace(read(), gap_processes=0)


def test_a_cache_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="PLREP_CACHE_DIR must be a folder, not the file"):
        read(PLREP_CACHE_DIR=str(tmp_path / "file"))
    assert read(PLREP_CACHE_DIR=str(tmp_path / "file" / "under")).cache_dir.name == "under"


def test_what_moved_to_files_is_still_found() -> None:
    for name in ("bundled_answers_path", "gap_scripts_path"):
        with pytest.warns(DeprecationWarning, match=f"now toolkit.files.{name}"):
            assert getattr(settings, name) is getattr(files, name)
    with pytest.raises(AttributeError, match="no attribute 'nosuch'"):
        settings.nosuch  # noqa: B018


def test_platformdirs_is_imported_only_when_needed() -> None:
    script = (
        "import sys; from toolkit.settings import Settings; "
        "Settings.from_environment({'PLREP_CACHE_DIR': '/c'}); "
        "assert 'platformdirs' not in sys.modules; "
        "Settings.from_environment({}); assert 'platformdirs' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
