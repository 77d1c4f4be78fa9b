# maximal_subgroups: the conjugacy classes of maximal subgroups.
# Cost: seconds for a group of order some millions; for some simple groups very long.
#
# Argument {group}.
# Result: list, by index, rising, {order, index, length: number of conjugates, generators: elements
#   as data, name: text or null (names.g)}.
BindGlobal("TK_request_maximal_subgroups", function(args)
  local R, G, out, M, length;
  R := TK_Group(args.group);
  G := R.group;
  out := [];
  if Size(G) = 1 then
    return out;
  fi;
  for M in MaximalSubgroupClassReps(G) do
    # a maximal subgroup is normal or its own normaliser
    length := Index(G, M);
    if IsNormal(G, M) then
      length := 1;
    fi;
    Add(out, rec(order := Size(M), index := Index(G, M), length := length,
      generators := TK_GeneratorsToData(R, M), name := TK_StructureName(M)));
  od;
  SortBy(out, m -> [m.index, m.length, String(m.name)]);
  return out;
end);
