# Semidirect and central products that are named by their parts. Read by construct.g.

BindGlobal("TK_ExtensionLimit", 20000);

# The parts as groups that GAP calculates in quickly: pc groups where they are solvable.
BindGlobal("TK_QuickPart", function(spec)
  local G;
  G := TK_Construct(spec).group;
  if IsSolvableGroup(G) and not IsPcGroup(G) then
    return Image(IsomorphismPcGroup(G));
  fi;
  return G;
end);

BindGlobal("TK_HasIds",
  size -> size <= 2000 and not size in [512, 1024, 1536] and IdGroupsAvailable(size));

# One group of each isomorphism type, where the library can tell; else all.
BindGlobal("TK_UpToIsomorphism", function(groups)
  local out, G, key, keys;
  if groups = [] or not TK_HasIds(Size(groups[1])) then
    return groups;
  fi;
  out := [];
  keys := [];
  for G in groups do
    key := IdGroup(G);
    if not key in keys then
      Add(keys, key);
      Add(out, G);
    fi;
  od;
  return out;
end);

# Homomorphisms from H to a permutation group P, as images of H's generators, up to conjugation in
# P and automorphisms of H.
BindGlobal("TK_Actions", function(H, P)
  local gens, auts, homs, images, open, out, i, orbit, hom, alpha, moved, j;
  gens := GeneratorsOfGroup(H);
  auts := GeneratorsOfGroup(AutomorphismGroup(H));
  homs := AllHomomorphismClasses(H, P);
  images := List(homs, hom -> List(gens, h -> Image(hom, h)));
  open := Set([1 .. Length(homs)]);
  out := [];
  while open <> [] do
    orbit := [open[1]];
    RemoveSet(open, open[1]);
    for i in orbit do
      for alpha in auts do
        hom := homs[i];
        moved := List(gens, h -> Image(hom, Image(alpha, h)));
        j := First(open, j -> RepresentativeAction(P, moved, images[j], OnTuples) <> fail);
        if j <> fail then
          RemoveSet(open, j);
          Add(orbit, j);
        fi;
      od;
    od;
    Add(out, images[orbit[1]]);
  od;
  return out;
end);

# The one group of a list, or the sentence that lists them.
BindGlobal("TK_TheOnly", function(groups, form)
  local shown, G;
  groups := TK_UpToIsomorphism(groups);
  if Length(groups) = 1 then
    G := groups[1];
    if IsPcGroup(G) then
      return TK_PcRecord(G, GeneratorsOfGroup(G), fail, 0);
    elif not IsPermGroup(G) then
      G := Image(IsomorphismPermGroup(G));
    fi;
    G := Image(SmallerDegreePermutationRepresentation(G));
    return TK_AbstractRecord(G, GeneratorsOfGroup(G));
  elif groups = [] then
    TK_NotAvailable(Concatenation("there is no ", form, " of this form"));
  elif not TK_HasIds(Size(groups[1])) then
    TK_NotAvailable(Concatenation(String(Length(groups)), " actions make a ", form,
      " of these parts, of order ", String(Size(groups[1])), ": give one by a presentation"));
  fi;
  shown := SortedList(List(groups, IdGroup));
  TK_NotAvailable(Concatenation(String(Length(groups)), " groups are such a ", form, ": ",
    JoinStringsWithSeparator(List(shown, id -> Concatenation("SmallGroup(", String(id[1]), ",",
      String(id[2]), ")")), ", ")));
end);

BindGlobal("TK_SizeCheck", function(N, H)
  if Size(N) * Size(H) > TK_ExtensionLimit then
    TK_NotAvailable(Concatenation("products that are named by their parts alone are looked for ",
      "up to order ", String(TK_ExtensionLimit)));
  fi;
end);

BindGlobal("TK_semidirect", function(spec)
  local N, H, A, nice, images, found, S, named, maps;
  N := TK_QuickPart(spec.normal);
  H := TK_QuickPart(spec.top);
  TK_SizeCheck(N, H);
  A := AutomorphismGroup(N);
  if Size(A) > 200000 then
    TK_NotAvailable("the normal subgroup has too many automorphisms to list the actions on it");
  fi;
  nice := NiceMonomorphism(A);
  found := [];
  for images in TK_Actions(H, Image(nice)) do
    if not ForAll(images, IsOne) then
      maps := List(images, a -> PreImagesRepresentative(nice, a));
      S := SemidirectProduct(H, GroupHomomorphismByImagesNC(H, A, GeneratorsOfGroup(H), maps), N);
      Add(found, S);
    fi;
  od;
  found := Filtered(TK_UpToIsomorphism(found), S -> Length(DirectFactorsOfGroup(S)) = 1);
  named := Filtered(found, S -> IsDihedralGroup(S) or IsGeneralisedQuaternionGroup(S)
    or IsQuasiDihedralGroup(S));
  if Length(named) < Length(found) then
    found := Filtered(found, S -> not S in named);
  fi;
  return TK_TheOnly(found, "semidirect product without direct factors");
end);

BindGlobal("TK_central", function(spec)
  local A, B, D, left, right, found, U, V, iso, alpha, K, gens;
  A := TK_QuickPart(spec.left);
  B := TK_QuickPart(spec.right);
  TK_SizeCheck(A, B);
  if Size(Centre(A)) > 64 or Size(Centre(B)) > 64 then
    TK_NotAvailable("the centres have too many subgroups to list the ways to join them");
  fi;
  D := DirectProduct(A, B);
  left := Embedding(D, 1);
  right := Embedding(D, 2);
  found := [];
  for U in AllSubgroups(Centre(A)) do
    for V in AllSubgroups(Centre(B)) do
      if Size(U) > 1 and Size(U) = Size(V) and AbelianInvariants(U) = AbelianInvariants(V) then
        iso := IsomorphismGroups(U, V);
        gens := GeneratorsOfGroup(U);
        for alpha in AutomorphismGroup(V) do
          K := Subgroup(D, List(gens, u -> Image(left, u)
            * Image(right, Image(alpha, Image(iso, u))) ^ -1));
          Add(found, FactorGroup(D, K));
        od;
      fi;
    od;
  od;
  return TK_TheOnly(found, "central product");
end);
