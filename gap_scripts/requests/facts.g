# facts: what the group is. Version 1. Cost: cheap for every group that can be built.
#
# Argument {group}: a description (toolkit/groups/specs.py).
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
  return CharacterTable(name);
end);

BindGlobal("TK_Exponent", function(G)
  if IsPermGroup(G) and Size(G) > 1 and IsNaturalSymmetricGroup(G) then
    return Lcm([1 .. NrMovedPoints(G)]);
  elif Size(G) <= 2000000 then
    return Exponent(G);
  fi;
  return fail;
end);

BindGlobal("TK_request_facts", function(args)
  local R, G, size, small, out, natural, reach, order;
  if args.group.kind = "table" then
    TK_LibraryTable(args.group.name);
    return TK_FactsOfTable(args.group.name);
  fi;
  R := TK_Group(args.group);
  G := R.group;
  size := Size(G);
  small := size <= 100000;
  order := function(ask)
    if small then
      return Size(ask(G));
    fi;
    return fail;
  end;
  out := rec(order := size, points := R.points, id := fail, description := fail,
    generators := List(R.gens, g -> TK_ElementToData(R, g)));
  if R.natural = fail then
    out.faithful := fail;
    out.orbit_lengths := [];
  else
    if IsPermGroup(G) and R.natural = R.gens then
      natural := G;
      out.faithful := true;
    else
      natural := GroupWithGenerators(R.natural, ());
      out.faithful := Size(natural) = size;
    fi;
    out.orbit_lengths := Reversed(SortedList(OrbitLengths(natural, [1 .. R.points])));
  fi;
  out.abelian := IsAbelian(G);
  out.solvable := IsSolvableGroup(G);
  out.nilpotent := out.abelian or (out.solvable and IsNilpotentGroup(G));
  out.perfect := size = 1 or (not out.solvable and IsPerfectGroup(G));
  out.simple := size > 1 and IsSimpleGroup(G);
  out.exponent := TK_Exponent(G);
  out.abelian_invariants := SortedList(AbelianInvariants(G));
  out.subgroups := rec(centre := Size(Centre(G)), derived := Size(DerivedSubgroup(G)),
    frattini := order(FrattiniSubgroup), fitting := order(FittingSubgroup),
    socle := order(Socle), radical := order(SolvableRadical));
  out.derived_series := List(DerivedSeriesOfGroup(G), Size);
  if size <= 2000 and not size in [512, 1024, 1536] and IdGroupsAvailable(size) then
    out.id := IdGroup(G);
  fi;
  if size <= 200 and not size in [64, 96, 128, 160, 192] then
    out.description := StructureDescription(G);
  elif out.simple or (size <= 2000 and out.abelian) then
    out.description := StructureDescription(G);
  fi;
  reach := TK_TableReach(R);
  out.table := reach;
  out.classes := fail;
  if reach = true then
    if IsNaturalSymmetricGroup(G) then
      out.classes := NrPartitions(NrMovedPoints(G));
    else
      out.classes := NrConjugacyClasses(G);
    fi;
  fi;
  return out;
end);
