# What GAP needs alone, in one process and without our scripts, for the same questions: facts,
# character table with indicators and power maps, normal subgroups, subgroup classes, and for
# each class the action on cosets with its permutation character and multiplicities. Prints a
# line per group: name, tab, microseconds. PLREP_BENCH=small: all groups of order at most 63.
BindGlobal("BENCH_One", function(G)
  local t, tbl, irr, p, c, H, hom, pi;
  t := NanosecondsSinceEpoch();
  Size(G); IsAbelian(G); IsNilpotentGroup(G); IsSolvableGroup(G); IsPerfectGroup(G);
  IsSimpleGroup(G); Exponent(G); AbelianInvariants(G); Centre(G); DerivedSeriesOfGroup(G);
  FrattiniSubgroup(G); FittingSubgroup(G); Socle(G);
  if Size(G) <= 2000 then IdGroup(G); fi;
  tbl := CharacterTable(G);
  irr := Irr(tbl);
  for p in PrimeDivisors(Size(G)) do PowerMap(tbl, p); od;
  Indicator(tbl, irr, 2);
  NormalSubgroups(G);
  for c in ConjugacyClassesSubgroups(G) do
    H := Representative(c);
    hom := FactorCosetAction(G, H);
    List(GeneratorsOfGroup(G), g -> Image(hom, g));
    pi := PermutationCharacter(G, H);
    MatScalarProducts(tbl, irr, [pi]);
  od;
  return QuoInt(NanosecondsSinceEpoch() - t, 1000);
end);

SetPrintFormattingStatus("*stdout*", false);
if GAPInfo.SystemEnvironment.PLREP_BENCH = "small" then
  for BENCH_n in [1 .. 63] do
    for BENCH_i in [1 .. NumberSmallGroups(BENCH_n)] do
      Print("SmallGroup(", BENCH_n, ",", BENCH_i, ")\t",
        BENCH_One(SmallGroup(BENCH_n, BENCH_i)), "\n");
    od;
  od;
else
  for BENCH_pair in [
      ["C12", g -> CyclicGroup(IsPcGroup, 12)],
      ["C60", g -> CyclicGroup(IsPcGroup, 60)],
      ["D24", g -> DihedralGroup(IsPcGroup, 24)],
      ["D64", g -> DihedralGroup(IsPcGroup, 64)],
      ["Q16", g -> QuaternionGroup(IsPcGroup, 16)],
      ["S4", g -> SymmetricGroup(4)],
      ["S5", g -> SymmetricGroup(5)],
      ["S6", g -> SymmetricGroup(6)],
      ["A5", g -> AlternatingGroup(5)],
      ["A6", g -> AlternatingGroup(6)],
      ["SL(2,3)", g -> Action(SL(2, 3), Filtered(AsList(GF(3) ^ 2), v -> not IsZero(v)), OnRight)],
      ["PSL(2,7)", g -> PSL(2, 7)],
      ["PSL(2,11)", g -> PSL(2, 11)],
      ["M11", g -> MathieuGroup(11)],
      ["AGL(1,8)", g -> PrimitiveGroup(8, 1)],
      ["C2 wr S3", g -> WreathProduct(CyclicGroup(IsPermGroup, 2), SymmetricGroup(3))],
      ["C4 x S3", g -> DirectProduct(CyclicGroup(IsPermGroup, 4), SymmetricGroup(3))],
      ["SmallGroup(24,12)", g -> SmallGroup(24, 12)],
      ["SmallGroup(32,49)", g -> SmallGroup(32, 49)],
      ["SmallGroup(96,64)", g -> SmallGroup(96, 64)]] do
    Print(BENCH_pair[1], "\t", BENCH_One(BENCH_pair[2](0)), "\n");
  od;
fi;
QUIT_GAP(0);
