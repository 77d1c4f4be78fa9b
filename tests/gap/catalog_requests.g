# Requests of the tests of what a catalog asks: each compares with GAP's own functions, asked of
# another copy of the group. An answer is the list of [order, number] where something differs.

TK_ListedSmall := function(spec)
  local R;
  R := TK_Construct(spec);
  TK_Enumerate(R);
  TK_ListedTableData(R, spec);
  return R;
end;

# GAP's Irr, by Dixon and Schneider (which no representation enters), on the same classes.
TK_request_other_characters := function(args)
  local wrong, spec, R, H, map, tbl, found, prime;
  wrong := [];
  for spec in args.groups do
    R := TK_ListedSmall(spec);
    H := SmallGroup(spec.order, spec.index);
    map := GroupHomomorphismByImagesNC(R.group, H, R.gens, GeneratorsOfGroup(H));
    SetConjugacyClasses(H, List(R.classReps,
      h -> ConjugacyClass(H, Image(map, R.elements[R.words[h]]))));
    tbl := CharacterTable(H);
    found := List(R.characters.rows, row -> R.characters.values{row});
    if Set(found) <> Set(List(IrrDixonSchneider(H), ValuesOfClassFunction))
        or SizesConjugacyClasses(tbl) <> R.classSizes
        or OrdersClassRepresentatives(tbl) <> R.classOrders
        or ForAny(Set(Factors(spec.order)), prime -> PowerMap(tbl, prime) <> R.powerMaps[prime])
        or not ForAll(found[1], IsCyc) then
      Add(wrong, [spec.order, spec.index]);
    fi;
  od;
  return wrong;
end;
Add(TK_Requests, "other_characters");

# IdGroup of the quotient group.
TK_request_other_ids := function(args)
  local wrong, compared, spec, R, numbers, id;
  wrong := [];
  compared := 0;
  for spec in args.groups do
    R := TK_ListedSmall(spec);
    for numbers in TK_MinimalNormalNumbers(R, R.classNumbers, R.classOrders) do
      id := TK_FingerprintedQuotient(R, Set(R.classNumbers{numbers}), Length(numbers));
      if id <> fail then
        compared := compared + 1;
        if id <> IdGroup(FactorGroup(R.group, TK_SubgroupOfNumbers(R, numbers))) then
          Add(wrong, [spec.order, spec.index]);
        fi;
      fi;
    od;
  od;
  return rec(wrong := wrong, compared := compared);
end;
Add(TK_Requests, "other_ids");

# The stored texts against StructureDescription, and against descriptions by the character table.
TK_request_other_descriptions := function(args)
  local wrong, spec, R, minimal, text;
  wrong := [];
  for spec in args.groups do
    R := TK_ListedSmall(spec);
    minimal := List(TK_MinimalNormalNumbers(R, R.classNumbers, R.classOrders),
      numbers -> Set(R.classNumbers{numbers}));
    TK_ResetRandom();
    text := StructureDescription(SmallGroup(spec.order, spec.index));
    TK_ResetRandom();
    if text <> TK_StoredDescription(spec)
        or (not IsAbelian(R.group) and text <> TK_DescriptionByTable(spec, R, minimal)) then
      Add(wrong, [spec.order, spec.index]);
    fi;
  od;
  return wrong;
end;
Add(TK_Requests, "other_descriptions");

TK_request_fingerprints := function(args)
  return List([1 .. NumberSmallGroups(args.order)], i -> TK_QuotientFingerprint(
    TK_ListedSmall(rec(kind := "small", order := args.order, index := i)), [1], 1));
end;
Add(TK_Requests, "fingerprints");

TK_request_stored_fingerprints := args -> TK_Fingerprints[args.order];
Add(TK_Requests, "stored_fingerprints");
