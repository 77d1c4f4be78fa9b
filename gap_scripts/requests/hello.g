# hello: which GAP this is. Cost: none.
# Argument: {}. Result: {version: text, packages: {name: version or null}, architecture: text}.
BindGlobal("TK_request_hello", _ -> rec(version := GAPInfo.Version,
  packages := TK_LoadedPackages, architecture := GAPInfo.Architecture));
