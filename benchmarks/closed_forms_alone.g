# The character tables of abelian groups, from scratch; one line "orders TAB microseconds" for each.
for orders in EvalString(GAPInfo.SystemEnvironment.PLREP_BENCH) do
  start := NanosecondsSinceEpoch();
  tbl := CharacterTable(AbelianGroup(IsPcGroup, orders));
  Irr(tbl);
  Indicator(tbl, 2);
  Print(JoinStringsWithSeparator(orders, "x"), "\t",
    Int((NanosecondsSinceEpoch() - start) / 1000), "\n");
od;
QUIT;
