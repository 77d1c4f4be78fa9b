# subgroup_classes: conjugacy classes of subgroups. Version 1.
# Cost: the subgroup lattice, or the low-index subgroups when max_index is given.
#
# Argument {group, reps: per class of elements an element as data, max_index: integer or null,
#   limit: the most classes wanted}.
# Result {complete: whether every class (of index at most max_index) is listed,
#   classes: list of {order, length: number of conjugates, counts: per class of elements how many
#   lie in the subgroup, generators: elements as data, tie: the shortlex numbers of the elements
#   of the least conjugate, or [] where they were not computed}}, in no particular order.

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

BindGlobal("TK_NumbersOfElements", function(R, H)
  return SortedList(List(AsList(H), x -> R.number[PositionSorted(R.elements, x)]));
end);

# The subgroup with the given shortlex numbers, by the first elements that generate it.
BindGlobal("TK_FirstGenerators", function(R, numbers)
  local K, gens, i, x;
  K := TrivialSubgroup(R.group);
  gens := [];
  for i in numbers do
    if Size(K) = Length(numbers) then
      break;
    fi;
    x := R.elements[R.words[i]];
    if not x in K then
      Add(gens, x);
      K := ClosureGroup(K, x);
    fi;
  od;
  return gens;
end);

BindGlobal("TK_request_subgroup_classes", function(args)
  local R, G, bound, list, complete, reps, enumerable, numbers, cheap, out, class, H, tie, gens,
    counts, record, work;
  R := TK_Group(args.group);
  G := R.group;
  bound := TK_SubgroupBound(G);
  if args.max_index = fail and bound > args.limit then
    TK_NotAvailable(Concatenation("the group has at least ", String(bound),
      " classes of subgroups, more than the limit of ", String(args.limit),
      ": ask for those up to some index, or raise the limit"));
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
  complete := true;
  if Length(list) > args.limit then
    list := ShallowCopy(list);
    SortBy(list, c -> -Size(Representative(c)));
    list := list{[1 .. args.limit]};
    complete := false;
  fi;
  reps := TK_GivenReps(R, args);
  enumerable := TK_IsEnumerable(R) and Length(reps) > 0;
  if enumerable then
    TK_Enumerate(R);
    numbers := TK_ClassNumbers(R, reps);
    work := Sum(list, c -> Size(c) * Size(Representative(c)));
    cheap := work <= 1000000;
  else
    cheap := false;
  fi;
  out := [];
  for class in list do
    H := Representative(class);
    counts := [];
    tie := [];
    if cheap then
      tie := Minimum(List(AsList(class), K -> TK_NumbersOfElements(R, K)));
      gens := TK_FirstGenerators(R, tie);
      counts := TK_ClassCounts(R, numbers, Length(reps),
        List(tie, i -> R.elements[R.words[i]]));
    else
      gens := SmallGeneratingSet(H);
      if enumerable then
        counts := TK_ClassCounts(R, numbers, Length(reps), AsList(H));
      fi;
    fi;
    record := rec(order := Size(H), length := Size(class), counts := counts, tie := tie,
      generators := List(gens, g -> TK_ElementToData(R, g)));
    Add(out, record);
  od;
  return rec(complete := complete, classes := out);
end);
