"""The faults: each part keeps its promises at a tiny share; the page shows what is recorded."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import harness
import page
import pytest
from harness import Row, Run, carry_out, is_done, read_pieces, results_file

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(page.__file__).parent
#: What takes many seconds at any share.
LONG = ("caches", "concurrency", "data_files", "disks")


@pytest.mark.parametrize(
    "part",
    [pytest.param(p, marks=pytest.mark.slow if p in LONG else ()) for p in page.parts()],
)
@pytest.mark.quick_cases(1)
def test_a_part_keeps_its_promises_at_a_tiny_share(part: str) -> None:
    command = [sys.executable, str(FOLDER / f"{part}.py"), "--share", "0.0001"]
    path = os.pathsep.join(filter(None, (str(FOLDER.parent), os.environ.get("PYTHONPATH", ""))))
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env=os.environ | {"PYTHONPATH": path}
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "kept: " in done.stdout


def test_the_page_is_what_the_results_say() -> None:
    assert page.PAGE.read_text(encoding="utf-8") == page.page(), (
        "write it: python benchmarks/faults/page.py"
    )


def few_rows(run: Run) -> Iterator[Row]:
    yield Row("a | b", run.count(1000), "nothing breaks", f"broke {run.seed} times", run.seed)
    yield Row("c", run.count(10), "all is well", "it was", 0)
    yield Row("d", run.count(10), "right or refused", f"{run.seed} right, 4 refused", 0)


def test_pieces_are_kept_and_added_up(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "parts", lambda: ["harness"])
    monkeypatch.setattr(harness, "commit", lambda: "abc")
    file = results_file("harness", tmp_path)
    for seed, share in ((2, 0.5), (1, 0.02), (2, 0.02)):  # the last takes the first one's place
        rows = carry_out(few_rows, Run("harness", seed, share, tmp_path), file)
    assert rows == [
        Row("a | b", 20, "nothing breaks", "broke 2 times", 2),
        Row("c", 1, "all is well", "it was", 0),
        Row("d", 1, "right or refused", "2 right, 4 refused", 0),
    ]
    assert "BROKEN 2: a | b (20)" in capsys.readouterr().out
    assert [piece["seed"] for piece in read_pieces(file)] == [1, 2]
    text = page.page(tmp_path)
    release = harness.python_release()
    each = "seed 1: broke 1 times; seed 2: broke 2 times"
    assert rf"| a \| b | {release} | 40 | nothing breaks | {each} | 3 |" in text
    assert f"| c | {release} | 2 | all is well | it was | 0 |" in text
    assert f"| d | {release} | 2 | right or refused | 3 right, 8 refused | 0 |" in text
    assert f"In all: 44 trials under Python {release}, 3 broken." in text
    assert "`python benchmarks/faults/harness.py --seed 2 --share 0.02`, commit abc" in text
    assert ", cut short" not in text
    assert is_done("harness", 2, 0.02, tmp_path)
    assert not is_done("harness", 2, 0.5, tmp_path)
    monkeypatch.setattr(harness, "commit", lambda: "abc*")
    assert not is_done("harness", 2, 0.02, tmp_path)


def test_what_was_seen_before_a_run_was_cut_short_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(run: Run) -> Iterator[Row]:
        yield from few_rows(run)
        raise KeyboardInterrupt

    monkeypatch.setattr(page, "parts", lambda: ["harness"])
    monkeypatch.setattr(harness, "commit", lambda: "abc")
    file = results_file("harness", tmp_path)
    with pytest.raises(KeyboardInterrupt):
        carry_out(cut, Run("harness", 1, 1, tmp_path), file)
    assert len(json.loads(file.read_text())[0]["rows"]) == 3
    assert ", cut short" in page.page(tmp_path)
    assert not is_done("harness", 1, 1, tmp_path)


def test_chance_depends_on_part_and_seed_only(tmp_path: Path) -> None:
    def drawn(part: str, seed: int) -> float:
        return Run(part, seed, 1, tmp_path).random.random()

    assert drawn("a", 1) == drawn("a", 1)
    assert len({drawn("a", 1), drawn("a", 2), drawn("b", 1)}) == 3


def test_a_share_is_never_nothing(tmp_path: Path) -> None:
    assert Run("a", 1, 0.0001, tmp_path).count(500) == 1
    assert Run("a", 1, 0.5, tmp_path).count(500) == 250
