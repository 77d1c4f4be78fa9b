# Write the ordinary tables of the character table library to the file PLREP_OUT, a line each: a
# name, the table's identifier, whether its group is solvable, and where its group can be found.
LoadPackage("ctbllib", false);
LoadPackage("primgrp", false);
LoadPackage("transgrp", false);
LoadPackage("tomlib", false);
SizeScreen([4096, 24]);
TK_Write := function(file)
  local stream, name, table, sources;
  stream := OutputTextFile(file, false);
  SetPrintFormattingStatus(stream, false);
  for name in AllCharacterTableNames() do
    table := CharacterTable(name);
    sources := Filtered(GroupInfoForCharacterTable(Identifier(table)),
      s -> not s[1] in ["AtlasGroup", "AtlasStabilizer", "AtlasSubgroup", "GroupForTom", "Aut"]);
    PrintTo(stream, name, "\t", Identifier(table), "\t", IsSolvable(table), "\t",
      JoinStringsWithSeparator(List(sources, s -> Concatenation(s[1], ":",
        Filtered(String(s[2]), c -> not c in " \n"))), "|"), "\n");
  od;
  CloseStream(stream);
end;
TK_Write(GAPInfo.SystemEnvironment.PLREP_OUT);
QUIT_GAP(0);
