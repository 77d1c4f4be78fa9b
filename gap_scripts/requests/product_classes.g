# product_classes: the classes of a direct product as tuples of classes of its factors.
#
# Argument
#   group      a description of the product (toolkit/groups/specs); its generators are those of
#              the factors, one factor after the other
#   reps       per class of the product an element as data
#   factors    per factor {group: its description, reps: per class an element as data}
# Result
#   classes    per factor, per class of the product: the 0-based class of the component
# Cost: for listed factors |G_i| steps each; else tests of conjugacy.
BindGlobal("TK_request_product_classes", function(args)
  local R, reps, factors, out, before, factor, S, images, hom;
  R := TK_Construct(args.group);
  reps := List(args.reps, data -> TK_DataToElement(R, data));
  factors := List(args.factors, factor -> TK_Construct(factor.group));
  out := [];
  before := 0;
  for factor in [1 .. Length(factors)] do
    S := factors[factor];
    images := List(R.gens, g -> One(S.group));
    images{before + [1 .. Length(S.gens)]} := S.gens;
    before := before + Length(S.gens);
    hom := GroupHomomorphismByImagesNC(R.group, S.group, R.gens, images);
    images := List(reps, g -> Image(hom, g));
    Add(out, TK_ClassesOfElements(S, args.factors[factor].reps, images) - 1);
  od;
  return rec(classes := out);
end);
