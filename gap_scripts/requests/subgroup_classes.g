# subgroup_classes: conjugacy classes of subgroups.
# Cost: the subgroup lattice, or the low-index subgroups when max_index is given.
#
# Argument {group, reps: per class of elements an element as data, max_index: integer or null,
#   limit: the most classes wanted}.
# Result {complete: whether every class (of index at most max_index) is listed,
#   classes: list of {order, length: number of conjugates, counts: per class of elements how many
#   lie in the subgroup (empty for a group too large to list), generators: elements as data,
#   tie: the shortlex numbers of the elements of the least conjugate, or [] where they were not
#   computed}}, in no particular order.

# A lower bound for the number of classes of subgroups: the subgroups of the largest elementary
# abelian p-quotients.
BindGlobal("TK_SubgroupBound", function(G)
  local bound, p, r, k, inv, total, binomial;
  bound := 1;
  inv := AbelianInvariants(G);
  for p in Set(Concatenation(List(inv, PrimeDivisors))) do
    r := Number(inv, q -> q mod p = 0);
    total := 0;
    for k in [0 .. r] do
      binomial := Product([0 .. k - 1], i -> (p ^ (r - i) - 1) / (p ^ (i + 1) - 1));
      total := total + binomial;
    od;
    bound := bound * total;
  od;
  return bound;
end);

# One class in a listed group. With `all', the least of all conjugates is the representative.
BindGlobal("TK_ListedSubgroupClass", function(R, class, classes, count, all)
  local gens, H, conjugates, tie, length;
  gens := List(GeneratorsOfGroup(Representative(class)), g -> TK_Number(R, g));
  H := TK_SubgroupNumbers(R, gens);
  tie := [];
  length := Size(class);
  if all then
    conjugates := [H];
    if ForAny(R.conjugation, p -> OnSets(H, p) <> H) then
      conjugates := Orbit(GroupWithGenerators(R.conjugation, ()), H, OnSets);
    fi;
    if Length(conjugates) <> length then
      Error("TK: a subgroup has ", Length(conjugates), " conjugates, not ", length);
    fi;
    H := Minimum(conjugates);
    tie := H;
  fi;
  return rec(order := Length(H), length := length, tie := tie,
    counts := TK_ClassCounts(classes, count, H),
    generators := List(TK_FirstGenerators(R, H), h -> TK_NumberToData(R, h)));
end);

BindGlobal("TK_request_subgroup_classes", function(args)
  local R, G, bound, list, complete, reps, classes, work, out;
  R := TK_Group(args.group);
  G := R.group;
  bound := TK_SubgroupBound(G);
  if args.max_index = fail and bound > Maximum(args.limit, 20000) then
    TK_NotAvailable(Concatenation("the group has at least ", String(bound),
      " classes of subgroups, too many to list: ask for those up to some index, or raise ",
      "the limit above that"));
  elif args.max_index = fail and Size(G) > 100000 then
    TK_NotAvailable(Concatenation("all subgroups are listed for orders up to 100000 and this one",
      " is ", String(Size(G)), ": ask for those up to some index"));
  fi;
  if args.max_index <> fail and Size(G) > 2000 then
    list := List(LowIndexSubgroups(G, args.max_index), H -> ConjugacyClassSubgroups(G, H));
  else
    list := ConjugacyClassesSubgroups(G);
    if args.max_index <> fail then
      list := Filtered(list, c -> Index(G, Representative(c)) <= args.max_index);
    fi;
  fi;
  complete := Length(list) <= args.limit;
  if not complete then
    list := ShallowCopy(list);
    SortBy(list, c -> -Size(Representative(c)));
    list := list{[1 .. args.limit]};
  fi;
  if TK_IsEnumerable(R) and Length(args.reps) > 0 then
    TK_Enumerate(R);
    reps := List(args.reps, data -> TK_NumberOfData(R, data));
    classes := TK_ClassNumbers(R, reps);
    work := Sum(list, c -> Size(c) * Size(Representative(c)));
    out := List(list,
      c -> TK_ListedSubgroupClass(R, c, classes, Length(reps), work <= 1000000));
  else
    out := List(list, c -> rec(order := Size(Representative(c)), length := Size(c), counts := [],
      tie := [], generators := List(SmallGeneratingSet(Representative(c)),
        g -> TK_ElementToData(R, g))));
  fi;
  return rec(complete := complete, classes := out);
end);
