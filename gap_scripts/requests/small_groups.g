# small_groups: how many groups there are of given orders in the small groups library.
# Cost: none.
#
# Argument {orders: positive integers}. Result {counts: per order their number, or null where the
#   library does not hold them}.
BindGlobal("TK_request_small_groups", function(args)
  return rec(counts := List(args.orders, function(n)
    if SmallGroupsAvailable(n) then
      return NumberSmallGroups(n);
    fi;
    return fail;
  end));
end);
