# Print the names of the library's ordinary tables, a line each, an empty line, and for each name of
# the file PLREP_ASKED the order of the group and the number of its classes.
LoadPackage("ctbllib", false);
SetPrintFormattingStatus("*stdout*", false);
TK_Sizes := function(file)
  local name, table;
  Print(JoinStringsWithSeparator(AllCharacterTableNames(), "\n"), "\n\n");
  for name in SplitString(StringFile(file), "\n") do
    table := CharacterTable(name);
    Print(Size(table), " ", NrConjugacyClasses(table), "\n");
  od;
end;
TK_Sizes(GAPInfo.SystemEnvironment.PLREP_ASKED);
QUIT_GAP(0);
