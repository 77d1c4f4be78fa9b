# table_of_marks: fixed points of each class of subgroups on the cosets of each other. Version 1.
#
# Argument {group, subgroups: per class the generators as data, rising order}.
# Result {rows: lower triangular, rows[i][j] = fixed points of subgroup j on the cosets of
#   subgroup i (j <= i), orders: of the subgroups}.
# Cost: number of classes times number of subgroups. For a library table: from the table of
# marks library, with that library's order of classes.
BindGlobal("TK_request_table_of_marks", function(args)
  local R, G, subgroups, gens, out, i, j, K, conjugates, row, factor, tom;
  if args.group.kind = "table" then
    tom := fail;
    if TK_LoadedPackages.tomlib <> fail then
      tom := TableOfMarks(args.group.name);
    fi;
    if tom = fail then
      TK_NotAvailable("the table of marks library has no table of this name");
    fi;
    out := MatTom(tom);
    return rec(rows := List([1 .. Length(out)], i -> out[i]{[1 .. i]}),
      orders := OrdersTom(tom));
  fi;
  R := TK_Group(args.group);
  G := R.group;
  if not TK_IsEnumerable(R) then
    TK_NotAvailable(Concatenation("tables of marks are computed for orders up to ",
      String(TK_EnumerationLimit)));
  fi;
  TK_Enumerate(R);
  gens := List(args.subgroups, list -> List(list, data -> TK_DataToElement(R, data)));
  subgroups := List(gens, list -> SubgroupNC(G, list));
  gens := List(gens, list -> List(list, g -> PositionSorted(R.elements, g)));
  out := [];
  for i in [1 .. Length(subgroups)] do
    conjugates := AsList(ConjugacyClassSubgroups(G, subgroups[i]));
    factor := Size(G) / Length(conjugates) / Size(subgroups[i]);
    conjugates := List(conjugates, K -> Set(AsList(K), x -> PositionSorted(R.elements, x)));
    row := [];
    for j in [1 .. i] do
      Add(row, factor * Number(conjugates, K -> IsSubset(K, gens[j])));
    od;
    Add(out, row);
  od;
  return rec(rows := out, orders := List(subgroups, Size));
end);
