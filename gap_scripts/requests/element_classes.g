# element_classes: the conjugacy class of every point of the regular module.
#
# Argument
#   group
#   reps       per class of elements an element as data
# Result
#   classes    per point of the regular module (numbered as by transitive_module for the trivial
#              subgroup) the 0-based class of the element that takes the first point to it
# Cost: about |G| steps; only for a group that is listed (order at most 20000, classes.g).

BindGlobal("TK_request_element_classes", function(args)
  local R, reps, classes, action;
  R := TK_Group(args.group);
  if not TK_IsEnumerable(R) then
    TK_NotAvailable("the elements of a group of more than 20000 are not listed");
  fi;
  TK_Enumerate(R);
  reps := List(args.reps, data -> TK_NumberOfData(R, data));
  classes := TK_ClassNumbers(R, reps);
  action := TK_ListedCosets(R, []);
  return rec(classes := classes{action.reps} - 1);
end);
