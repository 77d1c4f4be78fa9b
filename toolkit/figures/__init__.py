"""Pictures of graphs, flows and maps, drawn with matplotlib."""
