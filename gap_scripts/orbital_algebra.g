# The orbital algebra of a transitive G-set from its intersection numbers: simples without a
# character table (toolkit/modules/__init__.py, second route).

# Candidates for the conductor of a real abelian field of degree d whose equation has
# discriminant disc: primes dividing disc, with the exponents that ramification allows.
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
    if p = 2 then
      n := n * 2 ^ (e + 2);
    elif e > 0 then
      n := n * p ^ (e + 1);
    elif Gcd(p - 1, d) > 1 then
      n := n * p;
    fi;
  od;
  return n;
end);

# All roots of an irreducible rational polynomial, as cyclotomics.
BindGlobal("TK_CyclotomicRoots", function(f)
  local c, d, disc, s, n, factors;
  c := CoefficientsOfUnivariatePolynomial(f);
  d := Length(c) - 1;
  if d = 1 then
    return [-c[1] / c[2]];
  elif d = 2 then
    disc := c[2] ^ 2 - 4 * c[1] * c[3];
    s := Sqrt(disc);
    return [(-c[2] + s) / (2 * c[3]), (-c[2] - s) / (2 * c[3])];
  elif d > 6 then
    TK_NotAvailable(Concatenation("its spherical functions have irrationalities of degree ",
      String(d), ", which the second route finds up to degree 6"));
  fi;
  f := f * Lcm(List(c, DenominatorRat));
  disc := NumeratorRat(Discriminant(f)) * DenominatorRat(Discriminant(f));
  n := TK_ConductorBound(d, AbsInt(disc));
  if Phi(n) > 300 then
    TK_NotAvailable("its spherical functions have irrationalities of too large a conductor");
  fi;
  factors := Factors(PolynomialRing(CF(n)), f);
  if ForAny(factors, g -> Degree(g) <> 1) then
    TK_NotAvailable("its spherical functions have irrationalities that were not found");
  fi;
  factors := List(factors, CoefficientsOfUnivariatePolynomial);
  return List(factors, g -> -g[1] / g[2]);
end);
