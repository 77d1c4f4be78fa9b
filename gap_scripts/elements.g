# Elements as data: {"perm": images} with 0-based images, {"pc": exponents}, {"word": letters}, a
# product from left to right: letter i >= 0 is generator i counted from 0, -1 - i its inverse; or
# {"powers": [[generator, exponent], ...]}, a product of powers, generators counted from 0; or
# {"product": [[element as data, exponent], ...]}.

BindGlobal("TK_PermToImages", {p, degree} -> ListPerm(p, degree) - 1);

BindGlobal("TK_ImagesToPerm", images -> PermList(images + 1));

BindGlobal("TK_ElementToData", function(R, g)
  if IsPermGroup(R.group) then
    return rec(perm := TK_PermToImages(g, R.degree));
  fi;
  return rec(pc := ExponentsOfPcElement(FamilyPcgs(R.group), g));
end);

BindGlobal("TK_Letter", function(R, i)
  if i < 0 then
    return R.gens[-i] ^ -1;
  fi;
  return R.gens[i + 1];
end);

# fail, or an element of the family of the group's elements, perhaps outside the group.
DeclareGlobalName("TK_DataToAny");
BindGlobal("TK_DataToAny", function(R, data)
  local pcgs, factors;
  if IsBound(data.word) then
    if ForAll(data.word, i -> i in [-Length(R.gens) .. Length(R.gens) - 1]) then
      return Product(data.word, i -> TK_Letter(R, i), One(R.group));
    fi;
  elif IsBound(data.powers) then
    if ForAll(data.powers, p -> p[1] in [0 .. Length(R.gens) - 1]) then
      return Product(data.powers, p -> R.gens[p[1] + 1] ^ p[2], One(R.group));
    fi;
  elif IsBound(data.product) then
    factors := List(data.product, p -> TK_DataToAny(R, p[1]));
    if not fail in factors then
      return Product([1 .. Length(factors)], i -> factors[i] ^ data.product[i][2], One(R.group));
    fi;
  elif IsBound(data.perm) and IsPermGroup(R.group) then
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
