"""``plrep inspect --task``: which simples the neurons of a network on a group task use."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.cli.console import Console, UsageError
from toolkit.cli.inspection.files import (
    assigned,
    checksum_of,
    chosen_tensor,
    loaded,
    numbers,
    require_pictures,
)
from toolkit.cli.options import pick_module
from toolkit.cli.output import print_json, writing

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from toolkit.cli.progress import Progress
    from toolkit.interpret.tasks.ablation import AblationReport
    from toolkit.library.group import Group
    from toolkit.library.session import Session

_LOSS = ("left", "right", "output")


def run(options: argparse.Namespace, session: Session, progress: Progress) -> int:
    """Print the report and draw it."""
    tables = assigned(options.table, "--table")
    weights = assigned(options.weights, "--weights")
    if not tables:
        raise UsageError("--task needs --table SITE=TENSOR, a tensor with a row for each element")
    for name in (*weights, *assigned(options.cosets, "--cosets")):
        if name not in tables:
            raise UsageError(f"there is no site {name!r:.40}: add --table {name:.40}=TENSOR")
    _require_ablation(options, set(tables))
    if (options.controls or 0) < 0:
        raise UsageError(f"--controls must be at least 0, not {options.controls}")
    require_pictures(options)
    path = Path(options.checkpoint)
    from toolkit.nn.files import as_state

    state = as_state(loaded(path, unchecked=options.unchecked), str(path))
    found = {name: chosen_tensor(state, text) for name, text in tables.items()}
    reading = {name: chosen_tensor(state, text) for name, text in weights.items()}
    from toolkit.interpret.tasks.group_task import group_task_report
    from toolkit.library.naming import group

    G = group(options.task, session=session)
    order = _order(options)
    modules: dict[str, Any] = {
        name: pick_module(G, text) for name, text in assigned(options.cosets, "--cosets").items()
    }
    controls = 200 if options.controls is None else options.controls
    seed = options.seed or 0
    report = group_task_report(
        G, found, reading, **order, modules=modules, cosets=not options.no_coset_scores,
        controls=controls, seed=seed,
    )  # fmt: skip
    ablation = None
    if options.ablate:
        if modules:
            raise UsageError("--ablate is for tables with a row for each element: drop --cosets")
        ablation = _ablation(options, G, found, reading, state, order, seed)
    pictures = [] if options.no_pictures else [Path(options.output) / f"{path.stem}_task.png"]
    if pictures:
        from toolkit.figures import draw_group_task

        with writing(pictures[0]) as picture:
            draw_group_task(report, picture)
    checksum = checksum_of(path)
    progress.close()
    if options.json:
        print_json(
            {
                "schema": 1,
                "checkpoint": path.name,
                "checksum": {"kind": checksum.kind, "holds": checksum.holds},
                "tables": tables,
                "weights": weights,
                "report": report.state(),
                "ablation": None if ablation is None else ablation.state(),
                "pictures": [str(p) for p in pictures],
            }
        )
        return 0
    console = Console()
    console.write(*report.to_table().splitlines())
    if ablation is not None:
        console.write("", *ablation.to_table().splitlines())
    if pictures:
        console.write("", *(f"  written: {p}" for p in pictures))
    return 0


def _require_ablation(options: argparse.Namespace, sites: set[str]) -> None:
    own = {"activation": options.activation, "bias": options.bias,
           "output-bias": options.output_bias}  # fmt: skip
    given = [name for name, value in own.items() if value is not None]
    if given and not options.ablate:
        raise UsageError(f"--{given[0]} belongs to the loss: add --ablate")
    if options.ablate and sites != set(_LOSS):
        raise UsageError(
            f"--ablate needs the sites left, right and output, found {', '.join(sorted(sites))}: "
            "for another network call ablate_simples in Python with your own loss"
        )


def _order(options: argparse.Namespace) -> dict[str, Any]:
    """Return the order of the rows, as keywords."""
    if options.order is not None and options.elements is not None:
        raise UsageError("--order and --elements exclude each other")
    import numpy as np

    out = {}
    for keyword, given in (("table", options.order), ("elements", options.elements)):
        if given is not None:
            found = np.asarray(numbers(Path(given)))
            if found.dtype.kind not in "iu" or found.ndim != 2:
                raise UsageError(
                    f"{given!r} must hold integers in two axes, found {found.dtype} of shape "
                    f"{found.shape}"
                )
            out[keyword] = found
    return out


def _ablation(
    options: argparse.Namespace,
    G: Group,
    tables: Mapping[str, Any],
    weights: Mapping[str, Any],
    state: Mapping[str, Any],
    order: dict[str, Any],
    seed: int,
) -> AblationReport:
    """Return the ablation of the functions of the neurons: tables times the weights that read."""
    from toolkit.interpret.tasks.ablation import ablate_simples
    from toolkit.interpret.tasks.product_network import product_loss

    functions = {
        name: table.double() @ weights[name].double().T if name in weights else table
        for name, table in tables.items()
    }
    biases = {
        keyword: None if text is None else chosen_tensor(state, text)
        for keyword, text in (("bias", options.bias), ("output_bias", options.output_bias))
    }
    loss = product_loss(G, options.activation or "relu", **biases, **order)
    return ablate_simples(G, functions, loss, **order, seed=seed)
