# Invariants of quotients, read off the characters of a group. Two groups with isomorphic tables and
# power maps have the same one; where only one group of an order has it, it names that group.
#
# A quotient G/N has the characters of G with N in the kernel. Sums over the elements of G/N are
# sums over the classes of G with their sizes, divided by |N|; so the classes of G/N need not be
# found. Classes and characters are coloured by numbers below a prime, which are changed a few times
# by the sums of the values times the colours, and those of classes by the colours of their powers.
# All numbers stay below 2^60.

BindGlobal("TK_FingerprintPrime", 16777213);

BindGlobal("TK_Mixed",
  colours -> List(colours, x -> (x * (x + 4021) + 977) mod TK_FingerprintPrime));

# A number for a cyclotomic integer.
BindGlobal("TK_ValueColour", function(value)
  local out, c;
  out := 1;
  for c in ExtRepOfObj(value) do
    out := (1009 * out + c) mod TK_FingerprintPrime;
  od;
  return (out * (out + 3571)) mod TK_FingerprintPrime;
end);

# The fingerprint of the quotient of a group with characters as of R.characters by the normal
# subgroup of the given order that the classes `kernel' make up.
BindGlobal("TK_QuotientFingerprint", function(R, kernel, order)
  local p, rows, colours, maps, classes, characters, i, m;
  p := TK_FingerprintPrime;
  rows := R.characters.rows;
  if not IsBound(R.colouredRows) then
    colours := List(R.characters.values, TK_ValueColour);
    R.colouredRows := List(rows, row -> colours{row});
  fi;
  rows := R.colouredRows{PositionsProperty(rows, row -> ForAll(kernel, c -> row[c] = row[1]))};
  maps := List(Union([2], PrimeDivisors(Size(R.group) / order)), q -> R.powerMaps[q]);
  characters := TK_Mixed(List(rows, row -> row[1]));
  classes := 0 * R.classSizes;
  for i in [1 .. 3] do
    classes := TK_Mixed((classes + characters * rows) mod p);
    for m in maps do
      classes := TK_Mixed((classes + 31 * classes{m}) mod p);
    od;
    m := List([1 .. Length(classes)], c -> classes[c] * R.classSizes[c]);
    characters := TK_Mixed(List(rows, row -> (row * m) / order mod p));
  od;
  return (Sum(m) / order + 7919 * Sum(characters)) mod 1000000007;
end);

# The id [order, number] of a quotient as above, fail if its fingerprint is not that of one group.
BindGlobal("TK_FingerprintedQuotient", function(R, kernel, order)
  local size, number;
  size := Size(R.group) / order;
  if size > Length(TK_Fingerprints) then
    return fail;
  fi;
  number := Position(TK_Fingerprints[size], TK_QuotientFingerprint(R, kernel, order));
  if number = fail then
    return fail;
  fi;
  return [size, number];
end);
