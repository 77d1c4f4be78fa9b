# Groups of matrices over the rationals or a cyclotomic field, as permutations of vectors.

# The orbit of a row vector under matrices at the right: rec(points, images), per matrix the numbers
# of the images; fail if it has more than `most' points.
BindGlobal("TK_VectorOrbit", function(matrices, v, most)
  local points, known, images, i, k, w, number;
  points := [v];
  known := NewDictionary(v, true);
  AddDictionary(known, v, 1);
  images := List(matrices, m -> []);
  i := 1;
  while i <= Length(points) do
    for k in [1 .. Length(matrices)] do
      w := points[i] * matrices[k];
      number := LookupDictionary(known, w);
      if number = fail then
        if Length(points) = most then
          return fail;
        fi;
        Add(points, w);
        number := Length(points);
        AddDictionary(known, w, number);
      fi;
      images[k][i] := number;
    od;
    i := i + 1;
  od;
  return rec(points := points, images := images);
end);

# A word in the matrices of infinite order, as text, or fail: the generators, their products, and
# random words.
BindGlobal("TK_InfiniteWord", function(matrices, random)
  local words, k, word, name;
  name := word -> Concatenation("the product of the matrices ", JoinStringsWithSeparator(
    List(word, i -> String(i - 1)), ", "), " (counted from 0)");
  if random = 0 then
    for k in [1 .. Length(matrices)] do
      if Order(matrices[k]) = infinity then
        return Concatenation("the matrix ", String(k - 1), " (counted from 0)");
      fi;
    od;
    return fail;
  fi;
  words := Tuples([1 .. Minimum(4, Length(matrices))], 2);
  for k in [1 .. random] do
    Add(words, List([1 .. 2 + k mod 9], i -> Random([1 .. Length(matrices)])));
  od;
  for word in words do
    if Order(Product(matrices{word})) = infinity then
      return name(word);
    fi;
  od;
  return fail;
end);

# The vectors that the images of v under all products span, as rows in echelon form with those of
# `basis'.
BindGlobal("TK_SpunSpan", function(basis, matrices, v)
  local queue, w, m;
  queue := [v];
  for w in queue do
    if Length(basis) = 0 or SolutionMat(basis, w) = fail then
      basis := Concatenation(basis, [w]);
      for m in matrices do
        Add(queue, w * m);
      od;
    fi;
  od;
  return basis;
end);

# The orbits of the coordinate vectors, of as many as span the space, or of all (spec.orbits bound).
# spec.size may tell the order.
BindGlobal("TK_exact_matrices", function(spec)
  local matrices, one, limit, basis, images, count, found, e, word, G, perms, k, points, needed;
  matrices := List(spec.matrices, m -> List(m, row -> List(row, TK_CyclotomicFromLists)));
  limit := TK_Limit("vectors", 100000);
  word := TK_InfiniteWord(matrices, 0);
  basis := [];
  images := List(matrices, m -> []);
  count := 0;
  one := One(matrices[1]);
  points := [];
  for e in one do
    if IsBound(spec.orbits) then
      needed := not e in points;
    else
      needed := Length(basis) = 0 or SolutionMat(basis, e) = fail;
    fi;
    if word = fail and needed then
      found := TK_VectorOrbit(matrices, e, Minimum(2000, limit));
      if found = fail then
        word := TK_InfiniteWord(matrices, 60);
        if word = fail then
          found := TK_VectorOrbit(matrices, e, limit - count);
        fi;
      fi;
      if word = fail and found = fail then
        TK_NotAvailable(Concatenation("not decided within ", String(limit), " vectors whether ",
          "these matrices generate a finite group; PLREP_MAX_VECTORS raises the limit"));
      elif word = fail then
        for k in [1 .. Length(matrices)] do
          Append(images[k], found.images[k] + count);
        od;
        count := count + Length(found.points);
        if IsBound(spec.orbits) then
          UniteSet(points, found.points);
        else
          basis := TK_SpunSpan(basis, matrices, e);
        fi;
      fi;
    fi;
  od;
  if word <> fail then
    TK_NotAvailable(Concatenation("the group is infinite: ", word, " has infinite order"));
  fi;
  perms := List(images, PermList);
  G := GroupWithGenerators(perms, ());
  if IsBound(spec.size) then
    SetSize(G, spec.size);
  fi;
  return TK_PermutationRecord(G, perms, count);
end);
