# quotients: the names of factor groups, in the small groups library.
# Cost: a factor group and its identification for each.
#
# Argument {group, reps: per class an element as data, sets: per normal subgroup N its 0-based
#   classes, orders: per subgroup its order}. Which unions of classes are normal subgroups is
#   decided from the character table, in Python.
# Result: list, per subgroup [order of G/N, its number], or null where groups of that order are not
#   identified.

# The id of an abelian group from its invariants, found once for each.
TK_AbelianIds := NewDictionary([2, 2], true);
BindGlobal("TK_IdOfQuotient", function(G, N)
  local Q, invariants, id;
  Q := FactorGroupNC(G, N);
  if not IsAbelian(Q) then
    return IdGroup(Q);
  fi;
  invariants := AbelianInvariants(Q);
  id := LookupDictionary(TK_AbelianIds, invariants);
  if id = fail then
    id := IdGroup(AbelianGroup(IsPcGroup, invariants));
    AddDictionary(TK_AbelianIds, invariants, id);
  fi;
  return id;
end);

BindGlobal("TK_request_quotients", function(args)
  local R, G, reps, classes, out, i, N, gens, numbers, size;
  R := TK_Group(args.group);
  G := R.group;
  if TK_IsEnumerable(R) then
    TK_Enumerate(R);
    reps := List(args.reps, data -> TK_NumberOfData(R, data));
    classes := TK_ClassNumbers(R, reps);
  else
    reps := List(args.reps, data -> TK_DataToElement(R, data));
  fi;
  out := [];
  for i in [1 .. Length(args.sets)] do
    size := Size(G) / args.orders[i];
    if not TK_IsIdentified(size) then
      Add(out, fail);
      continue;
    fi;
    if TK_IsEnumerable(R) then
      numbers := PositionsProperty(classes, c -> c - 1 in args.sets[i]);
      gens := TK_FirstGenerators(R, numbers);
      if Length(numbers) <> args.orders[i]
          or Length(TK_SubgroupNumbers(R, gens)) <> args.orders[i] then
        TK_NotAvailable("the given classes do not make up a normal subgroup of the given order");
      fi;
      N := TK_SubgroupOfNumbers(R, numbers);
    else
      N := NormalClosure(G, SubgroupNC(G, reps{args.sets[i] + 1}));
      if Size(N) <> args.orders[i] then
        TK_NotAvailable("the given classes do not make up a normal subgroup of the given order");
      fi;
    fi;
    Add(out, TK_IdOfQuotient(G, N));
  od;
  return out;
end);
