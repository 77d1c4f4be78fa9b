"""``plrep inspect --symmetry``: the group that keeps a matrix, a layer's weight, or points."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.cli.console import Console, UsageError, labelled, wrapped
from toolkit.cli.inspection.files import chosen_tensor, loaded, numbers, require_pictures
from toolkit.cli.output import print_json, writing

if TYPE_CHECKING:
    import argparse

    from toolkit.cli.progress import Progress
    from toolkit.library.session import Session
    from toolkit.library.symmetry.found import FoundSymmetry


def run(options: argparse.Namespace, session: Session, progress: Progress) -> int:
    """Print the group, its modules and what decided, and draw the trade-off."""
    kind, path = options.symmetry, Path(options.checkpoint)
    of_layer = {name: getattr(options, name) for name in ("bias", "shuffles", "seed")}
    given = [name for name, value in of_layer.items() if value is not None]
    if given and kind != "layer":
        raise UsageError(f"--{given[0]} goes with --symmetry layer")
    require_pictures(options)
    data = numbers(path, options.tensor, unchecked=options.unchecked)
    keywords: dict[str, Any] = {name: value for name, value in of_layer.items() if name in given}
    if options.bias is not None:
        keywords["bias"] = _bias(path, options)
    from toolkit.library.symmetry.find import find_symmetry

    found = find_symmetry(data, kind=kind, tol=options.tolerance, session=session, **keywords)
    pictures = []
    if not options.no_pictures and found.trade_off is not None and found.trade_off.rows:
        from toolkit.figures import draw_trade_off

        with writing(Path(options.output) / f"{path.stem}_symmetry.png") as picture:
            draw_trade_off(found.trade_off, picture, f"Symmetry of {path.stem}")
            pictures.append(picture)
    answer = {
        "schema": 1,
        "file": path.name,
        "tensor": options.tensor,
        "kind": kind,
        "symmetry": found.to_json(),
        "averaged": None if found.averaged is None else found.averaged.tolist(),
        "pictures": [str(p) for p in pictures],
    }
    progress.close()
    if options.json:
        print_json(answer)
        return 0
    console = Console()
    console.write(*_page(found, path, kind, console))
    if pictures:
        console.write("", *(f"  written: {p}" for p in pictures))
    return 0


def _bias(path: Path, options: argparse.Namespace) -> Any:  # noqa: ANN401 - a tensor
    if path.suffix.lower() in (".npy", ".csv", ".tsv"):
        raise UsageError(f"--bias names a tensor, but {str(path)!r} contains only one table")
    from toolkit.nn.files import as_state

    state = as_state(loaded(path, unchecked=options.unchecked), str(path))
    return chosen_tensor(state, options.bias)


def _page(found: FoundSymmetry, path: Path, kind: str, console: Console) -> list[str]:
    title = f"{path.name}: the symmetry of a {kind}" if kind != "points" else (
        f"{path.name}: the symmetry of points"
    )  # fmt: skip
    lines = [console.bold(title), ""]
    lines += wrapped(f"group  {found.group.title}, order {found.group.order}", console)
    for name, module in found.modules.items():
        lines += wrapped(f"module of {name}  {module.name}, degree {module.degree}", console)
    lines += ["", "  what decided", ""]
    rows = [(f"{d.what} ({d.how})", d.detail) for d in found.decisions]
    lines += labelled(console, rows, indent="    ")
    lines += ["", f"  largest difference left after averaging  {found.residual:.3g}"]
    if found.trade_off is not None:
        lines += ["", *(f"  {line}" for line in str(found.trade_off).splitlines())]
    return lines
