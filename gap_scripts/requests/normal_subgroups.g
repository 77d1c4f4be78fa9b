# normal_subgroups: generators and quotients of given normal subgroups. Version 1.
# Which unions of classes are normal subgroups is decided from the character table, in Python.
#
# Argument {group, reps: per class an element as data, sets: per subgroup its 0-based classes,
#   orders: per subgroup its order}.
# Result: list, per subgroup {generators: elements as data, quotient: text or null}.
# Cost: closures; quotients are named when their order is at most 100 and there are at most 60.
BindGlobal("TK_request_normal_subgroups", function(args)
  local R, G, reps, out, i, N, c, name, quotient;
  R := TK_Group(args.group);
  G := R.group;
  reps := TK_GivenReps(R, args);
  out := [];
  for i in [1 .. Length(args.sets)] do
    N := TrivialSubgroup(G);
    for c in args.sets[i] do
      if Size(N) < args.orders[i] and not reps[c + 1] in N then
        N := NormalClosure(G, ClosureGroup(N, reps[c + 1]));
      fi;
    od;
    if Size(N) <> args.orders[i] then
      TK_NotAvailable("the given classes do not make up a normal subgroup of the given order");
    fi;
    quotient := fail;
    if Length(args.sets) <= 60 and Size(G) / Size(N) <= 100 then
      if Size(N) = Size(G) then
        quotient := "1";
      else
        quotient := StructureDescription(FactorGroup(G, N));
      fi;
    fi;
    Add(out, rec(generators := List(SmallGeneratingSet(N), g -> TK_ElementToData(R, g)),
      quotient := quotient));
  od;
  return out;
end);
