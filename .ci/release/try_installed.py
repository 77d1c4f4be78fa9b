"""Run by the Python of an environment that holds the wheel: what a user would try first.

``python -I try_installed.py VERSION EXTRA...`` names the extras that are there; the others must be
refused with the line that installs them. Nothing of the checkout may be imported.
"""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from pathlib import Path

EXTRAS = ("graphs", "explorer", "catalog", "nn")


def require(truth: object, what: str) -> None:
    """End with a sentence if something does not hold."""
    if not truth:
        sys.exit(f"on the installed wheel: {what}")


def try_package(version: str) -> None:
    """Look where the package is, and at the files that come with it."""
    import toolkit
    from toolkit import files

    package = Path(toolkit.__file__).resolve().parent
    site = Path(sysconfig.get_path("purelib")).resolve()
    require(package == site / "toolkit", f"toolkit was imported from {package}")
    require(toolkit.__version__ == version, f"its version is {toolkit.__version__}")
    require((package / "py.typed").exists(), "py.typed is missing")
    places = (files.gap_scripts_path(), files.bundled_answers_path(),
              files.bundled_catalog_path(), files.bundled_explorer_path())  # fmt: skip
    for place in places:
        require(place and place.resolve().is_relative_to(package), f"{place} is not in the wheel")


def try_answers() -> None:
    """Ask what the bundled answers know, and what only GAP knows."""
    import toolkit as tk

    graph = tk.interaction_graph(tk.group("S4").natural_module(), "relu")
    require(sorted(graph) == ["L0", "L3"], f"the graph of S4 on points has nodes {sorted(graph)}")
    order = tk.group("<(1,2,3,4,5,6,7),(1,2,4)(3,6,5)>").regular_module().degree
    require(order == 21, f"GAP gave the order {order} of the group of order 21")


def try_commands() -> None:
    """Run the command as it was installed; the import looks at each bundled answer."""
    from toolkit import files

    plrep = Path(sys.executable).with_name("plrep")
    bundled = str(files.bundled_answers_path())
    commands = (["--version"], ["doctor"], ["query", "S4", "--json"], ["graph", "C8"],
                ["cache", "import", bundled])  # fmt: skip
    for words in commands:
        done = subprocess.run([plrep, *words], capture_output=True, text=True, check=False)
        require(done.returncode == 0, f"plrep {' '.join(words)}: {done.stderr}")


def try_extra(extra: str) -> None:
    """Use what an extra is for."""
    import toolkit as tk

    if extra == "graphs":
        import igraph
        import networkx as nx

        require(igraph.__version__, "igraph has no version")
        order = tk.group_from_graph(nx.petersen_graph()).order
        require(order == 120, f"Petersen's graph has {order} symmetries")
    elif extra == "explorer":
        from toolkit.explorer.server import app

        require(app.__doc__, "the server has no docstring")
    elif extra == "catalog":
        found = tk.catalog.open().find("order <= 200 and simple and not abelian")
        require(len(found) == 2, f"the catalog has {len(found)} simple groups of order up to 200")
    else:
        import torch

        X = tk.group("S4").natural_module()
        shape = tk.nn.EquivariantLinear(X, X, 2, 3)(torch.zeros(5, 4, 2)).shape
        require(tuple(shape) == (5, 4, 3), f"a layer gave the shape {tuple(shape)}")


def try_without(extra: str) -> None:
    """See that what an absent extra is for is refused in a sentence that names it."""
    import toolkit as tk

    if extra == "graphs":
        return  # GAP finds the automorphisms instead
    try:
        if extra == "explorer":
            from toolkit.explorer.server.run import require_packages

            require_packages()
        elif extra == "catalog":
            tk.catalog.open().find("order = 1")
        else:
            tk.nn.EquivariantLinear  # noqa: B018
    except (tk.ToolkitError, ImportError) as error:
        require(f"plrep-toolkit[{extra}]" in str(error), f"without {extra} it says: {error}")
    else:
        require(False, f"without {extra}, what it is for was not refused")


def main(version: str, *present: str) -> None:
    """Try everything."""
    try_package(version)
    try_answers()
    try_commands()
    for extra in EXTRAS:
        (try_extra if extra in present else try_without)(extra)
    print(
        f"Python {sys.version.split()[0]}: the wheel serves with {', '.join(present) or 'no extra'}"
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
