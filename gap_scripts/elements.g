# Elements as data: {"perm": images} with 0-based images, or {"pc": exponents}.

BindGlobal("TK_PermToImages", {p, degree} -> ListPerm(p, degree) - 1);

BindGlobal("TK_ImagesToPerm", images -> PermList(images + 1));

BindGlobal("TK_ElementToData", function(R, g)
  if IsPermGroup(R.group) then
    return rec(perm := TK_PermToImages(g, R.degree));
  fi;
  return rec(pc := ExponentsOfPcElement(FamilyPcgs(R.group), g));
end);

# fail, or an element of the family of the group's elements, perhaps outside the group.
BindGlobal("TK_DataToAny", function(R, data)
  local pcgs;
  if IsBound(data.perm) and IsPermGroup(R.group) then
    return TK_ImagesToPerm(data.perm);
  elif IsBound(data.pc) and not IsPermGroup(R.group) then
    pcgs := FamilyPcgs(R.group);
    if Length(data.pc) = Length(pcgs) then
      return PcElementByExponents(pcgs, data.pc);
    fi;
  fi;
  return fail;
end);

BindGlobal("TK_DataToElement", function(R, data)
  local g;
  g := TK_DataToAny(R, data);
  if g = fail or not g in R.group then
    TK_NotAvailable("an element that was given does not lie in the group");
  fi;
  return g;
end);
