"""Query a small group: everything exact, from the bundled answers, the cache, or GAP."""

from __future__ import annotations

import toolkit as tk


def main() -> None:
    """Print what there is to know about SL(2,3)."""
    G = tk.group("SL(2,3)")
    print(G.name, "=", ", ".join(G.aliases), "of order", G.order)
    table = G.character_table
    print("classes:", ", ".join(table.class_names))
    for L in G.simples:
        values = " ".join(f"{table.values[v].pretty():>4}" for v in L.row)
        print(
            f"{L.label}  dim {L.dimension}  type {L.type}  |G/ker| {L.action_order:>2}   {values}"
        )
    lattice = G.normal_subgroups()
    for n in lattice:
        above = ", ".join(lattice.graph.successors(n.label)) or "-"
        print(f"{n.label}: order {n.order}, quotient {n.quotient}, inside {above}")
    for X in G.permutation_modules():
        parts = " + ".join(
            label if m == 1 else f"{m} {label}" for label, m in X.multiplicities.items()
        )
        print(f"{X.name:<16} {X.degree:>3} points, rank {X.rank:>3}: {parts}")
    try:
        tk.group("Table(M)").natural_module()
    except tk.NotAvailable as reason:
        print("a typed no:", reason)


if __name__ == "__main__":
    main()
