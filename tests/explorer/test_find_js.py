"""The filter language in the browser against `catalog.find`: hundreds of conditions."""

from __future__ import annotations

import pytest
from conditions import conditions

import toolkit as tk
from toolkit.catalog.schema import table
from toolkit.errors import QueryError
from toolkit.explorer.pack.columns import table_data

#: Names of groups in the conditions, as names.json.gz has them.
NAMES = {"s3": "SmallGroup(6,1)", "s4": "SmallGroup(24,12)", "c4": "SmallGroup(4,1)",
         "d8": "SmallGroup(8,3)"}  # fmt: skip

ASK = """async ([tables, asked, names]) => {
  const { compile, readColumns, readOrder, rowsWhere, sortedRows } =
    await import("./js/catalog/find.js");
  const { readTable } = await import("./js/catalog/tables.js");
  const { namesIn } = await import("./js/catalog/names.js");
  const made = Object.fromEntries(Object.entries(tables).map(([k, data]) => [k, readTable(data)]));
  const beside = { groups: made.groups, namesOf: namesIn(names) };
  const out = [];
  for (const [name, condition, order, columns] of asked) {
    const table = made[name];
    try {
      const holds = condition.trim() ? compile(condition, table, beside) : null;
      let rows = await rowsWhere(table, holds);
      if (order) rows = await sortedRows(rows, readOrder(order, table, beside));
      if (!columns) out.push([...rows]);
      else {
        const chosen = readColumns(columns, table, beside);
        out.push([...rows].map((row) => chosen.map(({ at }) => at(row))));
      }
    } catch (error) {
      if (error.name !== "QueryError") throw error;
      out.push({ said: error.message, position: error.position });
    }
  }
  return out;
}"""


@pytest.fixture(scope="module")
def catalog():
    with tk.catalog.open() as found:
        yield found


def columns_of(catalog, name, condition):
    found = catalog.find(condition, table=name).to_arrow()
    return {c: found.column(c).to_pylist() for c in found.column_names}


def refusal(error):
    return {"said": str(error), "position": error.position}


@pytest.mark.slow
def test_conditions_mean_the_same_and_are_refused_in_the_same_words(page, catalog):
    columns = columns_of(catalog, "groups", None)
    row = {name: i for i, name in enumerate(columns["group"])}
    asked = conditions(450, seed=7)
    found = page.evaluate(
        ASK,
        [{"groups": table_data(table("groups"), columns)},
         [["groups", text, None, None] for text in asked], NAMES],
    )  # fmt: skip
    good = bad = 0
    for text, answer in zip(asked, found, strict=True):
        try:
            wanted = [row[g] for g in catalog.find(text, columns="group").column("group")]
            good += 1
        except QueryError as error:
            wanted, bad = refusal(error), bad + 1
        assert answer == wanted, text
    assert good > 250
    assert bad > 150


TABLES = ("groups", "simples", "modules", "quotients", "contents", "graphs", "classes")
BESIDE = (
    ("simples", "type = 'H' and not solvable", "dimension desc, group", "group, label, dimension"),
    ("simples", "groups.order = 24 and kernel_order > 1", "kernel", "label, groups.order, number"),
    ("simples", "simples_H > 0 and type != 'R'", "groups.number desc, label desc", "group, label"),
    ("simples", "dimension * 2 > groups.largest_dimension", None, "label, description"),
    ("modules", "module != 'regular' and rank = 2", "degree", "description, module, degree"),
    ("modules", "simples > groups.simples", None, "group"),
    ("modules", "simples = groups.simples and not abelian", "degree desc, rank", "group, degree"),
    ("quotients", "quotient = 'C4' and order < 20", "group desc", "group, quotient"),
    ("quotients", "quotient in ('S3', 'C4')", "kernels desc, quotient", "group, quotient, kernels"),
    ("contents", "regions is null and fixed > 2", "regions desc, hyperplanes", "group, regions"),
    ("contents", "regions > 6 or not regions > 6", "regions", "label, regions"),
    ("contents", "regions > 0", "regions desc", "label, regions"),
    ("graphs", "activation = 'relu' and loops < nodes", "self_share_mean desc", "group, module"),
    ("graphs", "self_share_least < 0.2 and largest_leak >= 0.5", "largest_leak", "group, loops"),
    ("graphs", "'2' in abelian_invariants", "trivial_share_mean", "abelian_invariants, group"),
    ("classes", "class = inverse and size > 4", "size desc, element_order", "group, class, size"),
    ("groups", "order < 9", "abelian desc, exponent", "group, abelian, abelian_invariants"),
    ("groups", None, "abelian_invariants desc", "group, abelian_invariants"),
    ("groups", None, "subgroup_classes desc, description", "group, subgroup_classes"),
)
BROKEN = (
    ("simples", "label = 'L1'", "label, order, nothing", "label"),
    ("simples", None, "order upwards", "label"),
    ("simples", None, "order) --", "label"),
    ("simples", None, None, "order, groups.order"),
    ("simples", None, None, "order desc"),
    ("simples", None, None, "label; 1"),
    ("simples", None, None, "lable, groups.ordr"),
    ("simples", "groups.ordr = 4", None, "label"),
    ("simples", "description = 5", None, "label"),
    ("modules", "simpels > 4", None, "module"),
)


