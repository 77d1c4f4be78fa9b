# The Hecke (centraliser) algebra of a transitive G-set from its intersection numbers: simples
# without a character table, the second route in the text of toolkit.modules. Here: the roots of
# the equation of a generator of its centre, which lie in real abelian number fields, as
# cyclotomics.
#
# For a monic integral irreducible f of degree d > 2 with root x in the abelian field K = Q[x]/f:
#   1. K lies in the field of N-th roots of unity: N from the primes that may ramify, made smaller
#      as long as the primes that are 1 modulo N split;
#   2. for a prime q that does not divide the discriminant, the Frobenius automorphism of its
#      class modulo N takes x to x^q modulo q: Newton's method and rational reconstruction make it
#      exact, and a few q give all automorphisms;
#   3. traces of roots of unity span K; modulo a power of a prime p = 1 mod N the coordinates of x
#      solve linear equations, and rational reconstruction makes them exact.
# The result is checked: f vanishes on it.

# N for a field of degree d whose discriminant divides disc: the primes dividing it, with the
# exponents that ramification of the degree allows.
BindGlobal("TK_ConductorBound", function(d, disc)
  local n, p, e, r;
  n := 1;
  for p in PrimeDivisors(disc) do
    e := 0;
    r := d;
    while r mod p = 0 do
      r := r / p;
      e := e + 1;
    od;
    if p = 2 and e > 0 then
      n := n * 2 ^ (e + 2);
    elif p > 2 and e > 0 then
      n := n * p ^ (e + 1);
    elif Gcd(p - 1, d) > 1 then
      n := n * p;
    fi;
  od;
  return n;
end);

# Elements of Q[x]/f are lists of d coefficients; powers: those of the companion matrix.
BindGlobal("TK_FieldTimes", {powers, u, v} -> Sum([1 .. Length(u)], i -> u[i] * (v * powers[i])));

# The power x^q modulo q.
BindGlobal("TK_PowerOfRoot", function(powers, q)
  local g, bit;
  g := powers[1][1];
  for bit in Reversed(CoefficientsQadic(q, 2)) do
    g := TK_FieldTimes(powers, g, g) mod q;
    if bit = 1 then
      g := TK_FieldTimes(powers, g, powers[2][1]) mod q;
    fi;
  od;
  return g;
end);

# The least N for which the first primes that are 1 modulo N split in K.
BindGlobal("TK_Conductor", function(N, powers, disc)
  local splits, p;
  splits := function(N)
    local q, found;
    q := 1;
    found := 0;
    while found < 16 do
      q := q + N;
      if IsPrimeInt(q) and Gcd(q, disc) = 1 then
        if TK_PowerOfRoot(powers, q) <> powers[2][1] then
          return false;
        fi;
        found := found + 1;
      fi;
    od;
    return true;
  end;
  for p in PrimeDivisors(N) do
    while N mod p = 0 and splits(N / p) do
      N := N / p;
    od;
  od;
  return N;
end);

# The value of a polynomial (coefficients, lowest first) at an element, modulo m if m > 0.
BindGlobal("TK_FieldValue", function(powers, polynomial, u, m)
  local out, i;
  out := 0 * u;
  for i in [Length(polynomial), Length(polynomial) - 1 .. 1] do
    out := TK_FieldTimes(powers, out, u);
    out[1] := out[1] + polynomial[i];
    if m > 0 then
      out := List(out, c -> c mod m);
    fi;
  od;
  return out;
end);

# The rational a / b with a, b < sqrt(m / 2) that is r modulo m, or fail.
BindGlobal("TK_RationalFromResidue", function(r, m)
  local a, b, s, t, q, bound;
  bound := RootInt(QuoInt(m, 2));
  a := m;
  b := r mod m;
  s := 0;
  t := 1;
  while b > bound do
    q := QuoInt(a, b);
    a := a - q * b;
    s := s - q * t;
    q := a;
    a := b;
    b := q;
    q := s;
    s := t;
    t := q;
  od;
  if AbsInt(t) > bound or Gcd(t, m) > 1 then
    return fail;
  fi;
  return b / t;
end);

