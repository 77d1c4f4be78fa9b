# abelian_elements: the elements of a listed abelian group, from independent generators.
# Cost: as many products as there are elements.
#
# Argument {group}: a description of an abelian group of at most 20,000 elements.
# Result record
#   orders       orders, above 1, of independent generators
#   elements     all elements as data; an element has the exponents of these generators, and the
#                elements stand in lexicographic order of the exponents
#   defining     per defining generator of the group its position among them, from 0
BindGlobal("TK_request_abelian_elements", function(args)
  local R, gens, elements, g, powers, places;
  R := TK_Group(args.group);
  if not TK_IsEnumerable(R) or not IsAbelian(R.group) then
    TK_NotAvailable("elements are listed of abelian groups of order up to 20000 only");
  fi;
  gens := Filtered(IndependentGeneratorsOfAbelianGroup(R.group), g -> not IsOne(g));
  elements := [One(R.group)];
  for g in gens do
    powers := List([0 .. Order(g) - 1], k -> g ^ k);
    elements := Concatenation(List(elements, x -> x * powers));
  od;
  places := [1 .. Length(elements)];
  powers := ShallowCopy(elements);
  SortParallel(powers, places);
  return rec(orders := List(gens, Order),
    elements := List(elements, x -> TK_ElementToData(R, x)),
    defining := List(R.gens, g -> places[PositionSorted(powers, g)] - 1));
end);
