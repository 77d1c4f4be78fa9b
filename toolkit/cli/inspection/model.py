"""``plrep inspect --model``: zero components, spectra, flow and audit of a model made in Python."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.cli.console import Console, UsageError
from toolkit.cli.inspection.files import assigned, batch, one_batch, require_pictures
from toolkit.cli.inspection.flows import draw_flows, flow_as_json, flow_lines
from toolkit.cli.inspection.python_models import load_weights, model_of_file
from toolkit.cli.options import pick_module
from toolkit.cli.output import print_json, writing
from toolkit.errors import ToolkitError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    import torch
    from torch import nn

    from toolkit.cli.progress import Progress
    from toolkit.interpret.flows.attribution import Attribution
    from toolkit.library.group import Group
    from toolkit.library.session import Session
    from toolkit.nn.convolution.window import Window

_SHOWN = ("zeros", "spectra", "flow", "audit")
_INVARIANT = "invariant"
_MOST_EDGES = 24


class _Given:
    """What the options say of a model."""

    def __init__(
        self,
        model: nn.Module,
        group: Group | None,
        inputs: tuple[Any, ...],
        spaces: dict[str, Any],
        data: Any,  # noqa: ANN401 - tensors
        options: argparse.Namespace,
    ) -> None:
        self.model, self.group, self.inputs = model, group, inputs
        self.spaces, self.data, self.options = spaces or None, data, options

    @property
    def modules(self) -> Any:  # noqa: ANN401 - a module, several, or nothing
        """The modules of the inputs, as functions of the toolkit take them."""
        if not self.inputs:
            return None
        return self.inputs[0] if len(self.inputs) == 1 else self.inputs

    @property
    def several(self) -> dict[str, Any]:
        """The modules of the inputs, and how many there are, as keywords."""
        is_several = isinstance(self.data, tuple | Mapping)
        return {"modules": self.modules, "example": self.data if is_several else None}


def run(options: argparse.Namespace, session: Session, progress: Progress) -> int:
    """Print what was asked for, and draw it."""
    require_pictures(options)
    wanted = _wanted(options)
    group = _group(options, session)
    inputs = tuple(_module(group, text) for text in options.input_module or ())
    spaces = {
        name: _space(group, text) for name, text in assigned(options.space, "--space").items()
    }
    data = None if options.data is None else batch(Path(options.data))
    model = model_of_file(options.model)
    if options.checkpoint is not None:
        load_weights(model, Path(options.checkpoint), unchecked=options.unchecked)
    given = _Given(model, group, inputs, spaces, _like(data, model), options)
    looks: dict[str, Callable[[_Given], tuple[Any, list[str], Any]]] = {
        "zeros": _zeros, "spectra": _spectra, "flow": _flow, "audit": _audit,
    }  # fmt: skip
    found: dict[str, Any] = dict.fromkeys(_SHOWN)
    pages: list[tuple[str, list[str]]] = []
    notes: list[str] = []
    answers: dict[str, Any] = {}
    for name in wanted:
        try:
            found[name], lines, answers[name] = looks[name](given)
        except ToolkitError as error:
            if options.show is not None:
                raise
            notes.append(f"no {name}: {error}")
            continue
        pages.append((name, lines))
    if not pages:
        raise UsageError("; ".join(notes))
    stem = Path(options.output) / Path(options.model.rpartition(":")[0]).stem
    pictures = [] if options.no_pictures else _pictures(answers, stem)
    progress.close()
    if options.json:
        print_json(
            {
                "schema": 1,
                "model": options.model,
                "weights": options.checkpoint,
                **found,
                "notes": notes,
                "pictures": [str(p) for p in pictures],
            }
        )
        return 0
    console = Console()
    for name, lines in pages:
        console.write(console.heading(_TITLES[name]), "", *(f"  {line}" for line in lines), "")
    console.write(*(f"  note: {note}" for note in notes))
    console.write(*(f"  written: {p}" for p in pictures))
    return 0


def _pictures(answers: Mapping[str, Any], stem: Path) -> list[Path]:
    """Draw zero components, flow and audit; return the files."""
    written = []
    if "zeros" in answers:
        from toolkit.figures import draw_zero_components

        with writing(stem.with_name(f"{stem.name}_zeros.png")) as path:
            draw_zero_components(answers["zeros"], path)
            written.append(path)
    if "flow" in answers:
        written += draw_flows(answers["flow"], stem)
    if "audit" in answers:
        from toolkit.figures import draw_audit

        with writing(stem.with_name(f"{stem.name}_audit.png")) as path:
            draw_audit(answers["audit"], path)
            written.append(path)
    return written


_TITLES = {
    "zeros": "Simples that occur, and simples that are exactly zero",
    "spectra": "Share of the energy in each simple, percent",
    "flow": "Origin of each simple",
    "audit": "Audit",
}


# -- what is given ---------------------------------------------------------------------------------


def _wanted(options: argparse.Namespace) -> list[str]:
    """Return what is to be shown, in a fixed order."""
    has_group = options.group is not None
    if options.images is not None and (options.input_module or options.flat):
        raise UsageError("--images determines the input: drop --input-module and --flat")
    enough = {
        "zeros": bool(options.sources) or options.data is not None,
        "spectra": options.data is not None,
        "flow": options.data is not None,
        "audit": has_group and (options.images is not None or len(options.input_module or ()) == 1),
    }
    needs = {
        "zeros": "--sources or --data",
        "spectra": "--data",
        "flow": "--data",
        "audit": "--group and one --input-module or --images",
    }
    if options.show is None:
        found = [name for name in _SHOWN if enough[name]]
        if not found:
            raise UsageError(
                "nothing to show: add --sources LABELS for zero components, --data FILE for "
                "spectra and flow, or --group and --input-module for an audit"
            )
        return found
    asked = [word.strip() for word in options.show.split(",") if word.strip()]
    for word in asked:
        if word not in _SHOWN:
            raise UsageError(f"--show takes some of {', '.join(_SHOWN)}, not {word!r:.40}")
        if not enough[word]:
            raise UsageError(f"--show {word} needs {needs[word]}")
    if not asked:
        raise UsageError(f"--show takes some of {', '.join(_SHOWN)}")
    return [name for name in _SHOWN if name in asked]


def _group(options: argparse.Namespace, session: Session) -> Group | None:
    if options.group is None:
        for name in ("input_module", "output_module", "space"):
            if getattr(options, name):
                raise UsageError(f"--{name.replace('_', '-')} needs --group: a module has a group")
        return None
    from toolkit.library.naming import group

    return group(options.group, session=session)


def _module(group: Group | None, text: str) -> Any:  # noqa: ANN401 - a module, or None
    assert group is not None  # checked by _group
    return None if text == _INVARIANT else pick_module(group, text)


def _space(group: Group | None, text: str) -> Any:  # noqa: ANN401 - a module or a pair
    one, arrow, two = (part.strip() for part in text.partition("->"))
    return (_module(group, one), _module(group, two)) if arrow else _module(group, one)


def _like(data: Any, model: nn.Module) -> Any:  # noqa: ANN401 - tensors
    """Return data in the type of the model's weights."""
    import torch

    kind = next((p.dtype for p in model.parameters() if p.is_floating_point()), torch.float32)

    def cast(x: torch.Tensor) -> torch.Tensor:
        return x.to(kind) if x.is_floating_point() else x

    if isinstance(data, torch.Tensor):
        return cast(data)
    if isinstance(data, Mapping):
        return {name: cast(x) for name, x in data.items()}
    return None if data is None else tuple(cast(x) for x in data)


