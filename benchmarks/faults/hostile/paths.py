"""Paths of files that commands write and read."""

from __future__ import annotations

from hostile.case import Broken, Case, World, command
from hostile.text import mutated

_NAMES = ("out.json", "out.svg", "out.graphml", "out.dot", "a/b.json", "out.txt", ".json", "out")
_WRITERS: tuple[tuple[str, ...], ...] = (
    ("graph", "C4"),
    ("map", "S3", "--module", "points", "--source", "L2", "--target", "L2"),
    ("transfer", "C4"),
    ("layer", "C4"),
)
_READERS: tuple[tuple[str, ...], ...] = (
    ("inspect",),
    ("cache", "import"),
    ("catalog", "info"),
    ("find", "order<5", "--catalog"),
)


def case(world: World) -> Case:
    """Return a path, and write to it or read from it."""
    random = world.random
    (world.folder / "folder").mkdir(exist_ok=True)
    name = random.choice(_NAMES)
    if random.random() < 0.7:
        name = mutated(random, name, "./-~*?[]a:%", 5000)
    if random.random() < 0.2:
        name = random.choice(("", "folder", "folder/", ".", "..", "/", "x" * 300 + ".json",
                              "x/" * 3000 + "a.json", "/dev/full"))  # fmt: skip
    inside = name if name.startswith("/dev/") else f"{world.folder}/{name.lstrip('/~')}"
    inside = inside.replace("..", "_")
    if random.random() < 0.5:
        words = random.choice(_WRITERS)
        return Case(
            f"plrep {' '.join(words)} --output {name!r}",
            lambda: _write(world, (*words, f"--output={inside}")),
        )
    words = random.choice(_READERS)
    more = ("--no-pictures",) if words[0] == "inspect" else ()
    return Case(f"plrep {' '.join(words)} {name!r}", lambda: command(*words, inside, *more))


def _write(world: World, words: tuple[str, ...]) -> None:
    before = world.files()
    status = command(*words)
    fresh = world.files() - before
    for name in fresh:
        path = world.folder / name
        empty = path.stat().st_size == 0
        path.unlink()
        if status != 0 or empty:
            raise Broken(f"status {status}, and a part of a file: {name[:100]!r}")
