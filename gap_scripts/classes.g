# Elements, conjugacy classes, and the two facts that make orders canonical.
#
# The elements of a group are numbered in shortlex order of their first word in the defining
# generators. A class is named by the least pair (number of w, k) with w^k in it: that depends on
# the group and its generators alone, never on GAP's version or its random numbers.
#
# Once a group is listed, everything about its subgroups, cosets and classes is done with these
# numbers and permutations of them; products in the group itself are not formed again.

BindGlobal("TK_EnumerationLimit", 20000);
BindGlobal("TK_IsEnumerable", R -> Size(R.group) <= TK_EnumerationLimit);

# Left multiplication by the element number h, as a list: number of x -> number of h x.
BindGlobal("TK_LeftMultiplication", function(R, h)
  local out, x;
  out := ListWithIdenticalEntries(Length(R.words), h);
  for x in [2 .. Length(out)] do
    out[x] := out[R.parent[x]] ^ R.right[R.via[x]];
  od;
  return out;
end);

# Places for the elements of a whole pc group: their exponents read as digits, the last one first to
# change. g_i, ..., g_n generate a subgroup, with the first places: where x g goes, for g in it, is
# known from the x in it. R.weights: of the digits.
BindGlobal("TK_PlacePcElements", function(R)
  local pcgs, orders, n, parts, i, moves;
  pcgs := FamilyPcgs(R.group);
  orders := RelativeOrders(pcgs);
  n := Length(pcgs);
  R.weights := List([1 .. n], i -> Product(orders{[i + 1 .. n]}));
  parts := [];
  parts[n + 1] := [One(R.group)];
  for i in [n, n - 1 .. 1] do
    parts[i] := Concatenation(List([0 .. orders[i] - 1], a -> pcgs[i] ^ a * parts[i + 1]));
  od;
  R.elements := parts[1];
  moves := function(g)
    local part, to;
    part := parts[DepthOfPcElement(pcgs, g)];
    to := List(part * g, x -> 1 + ExponentsOfPcElement(pcgs, x) * R.weights);
    return Concatenation(List([0, Length(part) .. Length(R.elements) - Length(part)],
      first -> first + to));
  end;
  R.moves := List(R.gens, moves);
end);

# The same for other groups: places are those in the sorted list.
BindGlobal("TK_PlaceSorted", function(R)
  R.elements := AsSSortedList(R.group);
  R.moves := List(R.gens, g -> List(R.elements, x -> PositionSorted(R.elements, x * g)));
end);

# Lists the group, once. R.elements has the elements by their places; of an element's place and its
# number, R.number and R.words each give one from the other. R.parent and R.via: the number and the
# generator that it was first reached from. R.right: right multiplication by each generator,
# R.conjugation: conjugation by each, as permutations of the numbers. R.inverse: of each number.
BindGlobal("TK_Enumerate", function(R)
  local head, i, place, left;
  if IsBound(R.elements) then
    return;
  fi;
  if IsPcGroup(R.group) and Size(R.group) > 1
      and Size(R.group) = Product(RelativeOrders(FamilyPcgs(R.group))) then
    TK_PlacePcElements(R);
  else
    TK_PlaceSorted(R);
  fi;
  R.number := ListWithIdenticalEntries(Length(R.elements), 0);
  R.words := [Position(R.elements, One(R.group))];
  R.number[R.words[1]] := 1;
  R.parent := [0];
  R.via := [0];
  head := 1;
  while Length(R.words) < Length(R.elements) do
    for i in [1 .. Length(R.gens)] do
      place := R.moves[i][R.words[head]];
      if R.number[place] = 0 then
        Add(R.words, place);
        Add(R.parent, head);
        Add(R.via, i);
        R.number[place] := Length(R.words);
      fi;
    od;
    head := head + 1;
  od;
  R.right := List(R.moves, to -> PermList(R.number{to{R.words}}));
  Unbind(R.moves);
  left := List(R.right, p -> TK_LeftMultiplication(R, 1 / p));
  R.inverse := [1];
  for i in [2 .. Length(R.words)] do
    R.inverse[i] := left[R.via[i]][R.inverse[R.parent[i]]];
  od;
  R.conjugation := List([1 .. Length(left)], i -> PermList(left[i]) * R.right[i]);
  R.multiplications := [];
end);

