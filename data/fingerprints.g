# Write the fingerprints (gap_scripts/fingerprints.g) of all groups of order 1 to PLREP_LARGEST to the
# file PLREP_OUT, in the form that GAP reads. Read after gap_scripts/init.g.
TK_Write := function(file, largest)
  local stream, n, i, spec, R, list, all, line, word;
  stream := OutputTextFile(file, false);
  SetPrintFormattingStatus(stream, false);
  PrintTo(stream, "# Per order the fingerprints of its groups, by number; 0 where several have the ",
    "same one.\n# Written by data/build_fingerprints.py.\nBindGlobal(\"TK_Fingerprints\", [\n");
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
    list := List(list, function(x) if x in all then return 0; fi; return x; end);
    line := "  [";
    for i in [1 .. Length(list)] do
      word := String(list[i]);
      if Length(line) + Length(word) > 98 then
        PrintTo(stream, line, "\n");
        line := "   ";
      fi;
      Append(line, word);
      if i < Length(list) then
        Append(line, ",");
      fi;
    od;
    PrintTo(stream, line, "],\n");
  od;
  PrintTo(stream, "]);\n");
  CloseStream(stream);
end;
TK_Write(GAPInfo.SystemEnvironment.PLREP_OUT, Int(GAPInfo.SystemEnvironment.PLREP_LARGEST));
QUIT_GAP(0);
