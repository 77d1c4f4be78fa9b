"""``plrep inspect``: trained networks and numbers, simple by simple."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from toolkit.cli.console import UsageError
from toolkit.cli.options import ACTIVATION_HELP

if TYPE_CHECKING:
    import argparse

    from toolkit.cli.progress import Progress
    from toolkit.library.session import Session

DESCRIPTION = """\
Inspects the weights of a checkpoint, simple by simple: the factor by which each equivariant linear
layer multiplies the energy of a function in L, as its mean over all directions and its maximum. The
layers are rebuilt from the recipes in the state_dict; nothing in the file is executed. --activation
and data add the energy in each simple before and after each activation, and the origin of each
simple, for the network of these layers with the activation between them.
Three options replace this:
--task shows the simples that the neurons of a network on a group task use, from plain tensors.
--symmetry finds the group that preserves a matrix, points or the weight of a layer.
--model shows zero components, spectra, flow and audit of a model from a Python file of yours. The
file is then EXECUTED, as by python FILE.py.
"""
EPILOG = """\
examples:
  plrep inspect model.pt
  plrep inspect model.pt --activation relu --data images.npy --output pictures
  plrep inspect model.pt --json --no-pictures
  plrep inspect net.pt --task S5 --table left=embed.weight --table right=embed.weight
      --weights "left=hidden.weight[:,:64]" --weights "right=hidden.weight[:,64:]"
  plrep inspect net.pt --task D104 --table left=a --table right=b --table output=c.T --ablate
  plrep inspect adjacency.csv --symmetry matrix
  plrep inspect net.pt --symmetry layer --tensor fc1.weight --tolerance 0.01
  plrep inspect --model net.py:make_net --sources L2,L3
  plrep inspect weights.pt --model net.py:make_net --data images.npy --show spectra,flow
  plrep inspect --model net.py:net --group C4 --input-module regular --show audit
  plrep inspect --model cnn.py:net --group D8 --images 28x28 --output-module invariant

The checkpoint is what torch.save writes of model.state_dict(), or of a dictionary with it as
"state_dict" or "model", and perhaps an input batch as "inputs"; or a safetensors file. A checksum
is compared: torch.save writes one, tk.nn.save writes one into safetensors files too. The data,
.npy or .pt, have shape (samples, points, channels); for several inputs a .pt file of a tuple, or of
a dictionary by name. Pictures: NAME_weights.png, NAME_flow.png and NAME_graph.png, NAME_zeros.png,
NAME_audit.png, NAME_task.png, NAME_symmetry.png. A TENSOR is a name in the file, .T after it
transposes, and slices of rows and columns follow in brackets, as in "hidden.weight[:,64:]".
"""

_MODES = ("task", "symmetry", "model")
_LAYERS = "layers"

# which kinds of inspection an option belongs to; others belong to all
_BELONGS: dict[str, tuple[str, ...]] = {
    "activation": (_LAYERS, "task"),
    "data": (_LAYERS, "model"),
    "attribution": (_LAYERS, "model"),
    "seed": ("task", "symmetry", "model"),
    "tolerance": ("symmetry", "model"),
    "bias": ("task", "symmetry"),
    **dict.fromkeys(("table", "weights", "cosets", "order", "elements", "controls",
                     "no_coset_scores", "ablate", "output_bias"), ("task",)),
    **dict.fromkeys(("tensor", "shuffles"), ("symmetry",)),
    **dict.fromkeys(("show", "sources", "group", "input_module", "output_module", "space",
                     "equivariant", "targets", "flat", "images", "channels",
                     "samples"), ("model",)),
}  # fmt: skip


def add_arguments(parser: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    """Describe the command's own arguments."""
    parser.add_argument(
        "checkpoint",
        metavar="FILE",
        nargs="?",
        help="a torch.save file or a .safetensors file; with --symmetry also .npy or .csv; "
        "with --model, optional weights to load into the model",
    )
    parser.add_argument(
        "--unchecked",
        action="store_true",
        help="accept a file whose checksum does not match, because it was edited on purpose",
    )
    parser.add_argument("--activation", metavar="F", help=ACTIVATION_HELP.replace(
        " (default: relu)", "; with data, the activation between the layers; with --ablate that of "
        "the hidden layer"))  # fmt: skip
    parser.add_argument(
        "--data", metavar="DATA", help="an input batch for the layers or the model, .npy or .pt"
    )
    parser.add_argument(
        "--attribution",
        choices=("single", "pairwise", "leave_one_out"),
        help="how effects are attributed to simples (default: single)",
    )
    parser.add_argument("--seed", type=int, metavar="N", help="of random controls (default: 0)")
    parser.add_argument(
        "--tolerance",
        type=float,
        metavar="T",
        help="with --symmetry: numbers that differ by at most T may be equal (default: found "
        "by a search); with --model: the largest relative error in the audit that counts "
        "as rounding (default: 1e-9)",
    )
    parser.add_argument("--bias", metavar="TENSOR", help="of the hidden layer, or of the layer")
    parser.add_argument(
        "--output", "-o", metavar="FOLDER", default=".", help="for the pictures (default: here)"
    )
    parser.add_argument("--no-pictures", action="store_true", help="print only")
    _add_task(parser.add_argument_group("a network on a group task, from plain tensors"))
    _add_symmetry(parser.add_argument_group("the symmetry of numbers"))
    _add_model(parser.add_argument_group("a model that a Python file makes"))