# The number of an element, which is checked to lie in the group.
BindGlobal("TK_Number", function(R, g)
  local place;
  if IsBound(R.weights) then
    return R.number[1 + ExponentsOfPcElement(FamilyPcgs(R.group), g) * R.weights];
  fi;
  place := PositionSorted(R.elements, g);
  if place > Length(R.elements) or R.elements[place] <> g then
    TK_NotAvailable("an element that was given does not lie in the group");
  fi;
  return R.number[place];
end);

BindGlobal("TK_NumberOfData", function(R, data)
  local g;
  g := TK_DataToAny(R, data);
  if g = fail then
    TK_NotAvailable("an element that was given does not lie in the group");
  fi;
  return TK_Number(R, g);
end);

BindGlobal("TK_NumberToData",
  {R, number} -> TK_ElementToData(R, R.elements[R.words[number]]));

# Right multiplication by the element number h: x h is the inverse of h^-1 x^-1.
BindGlobal("TK_RightMultiplication", function(R, h)
  local out;
  if IsBound(R.multiplications[h]) then
    return R.multiplications[h];
  fi;
  out := TK_LeftMultiplication(R, R.inverse[h]);
  out := PermList(R.inverse{out{R.inverse}});
  if Length(R.words) <= 2000 then
    R.multiplications[h] := out;
  fi;
  return out;
end);

# The numbers of the elements of a subgroup given by the numbers of its generators, rising.
BindGlobal("TK_SubgroupNumbers", function(R, gens)
  return Set(OrbitPerms(List(gens, h -> TK_RightMultiplication(R, h)), 1));
end);

# The first elements that generate the subgroup with the given numbers.
BindGlobal("TK_FirstGenerators", function(R, numbers)
  local gens, inside, i;
  gens := [];
  inside := [1];
  for i in numbers do
    if Length(inside) = Length(numbers) then
      break;
    elif not i in inside then
      Add(gens, i);
      inside := TK_SubgroupNumbers(R, gens);
    fi;
  od;
  return gens;
end);

# The subgroup with the given numbers.
BindGlobal("TK_SubgroupOfNumbers", function(R, numbers)
  local N;
  N := SubgroupNC(R.group,
    List(TK_FirstGenerators(R, numbers), h -> R.elements[R.words[h]]));
  SetSize(N, Length(numbers));
  return N;
end);

# For every number its class, counting from 1, in the order of the given representatives, which
# are numbers too.
BindGlobal("TK_ClassNumbers", function(R, reps)
  local out, c;
  if IsBound(R.classReps) and R.classReps = reps then
    return R.classNumbers;
  fi;
  out := ListWithIdenticalEntries(Length(R.words), 0);
  for c in [1 .. Length(reps)] do
    if out[reps[c]] = 0 then
      out{OrbitPerms(R.conjugation, reps[c])} := 0 * OrbitPerms(R.conjugation, reps[c]) + c;
    fi;
  od;
  if 0 in out then
    TK_NotAvailable("the class representatives that were given do not cover the group");
  fi;
  R.classReps := reps;
  R.classNumbers := out;
  return out;
end);

# The classes, counting from 1, of elements of the group; representatives are given as data.
BindGlobal("TK_ClassesOfElements", function(R, reps, elements)
  local classes;
  if TK_IsEnumerable(R) then
    TK_Enumerate(R);
    classes := TK_ClassNumbers(R, List(reps, data -> TK_NumberOfData(R, data)));
    return List(elements, g -> classes[TK_Number(R, g)]);
  fi;
  reps := List(reps, data -> TK_DataToElement(R, data));
  return List(elements, g -> PositionProperty(reps,
    r -> Order(r) = Order(g) and IsConjugate(R.group, r, g)));
end);

# How often each of `count' classes meets a list of numbers.
BindGlobal("TK_ClassCounts", function(classes, count, list)
  local out, c;
  out := ListWithIdenticalEntries(count, 0);
  for c in classes{list} do
    out[c] := out[c] + 1;
  od;
  return out;
end);

