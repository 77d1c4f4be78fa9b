# natural_action: the action that came with the group's name. Cost: none.
# Argument {group}. Result {points: integer, images: per generator the 0-based images}.
BindGlobal("TK_request_natural_action", function(args)
  local R;
  R := TK_Group(args.group);
  TK_NaturalHomomorphism(R);
  return rec(points := R.points, images := List(R.natural, p -> TK_PermToImages(p, R.points)));
end);
