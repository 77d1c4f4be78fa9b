# character_table: the complex character table and the real simples.
# Cost: GAP's own for classes and irreducibles; for abelian groups a multiple of |G|^2.
#
# Argument {group}: a description.
# Result, in GAP's order of classes and characters (Python makes it canonical). The table of an
# abelian group of more than 200 elements is written down here, classes in shortlex order, and
# that of a Mathieu group is the library's, its classes identified by GAP up to automorphisms of
# the table.
#   order        integer
#   sizes, orders    per class: size, element order
#   reps         per class: an element as data, or null for a library table
#   names        per class: GAP's class name
#   keys         per class: [word, power] that breaks ties (classes.g), or null
#   powers       {"p": per class, 0-based class of p-th powers}, for 2 and the primes of the
#                order, and "-1" for inverses
#   values       distinct values, cyclotomic
#   rows         per irreducible character: 0-based indices into values
#   indicators   per irreducible: Frobenius-Schur indicator 1, 0, -1
#   simples      per real simple: {constituents: 0-based rows, ends: 1, 2 or 4, row: 0-based
#                indices into values}

# A GAP table: everything but elements and keys.
BindGlobal("TK_TableData", function(tbl)
  local out, irr, p, values, simples, i, j, inverse, conjugate, rows, index;
  irr := List(Irr(tbl), ValuesOfClassFunction);
  out := rec(order := Size(tbl), sizes := SizesConjugacyClasses(tbl),
    orders := OrdersClassRepresentatives(tbl), names := ClassNames(tbl), powers := rec(),
    indicators := Indicator(tbl, Irr(tbl), 2));
  for p in Union([2], PrimeDivisors(Size(tbl))) do
    out.powers.(String(p)) := PowerMap(tbl, p) - 1;
  od;
  inverse := PowerMap(tbl, -1);
  out.powers.("-1") := inverse - 1;
  values := Union(List(irr, Set));
  rows := List(irr, row -> List(row, v -> PositionSorted(values, v)));
  simples := [];
  for i in [1 .. Length(irr)] do
    if out.indicators[i] = 1 then
      Add(simples, rec(constituents := [i - 1], ends := 1, values := irr[i]));
    elif out.indicators[i] = -1 then
      Add(simples, rec(constituents := [i - 1], ends := 4, values := 2 * irr[i]));
    else
      conjugate := rows[i]{inverse};
      j := Position(rows, conjugate);
      if j > i then
        Add(simples, rec(constituents := [i - 1, j - 1], ends := 2, values := irr[i] + irr[j]));
      fi;
    fi;
  od;
  out.values := Union(values, Union(List(simples, s -> Set(s.values))));
  index := List(values, v -> PositionSorted(out.values, v) - 1);
  out.rows := List(rows, row -> index{row});
  out.simples := List(simples, s -> rec(constituents := s.constituents, ends := s.ends,
    row := List(s.values, v -> PositionSorted(out.values, v) - 1)));
  return out;
end);

# The table of a listed abelian group from independent generators. Elements and characters have
# coordinates modulo the orders of these; `code' makes a number from 1 of coordinates.
BindGlobal("TK_AbelianTableData", function(R)
  local independent, d, e, elements, i, step, codes, number, code, out, weights, p, rows, reals,
    indexC, indexR, a, b, times;
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
  out.names := List(out.orders, String);
  for p in Union([-1, 2], PrimeDivisors(out.order)) do
    out.powers.(String(p)) := List(elements, x -> number[code(p * x)]) - 1;
  od;
  reals := List([0 .. e - 1], j -> E(e) ^ j + E(e) ^ -j);
  out.values := Set(Concatenation(List([0 .. e - 1], j -> E(e) ^ j), reals));
  indexC := List([0 .. e - 1], j -> PositionSorted(out.values, E(e) ^ j) - 1);
  indexR := List(reals, v -> PositionSorted(out.values, v) - 1);
  # exponents of the values, per character and element
  elements := List(elements, x -> Concatenation(x, [0]));
  rows := List(codes, a -> 1 + List(
    Concatenation(List([1 .. Length(d)], i -> a[i] * e / d[i]), [0])
    * TransposedMat(elements), x -> x mod e));
  out.rows := List(rows, row -> indexC{row});
  out.indicators := [];
  out.simples := [];
  for i in [1 .. Length(codes)] do
    a := codes[i];
    b := code(-a);
    if b = i then
      Add(out.indicators, 1);
      Add(out.simples, rec(constituents := [i - 1], ends := 1, row := out.rows[i]));
    else
      Add(out.indicators, 0);
      if b > i then
        Add(out.simples, rec(constituents := [i, b] - 1, ends := 2, row := indexR{rows[i]}));
      fi;
    fi;
  od;
  return out;
end);

# Sets of classes that element orders and character values do not tell apart.
BindGlobal("TK_TiedClasses", function(data)
  local cells, signatures, columns, c, signature, position;
  columns := TransposedMat(data.rows);
  cells := [];
  signatures := [];
  for c in [1 .. Length(columns)] do
    signature := [data.orders[c], SortedList(columns[c])];
    position := Position(signatures, signature);
    if position = fail then
      Add(signatures, signature);
      Add(cells, [c]);
    else
      Add(cells[position], c);
    fi;
  od;
  return Filtered(cells, cell -> Length(cell) > 1);
end);

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

BindGlobal("TK_request_character_table", function(args)
  local R, tbl, classes, reps, keyed, reach, out;
  if args.group.kind = "table" then
    out := TK_TableData(TK_LibraryTable(args.group.name));
    out.reps := List(out.sizes, ReturnFail);
    out.keys := List([1 .. Length(out.sizes)], i -> [i, 1]);
    return out;
  fi;
  R := TK_Group(args.group);
  reach := TK_TableReach(R);
  if reach <> true then
    TK_NotAvailable(reach);
  fi;
  if TK_IsEnumerable(R) then
    TK_Enumerate(R);
  fi;
  if IsAbelian(R.group) and Size(R.group) > 200 then
    out := TK_AbelianTableData(R);
    keyed := TK_ClassKeysEnumerated(R, [1 .. out.order]);
  else
    tbl := TK_GroupTable(args.group, R.group);
    out := TK_TableData(tbl);
    classes := ConjugacyClasses(tbl);
    reps := List(classes, Representative);
    if TK_IsEnumerable(R) then
      keyed := TK_ClassKeysEnumerated(R, List(reps, g -> TK_Number(R, g)));
    else
      out.keys := TK_ClassKeysByWords(reps, R.gens, classes, TK_TiedClasses(out));
      out.reps := List(reps, g -> TK_ElementToData(R, g));
      return out;
    fi;
  fi;
  out.keys := keyed.keys;
  out.reps := List(keyed.reps, h -> TK_NumberToData(R, h));
  return out;
end);
