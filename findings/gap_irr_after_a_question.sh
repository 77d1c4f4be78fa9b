#!/usr/bin/env bash
# Expected: the list of irreducible characters of a group in GAP depends on the group; equal groups
#   have the same list, with the trivial character first, as in the library of character tables.
# Real: for Group((1,2,3,4),(1,2)) the trivial character is first. Ask IsNaturalSymmetricGroup before,
#   and it is last, after the sign at the first place, and all in between stands elsewhere: GAP then
#   takes the table from partitions. SymmetricGroup(4), PrimitiveGroup and TransitiveGroup know the
#   answer from the start, so each of them is equal (=) to a group whose list has another order. The
#   classes have another order too. A5 keeps its trivial character first, but its degrees move.
# Packages: passagemath-gap 10.8.13 (GAP 4.16.1, primgrp in its wheel). Date: 2026-11-30.
# Why it matters here: a label such as X2 means nothing unless one says how the group was made.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
  passagemath-gap==10.8.13 passagemath-gap-pkg-ctbllib-data==10.8.13 \
  passagemath-gap-pkg-primgrp-data==10.8.13
cat > "$folder/look.g" <<'GAP'
SetPrintFormattingStatus("*stdout*", false);
for name in ["primgrp", "ctbllib"] do LoadPackage(name, false); od;
show := function(words, group)
  local characters;
  characters := List(Irr(group), ValuesOfClassFunction);
  Print(words, ": degrees ", List(characters, values -> values[1]), ", trivial at ",
        PositionProperty(characters, values -> Set(values) = [1]), "\n");
end;
S4 := function() return Group((1,2,3,4), (1,2)); end;
A5 := function() return Group((1,2,3,4,5), (1,2,3)); end;
plain := S4();
show("S4, plain", plain);
asked := S4();
IsNaturalSymmetricGroup(asked);
show("S4, asked", asked);
show("SymmetricGroup(4)", SymmetricGroup(4));
show("PrimitiveGroup(4,2)", PrimitiveGroup(4, 2));
show("library S4", CharacterTable("S4"));
Print("equal groups: ", plain = asked and plain = SymmetricGroup(4), "\n");
show("A5, plain", A5());
asked := A5();
IsNaturalAlternatingGroup(asked);
show("A5, asked", asked);
QUIT;
GAP
root=$("$folder/venv/bin/python" -c 'import importlib.util as u; print(u.find_spec("gap").submodule_search_locations[0])')
"$root/gap" -l "$root" -A -q -b -r --nointeract "$folder/look.g" | tr -d '\r' | tee "$folder/seen"
grep -qF 'S4, plain: degrees [ 1, 1, 2, 3, 3 ], trivial at 1' "$folder/seen"
grep -qF 'S4, asked: degrees [ 1, 3, 2, 3, 1 ], trivial at 5' "$folder/seen"
grep -qF 'SymmetricGroup(4): degrees [ 1, 3, 2, 3, 1 ], trivial at 5' "$folder/seen"
grep -qF 'PrimitiveGroup(4,2): degrees [ 1, 3, 2, 3, 1 ], trivial at 5' "$folder/seen"
grep -qF 'library S4: degrees [ 1, 1, 2, 3, 3 ], trivial at 1' "$folder/seen"
grep -qF 'equal groups: true' "$folder/seen"
grep -qF 'A5, plain: degrees [ 1, 3, 3, 4, 5 ], trivial at 1' "$folder/seen"
grep -qF 'A5, asked: degrees [ 1, 4, 5, 3, 3 ], trivial at 1' "$folder/seen"
