#!/usr/bin/env bash
# Expected: a graph whose edge weights are 1 and 0.5 is written by networkx's write_graphml to a
# file that igraph reads, since both speak GraphML.
# Real: networkx declares an attribute once for each Python type among its values: two <key>
#   elements with attr.name "weight" for edges, one "long" and one "double". networkx reads that
#   back; igraph refuses the file, "Duplicate attribute name found". With all weights floats it reads
#   it. Integers beyond 64 bits stay "long", which igraph reads as a double without a word.
# Packages: networkx 3.6.1, igraph 1.0.0. Date: 2026-11-29.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check networkx==3.6.1 igraph==1.0.0
"$folder/venv/bin/python" - "$folder" <<'PYTHON'
import re
import sys
from pathlib import Path

import igraph
import networkx as nx

path = Path(sys.argv[1]) / "graph.graphml"


def written(weights):
    graph = nx.DiGraph()
    for number, weight in enumerate(weights):
        graph.add_edge(str(number), str(number + 1), weight=weight)
    nx.write_graphml(graph, path)
    assert nx.read_graphml(path).edges == graph.edges
    return re.findall(r'for="edge" attr.name="weight" attr.type="(\w+)"', path.read_text())


mixed = written([1, 0.5])
print("keys called weight, for weights 1 and 0.5:", sorted(mixed))
try:
    igraph.Graph.Read_GraphML(str(path))
except Exception as error:
    print("igraph:", " ".join(str(error).split()))
    refused = "Duplicate attribute name" in str(error)
else:
    refused = False
floats = written([1.0, 0.5])
print("keys for weights 1.0 and 0.5:", floats, igraph.Graph.Read_GraphML(str(path)).es["weight"])
large = written([1, 2**64])
print("keys for weights 1 and 2^64:", large, igraph.Graph.Read_GraphML(str(path)).es["weight"])
assert sorted(mixed) == ["double", "long"] and refused and floats == ["double"], "it has changed"
PYTHON
