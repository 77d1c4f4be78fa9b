"""The command ``plrep``: finds the command, runs it, and turns errors into exit statuses.

Exit status: 0 done; 2 bad input, or an answer that is out of reach; 3 GAP is missing or failed;
4 something is wrong with the cache or the toolkit's data; 1 a bug in the toolkit; 130 stopped from
the keyboard, 143 by SIGTERM; 141 nobody reads the output any more.
"""

from __future__ import annotations

import contextlib
import sys
import warnings
from typing import TYPE_CHECKING, NoReturn, TextIO

from toolkit.cli import streams
from toolkit.cli.console import UsageError, one_line
from toolkit.cli.stopping import STOPPING
from toolkit.errors import BasisError, GapError, InconsistentAnswerError, StoreError, ToolkitError
from toolkit.text import is_path, shortened

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence
    from types import ModuleType

#: Every command with the line that the overview shows; its module has the same name.
COMMANDS = {
    "query": "a page about a group: classes, characters, simples, subgroups, modules",
    "graph": "the interaction graph of a module: which simples lead to which through f",
    "transfer": "how much energy an activation moves from simple to simple, layer by layer",
    "layer": "the equivariant linear maps between two modules, with the weights they share",
    "inspect": "a trained network or numbers: spectra by simple, group tasks, symmetries, audits",
    "map": "the equivariant map from one simple to another: regions, matrices, pictures",
    "explore": "the explorer in the browser: graphs, lattices, maps, layers, the catalog",
    "sweep": "a catalog of many groups, on all cores or on a cluster",
    "find": "groups, graphs, edges of the catalog for which a condition holds; SQL",
    "catalog": "the answers about thousands of groups: info, verify, tables",
    "doctor": "what is installed, what is missing, and how to install it",
    "cache": "the answers kept on disk: info, verify, repair, clear, export, import",
}
_SWITCHES = {
    "--json": "json",
    "--debug": "debug",
    "--offline": "offline",
    "-q": "quiet",
    "--quiet": "quiet",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status.

    Parameters
    ----------
    argv
        The arguments after the program's name; ``None`` means those of this process.
    """
    if argv is not None:
        return _main(list(argv))
    words = sys.argv[1:]

    def command() -> int:
        streams.open_streams()
        return _main(words)

    return STOPPING.run(command, lambda message, status: _fail(message, status, debug=False))


def _main(words: list[str]) -> int:
    debug = "--debug" in words
    try:
        with warnings.catch_warnings():
            warnings.showwarning = _note
            status = _status(words)
        sys.stdout.flush()
    except BrokenPipeError:
        streams.forget_output()
        return 141
    except KeyboardInterrupt as stop:
        return _fail(str(stop) or "stopped", STOPPING.status, debug)
    except Exception as error:  # noqa: BLE001 - every error has its line and its status
        if STOPPING.number is not None:  # a library has made another error of the interruption
            return _fail("stopped", STOPPING.status, debug)
        return _failed(error, debug)
    return status


def _failed(error: Exception, debug: bool) -> int:
    """Say what failed, and return the exit status."""
    if isinstance(error, UsageError):
        return _fail(str(error), 2, debug)
    if isinstance(error, ToolkitError):
        return _fail(str(error), exit_status(error), debug)
    if isinstance(error, MemoryError):
        return _fail(f"out of memory: {str(error) or 'ask for less at a time'}", 2, debug)
    if isinstance(error, OSError):
        return _fail(_refused(error), 2, debug)
    kind, message = type(error).__name__, str(error)
    said = f"{kind}: {message}" if message else kind
    return _fail(f"internal error: {said} (run it again with --debug and report it)", 1, debug)


def _status(words: list[str]) -> int:
    try:
        return _run(words)
    except SystemExit as stop:  # argparse has printed help, or the process was asked to end
        return stop.code if isinstance(stop.code, int) else 0


def _refused(error: OSError) -> str:
    """Return what the system does not do, in one sentence."""
    where = f" ({shortened(repr(error.filename))})" if error.filename else ""
    return f"the system reports: {error.strerror or error}{where}"


def _note(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """Show a warning as one line, without the line of code that gave it."""
    print(f"note: {message}", file=sys.stderr)


def exit_status(error: ToolkitError) -> int:
    """Return the exit status for an error."""
    if isinstance(error, GapError | InconsistentAnswerError):
        return 3
    if isinstance(error, StoreError):
        return 4
    return 1 if isinstance(error, BasisError) else 2


def command_parser(command: str) -> argparse.ArgumentParser:
    """Return the parser of one command, with its help and its examples."""
    return _parser(command, _module(command))


def _require_words(words: list[str]) -> None:
    """Refuse what no system hands to a program: it cannot be the name of a file either."""
    for word in words:
        if not is_path(word):
            raise UsageError(
                f"{shortened(repr(word))} contains a character that a command line cannot have"
            )


def _run(words: list[str]) -> int:
    _require_words(words)
    switches = []
    while words and words[0] in _SWITCHES:
        switches.append(_SWITCHES[words.pop(0)])
    if not words or words[0] in ("-h", "--help", "help"):
        command = words[1] if len(words) > 1 and words[0] == "help" else ""
        if command:
            command_parser(_known(command)).print_help()
        else:
            sys.stdout.write(_overview())
        return 0 if words else 2
    if words[0] in ("-V", "--version"):
        from toolkit.settings import VERSION

        sys.stdout.write(f"plrep {VERSION}\n")
        return 0
    if words[0].startswith("-"):
        raise UsageError(f"there is no option {words[0]!r} before the command; see plrep --help")
    command = _known(words.pop(0))
    module = _module(command)
    STOPPING.patience = getattr(module, "SECONDS_TO_STOP", STOPPING.patience)
    options = _parser(command, module).parse_args(words)
    for switch in switches:
        setattr(options, switch, True)
    return _with_session(module, options)


def _with_session(module: ModuleType, options: argparse.Namespace) -> int:
    from dataclasses import replace

    from toolkit.cli.progress import Progress
    from toolkit.library.session import Session
    from toolkit.settings import Settings

    settings = Settings.from_environment()
    if options.offline:
        settings = replace(settings, offline=True)
    with Session(settings) as session, Progress(wanted=not options.quiet) as progress:
        session.on_question = progress.question
        status: int = module.run(options, session, progress)
    return status


def _known(command: str) -> str:
    if command in COMMANDS:
        return command
    from difflib import get_close_matches

    close = get_close_matches(command, COMMANDS, 1)
    hint = f"did you mean {close[0]}?" if close else f"the commands are {', '.join(COMMANDS)}"
    raise UsageError(f"there is no command {command[:40]!r}; {hint}")


def _module(command: str) -> ModuleType:
    from importlib import import_module

    return import_module(f"toolkit.cli.{command}")


def _parser(command: str, module: ModuleType) -> argparse.ArgumentParser:
    import argparse

    class Parser(argparse.ArgumentParser):
        """A parser whose errors are one line."""

        def error(self, message: str) -> NoReturn:
            raise UsageError(f"{message}; see {self.prog} --help")

    common = argparse.ArgumentParser(add_help=False)
    group = common.add_argument_group("for every command")
    group.add_argument("--json", action="store_true", help="print one JSON object")
    group.add_argument("--offline", action="store_true", help="never start GAP")
    group.add_argument("-q", "--quiet", action="store_true", help="no progress display")
    group.add_argument("--debug", action="store_true", help="show Python's traceback on errors")
    parser = Parser(
        prog=f"plrep {command}",
        description=module.DESCRIPTION,
        epilog=module.EPILOG,
        formatter_class=lambda prog: argparse.RawDescriptionHelpFormatter(prog, width=98),
        allow_abbrev=False,
        parents=[] if command in ("cache", "catalog") else [common],
    )
    module.add_arguments(parser, common)
    return parser


def _overview() -> str:
    width = max(map(len, COMMANDS))
    commands = "".join(f"  {name.ljust(width)}  {line}\n" for name, line in COMMANDS.items())
    return (
        "usage: plrep COMMAND ... [--json] [--offline] [-q] [--debug]\n\n"
        "Representation theory of any finite group for piecewise-linear maps and equivariant\n"
        "networks. GAP computes the answers exactly; they are cached.\n\n"
        f"commands:\n{commands}\n"
        "plrep COMMAND --help explains a command; plrep --version prints the version.\n\n"
        "examples:\n"
        "  plrep query S4\n"
        "  plrep graph C8 --activation relu\n"
        '  plrep query "SmallGroup(24,12)" --json\n'
        "  plrep doctor\n"
    )


def _fail(message: str, status: int, debug: bool) -> int:
    stopped = status in (130, 143)
    if debug and not stopped:
        import traceback

        traceback.print_exc(file=sys.stderr)
    try:
        if stopped:
            streams.forget_output()
        sys.stdout.flush()
    except (OSError, UsageError):  # what was asked for has failed in any case
        streams.forget_output()
    if STOPPING.may_speak():
        with contextlib.suppress(OSError):
            encoding = getattr(sys.stderr, "encoding", None) or "ascii"
            line = one_line(message).encode(encoding, "replace").decode(encoding)
            sys.stderr.write(f"plrep: {line}\n")
            sys.stderr.flush()
    return status


if __name__ == "__main__":
    sys.exit(main())
