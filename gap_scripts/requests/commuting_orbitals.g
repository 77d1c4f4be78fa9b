# commuting_orbitals: the eigenvalues of the orbitals of a transitive G-set, if they commute.
#
# Argument {constants, paired, points: as in orbital_algebra.g}
# Result
#   values        the distinct eigenvalues, cyclotomics
#   dimensions    per common eigenspace its dimension
#   rows          per common eigenspace, per orbital an index into values
# Cost: as that of orbital_algebra.g.
#
# With the idempotent e of an eigenspace, orbital i of valency v_i has there the complex conjugate
# of the eigenvalue v_i e_i / e_0.
BindGlobal("TK_request_commuting_orbitals", function(args)
  local r, valencies, found, rows, values;
  r := Length(args.paired);
  valencies := List([1 .. r], i -> args.constants[i][args.paired[i] + 1][1]);
  found := TK_Idempotents(args.constants, IdentityMat(r));
  rows := List(found, e -> List([1 .. r], i -> ComplexConjugate(valencies[i] * e[i] / e[1])));
  values := Set(Concatenation(rows));
  return rec(values := values, dimensions := List(found, e -> args.points * e[1]),
    rows := List(rows, row -> List(row, v -> PositionSorted(values, v) - 1)));
end);
