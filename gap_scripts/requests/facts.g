# facts: what the group is. Cost: cheap for every group that can be built.
#
# Argument {group, library, classes, order}: a description (toolkit/groups/specs); if bound, the
# name of its table in the library, the largest number of classes of a character table, and the
# largest order of a group whose classes are computed.
# Result:
#   order            integer
#   generators       elements as data (elements.g); empty for a library table
#   points           number of points of the natural action, 0 if there is none
#   faithful         whether that action is faithful, null if there is none
#   orbit_lengths    lengths of its orbits, falling
#   id               [order, index] in the small groups library, or null
#   description      GAP's StructureDescription (a heuristic text, no identifier), or null
#   abelian, nilpotent, solvable, perfect, simple   booleans
#   exponent         integer, or null when finding it would need all classes of a huge group
#   abelian_invariants    of the abelianisation, prime powers, rising
#   subgroups        {centre, derived, frattini, fitting, socle, radical}: orders, null if not asked
#   derived_series   orders, from the whole group down
#   table            true, or the sentence that says why the character table is out of reach
#   classes          number of conjugacy classes, or null
BindGlobal("TK_FactsOfTable", function(name)
  local tbl, size, orders;
  tbl := CharacterTable(name);
  size := Size(tbl);
  orders := positions -> Sum(SizesConjugacyClasses(tbl){positions});
  return rec(order := size, generators := [], points := 0, faithful := fail, orbit_lengths := [],
    id := fail, description := fail, abelian := IsAbelian(tbl), nilpotent := IsNilpotent(tbl),
    solvable := IsSolvable(tbl), perfect := IsPerfect(tbl), simple := IsSimple(tbl),
    exponent := Exponent(tbl), abelian_invariants := AbelianInvariants(tbl),
    subgroups := rec(centre := orders(ClassPositionsOfCentre(tbl)),
      derived := orders(ClassPositionsOfDerivedSubgroup(tbl)), frattini := fail,
      fitting := orders(ClassPositionsOfFittingSubgroup(tbl)), socle := fail, radical := fail),
    derived_series := [], table := true, classes := NrConjugacyClasses(tbl));
end);

BindGlobal("TK_LibraryTable", function(name)
  local tbl;
  if TK_LoadedPackages.ctbllib = fail then
    TK_NotAvailable("this GAP has no character table library");
  fi;
  tbl := LibInfoCharacterTable(name);
  if tbl = fail then
    TK_NotAvailable(Concatenation("the character table library has no table named ", name));
  fi;
  tbl := CharacterTable(name);
  if IsBrauerTable(tbl) then
    TK_NotAvailable(Concatenation(name, " is a Brauer table, of characters in characteristic ",
      String(UnderlyingCharacteristic(tbl)), "; the ordinary table is Table(",
      Identifier(OrdinaryCharacterTable(tbl)), ")"));
  elif not IsOrdinaryTable(tbl) then
    TK_NotAvailable(Concatenation(name, " is a generic table, of a series of groups: name one ",
      "group of the series"));
  fi;
  return tbl;
end);

# Exponent of the symmetric (e = 0) or alternating (e = 2) group on n points: the longest cycles
# of prime power length; an even one takes a second cycle along in the alternating group.
BindGlobal("TK_NaturalExponent", function(n, e)
  local even;
  even := 1;
  while 2 * even <= n - e do
    even := 2 * even;
  od;
  return even * Product(Filtered([3 .. n], IsPrimeInt), p -> p ^ LogInt(n, p));
end);

# All that takes work to find, for natural symmetric and alternating groups of degree n > 4.
BindGlobal("TK_FactsOfNatural", function(n, symmetric)
  local size;
  size := Factorial(n);
  if symmetric then
    return rec(abelian := false, solvable := false, nilpotent := false, perfect := false,
      simple := false, exponent := TK_NaturalExponent(n, 0), abelian_invariants := [2],
      subgroups := rec(centre := 1, derived := size / 2, frattini := 1, fitting := 1,
        socle := size / 2, radical := 1), derived_series := [size, size / 2]);
  fi;
  size := size / 2;
  return rec(abelian := false, solvable := false, nilpotent := false, perfect := true,
    simple := true, exponent := TK_NaturalExponent(n, 2), abelian_invariants := [],
    subgroups := rec(centre := 1, derived := size, frattini := 1, fitting := 1, socle := size,
      radical := 1), derived_series := [size]);
end);

