# automorphisms: the order of the automorphism group.
# Cost: milliseconds for most groups of order up to 2000; for others it can be long.
#
# Argument {group}.
# Result {automorphisms: |Aut(G)|, inner: |G/Z(G)|}.

BindGlobal("TK_request_automorphisms", function(args)
  local G, n;
  G := TK_Group(args.group).group;
  n := TK_NaturalDegree(G);
  if n > 6 then  # every automorphism of S_n and of A_n is conjugation by an element of S_n
    return rec(automorphisms := Factorial(n), inner := Size(G));
  fi;
  return rec(automorphisms := Size(AutomorphismGroup(G)), inner := Size(G) / Size(Centre(G)));
end);
