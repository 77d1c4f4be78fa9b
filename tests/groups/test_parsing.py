"""The grammar of group names: round trips, every error message, hostile input."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.errors import NamingError
from toolkit.groups.parsing.grammar import parse_group
from toolkit.groups.specs import tree
from toolkit.groups.specs.base import MAX_TEXT
from toolkit.groups.specs.tree import spec_from_json

# Spelling, canonical name, canonical JSON.
NAMES: list[tuple[str, str, dict[str, Any]]] = [
    ("C8", "C8", {"kind": "cyclic", "order": 8}),
    ("Z8", "C8", {"kind": "cyclic", "order": 8}),
    ("C 08", "C8", {"kind": "cyclic", "order": 8}),
    ("C1", "C1", {"kind": "cyclic", "order": 1}),
    ("D4", "D4", {"kind": "dihedral", "order": 4}),
    ("D8", "D8", {"kind": "dihedral", "order": 8}),
    ("Q16", "Q16", {"kind": "quaternion", "order": 16}),
    ("S5", "S5", {"kind": "symmetric", "degree": 5}),
    ("A5", "A5", {"kind": "alternating", "degree": 5}),
    ("M24", "M24", {"kind": "mathieu", "degree": 24}),
    ("SL(2,3)", "SL(2,3)", {"kind": "linear", "family": "SL", "degree": 2, "field": 3}),
    ("AGL(1, 5)", "AGL(1,5)", {"kind": "linear", "family": "AGL", "degree": 1, "field": 5}),
    ("PSL(2,65536)", "PSL(2,65536)",
     {"kind": "linear", "family": "PSL", "degree": 2, "field": 65536}),
    ("SmallGroup( 24 , 12 )", "SmallGroup(24,12)", {"kind": "small", "order": 24, "index": 12}),
    ("TransitiveGroup(8,3)", "TransitiveGroup(8,3)",
     {"kind": "transitive", "degree": 8, "index": 3}),
    ("PrimitiveGroup(9,4)", "PrimitiveGroup(9,4)",
     {"kind": "primitive", "degree": 9, "index": 4}),
    ("Table(M)", "Table(M)", {"kind": "table", "name": "M"}),
    ("Table( 2.M12 )", "Table(2.M12)", {"kind": "table", "name": "2.M12"}),
    ("Table(U3(3).2)", "Table(U3(3).2)", {"kind": "table", "name": "U3(3).2"}),
    ("Table(F3+'_-/:)", "Table(F3+'_-/:)", {"kind": "table", "name": "F3+'_-/:"}),
    ("C4 × S3", "C4 x S3",
     {"kind": "product", "factors": [{"kind": "cyclic", "order": 4},
                                     {"kind": "symmetric", "degree": 3}]}),
    ("C2xC2", "C2 x C2", {"kind": "product", "factors": [{"kind": "cyclic", "order": 2}] * 2}),
    ("C2^3", "C2 x C2 x C2",
     {"kind": "product", "factors": [{"kind": "cyclic", "order": 2}] * 3}),
    ("C1 x (C1 x C2)", "C1 x C1 x C2",
     {"kind": "product", "factors": [{"kind": "cyclic", "order": n} for n in (1, 1, 2)]}),
    ("(C2)^1", "C2", {"kind": "cyclic", "order": 2}),
    ("C2wrS3", "C2 wr S3",
     {"kind": "wreath", "base": {"kind": "cyclic", "order": 2},
      "top": {"kind": "symmetric", "degree": 3}}),
    ("<(1,2,3),(1,2)>", "<(1,2,3), (1,2)>",
     {"kind": "permutations", "degree": 3, "images": [[1, 2, 0], [1, 0, 2]]}),
    ("<(4,3)(2,1)>", "<(1,2)(3,4)>",
     {"kind": "permutations", "degree": 4, "images": [[1, 0, 3, 2]]}),
    ("<(3,1,2)>", "<(1,2,3)>", {"kind": "permutations", "degree": 3, "images": [[1, 2, 0]]}),
    ("<()>", "<()>", {"kind": "permutations", "degree": 1, "images": [[0]]}),
    ("<(), ( )>", "<(), ()>", {"kind": "permutations", "degree": 1, "images": [[0], [0]]}),
    ("<(1,2)(4)>", "<(1,2)(4)>",
     {"kind": "permutations", "degree": 4, "images": [[1, 0, 2, 3]]}),
    ("<(1,2)(3),(2,3)>", "<(1,2), (2,3)>",
     {"kind": "permutations", "degree": 3, "images": [[1, 0, 2], [0, 2, 1]]}),
    ("<a,b | a^4, b^2, (a*b)^2>", "<a, b | a^4, b^2, (a*b)^2>",
     {"kind": "presentation", "generators": ["a", "b"],
      "relators": [[[0, 4]], [[1, 2]], [[0, 1], [1, 1], [0, 1], [1, 1]]]}),
    ("<[[1,1],[0,1]], [[0,1],[1,0]] | GF(3)>", "<[[1,1],[0,1]], [[0,1],[1,0]] | GF(3)>",
     {"kind": "matrices", "field": 3, "degree": 2,
      "matrices": [[[1, 1], [0, 1]], [[0, 1], [1, 0]]]}),
    ("<[[-1]]|GF(5)>", "<[[4]] | GF(5)>",
     {"kind": "matrices", "field": 5, "degree": 1, "matrices": [[[4]]]}),
    ("<[[z,0],[z^2,z^-1]], [[1,0],[0,z^3]] | GF(4)>",
     "<[[z,0],[z^2,z^2]], [[1,0],[0,1]] | GF(4)>",
     {"kind": "matrices", "field": 4, "degree": 2,
      "matrices": [[[2, 0], [3, 3]], [[1, 0], [0, 1]]]}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "name", "data"), NAMES, ids=[text for text, _, _ in NAMES])
def test_name_and_json(text: str, name: str, data: dict[str, Any]) -> None:
    spec = parse_group(text)
    assert spec.name == str(spec) == name
    assert spec.to_json() == data
    assert list(spec.to_json()) == list(data)
    assert parse_group(name) == spec
    assert spec_from_json(json.loads(json.dumps(data))) == spec
    assert hash(spec_from_json(data)) == hash(spec)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("C2 wr S3 x C2", "C2 wr S3 x C2"),
        ("C2 x C2 wr S3", "C2 x C2 wr S3"),
        ("(C2 x C2) wr S3", "(C2 x C2) wr S3"),
        ("C2^2 wr S3", "(C2 x C2) wr S3"),
        ("(C2 wr S3) wr C2", "C2 wr S3 wr C2"),
        ("C2 wr (S3 wr C2)", "C2 wr (S3 wr C2)"),
        ("C2 wr (S3 x C2)", "C2 wr (S3 x C2)"),
        ("(C2 wr S3)^2", "C2 wr S3 x C2 wr S3"),
        ("((((C2))))", "C2"),
        ("\n C2\t x\u00a0C3 \r\n", "C2 x C3"),
    ],
)
def test_precedence(text: str, name: str) -> None:
    assert parse_group(text).name == name
    assert parse_group(name) == parse_group(text)


def test_wreath_is_left_associative() -> None:
    spec = parse_group("C2 wr S3 wr C4")
    assert isinstance(spec, tree.Wreath)
    assert (spec.base.name, spec.top.name) == ("C2 wr S3", "C4")


@pytest.mark.parametrize(
    ("relators", "canonical"),
    [
        ("a^2, b^3", "a^2, b^3"),
        ("a^4=b^2=1, b^2", "a^4*b^-2, b^2, b^2"),
        ("[a,b], a^2, b^2", "a^-1*b^-1*a*b, a^2, b^2"),
        ("a^b = a^-1, a^2, b^2", "b^-1*a*b*a, a^2, b^2"),
        ("a^(b*a), a^2, b^2", "a^-1*b^-1*a*b*a, a^2, b^2"),
        ("a^(-2), b^( 3 )", "a^-2, b^3"),
        ("(a b)^-2, a^2, b^2", "(b^-1*a^-1)^2, a^2, b^2"),
        ("abab, a^2, b^2", "(a*b)^2, a^2, b^2"),
        ("ab^2, a^3", "a*b^2, a^3"),
        ("a*a^-1, 1, 1^5, (a)^0, [a,a], a^2, b^2", "a^2, b^2"),
        ("(a^2*b)^3 a^-1 a, a^3", "(a^2*b)^3, a^3"),
        ("a^2 = 1 = b^2", "a^2, b^-2"),
        ("((a^2)^3)^2, b", "a^12, b"),
    ],
)
def test_words(relators: str, canonical: str) -> None:
    spec = parse_group(f"<a, b | {relators}>")
    assert spec.name == f"<a, b | {canonical}>"
    assert parse_group(spec.name) == spec


def test_long_generator_names_are_not_split() -> None:
    spec = parse_group("<ab, a, x_1 | ab*a, a^2, x_1^3>")
    assert spec.to_json()["generators"] == ["ab", "a", "x_1"]
    assert spec.to_json()["relators"] == [[[0, 1], [1, 1]], [[1, 2]], [[2, 3]]]


def test_rank_of_the_abelianisation() -> None:
    with pytest.raises(NamingError, match="its abelianisation has rank 2"):
        parse_group("<a, b, c, d | a*b, [c,d], a^2*b^2, c^3>")
    with pytest.raises(NamingError, match="its abelianisation has rank 1"):
        parse_group("<a, b | a^2*b^4, a^-3*b^-6>")
    with pytest.raises(NamingError, match="its abelianisation has rank 1"):
        parse_group("<a | >")
    assert parse_group("<a, b | a^2*b^4, a^3*b^5>")
    assert parse_group("<a, b | a^-1*b^-1*a*b*a, b^a = b^2>")  # the trivial group


# One line for each message: text, 0-based position, part of the message.
ERRORS: list[tuple[str, int, str]] = [
    ("", 0, "the name is empty; for instance S4"),
    ("   ", 3, "the name is empty"),
    ("1", 0, "a group is needed here, not '1'; the trivial group is C1"),
    ("'C2'", 0, "quotation marks are not part of a name"),
    ("C4 x", 4, "a group is needed here, not the end"),
    ("C4 wr ", 6, "a group is needed here, not the end"),
    ("C2 C3", 3, "a group can be followed by 'x', 'wr', ':', '.', 'o', '^' or the end, not 'C'"),
    ("C2 * C3", 3, "a direct product is written C4 x S3"),
    ("C2 X C3", 3, "with a small x"),
    ("C13 : C12", 0, "2 groups have this description: SmallGroup(156,1), SmallGroup(156,7)"),
    ("C13 ⋊ C12", 0, "2 groups have this description: SmallGroup(156,1), SmallGroup(156,7)"),
    ("C4 . C2", 0, "an extension that does not split is not determined by its parts"),
    ("2.S4", 0, "2 groups have this description: SmallGroup(48,28), SmallGroup(48,29)"),
    ("Γ", 0, "no family of groups is called 'Gamma'"),
    ("C2 × Foo", 5, "no family of groups is called 'Foo'"),
    ("C₂² × Foo", 6, "no family of groups is called 'Foo'"),
    ("C4)", 2, "no parenthesis is open here"),
    ("(C4", 3, "a ')' is missing"),
    ("(C4;", 3, "not ';'"),
    ("C2^2^2", 4, "a power of a power needs parentheses"),
    ("C2^-1", 3, "the exponent of a group must be a whole number, not '-'"),
    ("C2^0", 3, "the exponent must be 1 to 64, not 0"),
    ("C2^65", 3, "a power of a group is a direct product of copies of it"),
    ("C2^1000000", 3, "the exponent must be 1 to 64"),
    ("C2 x (C2^32)^2", 0, "one name combines at most 64 groups"),
    ("S99999999999999999999", 1, "the number has 20 digits, and 15 are the most"),
    ("S10000001", 0, "the degree of a symmetric group must be 1 to 10,000,000, not 10000001"),
    ("A0", 0, "the degree of an alternating group must be 1 to 10,000,000, not 0"),
    ("C0", 0, "the order of a cyclic group must be 1 to 1,000,000,000,000, not 0"),
    ("C2 x C1000000000001", 5, "the order of a cyclic group"),
    ("D1000000000002", 0, "the order of a dihedral group"),
    ("Q1099511627776", 0, "the order of a quaternion group"),
    ("D7", 0, "D8 means the dihedral group of order 8"),
    ("D7", 0, "the dihedral group of the 7-gon is D14"),
    ("D0", 0, "the smallest one is D4"),
    ("D1", 0, "the trivial group is C1"),
    ("D2", 0, "write C2"),
    ("Q12", 0, "the dicyclic group of order 12 is Dic3"),
    ("Q48", 0, "the dicyclic group of order 48 is Dic12"),
    ("Q4", 0, "the smallest one is Q8"),
    ("Q18", 0, "for instance Q16"),
    ("M13", 0, "the Mathieu groups are M11, M12, M22, M23 and M24"),
    ("M0", 0, "the degree of a Mathieu group"),
    ("GL(2,6)", 0, "the field size must be a prime power, and 6 is not one"),
    ("GL(0,2)", 0, "the dimension of a linear group must be 1 to 1,000, not 0"),
    ("GL(2,65537)", 0, "the field size must be 2 to 65,536, not 65537"),
    ("GL(2)", 4, "GL has two numbers, separated by a comma; for instance GL(2,3)"),
    ("GL(2,3", 6, "the second number of GL must be followed by ')', not the end"),
    ("GL(2,q)", 5, "the second number of GL must be a whole number, not 'q'"),
    ("GL", 0, "'GL' must be followed by its arguments in parentheses; for instance GL(2,3)"),
    ("SmallGroup(24)", 13, "for instance SmallGroup(24,12)"),
    ("SmallGroup(0,1)", 0, "the order must be 1 to"),
    ("SmallGroup(8,0)", 0, "the index must be 1 to"),
    ("TransitiveGroup(0,1)", 0, "the degree must be 1 to"),
    ("PrimitiveGroup(0,1)", 0, "the degree must be 1 to"),
    ("S", 0, "'S' must be followed by a number; for instance S8"),
    ("S(5)", 0, "'S' takes a number and no parentheses; write S5"),
    ("M", 0, "its library character table is Table(M)"),
    ("Monster", 0, "its library character table is Table(M)"),
    ("Sz32", 0, "did you mean Sz(32)?"),
    ("Sz", 0, "for instance Sz(8)"),
    ("Sp", 0, "for instance Sp(4,3)"),
    ("PSU", 0, "for instance PSU(3,3)"),
    ("s5", 0, "did you mean S5?"),
    ("C2 x z8", 5, "did you mean Z8?"),
    ("sl(2,3)", 0, "did you mean SL(2,3)?"),
    ("SmalGroup(24,12)", 0, "for instance SmallGroup(24,12)"),
    ("SymetricGroup(5)", 0, "did you mean SymmetricGroup(5)?"),
    (
        "Dih4",
        0,
        "D8 is the dihedral group of order 8 (symmetries of the square), D4 the one of order 4",
    ),
    ("Dih(3)", 0, "D6 is the dihedral group of order 6 (symmetries of the triangle)"),
    ("dih4", 0, "D8 is the dihedral group of order 8 (symmetries of the square), D4 the one"),
    ("Dih1", 0, "for instance D8"),
    ("DihedralGroup", 0, "for instance DihedralGroup(8)"),
    ("cyclic(5)", 0, "did you mean CyclicGroup(5)?"),
    ("Dic(5)", 0, "did you mean Dic5?"),
    ("SD(16)", 0, "did you mean SD16?"),
    ("Foo(3)", 0, "no family of groups is called 'Foo'; the documentation lists the names"),
    ("Table", 0, "for instance Table(M)"),
    ("Table()", 6, "a table has a name"),
    ("Table(a b)", 6, "a table's name consists of letters, digits"),
    ('Table(a")', 6, "only, and has no '\"'"),
    ("Table((a)", 0, "a ')' is missing after the table's name"),
    (f"Table({'a' * 101})", 6, "a table's name has at most 100 characters"),
    ("C2 x Table(M)", 0, "it cannot be part of a product"),
    ("Table(M)^2", 0, "it cannot be part of a product"),
    ("Table(M) wr S3", 0, "it cannot be part of a product"),
    ("S3 wr Table(M)", 0, "it cannot be part of a product"),
    ("<>", 1, "'<' must be followed by permutations, matrices or generators, not '>'"),
    ("<(1,2)", 6, "a permutation must be followed by ',', '(' or '>', not the end"),
    ("<(1,2),a>", 7, "a permutation is needed here, not 'a'"),
    ("<(1 2)>", 4, "points are separated by commas"),
    ("<(1,2", 5, "a cycle must go on with ',' or ')', not the end"),
    ("<(1,)>", 4, "a point must be a whole number, not ')'"),
    ("<(0,1)>", 2, "points count from 1, as in GAP"),
    ("<(1,2,1)>", 6, "the point 1 occurs twice"),
    ("<(1,2)(2,3)>", 7, "the cycles of a permutation are disjoint"),
    ("<(1,500001)>", 4, "points go up to 500,000"),
    (f"<(1,100000){',(1,2)' * 10}>", 71, "more than 1,000,000 images together"),
    ("<a,b>", 4, "the generators must be followed by '|' and the relators"),
    ("<a b | a^2>", 3, "the generators must be followed by '|'"),
    ("<a,| a^2>", 3, "the name of a generator is needed here"),
    ("<a,b,a | a^2>", 5, "two generators have the name 'a'"),
    (f"<{'a' * 21} | 1>", 1, "a generator's name has at most 20 characters"),
    (f"<{','.join(f'g{i}' for i in range(51))} | 1>", 191, "at most 50 generators"),
    ("<a | a^2", 8, "a relator must be followed by ',', '=' or '>', not the end"),
    ("<a | a^2;>", 8, "not ';'"),
    ("<a | a^2,>", 9, "a word is needed here, not '>'"),
    ("<a | a^2, c>", 10, "'c' is not among the generators"),
    ("<a | A^2>", 5, "did you mean a?"),
    ("<alpha | alhpa^2>", 9, "did you mean alpha?"),
    ("<a | a2>", 5, "a power is written a^2"),
    ("<a | 2>", 5, "the only number in a word is 1, the identity"),
    ("<a | a^2^2>", 8, "a power of a power is ambiguous"),
    ("<a | a^>", 7, "a word is needed here, not '>'"),
    ("<a | (a>", 7, "a word in parentheses must be followed by ')', not '>'"),
    ("<a | a^(2>", 8, "the only number in a word is 1, the identity"),
    ("<a | a^(a>", 9, "a word in parentheses must be followed by ')', not '>'"),
    ("<a | [a>", 7, "the first word of a commutator must be followed by ','"),
    ("<a | [a,a>", 9, "the second word of a commutator must be followed by ']'"),
    ("<a | a^10001>", 5, "the word has more than 10,000 letters"),
    ("<a | (a^1000)^1000>", 5, "the word has more than 10,000 letters"),
    ("<a | a^5001*a^5001>", 18, "the word has more than 10,000 letters"),
    (f"<a | {'a,' * 1001}a>", 2006, "at most 1,000 relators"),
    (f"<a | {'a^10000,' * 21}a>", 0, "its relators have more than 200,000 letters"),
    ("<a,b | a^2>", 0, "the group is infinite: its abelianisation has rank 1"),
    ("<[1]|GF(2)>", 2, "'[' or ',' must be followed by '[', not '1'"),
    ("<[[1],|GF(2)>", 6, "'[' or ',' must be followed by '[', not '|'"),
    ("<[[1]],|GF(2)>", 7, "'<' or ',' must be followed by '[', not '|'"),
    ("<[[x]]|GF(2)>", 3, "an entry must be a whole number, not 'x'"),
    ("<[[1 2]]|GF(2)>", 5, "the last entry of a row must be followed by ']', not '2'"),
    ("<[[1] 2]|GF(2)>", 6, "the last row of a matrix must be followed by ']', not '2'"),
    ("<[[1]]", 6, "the last matrix must be followed by '|', not the end"),
    (
        "<[[1]]|F(2)>",
        7,
        "the field is needed here, not 'F'; for instance GF(3), Z, Q or CF(5), "
        "the field of the fifth roots of unity",
    ),
    ("<[[1]]|GF(2>", 11, "the field size must be followed by ')'"),
    ("<[[1]]|GF(2)", 12, "the field must be followed by '>'"),
    ("<[[1]]|GF(6)>", 10, "the field size must be a prime power, and 6 is not one"),
    ("<[[1]]|GF(1)>", 10, "the field size must be 2 to 65,536, not 1"),
    ("<[[1,1]]|GF(2)>", 1, "a matrix must have as many columns as rows"),
    ("<[[1,0],[0,1]],[[1]]|GF(2)>", 0, "is not 2 x 2: all must be square and of one size"),
    ("<[[1,1],[1,1]]|GF(2)>", 0, "matrix 0 (counted from 0) is not invertible over GF(2)"),
    ("<[[1]],[[0]]|GF(2)>", 0, "matrix 1 (counted from 0) is not invertible"),
    ("<[[z]]|GF(3)>", 3, "over GF(3) the entries are integers modulo 3"),
    ("<[[2]]|GF(4)>", 3, "over GF(4) the entries are 0, 1, z and powers z^k"),
    (f"<[{','.join(['[1]'] * 101)}]|GF(2)>", 1, "matrices have at most 100 rows"),
]


@pytest.mark.parametrize(("text", "position", "message"), ERRORS)
def test_error(text: str, position: int, message: str) -> None:
    with pytest.raises(NamingError) as caught:
        parse_group(text)
    assert message in str(caught.value)
    assert (caught.value.position, caught.value.text) == (position, text)
    assert f"at character {position + 1}:" in str(caught.value)


def test_not_a_text() -> None:
    with pytest.raises(NamingError, match="a name is text"):
        parse_group(5)  # type: ignore[arg-type]


HOSTILE = {
    "gap code": 'C8; Exec("rm -rf /");',
    "gap call": 'Exec("rm -rf /")',
    "gap in a table": 'Table(M"); Exec("rm -rf /");("M)',
    "gap in a generator": '<a"b | a^2>',
    "quote": 'C8"',
    "backslash": "C8\\",
    "newlines": "C8\n\nQuit();\n",
    "line separator": "C8\u2028x\u2029",
    "nul": "C8\0",
    "surrogate": "\ud800",
    "escape": "\x1b[31mC8",
    "wide digit": "S５",
    "open parentheses": "(" * 10_000,
    "matched parentheses": "(" * 10_000 + "C2" + ")" * 10_000,
    "matched 51": "(" * 51 + "C2" + ")" * 51,
    "word parentheses": "<a | " + "(" * 10_000 + "a" + ")" * 10_000 + ">",
    "commutators": "<a | " + "[" * 10_000 + "a>",
    "brackets": "<" + "[" * 10_000,
    "angles": "<" * 10_000,
    "1 MB word": "A" * 1_000_000,
    "1 MB number": "C" + "9" * 1_000_000,
    "1 MB space": " " * 1_000_000,
    "too long": "C2" + " " * MAX_TEXT,
    "1 MB product": "C2 x " * 200_000,
    "1 MB wreath": "C2" + " wr C2" * 150_000,
    "1 MB table": "Table(" + "(" * 900_000,
    "1 MB open table": "Table(" + "a" * 900_000,
    "1 MB relators": "<a | " + "a," * 490_000 + "a>",
    "1 MB generators": "<" + "a," * 490_000 + "a | a>",
    "1 MB points": "<(" + ",".join(map(str, range(1, 150_000))) + ",500001)>",
    "1 MB identities": "<" + "()," * 330_000 + "(1,100000)>",
    "cancelling powers": "<a,b | " + "(a*b)^5000*(b^-1*a^-1)^5000*" * 30_000 + "1>",
    "growing commutators": "<a,b | " + "[" * 40 + "a" + ",b]" * 40 + ">",
    "power of a big group": f"<(1,100000){',()' * 9}>^64",
    "power of long words": f"<a,b | a^2,{','.join(['(a*b)^5000'] * 15)}>^64",
    "many big groups": " x ".join([f"<(1,100000){',()' * 9}>"] * 64),
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.quick_cases(2)
def test_hostile(text: str) -> None:
    """Without the limits some of these would go on for hours."""
    with pytest.raises(NamingError) as caught:
        parse_group(text)
    message = str(caught.value)
    assert len(message.splitlines()) == 1
    assert len(message) < 500
    assert message.isprintable()
    position = caught.value.position
    assert position is not None
    assert 0 <= position <= len(text)


def test_fifty_parentheses_are_allowed() -> None:
    assert parse_group("(" * 50 + "C2" + ")" * 50).name == "C2"


def test_sixty_four_groups_are_allowed() -> None:
    spec = parse_group("C2^64")
    assert parse_group(spec.name) == spec
    tower = parse_group(" wr ".join(["C2"] * 64))
    assert spec_from_json(tower.to_json()) == tower == parse_group(tower.name)


@settings(deadline=None)
@given(st.text(max_size=30))
def test_any_text(text: str) -> None:
    _parses_or_refuses(text)


@settings(deadline=None)
@given(st.text(alphabet="CDQSAMxwrab123(),<>[]|^*=-z GF", max_size=40))
def test_texts_of_the_grammars_own_signs(text: str) -> None:
    _parses_or_refuses(text)


def _parses_or_refuses(text: str) -> None:
    try:
        spec = parse_group(text)
    except NamingError as error:
        refused = error
    else:
        assert parse_group(spec.name) == spec
        return
    assert refused.position is not None
    assert len(str(refused).splitlines()) == 1
