# transitive_module: the G-set G/H, an orbit of the natural action, or a transitive G-set given by
# images, and its spherical table.
#
# Argument
#   group
#   module     {kind: "coset", subgroup: generators as data}, {kind: "natural", point: 0-based} or
#              {kind: "images", images: per generator 0-based images, point: 0-based}
#   reps       per class of elements an element as data (may be empty: no table at hand)
#   simples    {values: cyclotomics, rows: per real simple indices into values, ends: per simple
#              1, 2 or 4} or null: then no spherical table is made
#   images     whether the generators' images are wanted
#   rep_images whether those of the class representatives are wanted for any group
# Result
#   broken     null; or, if given images are no action of the group, {left, right: two words in the
#              generators (0-based numbers) for one element, point, images: the two points that
#              they take that point to; left is null if no short word shows it}, and nothing else
#   points     n; the points of a coset space are numbered by breadth-first search from H in the
#              order of the generators, others in their own order
#   orbit      natural action: the 0-based points of the orbit, rising; else null
#   base       0-based position of the point with stabiliser H
#   subgroup   generators of H as data; for a listed group the first ones in its numbering
#   subgroup_order
#   counts     per class, how many of its elements lie in H; null for a group too large to list
#   images     per generator 0-based images (i -> i^g), or null
#   rep_images the same for the class representatives, if asked for or the group is too large to
#              list; else null
#   spherical  null, or {sizes: |HgH| per double coset, points: first point of its suborbit,
#              multiplicities: per simple, dimensions: per simple dim L^H, values,
#              rows: per simple with L^H <> 0 indices into values, kept: 0-based, those simples}
# Cost: for a group of order at most 20000 (listed, classes.g) about |G| steps, and for the
# spherical table |H| steps per double coset; for a larger one a stabiliser chain.
# phi_L(g) = sum over h in H of chi_L(g h) / (|H| dim L^H), see the text of toolkit.modules.

# A listed group: per number the point that the element takes the base to, per point the first
# such number, the generators' images, and the numbers in H.
BindGlobal("TK_ListedCosets", function(R, gens)
  local H, place, reps, members, images, head, i, x, c;
  H := TK_SubgroupNumbers(R, gens);
  place := ListWithIdenticalEntries(Length(R.words), 0);
  place{H} := ListWithIdenticalEntries(Length(H), 1);
  reps := [1];
  members := [H];
  images := List(R.right, p -> []);
  head := 1;
  while head <= Length(reps) do
    for i in [1 .. Length(R.right)] do
      x := reps[head] ^ R.right[i];
      if place[x] = 0 then
        Add(reps, x);
        c := OnTuples(members[head], R.right[i]);
        Add(members, c);
        place{c} := ListWithIdenticalEntries(Length(c), Length(reps));
      fi;
      images[i][head] := place[x];
    od;
    head := head + 1;
  od;
  return rec(place := place, reps := reps, images := images, base := 1, H := H);
end);

# Per number the point that the element takes `point' to, by the generators' permutations.
BindGlobal("TK_ListedPlaces", function(R, perms, point)
  local place, x;
  place := [point];
  for x in [2 .. Length(R.words)] do
    place[x] := place[R.parent[x]] ^ perms[R.via[x]];
  od;
  return place;
end);

BindGlobal("TK_ListedOrbit", function(R, perms, point)
  local orbit, names, place, x, reps;
  place := TK_ListedPlaces(R, perms, point);
  orbit := Set(place);
  names := [];
  names{orbit} := [1 .. Length(orbit)];
  place := names{place};
  reps := [];
  for x in [Length(place), Length(place) - 1 .. 1] do
    reps[place[x]] := x;
  od;
  return rec(place := place, reps := reps,
    images := List(perms, p -> names{OnTuples(orbit, p)}),
    base := names[point], orbit := orbit, H := Positions(place, names[point]));
end);

# The generators' permutations of a G-set given by images, or fail.
BindGlobal("TK_GivenPerms", function(module)
  local perms;
  perms := List(module.images, TK_ImagesToPerm);
  if fail in perms then
    TK_NotAvailable("one of the image lists is not a permutation");
  fi;
  return perms;
end);

# Two words for one element, as lists of 0-based generators, that take a point apart.
BindGlobal("TK_TwoWords", function(perms, left, right, points)
  local apply, p;
  apply := {p, word} -> p ^ Product(perms{word}, ());
  p := First(points, p -> apply(p, left) <> apply(p, right));
  return rec(left := left - 1, right := right - 1, point := p - 1,
    images := [apply(p, left), apply(p, right)] - 1);
end);

