# Where GAP's time for a sweep goes: the steps of catalog_groups one by one, on groups that are not
# abelian. Read after gap_scripts/init.g. PLREP_BENCH holds pairs order,number separated by
# semicolons. Prints a list of [name, milliseconds of processor time].
Steps := [];
Step := function(name, work)
  local at, started, out;
  at := PositionProperty(Steps, s -> s[1] = name);
  if at = fail then
    Add(Steps, [name, 0]);
    at := Length(Steps);
  fi;
  started := Runtime();
  out := work();
  Steps[at][2] := Steps[at][2] + Runtime() - started;
  return out;
end;
Measure := function(n, k)
  local spec, R, out, found, ids;
  spec := rec(kind := "small", order := n, index := k);
  R := Step("the group", {} -> TK_Group(spec));
  if IsAbelian(R.group) then
    return;
  fi;
  Step("list of elements", function() TK_Enumerate(R); return 0; end);
  out := Step("character table", {} -> TK_ListedTableData(R, spec));
  Step("facts", {} -> TK_CatalogFacts(R, Length(R.classReps)));
  found := Step("minimal normal subgroups",
    {} -> TK_MinimalNormalNumbers(R, R.classNumbers, R.classOrders));
  ids := Step("ids of quotients",
    {} -> List(found, numbers -> TK_IdOfListedQuotient(R, numbers)));
  if TK_IsDescribed(rec(simple := IsSimpleGroup(R.group), abelian := false), n) then
    Step("description", {} -> TK_SmallDescription(spec, R,
      List(found, numbers -> Set(R.classNumbers{numbers}))));
  fi;
  Step("written as JSON", {} -> TK_ToJson([out, ids]));
end;
for pair in SplitString(GAPInfo.SystemEnvironment.PLREP_BENCH, ";") do
  pair := List(SplitString(pair, ","), Int);
  TK_ResetRandom();
  Measure(pair[1], pair[2]);
od;
Print(TK_ToJson(Steps), "\n");
QUIT;