# The automorphism with x -> x^q modulo q, as the image of x; fail if there is none.
BindGlobal("TK_FrobeniusImage", function(powers, f, derivative, q)
  local g, v, m, exact, e, two;
  g := TK_PowerOfRoot(powers, q);
  # one over the derivative at x, exact, then at g
  v := Sum([1 .. Length(derivative)], i -> derivative[i] * powers[i]);
  v := TK_FieldValue(powers, List((v ^ -1)[1], c -> c mod q), g, q);
  two := 2 * powers[1][1];
  m := q;
  for e in [1 .. 12] do
    m := m ^ 2;
    g := (g - TK_FieldTimes(powers, TK_FieldValue(powers, f, g, m), v)) mod m;
    v := TK_FieldTimes(powers, v,
      two - TK_FieldTimes(powers, TK_FieldValue(powers, derivative, g, m), v)) mod m;
    exact := List(g, c -> TK_RationalFromResidue(c, m));
    if not fail in exact and IsZero(TK_FieldValue(powers, f, exact, 0)) then
      return exact;
    fi;
  od;
  return fail;
end);

# Per class modulo N prime to N, the image of x under its automorphism; fail if K is not abelian
# of conductor dividing N.
BindGlobal("TK_Automorphisms", function(powers, f, derivative, N, disc)
  local classes, images, q, a, g, open, b, c, gens, h;
  classes := PrimeResidues(N);
  images := [];
  images[1 mod N + 1] := powers[2][1];
  gens := [];
  q := 1;
  while Number(images) < Length(classes) do
    q := NextPrimeInt(q);
    a := q mod N;
    if Gcd(q, N * disc) = 1 and not IsBound(images[a + 1]) then
      g := TK_FrobeniusImage(powers, f, derivative, q);
      if g = fail then
        return fail;
      fi;
      Add(gens, [a, g]);
      open := Filtered(classes, b -> IsBound(images[b + 1]));
      while Length(open) > 0 do
        b := Remove(open);
        for h in gens do
          c := b * h[1] mod N;
          if not IsBound(images[c + 1]) then
            images[c + 1] := TK_FieldValue(powers, images[b + 1], h[2], 0);
            Add(open, c);
          fi;
        od;
      od;
    fi;
  od;
  return images;
end);

# x as a combination of the traces of E(N)^k, by residues modulo a power of p = 1 mod N; fail if
# p does not serve.
BindGlobal("TK_RootByTraces", function(f, N, H, cosets, images, p)
  local d, field, root, zeta, m, e, matrix, chosen, k, row, inverse, target, c, alpha, identity,
    derivative, v;
  d := Length(cosets);
  field := GF(p);
  root := First([0 .. p - 1], r -> ValuePol(f, r) mod p = 0);
  if root = fail then
    return fail;
  fi;
  zeta := PowerModInt(PrimitiveRootMod(p), (p - 1) / N, p);
  matrix := [];
  chosen := [];
  for k in [1 .. N] do
    row := List(cosets, b -> Sum(H, h -> PowerModInt(zeta, b * k * h mod N, p)));
    if Length(matrix) < d and RankMat(Concatenation(matrix, [row]) * One(field)) > Length(matrix)
        then
      Add(matrix, row);
      Add(chosen, k);
    fi;
  od;
  if Length(matrix) < d then
    return fail;
  fi;
  inverse := List((matrix * One(field)) ^ -1, r -> List(r, IntFFE));
  identity := IdentityMat(d);
  derivative := List([1 .. d], i -> i * f[i + 1]);
  v := ValuePol(derivative, root) ^ -1 mod p;
  m := p;
  for e in [1 .. 12] do
    m := m ^ 2;
    root := (root - ValuePol(f, root) * v) mod m;
    v := v * (2 - ValuePol(derivative, root) * v) mod m;
    zeta := PowerModInt(zeta, m / RootInt(m), m);
    matrix := List(chosen,
      k -> List(cosets, b -> Sum(H, h -> PowerModInt(zeta, b * k * h mod N, m))));
    inverse := inverse * (2 * identity - matrix * inverse) mod m;
    target := List(cosets, b -> Sum([1 .. d],
      i -> (NumeratorRat(images[b + 1][i]) / DenominatorRat(images[b + 1][i]) mod m)
        * PowerModInt(root, i - 1, m)));
    c := List(target * inverse, r -> TK_RationalFromResidue(r, m));
    if not fail in c then
      alpha := Sum([1 .. d], i -> c[i] * Sum(H, h -> E(N) ^ (chosen[i] * h mod N)));
      if IsZero(ValuePol(f, alpha)) then
        return alpha;
      fi;
    fi;
  od;
  return fail;
end);

