# Write the fingerprints (gap_scripts/fingerprints.g) of all groups of order 1 to PLREP_LARGEST to
# the file PLREP_OUT, in the form that GAP reads. Read after gap_scripts/init.g.
TK_Write := function(file, largest)
  local stream, n, i, spec, R, list, all, line, word;
  stream := OutputTextFile(file, false);
  SetPrintFormattingStatus(stream, false);
  PrintTo(stream,
    "# Per order the fingerprints of its groups, by number; 0 where several have the same one.\n",
    "# Written by data/build_gap_tables.py.\nBindGlobal(\"TK_Fingerprints\", [\n");
  for n in [1 .. largest] do
    list := [];
    for i in [1 .. NumberSmallGroups(n)] do
      spec := rec(kind := "small", order := n, index := i);
      R := TK_Construct(spec);
      TK_Enumerate(R);
      TK_ListedTableData(R, spec);
      Add(list, TK_QuotientFingerprint(R, [1], 1));
    od;
    all := Collected(list);
    all := List(Filtered(all, pair -> pair[2] > 1), pair -> pair[1]);
    line := "  [";
    for i in [1 .. Length(list)] do
      word := "0";
      if not list[i] in all then
        word := String(list[i]);
      fi;
      if i < Length(list) then
        word := Concatenation(word, ",");
      fi;
      if Length(line) + Length(word) > 97 then
        PrintTo(stream, line, "\n");
        line := "  ";
      fi;
      if i > 1 then
        Append(line, " ");
      fi;
      Append(line, word);
    od;
    PrintTo(stream, line, "],\n");
  od;
  PrintTo(stream, "]);\n");
  CloseStream(stream);
end;
TK_Write(GAPInfo.SystemEnvironment.PLREP_OUT, Int(GAPInfo.SystemEnvironment.PLREP_LARGEST));
QUIT_GAP(0);
