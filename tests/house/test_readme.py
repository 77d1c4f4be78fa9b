"""Examples with prompts in the README and on pages of the site; the README's need no GAP."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
#: Pages whose examples are not cells but have prompts; regions.md has a test of its own.
PAGES = sorted(
    page.relative_to(ROOT).as_posix()
    for page in (ROOT / "docs").rglob("*.md")
    if ">>>" in page.read_text("utf-8") and page.name != "regions.md"
)

PROGRAM = """
import doctest, sys
failures, tried = doctest.testfile(
    sys.argv[1], module_relative=False, optionflags=doctest.NORMALIZE_WHITESPACE
)
print(tried, "tried")
sys.exit(failures)
"""


def tried(file: Path, cache: Path) -> int:
    """Run a file's examples without GAP, and return how many there are."""
    environment = {
        **os.environ,
        "PLREP_OFFLINE": "1",
        "PLREP_GAP": "/nonexistent",
        "PLREP_CACHE_DIR": str(cache),
    }
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(file)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return int(done.stdout.split()[0])


def test_the_readme_from_bundled_answers(tmp_path: Path) -> None:
    assert tried(README, tmp_path) >= 10


def test_a_wrong_answer_is_noticed(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.md"
    text = README.read_text("utf-8").partition(">>> import torch")[0]
    assert "\n172\n" in text
    wrong.write_text(text.replace("\n172\n", "\n173\n"), encoding="utf-8")
    with pytest.raises(AssertionError, match="173"):
        tried(wrong, tmp_path / "cache")


def test_pages_with_prompts(tmp_path: Path) -> None:
    assert "docs/running.md" in PAGES
    for page in PAGES:
        assert tried(ROOT / page, tmp_path) >= 1


def test_the_readme_is_short_and_its_links_lead_somewhere() -> None:
    text = README.read_text("utf-8")
    assert len(text.splitlines()) <= 110
    targets = re.findall(r"\]\(([^)#\s]+)", text) + re.findall(r'src="([^"]+)"', text)
    inside = [target for target in targets if "://" not in target]
    assert len(inside) > 10
    for target in inside:
        assert (ROOT / target).exists(), f"the README links to {target}"
