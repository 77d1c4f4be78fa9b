# class_map: what a homomorphism of groups does to conjugacy classes.
#
# Argument
#   group        a description of the target G (toolkit/groups/specs)
#   source       a description of the source H
#   images       per generator of H its image in G, as data
#   reps         per class of G an element as data
#   source_reps  per class of H an element as data
# Result
#   broken       null, or the clause that says what is wrong, and then nothing else
#   kernel       order of the kernel
#   classes      per class of H the 0-based class of G that holds its image
# Cost: for a listed group G |G| steps; else tests of conjugacy.
BindGlobal("TK_request_class_map", function(args)
  local R, S, hom, given, images;
  S := TK_Construct(args.source);
  R := TK_Group(args.group);
  given := List(args.images, data -> TK_DataToElement(R, data));
  if Length(given) <> Length(S.gens) then
    return rec(broken := Concatenation("the images of ", String(Length(S.gens)),
      " generators are needed, ", String(Length(given)), " were given"));
  fi;
  hom := GroupHomomorphismByImages(S.group, R.group, S.gens, given);
  if hom = fail then
    return rec(broken := "the elements given break a relation of the generators");
  fi;
  images := List(args.source_reps, data -> Image(hom, TK_DataToElement(S, data)));
  return rec(broken := fail, kernel := Size(Kernel(hom)),
    classes := TK_ClassesOfElements(R, args.reps, images) - 1);
end);
