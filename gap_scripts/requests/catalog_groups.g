# catalog_groups: all that a catalog asks about each of several groups of the small groups library.
# Cost: that of the questions facts, character_table (abelian_elements for abelian groups) and
# quotients, without what no table of a catalog holds.
#
# Argument {groups: descriptions of kind "small" and order at most 2000; seconds: after so many no
#   further group is begun}.
# Result: list, for the first groups, at least one
#   failed     true, and nothing else, if there was an error: no further group is begun
#   facts      as of the request facts; of the orders of subgroups only centre and derived
#   elements   abelian groups: as of the request abelian_elements
#   table      other groups: as of the request character_table
#   minimal    per minimal normal subgroup the 0-based places of its classes in table.reps, for
#              abelian groups of its elements in elements.elements
#   quotients  per minimal normal subgroup [order of the quotient, its number], or null where groups
#              of that order are not identified
#   ms         GAP's own time for this group, in milliseconds

# The ids of quotients of pc groups by order and relations, and descriptions by id, each found once.
TK_IdsByRelations := rec();
TK_Descriptions := NewDictionary([2, 2], true);

# The relations of a quotient of a pc group as one integer: two quotients with the same one and of
# the same relative orders are isomorphic.
BindGlobal("TK_RelationCode", function(G, N)
  local gens, orders, code, add, i, j;
  gens := FamilyPcgs(G) mod InducedPcgs(FamilyPcgs(G), N);
  orders := RelativeOrders(gens);
  code := 1;
  add := function(g)
    local e;
    for e in ExponentsOfPcElement(gens, g) do
      code := 2048 * code + e;
    od;
  end;
  for i in [1 .. Length(gens)] do
    code := 2048 * code + orders[i];
    add(gens[i] ^ orders[i]);
    for j in [i + 1 .. Length(gens)] do
      add(gens[j] ^ gens[i]);
    od;
  od;
  return code;
end);

BindGlobal("TK_IdOfListedQuotient", function(R, N)
  local G, size, known, code, id;
  G := R.group;
  size := Size(G) / Size(N);
  if not TK_IsIdentified(size) then
    return fail;
  elif not IsPcGroup(G) then
    return TK_IdOfQuotient(G, N);
  fi;
  if not IsBound(TK_IdsByRelations.(size)) then
    TK_IdsByRelations.(size) := NewDictionary(1, true);
  fi;
  known := TK_IdsByRelations.(size);
  code := TK_RelationCode(G, N);
  id := LookupDictionary(known, code);
  if id = fail then
    id := TK_IdOfQuotient(G, N);
    AddDictionary(known, code, id);
  fi;
  return id;
end);

# The minimal normal subgroups of a listed group, as sets of numbers; `classes' has the class of
# each number, `orders' the orders of the elements of classes. Each is the normal closure of an
# element of prime order, and in a solvable group it is abelian.
BindGlobal("TK_MinimalNormalNumbers", function(R, classes, orders)
  local solvable, closures, c, members, x, gens, inside, h, out, N;
  solvable := IsSolvableGroup(R.group);
  closures := [];
  for c in Filtered([1 .. Length(orders)], i -> IsPrimeInt(orders[i])) do
    members := Positions(classes, c);
    x := R.elements[R.words[members[1]]];
    if solvable and not ForAll(R.gens, g -> x * x ^ g = x ^ g * x) then
      continue;
    fi;
    gens := [];
    inside := [1];
    for h in members do
      if not h in inside then
        Add(gens, h);
        inside := TK_SubgroupNumbers(R, gens);
      fi;
    od;
    Add(closures, inside);
  od;
  closures := Set(closures);
  SortBy(closures, Length);
  out := [];
  for N in closures do
    if ForAll(out, M -> not M[2] in N) then
      Add(out, N);
    fi;
  od;
  return out;
end);

BindGlobal("TK_DescriptionOfId", function(id)
  local name;
  name := LookupDictionary(TK_Descriptions, id);
  if name = fail then
    name := StructureDescription(SmallGroup(id));
    AddDictionary(TK_Descriptions, id, name);
  fi;
  return name;
end);

