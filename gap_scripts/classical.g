# Classical, semilinear and twisted groups over finite fields, as permutation groups on a short
# orbit of vectors or lines. Read by construct.g, whose records they return.

BindGlobal("TK_OrbitLimit", 40000);

# The orbit of a vector under matrices with the map `act', or fail if it is longer than the limit.
BindGlobal("TK_BoundedOrbit", function(matrices, start, act)
  local seen, orbit, v, w, m;
  orbit := [start];
  seen := NewDictionary(start, false, DefaultFieldOfMatrix(matrices[1]) ^ Length(start));
  AddDictionary(seen, start);
  for v in orbit do
    for m in matrices do
      w := act(v, m);
      if not KnowsDictionary(seen, w) then
        if Length(orbit) = TK_OrbitLimit then
          return fail;
        fi;
        AddDictionary(seen, w);
        Add(orbit, w);
      fi;
    od;
  od;
  return Set(orbit);
end);

# Vectors to start orbits from: sums of two basis vectors with all coefficients, hence one of each
# length of a form that has isotropic vectors in such planes, and a sum of three.
BindGlobal("TK_Seeds", function(d, F)
  local basis, seeds, i, c, zeta;
  basis := IdentityMat(d, F);
  zeta := PrimitiveRoot(F);
  seeds := [basis[1], basis[d]];
  for i in [2 .. d] do
    for c in [0 .. Minimum(Size(F) - 2, 30)] do
      Add(seeds, basis[1] + zeta ^ c * basis[i]);
    od;
  od;
  if d > 2 then
    for c in [0 .. Minimum(Size(F) - 2, 30)] do
      Add(seeds, basis[1] + basis[2] + zeta ^ c * basis[3]);
    od;
  fi;
  return seeds;
end);

# Matrices on the shortest orbit of vectors, or of lines, on which a group of order `size' acts
# faithfully, out of the orbits of some seeds; `name' for the refusal.
BindGlobal("TK_OnShortOrbit", function(matrices, F, seeds, lines, size, name)
  local d, act, found, v, orbit, perms, G, seen;
  d := Length(matrices[1]);
  act := OnRight;
  if lines then
    act := OnLines;
  fi;
  found := [];
  seen := [];
  matrices := List(matrices, m -> ImmutableMatrix(F, m));
  for v in seeds do
    v := ImmutableVector(F, v);
    if lines then
      v := NormedRowVector(v);
    fi;
    if not ForAny(seen, orbit -> v in orbit) then
      orbit := TK_BoundedOrbit(matrices, v, act);
      if orbit <> fail then
        Add(seen, orbit);
        if RankMat(orbit) = d then
          Add(found, orbit);
        fi;
      fi;
    fi;
  od;
  SortBy(found, Length);
  for orbit in found do
    perms := List(matrices, m -> Permutation(m, orbit, act));
    G := GroupWithGenerators(perms, ());
    # On vectors that span the space every matrix group is faithful. On lines it need not be, as
    # long as the matrices are monomial in some basis, which happens over very small fields only.
    if not lines or Length(orbit) > 3000 then
      SetSize(G, size);
    fi;
    if Size(G) = size then
      return TK_PermutationRecord(G, perms, Length(orbit));
    fi;
  od;
  if Size(F) ^ d <= 4000 then
    if lines then
      return TK_MatrixAction(matrices, d, Size(F), "lines", [], size);
    fi;
    return TK_MatrixAction(matrices, d, Size(F), "vectors", [], size);
  fi;
  TK_NotAvailable(Concatenation("no orbit of at most ", String(TK_OrbitLimit),
    " vectors or lines on which ", name, " acts faithfully is at hand"));
end);

BindGlobal("TK_ClassicalMatrices", function(word, d, q)
  local kind, sign;
  kind := Filtered(word, c -> not c in "+-");
  if kind in ["GU", "PGU"] then
    return GU(d, q);
  elif kind in ["SU", "PSU"] then
    return SU(d, q);
  elif kind in ["Sp", "PSp"] then
    return Sp(d, q);
  fi;
  sign := 0;
  if '+' in word then
    sign := 1;
  elif '-' in word then
    sign := -1;
  fi;
  if kind in ["GO", "PGO"] then
    return GO(sign, d, q);
  elif kind in ["SO", "PSO"] then
    return SO(sign, d, q);
  fi;
  return Omega(sign, d, q);
end);