# The order of the socle of a solvable group. A minimal normal p-subgroup M meets the centre of
# O_p(G), so that it lies in there, elementary abelian: the socle is the product of the socles of
# the modules of elements of order p in the centres of O_p(G). (GAP's Socle takes half a second for
# some groups of order 192.)
BindGlobal("TK_SocleOrder", function(G)
  local size, p, V, pcgs, mats, d;
  size := 1;
  for p in PrimeDivisors(Size(FittingSubgroup(G))) do
    V := G;
    if not IsPGroup(G) then  # once GAP knows O_p of a p-group, it describes that as "... : 1"
      V := PCore(G, p);
    fi;
    V := Omega(Centre(V), p);
    pcgs := Pcgs(V);
    d := Length(pcgs);
    mats := Set(GeneratorsOfGroup(G), g -> List(pcgs,
      v -> ExponentsOfPcElement(pcgs, v ^ g) * Z(p) ^ 0));
    if d > 1 and not ForAll(mats, IsOne) then
      d := Length(MTX.BasisSocle(GModuleByMats(mats, GF(p))));
    fi;
    size := size * p ^ d;
  od;
  return size;
end);

BindGlobal("TK_FactsOfGroup", function(G)
  local size, out, orders, f;
  size := Size(G);
  out := rec(abelian := IsAbelian(G), solvable := IsSolvableGroup(G), exponent := fail);
  out.nilpotent := out.abelian or (out.solvable and IsNilpotentGroup(G));
  out.perfect := size = 1 or (not out.solvable and IsPerfectGroup(G));
  out.simple := size > 1 and IsSimpleGroup(G);
  out.abelian_invariants := SortedList(AbelianInvariants(G));
  out.derived_series := List(DerivedSeriesOfGroup(G), Size);
  if size <= 2000000 then
    out.exponent := Exponent(G);
  fi;
  out.subgroups := rec(centre := Size(Centre(G)), derived := Size(DerivedSubgroup(G)),
    frattini := fail, fitting := fail, socle := fail, radical := fail);
  orders := out.subgroups;
  if out.simple and not out.abelian then
    orders.frattini := 1;
    orders.fitting := 1;
    orders.socle := size;
    orders.radical := 1;
  elif size <= 100000 then
    f := FittingSubgroup(G);
    orders.fitting := Size(f);
    orders.radical := Size(SolvableRadical(G));
    if out.solvable then
      orders.socle := TK_SocleOrder(G);
    elif size <= 20000 then
      orders.socle := Size(Socle(G));
    fi;
    # the Frattini subgroup is nilpotent and normal; else it takes the maximal subgroups
    if orders.fitting = 1 then
      orders.frattini := 1;
    elif out.solvable or size <= 20000 then
      orders.frattini := Size(FrattiniSubgroup(G));
    fi;
  fi;
  return out;
end);

# Whether a group with these facts gets a description: a heuristic text, which for 2-groups and
# their like can take very long.
BindGlobal("TK_IsDescribed", {facts, size} -> facts.simple or (size <= 2000 and facts.abelian)
  or (size <= 200 and not size in [64, 128, 192]));

BindGlobal("TK_request_facts", function(args)
  local R, G, size, out, n, same;
  if args.group.kind = "table" then
    TK_LibraryTable(args.group.name);
    return TK_FactsOfTable(args.group.name);
  fi;
  R := TK_Group(args.group);
  G := R.group;
  size := Size(G);
  n := 0;
  if IsPermGroup(G) and size > 24
      and (IsNaturalSymmetricGroup(G) or IsNaturalAlternatingGroup(G)) then
    n := NrMovedPoints(G);
  fi;
  if n > 4 then
    out := TK_FactsOfNatural(n, size = Factorial(n));
  else
    same := G;
    if IsPermGroup(G) and size > 2000000 and IsSolvableGroup(G) then
      same := Image(IsomorphismPcGroup(G));  # series of subgroups without stabiliser chains
    fi;
    out := TK_FactsOfGroup(same);
  fi;
  out.order := size;
  out.points := R.points;
  out.generators := List(R.gens, g -> TK_ElementToData(R, g));
  out.faithful := fail;
  out.orbit_lengths := [];
  if R.natural <> fail then
    out.faithful := R.faithful;
    out.orbit_lengths := Reversed(SortedList(List(OrbitsPerms(R.natural, [1 .. R.points]),
      Length)));
  fi;
  out.id := fail;
  if TK_IsIdentified(size) then
    out.id := IdGroup(G);
  fi;
  out.description := fail;
  if TK_IsDescribed(out, size) then
    out.description := StructureDescription(G);
  fi;
  out.table := TK_TableReach(R, args);
  out.classes := fail;
  if out.table = true then
    if n > 4 and not out.simple then
      out.classes := NrPartitions(n);
    else
      out.classes := NrConjugacyClasses(G);
    fi;
  fi;
  return out;
end);
