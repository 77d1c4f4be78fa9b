# What GAP's own packages take for decompositions over the complex numbers: RepnDecomp for the
# regular module of S5 and S6 on ordered pairs, repsn for the irreducibles of PSL(2,7). Prints a
# line per case: name, tab, microseconds. PLREP_BENCH names the case.
LoadPackage("repndecomp", false);
LoadPackage("repsn", false);

BindGlobal("BENCH_Timed", function(name, work)
  local t;
  t := NanosecondsSinceEpoch();
  work();
  Print(name, "\t", QuoInt(NanosecondsSinceEpoch() - t, 1000), "\n");
end);

BindGlobal("BENCH_Matrices", function(G, degree)
  local mats;
  mats := List(GeneratorsOfGroup(G), g -> PermutationMat(g, degree));
  return GroupHomomorphismByImagesNC(G, Group(mats), GeneratorsOfGroup(G), mats);
end);

SetPrintFormattingStatus("*stdout*", false);
if GAPInfo.SystemEnvironment.PLREP_BENCH = "S5 regular" then
  BENCH_Timed("S5 regular", function()
    local G, hom;
    G := SymmetricGroup(5);
    hom := ActionHomomorphism(G, AsList(G), OnRight);
    REPN_ComputeUsingSerre(BENCH_Matrices(Image(hom), 120));
  end);
elif GAPInfo.SystemEnvironment.PLREP_BENCH = "S6 ordered pairs" then
  BENCH_Timed("S6 ordered pairs", function()
    local G, hom;
    G := SymmetricGroup(6);
    hom := ActionHomomorphism(G, Tuples([1 .. 6], 2), OnPairs);
    REPN_ComputeUsingSerre(BENCH_Matrices(Image(hom), 36));
  end);
else
  BENCH_Timed("PSL(2,7) regular", function()
    local G, chi;
    G := PSL(2, 7);
    for chi in Irr(G) do
      IrreducibleAffordingRepresentation(chi);
    od;
  end);
fi;
QUIT;
