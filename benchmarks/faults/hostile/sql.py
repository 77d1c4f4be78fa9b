"""SQL over the catalog."""

from __future__ import annotations

import json

from hostile.case import Broken, Case, World
from hostile.text import almost

_TEXTS = (
    'SELECT "group" FROM groups WHERE "order" <= 8', "SELECT count(*) FROM graphs",
    "SELECT 1 AS x", "SELECT max(edges) FROM graphs GROUP BY activation LIMIT 3",
    'WITH a AS (SELECT 1 AS x) SELECT * FROM a', "SELECT [1, 2, 3] AS x, {'a': 1} AS y",
    "SELECT 170141183460469231731687303715884105727 AS x", "SELECT date '2020-01-01' AS x",
    "FROM simples SELECT label LIMIT 2", "SELECT * FROM range(5)", "SELECT 'a' || 'b' AS x",
    "SELECT sum(\"order\") OVER () AS x FROM groups LIMIT 2", "SELECT CAST('12' AS INTEGER) AS x",
    "SELECT x'00ff'::blob AS x", "SELECT 1.5::decimal(9,2) AS x", "DESCRIBE groups",
)  # fmt: skip
_ALPHABET = "SELECTFROMWHEREgroupsorder*(),'\"<>=+-;:[]{}.0123456789 "


def case(world: World) -> Case:
    """Return a query, and write its rows in all forms."""
    random = world.random
    text = almost(random, _TEXTS, _ALPHABET, (" UNION ", " ", "; ", ", "))
    if random.random() < 0.1:
        digits = str(random.randrange(10 ** random.randrange(1, 300)))
        text = f"SELECT {random.choice(('', '-'))}{digits} AS x"
    return Case(f"sql({text!r})", lambda: _ask(world, text))


def _ask(world: World, text: str) -> None:
    rows = world.catalog.sql(text)
    first = rows[:20]
    json.loads(first.to_json())
    first.to_csv()
    if not repr(first):
        raise Broken("no repr")
    digits = text.removeprefix("SELECT ").removesuffix(" AS x").lstrip("+-")
    if digits.isdecimal() and text.endswith(" AS x"):
        expected = int(digits) * (-1 if text.startswith("SELECT -") else 1)
        if int(rows[0]["x"]) != expected:
            raise Broken(f"{expected} is answered as {rows[0]['x']!r}")
