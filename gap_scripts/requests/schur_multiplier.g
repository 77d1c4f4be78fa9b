# schur_multiplier: the abelian invariants of the Schur multiplier H_2(G, Z).
# Cost: milliseconds for small groups, seconds and more for large Sylow subgroups.
#
# Argument {group}.
# Result: prime powers, rising; empty for the trivial group.
BindGlobal("TK_request_schur_multiplier", function(args)
  local G, n;
  G := TK_Group(args.group).group;
  n := TK_NaturalDegree(G);
  if n > 7 then
    return [2];  # of S_n and of A_n (Schur 1911)
  fi;
  return SortedList(AbelianInvariantsMultiplier(G));
end);
