"""What GAP's side of a sweep finds by theorems and tables is what GAP's own functions find."""

from __future__ import annotations

import random
import shutil
from collections import Counter
from pathlib import Path

import pytest

from toolkit.catalog.verify.counts import GROUPS_OF_ORDER
from toolkit.gap import GapWorker

pytestmark = pytest.mark.gap

#: Orders with p-groups, with groups whose characters are not all monomial, and large ones.
QUICK = (24, 27, 32, 48, 60, 72)
SLOW = (*range(2, 128), 144, 160, 168, 192, 216, 240, 243, 256, 320, 384, 432, 486, 500, 504)
COUNTS = {256: 56092, 320: 1640, 384: 20169, 432: 775, 486: 261, 500: 56, 504: 202}


@pytest.fixture(scope="module")
def comparing(tmp_path_factory, installation, scripts):
    folder = tmp_path_factory.mktemp("comparing") / "gap_scripts"
    shutil.copytree(scripts, folder)
    init = folder / "init.g"
    more = Path(__file__).with_name("catalog_requests.g").read_text()
    init.write_text(init.read_text() + more)
    with GapWorker(installation, folder) as made:
        yield made


def sample(orders, each, seed=19):
    """Return descriptions of some groups of each order."""
    rng = random.Random(seed)
    groups = []
    for order in orders:
        count = COUNTS.get(order) or GROUPS_OF_ORDER[order]
        chosen = sorted(rng.sample(range(1, count + 1), min(each, count)))
        groups += [{"kind": "small", "order": order, "index": index} for index in chosen]
    return groups


def ask(worker, request, groups):
    return worker.ask(request, {"groups": groups}, subject=request).value


def asked_in_parts(worker, request, groups, size=40):
    return [ask(worker, request, groups[i : i + size]) for i in range(0, len(groups), size)]


@pytest.mark.slow
def test_characters_are_those_of_dixon_and_schneider(comparing):
    assert ask(comparing, "other_characters", sample(QUICK, 2)) == []


@pytest.mark.slow
def test_characters_of_many_more_groups(comparing):
    found = asked_in_parts(comparing, "other_characters", sample(SLOW, 2))
    assert not any(found)


def test_fingerprints_name_the_quotients(comparing):
    found = ask(comparing, "other_ids", sample((48, 64, 72, 96), 4))
    assert found["wrong"] == []
    assert found["compared"] > 16


@pytest.mark.slow
def test_fingerprints_name_many_more_quotients(comparing):
    found = asked_in_parts(comparing, "other_ids", sample(SLOW[60:], 2))
    assert not any(part["wrong"] for part in found)
    assert sum(part["compared"] for part in found) > 150


@pytest.mark.parametrize(
    "order", [32, 60, *(pytest.param(n, marks=pytest.mark.slow) for n in (64, 120, 168, 243))]
)
def test_the_table_of_fingerprints_is_that_of_the_groups(comparing, order):
    """A fingerprint in the table belongs to one group alone; 0 stands for those of several."""
    found = comparing.ask("fingerprints", {"order": order}, subject="fingerprints").value
    many = {x for x, count in Counter(found).items() if count > 1}
    stored = comparing.ask("stored_fingerprints", {"order": order}, subject="stored").value
    assert stored == [0 if x in many else x for x in found]


def test_stored_descriptions_are_those_of_gap(comparing):
    assert ask(comparing, "other_descriptions", sample((96, 110, 156), 3)) == []


@pytest.mark.slow
def test_many_more_stored_descriptions(comparing):
    orders = (96, 108, 120, 125, 136, 140, 144, 150, 162, 168, 180, 189, 200)
    found = asked_in_parts(comparing, "other_descriptions", sample(orders, 2), 8)
    assert not any(found)
