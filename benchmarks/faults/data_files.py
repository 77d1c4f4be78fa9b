"""Files that others hold: catalogs, files of weights and the explorer's data, bit by bit.

Each fault is one changed bit, a file cut short, or a list of checksums that is not whole. Then
everything is asked of the file. What comes back must be the right rows or weights, or one error of
the toolkit in one sentence.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness import Row, Run, main

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: What is asked of a catalog: table and condition.
QUESTIONS = (
    ("groups", "order <= 40"),
    ("classes", "order = 24"),
    ("simples", "order = 24"),
    ("normal_subgroups", "order = 16"),
    ("quotients", "order = 32"),
    ("pl_maps", "order = 24"),
    ("modules", "order <= 30"),
    ("contents", "order = 12"),
    ("graphs", "order = 24"),
    ("edges", "order = 12"),
    ("closed_sets", "order = 12"),
    ("attempts", "order <= 60"),
    ("provenance", None),
)


@dataclass
class Tally:
    """What happened to the faults of one row."""

    found: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)

    def add(self, what: str, example: str = "") -> None:
        """Count one outcome."""
        self.found[what] += 1
        if what in ("wrong", "raw error") and len(self.examples) < 3:
            self.examples.append(example)

    def row(self, tried: str, promised: str) -> Row:
        """Return the row."""
        said = ", ".join(f"{n} {what}" for what, n in sorted(self.found.items()))
        if self.examples:
            said += f" ({'; '.join(self.examples)})"
        broken = self.found["wrong"] + self.found["raw error"]
        return Row(tried, self.found.total(), promised, said, broken)


def judged(tally: Tally, where: str, ask: Callable[[], object], right: object) -> None:
    """Ask once and count: right, refused in one sentence, wrong, or a raw error."""
    from toolkit.errors import ToolkitError

    try:
        answer = ask()
    except ToolkitError as error:
        one_line = "\n" not in str(error)
        tally.add("refused" if one_line else "raw error", f"{where}: {error}"[:150])
    except Exception as error:  # noqa: BLE001 - what must not happen is counted
        tally.add("raw error", f"{where}: {type(error).__name__} {error}"[:150])
    else:
        tally.add("right" if answer == right else "wrong", where)


@contextlib.contextmanager
def changed_bit(path: Path, bit: int) -> Iterator[None]:
    """Change a bit in place, leave the time of the file as it was, and put the bit back."""
    before = path.stat()

    def flip() -> None:
        with path.open("r+b") as stream:
            stream.seek(bit // 8)
            old = stream.read(1)[0]
            stream.seek(bit // 8)
            stream.write(bytes([old ^ 1 << bit % 8]))
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))

    flip()
    try:
        yield
    finally:
        flip()


@contextlib.contextmanager
def contents(path: Path, data: bytes | None) -> Iterator[None]:
    """Give a file other contents, or remove it, and put back what it had."""
    before = path.read_bytes()
    if data is None:
        path.unlink()
    else:
        path.write_bytes(data)
    try:
        yield
    finally:
        path.write_bytes(before)


# catalogs ---------------------------------------------------------------------------------------


def bundled_copy(run: Run) -> Path:
    """Return a copy of the bundled catalog."""
    from toolkit.files import bundled_catalog_path

    source = bundled_catalog_path()
    if source is None:
        raise FileNotFoundError("data/catalog")
    return Path(shutil.copytree(source, run.folder / "catalog"))


def everything(catalog: Any) -> str:  # noqa: ANN401 - a Catalog
    """Return a digest of the answers to all questions."""
    out = hashlib.sha256()
    for table, condition in QUESTIONS:
        out.update(repr(list(catalog.find(condition, table))).encode())
    out.update(repr(list(catalog.rows_of("SmallGroup(24,12)", "edges"))).encode())
    out.update(repr((catalog.plan, catalog.schema, catalog.sizes)).encode())
    return out.hexdigest()


def rows_of(catalog: Any, table: str) -> list[Any]:  # noqa: ANN401 - a Catalog
    """Return the answer to the question about one table."""
    return list(catalog.find(dict(QUESTIONS)[table], table))


def asked(folder: Path) -> str:
    """Open a catalog and ask everything."""
    import toolkit as tk

    with tk.catalog.open(folder) as catalog:
        return everything(catalog)


def places_in(run: Run, folder: Path) -> tuple[Path, int]:
    """Return a file of a folder and a bit in it: half of the time any bit of all, else any file."""
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    sizes = [p.stat().st_size for p in files]
    path = run.random.choices(files, sizes if run.random.random() < 0.5 else None)[0]
    return path, run.random.randrange(8 * path.stat().st_size)


def catalogs(run: Run) -> Iterator[Row]:
    """Changed bits, cut files and lists of checksums of a copy of the bundled catalog."""
    import toolkit as tk

    folder = bundled_copy(run)
    right = asked(folder)
    tally = Tally()
    for _ in range(run.count(2500)):
        path, bit = places_in(run, folder)
        with changed_bit(path, bit):
            judged(tally, f"{path.name} bit {bit}", lambda: asked(folder), right)
    yield tally.row("catalog: one bit changed, then opened and asked", "right rows or one error")

    tally = Tally()
    for _ in range(run.count(500)):
        path, bit = places_in(run, folder)
        table = path.stem if any(t == path.stem for t, _ in QUESTIONS) else "groups"
        with tk.catalog.open(folder) as catalog:
            wanted, ask = rows_of(catalog, table), partial(rows_of, catalog, table)
            with changed_bit(path, bit):
                judged(tally, f"{path.name} bit {bit}", ask, wanted)
    yield tally.row("catalog: one bit changed while it is open", "right rows or one error")

    tally = Tally()
    for _ in range(run.count(500)):
        path, bit = places_in(run, folder)
        with contents(path, path.read_bytes()[: bit // 8]):
            judged(tally, f"{path.name} cut at {bit // 8}", lambda: asked(folder), right)
    yield tally.row("catalog: one file cut short", "right rows or one error")

    tally = Tally()
    sums = folder / "SHA256SUMS"
    for _ in range(run.count(500)):
        lines = sums.read_text().splitlines(keepends=True)
        path, bit = places_in(run, folder)
        how = run.random.choice(
            ["absent", "empty", "line lost", "only some", "line doubled", "outside"]
        )
        other = run.random.randrange(len(lines))
        data: bytes | None = "".join({
            "absent": [], "empty": [],
            "line lost": [x for x in lines if path.name not in x],
            "only some": lines[:other],
            "line doubled": [*lines, lines[other]],
            "outside": [*lines, f"{'0' * 64}  ../{path.name}\n"],
        }[how]).encode()  # fmt: skip
        if path == sums:
            continue
        with contents(sums, None if how == "absent" else data), changed_bit(path, bit):
            judged(tally, f"{how}, {path.name} bit {bit}", lambda: asked(folder), right)
    yield tally.row(
        "catalog: a list of checksums that is not whole, beside a changed bit",
        "right rows or one error",
    )


def commands(run: Run) -> Iterator[Row]:
    """The same by the command line: its status and its one line."""
    folder = run.folder / "catalog"
    tally = Tally()
    for _ in range(run.count(40)):
        path, bit = places_in(run, folder)
        command = [*run.plrep, "find", "order = 8", "--columns", "group", "--catalog", str(folder)]
        with changed_bit(path, bit):
            done = subprocess.run(
                command, capture_output=True, text=True, env=run.environment(), check=False
            )
        sentence = done.returncode == 2 and not done.stdout and done.stderr.count("\n") == 1
        right = done.returncode == 0 and "5 rows" in done.stdout
        what = "refused" if sentence else "right" if right else "wrong"
        tally.add(what, f"{path.name} bit {bit}: {done.stderr[-80:]}")
    yield tally.row(
        "plrep find: one bit of the catalog changed", "right rows, or status 2, one line"
    )


def parts(run: Run) -> Iterator[Row]:
    """Changed bits and cuts of what a sweep has finished and not yet merged."""
    import toolkit as tk
    from toolkit.catalog.files.arrow import to_bytes
    from toolkit.catalog.files.folder import Folder, part_tables
    from toolkit.catalog.plan import Plan
    from toolkit.catalog.schema import TABLES

    with tk.catalog.open(run.folder / "catalog") as catalog, Folder(run.folder / "sweep") as home:
        home.start(Plan.of("6"))
        home.write_part(
            {
                table.name: to_bytes(catalog.rows_of(name, table.name).to_arrow())
                for table in TABLES
                if table.name != "provenance"
            }
            for name in ("SmallGroup(6,1)", "SmallGroup(6,2)")
        )
        (part,) = home.part_files()

    def read() -> list[list[tuple[str, list[dict[str, Any]]]]]:
        return [[(m, x.to_pylist()) for m, x in part_tables(part, t.name)] for t in TABLES]

    right, size = read(), part.stat().st_size
    bits, cuts = Tally(), Tally()
    for n in range(run.count(800)):
        bit = run.random.randrange(8 * size)
        with changed_bit(part, bit):
            judged(bits, f"bit {bit}", read, right)
        if n % 4 == 0:
            with contents(part, part.read_bytes()[: bit // 8]):
                judged(cuts, f"cut at {bit // 8}", read, right)
    yield bits.row("a sweep's finished groups: one bit changed, then read", "all rows or one error")
    yield cuts.row("a sweep's finished groups: cut short, then read", "all rows or one error")


# weights ----------------------------------------------------------------------------------------


def weights(run: Run) -> Iterator[Row]:
    """Changed bits and cuts of files of weights, of every container that has a checksum."""
    import torch

    import toolkit as tk
    from toolkit.interpret.checkpoint import layers_of_checkpoint

    torch.manual_seed(run.seed)
    net = tk.nn.EquivariantMLP(tk.group("C8").natural_module(), [1, 8, 2])
    writers: dict[str, tuple[str, Callable[[Path], None]]] = {
        "tk.nn.save .safetensors": ("net.safetensors", lambda path: tk.nn.save(net, path)),
        "tk.nn.save .pt": ("net.pt", lambda path: tk.nn.save(net, path)),
        "torch.save": ("plain.pt", lambda path: torch.save(net.state_dict(), path)),
    }

    def known(state: dict[str, Any]) -> list[tuple[str, list[int], str, bytes]]:
        return [
            (k, list(v.shape), str(v.dtype), v.detach().numpy().tobytes())
            for k, v in sorted(state.items())
        ]

    right = known(net.state_dict())
    readers: tuple[Callable[[Path], dict[str, Any]], ...] = (
        tk.nn.load,
        lambda path: tk.nn.from_state(path).state_dict(),
        lambda path: {
            **net.state_dict(),
            **{f"layers.{name.rpartition('.')[2]}.{key}": value
               for name, layer in layers_of_checkpoint(path).items()
               for key, value in layer.state_dict().items()},
        },
    )  # fmt: skip
    for name, (file, write) in writers.items():
        path = run.folder / file
        write(path)
        size, bits, cuts = path.stat().st_size, Tally(), Tally()
        for n in range(run.count(1500)):
            read = readers[0] if n % 20 else run.random.choice(readers[1:])
            bit = run.random.randrange(8 * size)
            with changed_bit(path, bit):
                judged(bits, f"{name} bit {bit}", lambda: known(read(path)), right)  # noqa: B023
        yield bits.row(f"{name}: one bit changed, then read by tk.nn", "right weights or one error")
        for _ in range(run.count(200)):
            length = run.random.randrange(size)
            with contents(path, path.read_bytes()[:length]):
                judged(cuts, f"{name} cut at {length}", lambda: known(tk.nn.load(path)), right)  # noqa: B023
        yield cuts.row(f"{name}: cut short, then read by tk.nn", "right weights or one error")


# the explorer -----------------------------------------------------------------------------------


def explorer(run: Run) -> Iterator[Row]:
    """Changed bits and cuts of the records that the page shows, read by Python."""
    from toolkit.explorer.pack.reading import Pack
    from toolkit.files import bundled_explorer_path

    source = bundled_explorer_path()
    if source is None:
        yield Row("explorer's data: one bit changed", 0, "right records", "there are no data", 0)
        return
    folder = run.folder / "explorer"
    shutil.copytree(source, folder, copy_function=os.symlink)
    whole = Pack(folder)
    firsts = {s["file"]: "SmallGroup({},{})".format(*s["first"]) for s in whole.manifest["shards"]}
    packed = [f for f in sorted(firsts) if (folder / f).stat().st_size < 200_000]

    def read(name: str) -> str:
        found = Pack(folder)
        answer = (
            found.record(name),
            found.candidates("s4"),
            found.candidates("c2 x c4"),
            len(found),
        )
        return hashlib.sha256(repr(answer).encode()).hexdigest()

    bits, cuts = Tally(), Tally()
    for n in range(run.count(1000)):
        file = run.random.choice([*packed, "names.json.gz", "manifest.json"] if n % 3 else packed)
        path, name = folder / file, firsts.get(file) or firsts[run.random.choice(packed)]
        if path.is_symlink():  # what is changed is a copy
            data = path.read_bytes()
            path.unlink()
            path.write_bytes(data)
        right, bit = read(name), run.random.randrange(8 * path.stat().st_size)
        with changed_bit(path, bit):
            judged(bits, f"{file} bit {bit}", lambda: read(name), right)  # noqa: B023
        if n % 5 == 0:
            with contents(path, path.read_bytes()[: bit // 8]):
                judged(cuts, f"{file} cut at {bit // 8}", lambda: read(name), right)  # noqa: B023
    yield bits.row("explorer's data: one bit changed, read by Python", "right records or one error")
    yield cuts.row("explorer's data: cut short, read by Python", "right records or one error")


def faults(run: Run) -> Iterator[Row]:
    """Yield the rows of all kinds of files."""
    os.environ["PLREP_CACHE_DIR"] = str(run.folder / "cache")
    yield from catalogs(run)
    yield from commands(run)
    yield from parts(run)
    yield from weights(run)
    yield from explorer(run)


if __name__ == "__main__":
    main(faults)