# The classes of a listed group: the number of each first element. Sets R.classNumbers.
BindGlobal("TK_ListedClasses", function(R)
  local classes, orbits, c;
  orbits := OrbitsPerms(R.conjugation, [1 .. Length(R.words)]);
  classes := ListWithIdenticalEntries(Length(R.words), 0);
  orbits := SortedList(List(orbits, Set));
  for c in [1 .. Length(orbits)] do
    classes{orbits[c]} := ListWithIdenticalEntries(Length(orbits[c]), c);
  od;
  R.classReps := List(orbits, orbit -> orbit[1]);
  R.classSizes := List(orbits, Length);
  R.classNumbers := classes;
  return R.classReps;
end);

# Keys (word, power) for classes of a listed group, and the first element of each class.
BindGlobal("TK_ClassKeysEnumerated", function(R, reps)
  local classes, keys, first, open, number, g, x, k, c;
  classes := TK_ClassNumbers(R, reps);
  keys := List(reps, ReturnFail);
  first := List(reps, ReturnFail);
  open := 2 * Length(reps);
  for number in [1 .. Length(classes)] do
    c := classes[number];
    if first[c] = fail then
      first[c] := number;
      open := open - 1;
    fi;
    if keys[c] = fail then
      g := R.elements[R.words[number]];
      x := g;
      k := 1;
      keys[c] := [number, k];
      open := open - 1;
      while not IsOne(x) do
        x := x * g;
        k := k + 1;
        c := classes[TK_Number(R, x)];
        if keys[c] = fail then
          keys[c] := [number, k];
          open := open - 1;
        fi;
      od;
    fi;
    if open = 0 then
      break;
    fi;
  od;
  return rec(keys := keys, reps := first);
end);

# The position of the class of x among the given candidates, of which one is known to be right;
# fail if that takes more conjugacy tests than `tests.left', which are counted down.
BindGlobal("TK_ClassAmong", function(G, reps, candidates, x, tests)
  local c, last;
  last := Length(candidates);
  for c in candidates{[1 .. last - 1]} do
    if tests.left = 0 then
      return fail;
    fi;
    tests.left := tests.left - 1;
    if IsConjugate(G, reps[c], x) then
      return c;
    fi;
  od;
  return candidates[last];
end);

