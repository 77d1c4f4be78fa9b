# From a group's canonical description (see toolkit/groups/specs) to a group.
#
# TK_Group(spec) -> record
#   group    the GAP group, a permutation group or a pc group
#   gens     its defining generators, in the order that Python counts them
#   degree   permutation groups: number of points that images are written for; pc groups: 0
#   natural  the generators as permutations of `points' points (the action that came with the
#            name), or fail
#   points   number of those points
#   faithful whether that action is faithful (true where there is none)
# The last group built is kept: questions about one group come in a row.

BindGlobal("TK_PermutationRecord", function(group, gens, degree)
  return rec(group := group, gens := gens, degree := degree, natural := gens, points := degree,
    faithful := true);
end);

# A pc group with generators acting on points 1..n by the given permutations, faithfully unless
# said otherwise afterwards.
BindGlobal("TK_PcRecord", function(group, gens, natural, points)
  return rec(group := group, gens := gens, degree := 0, natural := natural, points := points,
    faithful := true);
end);

# A permutation group that was named without an action.
BindGlobal("TK_AbstractRecord", function(group, gens)
  return rec(group := group, gens := gens, degree := Maximum(1, LargestMovedPoint(group)),
    natural := fail, points := 0, faithful := true);
end);

BindGlobal("TK_DegreeLimit", function(kind, degree)
  if degree > 1500 then
    TK_NotAvailable(Concatenation(kind, " groups are built up to degree 1500: the order of this ",
      "one has more than 4000 digits"));
  fi;
end);

# A family whose larger members are known by formula only.
BindGlobal("TK_FormulaLimit", function(kind)
  TK_NotAvailable(Concatenation(kind, " groups are built up to order 100000, and no setting ",
    "raises that; of larger ones simples and the interactions of regular_module() are known by ",
    "formula"));
end);

BindGlobal("TK_cyclic", function(spec)
  local G, n, gens, natural;
  n := spec.order;
  if n > 100000 then
    TK_FormulaLimit("cyclic");
  fi;
  G := CyclicGroup(IsPcGroup, n);
  gens := GeneratorsOfGroup(G){[1 .. Minimum(1, Length(GeneratorsOfGroup(G)))]};
  natural := List(gens, g -> PermList(Concatenation([2 .. n], [1])));
  return TK_PcRecord(G, gens, natural, n);
end);

BindGlobal("TK_dihedral", function(spec)
  local G, n, r, s, p, q;
  n := spec.order / 2;
  if n > 50000 then
    TK_FormulaLimit("dihedral");
  fi;
  G := DihedralGroup(IsPcGroup, spec.order);
  # GAP's first generator is a reflection, its second the rotation
  s := GeneratorsOfGroup(G)[1];
  r := GeneratorsOfGroup(G)[2];
  p := PermList(Concatenation([2 .. n], [1]));
  q := PermList(Concatenation([1], Reversed([2 .. n])));
  if n = 2 then
    # the four-group: the two reflections of a rectangle through its sides, on its corners
    return TK_PcRecord(G, [r, s], [(1, 2)(3, 4), (1, 3)(2, 4)], 4);
  fi;
  return TK_PcRecord(G, [r, s], [p, q], n);
end);

BindGlobal("TK_quaternion", function(spec)
  local G, gens;
  if spec.order > 100000 then
    TK_FormulaLimit("quaternion");
  fi;
  G := QuaternionGroup(IsPcGroup, spec.order);
  gens := GeneratorsOfGroup(G);
  return TK_PcRecord(G, [gens[2], gens[1]], fail, 0);
end);

BindGlobal("TK_symmetric", function(spec)
  local n, gens;
  n := spec.degree;
  TK_DegreeLimit("symmetric", n);
  if n < 2 then
    return TK_PermutationRecord(Group(()), [], 1);
  elif n = 2 then
    gens := [(1, 2)];
  else
    gens := [PermList(Concatenation([2 .. n], [1])), (1, 2)];
  fi;
  return TK_PermutationRecord(SymmetricGroup(n), gens, n);
end);

BindGlobal("TK_alternating", function(spec)
  local n, gens;
  n := spec.degree;
  TK_DegreeLimit("alternating", n);
  if n < 3 then
    return TK_PermutationRecord(Group(()), [], Maximum(1, n));
  elif n = 3 then
    gens := [(1, 2, 3)];
  elif IsOddInt(n) then
    gens := [PermList(Concatenation([2 .. n], [1])), (1, 2, 3)];
  else
    gens := [PermList(Concatenation([1], [3 .. n], [2])), (1, 2, 3)];
  fi;
  return TK_PermutationRecord(AlternatingGroup(n), gens, n);
end);

