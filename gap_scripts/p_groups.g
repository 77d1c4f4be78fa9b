# Dicyclic, semidihedral, modular, Heisenberg and extraspecial groups, perfect groups of the
# library, and sporadic groups. Read by construct.g, whose records they return.

BindGlobal("TK_dicyclic", function(spec)
  local G, gens;
  if spec.n > 25000 then
    TK_FormulaLimit("dicyclic");
  fi;
  G := DicyclicGroup(IsPcGroup, 4 * spec.n);
  gens := GeneratorsOfGroup(G);
  return TK_PcRecord(G, [gens[2], gens[1]], fail, 0);
end);

# The semidirect product of the integers modulo n by a cyclic group of order m whose generator
# multiplies by k, acting on the n integers; the first generator adds 1, the second multiplies.
BindGlobal("TK_CyclicByCyclic", function(n, m, k, what)
  local N, H, a, alpha, S, gens, natural;
  if n > 20000 then
    TK_NotAvailable(Concatenation(what, " groups are built up to 20000 points"));
  fi;
  N := CyclicGroup(IsPcGroup, n);
  a := GeneratorsOfGroup(N)[1];
  H := CyclicGroup(IsPcGroup, m);
  alpha := GroupHomomorphismByImagesNC(N, N, [a], [a ^ k]);
  SetIsBijective(alpha, true);
  S := SemidirectProduct(H, GroupHomomorphismByImagesNC(H, Group(alpha),
    [GeneratorsOfGroup(H)[1]], [alpha]), N);
  gens := [Image(Embedding(S, 2), a), Image(Embedding(S, 1), GeneratorsOfGroup(H)[1])];
  natural := [PermList(Concatenation([2 .. n], [1])),
    PermList(List([0 .. n - 1], x -> (k * x) mod n + 1))];
  return TK_PcRecord(S, gens, natural, n);
end);

BindGlobal("TK_semidihedral",
  spec -> TK_CyclicByCyclic(spec.order / 2, 2, spec.order / 4 - 1, "semidihedral"));

BindGlobal("TK_modular", function(spec)
  local p, n;
  p := spec.prime;
  n := spec.exponent;
  return TK_CyclicByCyclic(p ^ (n - 1), p, 1 + p ^ (n - 2), "modular");
end);

# The points (x, y) modulo p, counted p x + y: one generator adds x to y, the other 1 to x.
BindGlobal("TK_heisenberg", function(spec)
  local p, natural, P, hom;
  p := spec.prime;
  if p > 31 then
    TK_NotAvailable("Heisenberg groups are built up to He31");
  fi;
  natural := [PermList(List([0 .. p ^ 2 - 1], i -> i - i mod p + (i + QuoInt(i, p)) mod p + 1)),
    PermList(List([0 .. p ^ 2 - 1], i -> (i + p) mod p ^ 2 + 1))];
  P := GroupWithGenerators(natural, ());
  SetSize(P, p ^ 3);
  hom := IsomorphismPcGroup(P);
  return TK_PcRecord(Image(hom), List(natural, g -> Image(hom, g)), natural, p ^ 2);
end);

BindGlobal("TK_extraspecial", function(spec)
  local G, size, sign;
  size := spec.prime ^ (1 + spec.exponent);
  if size > 100000 then
    TK_NotAvailable("extraspecial groups are built up to order 100000");
  fi;
  sign := spec.family{[3]};
  G := ExtraspecialGroup(IsPcGroup, size, sign);
  return TK_PcRecord(G, GeneratorsOfGroup(G), fail, 0);
end);

BindGlobal("TK_perfect", function(spec)
  local G, count;
  if not spec.order in SizesPerfectGroups() then
    TK_NotAvailable(Concatenation("this GAP has no perfect groups of order ", String(spec.order)));
  fi;
  count := NumberPerfectGroups(spec.order);
  if count = fail or spec.index > count then
    TK_NotAvailable(Concatenation("the library has ", String(count),
      " perfect groups of order ", String(spec.order)));
  fi;
  G := PerfectGroup(IsPermGroup, spec.order, spec.index);
  return TK_AbstractRecord(G, GeneratorsOfGroup(G));
end);

# {name, degree, index}: a sporadic group as a primitive group of the library.
BindGlobal("TK_sporadic", function(spec)
  local G;
  if TK_LoadedPackages.primgrp = fail then
    TK_NotAvailable("this GAP has no primitive groups library");
  fi;
  G := PrimitiveGroup(spec.degree, spec.index);
  return TK_PermutationRecord(G, GeneratorsOfGroup(G), spec.degree);
end);
