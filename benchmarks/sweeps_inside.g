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
  local spec, R, G, tbl, reps, inverse, out, found;
  spec := rec(kind := "small", order := n, index := k);
  R := Step("the group", {} -> TK_Group(spec));
  G := R.group;
  if IsAbelian(G) then
    return;
  fi;
  Step("list of elements", function() TK_Enumerate(R); return 0; end);
  Step("classes", {} -> ConjugacyClasses(G));
  Step("facts", {} -> TK_CatalogFacts(R));
  tbl := Step("characters", function()
    local tbl;
    tbl := TK_GroupTable(spec, G);
    Irr(tbl);
    return tbl;
  end);
  out := Step("table as data", {} -> TK_ListedTableData(R, tbl));
  found := Step("minimal normal subgroups",
    {} -> TK_MinimalNormalNumbers(R, R.classNumbers, out.orders));
  Step("ids of quotients", {} -> List(found, numbers -> TK_IdOfListedQuotient(R, numbers)));
  if TK_IsDescribed(rec(simple := IsSimpleGroup(G), abelian := false), n) then
    Step("description", function()
      if n <= 100 and not n in [64, 96] then
        return StructureDescription(G);
      fi;
      return TK_DescriptionByTable(spec, R, tbl, R.classNumbers,
        List(found, numbers -> Set(R.classNumbers{numbers})));
    end);
  fi;
  Step("written as JSON", {} -> TK_ToJson(out));
end;
for pair in SplitString(GAPInfo.SystemEnvironment.PLREP_BENCH, ";") do
  pair := List(SplitString(pair, ","), Int);
  TK_ResetRandom();
  Measure(pair[1], pair[2]);
od;
Print(TK_ToJson(Steps), "\n");
QUIT;
