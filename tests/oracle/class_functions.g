# GAP's own answers about class functions, for tests/oracle/test_class_functions.py.
#
# Argument
#   group, reps   a group, and per class of elements, in the toolkit's order, an element as data
#   functions     class functions, per class a cyclotomic [conductor, terms]
#   characters    how many of the functions, from the first on, are irreducible characters
#   k             an integer prime to the group's order
#   subgroup      {group, reps, images: per generator of it its image in the group, as data}
# Result: record of lists of class functions and numbers; all class functions in the order of reps.
BindGlobal("TK_request_class_function_oracle", function(args)
  local R, tbl, classes, reps, place, back, functions, chars, show, out, S, hom, tblH,
    reps_H, place_H, show_H;
  R := TK_Construct(args.group);
  tbl := CharacterTable(R.group);
  classes := ConjugacyClasses(tbl);
  reps := List(args.reps, data -> TK_DataToElement(R, data));
  # per class of the toolkit GAP's number, and per number of GAP's the toolkit's class
  place := List(reps, g -> PositionProperty(classes, c -> g in c));
  back := List([1 .. Length(place)], i -> Position(place, i));
  show := f -> List(place, c -> f[c]);
  functions := List(args.functions, row -> ClassFunction(tbl,
    List(back, i -> TK_CyclotomicFromLists(row[i]))));
  chars := functions{[1 .. args.characters]};
  if not ForAll(chars, f -> f in Irr(tbl)) then
    Error("rows that are no irreducible characters");
  fi;
  out := rec();
  out.inner := List(functions, f -> List(functions, h -> ScalarProduct(tbl, f, h)));
  out.products := List(functions, f -> show(f * functions[1]));
  out.symmetric := List([2, 3, 4], n -> List(SymmetricParts(tbl, chars, n), show));
  out.exterior := List([2, 3, 4], n -> List(AntiSymmetricParts(tbl, chars, n), show));
  # partitions [2, 1] and so on in GAP's order of the characters of S3
  out.partitions := List(CharacterParameters(CharacterTable("Symmetric", 3)), x -> x[2]);
  out.schur := List(Symmetrizations(tbl, chars, 3), show);
  out.minus := List([2, 3, 5], p -> List(chars,
    chi -> show(MinusCharacter(chi, PowerMap(tbl, p), p))));
  out.indicators := List([2, 3, 4, 5, 6], n -> Indicator(tbl, chars, n));
  out.galois := List(functions, f -> show(List(f, v -> GaloisCyc(v, args.k))));
  out.determinants := List(chars, chi -> show(DeterminantOfCharacter(chi)));
  out.fields := List(functions, function(f)
    local F;
    F := Field(Rationals, ValuesOfClassFunction(f));
    return [Conductor(F), DegreeOverPrimeField(F)];
  end);
  out.kernels := List(chars, chi -> Set(ClassPositionsOfKernel(chi), c -> back[c] - 1));
  out.centres := List(chars, chi -> Set(ClassPositionsOfCentre(chi), c -> back[c] - 1));
  # GAP lists E(n)^1, ..., E(n)^n
  out.eigenvalues := List(chars, chi -> List(place, c -> EigenvaluesChar(tbl, chi, c)));
  out.virtual := List(functions, f -> ForAll(Irr(tbl), x -> IsInt(ScalarProduct(tbl, f, x))));

  S := TK_Construct(args.subgroup.group);
  hom := GroupHomomorphismByImagesNC(S.group, R.group, S.gens,
    List(args.subgroup.images, data -> TK_DataToElement(R, data)));
  tblH := CharacterTable(Image(hom));
  reps_H := List(args.subgroup.reps, data -> Image(hom, TK_DataToElement(S, data)));
  place_H := List(reps_H, g -> PositionProperty(ConjugacyClasses(tblH), c -> g in c));
  show_H := f -> List(place_H, c -> f[c]);
  FusionConjugacyClasses(tblH, tbl);
  out.restricted := List(functions, f -> show_H(RestrictedClassFunction(f, tblH)));
  out.below := List(Irr(tblH), show_H);
  out.induced := List(Irr(tblH), psi -> show(InducedClassFunction(psi, tbl)));
  return out;
end);