# Whether permutations given for the generators are an action of a listed group; fail if so, else
# what is broken. They are one on the orbit of a point iff along every edge of the Cayley graph
# the places of elements agree.
BindGlobal("TK_ListedBroken", function(R, perms, point)
  local place, word, x, y, i;
  place := TK_ListedPlaces(R, perms, point);
  word := function(x)
    local out;
    out := [];
    while x > 1 do
      Add(out, R.via[x]);
      x := R.parent[x];
    od;
    return Reversed(out);
  end;
  for x in [1 .. Length(place)] do
    for i in [1 .. Length(perms)] do
      y := x ^ R.right[i];
      if place[x] ^ perms[i] <> place[y] then
        return TK_TwoWords(perms, Concatenation(word(x), [i]), word(y), [point]);
      fi;
    od;
  od;
  return fail;
end);

# The same for a larger group, by GAP's own test of homomorphisms; the words shown are powers of
# short words that are the identity, if one of them is enough. Returns the homomorphism as well.
BindGlobal("TK_HomomorphismOrBroken", function(R, perms, degree)
  local hom, words, w, g, n, trivial;
  hom := GroupHomomorphismByImages(R.group, GroupWithGenerators(perms, ()), R.gens, perms);
  if hom <> fail then
    return rec(hom := hom, broken := fail);
  fi;
  words := Concatenation(List([1 .. 3], k -> Tuples([1 .. Length(perms)], k)));
  for w in words do
    g := Product(R.gens{w});
    n := Order(g);
    trivial := Product(perms{w}) ^ n;
    if trivial <> () and n * Length(w) <= 60 then
      return rec(hom := fail, broken := TK_TwoWords(perms,
        Concatenation(List([1 .. n], k -> w)), [], [1 .. degree]));
    fi;
  od;
  return rec(hom := fail,
    broken := rec(left := fail, right := fail, point := fail, images := fail));
end);

# The images of the points under the element number h.
BindGlobal("TK_ListedImages",
  {R, action, h} -> action.place{OnTuples(action.reps, TK_RightMultiplication(R, h))});

# Images of the given elements on the right cosets of H, numbered by breadth-first search.
BindGlobal("TK_CosetImages", function(R, H, elements)
  local T, n, raw, number, order, head, g, i, renumber, base;
  T := RightTransversal(R.group, H);
  n := Length(T);
  raw := List(R.gens, g -> List([1 .. n], i -> PositionCanonical(T, T[i] * g)));
  base := PositionCanonical(T, One(R.group));
  number := ListWithIdenticalEntries(n, 0);
  number[base] := 1;
  order := [base];
  head := 1;
  while head <= Length(order) do
    for g in raw do
      i := g[order[head]];
      if number[i] = 0 then
        Add(order, i);
        number[i] := Length(order);
      fi;
    od;
    head := head + 1;
  od;
  renumber := image -> List(order, i -> number[image[i]]);
  return rec(images := List(raw, renumber), base := 1, others := List(elements,
    g -> renumber(List([1 .. n], i -> PositionCanonical(T, T[i] * g)))));
end);

# The same for an orbit of an action by the generators' permutations: its points rising.
BindGlobal("TK_OrbitImages", function(R, hom, perms, point, elements)
  local group, orbit, place, restrict, H;
  group := Range(hom);
  orbit := Set(Orbit(group, point));
  place := [];
  place{orbit} := [1 .. Length(orbit)];
  restrict := p -> place{OnTuples(orbit, p)};
  H := Stabilizer(group, point);
  if not IsIdenticalObj(group, R.group) then
    H := PreImage(hom, H);
  fi;
  return rec(orbit := orbit, images := List(perms, restrict), base := place[point],
    others := List(elements, g -> restrict(Image(hom, g))), subgroup := H);
end);

# The characters of the simples that were given; the last ones are kept, questions about one
# group come in a row.
BindGlobal("TK_GivenSimples", function(R, simples)
  local values;
  if not IsBound(R.simples) or R.simples.given <> simples then
    values := List(simples.values, TK_CyclotomicFromLists);
    R.simples := rec(given := simples, rows := List(simples.rows, row -> values{row + 1}));
  fi;
  return R.simples.rows;
end);

BindGlobal("TK_SphericalTable", function(R, args, action, classes, gens)
  local rows, count, h, kept, orbits, columns, y, i, phi, table, index, total, hcounts, dims,
    values, support, at;
  rows := TK_GivenSimples(R, args.simples);
  count := Length(args.reps);
  h := Length(action.H);
  hcounts := TK_ClassCounts(classes, count, action.H);
  support := Filtered([1 .. count], c -> hcounts[c] <> 0);
  dims := List(rows, row -> row{support} * hcounts{support} / h);
  kept := Filtered([1 .. Length(rows)], i -> dims[i] <> 0);
  orbits := OrbitsPerms(List(gens, g -> PermList(TK_ListedImages(R, action, g))),
    [1 .. Length(action.reps)]);
  orbits := List(orbits, Set);
  Sort(orbits);
  # per double coset: how often each class meets H y
  columns := List(orbits, c -> ListWithIdenticalEntries(count, 0));
  at := [];
  at{List(orbits, c -> c[1])} := columns;
  for i in [1 .. Length(classes)] do
    y := action.place[i];
    if IsBound(at[y]) then
      at[y][classes[i]] := at[y][classes[i]] + 1;
    fi;
  od;
  total := Set(columns);
  support := List(total, counts -> Filtered([1 .. count], c -> counts[c] <> 0));
  table := List(kept, i -> List([1 .. Length(total)],
    j -> rows[i]{support[j]} * total[j]{support[j]} / (h * dims[i])));
  values := Set(Concatenation(table));
  index := v -> PositionSorted(values, v) - 1;
  table := List(table, row -> List(row, index));
  columns := List(columns, counts -> PositionSorted(total, counts));
  phi := List(table, row -> row{columns});
  return rec(sizes := List(orbits, c -> Length(c) * h), points := List(orbits, c -> c[1] - 1),
    dimensions := dims, kept := kept - 1, values := values, rows := phi,
    multiplicities := List([1 .. Length(rows)], i -> dims[i] / args.simples.ends[i]));
end);

