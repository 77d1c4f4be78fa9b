"""Maps, pieces, hyperplanes, regions, orbitals and bases of the page against Python's."""

from __future__ import annotations

import json
from collections import Counter

import numpy as np
import pytest
from sample_site import GROUPS

import toolkit as tk

LARGEST = 96
EXACT = 1e-8


def module_of(G, text):
    named = {"regular": G.regular_module, "natural": G.natural_module}
    return named[text]() if text in named else G.coset_module(text)


def modules_of(record):
    return [m["id"] for m in record["modules"] if m.get("vectors") and m["degree"] <= LARGEST]


HELPERS = """
async () => {
  const at = (name) => import(new URL("js/" + name, document.baseURI).href);
  const parts = await Promise.all([
    "mathematics/models.js", "mathematics/pieces.js", "mathematics/arrangement.js",
    "mathematics/activations.js", "layer/orbitals.js", "layer/basis.js", "mathematics/near.js",
    "map/verdict.js",
  ].map(at));
  const { createData } = await at("data.js");
  const data = createData(new URL("data/", document.baseURI), null);
  globalThis.testing = Object.assign({ data }, ...parts);
}
"""


@pytest.fixture
def helpers(open_page):
    """A page that has the modules of the mathematics at hand."""
    page = open_page("")
    page.evaluate(HELPERS)
    return page


MAPS = """
async ([group, cases]) => {
  const T = globalThis.testing;
  const record = await T.data.record(group);
  const out = [];
  for (const { module: id, source, target, f, copy, vectors } of cases) {
    const module = record.modules.find((one) => one.id === id);
    const activation = await T.activation(f);
    const one = (label) => copy === null || T.copiesOf(module, label).length < 2;
    const key = (label) => (one(label) ? "" : String(copy));
    const copies = { sourceCopy: key(source), targetCopy: key(target) };
    const map = T.mapBetween(record, module, source, target, activation, copies);
    const breaks = T.breaksOf(map);
    const entry = (label) => {
      const place = module.contents.findIndex((one) => record.simples[one.simple].label === label);
      return { ...record.simples[module.contents[place].simple], ...module.contents[place], place };
    };
    const named = { sourceCopy: T.copyOf(module, source, copies.sourceCopy),
      targetCopy: T.copyOf(module, target, copies.targetCopy) };
    const scene = { module, map, breaks, source: entry(source), target: entry(target) };
    const verdict = T.verdictOf(scene, activation, named);
    out.push({
      values: vectors.map((v) => [...map.value(v)]),
      pieces: breaks && vectors.map((v) => {
        const { matrix, constant } = T.pieceAt(map, v);
        return [[...matrix], [...constant]];
      }),
      planes: breaks && breaks.normals.map((n, i) => [...n, breaks.offsets[i]]),
      continuous: breaks && breaks.continuous,
      zero: verdict.zero, certainty: verdict.certainty,
      names: [named.sourceCopy.name, named.targetCopy.name],
    });
  }
  return out;
}
"""


def hyperplanes(normals, offsets):
    """Hyperplanes as a sorted array; (n, o) and (-n, -o) are the same."""
    rows = np.column_stack([np.asarray(normals), np.asarray(offsets)])
    if not len(rows):
        return rows
    lead = np.argmax(np.abs(rows[:, :-1]) > 1e-6, axis=1)
    rows = rows * np.sign(rows[np.arange(len(rows)), lead])[:, None]
    return rows[np.lexsort(np.round(rows, 6).T)]


