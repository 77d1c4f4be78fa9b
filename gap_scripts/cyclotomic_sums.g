# Sums of roots of unity, each exact and found once. For an exponent e the distinct cyclotomic
# integers that occurred have places, from 1; 0 is at place 1.
#
# TK_Sums(e) -> record
#   values   the cyclotomic integers
#   plus     per place a list: at a + 1 the place of the sum with E(e)^a, if it was asked for
#   roots    at a + 1 the place of E(e)^a

TK_SumsByExponent := rec();

BindGlobal("TK_PlaceOfSum", function(sums, value)
  local at;
  at := PositionSorted(sums.sorted, value);
  if at > Length(sums.sorted) or sums.sorted[at] <> value then
    Add(sums.values, value);
    Add(sums.plus, []);
    Add(sums.sorted, value, at);
    Add(sums.places, Length(sums.values), at);
  fi;
  return sums.places[at];
end);

BindGlobal("TK_Sums", function(e)
  local sums;
  if IsBound(TK_SumsByExponent.(e)) and Length(TK_SumsByExponent.(e).values) < 10000 then
    return TK_SumsByExponent.(e);
  fi;
  sums := rec(values := [], plus := [], sorted := [], places := [],
    powers := List([0 .. e - 1], a -> E(e) ^ a));
  TK_PlaceOfSum(sums, 0);
  sums.roots := List(sums.powers, z -> TK_PlaceOfSum(sums, z));
  TK_SumsByExponent.(e) := sums;
  return sums;
end);

# The place of the sum of the value at a place with E(e)^a.
BindGlobal("TK_PlusRoot", function(sums, place, a)
  local known;
  known := sums.plus[place];
  if not IsBound(known[a + 1]) then
    known[a + 1] := TK_PlaceOfSum(sums, sums.values[place] + sums.powers[a + 1]);
  fi;
  return known[a + 1];
end);
