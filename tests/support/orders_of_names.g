# For each group description of the file PLREP_SPECS, a line of JSON each, write a line to the file
# PLREP_OUT: its order, its number in the small groups library ("-" where that has none), and how
# many conjugacy classes it has if its order is at most PLREP_CLASSES, else "-". Or "!" and a reason.
TK_LineOf := function(line, most)
  local messages, stream, old, outcome, G, id, classes;
  messages := "";
  stream := OutputTextString(messages, true);
  old := ERROR_OUTPUT;
  ERROR_OUTPUT := stream;
  outcome := CALL_WITH_CATCH(TK_Construct, [TK_FromJson(line)]);
  ERROR_OUTPUT := old;
  CloseStream(stream);
  if outcome[1] <> true then
    return Concatenation("!", ReplacedString(messages, "\n", " "));
  fi;
  G := outcome[2].group;
  id := "-";
  classes := "-";
  if Size(G) <= 2000 and not Size(G) in [512, 1024, 1536] and IdGroupsAvailable(Size(G)) then
    id := IdGroup(G);
    id := Concatenation(String(id[1]), ".", String(id[2]));
  fi;
  if Size(G) <= most then
    classes := String(NrConjugacyClasses(G));
  fi;
  return Concatenation(String(Size(G)), " ", id, " ", classes);
end;
TK_WholeLine := function(input)
  local line, piece;
  line := ReadLine(input);
  while line <> fail and line[Length(line)] <> '\n' do
    piece := ReadLine(input);
    Append(line, piece);
  od;
  return line;
end;
TK_WriteAll := function()
  local input, out, line, most;
  most := Int(GAPInfo.SystemEnvironment.PLREP_CLASSES);
  input := InputTextFile(GAPInfo.SystemEnvironment.PLREP_SPECS);
  out := OutputTextFile(GAPInfo.SystemEnvironment.PLREP_OUT, false);
  SetPrintFormattingStatus(out, false);
  line := TK_WholeLine(input);
  while line <> fail do
    PrintTo(out, TK_LineOf(line, most), "\n");
    line := TK_WholeLine(input);
  od;
  CloseStream(out);
end;
TK_WriteAll();
QUIT_GAP(0);
