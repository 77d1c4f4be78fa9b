# What GAP alone takes for the questions of a sweep, regular modules: the facts that a catalog holds,
# character table with power maps and indicators, quotients by minimal normal subgroups. With GAP's
# own functions only. PLREP_BENCH holds pairs order,number separated by semicolons. Prints name,
# microseconds and milliseconds of processor time, with tabs.
LoadPackage("smallgrp", false);
LoadPackage("ctbllib", false);
SetInfoLevel(InfoWarning, 0);
BenchOne := function(n, k)
  local G, F, tbl, N, p, size;
  G := SmallGroup(n, k);
  IsAbelian(G);
  IsNilpotentGroup(G);
  IsSolvableGroup(G);
  IsPerfectGroup(G);
  IsSimpleGroup(G);
  AbelianInvariants(G);
  DerivedSeriesOfGroup(G);
  Exponent(G);
  Centre(G);
  IdGroup(G);
  if IsAbelian(G) or (n <= 200 and not n in [64, 128, 192]) then
    StructureDescription(G);
  fi;
  tbl := CharacterTable(G);
  Indicator(tbl, Irr(tbl), 2);
  for p in Union([-1, 2], PrimeDivisors(n)) do
    PowerMap(tbl, p);
  od;
  ClassPositionsOfNormalSubgroups(tbl);
  for N in MinimalNormalSubgroups(G) do
    F := FactorGroup(G, N);
    IdGroup(F);
  od;
end;
for pair in SplitString(GAPInfo.SystemEnvironment.PLREP_BENCH, ";") do
  pair := List(SplitString(pair, ","), Int);
  Reset(GlobalRandomSource, 1);
  Reset(GlobalMersenneTwister, 1);
  started := NanosecondsSinceEpoch();
  used := Runtime();
  BenchOne(pair[1], pair[2]);
  Print(pair[1], ",", pair[2], "\t", QuoInt(NanosecondsSinceEpoch() - started, 1000), "\t",
    Runtime() - used, "\n");
od;
QUIT;
