"""Pages for the terminal of what is no interaction graph."""

from __future__ import annotations

import toolkit as tk
from toolkit.formats import to_table
from toolkit.text import label_runs


def test_closed_sets_are_called_closed_sets() -> None:
    S4 = tk.group("S4")
    lattice = tk.closed_sets(S4.regular_module(), "relu")
    lines = to_table(lattice).splitlines()
    assert lines[0] == "S4, regular module, relu, no bias: 5 closed sets"
    assert " ".join(lines[2].split()) == "closed set dim level |U+| kernel normal just above"
    assert lines[4].split() == ["{}", "0", "0", "24", "24", "N3", "{L0}"]
    assert lines[8].split() == ["{L0..L4}", "24", "4", "1", "1", "N0", "nothing"]
    assert "interaction" not in to_table(lattice)


def test_columns_that_nothing_is_known_of_are_left_out() -> None:
    X = tk.group("S3").natural_module()
    page = to_table(tk.closed_sets(X + X, "abs"))
    assert "|U+|" not in page.splitlines()[2]
    assert "kernel" in page.splitlines()[2]


def test_many_just_above_fill_lines() -> None:
    X = tk.group("C2^3").regular_module()
    page = to_table(tk.closed_sets(X, "relu"), width=70)
    assert page.splitlines()[0] == "C2 x C2 x C2, regular module, relu, no bias: 17 closed sets"
    assert max(map(len, page.splitlines())) <= 70


def test_normal_subgroups_and_maps() -> None:
    S4 = tk.group("S4")
    page = to_table(tk.kernel_lattice(S4)).splitlines()
    assert page[0] == "S4: 4 normal subgroups"
    assert page[4].split() == ["N0", "1", "L3,", "L4", "N1"]
    page = to_table(tk.pl_hom_preorder(S4)).splitlines()
    assert page[0] == "S4: 5 simples, 16 pairs joined by piecewise-linear maps"
    assert "share" not in page[-1]
    page = to_table(tk.interaction_graph(S4.natural_module(), "relu")).splitlines()
    assert page[0] == "S4, 4 points, relu, no bias: 2 simples, 3 interactions"
    assert "share" in page[-1]


def test_runs_of_labels() -> None:
    assert label_runs([]) == ""
    assert label_runs(["L0", "L1", "L2"]) == "L0, L1, L2"
    assert label_runs(["L0", "L1", "L2", "L3", "L9"]) == "L0..L3, L9"
    assert label_runs(["N"]) == "N"
