"""Which SQL users may run: one SELECT over the catalog's tables, with functions that are safe.

The rule is an allow-list. DuckDB itself parses the text into a tree, without executing it; a
table, a table function or a function that is not on the list is refused by name. The list excludes
files, other databases, settings, queries given as texts, and functions such as
``repeat('x', 4000000000)``, which cannot be interrupted.
"""

from __future__ import annotations

import difflib
import json
import re
from typing import TYPE_CHECKING, Any

from toolkit.catalog.schema import TABLES
from toolkit.errors import QueryError

if TYPE_CHECKING:
    from collections.abc import Iterator

#: The most characters of a query.
LONGEST_QUERY = 20_000

_AGGREGATES = """
any_value approx_count_distinct arg_max arg_min avg bit_and bit_or bool_and bool_or corr count
count_if count_star covar_pop covar_samp entropy first fsum geomean histogram kurtosis last list
array_agg max max_by mean median min min_by mode product quantile quantile_cont quantile_disc
regr_intercept regr_r2 regr_slope skewness stddev stddev_pop stddev_samp string_agg group_concat
sum var_pop var_samp variance grouping
"""
_WINDOWS = """
cume_dist dense_rank first_value lag last_value lead nth_value ntile percent_rank rank row_number
"""
_NUMBERS = """
+ - * / // % ** ^ & | << >> ~ @ abs ceil ceiling floor round sign sqrt cbrt pow power exp ln log
log2 log10 gcd lcm greatest least greatest_common_divisor least_common_multiple mod fmod isfinite
isnan isinf pi sin cos tan atan atan2 trunc even add subtract multiply divide xor bit_count hash
bin hex
"""
_TEXTS = """
|| ~~ !~~ ~~* !~~* ~~~ ^@ like_escape not_like_escape ilike_escape not_ilike_escape concat
concat_ws contains ends_with starts_with suffix prefix instr strpos position left right length len
lower upper lcase ucase ltrim rtrim trim regexp_extract regexp_extract_all regexp_full_match
regexp_matches reverse split split_part string_split str_split substr substring substring_grapheme
ascii ord chr translate md5 regexp_split_to_array string_to_array array_to_string
"""
_LISTS = """
list_value list_aggregate list_aggr list_any_value list_apply list_transform array_transform
list_avg list_cat list_concat list_contains array_contains list_has list_has_all list_has_any
array_has array_has_all array_has_any list_count list_distinct list_unique array_distinct
list_extract list_element list_filter array_filter list_first list_last list_indexof list_position
array_position array_length list_intersect array_intersect list_max list_mean list_median list_min
list_mode list_product list_reduce list_reverse list_reverse_sort list_sort array_sort list_slice
array_slice list_string_agg list_sum list_where list_zip list_pack array_extract unnest flatten
struct_pack struct_extract row map map_keys map_values map_extract map_entries cardinality
element_at
"""
_OTHERS = """
coalesce ifnull nullif if typeof try_cast constant_or_null error is_distinct_from
is_not_distinct_from nvl
"""
_FUNCTIONS = frozenset(" ".join((_AGGREGATES, _WINDOWS, _NUMBERS, _TEXTS, _LISTS, _OTHERS)).split())
_TABLE_FUNCTIONS = frozenset({"range", "generate_series", "unnest"})
_TABLES = frozenset(table.name for table in TABLES)
# prefixes of the names of DuckDB's own views; a test compares them with its list
_OWN_PREFIXES = ("duckdb_", "pg_", "pragma_", "sqlite_")
#: Of DuckDB's tree, three levels for each SELECT or operation inside another.
_DEEPEST = 700
_INSIDE = "stand inside each other"
_TOO_DEEP = f"too many SELECTs or operations {_INSIDE}"
_BRACKET = re.compile(r"[\[\](){}]")
_MOST_BRACKETS = 400
_WITH_UNDERSCORES = re.compile(r"(?<!\w)[0-9]+_[0-9_]*")
_MOST_DIGITS = 18
_QUOTED = re.compile(r"""'[^']*'|"[^"]*\"""")
_BARE_WORD = re.compile(r"\b(?:group|order)\b(?!\s+by\b)", re.IGNORECASE)
_SETTINGS = re.compile(r' Use (?:TRY\(|"SET ).*')


