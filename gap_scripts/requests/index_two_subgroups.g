# index_two_subgroups: the subgroups of index 2 in a subgroup H, up to conjugacy in its normaliser.
#
# Argument
#   group      a description (toolkit/groups/specs)
#   subgroup   generators of H as data
# Result
#   subgroups  per class {generators: as data, order}, in the order in which they are found
# Cost: the derived subgroup and the normaliser of H, and a step per subgroup of index 2.
#
# They are the preimages of the hyperplanes of H / (H' H^2).
BindGlobal("TK_request_index_two_subgroups", function(args)
  local R, G, H, D, hom, E, rank, found, classes;
  R := TK_Group(args.group);
  G := R.group;
  H := Subgroup(G, List(args.subgroup, data -> TK_DataToElement(R, data)));
  D := ClosureGroup(DerivedSubgroup(H), List(GeneratorsOfGroup(H), h -> h ^ 2));
  if Size(D) = Size(H) then
    return rec(subgroups := []);
  fi;
  hom := NaturalHomomorphismByNormalSubgroup(H, D);
  E := Image(hom);
  rank := LogInt(Size(E), 2);
  if rank > 10 then
    TK_NotAvailable(Concatenation("the subgroup has ", String(2 ^ rank - 1),
      " subgroups of index 2; up to 1023 are listed"));
  fi;
  found := List(MaximalSubgroups(E), M -> PreImage(hom, M));
  classes := OrbitsDomain(Normalizer(G, H), found, OnPoints);
  return rec(subgroups := List(classes, orbit -> rec(
    generators := List(SmallGeneratingSet(orbit[1]), g -> TK_ElementToData(R, g)),
    order := Size(orbit[1]))));
end);
