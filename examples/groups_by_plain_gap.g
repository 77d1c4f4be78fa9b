# Interaction graphs from GAP alone: nothing of the toolkit is loaded, every number comes from GAP's
# own character table by the definitions. examples/research_questions.py counts with it on a sample,
# tests/oracle/test_catalog_groups.py compares all numbers with the rows of the catalog.
#
# Input: the environment variable PLREP_GROUPS, "order,number;order,number;...".
# Output, one line for each group, fields separated by tabs:
#   order, number, classes, real classes, normal subgroups, order of the centre, order of the
#   derived subgroup, exponent, whether it is abelian and solvable (1 or 0), then one field for each
#   real simple, sorted: dimension,type,order of the kernel,order of the +-1-subgroup and, for abs,
#   elu, relu and tanh without bias on the regular module, the number of edges out of it (four
#   numbers), into it (four), and of loops at it (four).
SetPrintFormattingStatus("*stdout*", false);

# The real simples: their real characters, dimensions of their endomorphism rings and degrees.
RealSimples := function(tbl)
  local out, seen, irr, k, chi, nu;
  out := [];
  irr := Irr(tbl);
  seen := BlistList([1 .. Length(irr)], []);
  for k in [1 .. Length(irr)] do
    if seen[k] then
      continue;
    fi;
    chi := irr[k];
    nu := Indicator(tbl, [chi], 2)[1];
    if nu = 1 then
      Add(out, rec(values := ValuesOfClassFunction(chi), e := 1, type := "R"));
    elif nu = -1 then
      Add(out, rec(values := 2 * ValuesOfClassFunction(chi), e := 4, type := "H"));
    else
      seen[Position(irr, ComplexConjugate(chi))] := true;
      Add(out, rec(values := ValuesOfClassFunction(chi + ComplexConjugate(chi)), e := 2,
        type := "C"));
    fi;
  od;
  return out;
end;

# The dimension of the vectors that a union of classes fixes, where these form a subgroup.
FixedDimension := function(sizes, values, subgroup)
  return Sum(subgroup, c -> sizes[c] * values[c]) / Sum(sizes{subgroup});
end;

Report := function(order, number)
  local G, tbl, sizes, simples, n, plus, minus, both, K, L, i, j, even, odd, linear, edges,
    fields, names, inverse;
  G := SmallGroup(order, number);
  tbl := CharacterTable(G);
  sizes := SizesConjugacyClasses(tbl);
  inverse := PowerMap(tbl, -1);
  simples := RealSimples(tbl);
  n := Length(simples);
  names := ["abs", "elu", "relu", "tanh"];
  edges := List(names, f -> List([1 .. n], i -> BlistList([1 .. n], [])));
  for i in [1 .. n] do
    L := simples[i];
    plus := Filtered([1 .. Length(sizes)], c -> L.values[c] = L.values[1]);
    minus := Filtered([1 .. Length(sizes)], c -> L.values[c] = -L.values[1]);
    both := Union(plus, minus);
    L.kernel := Sum(sizes{plus});
    L.signs := Sum(sizes{both});
    for j in [1 .. n] do
      K := simples[j];
      even := FixedDimension(sizes, K.values, both) > 0;
      if minus = [] then
        odd := even;
      else
        odd := FixedDimension(sizes, K.values, plus) > FixedDimension(sizes, K.values, both);
      fi;
      linear := i = j;
      edges[1][i][j] := even;
      edges[2][i][j] := even or odd;
      edges[3][i][j] := even or linear;
      edges[4][i][j] := odd;
    od;
  od;
  fields := List([1 .. n], i -> JoinStringsWithSeparator(Concatenation(
    [simples[i].values[1], simples[i].type, simples[i].kernel, simples[i].signs],
    List(edges, rows -> SizeBlist(rows[i])),
    List(edges, rows -> Number(rows, row -> row[i])),
    List(edges, rows -> SizeBlist(rows[i]{[i]}))), ","));
  Sort(fields);
  Print(JoinStringsWithSeparator(Concatenation(
    [order, number, Length(sizes), Number([1 .. Length(sizes)], c -> inverse[c] = c),
     Length(NormalSubgroups(G)), Size(Centre(G)), Size(DerivedSubgroup(G)), Exponent(G),
     SizeBlist([IsAbelian(G)]), SizeBlist([IsSolvableGroup(G)])],
    fields), "\t"), "\n");
end;

for pair in SplitString(GAPInfo.SystemEnvironment.PLREP_GROUPS, ";") do
  CallFuncList(Report, List(SplitString(pair, ","), Int));
od;
QUIT_GAP(0);
