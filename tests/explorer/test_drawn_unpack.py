"""The page reads the drawn part of a record as Python does."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from sample_site import SampleServer

import toolkit as tk
from toolkit.explorer.record import group_record
from toolkit.explorer.record.unpacked import unpacked

CASES = [
    ("S4", "regular"), ("C8", "regular"), ("Q8", "regular"), ("A5", "regular"),
    ("SmallGroup(64,100)", "regular"), ("C60", "regular"), ("M11", "natural"), ("S4", "H2b"),
    ("C2 wr S3", "H4a"), ("C2 x C2 x C2", "regular"), ("C1", "regular"),
]  # fmt: skip
READ = """
async (record) => {
  const { unpackedRecord } = await import("/js/unpack.js");
  const full = unpackedRecord(record);
  return { ...full, modules: full.modules.map((module) => ({ ...module })) };
}
"""


@pytest.fixture(scope="module")
def read(browser, tmp_path_factory):
    """Unpack a record in the browser."""
    server = SampleServer(tmp_path_factory.mktemp("no-data"))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    page = browser.new_page()
    page.goto(server.address + "icon.svg")
    yield lambda record: page.evaluate(READ, record)
    page.close()
    server.shutdown()
    server.server_close()
    thread.join(timeout=10)


@pytest.fixture(scope="module", params=CASES, ids="-".join)
def case(request, read):
    name, module = request.param
    G = tk.group(name)
    record = group_record(G, [module], whole_page=False)
    X = G.natural_module() if module == "natural" else G.module(module)
    return X, unpacked(record), read(record)


def test_numbers_are_those_of_python(case):
    _, python, page = case
    assert list(page["models"]) == list(python["models"])
    for label, matrices in python["models"].items():
        read = np.array(page["models"][label]).reshape(matrices.shape)
        assert np.abs(read - matrices).max(initial=0) < 1e-12
    (ours,), (theirs,) = python["modules"], page["modules"]
    for label, own in ours["vectors"].items():
        read = theirs["vectors"][label]
        assert np.abs(np.array(read["generic"]) - own["generic"]).max() < 1e-12
        assert np.abs(np.array(read["copies"]) - np.array(own["copies"])).max() < 1e-12


def test_images_are_those_of_the_module(case):
    X, _, page = case
    assert page["modules"][0]["images"] == X.images.tolist()


def test_pictures_are_those_of_python(case):
    _, python, page = case
    assert page["modules"][0]["pictures"] == python["modules"][0]["pictures"]


def test_closed_sets_are_those_of_python(case):
    X, python, page = case
    labels = list(X.multiplicities)
    for kind, lattice in python["modules"][0]["closed"].items():
        read = page["modules"][0]["closed"][kind]
        if lattice != "normal":
            assert read == lattice
            continue
        graph = tk.closed_sets(X, {"even": "abs", "both": "elu"}[kind])
        names = {i: {labels[k] for k in s["members"]} for i, s in enumerate(read["sets"])}
        found = {
            node: set(d["simples"].split(", "))
            for node, d in graph.nodes(data=True)
            if "simples" in d
        }
        assert sorted(map(sorted, names.values())) == sorted(map(sorted, found.values()))
        normal = {node: d["normal_subgroup"] for node, d in graph.nodes(data=True)}
        for i, members in names.items():
            (node,) = (n for n, s in found.items() if s == members)
            assert read["normal"][i] == normal[node]
            at = int(normal[node][1:])
            assert [read["sets"][i]["x"], read["sets"][i]["y"]] == page["lattice"]["positions"][at]
        covers = {(frozenset(names[a]), frozenset(names[b])) for a, b in read["covers"]}
        assert covers == {
            (frozenset(found[a]), frozenset(found[b])) for a, b in graph.edges if a in found
        }


def test_a_value_of_another_form_is_said(read):
    record = group_record(tk.group("C3"), ["regular"], whole_page=False)
    record["values"] = ["tan(1/3)"]
    with pytest.raises(Exception, match=r"holds tan\(1/3\) where a number was expected"):
        read(record)
