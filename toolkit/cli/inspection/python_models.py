"""Models that a user's Python file makes, for ``--model FILE.py:NAME``: the file is executed."""

from __future__ import annotations

import contextlib
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.cli.console import UsageError
from toolkit.cli.inspection.files import loaded
from toolkit.errors import CheckpointMismatchError
from toolkit.text import listed, shortened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from torch import nn

_NAME = "plrep_inspected_model"


def model_of_file(text: str) -> nn.Module:
    """Return the model that ``FILE.py:NAME`` names, in evaluation mode; this executes the file.

    What the file prints goes to standard error; its folder is on ``sys.path`` meanwhile.

    Raises
    ------
    UsageError
        If the file is not there or fails, or NAME is neither a torch module nor a function
        without arguments that returns one.
    """
    from torch import nn

    file, sign, name = text.rpartition(":")
    path = Path(file)
    if not (sign and name.isidentifier() and path.suffix == ".py"):
        raise UsageError(f"--model takes FILE.py:NAME, such as net.py:make_net, not {text!r:.60}")
    if not path.is_file():
        raise UsageError(f"there is no file {file!r}")
    with _as_program(path):
        made = _executed(path)
        if not hasattr(made, name):
            own = [n for n, x in vars(made).items() if not n.startswith("_") and callable(x)]
            raise UsageError(f"{file!r} has no {name!r}; it has {listed(own, 12) or 'nothing'}")
        model = getattr(made, name)
        if not isinstance(model, nn.Module) and callable(model):
            model = _run(f"{name}() of {file!r}", model)
    if not isinstance(model, nn.Module):
        raise UsageError(
            f"{name} of {file!r} must be a torch module, or a function without arguments that "
            f"returns one, found {type(model).__name__}"
        )
    return model.eval()


def load_weights(model: nn.Module, path: Path, *, unchecked: bool) -> None:
    """Load the weights of a file into a model.

    Raises
    ------
    UsageError
        If they do not fit.
    """
    from toolkit.nn.files import as_state

    state = as_state(loaded(path, unchecked=unchecked), str(path))
    try:
        model.load_state_dict(state)
    except CheckpointMismatchError:
        raise
    except (RuntimeError, AttributeError, TypeError, ValueError) as error:
        why = shortened(" ".join(str(error).split()), 300)
        raise UsageError(f"the weights of {str(path)!r} do not fit the model: {why}") from None


@contextlib.contextmanager
def _as_program(path: Path) -> Iterator[None]:
    folder = str(path.resolve().parent)
    sys.path.insert(0, folder)
    try:
        with contextlib.redirect_stdout(sys.stderr):
            yield
    finally:
        if folder in sys.path:
            sys.path.remove(folder)


def _executed(path: Path) -> Any:  # noqa: ANN401 - a module with whatever names
    spec = spec_from_file_location(_NAME, path)
    assert spec is not None  # of a file that ends in .py
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[_NAME] = module  # classes look for their module
    loader = spec.loader
    _run(repr(str(path)), lambda: loader.exec_module(module))
    return module


def _run(what: str, function: Callable[[], Any]) -> Any:  # noqa: ANN401 - whatever it returns
    """Call code of the user; its error is one sentence, with the line where it happened."""
    try:
        return function()
    except (Exception, SystemExit) as error:
        place = ""
        trace = error.__traceback__
        while trace is not None:
            if trace.tb_frame.f_globals.get("__name__") == _NAME:
                place = f" in line {trace.tb_lineno}"
            trace = trace.tb_next
        if isinstance(error, SyntaxError) and error.lineno:
            place = f" in line {error.lineno}"
        said = shortened(" ".join(str(error).split()), 300)
        raise UsageError(f"{what} fails{place} with {type(error).__name__}: {said}") from error
