"""Verification: a sound catalog passes, and every kind of change is noticed."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

import toolkit as tk
from toolkit.catalog.verify import slices as slices_module
from toolkit.catalog.verify.counts import GROUPS_OF_ORDER
from toolkit.catalog.verify.laws import LAWS
from toolkit.catalog.verify.slices import Slice, slices
from toolkit.catalog.verify.verify import check_law, verify
from toolkit.errors import CatalogError


def holder(n):
    """Return the number of groups of a squarefree order (Hölder 1893)."""
    primes = [p for p in range(2, n + 1) if n % p == 0 and all(p % q for q in range(2, p))]
    total = 0
    for bits in range(1 << len(primes)):
        kernel = [p for i, p in enumerate(primes) if bits >> i & 1]
        rest = [p for i, p in enumerate(primes) if not bits >> i & 1]
        product = 1
        for p in rest:
            c = sum(1 for q in kernel if q % p == 1)
            product *= (p**c - 1) // (p - 1)
        total += product
    return total


def test_numbers_of_groups():
    assert list(GROUPS_OF_ORDER) == list(range(1, 512))
    assert sum(GROUPS_OF_ORDER.values()) == 92_804
    assert sum(k for n, k in GROUPS_OF_ORDER.items() if n <= 255) == 7012
    assert sum(k for n, k in GROUPS_OF_ORDER.items() if n <= 63) == 319
    for n, k in GROUPS_OF_ORDER.items():
        primes = [p for p in range(2, n + 1) if n % p == 0 and all(p % q for q in range(2, p))]
        if all(n % (p * p) for p in primes):
            assert k == holder(n)
        if len(primes) == 1 and n in (primes[0] ** 2, primes[0] ** 3):
            assert k == (2 if n == primes[0] ** 2 else 5)


@pytest.mark.gap
def test_a_sound_catalog_passes(catalog):
    said = []
    found = list(verify(catalog, sample=2, seed=3, all_laws=True, progress=said.append))
    assert [c for c in found if c.broken] == []
    assert all(c.rows > 0 for c in found)
    names = [c.name for c in found]
    assert len(names) == len(set(names))
    assert {law.name for law in LAWS} < set(names)
    drawn = [n for n in names if "derived again" in n]
    assert len(drawn) == 2
    again = [c.name for c in verify(catalog, sample=2, seed=3)]
    assert [n for n in again if "derived again" in n] == drawn
    assert said


def changed(folder, name, column, change, where=None):
    """Change the values of a column; ``change`` gets and returns a list."""
    path = folder / f"{name}.parquet"
    table = pq.read_table(path)
    values = table.column(column).to_pylist()
    index = table.column_names.index(column)
    new = pa.array(change(values), type=table.schema.field(index).type)
    pq.write_table(table.set_column(index, table.schema.field(index), new), path)


def first(function):
    def change(values):
        return [function(values[0]), *values[1:]]

    return change


def add_to_all(values):
    return [value + 1 for value in values]


def last(function):
    def change(values):
        return [*values[:-1], function(values[-1])]

    return change


def add(k):
    return lambda value: value + k


#: A lattice of the last group, S4, in which A4 covers S4.
WRONG_LATTICE = b'C[[],["N0"],["N3"],["N1"]]'

#: Stored tables and columns (toolkit.catalog.files.layout), what is changed, the law that breaks.
CHANGES = [
    ("groups", "real_classes", last(add(1)), "groups: real classes"),
    ("groups", "classes", last(add(1)), "classes: as many as groups says"),
    ("groups", "exponent", last(add(12)), "central ones, and the exponent"),
    ("groups", "abelian", last(lambda x: not x), "agree with each other"),
    ("groups", "derived_order", last(lambda x: x // 2), "abelian invariants"),
    ("groups", "abelian_invariants", last(lambda _: ["3"]), "abelian invariants"),
    ("groups", "faithful_simples", last(add(1)), "faithful ones"),
    ("groups", "subgroup_classes", last(add(1)), "as many as classes of subgroups"),
    ("groups", "normal_subgroups", last(add(1)), "as many as groups says, or kernels only"),
    ("groups", "provenance", last(lambda _: "x"), "groups: every row says what made it"),
    ("classes", "size", last(add(1)), "class equation"),
    ("classes", "inverse", last(lambda _: 0), "classes: inverses pair"),
    ("classes", "element_order", last(lambda _: 1), "class 0 is that of 1"),
    ("simples", "degree", last(add(1)), "squares of the complex degrees"),
    ("simples", "type", last(lambda _: "H"), "Frobenius-Schur"),
    ("simples", "dimension", last(add(1)), "dimension = degree"),
    ("simples", "action_order", last(add(1)), "times the order of the action"),
    ("simples", "kernel", last(lambda _: "N1"), "the kernel is a normal subgroup"),
    ("normal_subgroups", "index", last(add(1)), "index times order"),
    ("lattices", "lattice", last(lambda _: WRONG_LATTICE), "(lattice)"),
    ("normal_subgroups", "is_kernel", last(lambda _: False), "kernels are those of simples"),
    ("quotients", "kernel_order", last(add(1)), "|N| times |G/N|"),
    ("quotients", "quotient", last(lambda _: "SmallGroup(6,2)"), "derived again"),
    ("pl_maps", "below", last(lambda x: x[:-1]), "only G has none above"),
    ("pl_maps", "targets", last(lambda x: [0, *x[1:]]), "each once"),
    ("pl_maps", "targets", last(lambda x: [99, *x[1:]]), "each once"),
    ("modules", "subgroup_normal", last(lambda x: not x), "H is normal exactly"),
    ("modules", "rank", last(add(1)), "rank = sum of m^2 e"),
    ("modules", "degree", last(add(1)), "|H| times degree"),
    ("modules", "simples", last(add(1)), "as many simples as modules says"),
    ("contents", "multiplicity", last(add(1)), "add up to the degree"),
    ("contents", "fixed", last(add(1)), "dim L^H = m e"),
    ("contents", "hyperplanes", last(lambda _: 7), "divide the degree"),
    ("graph_classes", "edges", last(add(1)), "numbers of edges and loops"),
    ("graph_classes", "sinks", last(add(1)), "sinks and sources"),
    ("graph_classes", "components", last(lambda _: 99), "components, longest path"),
    ("graph_classes", "components", last(add(-1)), "classes of simples that reach each other"),
    ("graph_classes", "longest_path", first(add(1)), "the longest path"),
    ("graph_classes", "graph_hash", last(lambda _: "00"), "the hash is that of the edges"),
    ("graphs", "self_share_mean", last(add(1e-6)), "means of shares"),
    ("graphs", "self_share_least", last(add(1e-6)), "derived again"),
    ("edge_kinds", "share", last(add(1e-6)), "add up to 1"),
    ("edge_kinds", "reach", last(add(1)), "reach <= reach_of"),
    ("edge_kinds", "reach_of", last(add(1)), "reach_of = dim K^H"),
    ("edges", "targets", last(lambda x: [*x[:-1], 99]), "both ends occur"),
    ("edge_kinds", "parts", first(lambda _: "odd"), "derived again"),
    ("graphs", "graph_class", lambda values: values[::-1], "isomorphic graphs, and of no others"),
    ("simples", "conductor", last(lambda _: 5), "least common multiple"),
    ("groups", "rational", last(lambda x: not x), "real, rational, and the conductor"),
    ("closed_sets", "size", last(add(1)), "the size is that of the list"),
    ("closed_sets", "dimension", last(add(1)), "isotypic parts together"),
    ("closed_sets", "members", last(lambda x: x[1:]), "in the closure of its source"),
    ("attempts", "status", last(lambda _: "failed"), "done exactly for the groups"),
    ("attempts", "number", first(add(1)), "as many groups as there are"),
    ("provenance", "schema", last(add(1)), "of this schema"),
]


@pytest.mark.gap
@pytest.mark.parametrize(
    ("name", "column", "change", "law"),
    [pytest.param(*c, marks=[pytest.mark.slow] * (i % 2)) for i, c in enumerate(CHANGES)],
    ids=[f"{c[0]}.{c[1]}-{c[3][:20]}" for c in CHANGES],
)
@pytest.mark.quick_cases(4)
def test_every_change_is_noticed(copied_folder, name, column, change, law):
    changed(copied_folder, name, column, change)
    derived = "derived again" in law
    with tk.catalog.open(copied_folder, unchecked=True) as catalog:
        # all groups are drawn where the change is seen by deriving rows again
        checks = verify(catalog, sample=99 if derived else 0, all_laws="graph" in name)
        assert any(law in c.name and c.example for c in checks if c.broken)


@pytest.mark.slow
@pytest.mark.gap
def test_a_law_on_slices_is_the_law_on_all_rows(copied_folder, monkeypatch):
    changed(copied_folder, "edge_kinds", "reach", add_to_all)  # breaks a law on edges everywhere
    with tk.catalog.open(copied_folder, unchecked=True) as catalog:
        whole = [check_law(catalog, law, [Slice()]) for law in LAWS]
        monkeypatch.setattr(slices_module, "ROWS_OF_SLICE", 300)
        long = slices(catalog, "edges")
        conditions = [part.condition for part in long]
        assert any('"group" >= ' in c for c in conditions)
        assert any("<=" in c for c in conditions)
        for law, expected in zip(LAWS, whole, strict=True):
            found = check_law(catalog, law, [Slice()] if law.whole else long)
            assert (found.rows, found.broken) == (expected.rows, expected.broken), law.name
            assert bool(found.example) == bool(expected.example)
            if not law.whole:
                own = slices(catalog, law.longest)
                assert check_law(catalog, law, own).rows == expected.rows
    assert any(c.broken for c in whole)


@pytest.mark.gap
@pytest.mark.parametrize(
    ("name", "column", "change", "law"),
    [c for c in CHANGES if "derived again" not in c[3] and c[0] not in ("provenance", "lattices")],
)
@pytest.mark.quick_cases(2)
def test_every_change_is_noticed_in_slices(copied_folder, monkeypatch, name, column, change, law):
    changed(copied_folder, name, column, change)
    monkeypatch.setattr(slices_module, "ROWS_OF_SLICE", 100)
    with tk.catalog.open(copied_folder, unchecked=True) as catalog:
        assert len(slices(catalog, "edges")) > 3
        checks = verify(catalog, sample=0, all_laws="graph" in name)
        assert any(law in c.name and c.example for c in checks if c.broken)


@pytest.mark.gap
def test_a_group_with_too_many_normal_subgroups_to_count_breaks_no_law(copied_folder):
    """As C2^8 does, of order 256: 417,199 of them."""
    changed(copied_folder, "groups", "normal_subgroups", last(lambda _: None))
    with tk.catalog.open(copied_folder, unchecked=True) as catalog:
        found = [check_law(catalog, law, [Slice()]) for law in LAWS]
    assert [c.name for c in found if c.broken] == []


@pytest.mark.gap
@pytest.mark.parametrize("value", [10**12, 2**62, None])
@pytest.mark.parametrize("column", ["edges", "nodes"])
@pytest.mark.quick_cases(2)
def test_damaged_numbers_of_edges_are_named(copied_folder, column, value):
    path = copied_folder / "graph_classes.parquet"
    kind = pq.read_schema(path).field(column).type
    most = min(value, 2**31 - 1) if value and kind == pa.int32() else value
    changed(copied_folder, "graph_classes", column, lambda values: [most for _ in values])
    with tk.catalog.open(copied_folder, unchecked=True) as catalog:
        broken = [c.name for c in verify(catalog, sample=0, all_laws=True) if c.broken]
    assert any(name.startswith("graphs: ") for name in broken)


@pytest.mark.slow
@pytest.mark.gap
def test_rows_of_groups_that_no_other_table_knows_are_in_a_slice(copied_folder, monkeypatch):
    path = copied_folder / "simples.parquet"
    whole = pq.read_table(path)
    index = whole.column_names.index("group")
    stray = whole.slice(0, 1).set_column(
        index, whole.schema.field(index), pa.array(["Stray"], whole.schema.field(index).type)
    )
    pq.write_table(pa.concat_tables([whole, stray, stray]), path)
    monkeypatch.setattr(slices_module, "ROWS_OF_SLICE", 100)
    with tk.catalog.open(copied_folder, unchecked=True) as catalog:
        broken = {c.name: c.example for c in verify(catalog, sample=0) if c.broken}
    assert broken["simples: every row once"] == "Stray"


@pytest.mark.gap
@pytest.mark.parametrize("name", ["groups", "edges", "closed_sets", "simples", "attempts"])
@pytest.mark.quick_cases(1)
def test_a_doubled_or_lost_row_is_noticed(copied_folder, name):
    path = copied_folder / f"{name}.parquet"
    whole = pq.read_table(path)
    pq.write_table(pa.concat_tables([whole, whole.slice(3, 1)]), path)
    with tk.catalog.open(copied_folder, unchecked=True) as catalog:
        broken = [c.name for c in verify(catalog, sample=0) if c.broken]
    assert f"{name}: every row once" in broken
    keep = pc.not_equal(pa.array(range(whole.num_rows)), whole.num_rows - 1)
    pq.write_table(whole.filter(keep), path)
    with tk.catalog.open(copied_folder, unchecked=True) as catalog:
        assert any(c.broken for c in verify(catalog, sample=0))


@pytest.mark.gap
def test_a_damaged_page_is_found(copied_folder):
    path = copied_folder / "edges.parquet"
    pq.write_table(pq.read_table(path), path, write_page_checksum=True, compression="none")
    data = bytearray(path.read_bytes())
    foot = 8 + int.from_bytes(data[-8:-4], "little")
    data[len(data) - foot - 5] ^= 1
    path.write_bytes(data)
    with (
        tk.catalog.open(copied_folder, unchecked=True) as catalog,
        pytest.raises(CatalogError) as caught,
    ):
        list(verify(catalog, sample=0))
    assert "edges.parquet" in str(caught.value)
    assert "\n" not in str(caught.value)