# StructureDescription of the group of a spec, whose direct factors come from its table: GAP would
# list all normal subgroups to find them. Cyclic factors and one that is not stand side by side, as
# GAP writes them for solvable groups that are not dihedral. Else it is asked of a group of its own:
# what is known of one already leads GAP to other descriptions.
BindGlobal("TK_DescriptionByTable", function(spec, R, tbl, classes)
  local size, pairs, left, sets, pair, isCyclic, cyclic, first, A, name, fresh;
  size := set -> Sum(SizesConjugacyClasses(tbl){set});
  pairs := ClassPositionsOfDirectProductDecompositions(tbl);
  pairs := Concatenation(pairs, List(pairs, Reversed));
  SortBy(pairs, pair -> size(pair[1]));
  left := [1 .. Length(ConjugacyClasses(tbl))];
  sets := [];
  repeat
    # the least direct factor A inside is indecomposable; with G = A x B, left = A x (left and B)
    pair := First(pairs, pair -> size(pair[1]) < size(left) and IsSubset(left, pair[1]));
    if pair = fail then
      pair := [left, [1]];
    fi;
    Add(sets, pair[1]);
    left := Intersection(left, pair[2]);
  until Length(left) = 1;
  isCyclic := set -> size(set) in OrdersClassRepresentatives(tbl){set};
  cyclic := Filtered(sets, isCyclic);
  if Length(sets) > 1 and Length(cyclic) = Length(sets) - 1 and IsSolvableGroup(R.group)
      and not IsDihedralGroup(R.group) then
    first := List(cyclic, set -> First(set, c -> OrdersClassRepresentatives(tbl)[c] = size(set)));
    A := TK_SubgroupOfNumbers(R,
      TK_SubgroupNumbers(R, List(first, c -> Position(classes, c))));
    name := TK_DescriptionOfId(TK_IdOfListedQuotient(R, A));
    if ':' in name or '.' in name then
      name := Concatenation("(", name, ")");
    fi;
    cyclic := Filtered(ElementaryDivisorsMat(DiagonalMat(List(cyclic, size))), n -> n > 1);
    return JoinStringsWithSeparator(
      Concatenation(List(cyclic, n -> Concatenation("C", String(n))), [name]), " x ");
  fi;
  fresh := TK_Construct(spec).group;
  if Length(sets) = 1 then
    SetDirectFactorsOfGroup(fresh, [fresh]);
  fi;
  return StructureDescription(fresh);
end);

# The facts that a catalog holds, in the form of the request facts.
BindGlobal("TK_CatalogFacts", function(R)
  local G, series;
  G := R.group;
  series := DerivedSeriesOfGroup(G);
  return rec(order := Size(G), generators := List(R.gens, g -> TK_ElementToData(R, g)),
    points := R.points, faithful := fail, orbit_lengths := [], id := IdGroup(G),
    description := fail, abelian := IsAbelian(G), solvable := IsSolvableGroup(G),
    nilpotent := IsNilpotentGroup(G), perfect := IsPerfectGroup(G),
    simple := Size(G) > 1 and IsSimpleGroup(G), exponent := Exponent(G),
    abelian_invariants := SortedList(AbelianInvariants(G)), derived_series := List(series, Size),
    subgroups := rec(centre := Number([1 .. Size(G)], i -> ForAll(R.conjugation, p -> i ^ p = i)),
      derived := Size(DerivedSubgroup(G)), frattini := fail, fitting := fail, socle := fail,
      radical := fail),
    table := true, classes := NrConjugacyClasses(G));
end);

BindGlobal("TK_CatalogRecord", function(spec)
  local R, G, size, out, tbl, classes, orders;
  TK_ResetRandom();
  R := TK_Group(spec);
  G := R.group;
  size := Size(G);
  TK_Enumerate(R);
  out := rec(facts := TK_CatalogFacts(R));
  if IsAbelian(G) then
    out.elements := TK_request_abelian_elements(rec(group := spec));
    classes := [1 .. size];
    orders := List(classes, i -> Order(R.elements[R.words[i]]));
  else
    tbl := TK_GroupTable(spec, G);
    out.table := TK_ListedTableData(R, tbl);
    classes := R.classNumbers;
    orders := out.table.orders;
  fi;
  out.minimal := TK_MinimalNormalNumbers(R, classes, orders);
  out.quotients := List(out.minimal,
    numbers -> TK_IdOfListedQuotient(R, TK_SubgroupOfNumbers(R, numbers)));
  if IsAbelian(G) then
    orders := List(out.elements.elements, data -> TK_NumberOfData(R, data));
    out.minimal := List(out.minimal, numbers -> List(numbers, h -> Position(orders, h) - 1));
  else
    out.minimal := List(out.minimal, numbers -> Set(classes{numbers}) - 1);
  fi;
  if TK_IsDescribed(out.facts, size) then
    TK_ResetRandom();
    # GAP has a list of most descriptions up to order 100
    if IsAbelian(G) or (size <= 100 and not size in [64, 96]) then
      out.facts.description := StructureDescription(G);
    else
      out.facts.description := TK_DescriptionByTable(spec, R, tbl, classes);
    fi;
  fi;
  return out;
end);

BindGlobal("TK_request_catalog_groups", function(args)
  local out, started, begun, spec, found;
  out := [];
  started := NanosecondsSinceEpoch();
  for spec in args.groups do
    begun := NanosecondsSinceEpoch();
    if begun - started > args.seconds * 1000000000 then
      break;
    fi;
    found := CALL_WITH_CATCH(TK_CatalogRecord, [spec]);
    if found[1] <> true then
      # the question that is asked for this group on its own meets the same error and says why
      TK_LastKey := fail;
      Add(out, rec(failed := true));
      break;
    fi;
    found[2].ms := QuoInt(NanosecondsSinceEpoch() - begun, 1000000);
    Add(out, found[2]);
  od;
  return out;
end);
