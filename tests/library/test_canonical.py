"""Names of classes, simples and subgroups never move."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest

import toolkit as tk
from toolkit.exact.records import decode
from toolkit.gap import GapWorker
from toolkit.groups.canonical_order import (
    RawSubgroupClasses,
    canonical_character_table,
    canonical_subgroup_classes,
)
from toolkit.groups.gap_table import read_gap_table
from toolkit.groups.parsing.grammar import parse_group
from toolkit.groups.table_arrays import UnorderedTable

pytestmark = pytest.mark.gap

NAMES = ["C1", "C12", "C3 x C3", "S4", "Q8", "C4 x C2", "A5", "SL(2,3)", "M11", "C2^3", "PSL(2,7)"]


def raw_table(worker, name):
    answer = worker.ask("character_table", {"group": parse_group(name).to_json()}, subject=name)
    return read_gap_table(answer.value)


def shuffled(raw, rng):
    """Return the same table with classes, characters and simples in another order."""
    k, s = len(raw.arrays), len(raw.arrays.constituents)
    classes, characters, simples = (rng.sample(range(n), n) for n in (k, k, s))
    arrays = raw.arrays.reordered(np.array(classes), np.array(characters)).with_simples(simples)
    constituents = tuple(tuple(rng.sample(c, len(c))) for c in arrays.constituents)
    return UnorderedTable(
        replace(arrays, constituents=constituents),
        tuple(raw.representatives[c] for c in classes),
        tuple(raw.keys[c] for c in classes),
    )


def without_gap(table):
    return replace(table, gap_classes=(), gap_characters=())


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.quick_cases(1)
def test_the_order_that_gap_gave_does_not_matter(worker, name):
    rng = random.Random(name)
    raw = raw_table(worker, name)
    expected = canonical_character_table(name, raw)
    assert expected.canonical
    for _ in range(10):
        assert without_gap(canonical_character_table(name, shuffled(raw, rng))) == without_gap(
            expected
        )


def answers(worker, name):
    """Return what names depend on: the table, the subgroups, and one module's points."""
    spec = parse_group(name).to_json()
    table = canonical_character_table(name, raw_table(worker, name))
    reps = list(table.representatives)
    args = {"group": spec, "reps": reps, "max_index": None, "limit": 1000}
    raw = decode(RawSubgroupClasses, worker.ask("subgroup_classes", args, subject=name).value)
    classes = canonical_subgroup_classes(name, table.order, raw, None)
    assert classes.canonical
    middle = classes[len(classes) // 2]
    module = {"kind": "coset", "subgroup": list(middle.generators)}
    args = {
        "group": spec,
        "module": module,
        "reps": reps,
        "simples": table.simples_for_gap(),
        "images": True,
        "rep_images": True,
    }
    return without_gap(table), classes, worker.ask("transitive_module", args, subject=name).value


@pytest.fixture(scope="module")
def stirred(tmp_path_factory, scripts):
    """Our scripts, but the random sources start somewhere else."""
    import shutil

    folder = tmp_path_factory.mktemp("stirred") / "gap_scripts"
    shutil.copytree(scripts, folder)
    setup = folder / "init.g"
    text = setup.read_text()
    assert text.count("Source, 1)") == text.count("Twister, 1)") == 1
    setup.write_text(
        text.replace("Source, 1)", "Source, 271)").replace("Twister, 1)", "Twister, 9)")
    )
    return folder


@pytest.mark.slow
def test_a_fresh_worker_a_used_one_and_other_random_numbers(
    installation, scripts, workspace, stirred
):
    names = ["C12", "SL(2,3)", "Q8 x C2", "PSL(2,7)"]
    first = {}
    for name in names:
        with GapWorker(installation, scripts, workspace=workspace) as fresh:
            first[name] = answers(fresh, name)
    with GapWorker(installation, scripts, workspace=workspace) as used:
        for name in reversed(names):
            assert answers(used, name) == first[name]
        for name in names:
            assert answers(used, name) == first[name]
    with GapWorker(installation, stirred) as other:
        for name in names:
            assert answers(other, name) == first[name]


@pytest.mark.parametrize(
    "names", [("M12",), pytest.param(("A9", "PSL(2,43)", "M24"), marks=pytest.mark.slow)]
)
@pytest.mark.slow
def test_a_large_group_under_other_random_numbers(installation, scripts, workspace, stirred, names):
    """Classes of a group that is not listed: their names come from words."""
    with GapWorker(installation, scripts, workspace=workspace) as worker:
        first = {name: canonical_character_table(name, raw_table(worker, name)) for name in names}
    with GapWorker(installation, stirred) as worker:
        for name in names:
            other = canonical_character_table(name, raw_table(worker, name))
            assert other.canonical
            # representatives are any elements of their classes
            strip = {"representatives": ()}
            assert replace(without_gap(other), **strip) == replace(
                without_gap(first[name]), **strip
            )


# label, dimension, type, order of the action, order of the kernel
GOLDEN = {
    "S4": [
        ("L0", 1, "R", 1, 24),
        ("L1", 1, "R", 2, 12),
        ("L2", 2, "R", 6, 4),
        ("L3", 3, "R", 24, 1),
        ("L4", 3, "R", 24, 1),
    ],
    "Q8": [
        ("L0", 1, "R", 1, 8),
        ("L1", 1, "R", 2, 4),
        ("L2", 1, "R", 2, 4),
        ("L3", 1, "R", 2, 4),
        ("L4", 4, "H", 8, 1),
    ],
    "C12": [
        ("L0", 1, "R", 1, 12),
        ("L1", 1, "R", 2, 6),
        ("L2", 2, "C", 3, 4),
        ("L3", 2, "C", 4, 3),
        ("L4", 2, "C", 6, 2),
        ("L5", 2, "C", 12, 1),
        ("L6", 2, "C", 12, 1),
    ],
    "A5": [
        ("L0", 1, "R", 1, 60),
        ("L1", 3, "R", 60, 1),
        ("L2", 3, "R", 60, 1),
        ("L3", 4, "R", 60, 1),
        ("L4", 5, "R", 60, 1),
    ],
    "SL(2,3)": [
        ("L0", 1, "R", 1, 24),
        ("L1", 2, "C", 3, 8),
        ("L2", 3, "R", 12, 2),
        ("L3", 4, "C", 24, 1),
        ("L4", 4, "H", 24, 1),
    ],
    "M11": [
        ("L0", 1, "R", 1, 7920),
        ("L1", 10, "R", 7920, 1),
        ("L2", 11, "R", 7920, 1),
        ("L3", 20, "C", 7920, 1),
        ("L4", 32, "C", 7920, 1),
        ("L5", 44, "R", 7920, 1),
        ("L6", 45, "R", 7920, 1),
        ("L7", 55, "R", 7920, 1),
    ],
}

# the value of the simple on the class: what tells simples apart that the above does not
GOLDEN_VALUES = [
    ("S4", "L3", "2b", "1"),
    ("S4", "L4", "2b", "-1"),
    ("A5", "L1", "5a", "-E(5)^2-E(5)^3"),
    ("A5", "L2", "5a", "-E(5)-E(5)^4"),
    ("C12", "L5", "12a", "-E(12)^7+E(12)^11"),
]

GOLDEN_CLASSES = {
    "S4": (("1a", 1), ("2a", 3), ("2b", 6), ("3a", 8), ("4a", 6)),
    "Q8": (("1a", 1), ("2a", 1), ("4a", 2), ("4b", 2), ("4c", 2)),
    "A5": (("1a", 1), ("2a", 15), ("3a", 20), ("5a", 12), ("5b", 12)),
    "SL(2,3)": (("1a", 1), ("2a", 1), ("3a", 4), ("3b", 4), ("4a", 6), ("6a", 4), ("6b", 4)),
}

GOLDEN_SUBGROUPS = {
    "S4": "H1a H2a H2b H3a H4a H4b H4c H6a H8a H12a H24a",
    "Q8": "H1a H2a H4a H4b H4c H8a",
}
GOLDEN_LENGTHS = {
    "S4": (1, 3, 6, 4, 1, 3, 3, 4, 3, 1, 1),
    "Q8": (1, 1, 1, 1, 1, 1),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_golden_simples(gap_session, name):
    found = [
        (s.label, s.dimension, s.type, s.action_order, s.kernel_order)
        for s in tk.group(name, session=gap_session).simples
    ]
    assert found == GOLDEN[name]


@pytest.mark.parametrize(("name", "label", "class_name", "value"), GOLDEN_VALUES)
def test_golden_values(gap_session, name, label, class_name, value):
    table = tk.group(name, session=gap_session).character_table
    column = table.class_names.index(class_name)
    assert str(table.values[table.simple(label).row[column]]) == value


@pytest.mark.parametrize("name", GOLDEN_CLASSES)
def test_golden_classes(gap_session, name):
    table = tk.group(name, session=gap_session).character_table
    assert tuple(zip(table.class_names, table.class_sizes, strict=True)) == GOLDEN_CLASSES[name]


@pytest.mark.parametrize("name", GOLDEN_SUBGROUPS)
def test_golden_subgroups(gap_session, name):
    classes = tk.group(name, session=gap_session).subgroup_classes()
    assert " ".join(c.label for c in classes) == GOLDEN_SUBGROUPS[name]
    assert tuple(c.length for c in classes) == GOLDEN_LENGTHS[name]


def test_golden_bits_of_gap_itself(worker):
    """Element data of representatives: the first words in the defining generators."""
    table = canonical_character_table("Q8", raw_table(worker, "Q8"))
    assert [list(r) for r in table.representatives] == [["pc"]] * 5
    table = canonical_character_table("S4", raw_table(worker, "S4"))
    assert table.representatives[0] == {"perm": [0, 1, 2, 3]}
    assert table.representatives[-1] == {"perm": [1, 2, 3, 0]}
