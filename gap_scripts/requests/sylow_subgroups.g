# sylow_subgroups: one Sylow subgroup for each prime that divides the order, with its normaliser.
# Cost: cheap for permutation groups of moderate degree and for pc groups.
#
# Argument {group}.
# Result: list, per prime, rising, {prime, order, count: how many there are, generators: elements as
#   data, name: text or null, normaliser_order, normaliser_name: text or null} (names: names.g).
BindGlobal("TK_request_sylow_subgroups", function(args)
  local R, G, out, p, P, N;
  R := TK_Group(args.group);
  G := R.group;
  out := [];
  for p in PrimeDivisors(Size(G)) do
    P := SylowSubgroup(G, p);
    N := Normalizer(G, P);
    Add(out, rec(prime := p, order := Size(P), count := Index(G, N),
      generators := TK_GeneratorsToData(R, P), name := TK_StructureName(P),
      normaliser_order := Size(N), normaliser_name := TK_StructureName(N)));
  od;
  return out;
end);
