"""Tables in LaTeX and pictures in TikZ: exact values, escaped names, and they compile."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import networkx as nx
import pytest

import toolkit as tk
from toolkit import formats
from toolkit.exact.cyclotomic import Cyclotomic
from toolkit.formats.latex import escape, group_name, label, latex_number, latex_table

if TYPE_CHECKING:
    from pathlib import Path

TORTURE = "\\ ~ ^ < > | \" { } $ & # % _ × · … √5 é Ж 🙂 \n [a] ``''"


def value(text: str) -> complex:
    """Evaluate a number in LaTeX, independently of how it was written."""
    python = re.sub(r"\\frac\{((?:[^{}]|\{[^{}]*\})*)\}\{(\d+)\}", r"((\1)/(\2))", text)
    python = re.sub(r"\\sqrt\{(\d+)\}", r"*(\1**0.5)", python)
    python = re.sub(
        r"\\zeta_\{(\d+)\}(?:\^\{(\d+)\})?",
        lambda m: f"*(cmath.exp(2j*cmath.pi/{m[1]})**{m[2] or 1})",
        python,
    )
    python = re.sub(r"(\d*)i", lambda m: f"({m[1] or 1}j)", python.replace("cmath.pi", "PI"))
    python = python.replace("PI", "cmath.pi").replace("cmath.p(1j)", "cmath.pi")
    python = re.sub(r"(^|[-+(])\*", r"\1", python)
    import cmath

    return complex(eval(python, {"cmath": cmath}))


@pytest.mark.parametrize("name", ["C5", "C7", "C8", "C12", "A5", "M11", "SL(2,5)", "C21"])
def test_numbers_mean_what_they_say(name: str) -> None:
    """Every value of some character tables, read back from LaTeX by another route."""
    if name == "M11":
        name = "Table(M11)"
    for number in tk.group(name).character_table.values:
        assert abs(value(number.latex()) - number.to_complex()) < 1e-12, number.latex()


def test_numbers() -> None:
    def number(conductor: int, *terms: tuple[int, int, int]) -> str:
        return Cyclotomic(conductor, terms).latex()

    assert number(1) == "0"
    assert number(1, (0, -2, 3)) == r"-\frac{2}{3}"
    assert number(4, (1, 1, 1)) == "i"
    assert number(4, (1, -2, 1)) == "-2i"
    assert number(8, (1, 1, 1)) == r"\zeta_{8}"
    assert number(7, (1, 1, 1), (6, 1, 1)) == r"\zeta_{7}+\zeta_{7}^{6}"
    assert number(3, (1, 1, 1)) == r"\frac{-1+i\sqrt{3}}{2}"
    assert latex_number(5) == "$5$"


def test_names() -> None:
    assert label("L12") == "$L_{12}$"
    assert label("H120b") == "$H_{120b}$"
    assert label("a_b") == r"a\_b"
    assert group_name("C2^3 x D8") == r"$C_{2}^{3} \times D_{8}$"
    assert group_name("(C7 : C3) : C2") == r"$(C_{7} : C_{3}) : C_{2}$"
    assert group_name("SmallGroup(64,5)") == "SmallGroup(64,5)"
    assert group_name("?") == "?"
    assert not re.search(r"(?<!\\)[&%#_]", escape(TORTURE))


def test_long_tables_break_between_pages() -> None:
    short = latex_table(["a"], [["1"]] * 40)
    long = latex_table(["a"], [["1"]] * 41, caption="x")
    assert "tabular" in short
    assert "longtable" in long
    assert long.count(r"\endhead") == 1


def test_wide_character_tables_are_continued() -> None:
    table = tk.group("C16").character_table
    text = formats.character_table_to_latex(table)
    assert text.count(r"\begin{tabular}") == 2
    rows = [line for line in text.splitlines() if "$X_{" in line]
    assert len(rows) == 32
    assert sum(line.count("&") - 1 for line in rows) == 16 * 16


def test_lattices_are_drawn_in_levels() -> None:
    graph = tk.group("D8").table_of_marks().graph
    # the subgroups of the square's group up to conjugacy, by hand
    assert sorted(graph.out_degree(node) for node in graph) == [0, 1, 1, 1, 1, 1, 3, 3]
    text = formats.to_tikz(graph)
    heights = re.findall(r"\(n\d+\) at \([-0-9.]+,([0-9.]+)\)", text)
    assert sorted(heights) == ["0.00", *["1.90"] * 3, *["3.80"] * 3, "5.70"]
    assert text.count(r"\draw") == graph.number_of_edges()
    circle: nx.DiGraph[str] = nx.DiGraph([("a", "b"), ("b", "a"), ("a", "a")])
    assert formats.to_tikz(circle).count(r"\draw") == 3
    assert "tikzpicture" in formats.to_tikz(nx.DiGraph())


def test_every_edge_of_an_interaction_graph_is_drawn() -> None:
    graph = tk.interaction_graph(tk.group("C12").regular_module(), "relu", bias=False)
    text = formats.to_tikz(graph)
    assert text.count(r"\draw") == graph.number_of_edges()
    assert text.count(r"\node") == len(graph)
    assert text.count("loop") == nx.number_of_selfloops(graph)


def engine() -> list[str] | None:
    """Return a LaTeX that has what the documents need."""
    for name in ("pdflatex", "lualatex", "xelatex"):
        if shutil.which(name):
            return [name, "-interaction=nonstopmode", "-halt-on-error", "page.tex"]
    return ["tectonic", "page.tex"] if shutil.which("tectonic") else None


def compiled(folder: Path, text: str) -> str:
    """Compile a document; return what LaTeX said."""
    command = engine()
    if command is None:
        pytest.skip("no LaTeX is installed")
    (folder / "probe").mkdir()
    probe = formats.latex_document("probe")
    for place, source in ((folder / "probe", probe), (folder, text)):
        (place / "page.tex").write_text(source, "utf-8")
        done = subprocess.run(
            command, cwd=place, stdin=subprocess.DEVNULL, capture_output=True, check=False
        )
        said = done.stdout.decode("utf-8", "replace")
        if place != folder and done.returncode:
            pytest.skip("this LaTeX lacks booktabs, longtable or tikz")
    assert done.returncode == 0, said[-2000:]
    assert (folder / "page.pdf").stat().st_size > 1000
    return said


def test_it_compiles(tmp_path: Path) -> None:
    G, K = tk.group("S4"), tk.group("C12")
    lattice = G.normal_subgroups()
    X = G.coset_module("H2b")
    rows = [("H2b", 2, 12, X.multiplicities, X.rank), ("H4a", 4, 6, None, None)]
    said = compiled(
        tmp_path,
        formats.latex_document(
            formats.character_table_to_latex(G.character_table),
            formats.character_table_to_latex(K.character_table),
            formats.character_table_to_latex(tk.group("SL(2,5)").character_table),
            formats.simples_to_latex(G.character_table, {s.label: (4,) for s in G.simples}),
            formats.normal_subgroups_to_latex(lattice, {"N1": "C2 x C2"}),
            formats.decompositions_to_latex("S4", rows, {"H2b": "C2"}),
            formats.spherical_table_to_latex(X.spherical_table),
            formats.to_tikz(lattice.graph),
            formats.to_tikz(G.table_of_marks().graph),
            formats.to_tikz(tk.interaction_graph(K.regular_module(), "relu", bias=False)),
            formats.to_tikz(tk.interaction_graph(X, "gelu", bias=True)),
            latex_table([escape(TORTURE)], [[label(TORTURE)], ["x"]] * 30, caption="long"),
            title=TORTURE,
        ),
    )
    assert "Undefined control sequence" not in said
    assert "Missing character" not in said
