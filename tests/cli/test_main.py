"""Commands, help, errors and exit statuses."""

from __future__ import annotations

import io
import os
import subprocess
import sys

import pytest

from toolkit import __version__, errors
from toolkit.cli import main as main_module
from toolkit.cli import query
from toolkit.cli.console import Column, Console, UsageError, one_line, table
from toolkit.cli.main import COMMANDS, command_parser, exit_status, main
from toolkit.formats.group_page.numbers import factored, number

HOSTILE = [
    'S4");Exec("id");("',
    'S4;; Exec("touch /tmp/plrep_was_here");',
    "Group((1,2));QUIT;",
    'Table(M");Exec("id");Display(")',
    '<a | a^2>; Read("/etc/passwd");',
    "SmallGroup(24,12);QUIT_GAP(1)",
    'C4 x InputTextFile("/etc/passwd")',
    "function() return 1; end",
    "@import url(x)",
    "$(id)",
    "`id`",
    "S4\nC2",
    "S4\x00",
    "S4\ud800",
    "\u202eS4",
    "S" + "9" * 400,
    "(" * 5000,
    "SmallGroup(-1,2)",
    "<" + "a," * 3000 + "b | a>",
    "''",
    " ",
]


def one_error_line(outcome, status):
    assert outcome.status == status
    assert outcome.out == ""
    assert outcome.err.startswith("plrep: ")
    assert outcome.err.count("\n") == 1, outcome.err
    assert len(outcome.err) < 700
    return outcome.err


@pytest.mark.parametrize("name", ["out\0.txt", "out\ud800"])
@pytest.mark.parametrize("command", ["cache export", "cache import", "cache repair", "inspect"])
def test_no_command_takes_a_path_that_no_system_takes(plrep, cache_dir, command, name):
    assert "a command line cannot have" in one_error_line(plrep(*command.split(), name), 2)
    assert not cache_dir.exists()


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("command", ["query", "graph", "layer"])
def test_hostile_names_are_refused_in_one_line_and_nothing_is_written(
    plrep, cache_dir, command, name
):
    one_error_line(plrep(command, name), 2)
    assert not cache_dir.exists()


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["qurey", "S4"], "did you mean query?"),
        (["frobnicate"], "the commands are query"),
        (["query"], "NAME"),
        (["query", "S4", "--bogus"], "--bogus"),
        (["query", "S4", "--max-index", "many"], "invalid int value"),
        (["query", "S4", "--max-index", "0"], "at least 1"),
        (["--bogus", "query", "S4"], "--bogus"),
        (["graph", "S4", "--activation", "tanhh"], "use relu, abs"),
        (["graph", "S4", "--format", "gif"], "invalid choice"),
        (["graph", "S4", "--format", "svg"], "--output graph.svg"),
        (["graph", "S4", "--output", "x.gif"], ".svg"),
        (["graph", "S4", "--json", "--format", "dot"], "exclude"),
        (["graph", "S4", "--json", "--output", "x.svg"], "picture"),
        (["graph", "S4", "--output", "/no/such/folder/x.svg"], "folder"),
        (["layer", "S4", "--output", "x.txt"], ".npz"),
        (["layer", "S4", "--in-channels", "0"], "at least 1"),
        (["layer", "S4", "--degree", "4", "--module", "points"], "exclude"),
        (["cache"], "ACTION"),
        (["cache", "polish"], "invalid choice"),
        (["cache", "clear", "--group", "D7"], "D8"),
        (["query", "D7"], "D14"),
    ],
)
def test_bad_options_are_one_clear_line(plrep, cache_dir, argv, said):
    assert said in one_error_line(plrep(*argv), 2)
    assert not cache_dir.exists()


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["graph", "S4", "--module", "H99"], "H24a"),
        (["graph", "S4", "--module", "cosets"], "regular"),
        (["graph", "S4", "--orbit", "2"], "one orbit"),
        (["graph", "Q8", "--module", "points"], "no action"),
        (["layer", "S4", "--degree", "0"], "at least 1"),
        (["layer", "Q8", "--module", "points"], "no action"),
    ],
)
def test_unfit_modules_are_one_clear_line(bundled, plrep, argv, said):
    assert said in one_error_line(plrep(*argv), 2)


def test_what_is_not_cached_offline_is_a_store_error(plrep):
    assert "not in the cache" in one_error_line(plrep("query", "C1000"), 4)


def test_offline_as_an_option(plrep, monkeypatch):
    monkeypatch.delenv("PLREP_OFFLINE")
    assert "not in the cache" in one_error_line(plrep("--offline", "query", "C1000"), 4)
    assert "not in the cache" in one_error_line(plrep("query", "C1000", "--offline"), 4)


def test_a_bad_setting_is_named(plrep, monkeypatch):
    monkeypatch.setenv("PLREP_GAP_TIMEOUT", "soon")
    assert "PLREP_GAP_TIMEOUT" in one_error_line(plrep("query", "S4"), 2)


def test_missing_gap_is_3(plrep, monkeypatch):
    monkeypatch.delenv("PLREP_OFFLINE")
    monkeypatch.setenv("PLREP_GAP", "/no/such/gap")
    assert "install it with: pip install" in one_error_line(plrep("query", "C1000"), 3)


