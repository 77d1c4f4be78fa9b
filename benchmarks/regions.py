"""Regions of arrangements and of maps: how many, against known numbers, how long, how much memory.

Alone: ``python benchmarks/regions.py`` prints the short table of ``make bench``;
``python benchmarks/regions.py --page`` measures everything, each in a process of its own, and
renews the tables of docs/regions.md, and docs/regions.svg (some minutes; the groups of maps
ask GAP the first time).
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import platform
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import toolkit as tk
from toolkit.text import table as aligned

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))

from arrangements import reflections, resonance, threshold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from toolkit.modules.module import Module

ROOT = Path(__file__).resolve().parents[1]
PAGE, PICTURE = ROOT / "docs" / "regions.md", ROOT / "docs" / "regions.svg"

KINDS: dict[str, Callable[[str], Any]] = {
    "roots": reflections,
    "signs": lambda n: threshold(int(n)),
    "subsets": lambda n: resonance(int(n)),
}

#: Orders of reflection groups; OEIS A000609 and A034997.
KNOWN = {
    "roots of H3": 120,
    "roots of F4": 1152,
    "roots of H4": 14400,
    "roots of E6": 51840,
    "roots of E7": 2903040,
    "roots of E8": 696729600,
    "signs of 6": 94572,
    "signs of 7": 15028134,
    "signs of 8": 8378070864,
    "subsets of 6": 1066044,
    "subsets of 7": 347326352,
}
LARGEST = {"signs of 9": 17561539552946, "subsets of 8": 419172756930}
SMALLER = {"signs of 4": 104, "signs of 5": 1882, "subsets of 4": 370, "subsets of 5": 11292}

#: What CountingChambers.jl prints (Brysiewicz, Eble, Kuhne, arXiv 2105.14542).
BETTI = {
    "subsets of 4": (1, 15, 80, 170, 104),
    "subsets of 5": (1, 31, 375, 2130, 5270, 3485),
    "subsets of 6": (1, 63, 1652, 22435, 159460, 510524, 371909),
    "signs of 4": (1, 8, 28, 44, 23),
    "signs of 5": (1, 16, 120, 460, 820, 465),
    "signs of 6": (1, 32, 496, 4240, 19660, 43014, 27129),
    "signs of 7": (1, 64, 2016, 36848, 400400, 2453248, 7111650, 5023907),
}
#: Self-dual threshold functions up to symmetry, OEIS A001532; chambers are one orbit.
ORBITS = {
    "roots of H4": 1,
    "roots of E8": 1,
    "signs of 5": 7,
    "signs of 6": 21,
    "signs of 7": 135,
    "signs of 8": 2470,
    "subsets of 5": None,
    "subsets of 6": None,
    "subsets of 7": None,
}
WITHOUT_FACES = {"signs of 8", "subsets of 7"}


def normals(name: str) -> Any:  # noqa: ANN401 - numbers of any kind
    """Return the normals of an arrangement such as "roots of E8"."""
    kind, _, which = name.split()
    return KINDS[kind](which)


# -- maps -----------------------------------------------------------------------------------------


def cube(n: int) -> Module:
    """C2 wr S_n on the corners of a cube."""
    corners = list(itertools.product((1, -1), repeat=n))
    place = {corner: i for i, corner in enumerate(corners)}
    generators = [
        [place[c[1:] + c[:1]] for c in corners],
        [place[c[1], c[0], *c[2:]] for c in corners],
        [place[-c[0], *c[1:]] for c in corners],
    ]
    return tk.group_from_permutations(generators, name=f"C2 wr S{n}").natural_module()


def lines() -> Module:
    """W(E6) on the 27 weights of its smallest representation."""
    pairs = [(0, 2), (1, 3), (2, 3), (3, 4), (4, 5)]
    cartan = [[2 * (i == j) - ((i, j) in pairs or (j, i) in pairs) for j in range(6)]
              for i in range(6)]  # fmt: skip

    def reflected(weight: tuple[int, ...], i: int) -> tuple[int, ...]:
        return tuple(x - weight[i] * c for x, c in zip(weight, cartan[i], strict=True))

    weights = [(1, 0, 0, 0, 0, 0)]
    for weight in weights:
        weights += [w for i in range(6) if (w := reflected(weight, i)) not in weights]
    images = [[weights.index(reflected(w, i)) for w in weights] for i in range(6)]
    return tk.group_from_permutations(images, name="W(E6)").natural_module()


def all_subsets(n: int) -> Module:
    """S_(n+1) on its proper non-empty subsets."""
    group = tk.group(f"S{n + 1}")
    sets = [s for k in range(1, n + 1) for s in itertools.combinations(range(n + 1), k)]
    place = {s: i for i, s in enumerate(sets)}
    generators = group.natural_module().images.tolist()
    return group.module_from_images(
        [[place[tuple(sorted(g[x] for x in s))] for s in sets] for g in generators]
    )


def rotations(points: int) -> Module:
    """A5 on the corners, faces or edges of an icosahedron, or on itself."""
    group = tk.group("A5")
    if points == 60:
        return group.regular_module()
    return next(X for X in group.permutation_modules() if X.degree == points)


#: Modules with the dimension of the simple, and the number of regions.
MAPS: dict[str, tuple[Callable[[], Module], int, int]] = {
    "A5 on 12 points": (lambda: rotations(12), 3, 32),
    "A5 on 20 points": (lambda: rotations(20), 3, 92),
    "A5 on 30 points": (lambda: rotations(30), 3, 120),
    "A5 on itself, generic": (lambda: rotations(60), 3, 3542),
    "W(E6) on 27 points": (lines, 6, 20790),
    "C2 wr S6 on 64 points": (lambda: cube(6), 6, 94572),
    "C2 wr S7 on 128 points": (lambda: cube(7), 7, 15028134),
    "C2 wr S8 on 256 points": (lambda: cube(8), 8, 8378070864),
    "S5 on its subsets": (lambda: all_subsets(4), 4, 370),
    "S6 on its subsets": (lambda: all_subsets(5), 5, 11292),
    "S7 on its subsets": (lambda: all_subsets(6), 6, 1066044),
}


# -- measurements ---------------------------------------------------------------------------------


def counted(name: str) -> dict[str, Any]:
    """Count an arrangement, or the regions of a map."""
    if name in MAPS:
        module, dimension, _ = MAPS[name]
        X = module()
        label = reflection(X, dimension)
        start = time.process_time()
        phi = tk.pl_map(X, label, "L0", "abs")
        found: Any = phi.count_regions()
        size = (len(phi.hyperplanes), dimension)
        more: dict[str, Any] = {}
    else:
        rows = normals(name)
        start = time.process_time()
        found = tk.regions(rows)
        size = (found.hyperplanes, found.rank)
        more = {"betti": found.betti, "classes": max(found.classes, default=0)}
    seconds = time.process_time() - start
    known = {"regions": int(found), "certainty": found.certainty}
    return {"n": size[0], "rank": size[1], **known, **more, "seconds": seconds}


def reflection(X: Module, dimension: int) -> str:
    """Return a simple of this dimension: of a cube or its subsets the one of coordinates."""
    labels = [s for s in X.multiplicities if dict(_dimensions(X))[s] == dimension]
    return labels[-1] if X.degree in (64, 128) else labels[0]


def _dimensions(X: Module) -> Iterable[tuple[str, int]]:
    return ((simple.label, simple.dimension) for simple in tk.fourier_basis(X).simples)


def orbits(name: str) -> dict[str, Any]:
    """Find the regions of an arrangement up to symmetry."""
    rows = normals(name)
    start = time.process_time()
    found = tk.region_orbits(rows)
    seconds = time.process_time() - start
    faces = None if name in WITHOUT_FACES else found.faces()
    return {
        "symmetries": found.symmetries,
        "orbits": len(found.orbits),
        "regions": found.regions,
        "certainty": found.certainty,
        "wall orbits": len(found.walls),
        "walls": found.wall_count,
        "walls_are": found.walls_are,
        "largest": max(found.stabilisers),
        "faces": faces and faces.faces,
        "face orbits": faces and faces.orbits,
        "seconds": seconds,
        "with faces": time.process_time() - start,
    }


def alone(question: str, name: str) -> dict[str, Any]:
    """Ask in a process of its own; with the memory that it took at most, in MB."""
    command = [sys.executable, __file__, "--one", question, name]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    found: dict[str, Any] = json.loads(done.stdout)
    print(f"{question} {name}: {found['seconds']:.1f} s", file=sys.stderr)
    return found


def one(question: str, name: str) -> None:
    """Answer in this process."""
    tk.region_orbits(resonance(3)).faces()  # what is imported once is not measured
    found = {"count": counted, "orbits": orbits}[question](name)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found["peak"] = peak / (1024 * 1024 if platform.system() == "Darwin" else 1024)
    print(json.dumps(found))


def report() -> None:
    """Print the short table."""
    header = ("normals", "n", "rank", "regions", "as known", "is", "classes", "seconds")
    cells = [list(header)]
    for name, number in KNOWN.items():
        row = counted(name)
        same = "yes" if row["regions"] == number else f"NO: {number:,}"
        cells.append(
            [name, str(row["n"]), str(row["rank"]), f"{row['regions']:,}", same, row["certainty"],
             str(row["classes"]), f"{row['seconds']:.2f}"]
        )  # fmt: skip
    print("\nregions of arrangements", *aligned(cells, right=(1, 2, 3, 6, 7), indent=2), sep="\n")


# -- the page -------------------------------------------------------------------------------------


def markdown(header: Sequence[str], rows: Iterable[Sequence[object]], left: int = 1) -> str:
    """Return a table; all but the first columns are numbers."""
    marks = ["---"] * left + ["---:"] * (len(header) - left)
    lines = [header, marks, *rows]
    return "\n".join("| " + " | ".join(str(x) for x in line) + " |" for line in lines) + "\n"


def agreed(found: int, known: int) -> str:
    """Return the number, or shout."""
    return f"{found:,}" if found == known else f"**{found:,}, not {known:,}**"


def page() -> None:
    """Measure everything, and write the page and its picture."""
    names = {**SMALLER, **KNOWN, **LARGEST}
    counts = {name: alone("count", name) for name in [*names, *MAPS]}
    found = {name: alone("orbits", name) for name in ORBITS}
    known = {**names, **{name: number for name, (_, _, number) in MAPS.items()}}
    table = markdown(
        ("arrangement", "hyperplanes", "rank", "regions", "label", "seconds", "MB"),
        [
            (name, c["n"], c["rank"], agreed(c["regions"], known[name]), c["certainty"],
             f"{c['seconds']:.2f}", f"{c['peak']:.0f}")
            for name, c in counts.items()
        ],
    )  # fmt: skip
    betti = markdown(
        ("normals", "Betti numbers", "as published"),
        [
            (name, ", ".join(f"{b:,}" for b in counts[name]["betti"]),
             "yes" if tuple(counts[name]["betti"]) == numbers else "**no**")
            for name, numbers in BETTI.items()
        ],
        left=3,
    )  # fmt: skip
    walks = markdown(
        ("normals", "symmetries", "orbits of regions", "orbits of walls", "walls", "regions are",
         "walls are", "seconds", "MB"),
        [
            (name, f"{f['symmetries']:,}", agreed(f["orbits"], ORBITS[name] or f["orbits"]),
             f"{f['wall orbits']:,}", f"{f['walls']:,}", f["certainty"], f["walls_are"],
             f"{f['seconds']:.1f}", f"{f['peak']:.0f}")
            for name, f in found.items()
        ],
    )  # fmt: skip
    faces = markdown(
        ("normals", "faces by dimension", "orbits of faces", "seconds"),
        [
            (name, ", ".join(f"{x:,}" for x in f["faces"]), ", ".join(map(str, f["face orbits"])),
             f"{f['with faces'] - f['seconds']:.1f}")
            for name, f in found.items()
            if f["faces"]
        ],
        left=3,
    )  # fmt: skip
    growth = grown(counts)
    made = (
        f"Measured with Python {platform.python_version()} on {platform.machine()}, one thread.\n"
    )
    parts = {"counts": table, "betti": betti, "orbits": walks, "faces": faces, "growth": growth,
             "made": made}  # fmt: skip
    text = PAGE.read_text(encoding="utf-8")
    for key, part in parts.items():
        before, _, rest = text.partition(f"<!-- {key} -->\n")
        after = rest.partition(f"<!-- end of {key} -->\n")[2]
        text = f"{before}<!-- {key} -->\n{part}<!-- end of {key} -->\n{after}"
    PAGE.write_text(text, encoding="utf-8")
    picture(counts)


SERIES = {"sign vectors": ("signs of", range(4, 10)), "subsets": ("subsets of", range(4, 9))}


def grown(counts: dict[str, dict[str, Any]]) -> str:
    """Return the table of growth."""
    rows = []
    for title, (prefix, sizes) in SERIES.items():
        for n in sizes:
            c = counts[f"{prefix} {n}"]
            rows.append(
                (title, n, c["n"], f"{c['classes']:,}", f"{c['seconds']:.2f}", f"{c['peak']:.0f}")
            )
    return markdown(("normals", "n", "hyperplanes", "largest number of classes", "seconds", "MB"),
                    rows)  # fmt: skip


def picture(counts: dict[str, dict[str, Any]]) -> None:
    """Draw time and memory over n."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 3.4), layout="constrained")
    left, right = figure.subplots(1, 2)
    for title, (prefix, sizes) in SERIES.items():
        rows = [counts[f"{prefix} {n}"] for n in sizes]
        left.semilogy(sizes, [row["seconds"] for row in rows], "o-", label=title)
        right.plot(sizes, [row["peak"] for row in rows], "o-", label=title)
    left.set(xlabel="n", ylabel="seconds", title="time of tk.regions")
    right.set(xlabel="n", ylabel="MB", title="memory of the whole process", ylim=(0, None))
    left.legend()
    figure.savefig(PICTURE, metadata={"Date": None})


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--page", action="store_true", help="write docs/regions.md")
    parser.add_argument("--one", nargs=2, metavar=("QUESTION", "NAME"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        one(*options.one)
    elif options.page:
        page()
    else:
        report()
