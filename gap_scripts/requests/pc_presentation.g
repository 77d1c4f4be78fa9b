# pc_presentation: the power-conjugate presentation behind elements written as words f1*f2^2.
# Cost: none.
#
# Argument {group}: a pc group; for others not available.
# Result {orders: relative orders, powers: per generator the exponents of f_i^(order i),
#   conjugates: list of [i, j, exponents of f_j^(f_i) = f_i^-1 f_j f_i], 0-based, i < j, where f_i
#   and f_j do not commute}.
BindGlobal("TK_request_pc_presentation", function(args)
  local R, pcgs, orders, i, j, conjugates;
  R := TK_Group(args.group);
  if IsPermGroup(R.group) then
    TK_NotAvailable("the elements of this group are permutations, not words in f1, f2, ...");
  fi;
  pcgs := FamilyPcgs(R.group);
  orders := RelativeOrders(pcgs);
  conjugates := [];
  for i in [1 .. Length(pcgs)] do
    for j in [i + 1 .. Length(pcgs)] do
      if pcgs[j] ^ pcgs[i] <> pcgs[j] then
        Add(conjugates, [i - 1, j - 1, ExponentsOfPcElement(pcgs, pcgs[j] ^ pcgs[i])]);
      fi;
    od;
  od;
  return rec(orders := orders,
    powers := List([1 .. Length(pcgs)],
      i -> ExponentsOfPcElement(pcgs, pcgs[i] ^ orders[i])), conjugates := conjugates);
end);
