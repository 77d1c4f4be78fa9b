# permutation_order: order of the group that given permutations generate.
# Argument {images: per group, per generator the 0-based images}. Result: list of orders.
# Cost: stabiliser chains; symmetric and alternating groups are recognised first.
BindGlobal("TK_OrderOfPermutations", function(images)
  local perms, G, n;
  perms := List(images, TK_ImagesToPerm);
  G := GroupWithGenerators(perms, ());
  n := NrMovedPoints(G);
  if n > 20 and IsTransitive(G, MovedPoints(G)) and PermgpContainsAn(G) = true then
    if ForAll(perms, p -> SignPerm(p) = 1) then
      return Factorial(n) / 2;
    fi;
    return Factorial(n);
  fi;
  return Size(G);
end);

BindGlobal("TK_request_permutation_order", function(args)
  return List(args.images, TK_OrderOfPermutations);
end);