def require_readable(query: str) -> None:
    """Refuse a text that DuckDB would misread, or would read for minutes.

    Raises
    ------
    QueryError
        If brackets are hundreds deep, or long numbers have underscores: beyond 128 bits DuckDB
        counts these as digits.
    """
    plain = _QUOTED.sub("''", query)
    for number in _WITH_UNDERSCORES.findall(plain):
        if len(number.replace("_", "")) > _MOST_DIGITS:
            raise QueryError(
                query,
                None,
                f"a number of more than {_MOST_DIGITS} digits is written without underscores, "
                f"found {number[:60]}",
            )
    depth = 0
    for bracket in _BRACKET.findall(plain):
        depth = depth + 1 if bracket in "([{" else max(0, depth - 1)
        if depth > _MOST_BRACKETS:
            raise QueryError(query, None, f"more than {_MOST_BRACKETS} brackets {_INSIDE}")


def require_harmless(serialized: str, query: str) -> None:
    """Check a query, parsed by DuckDB's ``json_serialize_sql``.

    Parameters
    ----------
    serialized
        The tree as JSON.
    query
        The text, for messages.

    Raises
    ------
    QueryError
        If it is not one SELECT, or names a table or a function that is not on the list.
    """
    try:
        tree: dict[str, Any] = json.loads(serialized)
    except RecursionError:
        raise QueryError(query, None, _TOO_DEEP) from None
    if not _is_at_most(_DEEPEST, tree):  # later releases of Python read deeper than 3.11
        raise QueryError(query, None, _TOO_DEEP)
    if tree.get("error"):
        message = str(tree.get("error_message", ""))
        if "Only SELECT" in message:
            raise QueryError(
                query, None, "only SELECT is possible, the catalog is read-only", "write one SELECT"
            )
        position = str(tree.get("position"))
        where = int(position) if position.isdigit() else None
        problem = parse_problem(message) or "no SQL that can be read"
        quotes = _BARE_WORD.search(_QUOTED.sub("''", query))
        hint = 'as columns these are written "group" and "order", with the quotes' if quotes else ""
        raise QueryError(query, where, problem, hint)
    statements = tree["statements"]
    if len(statements) != 1:
        found = f"{len(statements)} statements" if statements else "no statement"
        raise QueryError(query, None, f"one SELECT is required, found {found}")
    nodes = list(_nodes(statements[0]))
    named = {key.lower() for node in nodes for key in _ctes(node)}
    _require_own_names(named, query)
    # functions in FROM have a list of their own: range(9) makes rows there, elsewhere one huge list
    in_from = {id(node.get("function")) for node in nodes if node.get("type") == "TABLE_FUNCTION"}
    for node in nodes:
        if id(node) not in in_from:
            _require_harmless_node(node, named, query)


def tables_read(serialized: str) -> set[str]:
    """Return the names of tables, in lower case, from which a parsed query reads.

    Parameters
    ----------
    serialized
        The tree as JSON, as DuckDB's ``json_serialize_sql`` gives it.

    Raises
    ------
    ValueError
        If the query could not be parsed.

    Examples
    --------
    >>> tables_read('{"from": {"type": "BASE_TABLE", "table_name": "Edges"}}')
    {'edges'}
    """
    tree = json.loads(serialized)
    if tree.get("error"):
        raise ValueError(tree.get("error_message"))
    nodes = _nodes(tree)
    return {str(n.get("table_name", "")).lower() for n in nodes if n.get("type") == "BASE_TABLE"}


def _nodes(tree: object) -> Iterator[dict[str, Any]]:
    pending = [tree]
    while pending:
        now = pending.pop()
        if isinstance(now, dict):
            yield now
            pending.extend(now.values())
        elif isinstance(now, list):
            pending.extend(now)


