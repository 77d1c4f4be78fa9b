"""What closures, networks and kernels refuse, and what they accept."""

from __future__ import annotations

from typing import Any

import pytest

import toolkit as tk
from toolkit.errors import ModuleMismatchError
from toolkit.pl.closure import reachable


def test_a_module_stands_for_its_simples() -> None:
    S4 = tk.group("S4")
    V = S4.natural_module()
    every = tk.pl_existence_graph(S4)
    assert list(tk.pl_existence_graph(S4.regular_module()).edges) == list(every.edges)
    assert list(tk.pl_existence_graph(V).edges) == list(every.subgraph(["L0", "L3"]).edges)
    sign = S4.signed_coset_module([[1, 2, 3, 0], [1, 0, 2, 3]], [[1, 2, 0, 3], [0, 2, 3, 1]])
    assert list(tk.pl_existence_graph(sign).edges) == [("L1", "L1")]
    assert list(tk.kernel_order(V).edges) == list(tk.kernel_order(S4).edges)


@pytest.mark.parametrize("wrong", ["S4", None, 3, ["L0"]])
def test_neither_group_nor_module(wrong: Any) -> None:
    for ask in (tk.pl_existence_graph, tk.kernel_order):
        with pytest.raises(ModuleMismatchError, match="a group or a module is required"):
            ask(wrong)


def test_networks_need_lists_of_modules() -> None:
    V = tk.group("S4").natural_module()
    with pytest.raises(ModuleMismatchError, match=r"write \[X, X\]"):
        reachable(V, ["L3"], "relu")  # type: ignore[arg-type]
    with pytest.raises(ModuleMismatchError, match="at least one module"):
        reachable([], ["L3"], "relu")
    assert reachable(iter([V, V]), ["L3"], "relu") == reachable([V, V], ["L3"], "relu")  # type: ignore[arg-type]
