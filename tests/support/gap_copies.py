"""Requests to GAP for tests of canonical orders: isomorphic copies, and equivalent tables."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

#: ``copies``: per group the 0-based images of random generators of a permutation group isomorphic
#: to it, conjugated at random. ``equivalent``: whether permutations of rows and columns take the
#: table of one group to that of another, with power maps and as matrices.
REQUESTS = r"""
BindGlobal("TK_request_copies", function(args)
  local out, spec, G, P, gens, n, x;
  out := [];
  for spec in args.groups do
    G := TK_Group(spec).group;
    if Size(G) <= 100 then
      P := Action(G, AsSSortedList(G), OnRight);
    else
      P := Image(SmallerDegreePermutationRepresentation(Image(IsomorphismPermGroup(G))));
    fi;
    n := Maximum(1, LargestMovedPoint(P));
    gens := [Random(P), Random(P)];
    while Size(Group(gens)) < Size(P) do
      Add(gens, Random(P));
    od;
    x := Random(SymmetricGroup(n));
    Add(out, List(gens, g -> ListPerm(g ^ x, n) - 1));
  od;
  return out;
end);
BindGlobal("TK_request_equivalent", function(args)
  local tables, table, pair, out;
  tables := rec();
  table := function(spec)
    local key;
    key := String(spec);
    if not IsBound(tables.(key)) then
      tables.(key) := CharacterTable(TK_Group(spec).group);
    fi;
    return tables.(key);
  end;
  out := [];
  for pair in args.pairs do
    pair := List(pair, table);
    Add(out, [TransformingPermutationsCharacterTables(pair[1], pair[2]) <> fail,
      TransformingPermutations(Irr(pair[1]), Irr(pair[2])) <> fail]);
  od;
  return out;
end);
Append(TK_Requests, ["copies", "equivalent"]);
"""


def with_requests(scripts: Path, folder: Path) -> Path:
    """Return a copy of our scripts, in a folder, that answers these requests too."""
    shutil.copytree(scripts, folder)
    init = folder / "init.g"
    init.write_text(init.read_text() + REQUESTS)
    return folder
