"""Damaged caches and damaged bundled answers: what can be read is served, nothing is wrong.

Single bits are flipped anywhere in a cache, in its write-ahead log, and in the answers that come
with the toolkit; files are cut, and pages lost, zeroed and swapped. After each fault every answer
is asked for, what is missing is stored again, and the file is opened afresh. A share of the faults
is met by real commands, and some by several processes at once.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import shutil
import sqlite3
import subprocess
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple
from unittest import mock

from harness import ROOT, Row, Run, main

from toolkit.store import AnswerKey, Provenance, Store

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterator
    from pathlib import Path

PAGE = 4096
#: How many answers the small cache has; some of them need several pages.
ANSWERS = 150
BUNDLED = ROOT / "data" / "answers.sqlite"
COLUMNS = (
    "group_key, question, arguments, version, payload, checksum, gap_version, packages, "
    "script_hash, seconds, created"
)
#: Several processes are started for one of so many faults, several commands for another.
ONE_IN = 100

Rows = dict[AnswerKey, tuple[Any, ...]]


class Original(NamedTuple):
    """A sound file: its bytes, those of its log, its rows, and the pages that each row is on."""

    name: str
    data: bytes
    log: bytes
    rows: Rows
    values: dict[AnswerKey, object]
    pages: dict[AnswerKey, frozenset[int]]


class Met(NamedTuple):
    """What a session met after a fault."""

    wrong: int
    errors: tuple[str, ...]
    found: frozenset[AnswerKey]
    warnings: int


# -- originals -------------------------------------------------------------------------------------


def rows_of(path: Path) -> Rows:
    """Return the rows of a sound file, read by SQLite."""
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        found = connection.execute(f"SELECT {COLUMNS} FROM answers").fetchall()
    return {AnswerKey(*row[:4]): row for row in found}


def pages_of(data: bytes, rows: Rows) -> dict[AnswerKey, frozenset[int]]:
    """Return the pages that hold bytes of each row, found by looking for its bytes."""
    out = {}
    for key, row in rows.items():
        places = {data.index(row[5]) // PAGE}
        payload: bytes = row[4]
        for start in range(0, len(payload), 1000):
            piece = payload[start : start + 24]
            place = data.find(piece)
            if len(piece) == 24 and place >= 0:
                places.add(place // PAGE)
        out[key] = frozenset(places)
    return out


def small_cache(run: Run) -> Original:
    """Make a cache of some bundled answers, the last third of them still in its log."""
    with Store(BUNDLED, immutable=True) as bundled:
        keys = run.random.sample(bundled.keys(), ANSWERS)
        answers = {key: bundled.get(key) for key in keys}
    path = run.folder / "small" / "answers.sqlite"
    for part in (keys[: 2 * ANSWERS // 3], keys[2 * ANSWERS // 3 :]):
        with Store(path) as store:
            for key in part:
                answer = answers[key]
                assert answer is not None
                assert store.put(key, answer.value, answer.provenance)
            data = path.read_bytes()
            log = path.with_name(path.name + "-wal").read_bytes()
    rows = rows_of(path)
    whole = path.read_bytes()
    values = {key: answer.value for key, answer in answers.items() if answer is not None}
    return Original("cache", data, log, rows, values, pages_of(whole, rows))


def whole_cache(original: Original, run: Run) -> Original:
    """Return the same cache after its log was written into it."""
    data = (run.folder / "small" / "answers.sqlite").read_bytes()
    return original._replace(data=data, log=b"")


def bundled_answers() -> Original:
    """Return the answers that come with the toolkit."""
    rows = rows_of(BUNDLED)
    data = BUNDLED.read_bytes()
    with Store(BUNDLED, immutable=True) as store:
        values = {key: answer.value for key in rows if (answer := store.get(key)) is not None}
    return Original("bundled answers", data, b"", rows, values, pages_of(data, rows))


# -- what is met -----------------------------------------------------------------------------------


class Counted(logging.Handler):
    """Counts warnings."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.files = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Count it, if it is about a file."""
        self.files += "is damaged (" in record.getMessage() and "answer to" not in record.msg


@contextlib.contextmanager
def counted() -> Iterator[Counted]:
    """Count the warnings of the store, and print none."""
    log = logging.getLogger("toolkit.store")
    handler, before = Counted(), log.propagate
    log.addHandler(handler)
    log.propagate = False
    try:
        yield handler
    finally:
        log.removeHandler(handler)
        log.propagate = before


