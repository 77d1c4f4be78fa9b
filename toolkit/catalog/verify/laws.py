"""The laws that every row of a catalog must satisfy, as SQL: a relation and a condition on it.

DuckDB checks each law on all rows of its relation, in integers; only shares are floats. A relation
reads rows of one group together, or says that it needs the whole catalog. A condition
that evaluates to NULL counts as broken. The column ``"group"`` of a relation names the group of a
row, for the report.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from toolkit.catalog.schema import OLDEST_ROWS, SCHEMA_VERSION, TABLES

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Tolerance for sums and means of shares, each of which is rounded to 12 decimals.
SHARE_TOLERANCE = 1e-9


@dataclass(frozen=True)
class Law:
    """A law.

    Parameters
    ----------
    name
        The law in words, after the name of the table it is about.
    relation
        SQL of the rows it is checked on: a table, or a SELECT in parentheses.
    condition
        SQL that must be true in each of them.
    whole
        Whether the relation compares groups with each other, so that it cannot be read in slices.
    """

    name: str
    relation: str
    condition: str
    whole: bool = False

    @property
    def longest(self) -> str:
        """The table by whose rows the relation is cut: the longest that it reads, or nearly."""
        if "edges" in self.relation or "closed_sets" in self.relation:
            return "edges"
        return "normal_subgroups" if "normal_subgroups" in self.relation else "contents"


@dataclass(frozen=True)
class Checked:
    """The result of one check.

    Parameters
    ----------
    name
        The law.
    rows
        Number of rows it was checked on.
    broken
        Number of rows that break it.
    example
        A group with a row that breaks it, or a description of the fault; empty if none does.
    """

    name: str
    rows: int
    broken: int = 0
    example: str = ""


def _per_group(inner: str) -> str:
    """Return groups joined with a SELECT that gives one row per group."""
    return f'(FROM groups AS g LEFT JOIN ({inner}) AS x USING ("group"))'


def _per_module(inner: str) -> str:
    return f'(FROM modules AS m LEFT JOIN ({inner}) AS x USING ("group", module))'


def _per_graph(inner: str) -> str:
    return f'(FROM graphs AS h LEFT JOIN ({inner}) AS x USING ("group", module, activation))'


_CLASSES = _per_group(
    'SELECT "group", count(*) AS k, sum(size) AS total, count_if("class" = inverse) AS closed, '
    "count_if(size = 1) AS central, list_reduce(list(element_order), lambda a, b: lcm(a, b)) AS e "
    'FROM classes GROUP BY "group"'
)
_SIMPLES = _per_group(
    "SELECT \"group\", count(*) AS k, count_if(type = 'R') AS r, count_if(type = 'C') AS c, "
    "count_if(type = 'H') AS h, max(dimension) AS largest, count_if(kernel_order = 1) AS faithful, "
    "sum(degree * degree * if(type = 'C', 2, 1)) AS squares, "
    "sum(if(degree = 1, if(type = 'C', 2, 1), 0)) AS linear, "
    "sum(CASE type WHEN 'R' THEN degree WHEN 'H' THEN -degree ELSE 0 END) AS indicators, "
    "any_value(involutions) AS involutions "
    'FROM simples JOIN (SELECT "group", sum(size) AS involutions FROM classes '
    'WHERE element_order <= 2 GROUP BY "group") USING ("group") GROUP BY "group"'
)
_CONTENTS = _per_module(
    'SELECT "group", module, count(*) AS k, max(multiplicity) AS largest, '
    "sum(multiplicity * dimension) AS points, "
    "sum(multiplicity * fixed) AS orbitals, "
    "sum(if(label = 'L0', multiplicity, 0)) AS trivial "
    'FROM contents JOIN simples USING ("group", label) GROUP BY "group", module'
)
_CONTENT = (
    "(SELECT c.*, s.dimension, s.type, s.kernel_order, m.degree, m.subgroup_order "
    'FROM contents AS c JOIN simples AS s USING ("group", label) '
    'JOIN modules AS m USING ("group", module))'
)
_EDGE_SUMS = _per_graph(
    'SELECT "group", module, activation, count(*) AS k, count_if(source = target) AS own, '
    "sum(if(source = target, share, 0)) AS stays, "
    "sum(if(target = 'L0', share, 0)) AS to_trivial, "
    "max(if(source = target, 0, share)) AS leak, "
    "count(DISTINCT if(source = target, NULL, source)) AS leaving, "
    "count(DISTINCT if(source = target, NULL, target)) AS entered, "
    "count_if(source = 'L0' AND target <> 'L0') AS from_trivial "
    "FROM edges GROUP BY ALL"
)
_OUT = (
    '(SELECT "group", module, activation, source, sum(share) AS total, count(share) AS shares, '
    "count(*) AS k FROM edges GROUP BY ALL)"
)
_ENDS = (
    '(SELECT e."group", e.reach, e.reach_of, e.share, e.parts, c.fixed, '
    "s.kernel_order AS source_kernel, t.kernel_order AS target_kernel FROM edges AS e "
    'LEFT JOIN contents AS c ON c."group" = e."group" AND c.module = e.module '
    "AND c.label = e.target "
    'LEFT JOIN simples AS s ON s."group" = e."group" AND s.label = e.source '
    'LEFT JOIN simples AS t ON t."group" = e."group" AND t.label = e.target)'
)
_COVERS = (
    '(SELECT n."group", n.subgroup_order, below.subgroup_order AS smaller FROM '
    '(SELECT "group", subgroup_order, unnest(covers) AS label FROM normal_subgroups) AS n '
    'LEFT JOIN normal_subgroups AS below USING ("group", label))'
)

_GROUPS = (
    Law(
        "groups: real, complex and quaternionic simples add up to all simples",
        "groups",
        "simples = simples_R + simples_C + simples_H",
    ),
    Law(
        "groups: real, rational, and the conductor, agree with each other where they are known",
        "groups",
        "conductor IS NULL OR (real = (real_classes = classes) AND rational = (field_degree = 1) "
        "AND rational = (conductor = 1) AND exponent % conductor = 0)",
    ),
    Law(
        "simples: the conductors of characters have that of groups as least common multiple",
        _per_group(
            'SELECT "group", list_reduce(list(conductor), lambda a, b: lcm(a, b)) AS common, '
            "max(field_degree) AS largest, count_if((field_degree = 1) <> (conductor = 1) "
            "OR (type = 'C' AND field_degree % 2 = 1)) AS wrong FROM simples GROUP BY ALL"
        ),
        "conductor IS NULL OR (common = conductor AND wrong = 0 AND field_degree % largest = 0)",
    ),
    Law(
        "groups: real classes = real-valued characters = simples of types R and H",
        "groups",
        "real_classes = simples_R + simples_H",
    ),
    Law(
        "groups: other classes = complex simples, two for each",
        "groups",
        "classes - real_classes = 2 * simples_C",
    ),
    Law(
        "groups: orders of centre and derived subgroup, and the exponent, divide |G|",
        "groups",
        '"order" % centre_order = 0 AND "order" % derived_order = 0 AND "order" % exponent = 0 '
        'AND (exponent > 1 OR "order" = 1)',
    ),
    Law(
        "groups: |G/G'| is the product of the abelian invariants",
        "groups",
        '"order" = derived_order * coalesce(list_product(CAST(abelian_invariants AS BIGINT[])), 1)',
    ),
    Law(
        "groups: abelian, nilpotent, solvable, perfect, simple agree with each other",
        "groups",
        'abelian = (centre_order = "order") AND abelian = (derived_order = 1) '
        'AND abelian = (classes = "order") AND (nilpotent OR NOT abelian) '
        'AND (solvable OR NOT nilpotent) AND perfect = (derived_order = "order") '
        'AND (NOT (perfect AND solvable) OR "order" = 1) '
        "AND simple = (coalesce(normal_subgroups, 1001) = 2)",
    ),
)
_TABLES_OF_GROUPS = (
    Law(
        "classes: as many as groups says; sizes add up to |G| (class equation)",
        _CLASSES,
        'k = classes AND total = "order"',
    ),
    Law(
        "classes: those closed under inversion, central ones, and the exponent, as groups says",
        _CLASSES,
        "closed = real_classes AND central = centre_order AND e = exponent",
    ),
    Law(
        "classes: sizes and orders of elements divide |G|; class 0 is that of 1",
        "classes",
        '"order" % size = 0 AND "order" % element_order = 0 '
        'AND ("class" = 0) = (element_order = 1) AND ("class" <> 0 OR size = 1)',
    ),
    Law(
        "classes: inverses pair classes of the same size and order",
        '(SELECT c."group", c."class", c.size, c.element_order, d.size AS other, '
        "d.element_order AS other_order, d.inverse AS back "
        "FROM classes AS c LEFT JOIN classes AS d "
        'ON c."group" = d."group" AND c.inverse = d."class")',
        'back = "class" AND other = size AND other_order = element_order',
    ),
    Law(
        "simples: as many as groups says, of each type; largest dimension; faithful ones",
        _SIMPLES,
        "k = simples AND r = simples_R AND c = simples_C AND h = simples_H "
        "AND largest = largest_dimension AND faithful = faithful_simples",
    ),
    Law("simples: squares of the complex degrees add up to |G|", _SIMPLES, 'squares = "order"'),
    Law("simples: |G/G'| characters of degree 1", _SIMPLES, 'linear * derived_order = "order"'),
    Law(
        "simples: indicators times degrees add up to the number of g with g^2 = 1 "
        "(Frobenius-Schur)",
        _SIMPLES,
        "indicators = involutions",
    ),
    Law(
        "simples: dimension = degree for type R, else twice; degrees divide |G|",
        "simples",
        "dimension = degree * if(type = 'R', 1, 2) AND \"order\" % degree = 0 "
        "AND type IN ('R', 'C', 'H')",
    ),
    Law(
        "simples: |kernel| times the order of the action is |G|; sign subgroup 1 or 2 above",
        "simples",
        'kernel_order * action_order = "order" AND sign_order IN (kernel_order, 2 * kernel_order)',
    ),
    Law(
        "simples: L0, and no other, has kernel G",
        "simples",
        "(label = 'L0') = (kernel_order = \"order\") AND (label <> 'L0' OR "
        "(dimension = 1 AND type = 'R'))",
    ),
    Law(
        "simples: the kernel is a normal subgroup of the stated order",
        '(SELECT s."group", s.kernel_order, n.subgroup_order, n.is_kernel FROM simples AS s '
        'LEFT JOIN normal_subgroups AS n ON s."group" = n."group" AND s.kernel = n.label)',
        "subgroup_order = kernel_order AND is_kernel",
    ),
    Law(
        "normal_subgroups: index times order is |G|",
        "normal_subgroups",
        'subgroup_order * "index" = "order"',
    ),
    Law(
        "normal_subgroups: as many as groups says, or kernels only; kernels are those of simples",
        _per_group(
            'SELECT "group", count(*) AS k, count_if(is_kernel) AS kernels, '
            "count_if(subgroup_order = 1) AS bottom, any_value(used) AS used, "
            'count_if(subgroup_order = "order") AS top FROM normal_subgroups JOIN '
            '(SELECT "group", count(DISTINCT kernel) AS used FROM simples GROUP BY "group") '
            'USING ("group") GROUP BY "group"'
        ),
        "(k = normal_subgroups OR (coalesce(normal_subgroups, 1001) > 1000 AND k = kernels)) "
        "AND kernels = used AND top = 1 AND bottom <= 1",
    ),
    Law(
        "normal_subgroups: each covers smaller ones, whose orders divide (lattice)",
        _COVERS,
        "subgroup_order > smaller AND subgroup_order % smaller = 0",
    ),
    Law(
        "normal_subgroups: the lowest covers none; where all are listed, it alone",
        (
            '(SELECT n."group" AS "group", covers, label, coalesce(normal_subgroups, 1001) <= 1000 '
            'AS complete FROM normal_subgroups AS n JOIN groups USING ("group"))'
        ),
        "CASE WHEN complete THEN (len(covers) = 0) = (label = 'N0') "
        "ELSE label <> 'N0' OR len(covers) = 0 END",
    ),
    Law(
        "quotients: |N| times |G/N| is |G|; at least one kernel",
        "quotients",
        "kernels >= 1 AND kernel_order > 1 AND kernel_order * "
        "CAST(regexp_extract(quotient, '\\(([0-9]+),', 1) AS BIGINT) = \"order\"",
    ),
    Law(
        "quotients: where the quotient is in the catalog: its simples are simples of G, and it is "
        "abelian, nilpotent, solvable with G",
        '(SELECT g."group", g.simples, g.abelian, g.nilpotent, g.solvable, q.simples AS fewer, '
        "q.abelian AS a, q.nilpotent AS n, q.solvable AS s FROM quotients AS x "
        'JOIN groups AS g USING ("group") JOIN groups AS q ON x.quotient = q."group")',
        "fewer < simples AND (a OR NOT abelian) AND (n OR NOT nilpotent) AND (s OR NOT solvable)",
        whole=True,
    ),
    Law(
        "pl_maps: one row per kernel of a simple, with its order",
        '(SELECT p."group", p.kernel_order, n.subgroup_order, n.is_kernel FROM pl_maps AS p '
        "FULL JOIN (FROM normal_subgroups WHERE is_kernel) AS n "
        'ON p."group" = n."group" AND p.kernel = n.label)',
        "kernel_order = subgroup_order AND is_kernel",
    ),
    Law(
        "pl_maps: every simple stands with its kernel",
        '(SELECT s."group", p.simples, s.label FROM simples AS s LEFT JOIN pl_maps AS p '
        'USING ("group", kernel))',
        "list_contains(simples, label)",
    ),
    Law(
        "pl_maps: the simples are all simples of the group, each once; only G has none above",
        _per_group(
            'SELECT p."group", sum(len(p.simples)) AS all_simples, '
            'count_if((len(below) = 0) <> (p.kernel_order = p."order")) AS wrong, '
            "min(targets - len(p.simples)) AS least, max(targets) AS most "
            'FROM pl_maps AS p GROUP BY p."group"'
        ),
        "all_simples = simples AND wrong = 0 AND least >= 0 AND most <= simples",
    ),
)
_MODULES = (
    Law("modules: |H| times degree is |G|", "modules", 'degree * subgroup_order = "order"'),
    Law(
        "modules: H is normal exactly if the rank is the degree (H fixes every point)",
        "modules",
        "subgroup_normal = (rank = degree)",
    ),
    Law(
        "modules: one regular module per group, of degree |G| and rank |G|",
        _per_group(
            'SELECT "group", count(*) AS k, any_value(degree) AS degree, any_value(rank) AS rank '
            "FROM modules WHERE module = 'regular' GROUP BY \"group\""
        ),
        'k = 1 AND degree = "order" AND rank = "order"',
    ),
    Law(
        "modules: as many as classes of subgroups, where groups counts these",
        '(FROM groups AS g JOIN (SELECT "group", count(*) AS k FROM modules GROUP BY "group") '
        'USING ("group") WHERE subgroup_classes IS NOT NULL)',
        "k = subgroup_classes",
    ),
    Law(
        "contents: multiplicities times dimensions add up to the degree",
        _CONTENTS,
        "points = degree",
    ),
    Law("contents: rank = sum of m^2 e", _CONTENTS, "orbitals = rank"),
    Law(
        "contents: as many simples as modules says; largest multiplicity; the trivial one once",
        _CONTENTS,
        "k = simples AND largest = largest_multiplicity AND trivial = 1",
    ),
    Law(
        "contents: dim L^H = m e, at most dim L; all of it in the regular module",
        _CONTENT,
        "fixed = multiplicity * CASE type WHEN 'R' THEN 1 WHEN 'C' THEN 2 ELSE 4 END "
        "AND 1 <= fixed AND fixed <= dimension AND (subgroup_order > 1 OR fixed = dimension)",
    ),
    Law(
        "contents: hyperplanes |G:U_L| divide the degree; regions in dimensions 1 and 2",
        _CONTENT,
        "degree % hyperplanes = 0 AND regions IS NOT DISTINCT FROM "
        "CASE dimension WHEN 1 THEN 2 WHEN 2 THEN 2 * hyperplanes END",
    ),
)
_GRAPHS = (
    Law(
        "graphs: every module under every activation",
        _per_module(
            'SELECT "group", module, count(DISTINCT activation) AS k, '
            "(SELECT count(DISTINCT activation) FROM graphs) AS wanted, "
            "min(nodes) AS least, max(nodes) AS most FROM graphs GROUP BY ALL"
        ),
        "k = wanted AND least = simples AND most = simples",
        whole=True,
    ),
    Law(
        "graphs: numbers of edges and loops are those of the table edges",
        _EDGE_SUMS,
        "edges = coalesce(k, 0) AND loops = coalesce(own, 0)",
    ),
    Law(
        "graphs: sinks and sources are nodes without arrows to, from, others",
        _EDGE_SUMS,
        "sinks = nodes - coalesce(leaving, 0) AND sources = nodes - coalesce(entered, 0) "
        "AND nontrivial_sinks = sinks - if(coalesce(from_trivial, 0) = 0, 1, 0)",
    ),
    Law(
        "graphs: components, longest path and numbers fit",
        "graphs",
        "1 <= components AND components <= nodes AND 0 <= longest_path "
        "AND longest_path < components AND edges <= nodes * nodes AND loops <= nodes",
    ),
    Law(
        "graphs: means of shares are those of the table edges",
        _EDGE_SUMS,
        f"self_share_mean IS NULL OR (abs(coalesce(stays, 0) / nodes - self_share_mean) "
        f"< {SHARE_TOLERANCE} AND abs(coalesce(to_trivial, 0) / nodes - trivial_share_mean) "
        f"< {SHARE_TOLERANCE} AND abs(coalesce(leak, 0) - largest_leak) < {SHARE_TOLERANCE})",
    ),
    Law(
        "edges: shares from one simple add up to 1, none is negative",
        _OUT,
        f"shares = 0 OR (shares = k AND abs(total - 1) < {SHARE_TOLERANCE})",
    ),
    Law(
        "edges: both ends occur in the module; 1 <= reach <= reach_of = dim K^H",
        _ENDS,
        "1 <= reach AND reach <= reach_of AND reach_of = fixed AND source_kernel IS NOT NULL "
        "AND coalesce(share, 0) >= 0 AND len(parts) > 0",
    ),
    Law(
        "edges: ker L lies in ker K, so |ker L| divides |ker K|",
        _ENDS,
        "target_kernel % source_kernel = 0",
    ),
    Law(
        "closed_sets: one per simple of a module and activation",
        _per_graph(
            'SELECT "group", module, activation, count(*) AS k, '
            "count(DISTINCT source) AS different FROM closed_sets GROUP BY ALL"
        ),
        "k = nodes AND different = nodes",
    ),
    Law(
        "closed_sets: the source is a member, and the size is that of the list",
        "closed_sets",
        "list_contains(members, source) AND size = len(members) "
        "AND len(list_distinct(members)) = size",
    ),
    Law(
        "closed_sets: the target of each edge lies in the closure of its source",
        '(SELECT e."group", members, target FROM edges AS e LEFT JOIN closed_sets '
        'USING ("group", module, activation, source))',
        "list_contains(members, target)",
    ),
    Law(
        "closed_sets: dimensions are those of the isotypic parts together",
        '(SELECT x."group", any_value(x.dimension) AS dimension, '
        "sum(c.multiplicity * s.dimension) AS total FROM (SELECT *, unnest(members) AS label "
        'FROM closed_sets) AS x LEFT JOIN contents AS c USING ("group", module, label) '
        'LEFT JOIN simples AS s USING ("group", label) '
        'GROUP BY x."group", x.module, x.activation, x.source)',
        "dimension = total",
    ),
)


def _keys() -> Iterator[Law]:
    for table in TABLES:
        names = ", ".join(f'"{name}"' for name in table.key)
        group = '"group", ' if "group" not in table.key and table.name != "provenance" else ""
        yield Law(
            f"{table.name}: every row once",
            f"(SELECT {group}{names}, count(*) AS k FROM {table.name} GROUP BY ALL)",
            "k = 1",
            whole=table.name == "provenance",
        )


def _provenance() -> Iterator[Law]:
    yield Law(
        "provenance: of this schema, or of one whose rows have the same values",
        "provenance",
        f"schema BETWEEN {OLDEST_ROWS} AND {SCHEMA_VERSION}",
        whole=True,
    )
    for table in TABLES:
        if table.name == "provenance":
            continue
        missing = " OR status <> 'done'" if table.machine else ""
        columns = '"group", status' if table.machine else '"group"'
        yield Law(
            f"{table.name}: every row says what made it",
            f"(SELECT {columns}, p.gap_version FROM {table.name} LEFT JOIN provenance AS p "
            "USING (provenance))",
            f"gap_version IS NOT NULL{missing}",
        )
    yield Law(
        "attempts: done exactly for the groups in the table groups, others have a reason",
        '(SELECT coalesce(a."group", g."group") AS "group", a.status, a.reason, '
        'g."group" AS found FROM attempts AS a FULL JOIN groups AS g USING ("group"))',
        "(status = 'done') = (found IS NOT NULL) AND (status = 'done' OR len(reason) > 0)",
    )


#: All laws that SQL decides, table by table.
LAWS: tuple[Law, ...] = (
    *_GROUPS,
    *_TABLES_OF_GROUPS,
    *_MODULES,
    *_GRAPHS,
    *_keys(),
    *_provenance(),
)
