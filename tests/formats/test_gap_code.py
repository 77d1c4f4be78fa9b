"""What is written for GAP is read by plain GAP: the same group, the same action."""

from __future__ import annotations

import pytest
from plain_gap import said_by_gap

import toolkit as tk
from toolkit.errors import ModuleMismatchError, NotAvailable
from toolkit.formats import to_gap

NAMES = (
    "C1", "C6", "S4", "D8", "Q8", "SL(2,3)", "C4 x S3", "<a, b | a^4, b^2, (a*b)^2>",
    "<(1,2,3),(),(4,5)>", "SmallGroup(32,6)", "M11", "PSL(2,7)",
)  # fmt: skip


@pytest.mark.gap
def test_groups_have_the_same_number_in_gap() -> None:
    lines = [f'Print(IdGroup({to_gap(tk.group(name))}), "\\n");' for name in NAMES if name != "M11"]
    lines.append(f'Print(Size({to_gap(tk.group("M11"))}), "\\n");')
    said = "".join(said_by_gap("\n".join(lines)))
    wanted = [tk.group(name).small_group_id for name in NAMES if name != "M11"]
    assert said == "".join(f"[{n},{i}]" for n, i in filter(None, wanted)) + "7920"


@pytest.mark.gap
def test_actions_are_homomorphisms_with_the_same_kernel_and_rank() -> None:
    modules = [
        tk.group("S4").coset_module("H3a"),
        tk.group("S4").coset_module("N2"),
        tk.group("D8").regular_module(),
        tk.group("Q8").coset_module("N2") + tk.group("Q8").trivial_module(),
        tk.group("A5").natural_module() ** 2,
    ]
    lines = []
    for X in modules:
        lines.append(f"f := {to_gap(X)};;")
        lines.append('Print(f <> fail, " ", Size(Kernel(f)), " ");')
        fixed = f"({X.degree} - NrMovedPoints(g^f))^2"
        lines.append(f"sum := Sum(Source(f), g -> {fixed});;")
        lines.append('Print(Size(Source(f)), " ", sum / Size(Source(f)), "\\n");')
    said = said_by_gap("\n".join(lines))
    for k, X in enumerate(modules):
        known, kernel, order, inner = said[4 * k : 4 * k + 4]
        assert (known, int(order), int(inner)) == ("true", X.home.order, X.rank)
        image = tk.group_from_permutations(X.images.tolist())
        assert int(kernel) == X.home.order // image.order


@pytest.mark.gap
def test_matrices_multiply_as_here() -> None:
    D8 = tk.group("D8")
    signed = D8.signed_module_from_matrices([[[0, -1], [1, 0]], [[1, 0], [0, -1]]])
    golden = tk.group("D10").linear_module(
        [[["0", "-1"], ["1", "E(5)+E(5)^4"]], [["0", "1"], ["1", "0"]]]
    )
    program = ""
    for X in (signed, golden):
        program += f'f := {to_gap(X)};; Print(f <> fail, " ", Trace(One(Range(f))), " ");'
        program += 'Print(Sum(List(Source(f), g -> Trace(g^f)^2))/Size(Source(f)), "\\n");\n'
    assert said_by_gap(program) == ["true", "2", "1"] * 2


def test_the_way_back_is_the_same_action() -> None:
    G = tk.group("S4")
    inside = to_gap(G).removeprefix("Group([ ").removesuffix(" ])")
    H = tk.group(f"<{inside}>")
    assert H.natural_module().images.tolist() == G.natural_module().images.tolist()


def test_what_cannot_be_written_is_refused() -> None:
    with pytest.raises(NotAvailable, match="only the character table"):
        to_gap(tk.group("Table(M)"))
    with pytest.raises(NotAvailable, match="images; 1,000,000 are the most"):
        to_gap(tk.group("S7").natural_module() ** 8)
    with pytest.raises(NotAvailable, match="floating-point"):
        to_gap(tk.group("S4").simple_module("L3"))
    for wrong in ("S4", None, 3):
        with pytest.raises(ModuleMismatchError, match="a group or a module is required"):
            to_gap(wrong)  # type: ignore[arg-type]
