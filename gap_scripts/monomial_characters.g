# The characters of listed pc groups from their monomial representations (Baum and Clausen 1994),
# which GAP finds. Their characters, GAP's IrrBaumClausen, take it most of its time: it multiplies
# the matrices of each representation apart, and adds roots of unity as cyclotomics. Here all
# representations are one monomial matrix for each element, and sums are looked up.

# Per class the exponents, in a pcgs, of an element; the classes are those of R.classNumbers.
# Returns pairs [exponents, class] in lexicographic order.
BindGlobal("TK_ClassExponents", function(R, pcgs)
  local orders, numbers, i, times, part, a, first, place, out, c, exponents;
  orders := RelativeOrders(pcgs);
  numbers := [1];
  for i in [Length(pcgs), Length(pcgs) - 1 .. 1] do
    times := TK_LeftMultiplication(R, TK_Number(R, pcgs[i]));
    part := numbers;
    for a in [2 .. orders[i]] do
      part := times{part};
      numbers := Concatenation(numbers, part);
    od;
  od;
  # what is assigned last stays
  first := [];
  first{R.classNumbers{Reversed(numbers)}} := [Length(numbers), Length(numbers) - 1 .. 1];
  out := [];
  for c in [1 .. Length(first)] do
    place := first[c] - 1;
    exponents := [];
    for i in [Length(orders), Length(orders) - 1 .. 1] do
      exponents[i] := place mod orders[i];
      place := QuoInt(place, orders[i]);
    od;
    Add(out, [exponents, c]);
  od;
  Sort(out);
  return out;
end);

# Products of monomial matrices [to, diag]: row i has E(e)^diag[i] in column to[i], nothing else.
BindGlobal("TK_MonomialProduct", {a, b} -> [b[1]{a[1]}, a[2] + b[2]{a[1]}]);

# The direct sum of GAP's monomial representations, as one matrix for each element of the pcgs.
BindGlobal("TK_DirectSum", function(reps, length)
  local out, i, to, diag, rep;
  out := [];
  for i in [1 .. length] do
    to := [];
    diag := [];
    for rep in reps do
      Append(diag, rep[i].diag{rep[i].perm});
      Append(to, rep[i].perm + Length(to));
    od;
    Add(out, [to, diag]);
  od;
  return out;
end);

# Per class the places of the values of the nonlinear characters.
BindGlobal("TK_MonomialTraces", function(sums, e, reps, classes, length)
  local generators, block, known, last, out, pair, x, depth, product, a, i, j, row, to, diag, v;
  generators := TK_DirectSum(reps, length);
  block := Concatenation(List([1 .. Length(reps)],
    i -> ListWithIdenticalEntries(Length(reps[i][1].perm), i)));
  # known[i]: the product of the first i powers for the last element
  known := ListWithIdenticalEntries(length, [[1 .. Length(block)], 0 * block]);
  last := ListWithIdenticalEntries(length, 0);
  out := [];
  for pair in classes do
    x := pair[1];
    depth := PositionProperty([1 .. length], i -> x[i] <> last[i]);
    if depth <> fail then
      product := known[depth];
      a := x[depth] - last[depth];
      for i in [depth .. length] do
        for j in [1 .. a] do
          product := TK_MonomialProduct(product, generators[i]);
        od;
        known[i] := product;
        if i < length then
          a := x[i + 1];
        fi;
      od;
      last := x;
    else
      product := known[length];
    fi;
    row := ListWithIdenticalEntries(Length(reps), 1);
    to := product[1];
    diag := product[2] mod e;
    for i in [1 .. Length(block)] do
      if to[i] = i then
        v := row[block[i]];
        a := diag[i];
        if IsBound(sums.plus[v][a + 1]) then
          row[block[i]] := sums.plus[v][a + 1];
        else
          row[block[i]] := TK_PlusRoot(sums, v, a);
        fi;
      fi;
    od;
    out[pair[2]] := row;
  od;
  return out;
end);

# The irreducible characters of a listed pc group on the classes of R.classNumbers: a record with
# distinct values, rising, and rows of places in them, per character and class. fail if not all
# characters come from monomial representations that GAP finds this way.
BindGlobal("TK_MonomialCharacters", function(R)
  local info, e, count, sums, classes, exponents, rows, used, order, place;
  info := BaumClausenInfo(R.group);
  e := info.exponent;
  count := Length(R.classReps);
  if Length(info.lin) + Length(info.nonlin) <> count then
    return fail;
  fi;
  sums := TK_Sums(e);
  classes := TK_ClassExponents(R, info.pcgs);
  exponents := [];
  exponents{List(classes, x -> x[2])} := List(classes, x -> x[1]);
  exponents := TransposedMat(exponents);
  rows := List(info.lin, rep -> sums.roots{1 + (rep * exponents) mod e});
  if Length(info.nonlin) > 0 then
    Append(rows, TransposedMat(TK_MonomialTraces(sums, e, info.nonlin, classes,
      Length(info.pcgs))));
  fi;
  used := Set(Concatenation(rows));
  order := ShallowCopy(used);
  SortBy(order, v -> sums.values[v]);
  place := [];
  place{order} := [1 .. Length(order)];
  return rec(values := sums.values{order}, rows := List(rows, row -> place{row}));
end);
