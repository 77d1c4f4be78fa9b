# Print the ordinary tables of the library, a line each: name, order of the group, classes.
LoadPackage("ctbllib", false);
SetPrintFormattingStatus("*stdout*", false);
TK_Sizes := function()
  local name, table;
  for name in AllCharacterTableNames() do
    table := CharacterTable(name);
    Print(name, "\t", Size(table), "\t", NrConjugacyClasses(table), "\n");
  od;
end;
TK_Sizes();
QUIT_GAP(0);