def folder_of(run: Run, number: int) -> Path:
    """Return an empty folder for one fault."""
    folder = run.folder / f"fault-{number}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder


def meet_cache(original: Original, path: Path) -> Met:
    """Ask a session for everything, put back what is missing, and ask a second session."""
    from toolkit.library.session import Session
    from toolkit.settings import Settings

    settings = replace(Settings.from_environment(), cache_dir=path.parent, offline=True)
    wrong, errors, found = 0, list[str](), set[AnswerKey]()
    new = AnswerKey.of("new", "q")
    with counted() as warnings:
        for turn in (1, 2):
            try:
                with Session(settings, use_bundled=False) as session:
                    for key, value in original.values.items():
                        answer = session.store.get(key)
                        if answer is None:
                            if not session.store.put(key, value, Provenance()):
                                errors.append("an answer was not kept")
                        elif answer.value != value:
                            wrong += 1
                        elif turn == 1:
                            found.add(key)
                        if turn == 2 and answer is None:
                            errors.append("an answer that was put is not there")
                    if not session.store.put(new, turn, Provenance()):
                        errors.append("a new answer was not kept")
            except Exception as error:  # noqa: BLE001 - that there is none is what is promised
                errors.append(f"{type(error).__name__}: {error}")
    return Met(wrong, tuple(errors), frozenset(found), warnings.files)


def meet_bundled(original: Original, path: Path, keys: list[AnswerKey]) -> Met:
    """Ask a session above damaged bundled answers."""
    from toolkit.library.session import Session
    from toolkit.settings import Settings

    settings = replace(Settings.from_environment(), cache_dir=path.parent / "cache", offline=True)
    wrong, errors, found = 0, list[str](), set[AnswerKey]()
    with (
        counted() as warnings,
        mock.patch("toolkit.library.session.bundled_answers_path", return_value=path),
    ):
        try:
            with Session(settings) as session:
                for key in keys:
                    answer = session.store.get(key)
                    if answer is not None and answer.value != original.values[key]:
                        wrong += 1
                    elif answer is not None:
                        found.add(key)
                    elif not session.store.put(key, original.values[key], Provenance()):
                        errors.append("an answer was not kept")
        except Exception as error:  # noqa: BLE001 - that there is none is what is promised
            errors.append(f"{type(error).__name__}: {error}")
    return Met(wrong, tuple(errors), frozenset(found), warnings.files)


class Tally:
    """Adds up what was met."""

    def __init__(self) -> None:
        self.count = self.wrong = self.errors = self.lost = self.served = self.readable = 0
        self.noisy = 0
        self.kinds: Counter[str] = Counter()

    def add(self, met: Met, readable: frozenset[AnswerKey], what: str) -> None:
        """Add one fault: what was met, and what an independent reader finds."""
        self.count += 1
        self.wrong += met.wrong
        self.errors += bool(met.errors)
        self.lost += len(readable - met.found)
        self.readable += len(readable)
        self.served += len(met.found)
        self.noisy += met.warnings > 1
        if met.errors or met.wrong or readable - met.found:
            self.kinds[
                f"{what}: {met.errors[:1]} {[str(k) for k in (readable - met.found)][:2]}"
            ] += 1

    def row(self, tried: str, run: Run) -> Row:
        """Return the line of the page."""
        for kind, number in self.kinds.most_common(5):
            run.say(f"{number} x {kind[:300]}")
        broken = self.wrong + self.errors + self.lost + self.noisy
        return Row(
            tried,
            self.count,
            "no wrong answer, no error, no operation refused, one warning for the file; every row "
            "that can be read is served",
            f"{self.wrong} wrong, {self.errors} errors, {self.noisy} with more warnings; "
            f"{self.served:,} answers served, {self.readable:,} readable ones, {self.lost} of "
            "these not served",
            broken,
        )


# -- faults ----------------------------------------------------------------------------------------


