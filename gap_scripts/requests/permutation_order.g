# permutation_order: order of the group that given permutations generate.
# Argument {images: per group, per generator the 0-based images}. Result: list of orders.
# Cost: stabiliser chains; symmetric and alternating groups are recognised first.
BindGlobal("TK_OrderOfPermutations", function(images)
  local G;
  G := GroupWithGenerators(List(images, TK_ImagesToPerm), ());
  TK_SetOrder(G, fail);
  return Size(G);
end);

BindGlobal("TK_request_permutation_order", function(args)
  return List(args.images, TK_OrderOfPermutations);
end);
