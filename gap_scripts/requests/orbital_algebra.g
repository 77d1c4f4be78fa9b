# orbital_algebra: the real simples in Fun(X), X transitive, from integers alone.
#
# Argument {constants: [i][j][k] = number of z with (x, z) in orbital i and (z, y) in orbital j,
#   for one (and so every) pair (x, y) in orbital k; orbital 0 is the diagonal,
#   paired: per orbital the transposed one (0-based), points: number of points,
#   traces: per class of elements, per orbital how many x have (x, x^g) in it; may be empty}.
# Result {values: cyclotomics, simples: per real simple {total: dimension of the isotypic part,
#   algebra: dim pAp, symmetric: dimension of its symmetric elements,
#   row: indices into values, phi per orbital,
#   character: indices into values, character of the isotypic part per class}}.
# Cost: linear algebra of the size of the rank; factoring one polynomial; irrationalities of degree
# at most 16 (orbital_algebra.g).
BindGlobal("TK_SymmetricCentre", function(constants, paired)
  local r, folds, i, equations, j, k, row, basis;
  r := Length(paired);
  folds := Set(Set([1 .. r], i -> Set([i, paired[i] + 1])));
  equations := [];
  for j in [1 .. r] do
    for k in [1 .. r] do
      row := List(folds, f -> Sum(f, i -> constants[i][j][k] - constants[j][i][k]));
      if not IsZero(row) then
        AddSet(equations, row);
      fi;
    od;
  od;
  if Length(equations) = 0 then
    basis := IdentityMat(Length(folds));
  else
    basis := NullspaceMat(TransposedMat(equations));
    basis := List(basis, c -> c * Lcm(List(c, DenominatorRat)));
  fi;
  return List(basis, function(c)
    local out;
    out := ListWithIdenticalEntries(r, 0);
    for i in [1 .. Length(folds)] do
      for j in folds[i] do
        out[j] := c[i];
      od;
    od;
    return out;
  end);
end);

BindGlobal("TK_request_orbital_algebra", function(args)
  local r, n, constants, e, values, index, out, straight, turned;
  constants := args.constants;
  r := Length(args.paired);
  n := args.points;
  # traces of a -> b a and of a -> b a^T on the algebra, per basis element b
  straight := List([1 .. r], i -> Sum([1 .. r], j -> constants[i][j][j]));
  turned := List([1 .. r], i -> Sum([1 .. r], j -> constants[i][args.paired[j] + 1][j]));
  out := [];
  for e in TK_Idempotents(constants, TK_SymmetricCentre(constants, args.paired)) do
    Add(out, rec(total := n * e[1], algebra := e * straight,
      symmetric := e * (straight + turned) / 2, phi := e / e[1],
      character := List(args.traces, counts -> counts * e)));
  od;
  values := Set(Concatenation(List(out, s -> Concatenation(s.phi, s.character))));
  index := v -> PositionSorted(values, v) - 1;
  return rec(values := values, simples := List(out, s -> rec(total := s.total,
    algebra := s.algebra, symmetric := s.symmetric, row := List(s.phi, index),
    character := List(s.character, index))));
end);
