# transitive_module: the G-set G/H, or an orbit of the natural action, and its spherical table.
# Version 1.
#
# Argument
#   group
#   module     {kind: "coset", subgroup: generators as data} or {kind: "natural", point: 0-based}
#   reps       per class of elements an element as data (may be empty: no table at hand)
#   simples    {values: cyclotomics, rows: per real simple indices into values, ends: per simple
#              1, 2 or 4} or null: then no spherical table is made
#   images     whether the generators' images are wanted
#   rep_images whether those of the class representatives are wanted for any group
# Result
#   points     n; the points of a coset space are numbered by breadth-first search from H in the
#              order of the generators, those of a natural orbit in their own order
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
# Theory: theory.md section 4; phi_L(g) = sum over h in H of chi_L(g h) / (|H| dim L^H).

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

BindGlobal("TK_ListedOrbit", function(R, point)
  local orbit, names, place, x, reps;
  place := [point];
  for x in [2 .. Length(R.words)] do
    place[x] := place[R.parent[x]] ^ R.natural[R.via[x]];
  od;
  orbit := Set(place);
  names := [];
  names{orbit} := [1 .. Length(orbit)];
  place := names{place};
  reps := [];
  for x in [Length(place), Length(place) - 1 .. 1] do
    reps[place[x]] := x;
  od;
  return rec(place := place, reps := reps,
    images := List(R.natural, p -> names{OnTuples(orbit, p)}),
    base := names[point], orbit := orbit, H := Positions(place, names[point]));
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

# The same for an orbit of the natural action: its points rising.
BindGlobal("TK_OrbitImages", function(R, point, elements)
  local hom, group, orbit, place, restrict, H;
  hom := TK_NaturalHomomorphism(R);
  group := Range(hom);
  orbit := Set(Orbit(group, point));
  place := [];
  place{orbit} := [1 .. Length(orbit)];
  restrict := p -> place{OnTuples(orbit, p)};
  H := Stabilizer(group, point);
  if not IsIdenticalObj(group, R.group) then
    H := PreImage(hom, H);
  fi;
  return rec(orbit := orbit, images := List(R.natural, restrict), base := place[point],
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
  local action, out, reps, gens, classes;
  TK_Enumerate(R);
  reps := List(args.reps, data -> TK_NumberOfData(R, data));
  if args.module.kind = "natural" then
    action := TK_ListedOrbit(R, args.module.point + 1);
  else
    action := TK_ListedCosets(R,
      List(args.module.subgroup, data -> TK_NumberOfData(R, data)));
  fi;
  gens := TK_FirstGenerators(R, action.H);
  out := rec(orbit := fail, base := action.base - 1, points := Length(action.reps),
    subgroup := List(gens, h -> TK_NumberToData(R, h)), subgroup_order := Length(action.H),
    counts := fail, images := fail, rep_images := fail, spherical := fail);
  if IsBound(action.orbit) then
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
  local R, G, H, action, out, reps, gens;
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
  out := rec(orbit := fail, counts := fail, rep_images := fail, images := fail,
    spherical := fail);
  if args.module.kind = "natural" then
    action := TK_OrbitImages(R, args.module.point + 1, reps);
    H := action.subgroup;
    out.orbit := action.orbit - 1;
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
