# character_table: the complex character table and the real simples. Version 1.
# Cost: GAP's own for classes and irreducibles.
#
# Argument {group}: a description.
# Result, in GAP's order of classes and characters (Python makes it canonical):
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
BindGlobal("TK_RealSimples", function(irr, indicators)
  local out, i, j, conjugate;
  out := [];
  for i in [1 .. Length(irr)] do
    if indicators[i] = 1 then
      Add(out, rec(constituents := [i], ends := 1, values := irr[i]));
    elif indicators[i] = -1 then
      Add(out, rec(constituents := [i], ends := 4, values := 2 * irr[i]));
    else
      conjugate := List(irr[i], ComplexConjugate);
      j := Position(irr, conjugate);
      if j > i then
        Add(out, rec(constituents := [i, j], ends := 2, values := irr[i] + conjugate));
      fi;
    fi;
  od;
  return out;
end);

BindGlobal("TK_request_character_table", function(args)
  local R, tbl, irr, classes, k, reps, keyed, cells, cell, position, columns, i, p, out, simples,
    values, index, reach, signature;
  if args.group.kind = "table" then
    tbl := TK_LibraryTable(args.group.name);
    irr := List(Irr(tbl), ValuesOfClassFunction);
    k := Length(irr);
    reps := List([1 .. k], i -> fail);
    keyed := rec(keys := List([1 .. k], i -> [i, 1]), reps := reps);
  else
    R := TK_Group(args.group);
    reach := TK_TableReach(R);
    if reach <> true then
      TK_NotAvailable(reach);
    fi;
    tbl := CharacterTable(R.group);
    irr := List(Irr(tbl), ValuesOfClassFunction);
    k := Length(irr);
    classes := ConjugacyClasses(tbl);
    reps := List(classes, Representative);
    if TK_IsEnumerable(R) then
      keyed := TK_ClassKeysEnumerated(R, reps);
    else
      columns := TransposedMat(irr);
      cells := [];
      signature := [];
      for i in [1 .. k] do
        cell := [OrdersClassRepresentatives(tbl)[i], SortedList(columns[i])];
        position := Position(signature, cell);
        if position = fail then
          Add(signature, cell);
          Add(cells, [i]);
        else
          Add(cells[position], i);
        fi;
      od;
      cells := Filtered(cells, cell -> Length(cell) > 1);
      keyed := rec(keys := TK_ClassKeysByWords(R, reps, classes, cells), reps := reps);
    fi;
    keyed.reps := List(keyed.reps, g -> TK_ElementToData(R, g));
  fi;
  out := rec(order := Size(tbl), sizes := SizesConjugacyClasses(tbl),
    orders := OrdersClassRepresentatives(tbl), names := ClassNames(tbl), reps := keyed.reps,
    keys := keyed.keys, powers := rec());
  for p in Union([2], PrimeDivisors(Size(tbl))) do
    out.powers.(String(p)) := PowerMap(tbl, p) - 1;
  od;
  out.powers.("-1") := PowerMap(tbl, -1) - 1;
  out.indicators := Indicator(tbl, Irr(tbl), 2);
  simples := TK_RealSimples(irr, out.indicators);
  values := Set(Concatenation(Set(Concatenation(irr)),
    Set(Concatenation(List(simples, s -> s.values)))));
  index := v -> PositionSorted(values, v) - 1;
  out.values := values;
  out.rows := List(irr, row -> List(row, index));
  out.simples := List(simples, s -> rec(constituents := s.constituents - 1, ends := s.ends,
    row := List(s.values, index)));
  return out;
end);
