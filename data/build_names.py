"""Write the tables of names in ``toolkit/groups/names``: library tables, descriptions, families.

Run from a checkout, ``python data/build_names.py``, with the catalog in ``data/catalog``. GAP
needs some minutes for the list of library tables.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.errors import NamingError, ToolkitError
from toolkit.gap.locate import find_gap
from toolkit.gap.workspace import base_command
from toolkit.groups.names.descriptions import as_printed, normal_form
from toolkit.groups.parsing.grammar import parse_expression, parse_group
from toolkit.groups.specs.expression import Expression
from toolkit.groups.specs.families import FAMILIES, Family
from toolkit.groups.specs.sporadic import SPORADIC

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from toolkit.groups.names.descriptions import Ids
    from toolkit.groups.specs.base import GroupSpec

HERE = Path(__file__).resolve().parent
NAMES = HERE.parent / "toolkit" / "groups" / "names"
LARGEST = 511

#: Families of groups by the words of the library, the most usual name first.
USUAL = (
    "CyclicGroup", "SymmetricGroup", "AlternatingGroup", "MathieuGroup", "DihedralGroup", "GL",
    "SL", "PSL", "PGL", "AGL", "GammaL", "PGammaL", "SuzukiGroup", "ReeGroup", "PSU", "PSp", "SU",
    "Sp", "GU", "PGU", "PrimitiveGroup", "SmallGroup", "TransitiveGroup", "PerfectGroup",
)  # fmt: skip
SHORT = {
    "CyclicGroup": "C", "SymmetricGroup": "S", "AlternatingGroup": "A", "MathieuGroup": "M",
    "DihedralGroup": "D", "SuzukiGroup": "Sz", "ReeGroup": "Ree",
}  # fmt: skip


def write(name: str, lines: Iterable[str]) -> None:
    """Write a table, and say how long it is."""
    text = "".join(f"{line}\n" for line in lines)
    NAMES.joinpath(name).write_text(text, encoding="utf-8")
    print(f"{name}: {len(text.splitlines())} lines")


def library_lines() -> list[str]:
    """Ask GAP for the tables, and return a line for each name."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "tables.tsv")
        answer = subprocess.run(
            [*base_command(find_gap()), str(HERE / "library_tables.g")],
            env={"PLREP_OUT": str(out)}, stdin=subprocess.DEVNULL, capture_output=True, check=False,
        )  # fmt: skip
        if not out.is_file():
            sys.exit(f"GAP made no list: {answer.stderr.decode()[-500:]}")
        rows = [line.split("\t") for line in out.read_text("utf-8").splitlines()]
    known = {row[1] for row in rows} & set(SPORADIC)
    return [
        f"{name}\t{identifier if identifier in known else usual_name(sources)}\t"
        f"{'s' if solvable == 'true' else ''}"
        for name, identifier, solvable, sources in rows
    ]


def usual_name(sources: str) -> str:
    """Return the name of a group that can be held, out of what the library knows about a table."""
    best: list[tuple[int, int, str]] = []
    for source in filter(None, sources.split("|")):
        word, _, rest = source.partition(":")
        numbers = [int(n) for n in rest.strip("[]").split(",") if n.lstrip("-").isdigit()]
        if word not in USUAL or not numbers:
            continue
        family = SHORT.get(word, word)
        try:
            spec = Family(family, tuple(numbers))
        except (NamingError, ValueError):
            continue
        if family in ("PSU", "PSp", "SU", "Sp", "GU", "PGU", "PSL", "SL", "GL", "PGL", "AGL"):
            size = numbers[1] ** (numbers[0] * (2 if "U" in family else 1))
            if size > 4000:
                continue
        else:
            size = numbers[0]
        best.append((USUAL.index(word), size, spec.name))
    return min(best)[2] if best else ""


