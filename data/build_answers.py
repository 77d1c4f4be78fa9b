"""Make data/answers.sqlite: the answers that come with the toolkit, so that they need no GAP.

    python data/build_answers.py            # all of it, a few minutes on two cores
    python data/build_answers.py --extend   # only the answers that the file does not have yet
    python data/build_answers.py --check 20 # recompute 20 random groups and compare

Contents: every group of order at most 31 by its small groups number, and the named families
below; for each all questions of toolkit.library.fill_store.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import random
import sys
import tempfile
from pathlib import Path

from tqdm import tqdm

from toolkit.catalog.verify.counts import GROUPS_OF_ORDER
from toolkit.library import Group, Session
from toolkit.library.fill_store import answer_everything
from toolkit.library.naming import group
from toolkit.settings import Settings
from toolkit.store import Store

TARGET = Path(__file__).with_name("answers.sqlite")
LARGEST_ORDER = 31


def names() -> list[str]:
    """Return the names of all bundled groups."""
    out = [
        f"SmallGroup({order},{index})"
        for order in range(1, LARGEST_ORDER + 1)
        for index in range(1, GROUPS_OF_ORDER[order] + 1)
    ]
    out += [f"C{n}" for n in range(1, 65)]
    out += [f"D{2 * n}" for n in range(2, 33)]
    out += ["Q8", "Q16", "Q32"]
    out += [f"S{n}" for n in range(1, 7)] + [f"A{n}" for n in range(1, 7)]
    out += ["SL(2,3)", "GL(2,3)", "SL(2,5)", "PSL(2,5)", "PSL(2,7)", "PGL(2,5)", "PGL(2,7)"]
    out += [f"AGL(1,{q})" for q in (3, 4, 5, 7, 8, 9)]
    out += ["C2 x C2", "C2 x C2 x C2", "C2 x C4", "C3 x C3", "C4 x C4", "C4 x S3", "C2 x A4"]
    out += ["S3 x S3", "C2 wr C2", "C2 wr C3", "C2 wr S3", "C3 wr C2", "S3 wr C2", "C2 wr C4"]
    out += ["Table(M)", "Table(M11)"]
    out += ["<(2,3), (2,3,4,5)>"]  # methane, as group_from_points finds it
    return out


def build(target: Path, processes: int, *, extend: bool = False) -> None:
    """Compute everything into a fresh cache, then write it as one compact file."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings.from_environment({"PLREP_CACHE_DIR": folder})
        with Session(settings, processes=processes, use_bundled=False) as session:

            def one(name: str) -> None:
                for _ in answer_everything(Group(group(name, session=session).spec, session)):
                    pass

            if extend:
                session.store.top.import_(target)
            session.hello()
            with concurrent.futures.ThreadPoolExecutor(processes) as executor:
                wanted = names()
                for _ in tqdm(executor.map(one, wanted), total=len(wanted), unit="group"):
                    pass
            session.store.top.export(target)
    with Store(target, read_only=True, immutable=True) as store:
        print(f"{target}: {len(store)} answers, {target.stat().st_size / 1e6:.1f} MB")


def check(target: Path, count: int, seed: int) -> int:
    """Recompute some groups with GAP and compare with the file; return the number that differ."""
    wrong = 0
    with (
        tempfile.TemporaryDirectory() as folder,
        Store(target, read_only=True, immutable=True) as bundled,
    ):
        settings = Settings.from_environment({"PLREP_CACHE_DIR": folder})
        with Session(settings, use_bundled=False) as session:
            for name in random.Random(seed).sample(names(), count):
                for _ in answer_everything(Group(group(name, session=session).spec, session)):
                    pass
            for key in session.store.top:
                fresh, kept = session.store.top.get(key), bundled.get(key)
                if fresh is None or kept is None or fresh.value != kept.value:
                    wrong += 1
                    print(f"differs: {key}")
            print(f"{len(session.store.top)} answers about {count} groups compared, {wrong} differ")
    return wrong


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--target", type=Path, default=TARGET)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--extend", action="store_true", help="keep the answers of the file")
    parser.add_argument("--check", type=int, metavar="N", help="compare N random groups")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    if arguments.check:
        return 1 if check(arguments.target, arguments.check, arguments.seed) else 0
    build(arguments.target, arguments.processes, extend=arguments.extend)
    return 0


if __name__ == "__main__":
    sys.exit(main())
