"""What the page decides about edges and closures, and its words, against the library's."""

from __future__ import annotations

import json
import random

import numpy as np
import pytest

import toolkit as tk
from toolkit.explorer.record import group_record, module_record
from toolkit.explorer.record.unpacked import unpacked
from toolkit.pl.activations.activation import find_activation

GROUPS = ("C8", "D16", "Q8", "S4", "A5", "SL(2,3)", "SmallGroup(96,64)", "SmallGroup(64,30)", "C7")
EXPLAINED = ("C8", "Q8", "S4", "SL(2,3)", "A5")
ACTIVATIONS = (
    "relu", "abs", "tanh", "elu", "sigmoid", "identity", "square", "cube", "relu_squared", "cos",
    "polynomial(1,0,2,1)", "sign(x)^2", "tanh(x) + 1 - sign(x)^2",
)  # fmt: skip

ASK = """async ({record, cases}) => {
  const { Criterion } = await import("/js/mathematics/support.js");
  const { allEdges } = await import("/js/mathematics/edges.js");
  const { explain } = await import("/js/graph/explain.js");
  return cases.map(({module, f, bias, pairs, sets}) => {
    const activation = {...f, evaluate: () => f.atZero};
    const criterion = new Criterion(record, record.modules[module], activation, bias);
    const plain = ({source, target, parts, reach, reach_of}) =>
      [source, target, parts, reach, reach_of];
    const single = criterion.labels.flatMap((_, source) =>
      [...criterion.occurring([source])].map(([target, {parts, reach}]) =>
        [source, target, parts.join(", "), reach, criterion.module.contents[target].fixed]));
    return {
      edges: allEdges(criterion).map(plain),
      single,
      words: pairs.map(([l, k]) => explain(criterion, l, k)),
      closures: sets.map((set) => criterion.closureLayers(set).flat().sort((a, b) => a - b)),
    };
  });
}"""


def _record(G, modules):
    """Return the record of a group with just these modules."""
    record = group_record(G, [], whole_page=False)
    whole = unpacked({**record, "modules": [module_record(G, X) for X in modules]})
    return json.loads(json.dumps(whole, default=np.ndarray.tolist))


def _shown(name):
    """Return what the page is told of an activation."""
    f = find_activation(name)
    terms = sorted(t for p in (f.even_part, f.odd_part) if p.is_polynomial for t in p.terms)
    return {
        "name": f.name,
        "even": _kind(f.even_part),
        "odd": _kind(f.odd_part),
        "degrees": [d for d, _ in terms],
        "coefficients": [c for _, c in terms],
        "atZero": f.at_zero,
        "partsAre": f.parts_are,
    }


def _kind(part):
    if not part.is_polynomial:
        return "non-polynomial"
    named = {(): "zero", (0,): "constant", (1,): "linear"}
    return named.get(part.degrees, "polynomial")


def _case(X, place, activation, bias, chosen, every_pair):
    labels = list(X.multiplicities)
    graph = tk.interaction_graph(X, activation, bias=bias)
    assert list(graph) == labels
    pairs = [(a, b) for a in range(len(labels)) for b in range(len(labels))]
    if not every_pair:
        pairs = chosen.sample(pairs, min(8, len(pairs)))
    sets = [
        sorted(chosen.sample(range(len(labels)), chosen.randint(1, min(4, len(labels)))))
        for _ in range(4)
    ]
    asked = {
        "module": place,
        "f": _shown(activation),
        "bias": bias,
        "pairs": pairs,
        "sets": sets,
    }
    edges = [
        [labels.index(a), labels.index(b), d["parts"], d["reach"], d["reach_of"]]
        for a, b, d in graph.edges(data=True)
    ]
    expected = {
        "edges": edges,
        "single": edges,
        "words": [tk.explain(X, labels[a], labels[b], activation, bias=bias) for a, b in pairs],
        "closures": [
            [
                labels.index(label)
                for label in tk.closure(X, [labels[i] for i in s], activation, bias=bias)
            ]
            for s in sets
        ],
    }
    return asked, expected


def _compare(page, record, modules, activations=ACTIVATIONS, *, every_pair=False):
    chosen = random.Random(4)
    asked, expected = [], []
    for place, X in enumerate(modules):
        for activation in activations:
            for bias in (False, True):
                case, answer = _case(X, place, activation, bias, chosen, every_pair)
                asked.append(case)
                expected.append(answer)
    found = page.evaluate(ASK, {"record": record, "cases": asked})
    for case, one, other in zip(asked, found, expected, strict=True):
        assert one == other, (record["name"], case["module"], case["f"]["name"], case["bias"])


@pytest.fixture(scope="module")
def blank(browser, site):
    """A page of the site with nothing on it but its address."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(site.address)
    yield page
    context.close()


@pytest.mark.browser
@pytest.mark.parametrize("name", GROUPS)
def test_edges_closures_and_words_are_the_library_s(blank, name):
    G = tk.group(name)
    modules = [G.regular_module(), *G.permutation_modules(max_index=12)[1:6]]
    _compare(blank, _record(G, modules), modules)


@pytest.mark.browser
@pytest.mark.parametrize("name", EXPLAINED)
def test_every_pair_is_explained_in_the_library_s_words(blank, name):
    G = tk.group(name)
    modules = [G.regular_module()]
    _compare(blank, _record(G, modules), modules, every_pair=True)


@pytest.mark.browser
def test_several_orbits(blank):
    G = tk.group("S4")
    points, signs = G.natural_module(), G.coset_module("N2")
    modules = [points + points, points + signs, signs + G.coset_module("H4a")]
    record = _record(G, modules)
    assert all(m["orbits"] for m in record["modules"])
    _compare(blank, record, modules, every_pair=True)


@pytest.mark.browser
def test_numbers_are_written_as_python_writes_them(blank):
    numbers = [0.0, 0.5, 1.0, -1.0, 0.6931471805599453, 1e-7, 123456.7, 1234567.0, -2.5e-5, 100.0,
               0.1, 3.0000001, 999999.5]  # fmt: skip
    found = blank.evaluate(
        """async (numbers) => {
          const { general } = await import("/js/graph/explain.js");
          return numbers.map(general);
        }""",
        numbers,
    )
    assert found == [f"{x:g}" for x in numbers]


@pytest.mark.browser
def test_a_damaged_record_is_noticed(blank):
    G = tk.group("S4")
    record = _record(G, [G.regular_module()])
    record["simples"][2]["character"][1] = 1
    words = blank.evaluate(
        """async (record) => {
          const { Criterion } = await import("/js/mathematics/support.js");
          const f = {name: "relu", even: "non-polynomial", odd: "linear", degrees: [1],
                     coefficients: [0.5], evaluate: () => 0};
          const criterion = new Criterion(record, record.modules[0], f);
          try { criterion.occurring([1]); } catch (error) { return error.message; }
          return "";
        }""",
        record,
    )
    assert "the record is damaged" in words


@pytest.mark.browser
def test_modules_with_signs(blank):
    G = tk.group("D8")
    modules = [pair.module for pair in tk.signed_pairs(G)][:12]
    assert any(X.has_signs for X in modules)
    _compare(blank, _record(G, modules), modules, ("tanh", "cube", "identity"), every_pair=True)