# The same for a larger group, for the classes in `cells' only (sets of positions that the table
# alone does not tell apart). All but one of each cell get keys, or fewer: after 600 words or 400
# conjugacy tests the others are left at fail. The class of a word is found by its order and cycle
# lengths where they tell; those of its powers follow from the table.
BindGlobal("TK_ClassKeysByWords", function(R, tbl, reps, cells)
  local G, keys, signature, known, distinct, candidates, reach, open, wanted, tests, words, seen,
    head, tied, w, n, k, c, x;
  G := R.group;
  keys := List(reps, ReturnFail);
  if Length(cells) = 0 then
    return keys;
  fi;
  signature := function(x)
    if IsPerm(x) then
      return [Order(x), CycleStructurePerm(x), NrMovedPoints(x)];
    fi;
    return [Order(x)];
  end;
  known := List(reps, signature);
  distinct := Set(known);
  candidates := List(distinct, x -> Positions(known, x));
  for n in candidates do
    SortBy(n, c -> -SizesConjugacyClasses(tbl)[c]);  # words lie in large classes more often
  od;
  # per class the pairs [class in a cell, k] of its powers
  tied := Union(cells);
  reach := List([1 .. Length(reps)], ReturnFail);
  wanted := function(c)
    local pairs, k, p;
    if reach[c] = fail then
      pairs := [];
      for k in [1 .. Order(reps[c])] do
        p := PowerMap(tbl, k, c);
        if p in tied and ForAll(pairs, pair -> pair[1] <> p) then
          Add(pairs, [p, k]);
        fi;
      od;
      reach[c] := pairs;
    fi;
    return Filtered(reach[c], pair -> keys[pair[1]] = fail and pair[1] in open);
  end;
  tests := rec(left := 400);
  words := [One(G)];
  seen := [One(G)];
  open := tied;
  head := 1;
  while head <= Length(words) and head <= 600 do
    w := words[head];
    n := candidates[PositionSorted(distinct, signature(w))];
    if ForAny(n, c -> Length(wanted(c)) > 0) then
      c := TK_ClassAmong(G, reps, n, w, tests);
      if c = fail then
        break;
      fi;
      for k in wanted(c) do
        keys[k[1]] := [head, k[2]];
      od;
      open := Union(Filtered(cells, cell -> Number(cell, c -> keys[c] = fail) > 1));
      if Length(open) = 0 then
        break;
      fi;
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

# A lower bound for the number of classes: linear characters, and the classes inside abelian
# normal subgroups, the last non-trivial term of the derived series and its centraliser.
BindGlobal("TK_ClassBound", function(G)
  local series, A, C, bound;
  series := DerivedSeriesOfGroup(G);
  if Length(series) = 1 then
    return 1;
  fi;
  bound := Size(G) / Size(series[2]);
  if Size(series[Length(series)]) = 1 then
    A := series[Length(series) - 1];
    C := Centralizer(G, A);
    bound := Maximum(bound, 1 + Int((Size(A) - 1) / Index(G, C)));
    if IsAbelian(C) then
      bound := Maximum(bound, 1 + Int((Size(C) - 1) / Index(G, C)));
    fi;
  fi;
  return bound;
end);

# Whether the classes of a group may be computed; true, or the reason why not. args.classes and
# args.order: the largest number of classes and the largest order, by default 1300 and 50000000, or
# 2000000 for a simple group with a table in the library, args.library.
BindGlobal("TK_ClassesReach", function(R, args)
  local n, G, size, many, most, large, bound;
  G := R.group;
  size := Size(G);
  most := 1300;
  bound := 50000000;
  if IsBound(args.order) then
    bound := args.order;
  elif IsBound(args.library) and size > 2000000 and IsSimpleGroup(G) then
    bound := 2000000;  # the library has it at once, and Sz(32) takes many minutes
  fi;
  large := 400;
  if IsBound(args.classes) then
    most := args.classes;
    large := Maximum(large, most);
  fi;
  if IsPermGroup(G) and size > 1
      and (IsNaturalSymmetricGroup(G) or IsNaturalAlternatingGroup(G)) then
    n := NrMovedPoints(G);
    if n <= 23 then
      return true;
    fi;
    return Concatenation("a symmetric or alternating group on ", String(n),
      " points has too many classes (tables are computed up to 23 points)");
  elif size > bound and not (IsPermGroup(G) and NrMovedPoints(G) <= 24 and size <= 300000000
      and IsSimpleGroup(G)) then
    return Concatenation("a group of order ", String(size), " is past the bound of ",
      String(bound), " for computing its classes (PLREP_MAX_ORDER raises that)");
  fi;
  many := Concatenation(" classes (tables are computed up to ", String(most),
    "; PLREP_MAX_TABLE raises that)");
  if size <= most then
    return true;
  elif IsAbelian(G) then
    n := size;
  elif TK_ClassBound(G) > most then
    return Concatenation("the group has at least ", String(TK_ClassBound(G)), many);
  else
    n := NrConjugacyClasses(G);
    # past the listed groups the time grows with the square of the number and more
    if size > 20000 and n > large then
      return Concatenation("the group has order ", String(size), " and ", String(n),
        " classes (past order 20000 tables are computed up to ", String(large),
        "; PLREP_MAX_TABLE raises that)");
    fi;
  fi;
  if n > most then
    return Concatenation("the group has ", String(n), many);
  fi;
  return true;
end);

# Whether the character table may be asked for; true, or the reason why not, with the library's
# table of this group, args.library, if there is one.
BindGlobal("TK_TableReach", function(R, args)
  local reach;
  reach := TK_ClassesReach(R, args);
  if reach <> true and IsBound(args.library) then
    return Concatenation(reach, "; its library character table is Table(", args.library, ")");
  fi;
  return reach;
end);
