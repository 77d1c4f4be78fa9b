# Elements, conjugacy classes, and the two facts that make orders canonical.
#
# The elements of a group are numbered in shortlex order of their first word in the defining
# generators. A class is named by the least pair (number of w, k) with w^k in it: that depends on
# the group and its generators alone, never on GAP's version or its random numbers.

TK_EnumerationLimit := 20000;
BindGlobal("TK_IsEnumerable", R -> Size(R.group) <= TK_EnumerationLimit);

# R.elements sorted, R.number[position] the shortlex number, R.words[number] the position.
BindGlobal("TK_Enumerate", function(R)
  local at, g, position, head;
  if IsBound(R.elements) then
    return;
  fi;
  R.elements := AsSSortedList(R.group);
  R.number := List(R.elements, x -> 0);
  R.words := [PositionSorted(R.elements, One(R.group))];
  R.number[R.words[1]] := 1;
  head := 1;
  while head <= Length(R.words) do
    at := R.elements[R.words[head]];
    for g in R.gens do
      position := PositionSorted(R.elements, at * g);
      if R.number[position] = 0 then
        Add(R.words, position);
        R.number[position] := Length(R.words);
      fi;
    od;
    head := head + 1;
  od;
end);

# For every element its class, in the order of the given representatives; -1 based on nothing:
# positions in R.elements, values counting from 1.
BindGlobal("TK_ClassNumbers", function(R, reps)
  local out, c, x;
  if IsBound(R.classReps) and R.classReps = reps then
    return R.classNumbers;
  fi;
  TK_Enumerate(R);
  out := List(R.elements, x -> 0);
  for c in [1 .. Length(reps)] do
    if out[PositionSorted(R.elements, reps[c])] = 0 then
      for x in Orbit(R.group, reps[c]) do
        out[PositionSorted(R.elements, x)] := c;
      od;
    fi;
  od;
  if 0 in out then
    TK_NotAvailable("the class representatives that were given do not cover the group");
  fi;
  R.classReps := reps;
  R.classNumbers := out;
  return out;
end);

BindGlobal("TK_GivenReps", function(R, args)
  return List(args.reps, data -> TK_DataToElement(R, data));
end);

# How often each class meets a list of elements.
BindGlobal("TK_ClassCounts", function(R, numbers, count, list)
  local out, x, c;
  out := ListWithIdenticalEntries(count, 0);
  for x in list do
    c := numbers[PositionSorted(R.elements, x)];
    out[c] := out[c] + 1;
  od;
  return out;
end);

# Keys (word, power) for classes of an enumerated group, and the first element of each class.
BindGlobal("TK_ClassKeysEnumerated", function(R, reps)
  local numbers, keys, first, open, number, position, w, x, k, c;
  numbers := TK_ClassNumbers(R, reps);
  keys := List(reps, r -> fail);
  first := List(reps, r -> fail);
  open := 2 * Length(reps);
  for number in [1 .. Length(R.words)] do
    position := R.words[number];
    c := numbers[position];
    w := R.elements[position];
    if first[c] = fail then
      first[c] := w;
      open := open - 1;
    fi;
    if keys[c] = fail then
      x := w;
      for k in [1 .. Order(w)] do
        c := numbers[PositionSorted(R.elements, x)];
        if keys[c] = fail then
          keys[c] := [number, k];
          open := open - 1;
        fi;
        x := x * w;
      od;
    fi;
    if open = 0 then
      break;
    fi;
  od;
  return rec(keys := keys, reps := first);
end);

# The same for a larger group, for the classes in `cells' only (sets of positions that values
# alone do not tell apart); gives up after a number of words and says so by fail.
BindGlobal("TK_ClassKeysByWords", function(R, reps, classes, cells)
  local keys, words, seen, head, w, x, k, n, cell, c, orders, candidates, known, signature;
  keys := List(reps, r -> fail);
  orders := List(reps, Order);
  signature := function(x)
    if IsPerm(x) then
      return CycleStructurePerm(x);
    fi;
    return Order(x);
  end;
  known := List(reps, signature);
  words := [One(R.group)];
  seen := [One(R.group)];
  head := 1;
  while head <= Length(words) and head <= 600 do
    w := words[head];
    n := Order(w);
    for k in [1 .. n] do
      if n / Gcd(n, k) in orders then
        x := w ^ k;
        for cell in cells do
          if orders[cell[1]] = n / Gcd(n, k) and ForAny(cell, c -> keys[c] = fail) then
            candidates := Filtered(cell, c -> known[c] = signature(x));
            c := First(candidates, c -> x in classes[c]);
            if c <> fail and keys[c] = fail then
              keys[c] := [head, k];
            fi;
          fi;
        od;
      fi;
    od;
    if ForAll(cells, cell -> Number(cell, c -> keys[c] = fail) <= 1) then
      break;
    fi;
    for x in R.gens do
      if Length(words) < 600 and not w * x in seen then
        Add(words, w * x);
        AddSet(seen, w * x);
      fi;
    od;
    head := head + 1;
  od;
  return keys;
end);

# Whether the character table may be asked for; true, or the reason why not.
BindGlobal("TK_TableReach", function(R)
  local n, size;
  size := Size(R.group);
  if IsPermGroup(R.group) and size > 1
      and (IsNaturalSymmetricGroup(R.group) or IsNaturalAlternatingGroup(R.group)) then
    n := NrMovedPoints(R.group);
    if n <= 23 then
      return true;
    fi;
    return Concatenation("a symmetric or alternating group on ", String(n),
      " points has too many classes (tables are computed up to 23 points)");
  fi;
  if size > 2000000 then
    if not (IsPermGroup(R.group) and NrMovedPoints(R.group) <= 24 and size <= 300000000
        and IsSimpleGroup(R.group)) then
      return Concatenation("a group of order ", String(size),
        " is past the bound of 2000000 for computing its classes");
    fi;
  fi;
  if IsAbelian(R.group) then
    n := size;
  else
    n := NrConjugacyClasses(R.group);
  fi;
  if n > 1300 then
    return Concatenation("the group has ", String(n),
      " classes (tables are computed up to 1300)");
  fi;
  return true;
end);