def flipped(data: bytes, bit: int) -> bytes:
    """Return the bytes with one bit changed."""
    out = bytearray(data)
    out[bit // 8] ^= 1 << bit % 8
    return bytes(out)


def a_bit(draw: random.Random, data: bytes) -> int:
    """Return a bit anywhere; every fourth one in the header, the schema or a page's head."""
    if draw.random() < 0.25:
        page = draw.choice((0, 0, draw.randrange(len(data) // PAGE)))
        return (page * PAGE + draw.randrange(112)) * 8 + draw.randrange(8)
    return draw.randrange(len(data) * 8)


def lost_pages(draw: random.Random, data: bytes) -> tuple[str, bytes]:
    """Return the name of a loss, and the bytes after it."""
    pages = [data[n : n + PAGE] for n in range(0, len(data), PAGE)]
    kind = draw.choice(("cut", "cut at a page", "zeroed", "swapped", "dropped", "noise", "first"))
    if kind == "cut":
        return kind, data[: draw.randrange(1, len(data))]
    if kind == "cut at a page":
        return kind, b"".join(pages[: draw.randrange(1, len(pages))])
    some = draw.sample(range(len(pages)), min(len(pages), draw.choice((1, 1, 2, 5))))
    if kind == "first":
        pages[0] = bytes(PAGE)
    elif kind == "swapped":
        one, other = draw.sample(range(len(pages)), 2)
        pages[one], pages[other] = pages[other], pages[one]
    for page in some:
        if kind == "zeroed":
            pages[page] = bytes(PAGE)
        elif kind == "noise":
            pages[page] = draw.randbytes(PAGE)
    if kind == "dropped":
        del pages[some[0]]
    return kind, b"".join(pages)


def readable_rows(original: Original, path: Path, data: bytes) -> frozenset[AnswerKey]:
    """Return the answers that SQLite reads row by row, and those whose pages are unharmed."""
    before = [original.data[n : n + PAGE] for n in range(0, len(original.data), PAGE)]
    after = [data[n : n + PAGE] for n in range(0, len(data), PAGE)]
    kept = {n for n, page in enumerate(before) if n < len(after) and after[n] == page}
    moved = {n for n, page in enumerate(before) if page in set(after)}
    found = {
        key
        for key, places in original.pages.items()
        if places <= kept
        or (len(places) == 1 and len(original.rows[key][4]) < 2500 and places <= moved)
    }
    sound = {row: key for key, row in original.rows.items()}
    copy = path.with_name("copy.sqlite")
    copy.write_bytes(data)
    with contextlib.closing(sqlite3.connect(f"file:{copy}?immutable=1", uri=True)) as connection:
        connection.text_factory = lambda text: text.decode("utf-8", "replace")
        for number in range(1, len(sound) + 1):
            with contextlib.suppress(Exception):
                query = f"SELECT {COLUMNS} FROM answers WHERE id = {number}"
                row = connection.execute(query).fetchone()
                if row in sound:
                    found.add(sound[row])
        for key, whole in original.rows.items() if len(sound) < 1000 else ():
            query = (
                f"SELECT {COLUMNS} FROM answers WHERE group_key = ? AND question = ? "
                "AND arguments = ? AND version = ?"
            )
            with contextlib.suppress(Exception):
                if connection.execute(query, whole[:4]).fetchone()[4:] == whole[4:]:
                    found.add(key)
    copy.unlink()
    return frozenset(found)


def untouched(original: Original, bit: int) -> frozenset[AnswerKey]:
    """Return the answers that no byte of the bit's page belongs to."""
    page = bit // 8 // PAGE
    return frozenset(key for key, places in original.pages.items() if page not in places)


def written(original: Original, folder: Path, data: bytes, log: bytes = b"") -> Path:
    """Write a file, and its log, as a process that was killed would have left them."""
    path = folder / "answers.sqlite"
    path.write_bytes(data)
    if log:
        path.with_name(path.name + "-wal").write_bytes(log)
    return path


def faults(run: Run) -> Iterator[Row]:
    """Try every kind of damage."""
    logged = small_cache(run)
    cache = whole_cache(logged, run)
    bundled = bundled_answers()
    yield flips_of_cache(run, cache)
    yield flips_of_log(run, logged)
    yield flips_of_bundled(run, bundled)
    yield losses_of_cache(run, cache)
    yield losses_of_bundled(run, bundled)
    yield commands(run, cache, bundled)
    yield at_once(run, cache)


def flips_of_cache(run: Run, cache: Original) -> Row:
    """Flip bits of the file."""
    tally = Tally()
    for number in range(run.count(2000)):
        bit = a_bit(run.random, cache.data)
        folder = folder_of(run, number)
        path = written(cache, folder, flipped(cache.data, bit))
        tally.add(meet_cache(cache, path), untouched(cache, bit), f"bit {bit}")
        shutil.rmtree(folder)
    return tally.row("one bit flipped anywhere in a cache", run)


def flips_of_log(run: Run, logged: Original) -> Row:
    """Flip bits of the log that a killed process left."""
    tally = Tally()
    for number in range(run.count(1500)):
        bit = run.random.randrange(len(logged.log) * 8)
        folder = folder_of(run, number)
        path = written(logged, folder, logged.data, flipped(logged.log, bit))
        frame = (bit // 8 - 32) // (24 + PAGE)
        met = meet_cache(logged, path)
        readable = frozenset(logged.rows) - rows_in_frame(logged, frame)
        tally.add(met, readable, f"bit {bit}")
        shutil.rmtree(folder)
    return tally.row("one bit flipped anywhere in a cache's write-ahead log", run)


def rows_in_frame(logged: Original, frame: int) -> frozenset[AnswerKey]:
    """Return the rows with a byte in one page of the log and in no other place."""
    start = max(0, 32 + frame * (24 + PAGE))
    piece = logged.log[start : start + 24 + PAGE]
    out = set()
    for key, row in logged.rows.items():
        payload: bytes = row[4]
        parts = [row[5], *(payload[n : n + 24] for n in range(0, max(1, len(payload) - 24), 1000))]
        if any(part in piece for part in parts):
            out.add(key)
    return frozenset(out)


def flips_of_bundled(run: Run, bundled: Original) -> Row:
    """Flip bits of the bundled answers."""
    tally = Tally()
    everything = list(bundled.rows)
    on_page: dict[int, list[AnswerKey]] = {}
    for key, places in bundled.pages.items():
        for place in places:
            on_page.setdefault(place, []).append(key)
    for number in range(run.count(1500)):
        bit = a_bit(run.random, bundled.data)
        folder = folder_of(run, number)
        path = written(bundled, folder, flipped(bundled.data, bit))
        page = bit // 8 // PAGE
        keys = [*run.random.sample(everything, 60), *on_page.get(page, [])]
        met = meet_bundled(bundled, path, keys)
        tally.add(met, untouched(bundled, bit) & frozenset(keys), f"bit {bit}")
        shutil.rmtree(folder)
    return tally.row("one bit flipped anywhere in the bundled answers", run)


def losses_of_cache(run: Run, cache: Original) -> Row:
    """Cut the file, and lose pages of it."""
    tally = Tally()
    for number in range(run.count(850)):
        kind, data = lost_pages(run.random, cache.data)
        folder = folder_of(run, number)
        path = written(cache, folder, data)
        readable = readable_rows(cache, path, data)
        tally.add(meet_cache(cache, path), readable, kind)
        shutil.rmtree(folder)
    return tally.row("a cache cut short, or pages of it lost, zeroed, swapped or overwritten", run)


def losses_of_bundled(run: Run, bundled: Original) -> Row:
    """Cut the bundled answers, and lose pages of them."""
    tally = Tally()
    for number in range(run.count(150)):
        kind, data = lost_pages(run.random, bundled.data)
        folder = folder_of(run, number)
        path = written(bundled, folder, data)
        readable = readable_rows(bundled, path, data)
        met = meet_bundled(bundled, path, list(bundled.rows))
        tally.add(met, readable, kind)
        shutil.rmtree(folder)
    return tally.row("bundled answers cut short, or pages of them lost, zeroed or swapped", run)


# -- real commands ---------------------------------------------------------------------------------


def checkout(run: Run) -> Path:
    """Return a copy of the toolkit whose bundled answers may be damaged."""
    root = run.folder / "checkout"
    if not root.exists():
        shutil.copytree(ROOT / "toolkit", root / "toolkit")
        (root / "data").mkdir()
        for name in ("catalog", "explorer"):
            (root / "data" / name).symlink_to(ROOT / "data" / name)
        (root / "gap_scripts").symlink_to(ROOT / "gap_scripts")
    return root


def commands(run: Run, cache: Original, bundled: Original) -> Row:
    """Meet damage with real commands."""
    root = checkout(run)
    reference: dict[str, Any] = {}
    wrong = raw = blocked = tried = 0
    for number in range(run.count(5000 // ONE_IN)):
        folder = folder_of(run, number)
        which = run.random.choice((cache, bundled))
        change: Callable[[random.Random, bytes], tuple[str, bytes]] = lost_pages
        if run.random.random() < 0.6:
            change = a_flip
        kind, data = change(run.random, which.data)
        (root / "data" / "answers.sqlite").write_bytes(data if which is bundled else bundled.data)
        if which is cache:
            written(cache, folder, data)
        environment = run.environment(PLREP_CACHE_DIR=folder, PLREP_OFFLINE=0)
        environment["PYTHONPATH"] = os.pathsep.join((str(root), environment["PYTHONPATH"]))
        group = run.random.choice(("S4", "C6", "D8", "Q8"))
        out = folder / "out.sqlite"
        for words, good in (
            (["query", group, "--json"], {0}),
            (["cache", "info", "--json"], {0}),
            (["cache", run.random.choice(("verify", "repair")), "--json"], {0, 4}),
            (["cache", "export", str(out), "--json"], {0, 4}),
        ):
            tried += 1
            done = subprocess.run(
                [*run.plrep, *words], capture_output=True, text=True, env=environment, check=False
            )
            text = done.stdout + done.stderr
            raw += "Traceback" in text or "internal error" in text
            blocked += done.returncode not in good
            if done.returncode not in good or "Traceback" in text:
                run.say(f"{which.name} {kind}: {words}: {done.returncode} {text[-300:]}")
            if words[0] == "query" and done.returncode == 0:
                answer = json.loads(done.stdout)
                for name in [k for k in answer if k in ("seconds", "source", "sources", "asked")]:
                    del answer[name]
                wrong += reference.setdefault(group, answer) != answer
        shutil.rmtree(folder)
    return Row(
        "commands that meet a damaged cache or damaged bundled answers: query, cache info, verify "
        "or repair, export",
        tried,
        "the same answers, no traceback, none refused",
        f"{wrong} with another answer, {raw} tracebacks or internal errors, {blocked} refused",
        wrong + raw + blocked,
    )


def a_flip(draw: random.Random, data: bytes) -> tuple[str, bytes]:
    """Flip one bit."""
    bit = a_bit(draw, data)
    return f"bit {bit}", flipped(data, bit)


HAMMER = """
import sys
from pathlib import Path
from toolkit.store import AnswerKey, Provenance, Store

number = sys.argv[2]
sys.stdin.readline()  # all start at once
with Store(Path(sys.argv[1])) as store:
    for i in range(25):
        assert store.put(AnswerKey.of("P" + number, "own", i), [number, i], Provenance())
    for i in range(25):
        assert store.get(AnswerKey.of("P" + number, "own", i)).value == [number, i]
"""


def at_once(run: Run, cache: Original) -> Row:
    """Let several processes find the damage at once."""
    lost = errors = several = 0
    count = run.count(2000 // ONE_IN)
    for number in range(count):
        folder = folder_of(run, number)
        data = flipped(cache.data, run.random.randrange(112) * 8 + run.random.randrange(8))
        path = written(cache, folder, data)
        workers = [
            subprocess.Popen(
                [run.python, "-c", HAMMER, str(path), str(n)],
                stdin=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=run.environment(),
                text=True,
            )
            for n in range(4)
        ]
        for worker in workers:
            assert worker.stdin is not None
            worker.stdin.write("\n")
            worker.stdin.flush()
        said = [worker.communicate()[1] for worker in workers]
        errors += sum(worker.returncode != 0 for worker in workers)
        several += sum("is damaged (" in text for text in said) > 1
        if any(worker.returncode for worker in workers):
            run.say(next(text for text in said if "Error" in text)[-400:])
        with counted(), Store(path) as store:
            lost += sum(store.get(key) is None for key in cache.rows)
            for n in range(4):
                own = (AnswerKey.of(f"P{n}", "own", i) for i in range(25))
                lost += sum(store.get(key) is None for key in own)
        shutil.rmtree(folder)
    return Row(
        "4 processes that find the damage of one cache at once and put 25 answers each",
        count,
        "no answer lost, neither an old nor a new one; no error; one of them warns",
        f"{lost} answers lost, {errors} processes failed, {several} times several warned",
        lost + errors + several,
    )


if __name__ == "__main__":
    main(faults)
