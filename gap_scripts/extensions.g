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

# One group of each isomorphism type.
BindGlobal("TK_UpToIsomorphism", function(groups)
  local out, G, key, keys;
  out := [];
  keys := [];
  for G in groups do
    if TK_HasIds(Size(G)) then
      key := IdGroup(G);
      if not key in keys then
        Add(keys, key);
        Add(out, G);
      fi;
    elif ForAll(out, H -> IsomorphismGroups(G, H) = fail) then
      Add(out, G);
    fi;
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
    TK_NotAvailable(Concatenation(String(Length(groups)), " groups of order ",
      String(Size(groups[1])), " are such a ", form, ": give one by a presentation"));
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
  local N, H, A, nice, homs, hom, found, S, named, maps;
  N := TK_QuickPart(spec.normal);
  H := TK_QuickPart(spec.top);
  TK_SizeCheck(N, H);
  A := AutomorphismGroup(N);
  if Size(A) > 200000 then
    TK_NotAvailable("the normal subgroup has too many automorphisms to list the actions on it");
  fi;
  nice := NiceMonomorphism(A);
  homs := AllHomomorphismClasses(H, Image(nice));
  found := [];
  for hom in homs do
    if ForAny(GeneratorsOfGroup(H), h -> not IsOne(Image(hom, h))) then
      maps := List(GeneratorsOfGroup(H), h -> PreImagesRepresentative(nice, Image(hom, h)));
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

# Subgroups of an abelian group, by generators.
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
