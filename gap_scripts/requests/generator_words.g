# generator_words: words in the generators for conjugacy classes, and relators of a presentation.
#
# Argument
#   group
#   reps       per class of elements an element as data (may be empty)
#   relators   whether relators are wanted
# Result
#   classes    per class a word for its representative: 1-based generators, negative for inverses,
#              multiplied from left to right
#   relators   words that are 1, and define the group on its generators; null if not wanted
# Cost: a stabiliser chain; relators by a presentation on the generators.
BindGlobal("TK_request_generator_words", function(args)
  local R, hom, reps, out, fp;
  R := TK_Group(args.group);
  reps := List(args.reps, data -> TK_DataToElement(R, data));
  hom := EpimorphismFromFreeGroup(GroupWithGenerators(R.gens, One(R.group)));
  out := rec(relators := fail,
    classes := List(reps, g -> LetterRepAssocWord(PreImagesRepresentative(hom, g))));
  if args.relators then
    fp := Image(IsomorphismFpGroupByGenerators(R.group, R.gens));
    out.relators := List(RelatorsOfFpGroup(fp), LetterRepAssocWord);
  fi;
  return out;
end);
