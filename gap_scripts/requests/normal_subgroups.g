# normal_subgroups: generators and quotients of given normal subgroups.
# Which unions of classes are normal subgroups is decided from the character table, in Python.
#
# Argument {group, reps: per class an element as data, sets: per subgroup its 0-based classes,
#   orders: per subgroup its order}.
# Result: list, per subgroup {generators: elements as data, quotient: text or null}.
# Cost: closures; quotients are named (StructureDescription) when their order is at most 100 and not
#   64, which takes seconds, and there are at most 60.
BindGlobal("TK_request_normal_subgroups", function(args)
  local R, G, reps, out, i, N, numbers, classes, gens, quotient, check, c;
  R := TK_Group(args.group);
  G := R.group;
  check := function(size)
    if size <> args.orders[i] then
      TK_NotAvailable("the given classes do not make up a normal subgroup of the given order");
    fi;
  end;
  if TK_IsEnumerable(R) then
    TK_Enumerate(R);
    reps := List(args.reps, data -> TK_NumberOfData(R, data));
    classes := TK_ClassNumbers(R, reps);
  else
    reps := List(args.reps, data -> TK_DataToElement(R, data));
  fi;
  out := [];
  for i in [1 .. Length(args.sets)] do
    if TK_IsEnumerable(R) then
      # the classes must add up to a subgroup: as many elements as the first of them generate
      numbers := PositionsProperty(classes, c -> c - 1 in args.sets[i]);
      check(Length(numbers));
      gens := TK_FirstGenerators(R, numbers);
      check(Length(TK_SubgroupNumbers(R, gens)));
      gens := List(gens, h -> R.elements[R.words[h]]);
      N := SubgroupNC(G, gens);
    else
      N := TrivialSubgroup(G);
      for c in args.sets[i] do
        if Size(N) < args.orders[i] and not reps[c + 1] in N then
          N := NormalClosure(G, ClosureGroup(N, reps[c + 1]));
        fi;
      od;
      check(Size(N));
      gens := SmallGeneratingSet(N);
    fi;
    quotient := fail;
    if args.orders[i] = Size(G) then
      quotient := "1";
    elif Length(args.sets) <= 60 and Size(G) / args.orders[i] <= 100
        and Size(G) / args.orders[i] <> 64 then
      quotient := StructureDescription(FactorGroup(G, N));
    fi;
    Add(out, rec(generators := List(gens, g -> TK_ElementToData(R, g)), quotient := quotient));
  od;
  return out;
end);