@pytest.fixture(scope="module")
def tables(catalog):
    return {
        name: table_data(table(name), columns_of(catalog, name, "order <= 32")) for name in TABLES
    }


@pytest.mark.slow
def test_other_tables_orders_and_columns(page, catalog, tables):
    asked = [[name, condition or "", order, columns] for name, condition, order, columns in BESIDE]
    found = page.evaluate(ASK, [tables, asked, NAMES])
    total = 0
    for (name, condition, order, columns), answer in zip(BESIDE, found, strict=True):
        small = "order <= 32" if name == "groups" else "groups.order <= 32"
        within = f"({condition}) and {small}" if condition else small
        wanted = [list(row.values()) for row in catalog.find(within, name, columns, order)]
        assert answer == wanted, (name, condition, order, columns)
        total += len(wanted)
    assert total > 1000


@pytest.mark.slow
def test_broken_orders_and_columns(page, catalog, tables):
    asked = [[name, condition or "", order, columns] for name, condition, order, columns in BROKEN]
    found = page.evaluate(ASK, [tables, asked, NAMES])
    for (name, condition, order, columns), answer in zip(BROKEN, found, strict=True):
        with pytest.raises(QueryError) as caught:
            catalog.find(condition, name, columns, order)
        assert answer == refusal(caught.value)


def test_a_name_that_the_page_does_not_know(page, tables):
    asked = [["groups", "order = 4 and group = 'no such group'", None, None]]
    (answer,) = page.evaluate(ASK, [{"groups": tables["groups"]}, asked, NAMES])
    assert answer["position"] == 22
    assert "no group of this page is called 'no such group'" in answer["said"]


@pytest.mark.parametrize("seed", range(3))
def test_patterns_mean_the_same(page, catalog, seed):
    import random

    draw = random.Random(seed)
    columns = columns_of(catalog, "groups", "order <= 24")
    pieces = ("*", "?", "[", "]", "!", "-", "C", "2", "4", " x ", ":", "\\", "%", "_", "a", "[2-4]",
              "[!2]", "[]C]", "D", "S4")  # fmt: skip
    asked = []
    for _ in range(100):
        pattern = "".join(draw.choice(pieces) for _ in range(draw.randrange(1, 6)))
        asked.append(f"description {draw.choice(('glob', 'like'))} '{pattern}'")
        asked.append(f"description glob '*{pattern}*'")
        asked.append(f"description like '%{pattern}%'")
    found = page.evaluate(
        ASK,
        [{"groups": table_data(table("groups"), columns)},
         [["groups", text, None, "group"] for text in asked], {}],
    )  # fmt: skip
    some = 0
    for text, answer in zip(asked, found, strict=True):
        wanted = catalog.find(f"{text} and order <= 24", columns="group").column("group")
        assert [name for (name,) in answer] == wanted, text
        some += bool(wanted)
    assert some > 20


def test_what_was_meant(page):
    """Close names as Python's difflib finds them."""
    import difflib
    import random

    draw = random.Random(1)
    known = [c.name for t in TABLES for c in table(t).columns]
    known = list(dict.fromkeys(known))
    words = []
    for _ in range(300):
        letters = list(draw.choice(known))
        for _ in range(draw.randrange(4)):
            letters[draw.randrange(len(letters))] = draw.choice("abcdeiorsx_")
        words.append("".join(letters))
    found = page.evaluate(
        """async ([words, known]) => {
          const { closeMatches } = await import("./js/catalog/close_matches.js");
          return words.map((word) => closeMatches(word, known, 3, 0.5));
        }""",
        [words, known],
    )
    assert found == [difflib.get_close_matches(word, known, 3, 0.5) for word in words]


def test_long_tables_do_not_hold_up_the_page(page, catalog):
    """The page breathes between pieces of 20,000 rows: a counter of its own goes on."""
    rows = 200_000
    data = {
        "table": "simples", "meaning": "", "rows": rows,
        "columns": [
            {"name": "dimension", "type": "int32", "kind": "number", "meaning": "",
             "values": [i % 97 for i in range(rows)]},
        ],
    }  # fmt: skip
    found = page.evaluate(
        """async (data) => {
          const { compile, rowsWhere } = await import("./js/catalog/find.js");
          const { readTable } = await import("./js/catalog/tables.js");
          const table = readTable(data);
          let turns = 0;
          let going = true;
          const channel = new MessageChannel();
          channel.port1.onmessage = () => { turns += 1; if (going) channel.port2.postMessage(0); };
          channel.port2.postMessage(0);
          const holds = compile("dimension % 2 = 1 or dimension > 90", table);
          const rows = await rowsWhere(table, holds);
          going = false;
          return { turns, count: rows.length, first: rows[0] };
        }""",
        data,
    )
    wanted = [i for i in range(rows) if i % 97 % 2 == 1 or i % 97 > 90]
    assert found["count"] == len(wanted)
    assert found["first"] == wanted[0]
    assert found["turns"] >= 5
