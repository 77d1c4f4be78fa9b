"""The report about the installation."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess

import pytest
from explorer_server import small_data

from toolkit.files import bundled_catalog_path


def test_missing_gap_is_3_with_the_line_that_helps(plrep, monkeypatch):
    monkeypatch.delenv("PLREP_OFFLINE")
    monkeypatch.setenv("PLREP_GAP", "/no/such/gap")
    outcome = plrep("doctor")
    assert outcome.status == 3
    assert re.search(r"^missing  GAP  .*pip install", " ".join(outcome.out.split("\n")), re.M) or (
        "pip install" in outcome.out
    )
    data = json.loads(plrep("doctor", "--json").out)
    (check,) = [c for c in data["checks"] if c["name"] == "GAP"]
    assert check["state"] == "missing"
    assert check["remedy"].startswith("pip install")
    assert data["ok"] is False


def test_a_broken_cache_is_mended_and_said(plrep, cache_dir):
    cache_dir.mkdir()
    (cache_dir / "answers.sqlite").write_bytes(b"no database at all " * 400)
    outcome = plrep("doctor")
    assert outcome.status == 0
    assert "it was damaged (it is not an SQLite database)" in outcome.out


@pytest.mark.gap
def test_the_line_that_starts_gap_by_hand(plrep, monkeypatch):
    monkeypatch.delenv("PLREP_OFFLINE")
    checks = {c["name"]: c for c in json.loads(plrep("doctor", "--json").out)["checks"]}
    command = [*shlex.split(checks["GAP by hand"]["value"]), "-q"]
    program = "Print(Size(SymmetricGroup(5)));QUIT;"
    done = subprocess.run(command, input=program, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["120"]


@pytest.mark.parametrize("folder", ["/proc/x", "/dev/null"])
def test_a_folder_that_cannot_be_made_is_4(plrep, monkeypatch, folder):
    monkeypatch.setenv("PLREP_CACHE_DIR", folder)
    outcome = plrep("doctor")
    assert outcome.status == 4
    assert "failed   cache folder" in outcome.out


def test_the_explorer_has_a_row(plrep, monkeypatch, tmp_path):
    def row():
        checks = json.loads(plrep("doctor", "--json").out)["checks"]
        (found,) = [check for check in checks if check["name"] == "explorer"]
        return found["state"], found["value"]

    monkeypatch.setattr("toolkit.explorer.site.selection.bundled_explorer_path", lambda: None)
    state, value = row()
    assert state == "failed"
    assert value.startswith("the explorer's data are required, and this installation lacks them")
    small = small_data(tmp_path).root
    monkeypatch.setattr("toolkit.explorer.site.selection.bundled_explorer_path", lambda: small)
    assert row() == ("ok", "the page, with 5 groups")
    (small / "manifest.json").write_text('{"schema": 2}')
    state, value = row()
    assert state == "failed"
    assert value.endswith("is not a list of the explorer's data: schema 1 is required, found 2")


def test_bundled_answers_that_are_no_file_or_missing_are_told(plrep, monkeypatch, tmp_path, caplog):
    def row():
        outcome = plrep("doctor", "--json")
        (found,) = [c for c in json.loads(outcome.out)["checks"] if c["name"] == "bundled answers"]
        return outcome.status, found["state"], found["value"] + "; " + found["remedy"]

    assert row()[:2] == (0, "ok")
    monkeypatch.setattr("toolkit.library.session.bundled_answers_path", lambda: None)
    status, state, text = row()
    assert (status, state) == (4, "failed")
    assert text.startswith("they are missing")
    assert text.endswith("restores the file")
    monkeypatch.setattr("toolkit.library.session.bundled_answers_path", lambda: tmp_path)
    status, state, text = row()
    assert (status, state) == (4, "failed")
    assert "it must be a file, but it is a folder" in text
    outcome = plrep("query", "A5")
    assert outcome.status != 0  # offline: nobody else knows
    assert f"{tmp_path} is left out: it must be a file, but it is a folder; " in caplog.text
    assert "all is well" not in plrep("doctor").out


def test_the_catalog_has_a_row(plrep, monkeypatch, tmp_path):
    folder = tmp_path / "catalog"
    shutil.copytree(bundled_catalog_path(), folder)
    monkeypatch.setattr("toolkit.catalog.files.manifest.bundled_catalog_path", lambda: folder)

    def row():
        checks = json.loads(plrep("doctor", "--json").out)["checks"]
        (found,) = [check for check in checks if check["name"] == "catalog"]
        return found["state"], found["value"]

    assert row() == ("ok", "17 files have their checksums")
    path = folder / "simples.parquet"
    data = bytearray(path.read_bytes())
    data[5000] ^= 1
    path.write_bytes(data)
    state, value = row()
    assert state == "failed"
    assert "simples.parquet is not a readable catalog: it is damaged" in value


def test_offline(plrep, cache_dir):
    outcome = plrep("doctor")
    assert outcome.status == 0
    assert "not started: offline" in outcome.out
    assert max(map(len, outcome.out.splitlines())) <= 100
    assert not cache_dir.exists()


@pytest.mark.gap
@pytest.mark.slow
def test_all_is_well(plrep_gap):
    data = json.loads(plrep_gap("doctor", "--json").out)
    states = {c["name"]: c["state"] for c in data["checks"]}
    assert data["ok"] is True
    assert states["GAP"] == states["GAP start"] == states["cache folder"] == "ok"
    for package in ("smallgrp", "primgrp", "transgrp", "ctbllib", "tomlib"):
        assert f"GAP {package}" in states
