# character_table: the complex character table and the real simples.
# Cost: GAP's own for classes and irreducibles; for abelian groups a multiple of |G|^2.
#
# Argument {group, library, classes, order}: as of facts.
# Result, in GAP's order of classes and characters (Python makes it canonical). The table of an
# abelian group of more than 200 elements is written down here, classes in shortlex order, and
# that of a Mathieu group is the library's, its classes identified by GAP up to automorphisms of
# the table.
#   order        integer
#   sizes, orders    per class: size, element order
#   reps         per class: an element as data, or null for a library table
#   keys         per class: [word, power] that breaks ties (classes.g), or null
#   powers       {"p": per class, 0-based class of p-th powers}, for 2 and the primes of the
#                order, and "-1" for inverses
#   values       {conductors, counts, exponents, numerators}: distinct algebraic integers, one
#                after the other: the conductor and the number of terms of each, then the exponent
#                and the coefficient of each term of all of them, in GAP's canonical basis
#   rows         text: the places in values, counted from 0, of the irreducible characters'
#                values, character by character. All last digits to the base 64 first, then all
#                digits before them, and so on; the digits are those of TK_Digits64
#   sums         per value that occurs in a character, which come first: the place of its sum
#                with its complex conjugate
#   What else Python needs, real simples and indicators, it finds itself.

BindGlobal("TK_Digits64",
  "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz+/");

# The places (from 1) in a list of n values, per character and class, as one text.
BindGlobal("TK_PackedRows", function(rows, n)
  local out, unit, digits, row;
  out := "";
  unit := 1;
  repeat
    digits := TK_Digits64{List([0 .. n - 1], i -> 1 + QuoInt(i, unit) mod 64)};
    for row in rows do
      Append(out, digits{row});
    od;
    unit := 64 * unit;
  until unit >= n;
  return rec(plain_text := out);
end);

# Cyclotomic integers as flat lists.
BindGlobal("TK_PackedValues", function(values)
  local out, v, c, at, n;
  out := rec(conductors := [], counts := [], exponents := [], numerators := []);
  for v in values do
    c := ExtRepOfObj(v);
    n := 0;
    at := PositionNot(c, 0);
    while at <= Length(c) do
      Add(out.exponents, at - 1);
      Add(out.numerators, c[at]);
      n := n + 1;
      at := PositionNot(c, 0, at);
    od;
    Add(out.conductors, Length(c));
    Add(out.counts, n);
  od;
  return out;
end);

# Values, rows and sums, of characters given by lists of places (from 1) in a sorted list of values.
BindGlobal("TK_PackCharacters", function(out, rows, values)
  local sums, all, more, place;
  sums := List(values, v -> v + GaloisCyc(v, -1));
  more := Set(sums);
  SubtractSet(more, values);
  all := Concatenation(values, more);
  place := function(v)
    local at;
    at := POSITION_SORTED_LIST(values, v);
    if at <= Length(values) and values[at] = v then
      return at - 1;
    fi;
    return Length(values) + POSITION_SORTED_LIST(more, v) - 1;
  end;
  out.values := TK_PackedValues(all);
  out.rows := TK_PackedRows(rows, Length(values));
  out.sums := List(sums, place);
end);

# The irreducible characters of a GAP table: distinct values, rising, and rows of places in them.
# Every entry is looked up once: most of the time that a table of many classes takes here.
BindGlobal("TK_CharactersOfTable", function(tbl)
  local values, rows, row, v, places;
  values := [];
  for row in Irr(tbl) do
    for v in Set(ValuesOfClassFunction(row)) do
      AddSet(values, v);
    od;
  od;
  rows := [];
  for row in Irr(tbl) do
    places := [];
    for v in ValuesOfClassFunction(row) do
      Add(places, POSITION_SORTED_LIST(values, v));
    od;
    Add(rows, places);
  od;
  return rec(values := values, rows := rows);
end);

# A GAP table with its classes of inverses: everything but elements and keys.
BindGlobal("TK_TableData", function(tbl, inverse)
  local out, p, characters;
  out := rec(order := Size(tbl), sizes := SizesConjugacyClasses(tbl),
    orders := OrdersClassRepresentatives(tbl), powers := rec());
  for p in Union([2], PrimeDivisors(Size(tbl))) do
    out.powers.(String(p)) := PowerMap(tbl, p) - 1;
  od;
  out.powers.("-1") := inverse - 1;
  characters := TK_CharactersOfTable(tbl);
  TK_PackCharacters(out, characters.rows, characters.values);
  out.tied := characters.rows;
  return out;
end);

