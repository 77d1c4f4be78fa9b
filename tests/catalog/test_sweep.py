"""Sweeps in this process and on a cluster of this machine: what they write, and going on."""

from __future__ import annotations

import json
import time

import numpy as np
import pyarrow.parquet as pq
import pytest
from sweep_case import QUICK, names, results, rows

import toolkit as tk
from toolkit.catalog.files.compaction import group_sort_key
from toolkit.catalog.files.layout import STORED
from toolkit.catalog.plan import Plan, groups_of_file, orders_of_text, text_of_orders
from toolkit.catalog.schema import SCHEMA_VERSION, TABLES
from toolkit.catalog.sweeps import worker as worker_module
from toolkit.catalog.sweeps.sweep import SweepStopped, sweep
from toolkit.errors import (
    ConfigError,
    GapCrashedError,
    GapScriptError,
    GapTimeoutError,
    NotAvailable,
    UnsupportedActivationError,
)

pytestmark = pytest.mark.gap

GROUPS_OF_ORDER = (1, 1, 1, 2, 1, 2, 1, 5, 2, 2, 1, 5, 1, 2, 1, 14)
#: Numbers of conjugacy classes of the groups of orders 1 to 8 (OEIS A000688's groups apart).
CLASSES = {
    "SmallGroup(6,1)": 3,
    "SmallGroup(8,3)": 5,
    "SmallGroup(8,4)": 5,
    "SmallGroup(12,3)": 4,
    "SmallGroup(16,9)": 7,
}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The sweep of orders 1 to 16, done in this process."""
    folder = tmp_path_factory.mktemp("whole")
    report = sweep(folder, "1-16", workers=0, **QUICK)
    assert report.statuses == {"done": sum(GROUPS_OF_ORDER)}
    return folder


def test_every_group_once_and_in_order(whole):
    wanted = [
        f"SmallGroup({n},{i})"
        for n, count in enumerate(GROUPS_OF_ORDER, start=1)
        for i in range(1, count + 1)
    ]
    for name in ("groups", "attempts"):
        assert [r[0] for r in rows(whole, name, "group")] == wanted
    seen = dict.fromkeys(r[0] for r in rows(whole, "edges", "group"))
    assert list(seen) == wanted


def test_known_counts(whole):
    found = {r["group"]: r for r in rows(whole, "groups")}
    assert {g: found[g]["classes"] for g in CLASSES} == CLASSES
    for r in found.values():
        assert r["simples"] * 2 == r["classes"] + r["real_classes"]
        assert r["simples"] == r["simples_R"] + r["simples_C"] + r["simples_H"]
    ends = {"R": 1, "C": 2, "H": 4}
    total = dict.fromkeys(found, 0)
    for group, dimension, kind in rows(whole, "simples", "group", "dimension", "type"):
        total[group] += dimension**2 // ends[kind]
    assert total == {g: r["order"] for g, r in found.items()}
    types = {
        (g, label): ends[t] for g, label, t in rows(whole, "simples", "group", "label", "type")
    }
    rank = {}
    for g, m, label, times in rows(whole, "contents", "group", "module", "label", "multiplicity"):
        rank[g, m] = rank.get((g, m), 0) + times**2 * types[g, label]
    assert rank == {(g, m): r for g, m, r in rows(whole, "modules", "group", "module", "rank")}


def test_files_have_the_schema_and_name_what_made_them(whole):
    (made,) = rows(whole, "provenance")
    for t in STORED:
        file = pq.ParquetFile(whole / f"{t.name}.parquet")
        assert file.schema_arrow.names == [c.name for c in t.columns]
        assert file.schema_arrow.metadata[b"plrep.table"] == t.name.encode()
        if t.name != "provenance" and t in TABLES:
            assert {r[0] for r in rows(whole, t.name, "provenance")} == {made["provenance"]}
    assert made["schema"] == SCHEMA_VERSION
    assert made["toolkit_version"] == tk.__version__
    description = json.loads((whole / "catalog.json").read_text())
    assert (description["kind"], description["schema"]) == ("plrep catalog", SCHEMA_VERSION)
    assert Plan.from_json(description["plan"]) == Plan.of(
        "1-16", (), QUICK["modules"], QUICK["activations"]
    )
    assert not (whole / "parts").exists()


def test_rows_are_those_of_the_library(whole):
    X = tk.group("SmallGroup(12,3)").regular_module()
    graph = tk.interaction_graph(X.spherical_table, "relu")
    kept = {
        (r["source"], r["target"]): r
        for r in rows(whole, "edges")
        if (r["group"], r["module"], r["activation"]) == ("SmallGroup(12,3)", "regular", "relu")
    }
    assert set(kept) == set(graph.edges)
    shares = np.array([kept[e]["share"] - graph.edges[e]["share"] for e in graph.edges])
    assert np.abs(shares).max() < 1e-12


@pytest.mark.slow
def test_processes_give_the_same_bytes(whole, tmp_path):
    report = sweep(tmp_path / "two", "1-16", workers=2, **QUICK)
    assert report.statuses == {"done": sum(GROUPS_OF_ORDER)}
    assert results(tmp_path / "two") == results(whole)
    workers = {r[0] for r in rows(tmp_path / "two", "attempts", "worker")}
    assert len(workers) == 2


@pytest.mark.slow
def test_what_is_done_is_not_done_again(whole, tmp_path, monkeypatch):
    folder = tmp_path / "stopped"

    def stop(done, total):
        assert total == sum(GROUPS_OF_ORDER)
        if done >= 8:
            raise KeyboardInterrupt

    with pytest.raises(SweepStopped) as stopped:
        sweep(folder, "1-16", workers=0, progress=stop, **QUICK)
    report = stopped.value.report
    assert 8 <= report.statuses["done"] < sum(GROUPS_OF_ORDER)
    before = names(folder)
    assert len(before) == report.statuses["done"]
    asked = []
    original = worker_module.rows_of_group

    def counting(group, *more):
        asked.append(group.name)
        return original(group, *more)

    monkeypatch.setattr(worker_module, "rows_of_group", counting)
    again = sweep(folder, "1-16", workers=0, **QUICK)
    assert again.before == len(before)
    assert not set(asked) & set(before)
    assert len(asked) + len(before) == sum(GROUPS_OF_ORDER)
    assert results(folder) == results(whole)
    asked.clear()
    stamp = (folder / "edges.parquet").read_bytes()
    assert sweep(folder, "1-16", workers=0, **QUICK).before == sum(GROUPS_OF_ORDER)
    assert not asked
    assert (folder / "edges.parquet").read_bytes() == stamp


@pytest.mark.parametrize(
    ("kills", "status", "said", "expected"),
    [
        (1, -9, "", {}),
        (2, -9, "", {"SmallGroup(6,1)": "failed"}),
        (1, 1, "", {"SmallGroup(6,1)": "failed"}),
        (1, -9, "exceeded the permitted memory", {"SmallGroup(6,1)": "memory"}),
    ],
)
def test_a_gap_that_was_killed_is_asked_once_more(
    tmp_path, monkeypatch, kills, status, said, expected
):
    original = worker_module.rows_of_group
    calls = []

    def killed(group, *more):
        if group.name == "SmallGroup(6,1)":
            calls.append(group.name)
            if len(calls) <= kills:
                raise GapCrashedError("character_table", group.name, status, said)
        return original(group, *more)

    monkeypatch.setattr(worker_module, "rows_of_group", killed)
    report = sweep(tmp_path / "killed", "6", workers=0, **QUICK)
    assert report.failures == expected
    assert len(calls) == (2 if status < 0 and not said else 1)


@pytest.mark.slow
def test_failures_are_rows_and_can_be_tried_again(whole, tmp_path, monkeypatch):
    original = worker_module.rows_of_group
    folder = tmp_path / "failing"

    def failing(group, *more):
        if group.name == "SmallGroup(6,1)":
            raise ZeroDivisionError("on\npurpose")
        if group.name == "SmallGroup(6,2)":
            raise NotAvailable(group.name, "rows", "it is too large")
        return original(group, *more)

    monkeypatch.setattr(worker_module, "rows_of_group", failing)
    report = sweep(folder, "1-16", workers=0, **QUICK)
    assert report.failures == {"SmallGroup(6,1)": "failed", "SmallGroup(6,2)": "unavailable"}
    reasons = {r["group"]: r["reason"] for r in rows(folder, "attempts") if r["reason"]}
    assert reasons["SmallGroup(6,1)"] == "internal error: ZeroDivisionError: on purpose"
    assert "it is too large" in reasons["SmallGroup(6,2)"]
    assert "SmallGroup(6,1)" not in {r[0] for r in rows(folder, "classes", "group")}
    monkeypatch.setattr(worker_module, "rows_of_group", original)
    assert sweep(folder, "1-16", workers=0, **QUICK).failures == report.failures
    assert sweep(folder, "1-16", workers=0, retry=True, **QUICK).failures == {}
    assert results(folder) == results(whole)


def test_a_deadline_stops_one_group_only(tmp_path, monkeypatch):
    """One question takes GAP hours; short ones may be late too, where starting it takes long."""
    names_of = ["C2", "M11", "C3"]
    original = worker_module.rows_of_group
    limits = []

    def endless(group, *more):
        if group.name == "M11":
            limits.append(group.session.deadline - time.monotonic())
            try:
                tk.group("S23", session=group.session).subgroup_classes(max_index=100_000)
            except GapTimeoutError as error:
                limits.append(error.seconds)
                raise
        return original(group, *more)

    monkeypatch.setattr(worker_module, "rows_of_group", endless)
    report = sweep(tmp_path / "d", groups=names_of, workers=0, deadline=0.5, activations=["abs"])
    assert report.failures.get("M11") == "timeout"
    found = {r["group"]: r["reason"] for r in rows(tmp_path / "d", "attempts")}
    assert set(found) == set(names_of)
    assert "0.5 seconds" in found["M11"]
    assert all(seconds <= 0.5 for seconds in limits)
    monkeypatch.undo()
    again = sweep(tmp_path / "d", groups=names_of, workers=0, retry=True, activations=["abs"])
    assert again.failures == {}


def test_groups_by_name_and_out_of_reach(tmp_path):
    file = tmp_path / "names.txt"
    file.write_text("# some groups\nS4\nC2 x C2   # Klein\n\nS30\nS4\n")
    report = sweep(tmp_path / "n", groups=groups_of_file(file), workers=0, activations=["abs"])
    assert report.statuses == {"done": 2, "unavailable": 1}
    assert rows(tmp_path / "n", "groups", "group", "order", "number") == [
        ("C2 x C2", 4, 2),
        ("S4", 24, 12),
    ]


@pytest.mark.parametrize(
    ("arguments", "error", "said"),
    [
        ({}, ConfigError, "needs orders"),
        ({"orders": "0-4"}, ConfigError, "positive numbers"),
        ({"orders": "4-2"}, ConfigError, "1-127,200"),
        ({"orders": "1;2"}, ConfigError, "1;2"),
        ({"orders": "1024"}, NotAvailable, "order 1024"),
        ({"orders": "2", "modules": "transitive:0"}, ConfigError, "transitive:MAXINDEX"),
        ({"orders": "2", "activations": ["rellu"]}, UnsupportedActivationError, "rellu"),
        ({"orders": "2", "activations": []}, ConfigError, "needs an activation"),
        ({"orders": "2", "workers": -1}, ConfigError, "from 0 to 1024 workers"),
        ({"orders": "2", "deadline": 0.0}, ConfigError, "deadline above 0"),
    ],
)
def test_bad_plans_are_refused_in_one_line(tmp_path, arguments, error, said):
    with pytest.raises(error, match=said) as raised:
        sweep(tmp_path / "bad", **{"workers": 0, **arguments})
    assert "\n" not in str(raised.value)


def test_texts_of_orders():
    assert orders_of_text(" 5-7, 1,2 ,6") == (1, 2, 5, 6, 7)
    assert text_of_orders((1, 2, 5, 6, 7)) == "1-2,5-7"
    assert orders_of_text(text_of_orders(range(1, 200))) == tuple(range(1, 200))


def test_groups_are_sorted_by_numbers():
    names_of = [
        ("SmallGroup(8,10)", 8, 10),
        ("SmallGroup(8,9)", 8, 9),
        ("D8", 8, 3),
        ("X", None, None),
    ]
    ordered = sorted(names_of, key=lambda n: group_sort_key(*n))
    assert [n for n, *_ in ordered] == ["D8", "SmallGroup(8,9)", "SmallGroup(8,10)", "X"]


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (GapCrashedError("facts", "S4", 1, "gap: cannot extend the workspace any more!"), "memory"),
        (GapScriptError("facts", "S4", "exceeded the permitted memory (`-K')"), "memory"),
        (GapCrashedError("facts", "S4", -11, ""), "failed"),
        (GapTimeoutError("facts", "S4", 1.0), "timeout"),
        (NotAvailable("S4", "it", "too large"), "unavailable"),
        (MemoryError(), "memory"),
        (ZeroDivisionError("x"), "failed"),
    ],
)
def test_what_errors_mean(error, status):
    found, reason = worker_module._verdict(error, worker_module.Limits(2.0, 1 << 30))
    assert found == status
    assert reason
    assert "\n" not in reason


@pytest.mark.gap
def test_a_value_that_does_not_fit_fails_its_group_alone(tmp_path, monkeypatch):
    made = worker_module.rows_of_group

    def larger(group, *more):
        found = made(group, *more)
        if group.name == "S3":
            found["groups"][0].columns["conductor"] = 2**31
        return found

    monkeypatch.setattr(worker_module, "rows_of_group", larger)
    report = sweep(tmp_path / "one", groups=["C2", "S3", "C5"], workers=0, activations=["relu"])
    assert (report.statuses, report.failures) == ({"done": 2, "failed": 1}, {"S3": "failed"})
    (row,) = (r for r in rows(tmp_path / "one", "attempts") if r["group"] == "S3")
    assert "do not fit into the tables" in row["reason"]
    assert row["seconds"] is not None
    assert {r["group"] for r in rows(tmp_path / "one", "groups")} == {"C2", "C5"}


@pytest.mark.gap
def test_a_finished_sweep_leaves_its_files_alone(tmp_path):
    folder = tmp_path / "catalog"
    sweep(folder, groups=["C2", "C3"], workers=0, activations=["relu"])
    then = {path: (path.stat().st_ino, path.stat().st_mtime_ns) for path in folder.iterdir()}
    report = sweep(folder, groups=["C2", "C3"], workers=0, activations=["relu"])
    assert report.statuses == {"done": 2}
    now = {path: (path.stat().st_ino, path.stat().st_mtime_ns) for path in folder.iterdir()}
    assert now == then
