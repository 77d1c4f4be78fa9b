"""Make data/explorer: the records and names that the page in the browser reads.

    python data/build_explorer.py                  # all of it: about half an hour on two cores
    python data/build_explorer.py --orders 1-31    # groups of these orders, and those with names
    python data/build_explorer.py --only names     # one part: records, shards, names or tables
    python data/build_explorer.py --check 20       # make 20 random records again and compare

Records are kept one by one in the work folder, so that a build that was stopped goes on; they are
made again when the code that makes them has changed, unless --keep says otherwise. GAP's answers
are kept in the cache folder: nothing is asked twice.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import random
import sys
import time
import warnings
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

from build_answers import names as names_with_answers
from tqdm import tqdm

import toolkit
from toolkit.errors import ToolkitError
from toolkit.explorer.pack.aliases import aliases
from toolkit.explorer.pack.columns import packed
from toolkit.explorer.pack.contents import (
    EXTRA_NAMES,
    LARGEST_ORDER,
    catalog_names,
    named_groups,
    record_of,
)
from toolkit.explorer.pack.reading import Pack
from toolkit.explorer.pack.shards import library_number, write_manifest, write_shards
from toolkit.library.naming import group
from toolkit.library.session import Session
from toolkit.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).resolve().parent
TARGET = HERE / "explorer"
CODE = HERE.parent / "toolkit"
PARTS = ("records", "shards", "names", "tables")

warnings.filterwarnings("ignore", "D4 is", UserWarning)
_session: Session | None = None


def _open_session(cache: str) -> None:
    """Open the session of a worker."""
    global _session  # one for each process of the pool
    _session = Session(Settings.from_environment({"PLREP_CACHE_DIR": cache}), processes=1)


def _made(name: str, file: Path) -> tuple[str, float, str]:
    """Make a record and write it; return its name, the seconds, and why it could not be made."""
    start = time.monotonic()
    try:
        record = record_of(name, _session)
    except ToolkitError as error:
        return name, time.monotonic() - start, str(error)
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(".part")
    part.write_bytes(_text(record))
    part.replace(file)
    return name, time.monotonic() - start, ""


def _text(record: object) -> bytes:
    text = json.dumps(record, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return gzip.compress(text.encode(), 6, mtime=0)


class Build:
    """One run of the script.

    Parameters
    ----------
    target
        The folder of the page's data.
    work
        Where records are kept one by one.
    cache
        Where GAP's answers are kept.
    orders
        The smallest and the largest order.
    """

    def __init__(self, target: Path, work: Path, cache: Path, orders: tuple[int, int]) -> None:
        self.target, self.work, self.cache = target, work, cache
        self.names = catalog_names(*orders)
        self.largest = orders[1]
        _open_session(str(cache))
        answered = [n for n in names_with_answers() if not n.startswith(("SmallGroup(", "<"))]
        self.named = named_groups([*answered, *EXTRA_NAMES], _session)

    def file(self, name: str) -> Path:
        """Return where the record of a group is kept."""
        number = library_number(name)
        if number is not None:
            return self.work / str(number[0]) / f"{number[1]}.json.gz"
        return self.work / "named" / f"{hashlib.sha256(name.encode()).hexdigest()[:16]}.json.gz"

    def forget_old_records(self) -> None:
        """Delete records that other code has made."""
        digest = hashlib.sha256()
        for folder in ("explorer/record", "explorer/pack", "formats/group_page", "figures/graph"):
            for path in sorted((CODE / folder).glob("*.py")):
                digest.update(path.read_bytes())
        stamp = self.work / "code.txt"
        if stamp.is_file() and stamp.read_text() != digest.hexdigest():
            print("the code has changed: records are made again (--keep keeps them)")
            for path in self.work.glob("*/*.json.gz"):
                path.unlink()
        self.work.mkdir(parents=True, exist_ok=True)
        stamp.write_text(digest.hexdigest())

    def records(self, processes: int) -> int:
        """Make the records that are not there; return how many could not be made."""
        wanted = [n for n in [*self.named, *self.names] if not self.file(n).is_file()]
        failures: dict[str, str] = {}
        slow: list[tuple[float, str]] = []
        with (
            ProcessPoolExecutor(
                processes, get_context("spawn"), _open_session, (str(self.cache),)
            ) as pool,
            tqdm(total=len(wanted), unit="group", smoothing=0.02) as bar,
        ):
            # one worker takes the next group when it is done: few are far ahead of the others
            for done in as_completed([pool.submit(_made, n, self.file(n)) for n in wanted]):
                name, seconds, reason = done.result()
                slow = sorted([*slow, (seconds, name)])[-5:]
                if reason:
                    failures[name] = reason
                bar.update()
        for name, reason in failures.items():
            print(f"{name}: {reason}")
        print("slowest:", ", ".join(f"{name} {seconds:.1f} s" for seconds, name in reversed(slow)))
        return len(failures)

    def kept(self, names: list[str]) -> Iterator[dict[str, Any]]:
        """Yield the records of groups that are there."""
        for name in names:
            file = self.file(name)
            if file.is_file():
                yield json.loads(gzip.decompress(file.read_bytes()))

    def shards(self) -> None:
        """Write shards and manifest from the records."""
        for old in (self.target / "shards").glob("*.json.gz"):
            old.unlink()
        shards = write_shards(self.kept(self.names), self.target)
        named = write_shards(self.kept(self.named), self.target, "named")
        assert _session is not None
        versions = {"version": toolkit.__version__, "gap": _session.hello()["version"]}
        write_manifest(self.target, shards, named, versions)
        groups = sum(s["count"] for s in shards)
        for kind, some in (("catalog", shards), ("named", named)):
            size = sum((self.target / s["file"]).stat().st_size for s in some)
            count = max(1, sum(s["count"] for s in some))
            print(f"{kind}: {count} groups, {len(some)} shards, {size / 1e6:.2f} MB, "
                  f"{size / count / 1000:.2f} kB each")  # fmt: skip
        if groups < len(self.names):
            print(f"{len(self.names) - groups} groups have no record")

    def names_file(self) -> None:
        """Write names.json.gz."""
        described = [
            (record["name"], description)
            for record in self.kept(self.names)
            for description in _descriptions(record)
        ]
        described += [  # of groups above the catalog: names lead to the record by name
            (record["name"], alias)
            for record in self.kept(self.named)
            if not isinstance(record["order"], int) or record["order"] > LARGEST_ORDER
            for alias in [*record["aliases"], *_descriptions(record)]
        ]
        found = aliases(described, self.named, self._identify, self.largest)
        file = self.target / "names.json.gz"
        file.write_bytes(packed(found))
        several = sum(isinstance(value, list) for value in found.values())
        print(
            f"names: {len(found)}, {several} of several groups, {file.stat().st_size / 1e3:.0f} kB"
        )

    def _identify(self, text: str) -> tuple[int, int] | None:
        return group(text, session=_session).small_group_id

    def tables(self) -> None:
        """Write the tables of the catalog."""
        from toolkit.catalog.catalog import open as open_catalog
        from toolkit.explorer.pack.tables import catalog_files

        condition = f"order <= {self.largest}"
        sizes = catalog_files(open_catalog(), self.target, condition)
        print(f"tables: {len(sizes)} files, {sum(sizes.values()) / 1e6:.2f} MB")

    def check(self, count: int, seed: int) -> int:
        """Make random records again and compare with the shards; return how many differ."""
        pack = Pack(self.target)
        wrong = 0
        for name in tqdm(random.Random(seed).sample([*self.named, *self.names], count)):
            made = json.loads(gzip.decompress(_text(record_of(name, _session))))
            kept = pack.record(name)
            if made != kept:
                wrong += 1
                keys = [k for k in made if kept is None or made[k] != kept.get(k)]
                print(f"{name} differs: {', '.join(keys)}")
        print(f"{count} records compared, {wrong} differ")
        return wrong


def _descriptions(record: dict[str, Any]) -> set[str]:
    """Return GAP's description of a group, out of the facts."""
    facts = dict(record["facts"])
    return {facts["description"].partition("  (")[0]} if "description" in facts else set()