# The table of a listed abelian group from independent generators. Elements and characters have
# coordinates modulo the orders of these; `code' makes a number from 1 of coordinates.
BindGlobal("TK_AbelianTableData", function(R)
  local independent, d, e, elements, i, step, codes, number, code, out, weights, p, rows, values,
    index, a, times;
  independent := IndependentGeneratorsOfAbelianGroup(R.group);
  d := List(independent, Order);
  e := Lcm(Concatenation([1], d));
  weights := List([1 .. Length(d)], i -> Product(d{[1 .. i - 1]}));
  code := x -> 1 + Sum([1 .. Length(d)], i -> (x[i] mod d[i]) * weights[i]);
  elements := [[1, []]];
  for i in [1 .. Length(d)] do
    times := TK_RightMultiplication(R, TK_Number(R, independent[i]));
    step := List(elements, x -> [x[1], Concatenation(x[2], [0])]);
    elements := ShallowCopy(step);
    for a in [1 .. d[i] - 1] do
      step := List(step, x -> [x[1] ^ times, Concatenation(x[2]{[1 .. i - 1]}, [a])]);
      Append(elements, step);
    od;
  od;
  codes := List(elements, x -> x[2]);
  elements := List(Set(elements), x -> x[2]);
  number := [];
  for i in [1 .. Length(elements)] do
    number[code(elements[i])] := i;
  od;
  out := rec(order := Length(elements), sizes := List(elements, x -> 1), powers := rec(),
    orders := List(elements,
      x -> Lcm(Concatenation([1], List([1 .. Length(d)], i -> d[i] / Gcd(d[i], x[i]))))));
  for p in Union([-1, 2], PrimeDivisors(out.order)) do
    out.powers.(String(p)) := List(elements, x -> number[code(p * x)]) - 1;
  od;
  values := Set([0 .. e - 1], j -> E(e) ^ j);
  index := List([0 .. e - 1], j -> PositionSorted(values, E(e) ^ j));
  # exponents of the values, per character and element
  elements := List(elements, x -> Concatenation(x, [0]));
  rows := List(codes, a -> 1 + List(
    Concatenation(List([1 .. Length(d)], i -> a[i] * e / d[i]), [0])
    * TransposedMat(elements), x -> x mod e));
  TK_PackCharacters(out, List(rows, row -> index{row}), values);
  return out;
end);

# Sets of classes that a table alone does not tell apart: the coarsest colouring by element orders
# and sizes where classes of one colour have powers of the same colours, and take each value on as
# many characters of each colour, and likewise for characters.
BindGlobal("TK_TiedClasses", function(data)
  local number, classes, characters, rows, columns, maps, both, count, cells, i;
  number := function(signatures)
    local distinct;
    distinct := Set(signatures);
    return List(signatures, x -> PositionSorted(distinct, x));
  end;
  rows := data.tied;
  columns := TransposedMat(rows);
  maps := List(RecNames(data.powers), name -> data.powers.(name) + 1);
  classes := number(TransposedMat([data.orders, data.sizes]));
  characters := List(rows, row -> 1);
  # a pair of a value and a colour, as one number
  both := {values, colours} -> SortedList(values * (Length(rows) + 1) + colours);
  repeat
    count := Length(Set(classes));
    if count = Length(classes) then
      return [];
    fi;
    characters := number(List([1 .. Length(rows)],
      i -> [characters[i], both(rows[i], classes)]));
    classes := number(List([1 .. Length(rows)],
      c -> [classes[c], List(maps, m -> classes[m[c]]), both(columns[c], characters)]));
  until Length(Set(classes)) = count;
  cells := List([1 .. count], x -> []);
  for i in [1 .. Length(classes)] do
    Add(cells[classes[i]], i);
  od;
  return Filtered(cells, cell -> Length(cell) > 1);
end);

# GAP's table of a group.
BindGlobal("TK_GroupTable", function(spec, G)
  local tbl;
  if spec.kind = "mathieu" and TK_LoadedPackages.ctbllib <> fail then
    tbl := CharacterTable(Concatenation("M", String(spec.degree)));
    if tbl <> fail then
      tbl := CharacterTableWithStoredGroup(G, tbl);
    fi;
    if tbl <> fail then
      return tbl;
    fi;
  fi;
  return CharacterTable(G);
end);

# Power maps of a listed group on the classes of R.classNumbers, from the numbers of elements: for
# 2 and the primes of the order. R.powerMaps has the map for p at p.
BindGlobal("TK_SetPowerMaps", function(R, reps)
  local elements, p;
  elements := R.elements{R.words{reps}};
  R.powerMaps := [];
  for p in Union([2], PrimeDivisors(Size(R.group))) do
    R.powerMaps[p] := List(elements, g -> R.classNumbers[TK_Number(R, g ^ p)]);
  od;
end);

