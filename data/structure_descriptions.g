# Write what GAP's StructureDescription says of the groups of order 96 and 101 to 200, without 128
# and 192 (of the others up to 100 GAP has a list), to the file PLREP_OUT, in the form that GAP
# reads. Read after gap_scripts/init.g.
TK_Write := function(file)
  local stream, n, i;
  stream := OutputTextFile(file, false);
  SetPrintFormattingStatus(stream, false);
  PrintTo(stream,
    "# What StructureDescription of this version of GAP says, per order and number.\n",
    "# Written by data/build_gap_tables.py.\n",
    "BindGlobal(\"TK_StoredDescriptionsVersion\", \"", GAPInfo.Version, "\");\n",
    "BindGlobal(\"TK_StoredDescriptions\", rec());\n");
  for n in Difference(Union([96], [101 .. 200]), [128, 192]) do
    PrintTo(stream, "TK_StoredDescriptions.(", n, ") := [\n");
    for i in [1 .. NumberSmallGroups(n)] do
      TK_ResetRandom();
      PrintTo(stream, "  \"", StructureDescription(SmallGroup(n, i)), "\",\n");
    od;
    PrintTo(stream, "];\n");
  od;
  CloseStream(stream);
end;
TK_Write(GAPInfo.SystemEnvironment.PLREP_OUT);
QUIT_GAP(0);
