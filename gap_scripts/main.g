# The worker's loop: read one line, reset the random sources, answer, print one line.
#
# Request {"id", "request", "args"}, where args.limits may raise limits by name; reply
# {"id", "ok": true, "value", "ms"} or {"id", "ok": false, "kind", "message"}. "ms" is GAP's own
# time for the answer.

BindGlobal("TK_Answer", function(line)
  local request, messages, stream, started, outcome, old;
  request := TK_FromJson(line);
  if not request.request in TK_Requests then
    return rec(id := request.id, ok := false, kind := "protocol",
      message := Concatenation("no request of this name: ", request.request));
  fi;
  TK_ResetRandom();
  TK_ErrorKind := "error";
  TK_Limits := rec();
  if IsBound(request.args.limits) then
    TK_Limits := request.args.limits;
  fi;
  messages := "";
  stream := OutputTextString(messages, true);
  SetPrintFormattingStatus(stream, false);
  old := ERROR_OUTPUT;
  ERROR_OUTPUT := stream;
  started := NanosecondsSinceEpoch();
  outcome := CALL_WITH_CATCH(ValueGlobal(Concatenation("TK_request_", request.request)),
    [request.args]);
  ERROR_OUTPUT := old;
  CloseStream(stream);
  if outcome[1] = true then
    return rec(id := request.id, ok := true, value := outcome[2],
      ms := QuoInt(NanosecondsSinceEpoch() - started, 1000000));
  fi;
  return rec(id := request.id, ok := false, kind := TK_ErrorKind, message := messages);
end);

# One line, or fail at the end of the input. A line longer than the pipe comes in pieces.
BindGlobal("TK_ReadLine", function(input)
  local line, piece;
  line := ReadLine(input);
  while line <> fail and line[Length(line)] <> '\n' do
    piece := ReadLine(input);
    if piece = fail then
      return fail;
    fi;
    Append(line, piece);
  od;
  return line;
end);

BindGlobal("TK_Loop", function()
  local input, line, reply;
  # standard input under a name that GAP buffers; InputTextUser() reads byte by byte
  input := InputTextFile("/dev/stdin");
  if input = fail then
    input := InputTextUser();
  fi;
  while true do
    line := TK_ReadLine(input);
    if line = fail then
      QUIT_GAP(0);
    fi;
    reply := CALL_WITH_CATCH(TK_Answer, [line]);
    if reply[1] = true then
      reply := reply[2];
    else
      reply := rec(id := fail, ok := false, kind := "protocol", message := "unreadable request");
    fi;
    reply := CALL_WITH_CATCH(TK_ToJson, [reply]);
    if reply[1] = true then
      reply := reply[2];
    else
      reply := TK_ToJson(rec(id := fail, ok := false, kind := "protocol",
        message := "unprintable answer"));
    fi;
    # whatever was printed before must not share the line
    Print("\n@", reply, "\n");
  od;
end);
# a restored workspace has forgotten this
SetPrintFormattingStatus("*stdout*", false);
TK_Loop();
