"""``plrep inspect FILE``: the effect of a checkpoint's weights on each simple."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.cli.console import Column, Console, UsageError, blocks, wrapped
from toolkit.cli.inspection.files import checksum_of, loaded, one_batch, require_pictures
from toolkit.cli.inspection.flows import draw_flows, flow_as_json
from toolkit.cli.output import print_json, writing
from toolkit.text import label_key

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping, Sequence

    import torch

    from toolkit.cli.progress import Progress
    from toolkit.interpret.spectral.spectrum import Spectra
    from toolkit.interpret.spectral.weights import BlockNorms
    from toolkit.library.session import Session
    from toolkit.nn.equivariant_linear import EquivariantLinear
    from toolkit.nn.files import FileChecksum

_ROWS = 40  # of simples in the printed table
_INPUTS = ("inputs", "input", "data", "batch")


def run(options: argparse.Namespace, session: Session, progress: Progress) -> int:
    """Print the tables and write the pictures."""
    path, folder = Path(options.checkpoint), Path(options.output)
    if options.data is not None and options.activation is None:
        raise UsageError("--data needs --activation: a checkpoint does not name its activation")
    require_pictures(options)
    content = loaded(path, unchecked=options.unchecked)
    from toolkit.interpret.checkpoint import layers_of_checkpoint
    from toolkit.interpret.spectral.weights import block_norms
    from toolkit.nn.files import as_state

    state, checksum = as_state(content, str(path)), checksum_of(path)
    layers = layers_of_checkpoint(state, session)
    norms = [one for name, layer in layers.items() for one in block_norms(layer, name)]
    if not norms:
        raise UsageError(f"the layers of {str(path)!r} have no weights: no simple, or no channel")
    data: dict[str, Any] = {
        "schema": 1,
        "checkpoint": path.name,
        "checksum": {"kind": checksum.kind, "holds": checksum.holds},
        "layers": [_described(name, layer) for name, layer in layers.items()],
        "weights": [asdict(one) for one in norms],
        "spectra": None,
        "flow": None,
        "pictures": [],
    }
    spectra = graph = None
    if options.activation is not None:
        x = _batch(options, content, layers)
        model = _network(state, layers, options.activation)
        from toolkit.interpret.flows.flow import flow
        from toolkit.interpret.spectral.record import spectra as spectra_of

        spectra = spectra_of(model, x)
        graph = flow(model, x, options.attribution or "single")
        data["spectra"] = spectra.state()
        data["flow"] = flow_as_json(graph)
    if not options.no_pictures:
        data["pictures"] = _pictures(folder / path.stem, norms, graph)
    progress.close()
    if options.json:
        print_json(data)
        return 0
    console = Console()
    console.write(*_page(data, norms, spectra, console, checksum))
    return 0


# -- what is read ---------------------------------------------------------------------------------


def _batch(
    options: argparse.Namespace, content: Mapping[str, Any], layers: Mapping[str, EquivariantLinear]
) -> torch.Tensor:
    import torch

    first = next(iter(layers.values()))
    if options.data is None:
        x = next((content[n] for n in _INPUTS if isinstance(content.get(n), torch.Tensor)), None)
        if x is None:
            raise UsageError(
                "--activation needs data: add --data FILE, or save an input batch as 'inputs' "
                "next to the state_dict"
            )
    else:
        x = one_batch(Path(options.data))
    shape = (first.X.degree, first.in_channels)
    if x.dim() < 2 or tuple(x.shape[-2:]) != shape or not x.numel():
        raise UsageError(
            f"the data must have shape (samples, {shape[0]}, {shape[1]}), points of "
            f"{first.X.name} of {first.X.group_title} and channels; found {tuple(x.shape)}"
        )
    return x.to(first.weight.dtype)


def _network(
    state: Mapping[str, Any], layers: Mapping[str, EquivariantLinear], activation: str
) -> torch.nn.Module:
    """Return the layers in order, with the activation between them."""
    from torch import nn

    from toolkit.errors import ModuleMismatchError
    from toolkit.modules.same_functions import same_functions
    from toolkit.nn.activation import Pointwise

    ends = ("weight", "bias", "_extra_state")
    own = {f"{name}.{end}".lstrip(".") for name in layers for end in ends}
    order = list(state)
    last = max(i for i, key in enumerate(order) if key in own)
    # the recipe of a whole network is no weight
    between = [k for k in order[:last] if k not in own and not k.endswith("_extra_state")]
    if between:
        raise UsageError(
            f"there are other weights between the layers ({', '.join(between[:3])}): for spectra "
            "of such a network use toolkit.interpret.spectra in Python"
        )
    modules: dict[str, nn.Module] = {}
    names = list(layers)
    for i, (name, layer) in enumerate(layers.items()):
        if i:
            before = layers[names[i - 1]]
            if not same_functions(before.Y, layer.X) or before.out_channels != layer.in_channels:
                raise ModuleMismatchError(
                    f"the layers are not a chain: {names[i - 1]} ends on {before.out_channels} x "
                    f"{before.Y.name}, {name} begins on {layer.in_channels} x {layer.X.name}"
                )
        modules[name.replace(".", "_") or "layer"] = layer
        if i + 1 < len(layers) or last + 1 < len(order):  # a head follows an activation
            function = Pointwise(activation, layer.Y, dtype=layer.weight.dtype)
            modules[f"activation{i + 1}"] = function
    if len(modules) == len(layers):
        raise UsageError("the checkpoint has only one layer, so it has no activation to inspect")
    from collections import OrderedDict

    return nn.Sequential(OrderedDict(modules))


# -- what is shown --------------------------------------------------------------------------------


def _described(name: str, layer: EquivariantLinear) -> dict[str, Any]:
    return {
        "name": name,
        "group": layer.X.group,
        "source": layer.X.name,
        "target": layer.Y.name,
        "points": [layer.X.degree, layer.Y.degree],
        "channels": [layer.in_channels, layer.out_channels],
        "bias": layer.bias is not None,
        "weights": layer.parameters_count(),
    }


def _pictures(stem: Path, norms: Sequence[BlockNorms], graph: Any) -> list[str]:  # noqa: ANN401
    from toolkit.figures import draw_weights

    with writing(stem.with_name(f"{stem.name}_weights.png")) as path:
        draw_weights(norms, path, f"Weights of {stem.name}")
    written = [path, *([] if graph is None else draw_flows(graph, stem))]
    return [str(path) for path in written]


def _said_of(checksum: FileChecksum) -> str:
    if checksum.holds is None:
        return "checksum: none, so a changed bit would not be noticed; tk.nn.save writes a checksum"
    if checksum.broken:
        return f"checksum: DOES NOT MATCH, {checksum.kind}: {checksum.broken}"
    return f"checksum: holds, {checksum.kind}"


def _page(
    data: dict[str, Any],
    norms: Sequence[BlockNorms],
    spectra: Spectra | None,
    console: Console,
    checksum: FileChecksum,
) -> list[str]:
    lines = [console.bold(f"{data['checkpoint']}: {len(data['layers'])} equivariant layers"), ""]
    for layer in data["layers"]:
        m, n = layer["points"]
        one, two = layer["channels"]
        text = (
            f"{layer['name'] or 'layer'}: {layer['group']}, {one} x {layer['source']} ({m}) to "
            f"{two} x {layer['target']} ({n}), {layer['weights']} weights"
        )
        lines += wrapped(text, console, indent="  ", hang="  ")
    lines += wrapped(_said_of(checksum), console, indent="  ", hang="  ")
    lines += ["", "factor on the energy in each simple: mean (most)", ""]
    labels = sorted({one.label for one in norms}, key=label_key)
    found = {(one.stage, one.label): f"{one.gain:.3g} ({one.largest**2:.3g})" for one in norms}
    shown = labels[:_ROWS]
    columns = [
        Column(
            layer["name"] or "layer",
            [found.get((layer["name"], label), "-") for label in shown],
            right=True,
        )
        for layer in data["layers"]
    ]
    for block in blocks(console, [Column("simple", shown)], columns):
        lines += [*block, ""]
    if len(shown) < len(labels):
        lines += [f"  and {len(labels) - len(shown)} simples more; --json has them all", ""]
    if spectra is not None:
        lines += ["share of the energy in each simple, percent", ""]
        lines += ["  " + line for line in spectra.to_table(most=8).splitlines()]
        lines.append("")
    lines += [f"  written: {path}" for path in data["pictures"]]
    return lines