def _add_task(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--task", metavar="GROUP", help="the group whose product was learned")
    group.add_argument(
        "--table",
        metavar="SITE=TENSOR",
        action="append",
        help="a tensor with a row for each element, under any name: an embedding of inputs, an "
        "unembedding of outputs; once for each site",
    )
    group.add_argument(
        "--weights",
        metavar="SITE=TENSOR",
        action="append",
        help="(neurons, d): the weights that read the table (rows, d) of the site",
    )
    group.add_argument(
        "--cosets",
        metavar="SITE=MODULE",
        action="append",
        help="the rows of the site's table are the points of this module, such as H4a",
    )
    group.add_argument(
        "--order",
        metavar="FILE",
        help="the multiplication table in the order of the rows, .npy, .csv or .pt, 0-based "
        "(default: the order of the regular module)",
    )
    group.add_argument(
        "--elements",
        metavar="FILE",
        help="the elements in the order of the rows, as permutations of the natural points, "
        "0-based",
    )
    group.add_argument(
        "--controls",
        type=int,
        metavar="N",
        help="the number of random functions for comparison (default: 200)",
    )
    group.add_argument("--no-coset-scores", action="store_true", help="leave them out")
    group.add_argument(
        "--ablate",
        action="store_true",
        help="also the loss due to removing each simple, for logits output @ f(left + right + "
        "bias): the sites are left, right and output",
    )
    group.add_argument("--output-bias", metavar="TENSOR", help="of the logits, with --ablate")


def _add_symmetry(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--symmetry",
        choices=("matrix", "layer", "points"),
        help="matrix: simultaneous permutations of rows and columns; layer: pairs of "
        "permutations of outputs and inputs; points: isometries, a row for each point",
    )
    group.add_argument(
        "--tensor", metavar="TENSOR", help="the tensor in the file (default: the only one)"
    )
    group.add_argument(
        "--shuffles", type=int, metavar="N",
        help="of a layer: shuffled weights to compare with, for a p-value (default: 0)",
    )  # fmt: skip


def _add_model(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--model",
        metavar="FILE.py:NAME",
        help="EXECUTES the Python file; NAME in it is a torch module, or a function without "
        "arguments that returns one; it is inspected in evaluation mode",
    )
    group.add_argument(
        "--show",
        metavar="WHAT",
        help="some of zeros,spectra,flow,audit (default: all for which the other options suffice)",
    )
    group.add_argument(
        "--sources",
        metavar="LABELS",
        action="append",
        help="the simples in the input, as L1,L2 (default: measured in the data); for several "
        "inputs NAME=L1,L2, once for each",
    )
    group.add_argument("--group", metavar="GROUP", help="that of the modules given here")
    group.add_argument(
        "--input-module",
        metavar="MODULE",
        action="append",
        help="the module of the input, if no layer determines it; once for each of several "
        "inputs, in order, 'invariant' for numbers that the group does not change",
    )
    group.add_argument(
        "--output-module",
        metavar="MODULE",
        help="of the output, or 'invariant', for the audit (default: that of the input)",
    )
    group.add_argument(
        "--space",
        metavar="NAME=MODULE",
        action="append",
        help="the module of a submodule's input and output, or NAME=MODULE->MODULE for both",
    )
    group.add_argument(
        "--equivariant",
        metavar="NAME",
        action="append",
        help="a submodule that is known to be equivariant (not checked here)",
    )
    group.add_argument("--targets", metavar="DATA", help="for the loss of the audit, on the data")
    group.add_argument(
        "--flat",
        action="store_true",
        help="audit: points and channels are one axis, (samples, points * channels)",
    )
    group.add_argument(
        "--images",
        metavar="HxW",
        help="audit: the input is images (samples, channels, H, W), whose pixels the group "
        "moves: C4 rotates them, D8 also reflects them; replaces --input-module",
    )
    group.add_argument("--channels", type=int, metavar="C", help="audit: of noise (default: 1)")
    group.add_argument("--samples", type=int, metavar="N", help="audit: of noise (default: 64)")


def run(options: argparse.Namespace, session: Session, progress: Progress) -> int:
    """Print the tables and write the pictures."""
    mode = _mode(options)
    module = import_module(f"toolkit.cli.inspection.{mode}")
    status: int = module.run(options, session, progress)
    return status


def _mode(options: argparse.Namespace) -> str:
    """Return the kind of inspection; every option must belong to it."""
    given = [mode for mode in _MODES if getattr(options, mode) is not None]
    if len(given) > 1:
        raise UsageError(f"--{given[0]} and --{given[1]} exclude each other")
    mode = given[0] if given else _LAYERS
    for name, modes in _BELONGS.items():
        if getattr(options, name) not in (None, False) and mode not in modes:
            where = [f"--{m}" for m in modes if m != _LAYERS]
            where += ["a checkpoint alone"] if _LAYERS in modes else []
            raise UsageError(f"--{name.replace('_', '-')} goes with {' or '.join(where)}")
    if options.checkpoint is None and mode != "model":
        raise UsageError("FILE is missing: the weights or numbers to inspect; see --help")
    return mode
