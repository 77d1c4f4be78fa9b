# table_of_marks: fixed points of each class of subgroups on the cosets of each other.
#
# Argument {group, subgroups: per class the generators as data, rising order}.
# Result {rows: lower triangular, rows[i][j] = fixed points of subgroup j on the cosets of
#   subgroup i (j <= i), orders: of the subgroups}.
# Cost: number of classes times number of subgroups. For a library table: from the table of
# marks library, with that library's order of classes.
BindGlobal("TK_LibraryMarks", function(name)
  local tom, rows;
  tom := fail;
  if TK_LoadedPackages.tomlib <> fail then
    tom := TableOfMarks(name);
  fi;
  if tom = fail then
    TK_NotAvailable("the table of marks library has no table of this name");
  fi;
  rows := MatTom(tom);
  return rec(rows := List([1 .. Length(rows)], i -> rows[i]{[1 .. i]}),
    orders := OrdersTom(tom));
end);

BindGlobal("TK_request_table_of_marks", function(args)
  local R, subgroups, gens, out, i, conjugates, factor;
  if args.group.kind = "table" then
    return TK_LibraryMarks(args.group.name);
  fi;
  R := TK_Group(args.group);
  if not TK_IsEnumerable(R) then
    TK_NotAvailable(Concatenation("tables of marks are computed for orders up to ",
      String(TK_EnumerationLimit)));
  fi;
  TK_Enumerate(R);
  gens := List(args.subgroups, list -> List(list, data -> TK_NumberOfData(R, data)));
  gens := List(gens, Set);
  subgroups := List(gens, list -> TK_SubgroupNumbers(R, list));
  out := [];
  for i in [1 .. Length(subgroups)] do
    conjugates := Orbit(GroupWithGenerators(R.conjugation, ()), subgroups[i], OnSets);
    factor := Length(R.words) / Length(conjugates) / Length(subgroups[i]);
    Add(out, List([1 .. i], j -> factor * Number(conjugates, K -> IsSubset(K, gens[j]))));
  od;
  return rec(rows := out, orders := List(subgroups, Length));
end);
