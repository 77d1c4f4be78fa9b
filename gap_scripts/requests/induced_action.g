# induced_action: the G-set X x_H G induced from an H-set X, for an embedding of H in G.
#
# Argument
#   group      a description of G (toolkit/groups/specs)
#   subgroup   a description of H
#   embedding  per generator of H its image in G, as data
#   images     per generator of H the 0-based images of the points of X
#   points     |X|
# Result
#   broken     null, or the clause that says what is wrong, and then nothing else
#   index      |G:H|; cosets are numbered by breadth-first search from H in the order of the
#              generators of G
#   images     per generator of G the 0-based images; point x over coset c has number c |X| + x
# Cost: |G:H| elements of H per generator of G are written in the generators of H.
#
# With representatives t_c, t_1 = 1: (x, c) g = (x h, c g) for t_c g = h t_(c g).
BindGlobal("TK_request_induced_action", function(args)
  local R, S, H, given, perms, action, T, n, number, reps, head, images, i, j, e, h, row, m;
  R := TK_Construct(args.group);
  S := TK_Construct(args.subgroup);
  m := args.points;
  given := List(args.embedding, data -> TK_DataToElement(R, data));
  perms := List(args.images, TK_ImagesToPerm);
  if GroupHomomorphismByImages(S.group, R.group, S.gens, given) = fail then
    return rec(broken := "the elements given break a relation of the generators of H");
  fi;
  H := SubgroupNC(R.group, given);
  if Size(H) < Size(S.group) then
    return rec(broken := "the map from H to G is not injective");
  fi;
  action := GroupHomomorphismByImages(H, GroupWithGenerators(perms, ()), given, perms);
  if action = fail then
    return rec(broken := "the images on the points are no action of H");
  fi;
  if Index(R.group, H) * m > 200000 then
    TK_NotAvailable(Concatenation("the induced module has ", String(Index(R.group, H) * m),
      " points; they are listed up to 200000"));
  fi;
  T := RightTransversal(R.group, H);
  n := Length(T);
  number := ListWithIdenticalEntries(n, 0);
  reps := [One(R.group)];
  number[PositionCanonical(T, reps[1])] := 1;
  images := List(R.gens, g -> []);
  head := 1;
  while head <= Length(reps) do
    for i in [1 .. Length(R.gens)] do
      e := reps[head] * R.gens[i];
      j := PositionCanonical(T, e);
      if number[j] = 0 then
        Add(reps, e);
        number[j] := Length(reps);
      fi;
      j := number[j];
      h := Image(action, e / reps[j]);
      row := images[i];
      Append(row, List([1 .. m], x -> (j - 1) * m + x ^ h - 1));
    od;
    head := head + 1;
  od;
  return rec(broken := fail, index := n, images := images);
end);
