#!/usr/bin/env bash
# Expected: within one GAP, "2^4:A5" is one group, whichever library is asked by that name.
# Real: the character table library's table "2^4:A5" belongs to SmallGroup(960,11357), where A5 acts
#   as SL(2,4) on the plane over GF(4): 9 classes. The primitive groups library calls this one
#   ASL(2,4), and gives the name "2^4:A(5)" to SmallGroup(960,11358), where A5 acts on the sum-zero
#   part of the permutation module: 12 classes. StructureDescription calls both (C2 x C2 x C2 x C2)
#   : A5. A name with a colon says neither the action nor which library's custom is meant.
# Packages: passagemath-gap 10.8.13 (GAP 4.16.1, ctbllib and primgrp in its wheels). Date: 2026-11-30.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
  passagemath-gap==10.8.13 passagemath-gap-pkg-ctbllib-data==10.8.13 \
  passagemath-gap-pkg-primgrp-data==10.8.13 passagemath-gap-pkg-smallgrp-data==10.8.13
cat > "$folder/look.g" <<'GAP'
SetPrintFormattingStatus("*stdout*", false);
for name in ["smallgrp", "primgrp", "ctbllib"] do LoadPackage(name, false); od;
table := CharacterTable("2^4:A5");
for i in [1 .. NrPrimitiveGroups(16)] do
  group := PrimitiveGroup(16, i);
  if Size(group) = 960 and IsPerfect(group) then
    same := TransformingPermutationsCharacterTables(CharacterTable(group), table) <> fail;
    Print("PrimitiveGroup(16,", i, ") is called ", Name(group), ", id ", IdGroup(group), ", ",
          NrConjugacyClasses(group), " classes, has the table 2^4:A5: ", same, "; ",
          StructureDescription(group), "\n");
  fi;
od;
QUIT;
GAP
root=$("$folder/venv/bin/python" -c 'import importlib.util as u; print(u.find_spec("gap").submodule_search_locations[0])')
"$root/gap" -l "$root" -A -q -b -r --nointeract "$folder/look.g" | tr -d '\r' | tee "$folder/seen"
grep -q 'ASL(2, 4), id \[ 960, 11357 \], 9 classes, has the table 2^4:A5: true; (C2 x C2 x C2 x C2) : A5' "$folder/seen"
grep -q '2^4:A(5), id \[ 960, 11358 \], 12 classes, has the table 2^4:A5: false; (C2 x C2 x C2 x C2) : A5' "$folder/seen"
