# abelian_normal_subgroup: an abelian normal subgroup A with a cyclic quotient, if one is found at
# once: the whole group, the centraliser of the derived subgroup, or a subgroup of prime index.
# Cost: that of the derived subgroup and its centraliser.
#
# Argument {group}: a description.
# Result: null, or a record
#   orders       orders, above 1, of independent generators of A
#   gens         these generators, as data
#   index        |G : A|
#   top          an element t as data, which generates G modulo A
#   action       per generator a of A: the exponents of t a t^-1
#   power        the exponents of t ^ index
#   defining     per defining generator of G: [exponents of a, k] for a t^k
BindGlobal("TK_AbelianWithCyclicQuotient", function(G)
  local D, C, hom, p, M;
  if IsAbelian(G) then
    return G;
  elif not IsSolvableGroup(G) then
    return fail;
  fi;
  D := DerivedSubgroup(G);
  if not IsAbelian(D) then
    return fail;
  fi;
  C := Centralizer(G, D);
  if IsAbelian(C) and IsCyclic(G / C) then
    return C;
  fi;
  hom := MaximalAbelianQuotient(G);
  for p in PrimeDivisors(Size(Image(hom))) do
    for M in MaximalSubgroups(Image(hom)) do
      if Index(Image(hom), M) = p then
        M := PreImage(hom, M);
        if IsAbelian(M) then
          return M;
        fi;
      fi;
    od;
  od;
  return fail;
end);

BindGlobal("TK_request_abelian_normal_subgroup", function(args)
  local R, G, A, gens, hom, top, exponents, defining, g, k, cyclic;
  R := TK_Group(args.group);
  G := R.group;
  if Size(G) > 2000000 then
    return fail;
  fi;
  A := TK_AbelianWithCyclicQuotient(G);
  if A = fail then
    return fail;
  fi;
  gens := Filtered(IndependentGeneratorsOfAbelianGroup(A), g -> not IsOne(g));
  exponents := function(g)
    local found;
    if Length(gens) = 0 then
      return [];
    fi;
    found := IndependentGeneratorExponents(A, g);
    return found{[1 .. Length(gens)]};
  end;
  hom := NaturalHomomorphismByNormalSubgroup(G, A);
  cyclic := Image(hom);
  top := One(G);
  if Size(cyclic) > 1 then
    top := PreImagesRepresentative(hom, MinimalGeneratingSet(cyclic)[1]);
  fi;
  defining := [];
  for g in R.gens do
    k := 0;
    while not g * top ^ -k in A do
      k := k + 1;
    od;
    Add(defining, [exponents(g * top ^ -k), k]);
  od;
  return rec(orders := List(gens, Order), gens := List(gens, g -> TK_ElementToData(R, g)),
    index := Size(cyclic), top := TK_ElementToData(R, top),
    action := List(gens, a -> exponents(top * a * top ^ -1)),
    power := exponents(top ^ Size(cyclic)), defining := defining);
end);
