# What GAP needs alone, in one process and without our scripts, for one group's facts and
# character table with power maps and indicators. PLREP_BENCH names the group. Prints its name,
# a tab, and milliseconds of the processor.
LoadPackage("smallgrp", false);;
BindGlobal("BENCH_One", function(make)
  local t, G, tbl, irr, p;
  t := Runtime();
  G := make(0);
  Size(G); IsAbelian(G); IsNilpotentGroup(G); IsSolvableGroup(G); IsPerfectGroup(G);
  IsSimpleGroup(G);
  # the rest is asked of no symmetric group: there it is known, and takes GAP minutes
  if not IsPermGroup(G) or not IsNaturalSymmetricGroup(G) then
    Exponent(G); AbelianInvariants(G); Centre(G); DerivedSeriesOfGroup(G);
    FrattiniSubgroup(G); FittingSubgroup(G); Socle(G);
  fi;
  if IdGroupsAvailable(Size(G)) then
    IdGroup(G);
  fi;
  tbl := CharacterTable(G);
  irr := Irr(tbl);
  for p in Union([-1, 2], PrimeDivisors(Size(G))) do
    PowerMap(tbl, p);
  od;
  Indicator(tbl, irr, 2);
  List(ConjugacyClasses(tbl), Representative);
  return Runtime() - t;
end);

BindGlobal("BENCH_Perm", n -> CyclicGroup(IsPermGroup, n));
BindGlobal("BENCH_Dihedral", n -> DihedralGroup(IsPermGroup, n));
# the quaternion group on its eight elements
BindGlobal("BENCH_Quaternion",
  {} -> Image(RegularActionHomomorphism(QuaternionGroup(IsPcGroup, 8))));

SetPrintFormattingStatus("*stdout*", false);
BENCH_Name := GAPInfo.SystemEnvironment.PLREP_BENCH;
if StartsWith(BENCH_Name, "SmallGroup") then
  BENCH_Id := List(SplitString(BENCH_Name{[12 .. Length(BENCH_Name) - 1]}, ","), Int);
  BENCH_Make := x -> SmallGroup(BENCH_Id);
else
  BENCH_Make := First([
      ["D1000", x -> DihedralGroup(IsPcGroup, 1000)],
      ["S16", x -> SymmetricGroup(16)],
      ["S17", x -> SymmetricGroup(17)],
      ["C2^5 x D16", x -> DirectProduct(BENCH_Perm(2), BENCH_Perm(2), BENCH_Perm(2),
        BENCH_Perm(2), BENCH_Perm(2), BENCH_Dihedral(16))],
      ["D26 x D26 x D10",
        x -> DirectProduct(BENCH_Dihedral(26), BENCH_Dihedral(26), BENCH_Dihedral(10))],
      ["C5 x C5 x S4 x S3",
        x -> DirectProduct(BENCH_Perm(5), BENCH_Perm(5), SymmetricGroup(4), SymmetricGroup(3))],
      ["D8 x D8 x C16",
        x -> DirectProduct(BENCH_Dihedral(8), BENCH_Dihedral(8), BENCH_Perm(16))],
      ["Q8 x C64", x -> DirectProduct(BENCH_Quaternion(), BENCH_Perm(64))],
      ["PSL(2,7) x C35", x -> DirectProduct(PSL(2, 7), BENCH_Perm(35))]],
    pair -> pair[1] = BENCH_Name)[2];
fi;
Print(BENCH_Name, "\t", BENCH_One(BENCH_Make), "\n");
QUIT_GAP(0);