# Lines and vectors are listed, and GAP's time and memory grow with their number.
BindGlobal("TK_VectorLimit", function(d, q, kind)
  local count, limit;
  limit := 20000;
  count := q ^ d;
  if kind = "lines" then
    count := (q ^ d - 1) / (q - 1);
  fi;
  if count > limit then
    TK_NotAvailable(Concatenation("matrix groups are built by their action on all ", kind,
      ", which takes minutes and gigabytes past ", String(limit), " of them; GF(", String(q), ")^",
      String(d), " has ", String(count)));
  fi;
end);

# Matrices acting on vectors (from the right, as GAP does) or on lines; size: the order of the
# group that they generate, or fail.
BindGlobal("TK_MatrixAction", function(matrices, d, q, kind, translations, size)
  local domain, perms, add, e, G;
  if kind = "lines" then
    TK_VectorLimit(d, q, kind);
  else
    TK_VectorLimit(d, q, "vectors");
  fi;
  if kind = "lines" then
    domain := Set(NormedRowVectors(GF(q) ^ d));
    perms := List(matrices, m -> Permutation(m, domain, OnLines));
  elif kind = "affine" then
    domain := AsSSortedList(GF(q) ^ d);
    perms := List(matrices, m -> Permutation(m, domain, OnRight));
    for e in translations do
      add := List(domain, v -> PositionSorted(domain, v + e));
      Add(perms, PermList(add));
    od;
  else
    domain := Filtered(AsSSortedList(GF(q) ^ d), v -> not IsZero(v));
    perms := List(matrices, m -> Permutation(m, domain, OnRight));
  fi;
  G := GroupWithGenerators(perms, ());
  if size <> fail then
    SetSize(G, size);
  fi;
  return TK_PermutationRecord(G, perms, Length(domain));
end);

BindGlobal("TK_linear", function(spec)
  local d, q, M, shifts, kernel;
  d := spec.degree;
  q := spec.field;
  if spec.family in ["PGL", "PSL"] then
    TK_VectorLimit(d, q, "lines");
  else
    TK_VectorLimit(d, q, "vectors");
  fi;
  if spec.family in ["GL", "PGL", "AGL"] then
    M := GL(d, q);
    kernel := q - 1;
  else
    M := SL(d, q);
    kernel := Gcd(d, q - 1);
  fi;
  if spec.family in ["PGL", "PSL"] then
    return TK_MatrixAction(GeneratorsOfGroup(M), d, q, "lines", [],
      Size(M) / kernel);
  elif spec.family in ["AGL", "ASL"] then
    shifts := List(Basis(GF(q)), b -> Concatenation([b], Zero(GF(q) ^ (d - 1))));
    if d = 1 then
      shifts := List(Basis(GF(q)), b -> [b]);
    fi;
    return TK_MatrixAction(GeneratorsOfGroup(M), d, q, "affine", shifts, q ^ d * Size(M));
  fi;
  return TK_MatrixAction(GeneratorsOfGroup(M), d, q, "vectors", [], Size(M));
end);

BindGlobal("TK_mathieu", function(spec)
  local G;
  G := MathieuGroup(spec.degree);
  return TK_PermutationRecord(G, GeneratorsOfGroup(G), spec.degree);
end);

BindGlobal("TK_small", function(spec)
  local G, n, i;
  n := spec.order;
  i := spec.index;
  if TK_LoadedPackages.smallgrp = fail then
    TK_NotAvailable("this GAP has no small groups library");
  elif not SmallGroupsAvailable(n) then
    TK_NotAvailable(Concatenation("this GAP has no library of the groups of order ", String(n)));
  elif i > NumberSmallGroups(n) then
    TK_NotAvailable(Concatenation("there are ", String(NumberSmallGroups(n)),
      " groups of order ", String(n), ", so the index must be 1 to ",
      String(NumberSmallGroups(n))));
  fi;
  G := SmallGroup(n, i);
  if IsPermGroup(G) then
    return TK_AbstractRecord(G, GeneratorsOfGroup(G));
  fi;
  return TK_PcRecord(G, GeneratorsOfGroup(G), fail, 0);
end);