def _one_tensor(given: _Given, what: str) -> Any:  # noqa: ANN401 - a tensor
    import torch

    if given.data is not None and not isinstance(given.data, torch.Tensor):
        raise UsageError(f"{what} takes one input, and --data holds {len(given.data)}")
    return given.data


# -- what is shown: JSON data, lines, and the answer itself ----------------------------------------


def _zeros(given: _Given) -> tuple[Any, list[str], Any]:
    from toolkit.interpret.zeros.report import zero_components

    data = given.data
    if given.options.sources:
        sources = _sources(given.options.sources)
    elif isinstance(data, tuple):
        sources = {str(i): x for i, x in enumerate(data)}
    else:
        sources = data
    found = zero_components(
        given.model,
        sources,
        spaces=given.spaces,
        example=data,
        modules=given.modules,
        equivariant=given.options.equivariant or (),
    )
    return found.state(), found.to_table().splitlines(), found


def _sources(texts: list[str]) -> Any:  # noqa: ANN401 - labels, or labels by name
    def labels(text: str) -> list[str]:
        return [word.strip() for word in text.split(",") if word.strip()]

    if len(texts) == 1 and "=" not in texts[0]:
        return labels(texts[0])
    return {name: labels(text) for name, text in assigned(texts, "--sources").items()}


def _spectra(given: _Given) -> tuple[Any, list[str], Any]:
    from toolkit.interpret.spectral.record import spectra

    found = spectra(given.model, [given.data], given.spaces, **given.several)
    return found.state(), found.to_table(most=8).splitlines(), found


def _flow(given: _Given) -> tuple[Any, list[str], Any]:
    from toolkit.interpret.flows.flow import flow

    way: Attribution = given.options.attribution or "single"
    graph = flow(given.model, [given.data], way, given.spaces, **given.several)
    return flow_as_json(graph), flow_lines(graph, _MOST_EDGES), graph


def _audit(given: _Given) -> tuple[Any, list[str], Any]:
    from toolkit.interpret.auditing.audit import TOLERANCE, audit

    options = given.options
    assert given.group is not None  # checked by _wanted
    inputs = _pixels(given.group, options.images) if options.images else given.inputs[0]
    if inputs is None:
        raise UsageError("an audit needs an input on a module, not an input of invariant numbers")
    outputs: Any = options.output_module
    if outputs not in (None, _INVARIANT):
        outputs = _module(given.group, outputs)
    targets = None if options.targets is None else one_batch(Path(options.targets))
    found = audit(
        given.model,
        given.group,
        inputs,
        outputs,
        data=_one_tensor(given, "an audit"),
        targets=targets,
        spaces=given.spaces,
        flat=options.flat,
        channels=1 if options.channels is None else options.channels,
        samples=64 if options.samples is None else options.samples,
        tolerance=TOLERANCE if options.tolerance is None else options.tolerance,
        seed=options.seed or 0,
    )
    return found.state(), found.to_table().splitlines(), found


def _pixels(group: Group, text: str) -> Window:
    """Return the window of the pixels of images of the size HxW."""
    from toolkit.nn.convolution.window import Window

    sizes = text.lower().split("x")
    if len(sizes) != 2 or not all(s.isascii() and s.isdigit() and int(s) for s in sizes):
        raise UsageError(f"--images takes the size of the images, such as 28x28, not {text!r:.40}")
    return Window.box(group, (int(sizes[0]), int(sizes[1])))