@pytest.mark.parametrize("name", GROUPS)
@pytest.mark.slow
def test_maps_are_those_of_python(helpers, sample_records, name):
    random = np.random.default_rng(7)
    G = tk.group(GROUPS[name])
    cases, expected = [], []
    for text in modules_of(sample_records[name]):
        X = module_of(G, text)
        labels = list(X.multiplicities)
        pairs = [(a, b) for a in labels for b in labels]
        picked = random.permutation(len(pairs))[:12]
        for source, target in [pairs[i] for i in picked]:
            for f in ("relu", "abs", "hardtanh", "sign", "gelu", "relu2"):
                copy = None if random.random() < 0.7 else 0
                phi = tk.pl_map(X, source, target, f, w=copy, u=copy)
                vectors = random.normal(size=(2, phi.source.dimension))
                cases.append(
                    {"module": text, "source": source, "target": target, "f": f, "copy": copy,
                     "vectors": vectors.tolist()}
                )  # fmt: skip
                expected.append((phi, vectors))
    found = helpers.evaluate(MAPS, [name, cases])
    assert len(found) == len(cases) > 0
    for case, (phi, vectors), answer in zip(cases, expected, found, strict=True):
        where = json.dumps(case)
        assert np.abs(np.array(answer["values"]) - phi(vectors)).max() < EXACT, where
        assert answer["zero"] == phi.is_zero, where
        # where Python needs floating point the page has integers of the record, or says numerical
        if phi.zero.certainty == "exact" and case["copy"] is None:
            assert answer["certainty"] == "exact", where
        assert answer["names"] == [phi.source.copy, phi.target.copy], where
        assert (answer["planes"] is None) == (not phi.is_piecewise_linear), where
        if answer["planes"] is None:
            continue
        planes = np.array(answer["planes"]).reshape(-1, phi.source.dimension + 1)
        mine = hyperplanes(planes[:, :-1], planes[:, -1])
        theirs = hyperplanes(phi.hyperplanes, phi.offsets)
        assert mine.shape == theirs.shape, where
        assert not mine.size or np.abs(mine - theirs).max() < EXACT, where
        assert answer["continuous"] == phi.breaks.is_continuous, where
        for vector, (matrix, constant) in zip(vectors, answer["pieces"], strict=True):
            right, moved = phi.piece_at(vector)
            assert np.abs(np.array(matrix) - right.ravel()).max() < EXACT, where
            assert np.abs(np.array(constant) - moved).max() < EXACT, where


REGIONS = """
async ([group, id, source, target, f, points]) => {
  const T = globalThis.testing;
  const record = await T.data.record(group);
  const module = record.modules.find((one) => one.id === id);
  const map = T.mapBetween(record, module, source, target, await T.activation(f));
  const breaks = T.breaksOf(map);
  const regions = new T.RegionOrbits(breaks, record.models[source], map.d);
  for (const point of points) regions.orbit(point);
  for (let i = 0; i < 5000; i += 1) {
    const turn = (_, j) => Math.sin((i + 1) * Math.sqrt(2 + j) * 9.7 + j);
    const v = Array.from({ length: map.d }, turn);
    const size = 2 * ((i * 0.618) % 1) / Math.hypot(...v);
    regions.orbit(v.map((x) => x * (breaks.central ? 1 : size * 3)));
  }
  const lines = map.d === 2
    ? T.linesInPlane(breaks.normals, breaks.offsets, [0, 0], [1, 0], [0, 1]) : null;
  return { sizes: regions.sizes, complete: regions.complete,
    cells: lines && T.cellsOf(T.disc(40), lines).length };
}
"""


@pytest.mark.parametrize(
    ("name", "module", "source", "target", "f"),
    [
        ("C8", "regular", "L3", "L0", "relu"),
        ("S4", "regular", "L2", "L1", "abs"),
        ("S4", "regular", "L3", "L0", "relu"),
        ("A5", "H2a", "L1", "L0", "abs"),
        ("A5", "H5a", "L1", "L0", "relu"),
        ("C8", "regular", "L2", "L2", "hardtanh"),
        ("C8", "regular", "L3", "L3", "hardtanh"),
    ],
)
def test_orbits_of_regions_are_those_of_python(helpers, name, module, source, target, f):
    phi = tk.pl_map(module_of(tk.group(GROUPS[name]), module), source, target, f)
    assert len(phi.hyperplanes)
    # a point in a region of each orbit, some of them narrow, and others anywhere
    points = [piece.region.point.tolist() for piece in phi.matrices]
    found = helpers.evaluate(REGIONS, [name, module, source, target, f, points])
    assert found["complete"]
    assert Counter(found["sizes"]) == Counter(piece.size for piece in phi.matrices)
    if found["cells"] is not None:
        assert found["cells"] == phi.regions.count


