# JSON in and out, without a package.
#
# Out: integers, strings, booleans, fail (null), lists, records (names sorted), cyclotomics as
# [conductor, [[exponent, numerator, denominator], ...]] in GAP's canonical basis.
# In: the same without cyclotomics; null is read as fail.

BindGlobal("TK_CyclotomicToLists", function(x)
  local n, c, terms, i;
  n := Conductor(x);
  c := CoeffsCyc(x, n);
  terms := [];
  for i in [1 .. Length(c)] do
    if c[i] <> 0 then
      Add(terms, [i - 1, NumeratorRat(c[i]), DenominatorRat(c[i])]);
    fi;
  od;
  return [n, terms];
end);

DeclareGlobalName("TK_ToJson");
BindGlobal("TK_StringToJson", function(text)
  local out, c, i;
  out := "\"";
  for c in text do
    i := IntChar(c);
    if c = '"' or c = '\\' then
      Add(out, '\\');
      Add(out, c);
    elif i = 10 then
      Append(out, "\\n");
    elif i < 32 or i > 126 then
      Append(out, "?");
    else
      Add(out, c);
    fi;
  od;
  Add(out, '"');
  return out;
end);

BindGlobal("TK_ToJson", function(value)
  local parts, name;
  if IsInt(value) then
    return String(value);
  elif IsCyc(value) then
    return TK_ToJson(TK_CyclotomicToLists(value));
  elif value = true then
    return "true";
  elif value = false then
    return "false";
  elif value = fail then
    return "null";
  elif IsStringRep(value) or (IsString(value) and Length(value) > 0) then
    return TK_StringToJson(value);
  elif IsList(value) then
    return Concatenation("[", JoinStringsWithSeparator(List(value, TK_ToJson), ","), "]");
  elif IsRecord(value) then
    parts := [];
    for name in Set(RecNames(value)) do
      Add(parts, Concatenation(TK_StringToJson(name), ":", TK_ToJson(value.(name))));
    od;
    return Concatenation("{", JoinStringsWithSeparator(parts, ","), "}");
  fi;
  Error("TK: a value of this kind has no JSON form: ", value);
end);

# The reader: recursive descent over one string; `at' is the next position to read.
BindGlobal("TK_FromJson", function(text)
  local at, skip, expect, number, string, value;
  at := 1;

  skip := function()
    while text[at] = ' ' do
      at := at + 1;
    od;
  end;

  expect := function(word)
    if text{[at .. at + Length(word) - 1]} <> word then
      Error("TK: bad JSON at position ", at);
    fi;
    at := at + Length(word);
  end;

  number := function()
    local start;
    start := at;
    while text[at] in "-0123456789" do
      at := at + 1;
    od;
    return Int(text{[start .. at - 1]});
  end;

  string := function()
    local out, stop;
    at := at + 1;
    out := "";
    while text[at] <> '"' do
      if text[at] = '\\' then
        at := at + 1;
        if not text[at] in "\"\\/" then
          Error("TK: an escape that is not read here, at position ", at);
        fi;
        Add(out, text[at]);
        at := at + 1;
      else
        stop := at;
        while text[stop] <> '"' and text[stop] <> '\\' do
          stop := stop + 1;
        od;
        Append(out, text{[at .. stop - 1]});
        at := stop;
      fi;
    od;
    at := at + 1;
    return out;
  end;

  value := function()
    local out, name;
    skip();
    if text[at] = '[' then
      at := at + 1;
      out := [];
      skip();
      while text[at] <> ']' do
        Add(out, value());
        skip();
        if text[at] = ',' then
          at := at + 1;
          skip();
        fi;
      od;
      at := at + 1;
      return out;
    elif text[at] = '{' then
      at := at + 1;
      out := rec();
      skip();
      while text[at] <> '}' do
        name := string();
        skip();
        expect(":");
        out.(name) := value();
        skip();
        if text[at] = ',' then
          at := at + 1;
          skip();
        fi;
      od;
      at := at + 1;
      return out;
    elif text[at] = '"' then
      return string();
    elif text[at] = 't' then
      expect("true");
      return true;
    elif text[at] = 'f' then
      expect("false");
      return false;
    elif text[at] = 'n' then
      expect("null");
      return fail;
    fi;
    return number();
  end;

  return value();
end);
