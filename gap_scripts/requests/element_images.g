# element_images: what given elements of the group do to the points of a transitive module.
#
# Argument
#   group      a description (toolkit/groups/specs)
#   module     as in transitive_module.g
#   elements   elements as data
# Result
#   images     per element the 0-based images of the points, numbered as in transitive_module.g
# Cost: for a listed group |G| steps per element; else a stabiliser chain.
BindGlobal("TK_request_element_images", function(args)
  local R, module, elements, action, perms, hom;
  R := TK_Group(args.group);
  module := args.module;
  perms := fail;
  if module.kind = "natural" then
    hom := TK_NaturalHomomorphism(R);
    perms := R.natural;
  elif module.kind = "images" then
    perms := TK_GivenPerms(module);
  fi;
  if TK_IsEnumerable(R) then
    TK_Enumerate(R);
    elements := List(args.elements, data -> TK_NumberOfData(R, data));
    if perms = fail then
      action := TK_ListedCosets(R, List(module.subgroup, data -> TK_NumberOfData(R, data)));
    else
      if module.kind = "images" and TK_ListedBroken(R, perms, module.point + 1) <> fail then
        TK_NotAvailable("the images that were given are no action of the group");
      fi;
      action := TK_ListedOrbit(R, perms, module.point + 1);
    fi;
    return rec(images := List(elements, h -> TK_ListedImages(R, action, h)) - 1);
  fi;
  elements := List(args.elements, data -> TK_DataToElement(R, data));
  if perms = fail then
    action := TK_CosetImages(R, Subgroup(R.group,
      List(module.subgroup, data -> TK_DataToElement(R, data))), elements);
  else
    if module.kind = "images" then
      hom := TK_HomomorphismOrBroken(R, perms, Length(module.images[1])).hom;
      if hom = fail then
        TK_NotAvailable("the images that were given are no action of the group");
      fi;
    fi;
    action := TK_OrbitImages(R, hom, perms, module.point + 1, elements);
  fi;
  return rec(images := action.others - 1);
end);
