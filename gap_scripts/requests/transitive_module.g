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
#   subgroup   generators of H as data
#   subgroup_order
#   counts     per class, how many of its elements lie in H; null for a group too large to list
#   images     per generator 0-based images (i -> i^g), or null
#   rep_images the same for the class representatives, if asked for or the group is too large to
#              list; else null
#   spherical  null, or {sizes: |HgH| per double coset, points: first point of its suborbit,
#              multiplicities: per simple, dimensions: per simple dim L^H, values,
#              rows: per simple with L^H <> 0 indices into values}
# Theory: toolkit/modules/__init__.py; phi_L(g) = sum over h in H of chi_L(g h) / (|H| dim L^H).
BindGlobal("TK_CyclotomicFromLists", function(data)
  if IsInt(data) then
    return data;
  fi;
  return Sum(data[2], t -> t[2] / t[3] * E(data[1]) ^ t[1]);
end);

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
  return rec(images := List(raw, renumber), transversal := List(order, i -> T[i]),
    others := List(elements,
      g -> renumber(List([1 .. n], i -> PositionCanonical(T, T[i] * g)))));
end);

# The same for an orbit of the natural action: its points rising.
BindGlobal("TK_OrbitImages", function(R, hom, point, elements)
  local group, orbit, place, restrict, transversal;
  group := Image(hom);
  if IsPermGroup(R.group) and R.natural = R.gens then
    group := R.group;
  fi;
  orbit := Set(Orbit(group, point));
  place := [];
  place{orbit} := [1 .. Length(orbit)];
  restrict := p -> List(orbit, x -> place[x ^ p]);
  return rec(orbit := orbit, group := group, images := List(R.natural, restrict),
    others := List(elements, g -> restrict(Image(hom, g))), base := place[point]);
end);

BindGlobal("TK_SphericalTable", function(R, args, H, action, base, numbers)
  local simples, values, rows, fixed, kept, hList, hImages, orbits, columns, c, counts, y, phi,
    table, index, total, hcounts, dims;
  values := List(args.simples.values, TK_CyclotomicFromLists);
  rows := List(args.simples.rows, row -> values{row + 1});
  hList := AsList(H);
  hcounts := TK_ClassCounts(R, numbers, Length(args.reps), hList);
  dims := List(rows, row -> row * hcounts / Size(H));
  kept := Filtered([1 .. Length(rows)], i -> dims[i] <> 0);
  hImages := action.hImages;
  orbits := OrbitsDomain(GroupWithGenerators(hImages, ()), [1 .. Index(R.group, H)]);
  orbits := List(orbits, Set);
  Sort(orbits);
  columns := [];
  for c in orbits do
    y := action.element(c[1]);
    counts := TK_ClassCounts(R, numbers, Length(args.reps), List(hList, h -> h * y));
    Add(columns, counts);
  od;
  total := Set(columns);
  table := List(kept, i -> List(total, counts -> rows[i] * counts / (Size(H) * dims[i])));
  phi := List(table, row -> List(columns, counts -> row[PositionSorted(total, counts)]));
  values := Set(Concatenation(phi));
  index := v -> PositionSorted(values, v) - 1;
  return rec(sizes := List(orbits, c -> Length(c) * Size(H)),
    points := List(orbits, c -> c[1] - 1), dimensions := dims,
    multiplicities := List([1 .. Length(rows)], i -> dims[i] / args.simples.ends[i]),
    values := values, rows := List(phi, row -> List(row, index)), kept := kept - 1);
end);

BindGlobal("TK_request_transitive_module", function(args)
  local R, G, H, reps, hom, action, out, numbers, enumerable, wanted, n, hElements;
  R := TK_Group(args.group);
  G := R.group;
  reps := TK_GivenReps(R, args);
  enumerable := TK_IsEnumerable(R);
  wanted := [];
  if args.rep_images or not enumerable then
    wanted := reps;
  fi;
  out := rec(orbit := fail, counts := fail, rep_images := fail, images := fail,
    spherical := fail);
  if args.module.kind = "natural" then
    hom := TK_NaturalHomomorphism(R);
    action := TK_OrbitImages(R, hom, args.module.point + 1, wanted);
    H := Stabilizer(action.group, args.module.point + 1);
    if not IsIdenticalObj(action.group, G) then
      H := PreImage(hom, H);
    fi;
    out.orbit := action.orbit - 1;
    out.base := action.base - 1;
  else
    hElements := List(args.module.subgroup, data -> TK_DataToElement(R, data));
    H := SubgroupNC(G, hElements);
    if Index(G, H) > 200000 then
      TK_NotAvailable(Concatenation("the subgroup has index ", String(Index(G, H)),
        "; coset spaces are listed up to 200000 points"));
    fi;
    action := TK_CosetImages(R, H, wanted);
    out.base := 0;
  fi;
  n := Index(G, H);
  out.points := n;
  out.subgroup := List(SmallGeneratingSet(H), g -> TK_ElementToData(R, g));
  out.subgroup_order := Size(H);
  if args.images then
    out.images := action.images - 1;
  fi;
  if Length(wanted) > 0 then
    out.rep_images := action.others - 1;
  fi;
  if not enumerable or Length(reps) = 0 then
    return out;
  fi;
  numbers := TK_ClassNumbers(R, reps);
  out.counts := TK_ClassCounts(R, numbers, Length(reps), AsList(H));
  if args.simples <> fail then
    if args.module.kind = "natural" then
      action.hImages := List(GeneratorsOfGroup(H), h -> PermList(List(action.orbit,
        x -> Position(action.orbit, x ^ Image(hom, h)))));
      action.element := y -> PreImagesRepresentative(hom,
        RepresentativeAction(action.group, args.module.point + 1, action.orbit[y]));
    else
      action.hImages := List(GeneratorsOfGroup(H),
        h -> PermList(List(action.transversal, t -> PositionProperty(action.transversal,
          s -> t * h * s ^ -1 in H))));
      action.element := y -> action.transversal[y];
    fi;
    out.spherical := TK_SphericalTable(R, args, H, action, out.base + 1, numbers);
  fi;
  return out;
end);