BindGlobal("TK_ListedModule", function(R, args)
  local action, out, reps, gens, classes, perms, broken;
  TK_Enumerate(R);
  reps := List(args.reps, data -> TK_NumberOfData(R, data));
  if args.module.kind = "natural" then
    action := TK_ListedOrbit(R, R.natural, args.module.point + 1);
  elif args.module.kind = "images" then
    perms := TK_GivenPerms(args.module);
    broken := TK_ListedBroken(R, perms, args.module.point + 1);
    if broken <> fail then
      return rec(broken := broken);
    fi;
    action := TK_ListedOrbit(R, perms, args.module.point + 1);
  else
    action := TK_ListedCosets(R,
      List(args.module.subgroup, data -> TK_NumberOfData(R, data)));
  fi;
  gens := TK_FirstGenerators(R, action.H);
  out := rec(broken := fail, orbit := fail, base := action.base - 1,
    points := Length(action.reps),
    subgroup := List(gens, h -> TK_NumberToData(R, h)), subgroup_order := Length(action.H),
    counts := fail, images := fail, rep_images := fail, spherical := fail);
  if args.module.kind = "natural" then
    out.orbit := action.orbit - 1;
  fi;
  if args.images then
    out.images := action.images - 1;
  fi;
  if args.rep_images and Length(reps) > 0 then
    out.rep_images := List(reps, g -> TK_ListedImages(R, action, g)) - 1;
  fi;
  if Length(reps) > 0 then
    classes := TK_ClassNumbers(R, reps);
    out.counts := TK_ClassCounts(classes, Length(reps), action.H);
    if args.simples <> fail then
      out.spherical := TK_SphericalTable(R, args, action, classes, gens);
    fi;
  fi;
  return out;
end);

BindGlobal("TK_request_transitive_module", function(args)
  local R, G, H, action, out, reps, gens, perms, found;
  R := TK_Group(args.group);
  G := R.group;
  if args.module.kind = "natural" then
    TK_NaturalHomomorphism(R);
    if not args.module.point in [0 .. R.points - 1] then
      TK_NotAvailable(Concatenation("the points are 0 to ", String(R.points - 1), ", not ",
        String(args.module.point)));
    fi;
  fi;
  if TK_IsEnumerable(R) then
    return TK_ListedModule(R, args);
  fi;
  reps := List(args.reps, data -> TK_DataToElement(R, data));
  out := rec(broken := fail, orbit := fail, counts := fail, rep_images := fail, images := fail,
    spherical := fail);
  if args.module.kind = "natural" then
    action := TK_OrbitImages(R, TK_NaturalHomomorphism(R), R.natural, args.module.point + 1, reps);
    H := action.subgroup;
    out.orbit := action.orbit - 1;
    gens := GeneratorsOfGroup(H);
  elif args.module.kind = "images" then
    perms := TK_GivenPerms(args.module);
    found := TK_HomomorphismOrBroken(R, perms, Length(args.module.images[1]));
    if found.broken <> fail then
      return rec(broken := found.broken);
    fi;
    action := TK_OrbitImages(R, found.hom, perms, args.module.point + 1, reps);
    H := action.subgroup;
    gens := GeneratorsOfGroup(H);
  else
    gens := List(args.module.subgroup, data -> TK_DataToElement(R, data));
    H := Subgroup(G, gens);
    if Index(G, H) > 200000 then
      TK_NotAvailable(Concatenation("the subgroup has index ", String(Index(G, H)),
        "; coset spaces are listed up to 200000 points"));
    fi;
    action := TK_CosetImages(R, H, reps);
  fi;
  out.base := action.base - 1;
  out.points := Index(G, H);
  out.subgroup := List(gens, g -> TK_ElementToData(R, g));
  out.subgroup_order := Size(H);
  if args.images then
    out.images := action.images - 1;
  fi;
  if Length(reps) > 0 then
    out.rep_images := action.others - 1;
  fi;
  return out;
end);
