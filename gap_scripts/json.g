# JSON in and out, without a package.
#
# Out: integers, strings, booleans, fail (null), lists, records (names sorted), cyclotomics as
# [conductor, [[exponent, numerator, denominator], ...]] in GAP's canonical basis. The empty list
# is a list unless it was made as a string. A record rec(plain_text := ...) is a long text of
# letters and digits, which is written without looking at each.
# In: the same without cyclotomics; null is read as fail. Numbers are integers.

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

BindGlobal("TK_CyclotomicFromLists", function(data)
  if IsInt(data) then
    return data;
  fi;
  return Sum(data[2], t -> t[2] / t[3] * E(data[1]) ^ t[1]);
end);

BindGlobal("TK_AppendString", function(out, text)
  local c, i;
  Add(out, '"');
  for c in text do
    i := IntChar(c);
    if c = '"' or c = '\\' then
      Add(out, '\\');
      Add(out, c);
    elif i = 10 then
      Append(out, "\\n");
    elif i < 32 or i > 126 then
      Add(out, '?');
    else
      Add(out, c);
    fi;
  od;
  Add(out, '"');
end);

# Most of what is written are small numbers: their texts, ready made.
BindGlobal("TK_Digits", List([0 .. 9999], String));

DeclareGlobalName("TK_AppendJson");
BindGlobal("TK_AppendJson", function(out, value)
  local name, item;
  if IsInt(value) then
    Append(out, String(value));
  elif IsCyc(value) then
    TK_AppendJson(out, TK_CyclotomicToLists(value));
  elif value = true then
    Append(out, "true");
  elif value = false then
    Append(out, "false");
  elif value = fail then
    Append(out, "null");
  elif IsStringRep(value) or (IsString(value) and Length(value) > 0) then
    TK_AppendString(out, value);
  elif IsList(value) then
    Add(out, '[');
    for item in value do
      if IsInt(item) and 0 <= item and item < 10000 then
        Append(out, TK_Digits[item + 1]);
      else
        TK_AppendJson(out, item);
      fi;
      Add(out, ',');
    od;
    if Length(value) = 0 then
      Add(out, ']');
    else
      out[Length(out)] := ']';
    fi;
  elif IsRecord(value) and IsBound(value.plain_text) then
    Add(out, '"');
    Append(out, value.plain_text);
    Add(out, '"');
  elif IsRecord(value) then
    Add(out, '{');
    for name in Set(RecNames(value)) do
      TK_AppendString(out, name);
      Add(out, ':');
      TK_AppendJson(out, value.(name));
      Add(out, ',');
    od;
    if Length(RecNames(value)) = 0 then
      Add(out, '}');
    else
      out[Length(out)] := '}';
    fi;
  else
    Error("TK: a value of this kind has no JSON form: ", value);
  fi;
end);

BindGlobal("TK_ToJson", function(value)
  local out;
  out := "";
  TK_AppendJson(out, value);
  return out;
end);

# The reader: recursive descent over one string; `at' is the next position to read.
BindGlobal("TK_FromJson", function(text)
  local at, bad, skip, expect, hex, number, string, list, value, out, letters, digits;
  at := 1;
  letters := rec(n := '\n', t := '\t', r := '\r', b := '\b', f := '\014');
  digits := "0123456789abcdef";

  bad := function()
    Error("TK: bad JSON at position ", at);
  end;

  skip := function()
    while at <= Length(text) and text[at] in " \n\r\t" do
      at := at + 1;
    od;
    if at > Length(text) then
      bad();
    fi;
  end;

  expect := function(word)
    if at + Length(word) - 1 > Length(text)
        or text{[at .. at + Length(word) - 1]} <> word then
      bad();
    fi;
    at := at + Length(word);
  end;

  number := function()
    local start, found;
    start := at;
    while at <= Length(text) and text[at] in "-0123456789" do
      at := at + 1;
    od;
    found := Int(text{[start .. at - 1]});
    if at = start or found = fail then
      bad();
    fi;
    return found;
  end;

  hex := function()
    local code, i;
    code := 0;
    for i in [at + 1 .. at + 4] do
      code := 16 * code + Position(digits, LowercaseChar(text[i])) - 1;
    od;
    at := at + 4;
    if code < 256 then
      return CharInt(code);
    fi;
    return '?';
  end;

  string := function()
    local out, stop, c;
    expect("\"");
    out := "";
    while text[at] <> '"' do
      if text[at] = '\\' then
        at := at + 1;
        c := text[at];
        if c in "\"\\/" then
          Add(out, c);
        elif c = 'u' then
          Add(out, hex());
        elif IsBound(letters.([c])) then
          Add(out, letters.([c]));
        else
          bad();
        fi;
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

  # after the bracket; lists of integers alone are most of what is read
  list := function()
    local out, stop;
    skip();
    if text[at] in "-0123456789" then
      stop := Position(text, ']', at);
      if stop <> fail then
        out := List(SplitString(text{[at .. stop - 1]}, ","), Int);
        if not fail in out then
          at := stop + 1;
          return out;
        fi;
      fi;
    fi;
    out := [];
    while text[at] <> ']' do
      Add(out, value());
      skip();
      if text[at] = ',' then
        at := at + 1;
        skip();
      elif text[at] <> ']' then
        bad();
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
      return list();
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
        elif text[at] <> '}' then
          bad();
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

  out := value();
  while at <= Length(text) do
    if not text[at] in " \n\r\t" then
      bad();
    fi;
    at := at + 1;
  od;
  return out;
end);