def _orders(text: str) -> tuple[int, int]:
    first, _, last = text.partition("-")
    pair = int(first), int(last or first)
    if not 1 <= pair[0] <= pair[1] <= LARGEST_ORDER:
        raise argparse.ArgumentTypeError(f"orders from 1 to {LARGEST_ORDER}, such as 1-31")
    return pair


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--target", type=Path, default=TARGET)
    parser.add_argument("--work", type=Path, default=Path("out") / "explorer")
    parser.add_argument("--cache", type=Path, default=Path("out") / "explorer-cache")
    parser.add_argument("--orders", type=_orders, default=(1, LARGEST_ORDER))
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--only", choices=PARTS, action="append", help="may be repeated")
    parser.add_argument("--keep", action="store_true", help="keep records that older code made")
    parser.add_argument("--check", type=int, metavar="N", help="compare N random groups")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    build = Build(options.target, options.work, options.cache, options.orders)
    if options.check:
        return 1 if build.check(options.check, options.seed) else 0
    parts = options.only or PARTS
    failures = 0
    start = time.monotonic()
    if "records" in parts:
        if not options.keep:
            build.forget_old_records()
        failures = build.records(options.processes)
    options.target.mkdir(parents=True, exist_ok=True)
    if "shards" in parts:
        build.shards()
    if "names" in parts:
        build.names_file()
    if "tables" in parts:
        build.tables()
    size = sum(path.stat().st_size for path in options.target.rglob("*") if path.is_file())
    print(f"{options.target}: {size / 1e6:.1f} MB, {time.monotonic() - start:.0f} s")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
