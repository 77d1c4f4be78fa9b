# class_counts: how many elements of each conjugacy class lie in each of some subgroups.
# Cost: the group is listed (orders up to 100000), and the elements of every subgroup.
#
# Argument {group, reps: per class an element as data, subgroups: per subgroup its generators as
#   data}.
# Result: list, per subgroup a list of counts, one per class.
BindGlobal("TK_request_class_counts", function(args)
  local R, G, elements, classes, c, x, out, gens, counts;
  R := TK_Group(args.group);
  G := R.group;
  if Size(G) > 100000 then
    TK_NotAvailable(Concatenation("the elements of subgroups are counted by class in groups of ",
      "order up to 100000 and this one is ", String(Size(G))));
  fi;
  elements := AsSSortedList(G);
  classes := ListWithIdenticalEntries(Length(elements), 0);
  for c in [1 .. Length(args.reps)] do
    for x in Orbit(G, TK_DataToElement(R, args.reps[c])) do
      classes[PositionSorted(elements, x)] := c;
    od;
  od;
  if 0 in classes then
    TK_NotAvailable("the class representatives that were given do not cover the group");
  fi;
  out := [];
  for gens in args.subgroups do
    counts := ListWithIdenticalEntries(Length(args.reps), 0);
    for x in Enumerator(TK_SubgroupFromData(R, gens)) do
      c := classes[PositionSorted(elements, x)];
      counts[c] := counts[c] + 1;
    od;
    Add(out, counts);
  od;
  return out;
end);
