"""The command that opens the page: what it refuses, what it prints, and that it ends cleanly."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from explorer_server import small_data, small_page
from processes import PATIENCE, default_signals, is_running, wait_until

from toolkit.cli.explore import _open_browser
from toolkit.explorer.server.run import page_address


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--port", "0"], "--port is a number from 1 to 65535, not 0"),
        (["--port", "65536"], "--port is a number from 1 to 65535, not 65536"),
        (
            ["--port", "soon"],
            "argument --port: invalid int value: 'soon'; see plrep ",
        ),
        (["--orders", "1-31"], "--orders goes with --export FOLDER"),
        (["--force"], "--force goes with --export FOLDER"),
        (["S4x"], "cannot read the group name 'S4x' at character 4: "),
        (["--export", "x", "S4"], "--export and GROUP exclude each other"),
        (["--export", "x", "--port", "8000"], "--export and --port exclude each other"),
        (["--export", "x", "--no-browser"], "--export and --no-browser exclude each other"),
        (["--export", "x", "--orders", "31-1"], "--orders is a range such as 1-31, not '31-1'"),
        (["--export", "x", "--orders", "0-4"], "--orders is a range such as 1-31, not '0-4'"),
        (["--export", "x", "--orders", "all"], "--orders is a range such as 1-31, not 'all'"),
        (["--export", "/no/such/folder"], "there is no folder '/no/such' to write into"),
    ],
)
def test_bad_input_is_a_sentence(plrep, words, sentence, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    outcome = plrep("explore", *words)
    assert outcome.status == 2
    assert outcome.err.startswith(f"plrep: {sentence}")
    assert outcome.err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_port_in_use_is_a_sentence(plrep):
    pytest.importorskip("uvicorn")
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        outcome = plrep("explore", "--no-browser", "--port", str(port))
    assert outcome.status == 2
    assert outcome.err == (
        f"plrep: port {port} cannot be used (another program listens there): give another one with "
        "--port, or omit --port for a free one\n"
    )


@pytest.mark.parametrize("name", ["starlette", "uvicorn"])
def test_a_missing_package_is_a_sentence(plrep, monkeypatch, name):
    import importlib.util

    real = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda n, *more: None if n == name else real(n, *more)
    )
    outcome = plrep("explore", "--no-browser")
    assert outcome.status == 2
    assert f'{name} must be installed: pip install "plrep-toolkit[explorer]"' in outcome.err
    assert outcome.err.count("\n") == 1


def test_export(plrep, tmp_path, monkeypatch):
    small_page(tmp_path)
    data = small_data(tmp_path)
    monkeypatch.setattr("toolkit.explorer.site.export.bundled_data", lambda: data)
    outcome = plrep("explore", "--export", str(tmp_path / "site"))
    assert (outcome.status, outcome.err) == (0, "")
    assert outcome.out.startswith(f"{tmp_path / 'site'}: 5 records of groups, ")
    assert (tmp_path / "site" / "index.html").is_file()
    again = plrep("explore", "--export", str(tmp_path / "site"))
    assert again.status == 2
    assert "add --force to replace it" in again.err
    made = json.loads(plrep("explore", "--export", str(tmp_path / "site"), "--force", "--json").out)
    assert made["records"] == 5
    assert made["files"] == sum(path.is_file() for path in (tmp_path / "site").rglob("*"))
    assert set(made) == {"schema", "folder", "files", "bytes", "records"}


def test_export_imports_no_server(tmp_path):
    code = (
        "import sys; from toolkit.cli.main import main; "
        f"main(['explore', '--export', {str(tmp_path / 'site')!r}]); "
        "print(sorted({'starlette', 'uvicorn', 'duckdb', 'numpy', 'torch'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


# -- a whole server --------------------------------------------------------------------------------


def children(pid: int) -> set[int]:
    """Return the processes below one, where the system tells."""
    file = Path(f"/proc/{pid}/task/{pid}/children")
    if not file.exists():
        return set()
    below = {int(number) for number in file.read_text().split()}
    return below.union(*map(children, below))


def begin(cache, *words):
    pytest.importorskip("uvicorn")
    with default_signals():
        return subprocess.Popen(
            [sys.executable, "-m", "toolkit.cli.main", "explore", "--no-browser", *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PLREP_CACHE_DIR": str(cache), "PLREP_OFFLINE": "1"},
        )


def ask(address, path, token=None, question=None):
    body = None if question is None else json.dumps(question).encode()
    request = urllib.request.Request(
        address + path, body, {"X-Plrep-Token": token or "", "Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=PATIENCE) as reply:
        return reply.read().decode()


@pytest.mark.parametrize(
    ("how", "status", "line"), [(signal.SIGINT, 0, ""), (signal.SIGTERM, 143, "plrep: stopped\n")]
)
@pytest.mark.quick_cases(1)
def test_it_serves_until_it_is_told_to_stop_and_leaves_nothing_behind(tmp_path, how, status, line):
    with begin(tmp_path / "cache", "C2 wr S3", "--json") as server:
        try:
            said = json.loads(server.stdout.readline())
            assert set(said) == {"schema", "address", "port"}
            assert said["address"] == f"http://127.0.0.1:{said['port']}/#group=C2%20wr%20S3"
            address = f"http://127.0.0.1:{said['port']}/"
            text = ask(address, "")
            token = text.partition('<meta name="plrep-token" content="')[2].partition('"')[0]
            assert len(token) > 40
            question = {"kind": "find", "table": "groups", "condition": "order = 8"}
            job = json.loads(ask(address, "api/jobs", token, question))
            while job["state"] == "running":
                job = json.loads(ask(address, f"api/jobs/{job['id']}?wait=5", token))
            assert len(job["result"]["rows"]) == 5
            below = children(server.pid)
            server.send_signal(how)
            server.send_signal(how)  # as impatient people do
            assert server.wait(PATIENCE) == status
            assert (server.stdout.read(), server.stderr.read()) == ("", line)
        finally:
            server.kill()
    wait_until(lambda: not any(map(is_running, below)), "the end of all processes")
    if Path("/proc").exists():
        assert below
    assert not (tmp_path / "cache").exists()  # offline: the cache is only read


def test_a_killed_server_leaves_nothing_behind(tmp_path):
    with begin(tmp_path / "cache") as server:
        try:
            line = server.stdout.readline()
            assert line.startswith("The explorer is at http://127.0.0.1:")
            address = line.split()[4]
            text = ask(address, "")
            token = text.partition('<meta name="plrep-token" content="')[2].partition('"')[0]
            ask(address, "api/jobs", token, {"kind": "find", "table": "groups"})
            if Path("/proc").exists():
                wait_until(lambda: children(server.pid), "a worker")
            below = children(server.pid)
        finally:
            server.kill()
    wait_until(lambda: not any(map(is_running, below)), "the end of all processes")


@pytest.mark.parametrize("name", ["S4", "C2 wr S3", "SmallGroup(24,12)", "<(1,2,3),(1,2)>"])
def test_the_address_of_a_group_is_read_again(name):
    from urllib.parse import unquote

    address = page_address(8000, name)
    assert " " not in address
    assert unquote(address.partition("#group=")[2]) == name


def test_no_browser_is_opened_without_a_screen(monkeypatch, capsys):
    import webbrowser

    opened = []
    monkeypatch.setattr(webbrowser, "open", opened.append)
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"):
        monkeypatch.delenv(name, raising=False)
    _open_browser("http://127.0.0.1:1/")
    assert opened == []
    assert "no display was found" in capsys.readouterr().err
    monkeypatch.setenv("DISPLAY", ":0")
    _open_browser("http://127.0.0.1:1/")
    wait_until(lambda: opened, "the browser")
    assert opened == ["http://127.0.0.1:1/"]