def test_a_file_that_is_no_cache_is_4(plrep, cache_dir):
    cache_dir.mkdir()
    (cache_dir / "answers.sqlite").write_bytes(b"no database at all " * 400)
    one_error_line(plrep("query", "C1000"), 4)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.NamingError("S", 0, "no"), 2),
        (errors.NotAvailable("S4", "a", "b"), 2),
        (errors.ConfigError("x"), 2),
        (errors.ModuleMismatchError("x"), 2),
        (errors.UnsupportedActivationError("x"), 2),
        (errors.GapTimeoutError("facts", "S4", 1.0), 3),
        (errors.GapCrashedError("facts", "S4", -9, "out of memory"), 3),
        (errors.InconsistentAnswerError("S4", "a law", "none"), 3),
        (errors.StoreCorruptError("x", "y"), 4),
        (errors.NotCachedError("S4", "facts"), 4),
        (errors.BasisError("x"), 1),
    ],
)
def test_exit_statuses(plrep, monkeypatch, error, status):
    def fail(*_):
        raise error

    monkeypatch.setattr(query, "run", fail)
    assert exit_status(error) == status
    one_error_line(plrep("query", "S4"), status)


def test_unexpected_errors_hint_at_debug(plrep, monkeypatch):
    def fail(*_):
        raise RuntimeError("two\nlines")

    monkeypatch.setattr(query, "run", fail)
    said = one_error_line(plrep("query", "S4"), 1)
    assert "RuntimeError: two lines" in said
    assert "--debug" in said
    outcome = plrep("--debug", "query", "S4")
    assert outcome.status == 1
    assert "Traceback" in outcome.err


def test_stop_from_the_keyboard(plrep, monkeypatch):
    def fail(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(query, "run", fail)
    assert one_error_line(plrep("query", "S4"), 130) == "plrep: stopped\n"


def test_a_reader_that_has_gone(monkeypatch, plrep):
    def fail(*_):
        raise BrokenPipeError

    monkeypatch.setattr(query, "run", fail)
    monkeypatch.setattr(main_module.streams, "forget_output", lambda: None)
    outcome = plrep("query", "S4")
    assert (outcome.status, outcome.err) == (141, "")


def test_a_broken_pipe_is_silent(bundled, cache_dir):
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-m", "toolkit.cli.main", "query", "S4"],
        stdout=writer,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (141, b"")


def test_version_and_overview(plrep):
    assert plrep("--version").out == f"plrep {__version__}\n"
    overview = plrep("--help")
    assert overview.status == 0
    for name in COMMANDS:
        assert f"\n  {name} " in overview.out
    assert plrep().status == 2
    assert plrep("help", "query").out == plrep("query", "--help").out


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_with_an_example(plrep, command):
    outcome = plrep(command, "--help")
    assert outcome.status == 0
    assert outcome.err == ""
    assert f"\n  plrep {command}" in outcome.out
    assert max(map(len, outcome.out.splitlines())) <= 100
    for action in command_parser(command)._actions:
        assert action.help or action.dest == "action", action


@pytest.mark.parametrize("action", ["info", "verify", "clear", "export", "import"])
def test_every_action_of_cache_explains_itself(plrep, action):
    outcome = plrep("cache", action, "--help")
    assert outcome.status == 0
    assert f"\n  plrep cache {action}" in outcome.out
    assert "--json" in outcome.out


def imported(*argv: str, cache: str) -> set[str]:
    code = (
        "import sys; from toolkit.cli.main import main; "
        f"status = main({list(argv)!r}); "
        "print('\\n'.join(['', 'MODULES', *sys.modules]), file=sys.stderr); sys.exit(status)"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PLREP_CACHE_DIR": cache, "PLREP_OFFLINE": "1"},
    )
    return set(done.stderr.split("MODULES\n")[1].split())


HEAVY = {"numpy", "scipy", "networkx", "matplotlib", "mpmath", "torch", "tqdm", "subprocess"}


@pytest.mark.parametrize("group", ["S4", "C8", "Q8"])
def test_a_cached_query_imports_nothing_heavy(bundled, tmp_path, group):
    found = imported("query", group, cache=str(tmp_path))
    assert "toolkit.cli.query" in found
    heavy = HEAVY if group == "S4" else HEAVY - {"mpmath"}  # square roots are certified with it
    if group == "C8":  # its table is no answer of GAP: it is made by formula, with numpy
        heavy = heavy - {"numpy"}
    assert not heavy & found
    others = {f"toolkit.cli.{c}" for c in COMMANDS if c != "query"}
    assert not others & found


def test_the_import_test_can_fail(bundled, tmp_path):
    assert "numpy" in imported("layer", "S4", cache=str(tmp_path))


def test_errors_do_not_need_a_terminal_of_this_encoding(cache_dir):
    done = subprocess.run(
        [sys.executable, "-m", "toolkit.cli.main", "query", "S4 ⊗ C2"],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )
    assert done.returncode == 2
    assert done.stderr.startswith(b"plrep: ")
    assert done.stderr.isascii()


def test_numbers():
    assert number(7920) == "7920"
    assert number(808017424794512875886459904961710757005754368 * 10**9) == "8.08e53"
    assert factored(2**5 * 9 * 10007) == ["2⁵", "3²", "10007"]
    assert factored(1_000_003 * 1_000_033) == ["1000036000099"]
    assert one_line("a\n b\tc") == "a b c"


def test_usage_errors_are_errors():
    assert str(UsageError("no")) == "no"
    assert main(["query"]) == 2


@pytest.mark.parametrize("width", [60, 80, 100])
@pytest.mark.parametrize("fixed", [20, 40])
def test_tables_are_as_wide_as_the_page_at_most(width, fixed):
    console = Console(io.StringIO())
    console.width = width
    columns = [
        Column("fixed", ["7" * fixed], right=True),
        Column("sum", ["X10 + X11 + X12"], fit="wrap"),
        Column("last", ["some words"], fit="wrap"),
    ]
    lines = table(console, columns)
    assert max(map(len, lines)) <= width
    if width > 60:
        text = " ".join(lines)
        assert all(word in text for word in ("X10", "X11", "X12", "some", "words"))
