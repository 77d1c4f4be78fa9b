# hello: which GAP this is. Version 1. Cost: none.
# Argument: {}. Result: {version: text, packages: {name: version or null}, architecture: text}.
BindGlobal("TK_request_hello", function(args)
  return rec(version := GAPInfo.Version, packages := TK_LoadedPackages,
    architecture := GAPInfo.Architecture);
end);
