# graph_automorphisms: generators of the automorphism group of a (coloured) graph.
# Argument {nodes, edges: list of 0-based pairs, directed, colors: per node a colour 0.. or null}.
# Result: {images: per generator the 0-based images of the nodes, order}.
# Cost: bliss, through the digraphs package.
BindGlobal("TK_request_graph_automorphisms", function(args)
  local out, e, D, A;
  if LoadPackage("digraphs", false) <> true then
    TK_NotAvailable("this GAP has no digraphs package, which finds automorphisms of graphs");
  fi;
  out := List([1 .. args.nodes], i -> []);
  for e in args.edges do
    AddSet(out[e[1] + 1], e[2] + 1);
    if not args.directed then
      AddSet(out[e[2] + 1], e[1] + 1);
    fi;
  od;
  D := ValueGlobal("Digraph")(out);
  if args.colors = fail then
    A := ValueGlobal("AutomorphismGroup")(D);
  else
    A := ValueGlobal("AutomorphismGroup")(D, args.colors + 1);
  fi;
  return rec(images := List(GeneratorsOfGroup(A), p -> TK_PermToImages(p, args.nodes)),
    order := Size(A));
end);