def description_lines(groups: Sequence[tuple[str, tuple[int, int]]]) -> list[str]:
    """Return the descriptions in their normal form, smaller groups first."""
    table: dict[str, Ids] = {}
    for order in sorted({number[0] for _, number in groups}):
        found: dict[str, Ids] = {}
        for text, number in groups:
            if number[0] == order:
                for expression in sides(parse_expression(text)):
                    key = normal_form(expression, table)
                    found[key] = (*found.get(key, ()), number)
        table |= found
    by_text: dict[str, Ids] = {}
    for text, number in groups:
        by_text[text] = (*by_text.get(text, ()), number)
    for text, ids in by_text.items():  # told apart by the order in which GAP prints direct factors
        if len(table[normal_form(parse_expression(text), table)]) > len(ids):
            table[as_printed("".join(text.split()))] = ids
    return [
        f"{key}\t{','.join(f'{order}.{index}' for order, index in sorted(ids))}"
        for key, ids in table.items()
    ]


def sides(expression: Expression | GroupSpec) -> Iterable[Expression | GroupSpec]:
    """Return a description, and where GAP gives two in one, both of them, too."""
    yield expression
    if isinstance(expression, Expression) and expression.sign == "=":
        yield from expression.parts


def catalog_descriptions() -> list[tuple[str, tuple[int, int]]]:
    """Return the descriptions that the catalog prints, each with the number of its group."""
    import pyarrow.parquet as pq

    table = pq.read_table(HERE / "catalog" / "groups.parquet", columns=["group", "description"])
    out = []
    for row in table.to_pylist():
        if row["description"] not in (None, "1"):
            spec = parse_group(row["group"])
            assert isinstance(spec, Family)
            out.append((row["description"], (spec.numbers[0], spec.numbers[1])))
    return out


def family_specs() -> Iterable[Family]:
    """Return the members of all families of order at most 511, those with short names first."""
    usual = (
        "C",
        "S",
        "A",
        "Q",
        "D",
        "QD",
        "Dic",
        "M",
        "He",
        "Mod",
        "AGL",
        "SL",
        "GL",
        "PSL",
        "PGL",
    )
    words = dict.fromkeys((*usual, *FAMILIES))
    for word in words:
        row = FAMILIES[word]
        if row.kind in ("small", "primitive", "transitive", "perfect"):
            continue
        first = range(1, LARGEST + 1)
        pairs = [(n,) for n in first]
        if len(row.numbers) == 2:
            pairs = [(a, b) for a in range(1, 9) for b in range(2, LARGEST + 1)]
        if row.kind == "extraspecial":
            pairs = [(p, e) for p in (2, 3, 5) for e in (2, 4, 6)]
        for numbers in pairs:
            try:
                spec = Family(word, numbers)
            except NamingError:
                continue
            order = spec.order
            scalar = len(numbers) == 2 and numbers[0] == 1 and word[0] != "A" and "a" not in word
            if order is not None and order <= LARGEST and not scalar and spec.name != "D4":
                yield spec


def family_lines() -> list[str]:
    """Return the names of families with the numbers of their groups, which GAP finds."""
    import toolkit as tk

    lines = []
    for spec in family_specs():
        try:
            number = tk.group(spec).small_group_id
        except ToolkitError as error:
            print(f"{spec.name}: {error}")
            continue
        assert number is not None
        lines.append(f"{spec.name}\t{number[0]}.{number[1]}")
    return lines


def frobenius_lines() -> list[str]:
    """Ask GAP for the Frobenius groups, by order."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "frobenius.tsv")
        subprocess.run(
            [*base_command(find_gap()), str(HERE / "frobenius_groups.g")],
            env={"PLREP_OUT": str(out)}, stdin=subprocess.DEVNULL, capture_output=True, check=False,
        )  # fmt: skip
        return out.read_text("utf-8").splitlines()


def main() -> None:
    """Write all tables."""
    write("descriptions.tsv", description_lines(catalog_descriptions()))
    write("families.tsv", family_lines())
    write("frobenius.tsv", frobenius_lines())
    write("library_tables.tsv", library_lines())


if __name__ == "__main__":
    main()
