# Names of subgroups and quotients: short texts for reading, which different groups may share,
# except SmallGroup(n,i), which is unique.

TK_NamesById := NewDictionary([2, 2], true);

# Whether the order is one that IdGroup knows and answers within seconds.
BindGlobal("TK_IsIdentified",
  size -> size <= 2000 and not size in [512, 1024, 1536] and IdGroupsAvailable(size));

# Whether a group of this order is described by StructureDescription quickly.
BindGlobal("TK_IsQuicklyDescribed", function(G, size)
  return size <= 200 and not size in [64, 96, 128, 160, 192]
    or (size <= 1920 and not IsSolvableGroup(G));
end);

# The name of an abelian group by its invariant factors, the largest first, as GAP writes it: C12,
# C4 x C2, and C2^3 for three and more equal factors. From prime powers.
BindGlobal("TK_AbelianName", function(powers)
  local byPrime, factors, parts, pair, factor;
  byPrime := List(Set(powers, SmallestRootInt),
    p -> Reversed(SortedList(Filtered(powers, q -> q mod p = 0))));
  factors := List([1 .. Maximum(List(byPrime, Length))],
    i -> Product(Filtered(byPrime, list -> IsBound(list[i])), list -> list[i]));
  parts := [];
  for pair in Reversed(Collected(factors)) do
    factor := Concatenation("C", String(pair[1]));
    if pair[2] > 2 then
      Add(parts, Concatenation(factor, "^", String(pair[2])));
    else
      Append(parts, List([1 .. pair[2]], i -> factor));
    fi;
  od;
  return JoinStringsWithSeparator(parts, " x ");
end);

# StructureDescription where it is quick, else SmallGroup(n,i); fail for other groups. Orders above
# 2000: abelian, simple, symmetric and alternating groups are named.
BindGlobal("TK_StructureName", function(G)
  local size, id, name, n;
  size := Size(G);
  if size = 1 then
    return "1";
  elif IsAbelian(G) then
    return TK_AbelianName(AbelianInvariants(G));
  elif TK_IsIdentified(size) then
    id := IdGroup(G);
    name := LookupDictionary(TK_NamesById, id);
    if name = fail then
      if TK_IsQuicklyDescribed(G, size) then
        name := StructureDescription(SmallGroup(id));
      else
        name := Concatenation("SmallGroup(", String(id[1]), ",", String(id[2]), ")");
      fi;
      AddDictionary(TK_NamesById, id, name);
    fi;
    return name;
  elif IsSolvableGroup(G) then
    return fail;
  elif IsSimpleGroup(G) then
    return StructureDescription(G);
  fi;
  n := First([7 .. 30], k -> Factorial(k) >= size);
  if n <> fail and Factorial(n) = size and IsSymmetricGroup(G) then
    return Concatenation("S", String(n));
  fi;
  return fail;
end);

# n for a natural symmetric or alternating group on n > 6 points, else 0.
BindGlobal("TK_NaturalDegree", function(G)
  if IsPermGroup(G) and NrMovedPoints(G) > 6
      and (IsNaturalSymmetricGroup(G) or IsNaturalAlternatingGroup(G)) then
    return NrMovedPoints(G);
  fi;
  return 0;
end);

# A subgroup of R.group from generators as data, checked to lie in the group.
BindGlobal("TK_SubgroupFromData",
  {R, gens} -> SubgroupNC(R.group, List(gens, data -> TK_DataToElement(R, data))));

BindGlobal("TK_GeneratorsToData",
  {R, H} -> List(SmallGeneratingSet(H), g -> TK_ElementToData(R, g)));