# All roots of an irreducible monic rational polynomial, as cyclotomics.
BindGlobal("TK_CyclotomicRoots", function(polynomial)
  local f, d, disc, s, companion, powers, i, N, images, H, cosets, b, p, tries, root, other,
    beyond;
  f := CoefficientsOfUnivariatePolynomial(polynomial);
  f := f / f[Length(f)];
  d := Length(f) - 1;
  if d = 1 then
    return [-f[1]];
  elif d = 2 then
    s := Sqrt(f[2] ^ 2 - 4 * f[1]);
    return [(-f[2] + s) / 2, (-f[2] - s) / 2];
  elif d > 16 then
    TK_NotAvailable(Concatenation("its spherical functions have irrationalities of degree ",
      String(d), ", and the second route finds those of degree 16 at most"));
  fi;
  companion := TransposedMat(CompanionMat(polynomial));
  powers := [IdentityMat(d)];
  for i in [2 .. d] do
    powers[i] := powers[i - 1] * companion;
  od;
  # discriminants of equations of several generators: what divides all of them may ramify
  disc := 0;
  for i in [0 .. 5] do
    other := CharacteristicPolynomial(companion + i * companion ^ 2 + QuoInt(i, 3) * companion ^ 3);
    disc := Gcd(disc, Discriminant(other));
  od;
  N := TK_Conductor(TK_ConductorBound(d, disc), powers, Discriminant(polynomial));
  if Phi(N) > 1000 then
    TK_NotAvailable(Concatenation("its spherical functions have irrationalities of degree ",
      String(d), " of too large a conductor"));
  fi;
  beyond := "its spherical functions have irrationalities that were not found as cyclotomics";
  images := TK_Automorphisms(powers, f, List([1 .. d], i -> i * f[i + 1]), N,
    Discriminant(polynomial));
  if images = fail then
    TK_NotAvailable(beyond);
  fi;
  H := Filtered(PrimeResidues(N), b -> images[b + 1] = powers[2][1]);
  cosets := [];
  for b in PrimeResidues(N) do
    if ForAll(cosets, c -> images[c + 1] <> images[b + 1]) then
      Add(cosets, b);
    fi;
  od;
  if Length(cosets) <> d then
    TK_NotAvailable(beyond);
  fi;
  p := 1 + N * QuoInt(1000, N);
  for tries in [1 .. 20] do
    repeat
      p := p + N;
    until IsPrimeInt(p) and Gcd(p, Discriminant(polynomial)) = 1;
    root := TK_RootByTraces(f, N, H, cosets, images, p);
    if root <> fail then
      return List(cosets, b -> GaloisCyc(root, b));
    fi;
  od;
  TK_NotAvailable(beyond);
end);

# The primitive idempotents of a commutative subalgebra of the orbital algebra, as combinations of
# the orbitals, which it splits into over the complex numbers.
#
# constants: [i][j][k] = number of z with (x, z) in orbital i and (z, y) in orbital j for (x, y) in
# orbital k; basis: of the subalgebra, as combinations of the orbitals. Its elements must have
# eigenvalues in abelian number fields.
BindGlobal("TK_Idempotents", function(constants, basis)
  local r, s, x, seed, weights, z, powers, i, f, root, q, value, out;
  r := Length(constants);
  s := Length(basis);
  x := Indeterminate(Rationals, 1);
  seed := 0;
  repeat
    seed := seed + 1;
    if seed > 50 then
      TK_NotAvailable("no element of its orbital algebra was found that splits the centre");
    fi;
    # small at first; without pattern, for centres with many rational characters
    weights := List([1 .. s], i -> PowerModInt(3, 7 * i * seed + i ^ 2, 65537) mod (s + seed ^ 2));
    z := weights * basis;
    powers := [[1]];
    Append(powers[1], ListWithIdenticalEntries(r - 1, 0));
    # the matrix of a -> a z
    z := List([1 .. r], i -> z * constants[i]);
    for i in [1 .. s] do
      Add(powers, powers[i] * z);
    od;
  until RankMat(powers{[1 .. s]} * One(GF(65521))) = s;
  f := x ^ s - SolutionMat(powers{[1 .. s]}, powers[s + 1]) * List([0 .. s - 1], i -> x ^ i);
  out := [];
  for root in Concatenation(List(Factors(f), TK_CyclotomicRoots)) do
    # f / (x - root) by Horner's rule, its value at z over its value at the root
    q := ShallowCopy(CoefficientsOfUnivariatePolynomial(f){[2 .. s + 1]});
    for i in [s - 1, s - 2 .. 1] do
      q[i] := q[i] + root * q[i + 1];
    od;
    value := Sum([1 .. s], i -> q[i] * root ^ (i - 1));
    Add(out, q * powers{[1 .. s]} / value);
  od;
  return out;
end);
