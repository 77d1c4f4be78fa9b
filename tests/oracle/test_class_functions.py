"""Class functions against GAP's own: 200 groups, one GAP process."""

from __future__ import annotations

import math
import random
import shutil
from fractions import Fraction

import pytest
from processes import PATIENCE

import toolkit as tk
from toolkit.exact import Cyclotomic
from toolkit.gap import GapWorker
from toolkit.library.change_of_group import restrict

pytestmark = pytest.mark.gap

NAMED = [
    "C1",
    "C2",
    "C5",
    "C12",
    "C15",
    "C24",
    "D8",
    "D10",
    "D24",
    "Q8",
    "Q16",
    "S3",
    "A4",
    "S4",
    "A5",
    "S5",
    "A6",
    "S6",
    "A7",
    "SL(2,3)",
    "GL(2,3)",
    "SL(2,5)",
    "PSL(2,7)",
    "PGL(2,7)",
    "PSL(2,8)",
    "AGL(1,5)",
    "AGL(1,8)",
    "AGL(1,9)",
    "M11",
    "PSL(2,11)",
]
COUNTS = {
    16: 14, 18: 5, 20: 5, 21: 2, 24: 15, 27: 5, 32: 51, 36: 14, 39: 2, 40: 14, 42: 6, 48: 52,
    52: 5, 54: 15, 55: 2, 56: 13, 60: 13, 64: 267, 72: 50, 80: 52, 81: 15, 84: 15, 93: 2, 96: 231,
}  # fmt: skip


def small_groups(count: int) -> list[str]:
    rng = random.Random(13)
    every = [f"SmallGroup({n},{i})" for n, k in COUNTS.items() for i in range(1, k + 1)]
    return rng.sample(every, count)


FEW = [*NAMED[:-6:3], *small_groups(18)]
ALL = [*NAMED, *small_groups(170)]


@pytest.fixture(scope="module")
def oracle(installation, scripts, tmp_path_factory):
    from pathlib import Path

    folder = tmp_path_factory.mktemp("oracle") / "gap_scripts"
    shutil.copytree(scripts, folder)
    text = Path(__file__).with_name("class_functions.g").read_text()
    with (folder / "init.g").open("a") as init:
        init.write(text + '\nAdd(TK_Requests, "class_function_oracle");\n')
    with GapWorker(installation, folder, timeout=PATIENCE) as worker:
        yield worker


def number(x):
    """Return GAP's number as the toolkit writes it."""
    x = Cyclotomic.from_json(x)
    return x.to_int() if x.is_integer else x.to_fraction() if x.is_rational else x


def row(values):
    return tuple(map(number, values))


def as_json(f):
    out = []
    for v in f:
        x = v if isinstance(v, Cyclotomic) else Cyclotomic.from_fraction(Fraction(v))
        out.append([x.conductor, [list(t) for t in x.terms]])
    return out


