# Write the Frobenius groups of order at most 255 that are no p-groups, to the file PLREP_OUT.
# G is one where a normal subgroup K, the Fitting subgroup, is its own centralisers' home:
# the centraliser of each of its elements but 1 lies in K.
LoadPackage("smallgrp", false);
TK_IsFrobenius := function(G)
  local K;
  K := FittingSubgroup(G);
  return Size(K) > 1 and Size(K) < Size(G) and Gcd(Size(K), Index(G, K)) = 1
    and ForAll(ConjugacyClasses(G), c -> IsOne(Representative(c))
      or not Representative(c) in K or IsSubset(K, Centralizer(G, Representative(c))));
end;
TK_Write := function(file)
  local n, found, i;
  PrintTo(file, "");
  for n in [6 .. 255] do
    if not IsPrimePowerInt(n) then
      found := Filtered([1 .. NumberSmallGroups(n)], i -> TK_IsFrobenius(SmallGroup(n, i)));
      if found <> [] then
        AppendTo(file, n, "\t", JoinStringsWithSeparator(List(found,
          i -> Concatenation(String(n), ".", String(i))), ","), "\n");
      fi;
    fi;
  od;
end;
TK_Write(GAPInfo.SystemEnvironment.PLREP_OUT);
QUIT_GAP(0);
