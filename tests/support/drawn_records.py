"""Records with only their drawn part, and what it needs of the rest."""

from __future__ import annotations

from typing import Any

import toolkit as tk
from toolkit.explorer.record.drawn import group_fields, module_fields


def drawn_record(name: str, kind: str) -> tuple[Any, dict[str, Any]]:
    """Return a module of a group and the record of the group with this module."""
    G = tk.group(name)
    X = {
        "regular": G.regular_module,
        "natural": G.natural_module,
    }.get(kind, lambda: G.coset_module(kind))()
    lattice = G.normal_subgroups()
    below: dict[int, list[str]] = {i: [] for i in range(len(lattice))}
    for i, j in lattice.covers:
        below[j].append(lattice[i].label)
    names = {frozenset(n.classes): n.label for n in lattice}
    labels = [s.label for s in G.simples]
    return X, {
        "simples": [{"label": s.label, "kernel": names[frozenset(s.kernel)]} for s in G.simples],
        "normal": [{"label": n.label, "covers": below[i]} for i, n in enumerate(lattice)],
        "normal_complete": True,
        **group_fields(G, [X]).fields,
        "modules": [
            {
                "contents": [{"simple": labels.index(label)} for label in X.multiplicities],
                **module_fields(X).fields,
            }
        ],
    }
