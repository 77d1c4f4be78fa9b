"""Conditions of the filter language, good and bad, for comparing its two readers."""

from __future__ import annotations

import random

#: Sound ones and broken ones by hand, about the table groups.
BY_HAND = (
    "", " ", "abelian", "not abelian", "order <= 60 and not abelian", "ORDER < 3", "Abelian",
    "4 < order <= 60", "order = 60 or order == 24", "order <> 8 and order < 10", "order in (4, 8)",
    "order not in (4, 8) and order < 9", "order between 3 and 5", "order not between 2 and 250",
    "description like 'C%'", "description like '_2 x%'", "description LIKE '%:%' and order < 40",
    'description glob "C?"', "description glob 'C[2-4] x C[!2]'", "description glob '[]C]*'",
    "description glob 'C\\\\[2'", "description glob 'C['", "description glob 'C[2'",
    "description glob '*x*x*'", "description glob '[a-'", "description like 'C\\%'",
    "subgroup_classes is null", "subgroup_classes is not null and order = 12",
    "subgroup_classes > 10", "not subgroup_classes > 10", "not (subgroup_classes > 10 or abelian)",
    "subgroup_classes > 10 or order = 64", "subgroup_classes in (10, 12, order)",
    "subgroup_classes not in (10, 12)", "'2' in abelian_invariants",
    "not '3' in abelian_invariants",
    "description in abelian_invariants", "abelian_invariants is null",
    "order % 7 = 0", "order % 0 = 0", "order % 0 is null and order < 4", "-order % 7 = -3",
    "order % -7 = 3", "order + 2 * number - 1 > 400", "order * 1.5 = 12", "order % 2.5 = 0.5",
    "order = 1e1", "order = .8e1", "order < 5.", "-order < -250", "- - order = 4", "order - -4 = 8",
    "abelian = true and order = 9", "abelian = nilpotent and order < 7", "abelian != nilpotent",
    "(abelian) = (not perfect)", "(order) = (8)", "((order = 8))", "order = 8 = true",
    "true", "false", "not true", "not not abelian and order < 4", "true or order",
    "group = 'S4'", "group = 'smallgroup( 24 , 12)'", "'S3' = group", "group in ('S3', 'C4')",
    "group not in ('S3', 'C4') and order < 7", "group != 'S3' and order = 6", "group == 'D8'",
    "group like 'SmallGroup(8,%'", "group > 'SmallGroup(99'", "group = description",
    "order < 5 and description > 'C3'", "description = 'it''s'", 'description = "C2"',
    "order=4or order=5", "order<5and abelian", "order\n<\n3", "simples_R + simples_C = simples",
    "order = 9007199254740993", "order < 9223372036854775807", "1 < 2 < 3 and order = 1",
    # broken
    "order <=", "order <= and abelian", "ordr < 5", "order < 5 and nosuchthing", "order < '5'",
    "description = 5", "order", "description", "abelian_invariants", "not abelian and", "(abelian",
    "abelian)", "order < 5; drop table groups", "order / 2 < 3", "order & 2", "order | 2",
    "description like C", "order like 'C'", "order in 5", "order in (5, 'x')", "order in ()",
    "'2' in order", "2 in abelian_invariants", "order = 9223372036854775808", "order = 1e999",
    "order = 5x", "abelian < true", "exponent == order extra", "order 5", "description == 'open",
    'description == "open', "edges.order < 3", "groups. < 3", "order is 5", "order not 5",
    "order between 3", "abelian + 1 > 2", "(" * 100 + "abelian", "not " * 100 + "abelian",
    "-" * 100 + "order < 0", "abelian or " * 1000, "abelian" + " or abelian" * 250,
    "order = 1" + " + 1" * 250, "true == (" * 50 + "true" + ") == true" * 50,
    "abelian_invariants = abelian_invariants", "abelian_invariants in abelian_invariants",
    "order = #", "order = \u00e9", "order = \U0001f600", "\u00e9", "order < 5 \\ 3", "order ~ 4",
    "order = $1", "order = `4`", "order\x00 = 4", "order = 4 \u200b", "order =\u00a04",
    "grp = 1", "descripton = 'C2'", "nilpotant", "simple_R > 1", "classs > 1", "x", "Order_ < 5",
    "real_clases > 1", "exponent.order = 4", "groups.order = 4", "groups.ordr = 4",
    "GROUPS.order=4",
    "in (4)", "and", "or abelian", "not", "between 3 and 4", "like 'x'", "null", "order is not",
    "order is null is null", "asc", "order desc", "'a' < 'b'", "'a'", "5", "5 < 6", "-'a' = 5",
    "-abelian", "not order", "order and abelian", "abelian and order", "abelian or 'x'",
    "abelian = 1", "true < false", "abelian <> true", "order in (abelian)", "group = 5",
    "description like", "description glob 5", "description like 'a' 'b'", "order,number", "order.",
    ".order", "order..number", "1.2.3 = order", "1..2 = order", "0x10 = order", "1_000 = order",
    "' ' = description", "description = ''''", "description = '''", "a" * 60 + " = 1",
    "simples_Z > 1", "it's", "say 'it''s' and \"no\"",
)  # fmt: skip

