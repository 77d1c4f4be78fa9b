# subgroup_names: names of subgroups.
# Cost: an identification (IdGroup) for each, seconds for hundreds; see names.g.
#
# Argument {group, subgroups: per subgroup its generators as data}.
# Result: list of texts, null where no name is within reach.
BindGlobal("TK_request_subgroup_names", function(args)
  local R;
  R := TK_Group(args.group);
  return List(args.subgroups, gens -> TK_StructureName(TK_SubgroupFromData(R, gens)));
end);
