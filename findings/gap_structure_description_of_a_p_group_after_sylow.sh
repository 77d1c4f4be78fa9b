#!/usr/bin/env bash
# Expected: StructureDescription of one and the same small group is one text, and no text has a
#   semidirect product by the trivial group in it.
# Real: SmallGroup(125,3) is "(C5 x C5) : C5". Ask a fresh copy for its Sylow 5-subgroup (or its
#   Sylow system, or its 5-core) before, and it is "((C5 x C5) : C5) : 1": the group by its normal
#   Sylow subgroup, itself, with the complement 1. The same happens to the other groups of prime power
#   order above 100 that were tried; of smaller ones GAP has a list of texts, which it takes.
# Packages: passagemath-gap 10.8.13 (GAP 4.16.1), passagemath-gap-pkg-smallgrp-data. Date: 2026-12-02.
# Why it matters here: descriptions of groups are keys of tables. A worker that has answered other
#   questions about a group before writes another text than a fresh one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check passagemath-gap==10.8.13
cat > "$folder/look.g" <<'GAP'
SetPrintFormattingStatus("*stdout*", false);
show := function(order, index, words, question)
  local group;
  group := SmallGroup(order, index);
  question(group);
  Print(order, ".", index, " after ", words, ": ", StructureDescription(group), "\n");
end;
for id in [[27, 3], [125, 3], [343, 3], [128, 100]] do
  show(id[1], id[2], "nothing", ReturnTrue);
  show(id[1], id[2], "its Sylow subgroup", G -> SylowSubgroup(G, SmallestRootInt(id[1])));
od;
show(125, 3, "its core", G -> PCore(G, 5));
show(125, 3, "its centre", Centre);
QUIT;
GAP
root=$("$folder/venv/bin/python" -c 'import importlib.util as u; print(u.find_spec("gap").submodule_search_locations[0])')
"$root/gap" -l "$root" -q -b --nointeract "$folder/look.g" | tr -d '\r' | tee "$folder/seen"
grep -qxF '27.3 after its Sylow subgroup: (C3 x C3) : C3' "$folder/seen"
grep -qxF '125.3 after nothing: (C5 x C5) : C5' "$folder/seen"
grep -qxF '125.3 after its Sylow subgroup: ((C5 x C5) : C5) : 1' "$folder/seen"
grep -qxF '343.3 after its Sylow subgroup: ((C7 x C7) : C7) : 1' "$folder/seen"
grep -qxF '128.100 after its Sylow subgroup: (C16 : C8) : 1' "$folder/seen"
grep -qxF '125.3 after its core: ((C5 x C5) : C5) : 1' "$folder/seen"
grep -qxF '125.3 after its centre: (C5 x C5) : C5' "$folder/seen"
