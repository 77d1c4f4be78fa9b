# quotient_names: names of factor groups.
# Cost: a factor group and an identification (IdGroup) for each; see names.g.
#
# Argument {group, subgroups: per normal subgroup its generators as data}.
# Result: list of texts for G/N, null where no name is within reach.
BindGlobal("TK_request_quotient_names", function(args)
  local R;
  R := TK_Group(args.group);
  return List(args.subgroups, function(gens)
    local N;
    N := TK_SubgroupFromData(R, gens);
    if Size(N) = 1 then
      return TK_StructureName(R.group);
    elif not IsNormal(R.group, N) then
      TK_NotAvailable("a subgroup that was given is not normal");
    fi;
    return TK_StructureName(FactorGroupNC(R.group, N));
  end);
end);