BindGlobal("TK_transitive", function(spec)
  local G;
  if TK_LoadedPackages.transgrp = fail then
    TK_NotAvailable("this GAP has no transitive groups library");
  elif not TransitiveGroupsAvailable(spec.degree) then
    TK_NotAvailable(Concatenation("this GAP has no library of the transitive groups of degree ",
      String(spec.degree)));
  elif spec.index > NrTransitiveGroups(spec.degree) then
    TK_NotAvailable(Concatenation("there are ", String(NrTransitiveGroups(spec.degree)),
      " transitive groups of degree ", String(spec.degree)));
  fi;
  G := TransitiveGroup(spec.degree, spec.index);
  return TK_PermutationRecord(G, GeneratorsOfGroup(G), spec.degree);
end);

BindGlobal("TK_primitive", function(spec)
  local G;
  if TK_LoadedPackages.primgrp = fail then
    TK_NotAvailable("this GAP has no primitive groups library");
  elif not PrimitiveGroupsAvailable(spec.degree) then
    TK_NotAvailable(Concatenation("this GAP has no library of the primitive groups of degree ",
      String(spec.degree)));
  elif spec.index > NrPrimitiveGroups(spec.degree) then
    TK_NotAvailable(Concatenation("there are ", String(NrPrimitiveGroups(spec.degree)),
      " primitive groups of degree ", String(spec.degree)));
  fi;
  G := PrimitiveGroup(spec.degree, spec.index);
  if IsNaturalSymmetricGroup(G) or IsNaturalAlternatingGroup(G) then
    TK_DegreeLimit("symmetric and alternating", spec.degree);
  fi;
  return TK_PermutationRecord(G, GeneratorsOfGroup(G), spec.degree);
end);

# The same group on points: the natural action if it is faithful, else a regular one.
BindGlobal("TK_OnPoints", function(R)
  local hom, perms;
  if IsPermGroup(R.group) then
    return R;
  fi;
  if R.natural <> fail and R.faithful then
    return TK_PermutationRecord(GroupWithGenerators(R.natural, ()), R.natural, R.points);
  fi;
  if Size(R.group) > 20000 then
    TK_NotAvailable("a factor of this size has no small permutation representation at hand");
  fi;
  hom := RegularActionHomomorphism(R.group);
  perms := List(R.gens, g -> Image(hom, g));
  return TK_AbstractRecord(GroupWithGenerators(perms, ()), perms);
end);

BindGlobal("TK_ShiftedPerm", function(p, degree, shift)
  return PermList(Concatenation([1 .. shift], List([1 .. degree], i -> i ^ p + shift)));
end);

DeclareGlobalName("TK_Construct");
BindGlobal("TK_product", function(spec)
  local parts, natural, points, part, G, gens, i, shift, moved, record;
  parts := List(spec.factors, TK_Construct);
  natural := [];
  points := 0;
  for part in parts do
    if natural <> fail and part.natural <> fail then
      Append(natural, List(part.natural, p -> TK_ShiftedPerm(p, part.points, points)));
      points := points + part.points;
    else
      natural := fail;
    fi;
  od;
  if ForAll(parts, part -> IsPcGroup(part.group)) then
    G := DirectProduct(List(parts, part -> part.group));
    gens := [];
    for i in [1 .. Length(parts)] do
      Append(gens, List(parts[i].gens, g -> Image(Embedding(G, i), g)));
    od;
    record := TK_PcRecord(G, gens, natural, points);
  else
    moved := List(parts, TK_OnPoints);
    gens := [];
    shift := 0;
    for part in moved do
      Append(gens, List(part.gens, p -> TK_ShiftedPerm(p, part.degree, shift)));
      shift := shift + part.degree;
    od;
    G := GroupWithGenerators(gens, ());
    SetSize(G, Product(moved, part -> Size(part.group)));
    record := TK_PcRecord(G, gens, natural, points);
    record.degree := shift;
  fi;
  if natural = fail then
    record.points := 0;
  else
    record.faithful := ForAll(parts, part -> part.faithful);
  fi;
  return record;
end);