# The number of scalar matrices in a classical group.
BindGlobal("TK_Scalars", function(word, d, q)
  local sign;
  if word in ["GU", "PGU"] then
    return q + 1;
  elif word in ["SU", "PSU"] then
    return Gcd(d, q + 1);
  elif word in ["Sp", "PSp", "PGO", "PGO+", "PGO-"] then
    return Gcd(2, q - 1);
  elif IsEvenInt(q) or IsOddInt(d) then
    return 1;
  elif word in ["PSO+", "PSO-"] then
    return 2;
  fi;
  # -1 lies in Omega where the discriminant of the form is a square
  sign := 1;
  if '-' in word then
    sign := -1;
  fi;
  return Gcd(4, q ^ (d / 2) - sign) / 2;
end);

BindGlobal("TK_classical", function(spec)
  local M, matrices, word, q, size, lines;
  word := spec.family;
  q := spec.field;
  if word in ["GU", "SU", "PGU", "PSU"] then
    q := q ^ 2;
  fi;
  if q > 65536 or spec.degree > 100 or q ^ spec.degree > 10 ^ 15 then
    TK_NotAvailable(Concatenation("classical groups are built from orbits of vectors, and GF(",
      String(q), ")^", String(spec.degree), " has too many vectors"));
  fi;
  M := TK_ClassicalMatrices(word, spec.degree, spec.field);
  matrices := GeneratorsOfGroup(M);
  if matrices = [] then
    matrices := [One(M)];
  fi;
  lines := word[1] = 'P';
  size := Size(M);
  if lines then
    size := size / TK_Scalars(word, spec.degree, spec.field);
  fi;
  return TK_OnShortOrbit(matrices, GF(q), TK_Seeds(spec.degree, GF(q)), lines, size,
    Concatenation(word, "(", String(spec.degree), ",", String(spec.field), ")"));
end);

# Semilinear groups: the linear group on lines, vectors or affine points, and the automorphism of
# the field that takes each entry to its p-th power as the last generator.
BindGlobal("TK_semilinear", function(spec)
  local word, linear, d, q, p, R, domain, frobenius, gens, G;
  word := spec.family;
  d := spec.degree;
  q := spec.field;
  p := SmallestRootInt(q);
  linear := ReplacedString(ReplacedString(word, "Gamma", "G"), "Sigma", "S");
  R := TK_linear(rec(family := linear, degree := d, field := q));
  if word[1] = 'P' then
    domain := Set(NormedRowVectors(GF(q) ^ d));
  elif word[1] = 'A' then
    domain := AsSSortedList(GF(q) ^ d);
  else
    domain := Filtered(AsSSortedList(GF(q) ^ d), v -> not IsZero(v));
  fi;
  frobenius := PermList(List(domain, v -> PositionSorted(domain, List(v, x -> x ^ p))));
  gens := Concatenation(R.gens, [frobenius]);
  G := GroupWithGenerators(gens, ());
  SetSize(G, Size(R.group) * LogInt(q, p));
  return TK_PermutationRecord(G, gens, Length(domain));
end);

BindGlobal("TK_suzuki", function(spec)
  local M;
  if spec.field > 32 then
    TK_NotAvailable("Suzuki groups are built up to Sz(32)");
  fi;
  M := SuzukiGroup(IsMatrixGroup, spec.field);
  return TK_OnShortOrbit(GeneratorsOfGroup(M), GF(spec.field), One(M), true,
    spec.field ^ 2 * (spec.field ^ 2 + 1) * (spec.field - 1),
    Concatenation("Sz(", String(spec.field), ")"));
end);

BindGlobal("TK_ree", function(spec)
  local q, M;
  q := spec.field;
  if q = 3 then
    return TK_semilinear(rec(family := "PGammaL", degree := 2, field := 8));
  elif q > 27 then
    TK_NotAvailable("Ree groups are built up to Ree(27)");
  fi;
  M := ReeGroup(IsMatrixGroup, q);
  return TK_OnShortOrbit(GeneratorsOfGroup(M), GF(q), One(M){[1]}, true,
    q ^ 3 * (q ^ 3 + 1) * (q - 1), Concatenation("Ree(", String(q), ")"));
end);