def _is_at_most(deepest: int, tree: object) -> bool:
    """Whether lists and records are nested at most this deep."""
    level: list[Any] = [tree]
    for _ in range(deepest):
        items = (i for now in level for i in (now.values() if isinstance(now, dict) else now))
        level = [item for item in items if isinstance(item, (dict, list))]
        if not level:
            return True
    return False


def _ctes(node: dict[str, Any]) -> Iterator[str]:
    """Yield the names that WITH defines in a node."""
    with_names = node.get("cte_map")
    if isinstance(with_names, dict):
        for entry in with_names.get("map", ()):
            yield str(entry.get("key", ""))
    if isinstance(node.get("cte_name"), str):
        yield str(node["cte_name"])


def _require_own_names(named: set[str], query: str) -> None:
    """Check that the names defined by WITH can mean nothing else, wherever they stand.

    Outside the query that follows its WITH, such a name would mean one of DuckDB's own views
    (``sqlite_master``), or a file (``"a.csv"``).
    """
    for name in sorted(named):
        if name.startswith(_OWN_PREFIXES) or set("./\\") & set(name):
            raise QueryError(
                query, None, f"WITH cannot give the name {name[:60]!r}", "choose a plain name"
            )


def _no_table(name: str, foreign: bool) -> tuple[str, str]:
    """Return what is wrong with the name of a table, and what to do."""
    if foreign and name.lower() in _TABLES:
        return "tables are named without a schema", f"write {name.lower()} alone"
    close = difflib.get_close_matches(name.lower(), sorted(_TABLES), 1, 0.7)
    names = f"there are {', '.join(sorted(_TABLES))}"
    return (
        f"the catalog has no table {name[:60]!r}",
        f"did you mean {close[0]}?" if close else names,
    )


def _require_harmless_node(node: dict[str, Any], named: set[str], query: str) -> None:
    kind = node.get("type")
    if kind == "BASE_TABLE":
        name = str(node.get("table_name", ""))
        foreign = node.get("schema_name") not in ("", "main") or node.get("catalog_name") not in (
            "",
            "memory",
        )
        if foreign or (name.lower() not in named and name.lower() not in _TABLES):
            raise QueryError(query, _place(node), *_no_table(name, foreign))
    elif kind == "TABLE_FUNCTION":
        function = node.get("function") or {}
        name = str(function.get("function_name", ""))
        if name.lower() not in _TABLE_FUNCTIONS:
            raise QueryError(
                query,
                _place(node),
                f"{name[:60]} is not allowed: the catalog reads no files and no other tables",
            )
    elif "function_name" in node:
        name = str(node["function_name"])
        foreign = node.get("schema") not in ("", "main", None) or node.get("catalog") not in (
            "",
            "system",
            None,
        )
        if name.lower() not in _FUNCTIONS or foreign:
            raise QueryError(
                query, _place(node), f"the function {name[:60]} is not among those allowed here"
            )
    if node.get("class") == "STATEMENT" or str(kind).endswith("_STATEMENT"):
        raise QueryError(query, None, "only SELECT is possible, the catalog is read-only")


def _place(node: dict[str, Any]) -> int | None:
    place = node.get("query_location")
    return place if isinstance(place, int) and 0 <= place < LONGEST_QUERY else None


def parse_problem(message: str) -> str:
    r"""Return a message of DuckDB as one clause, without its excerpt of the query.

    Examples
    --------
    >>> parse_problem('Binder Error: Referenced column "a" not found\n\nLINE 1: select a\n  ^')
    'Referenced column "a" not found'
    """
    text = message.split("\nLINE ")[0]
    text = " ".join(text.split())
    text = _SETTINGS.sub("", text)  # DuckDB names settings that are locked here
    head, colon, rest = text.partition(" Error: ")
    return rest if colon and head.replace(" ", "").isalpha() else text