_NUMBERS = ("order", "number", "simples", "exponent", "subgroup_classes", "classes")
_TRUTHS = ("abelian", "nilpotent", "perfect", "solvable", "true", "false")
_TEXTS = ("description", "'C4'", '"C2 x C2"', "'D8'")
_PIECES = (
    "order", "abelian", "description", "abelian_invariants", "and", "or", "not", "in", "between",
    "like", "glob", "is", "null", "(", ")", ",", "=", "<", "<=", "!=", "+", "-", "*", "%", "5",
    "2.5", "'C4'", "true", ".", "groups", "subgroup_classes", "ordr", "'", "/", "&",
)  # fmt: skip


def random_number(draw: random.Random, depth: int) -> str:
    """Return a number in words of the language."""
    if depth <= 0 or draw.random() < 0.4:
        return draw.choice((*_NUMBERS, "2", "3", "60", "1.5", "0"))
    kind = draw.randrange(4)
    if kind == 0:
        return f"-{random_number(draw, depth - 1)}"
    if kind == 1:
        return f"({random_number(draw, depth - 1)})"
    sign = draw.choice("+-*%")
    return f"{random_number(draw, depth - 1)} {sign} {random_number(draw, depth - 1)}"


def random_condition(draw: random.Random, depth: int) -> str:
    """Return a condition on groups that can be read."""
    kind = draw.randrange(10) if depth > 0 else draw.choice((0, 3, 5))
    if kind == 0:
        return draw.choice(_TRUTHS)
    if kind == 1:
        return f"not {random_condition(draw, depth - 1)}"
    if kind == 2:
        return f"({random_condition(draw, depth - 1)})"
    if kind == 3:
        text = random_number(draw, 2)
        for _ in range(draw.choice((1, 1, 1, 2, 3))):
            sign = draw.choice(("=", "==", "!=", "<>", "<", "<=", ">", ">="))
            text += f" {sign} {random_number(draw, 2)}"
        return text
    if kind == 4:
        items = ", ".join(random_number(draw, 1) for _ in range(draw.randrange(1, 5)))
        return f"{random_number(draw, 1)} {draw.choice(('in', 'not in'))} ({items})"
    if kind == 5:
        what = draw.choice(("like 'C%'", "not like '%x%'", "glob '*C[24]*'", "> 'C5'", "= 'D8'"))
        return f"description {what}"
    if kind == 6:
        ends = f"{random_number(draw, 1)} and {random_number(draw, 1)}"
        return f"{random_number(draw, 1)} {draw.choice(('between', 'not between'))} {ends}"
    if kind == 7:
        what = draw.choice((*_NUMBERS, *_TEXTS, "abelian", "abelian_invariants"))
        return f"{what} {draw.choice(('is null', 'is not null'))}"
    first, second = random_condition(draw, depth - 1), random_condition(draw, depth - 1)
    return f"{first} {draw.choice(('and', 'or', '=', '<>'))} {second}"


def damaged(draw: random.Random, text: str) -> str:
    """Return a text in which words are lost, doubled, exchanged or put in."""
    words = text.split(" ")
    for _ in range(draw.randrange(1, 3)):
        at = draw.randrange(len(words))
        kind = draw.randrange(4)
        if kind == 0:
            words[at : at + 1] = []
        elif kind == 1:
            words.insert(at, draw.choice(_PIECES))
        elif kind == 2:
            words[at] = draw.choice(_PIECES)
        else:
            words[at] = words[at][:-1]
        words = words or ["order"]
    return " ".join(words)


def conditions(count: int, seed: int = 0) -> list[str]:
    """Return those by hand and random ones, a third of these damaged."""
    draw = random.Random(seed)
    out = list(BY_HAND)
    for number in range(count):
        text = random_condition(draw, draw.randrange(1, 5))
        out.append(damaged(draw, text) if number % 3 == 0 else text)
    return out
