# are_maximal: which of some subgroups are maximal.
# Cost: that of maximal_subgroups, and a test of conjugacy for each pair of one order.
#
# Argument {group, subgroups: per subgroup its generators as data}.
# Result: list of booleans.
BindGlobal("TK_request_are_maximal", function(args)
  local R, G, maximal;
  R := TK_Group(args.group);
  G := R.group;
  maximal := [];
  if Size(G) > 1 then
    maximal := MaximalSubgroupClassReps(G);
  fi;
  return List(args.subgroups, function(gens)
    local H, alike;
    H := TK_SubgroupFromData(R, gens);
    alike := Filtered(maximal, M -> Size(M) = Size(H));
    if Length(alike) = 0 then
      return false;
    elif IsNormal(G, H) then
      return H in alike;
    fi;
    return ForAny(alike, M -> IsConjugate(G, M, H));
  end);
end);
