# Elements as data: {"perm": images} with 0-based images, or {"pc": exponents}.

BindGlobal("TK_PermToImages", function(p, degree)
  return List([1 .. degree], i -> i ^ p - 1);
end);

BindGlobal("TK_ImagesToPerm", images -> PermList(images + 1));

BindGlobal("TK_ElementToData", function(R, g)
  if IsPermGroup(R.group) then
    return rec(perm := TK_PermToImages(g, R.degree));
  fi;
  return rec(pc := ExponentsOfPcElement(FamilyPcgs(R.group), g));
end);

BindGlobal("TK_DataToElement", function(R, data)
  local g;
  if IsBound(data.perm) then
    g := TK_ImagesToPerm(data.perm);
  else
    g := PcElementByExponents(FamilyPcgs(R.group), data.pc);
  fi;
  if g = fail or not g in R.group then
    TK_NotAvailable("an element that was given does not lie in the group");
  fi;
  return g;
end);
