# Coset enumeration that fills relators (the strategy of Haselgrove, Leech and Trotter): from every
# coset in turn each relator is read, and the cosets that are missing on its way are defined. Long
# relators close at once, where GAP's own enumeration defines cosets everywhere else in between.
#
# TK_RelatorCosets(n, words, sub, most) -> images or fail
#   n      number of generators
#   words  the relators as lists of letters: i for generator i, -i for its inverse
#   sub    words that generate the subgroup
#   most   cosets alive at once, and a fourth of those ever defined
#   images per generator the images of the cosets, coset 1 the subgroup
BindGlobal("TK_RelatorCosets", function(n, words, sub, most)
  local columns, column, opposite, parent, alive, made, find, define, merge, coincidence, trace,
    word, at, live, number, c;
  # column 2 i - 1 for letter i, 2 i for -i; entry 0: not known
  columns := List([1 .. 2 * n], i -> [0]);
  opposite := Concatenation(List([1 .. n], i -> [2 * i, 2 * i - 1]));
  column := word -> List(word, function(letter)
    if letter > 0 then
      return 2 * letter - 1;
    fi;
    return -2 * letter;
  end);
  parent := [1];
  made := 1;
  alive := 1;

  find := function(x)
    local root, next;
    root := x;
    while parent[root] <> root do
      root := parent[root];
    od;
    while parent[x] <> root do
      next := parent[x];
      parent[x] := root;
      x := next;
    od;
    return root;
  end;

  # the new coset x times letter
  define := function(x, letter)
    local c;
    made := made + 1;
    alive := alive + 1;
    for c in columns do
      c[made] := 0;
    od;
    parent[made] := made;
    columns[letter][x] := made;
    columns[opposite[letter]][made] := x;
    return made;
  end;

  coincidence := function(x, y)
    local queue, letter, next, back, u, v, gone;
    queue := [];
    merge := function(x, y)
      local a, b;
      a := find(x);
      b := find(y);
      if a = b then
        return;
      elif a < b then
        parent[b] := a;
        Add(queue, b);
      else
        parent[a] := b;
        Add(queue, a);
      fi;
      alive := alive - 1;
    end;
    merge(x, y);
    for gone in queue do
      for letter in [1 .. 2 * n] do
        next := columns[letter][gone];
        if next <> 0 then
          back := opposite[letter];
          columns[letter][gone] := 0;
          if columns[back][next] = gone then
            columns[back][next] := 0;
          fi;
          u := find(gone);
          v := find(next);
          if columns[letter][u] <> 0 then
            merge(v, columns[letter][u]);
          elif columns[back][v] <> 0 then
            merge(u, columns[back][v]);
          else
            columns[letter][u] := v;
            columns[back][v] := u;
          fi;
        fi;
      od;
    od;
  end;

  # read a word from a coset, to which it must come back; define what is missing
  trace := function(start, word)
    local f, b, i, j, next;
    f := start;
    b := start;
    i := 1;
    j := Length(word);
    while true do
      while i <= j do
        next := columns[word[i]][f];
        if next = 0 then
          break;
        fi;
        f := next;
        i := i + 1;
      od;
      if i > j then
        if f <> b then
          coincidence(f, b);
        fi;
        return;
      fi;
      while j >= i do
        next := columns[opposite[word[j]]][b];
        if next = 0 then
          break;
        fi;
        b := next;
        j := j - 1;
      od;
      if j < i then
        coincidence(f, b);
        return;
      elif j = i then
        columns[word[i]][f] := b;
        columns[opposite[word[i]]][b] := f;
        return;
      fi;
      define(f, word[i]);
    od;
  end;

  words := List(words, column);
  SortBy(words, Length);
  for word in List(sub, column) do
    trace(1, word);
  od;
  at := 1;
  while at <= made do
    if parent[at] = at then
      for word in words do
        if parent[at] = at then
          trace(at, word);
        fi;
        if alive > most or made > 4 * most then
          return fail;
        fi;
      od;
      if parent[at] = at then
        for c in [1 .. 2 * n] do
          if columns[c][at] = 0 then
            define(at, c);
          fi;
        od;
      fi;
    fi;
    at := at + 1;
  od;
  live := Filtered([1 .. made], x -> parent[x] = x);
  number := [];
  number{live} := [1 .. Length(live)];
  return List([1 .. n], i -> List(columns[2 * i - 1]{live}, x -> number[find(x)]));
end);