# GAP's table of a listed group, with the classes of R.classNumbers, and what is known of them.
BindGlobal("TK_ListedTable", function(R)
  local G, classes, tbl, p;
  G := R.group;
  if not HasConjugacyClasses(G) then
    classes := List(R.classReps, h -> ConjugacyClass(G, R.elements[R.words[h]]));
    for p in [1 .. Length(classes)] do
      SetSize(classes[p], R.classSizes[p]);
    od;
    SetConjugacyClasses(G, classes);
  fi;
  tbl := CharacterTable(G);
  for p in [1 .. Length(R.powerMaps)] do
    if IsBound(R.powerMaps[p]) and not IsBound(ComputedPowerMaps(tbl)[p]) then
      ComputedPowerMaps(tbl)[p] := R.powerMaps[p];
    fi;
  od;
  if IsBound(R.characters) and not HasIrr(tbl) then
    SetIrr(tbl, List(R.characters.rows, row -> Character(tbl, R.characters.values{row})));
  fi;
  return tbl;
end);

# The record of a listed group. The characters of a pc group come from its monomial representations,
# if these are all. Else they are GAP's; its way to them is quicker where its table has power maps,
# which else can take it as long.
BindGlobal("TK_ListedTableData", function(R, spec)
  local G, tbl, reps, out, p, keyed;
  G := R.group;
  if IsPcGroup(G) and Size(G) > 1 then
    reps := TK_ListedClasses(R);
    TK_SetPowerMaps(R, reps);
    R.classOrders := List(R.elements{R.words{reps}}, Order);
    SetExponent(G, Lcm(R.classOrders));
    R.characters := TK_MonomialCharacters(R);
    if R.characters = fail then
      Unbind(R.characters);
      R.characters := TK_CharactersOfTable(TK_ListedTable(R));
    fi;
  else
    tbl := TK_GroupTable(spec, G);
    reps := List(ConjugacyClasses(tbl), c -> TK_Number(R, Representative(c)));
    TK_ClassNumbers(R, reps);
    TK_SetPowerMaps(R, reps);
    for p in [1 .. Length(R.powerMaps)] do
      if IsBound(R.powerMaps[p]) then
        ComputedPowerMaps(tbl)[p] := R.powerMaps[p];
      fi;
    od;
    R.classOrders := OrdersClassRepresentatives(tbl);
    R.classSizes := SizesConjugacyClasses(tbl);
    R.characters := TK_CharactersOfTable(tbl);
  fi;
  out := rec(order := Size(G), sizes := R.classSizes, orders := R.classOrders, powers := rec());
  for p in [1 .. Length(R.powerMaps)] do
    if IsBound(R.powerMaps[p]) then
      out.powers.(String(p)) := R.powerMaps[p] - 1;
    fi;
  od;
  out.powers.("-1") := R.classNumbers{R.inverse{reps}} - 1;
  TK_PackCharacters(out, R.characters.rows, R.characters.values);
  keyed := TK_ClassKeysEnumerated(R, reps);
  out.keys := keyed.keys;
  out.reps := List(keyed.reps, h -> TK_NumberToData(R, h));
  return out;
end);

BindGlobal("TK_request_character_table", function(args)
  local R, tbl, reps, keyed, reach, out;
  if args.group.kind = "table" then
    tbl := TK_LibraryTable(args.group.name);
    out := TK_TableData(tbl, PowerMap(tbl, -1));
    out.reps := List(out.sizes, ReturnFail);
    out.keys := List([1 .. Length(out.sizes)], i -> [i, 1]);
    Unbind(out.tied);
    return out;
  fi;
  R := TK_Group(args.group);
  reach := TK_TableReach(R, args);
  if reach <> true then
    TK_NotAvailable(reach);
  fi;
  if TK_IsEnumerable(R) then
    TK_Enumerate(R);
  fi;
  if IsAbelian(R.group) and Size(R.group) > 200 then
    out := TK_AbelianTableData(R);
    keyed := TK_ClassKeysEnumerated(R, [1 .. out.order]);
    Unbind(out.tied);
    out.keys := keyed.keys;
    out.reps := List(keyed.reps, h -> TK_NumberToData(R, h));
    return out;
  fi;
  if TK_IsEnumerable(R) then
    return TK_ListedTableData(R, args.group);
  fi;
  tbl := TK_GroupTable(args.group, R.group);
  reps := List(ConjugacyClasses(tbl), Representative);
  Irr(tbl);
  out := TK_TableData(tbl, PowerMap(tbl, -1));
  out.keys := TK_ClassKeysByWords(R, tbl, reps, TK_TiedClasses(out));
  Unbind(out.tied);
  out.reps := List(reps, g -> TK_ElementToData(R, g));
  return out;
end);