def compare(G, oracle):
    rng = random.Random(G.name)
    table = G.character_table
    chosen = sorted(rng.sample(range(len(table)), min(len(table), 4)))
    chars = [G.character(i) for i in chosen]
    virtual = sum((rng.randint(-2, 2) * G.character(i) for i in range(len(table))), 0 * chars[0])
    units = [k for k in range(2, 60) if math.gcd(k, G.order) == 1]
    anything = [
        Fraction(rng.randint(-3, 3), rng.choice((1, 1, 2, 3)))
        + rng.choice((0, 0, 1)) * Cyclotomic.root_of_unity(rng.choice(table.element_orders))
        for _ in range(len(table))
    ]
    plain = [G.class_function(f.values) for f in (*chars, virtual)]  # nothing known of them
    functions = [*chars, virtual, G.class_function(anything)]
    classes = [c for c in G.subgroup_classes() if c.order > 1] if G.order < 100 else []
    generators = list(rng.choice(classes).generators) if classes else [table.representatives[-1]]
    below = [restrict(f, generators) for f in functions]
    H = below[0].home
    k = rng.choice(units)
    answer = oracle.ask(
        "class_function_oracle",
        {
            "group": G.spec.to_json(),
            "reps": list(table.representatives),
            "functions": [as_json(f) for f in functions],
            "characters": len(chars),
            "k": k,
            "subgroup": {
                "group": H.spec.to_json(),
                "reps": list(H.character_table.representatives),
                "images": generators,
            },
        },
        subject=G.name,
    ).value
    assert [[f.inner_product(h) for h in functions] for f in functions] == [
        [number(x) for x in line] for line in answer["inner"]
    ]
    assert [[f.inner_product(h) for h in plain] for f in plain] == [
        [number(x) for x in line[:-1]] for line in answer["inner"][:-1]
    ]
    products = [row(f) for f in answer["products"]]
    assert [(f * functions[0]).values for f in functions] == products
    assert [(f * plain[0]).values for f in plain] == products[:-1]
    for n, symmetric, exterior in zip(
        (2, 3, 4), answer["symmetric"], answer["exterior"], strict=True
    ):
        assert [f.symmetric_power(n).values for f in chars] == [row(f) for f in symmetric]
        assert [f.exterior_power(n).values for f in chars] == [row(f) for f in exterior]
    shapes = answer["partitions"]
    assert (
        sorted(f.schur_functor(s).values for f in chars for s in shapes)
        == sorted(row(f) for f in answer["schur"])
        if all(f.is_rational for f in chars)
        else {f.schur_functor(s).values for f in chars for s in shapes}
        == {row(f) for f in answer["schur"]}
    )
    for p, minus in zip((2, 3, 5), answer["minus"], strict=True):
        assert [((f**p - f.adams(p)) / p).values for f in chars] == [row(f) for f in minus]
    for n, indicators in zip((2, 3, 4, 5, 6), answer["indicators"], strict=True):
        assert [f.frobenius_schur_indicator(n) for f in chars] == indicators
    try:
        moved = [f.galois_conjugate(k).values for f in functions]
    except tk.errors.ClassFunctionError:
        moved = None  # the arbitrary values may have another conductor
    if moved is not None:
        assert moved == [row(f) for f in answer["galois"]]
    assert [f.determinant.values for f in chars] == [row(f) for f in answer["determinants"]]
    fields = [f.field_of_values for f in functions]
    assert [[f.conductor, f.degree] for f in fields] == answer["fields"]
    assert [list(f.kernel) for f in chars] == answer["kernels"]
    assert [list(f.centre) for f in chars] == answer["centres"]
    for f, eigenvalues in zip(chars, answer["eigenvalues"], strict=True):
        mine = [f.eigenvalues(c) for c in range(len(table))]
        assert [[*m[1:], m[0]] for m in mine] == eigenvalues
    assert [f.is_virtual_character for f in functions] == answer["virtual"]
    assert [f.values for f in below] == [row(f) for f in answer["restricted"]]
    for psi, above in zip(answer["below"], answer["induced"], strict=True):
        found = tk.induce(H.class_function(row(psi)), G, generators)
        assert found.values == row(above)
        assert found.is_character
        # Frobenius reciprocity
        assert found.inner_product(chars[0]) == H.class_function(row(psi)).inner_product(below[0])


@pytest.mark.parametrize(
    "name",
    [*FEW[::3], *(pytest.param(n, marks=pytest.mark.slow) for n in FEW if n not in FEW[::3])],
)
@pytest.mark.quick_cases(3)
def test_a_few_groups(session, oracle, name):
    compare(tk.group(name, session=session), oracle)


@pytest.mark.slow
def test_two_hundred_groups(session, oracle):
    assert len(set(ALL)) == 200
    for name in ALL:
        try:
            compare(tk.group(name, session=session), oracle)
        except AssertionError as error:
            raise AssertionError(f"{name}: {error}") from None
