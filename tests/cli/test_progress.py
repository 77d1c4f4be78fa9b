"""The sign of life."""

from __future__ import annotations

import io

from processes import wait_until

from toolkit.cli import progress as progress_module
from toolkit.cli.progress import Progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_nothing_on_stderr_that_is_no_terminal(capsys, monkeypatch):
    monkeypatch.setattr(progress_module, "_DELAY", 0.0)
    with Progress() as progress:
        progress.question("facts", "S4")
        progress.count(1, 2)
        assert progress._thread is None
    assert capsys.readouterr() == ("", "")


def test_quick_commands_show_nothing(monkeypatch):
    stream = Terminal()
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.setattr(progress_module, "_DELAY", 1e6)  # every machine is quicker
    with Progress() as progress:
        progress.question("facts", "S4")
        progress.count(1, 2)
    assert stream.getvalue() == ""


def test_slow_questions_are_shown_and_taken_away(monkeypatch):
    stream = Terminal()
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.setattr(progress_module, "_DELAY", 0.01)
    monkeypatch.setattr(progress_module, "_BEAT", 0.01)
    with Progress() as progress:
        progress.question("character_table", "M24")
        wait_until(lambda: "character table of M24" in stream.getvalue(), "the sign of life")
        progress.hide()
    assert stream.getvalue().endswith("\r")


def test_counts(monkeypatch):
    stream = Terminal()
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.setattr(progress_module, "_DELAY", 0.0)
    with Progress() as progress:
        progress.count(3, 8)
    assert "3/8" in stream.getvalue()


def test_not_wanted(monkeypatch):
    stream = Terminal()
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.setattr(progress_module, "_DELAY", 0.0)
    with Progress(wanted=False) as progress:
        progress.question("facts", "S4")
        assert progress._thread is None
    assert stream.getvalue() == ""
