# permutation_order: order of the group that given permutations generate. Version 1.
# Argument {images: lists of 0-based images}. Result: list of orders, one per list of generators.
# Cost: stabiliser chains.
BindGlobal("TK_request_permutation_order", function(args)
  return List(args.images,
    images -> Size(GroupWithGenerators(List(images, TK_ImagesToPerm), ())));
end);