# The imprimitive wreath product: one copy of the base's points for each point of the top.
BindGlobal("TK_wreath", function(spec)
  local base, top, gens, p, d, n, moves, reached, orbit, i, G;
  base := TK_OnPoints(TK_Construct(spec.base));
  top := TK_Construct(spec.top);
  if top.natural = fail then
    TK_NotAvailable("the upper group of a wreath product must come with an action on points");
  fi;
  d := base.degree;
  n := top.points;
  if d * n > 100000 then
    TK_NotAvailable("wreath products are built up to 100000 points");
  fi;
  gens := [];
  # the base group above one point of each orbit of the upper group
  reached := [];
  for i in [1 .. n] do
    if not i in reached then
      orbit := Orbit(GroupWithGenerators(top.natural, ()), i);
      UniteSet(reached, orbit);
      Append(gens, List(base.gens, p -> TK_ShiftedPerm(p, d, (i - 1) * d)));
    fi;
  od;
  for p in top.natural do
    moves := List([0 .. d * n - 1], j -> (QuoInt(j, d) + 1) ^ p * d - d + j mod d + 1);
    Add(gens, PermList(moves));
  od;
  G := GroupWithGenerators(gens, ());
  SetSize(G, Size(base.group) ^ n * Size(top.group));
  return TK_PermutationRecord(G, gens, d * n);
end);

# The order of a permutation group that needs no stabiliser chain: the one that is known, or that
# of a symmetric or alternating group.
BindGlobal("TK_SetOrder", function(G, size)
  local n;
  n := NrMovedPoints(G);
  if size <> fail then
    if ForAny(OrbitLengths(G, MovedPoints(G)), length -> size mod length <> 0) then
      Error("the known order is no multiple of the length of an orbit");
    fi;
    SetSize(G, size);
  elif n > 20 and IsTransitive(G, MovedPoints(G)) and PermgpContainsAn(G) = true then
    if ForAll(GeneratorsOfGroup(G), p -> SignPerm(p) = 1) then
      SetSize(G, Factorial(n) / 2);
    else
      SetSize(G, Factorial(n));
    fi;
  fi;
end);

# The key `size', if it is there, is the order of the group, known from elsewhere.
BindGlobal("TK_permutations", function(spec)
  local gens, G;
  gens := List(spec.images, TK_ImagesToPerm);
  if fail in gens then
    TK_NotAvailable("one of the image lists is not a permutation");
  fi;
  G := GroupWithGenerators(gens, ());
  if IsBound(spec.size) then
    TK_SetOrder(G, spec.size);
  else
    TK_SetOrder(G, fail);
  fi;
  return TK_PermutationRecord(G, gens, spec.degree);
end);

BindGlobal("TK_matrices", function(spec)
  local q, z, entry, matrices;
  q := spec.field;
  TK_VectorLimit(spec.degree, q, "vectors");
  z := Z(q);
  entry := function(e)
    if IsPrimeInt(q) then
      return e * One(GF(q));
    elif e = 0 then
      return Zero(GF(q));
    fi;
    return z ^ (e - 1);
  end;
  matrices := List(spec.matrices, m -> ImmutableMatrix(GF(q), List(m, row -> List(row, entry))));
  if ForAny(matrices, m -> RankMat(m) < spec.degree) then
    TK_NotAvailable("a matrix is not invertible, so it generates no group");
  fi;
  return TK_MatrixAction(matrices, spec.degree, q, "vectors", [], fail);
end);

BindGlobal("TK_Construct", function(spec)
  if not spec.kind in ["cyclic", "dihedral", "quaternion", "symmetric", "alternating", "linear",
      "mathieu", "small", "transitive", "primitive", "product", "wreath", "permutations",
      "presentation", "matrices", "dicyclic", "semidihedral", "modular", "heisenberg",
      "extraspecial", "perfect", "sporadic", "classical", "semilinear", "suzuki", "ree",
      "semidirect", "central", "exact_matrices"] then
    TK_NotAvailable(Concatenation("no group can be built from a description of kind ",
      spec.kind));
  fi;
  return ValueGlobal(Concatenation("TK_", spec.kind))(spec);
end);

TK_LastKey := fail;
TK_LastGroup := fail;
BindGlobal("TK_Group", function(spec)
  local key;
  key := TK_ToJson(spec);
  if key <> TK_LastKey then
    TK_LastKey := fail;
    TK_LastGroup := TK_Construct(spec);
    TK_LastKey := key;
  fi;
  return TK_LastGroup;
end);

# An orbit as a G-set, or a subgroup's cosets, need the group to act: the natural action as a
# homomorphism.
BindGlobal("TK_NaturalHomomorphism", function(R)
  if R.natural = fail then
    TK_NotAvailable("this group was named without an action on points");
  fi;
  if IsPermGroup(R.group) and R.natural = R.gens then
    return IdentityMapping(R.group);
  fi;
  if not IsBound(R.hom) then
    R.hom := GroupHomomorphismByImagesNC(R.group, GroupWithGenerators(R.natural, ()), R.gens,
      R.natural);
  fi;
  return R.hom;
end);
