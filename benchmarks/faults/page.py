"""The page of figures, docs/faults.md, from what is kept: ``python benchmarks/faults/page.py``.

Pieces of one part with one Python are added up: rows with the same ``tried`` and ``promised`` are
one line, their counts summed.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path
from typing import Any

from harness import RESULTS, ROOT, read_pieces

PAGE = ROOT / "docs" / "faults.md"

TEXT = """# What was tried to break it

`make faults` damages, interrupts, fills and overloads the toolkit, with a seed, and counts what
happens. It takes hours at full count; `make faults SHARE=0.01` takes minutes, `SEED=2` tries other
things, `PARTS="signals caches"` runs these parts only. What is already recorded for the same files,
seed, share and Python is not run again, and pieces of different seeds add up, so that a long run
can be made in parts. `make test` runs every part at a tiny share.

**broken** counts promises that were not kept. A row with count 0 says why it could not be tried.
The line below a table says with which seed, share of the full counts, Python and commit it was
made, and with what. Where it says that a run was cut short, rows behind those shown are missing.

"""

#: Words with a number each, and nothing else.
COUNTS = re.compile(r"[\d,]+ [^\d,;:()]+(, [\d,]+ [^\d,;:()]+)*")

HEADER = "| tried | Python | count | promised | happened | broken |\n|---|---|---:|---|---|---:|\n"


def parts() -> list[str]:
    """Return the names of all parts: the files here that have a function ``faults``."""
    files = sorted(Path(__file__).parent.glob("*.py"))
    return [f.stem for f in files if re.search(r"^def faults\(", f.read_text(), re.MULTILINE)]


def _cell(text: object) -> str:
    return " ".join(str(text).split()).replace("|", r"\|")


def _said(each: list[tuple[int, str]]) -> str:
    """Return what happened in all pieces: ``3 refused, 2 right`` is added up, other words not."""
    texts = list(dict.fromkeys(text for _, text in each))
    if len(each) == 1:
        return texts[0]
    if all(COUNTS.fullmatch(text) for text in texts):
        total: Counter[str] = Counter()
        for _, text in each:
            for item in text.split(", "):
                number, _, word = item.partition(" ")
                total[word] += int(number.replace(",", ""))
        return ", ".join(f"{number:,} {word}" for word, number in total.items())
    return texts[0] if len(texts) == 1 else "; ".join(f"seed {n}: {text}" for n, text in each)


def added_up(pieces: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows of all pieces, those that tried the same as one."""
    together: dict[tuple[str, str], list[tuple[int, dict[str, Any]]]] = {}
    for piece in pieces:
        for row in piece["rows"]:
            key = (row["tried"], row["promised"])
            together.setdefault(key, []).append((piece["seed"], row))
    out = []
    for (tried, promised), rows in together.items():
        out.append({
            "tried": tried, "promised": promised,
            "count": sum(row["count"] for _, row in rows),
            "happened": _said([(seed, row["happened"]) for seed, row in rows]),
            "broken": sum(row["broken"] for _, row in rows),
        })  # fmt: skip
    return out


def _title(part: str) -> str:
    source = (Path(__file__).parent / f"{part}.py").read_text(encoding="utf-8")
    return (ast.get_docstring(ast.parse(source)) or part).partition("\n")[0].rstrip(".")


def _made(piece: dict[str, Any]) -> str:
    """Return how a piece was made, in one line."""
    part, release = piece["part"], piece["versions"]
    others = ", ".join(f"{k} {v}" for k, v in release.items() if k != "python" and v != "none")
    cut = "" if piece["whole"] else ", cut short"
    source = f"commit {piece['commit']}, " if piece["commit"] else ""
    return (
        f"- Python {release['python']}: `python benchmarks/faults/{part}.py --seed {piece['seed']} "
        f"--share {piece['share']:g}`, {source}{piece['date']}, {piece['seconds']} s{cut} "
        f"({others})"
    )


def page(folder: Path = RESULTS) -> str:
    """Return the page's text; a part of which nothing is recorded is left out."""
    out: list[str] = []
    tried: Counter[str] = Counter()
    broken: Counter[str] = Counter()
    for part in parts():
        made, lines = [], []
        for file in sorted(folder.glob(f"{part}-python*.json")):
            release = file.stem.rpartition("python")[2]
            pieces = read_pieces(file)
            made += [_made({**piece, "part": part}) for piece in pieces]
            for row in added_up(pieces):
                cells = (row["tried"], release, f"{row['count']:,}", row["promised"])
                lines.append((*cells, row["happened"], row["broken"]))
                tried[release] += row["count"]
                broken[release] += row["broken"]
        order = {line[0]: k for k, line in reversed(list(enumerate(lines)))}
        lines.sort(key=lambda line: order[line[0]])  # the releases of Python side by side
        if lines:
            out.append(f"## {_title(part)}\n\n{HEADER}")
            out += ["| " + " | ".join(map(_cell, line)) + " |\n" for line in lines]
            out.append("\n" + "\n".join(made) + "\n\n")
    total = [f"{tried[v]:,} trials under Python {v}, {broken[v]:,} broken" for v in sorted(tried)]
    summary = f"In all: {'; '.join(total)}.\n\n" if total else ""
    return "".join([TEXT, summary, *out]).rstrip("\n") + "\n"


def write(file: Path = PAGE, folder: Path = RESULTS) -> None:
    """Write the page."""
    file.parent.mkdir(exist_ok=True)
    file.write_text(page(folder), encoding="utf-8")


if __name__ == "__main__":
    write()