def test_the_records_count_the_regions_of_the_absolute_value(sample_records):
    from toolkit.explorer.record.unpacked import unpacked

    checked = 0
    for name, packed in sample_records.items():
        record = unpacked(packed)
        G = tk.group(GROUPS[name])
        for module in record["modules"]:
            if module["id"] not in modules_of(record):
                continue
            X = module_of(G, module["id"])
            trivial = next(iter(X.multiplicities))
            for entry in module["contents"]:
                simple = record["simples"][entry["simple"]]
                if simple["dimension"] > 3 or entry.get("regions") is None:
                    continue
                phi = tk.pl_map(X, simple["label"], trivial, "abs")
                assert entry["hyperplanes"] == len(phi.lines)
                assert (entry["regions"], entry["regions_are"]) == (
                    phi.regions.count, phi.regions.certainty,
                )  # fmt: skip
                checked += 1
    assert checked > 20


ORBITALS = """
async ([group, from, to]) => {
  const T = globalThis.testing;
  const record = await T.data.record(group);
  const [X, Y] = [from, to].map((id) => record.modules.find((one) => one.id === id));
  const found = T.orbitalsOf(Y.images, X.images);
  return {
    labels: [...found.labels], sizes: found.sizes, shape: [found.rows, found.columns],
    degrees: found.sizes.map((_, k) => T.degreesOf(found, k)),
    paired: from === to ? found.sizes.map((_, k) => T.pairedWith(found, k)) : null,
    blocks: T.blocksOf(record, X, Y),
  };
}
"""


@pytest.mark.parametrize("name", GROUPS)
def test_orbitals_are_those_of_python(helpers, sample_records, name):
    G = tk.group(GROUPS[name])
    texts = modules_of(sample_records[name])
    for source in texts[:5]:
        for target in {source, *texts[1:4]}:
            X, Y = module_of(G, source), module_of(G, target)
            basis = tk.layer_basis(X, Y)
            found = helpers.evaluate(ORBITALS, [name, source, target])
            labels = np.array(found["labels"]).reshape(found["shape"])
            assert np.array_equal(labels, basis.label_matrix)
            assert found["sizes"] == basis.sizes.tolist()
            assert found["blocks"]["total"] == basis.dimension
            orbitals = basis.orbitals
            assert [d["inRow"] for d in found["degrees"]] == orbitals.row_degrees.tolist()
            assert [d["inColumn"] for d in found["degrees"]] == orbitals.column_degrees.tolist()
            if source == target:
                assert found["paired"] == orbitals.paired.tolist()


BASIS = """
async ([group, id]) => {
  const T = globalThis.testing;
  const record = await T.data.record(group);
  const module = record.modules.find((one) => one.id === id);
  const { functions, all } = T.basisOf(record, module, null, 1e6);
  const row = (one) => [one.label, one.copy, one.coordinate, [...one.values]];
  return { all, rows: functions.map(row) };
}
"""


@pytest.mark.parametrize("name", GROUPS)
def test_the_fourier_basis_is_that_of_python(helpers, sample_records, name):
    G = tk.group(GROUPS[name])
    for text in modules_of(sample_records[name]):
        basis = tk.fourier_basis(module_of(G, text))
        found = helpers.evaluate(BASIS, [name, text])
        assert found["all"] == len(found["rows"]) == len(basis.row_labels)
        for (label, copy, i, values), row, mine in zip(
            found["rows"], basis.row_labels, basis.matrix, strict=True
        ):
            assert (label, copy, i) == tuple(row)
            assert np.abs(np.array(values) - mine).max() < EXACT


def test_numbers_are_written_as_the_simple_ones_they_are_near(helpers):
    root = 2**0.5
    cases = {
        0.25: "1/4", -2.0: "\u22122", 0.0: "0", 1 / 3 + 2e-8: "0.3333", root / 8: "\u221a2/8",
        -root: "\u2212\u221a2", (2 + root) / 8: "(2+\u221a2)/8",
        (1 - 5**0.5) / 4: "(1\u2212\u221a5)/4", 0.123456: "0.1235", 4e-10: "0",
    }  # fmt: skip
    found = helpers.evaluate(
        "(numbers) => numbers.map((x) => globalThis.testing.numberText(x))", list(cases)
    )
    assert dict(zip(cases, found, strict=True)) == cases
