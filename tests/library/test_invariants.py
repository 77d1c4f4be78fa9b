"""Series, Sylow and maximal subgroups, automorphisms, multipliers, names, partitions."""

from __future__ import annotations

from itertools import pairwise
from math import comb, gcd, prod

import pytest

import toolkit as tk
from toolkit.errors import GapTimeoutError, InconsistentAnswerError, NotAvailable
from toolkit.groups.invariants import (
    GroupSeries,
    SylowSubgroup,
    check_series,
    check_sylow_subgroups,
)
from toolkit.groups.multipliers import multiplier_by_theory
from toolkit.groups.partitions import (
    character_value,
    conjugate,
    dimension,
    hook_lengths,
    partitions,
)
from toolkit.groups.permutation_characters import maximal_subgroups
from toolkit.library import questions, time_limits
from toolkit.settings import Settings
from toolkit.store import AnswerKey

GROUPS = ["C1", "C12", "Q8", "D8", "S4", "A5", "SL(2,3)", "C2 wr S3", "PSL(2,7)", "C2 x C2 x C2"]


@pytest.mark.parametrize("name", GROUPS)
def test_sylow_subgroups_are_the_class_of_that_order(name):
    """Sylow: all subgroups of order p^a are conjugate, so that their class has the number."""
    G = tk.group(name)
    classes = G.subgroup_classes()
    for P in G.sylow_subgroups():
        (only,) = [c for c in classes if c.order == P.order]
        assert only.length == P.count == G.order // P.normaliser_order
        assert G.coset_module(list(P.generators)).degree == G.order // P.order
        assert P.name == dict(
            zip([c.label for c in classes], G.subgroup_names(classes), strict=True)
        )[only.label]  # fmt: skip
    assert prod(P.order for P in G.sylow_subgroups()) == G.order


@pytest.mark.parametrize("name", GROUPS)
def test_maximal_subgroups_against_the_table_of_marks(name):
    G = tk.group(name)
    marks = G.table_of_marks()
    wanted = maximal_subgroups(marks.labels, marks.rows)
    classes = G.subgroup_classes()
    expected = sorted((c.order, c.length) for c in classes if c.label in wanted)
    assert sorted((m.order, m.length) for m in G.maximal_subgroups()) == expected
    found = G.are_maximal(classes)
    assert {c.label for c, flag in zip(classes, found, strict=True) if flag} == wanted


@pytest.mark.parametrize("name", GROUPS)
def test_series(name):
    G = tk.group(name)
    series, table = G.series(), G.character_table
    centre = sum(size == 1 for size in table.class_sizes)
    assert (*series.upper_central[:2], 1)[1] == centre
    assert (series.nilpotency_class is not None) == G.is_nilpotent
    # the terms of a chief series are normal, each maximal among those in the one above
    normal = G.normal_subgroups()
    steps = {(normal[j].order, normal[i].order) for i, j in normal.covers}
    assert all(step in steps for step in pairwise(series.chief))
    if len(series.lower_central) > 1:
        assert series.lower_central[1] == G.facts.subgroups.derived


def test_chief_factors_that_are_not_abelian():
    assert tk.group("S5").series().chief_factors == ("C2", "A5")
    assert tk.group("A5 x A5").series().chief_factors == ("A5", "A5")
    assert tk.group("A5 wr C2").series().chief_factors == ("C2", "A5^2")
    assert tk.group("PSL(2,7)").series().chief_factors in (("L3(2)",), ("L2(7)",), ("PSL(2,7)",))


def totient(n):
    return sum(gcd(k, n) == 1 for k in range(1, n + 1))


def test_automorphisms_of_cyclic_and_dihedral_groups():
    for n in (1, 2, 7, 12, 15):
        assert tk.group(f"C{n}").automorphism_orders().automorphisms == totient(n)
    for n in (3, 5, 8):
        assert tk.group(f"D{2 * n}").automorphism_orders().automorphisms == n * totient(n)


@pytest.mark.parametrize(
    ("name", "order"),
    [("Q8", 24), ("C2 x C2 x C2", 168), ("S6", 1440), ("A6", 1440), ("S7", 5040), ("A7", 5040)],
)
def test_automorphisms(name, order):
    found = tk.group(name).automorphism_orders()
    assert found.automorphisms == order
    assert found.outer * found.inner == order


@pytest.mark.parametrize(
    ("name", "multiplier"),
    [("C12", ()), ("C2 x C2", (2,)), ("C2 x C2 x C2", (2, 2, 2)), ("Q8", ()), ("D8", (2,)),
     ("S4", (2,)), ("A5", (2,)), ("A6", (2, 3)), ("PSL(2,7)", (2,)), ("S9", (2,))],
)  # fmt: skip
def test_schur_multipliers(name, multiplier):
    assert tk.group(name).schur_multiplier() == multiplier


def test_names():
    G = tk.group("C2 wr S3")
    normal = G.normal_subgroups()
    assert G.quotient_names(normal)[0] == G.subgroup_names(normal)[-1] == "C2 x S4"
    H = tk.group("C12")
    assert H.subgroup_names(H.normal_subgroups()) == ("1", "C2", "C3", "C4", "C6", "C12")
    E = tk.group("C4 x C2 x C2 x C2")
    assert E.subgroup_names(E.normal_subgroups())[-1] == "C4 x C2^3"
    with pytest.raises(ValueError, match="from subgroup_classes"):
        G.subgroup_names(["H4a"])


def test_class_counts_of_a_group_that_is_not_listed():
    """The same numbers by both routes: on the way of listed groups, and by this question."""
    G = tk.group("S5")
    classes = G.subgroup_classes()
    assert G.class_counts(classes) == tuple(c.class_counts for c in classes)
    given = [list(c.generators) for c in classes]
    reps = list(G.character_table.representatives)
    found = G.ask("class_counts", {"subgroups": given, "reps": reps})
    assert tuple(map(tuple, found)) == G.class_counts(classes)


def test_presentations_present_the_group():
    for name in ("SmallGroup(16,3)", "SmallGroup(24,3)", "Q16", "C12"):
        G = tk.group(name)
        relations = G.pc_presentation().relations
        letters = [f"f{i}" for i in range(1, len(G.pc_presentation().orders) + 1)]
        words = []
        for relation in relations:
            left, right = relation.split(" = ")
            base, _, exponent = left.partition("^")
            if exponent.startswith("f"):
                left = f"{exponent}^-1*{base}*{exponent}"
            words.append(left if right == "1" else f"{left}*({right})^-1")
        # what is not mentioned commutes
        said = {relation.split(" = ")[0] for relation in relations}
        words += [f"{a}*{b}*{a}^-1*{b}^-1" for i, a in enumerate(letters) for b in letters[i + 1 :]
                  if f"{b}^{a}" not in said]  # fmt: skip
        found = tk.group(f"<{','.join(letters)} | {', '.join(words)}>")
        assert found.small_group_id == G.small_group_id
    with pytest.raises(NotAvailable, match="permutations"):
        tk.group("S4").pc_presentation()


# -- symmetric groups ------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 6, 7])
def test_partitions_of_simples(n):
    """Every value of every character by Murnaghan and Nakayama's rule, against GAP's table."""
    G = tk.group(f"S{n}")
    if n <= 2:  # elements of cyclic groups may be words
        return
    table, found, cycles = G.character_table, G.partitions(), G.cycle_types()
    assert sorted(found.values(), reverse=True) == list(partitions(n))
    for simple in table.simples:
        p = found[simple.label]
        assert simple.dimension == dimension(p)
        values = [table.values[v].to_int() for v in simple.row]
        assert values == [character_value(p, c) for c in cycles]
    assert found["L0"] == (n,)
    natural = {found[label] for label in G.natural_module().multiplicities}
    assert natural == {(n,), (n - 1, 1)}
    # pairs of points: Young's rule
    if n >= 4:
        pairs = tk.group(f"S{n}").coset_module(
            [[1, 0, *range(2, n)], [0, 1, *range(3, n), 2], [0, 1, 3, 2, *range(4, n)]]
        )
        assert pairs.degree == comb(n, 2)
        assert {found[label] for label in pairs.multiplicities} == {(n,), (n - 1, 1), (n - 2, 2)}


def test_partitions_are_of_the_natural_action_only():
    for name in ("A5", "C6", "SmallGroup(24,12)", "Table(M11)"):
        with pytest.raises(NotAvailable):
            tk.group(name).partitions()
    assert tk.group("<(1,2,3,4),(1,2)>").partitions() == tk.group("S4").partitions()


def test_hooks():
    assert sorted(hook_lengths((3, 2)), reverse=True) == [4, 3, 2, 1, 1]
    for n in range(1, 9):
        found = list(partitions(n))
        assert sum(dimension(p) ** 2 for p in found) == prod(range(1, n + 1))
        assert sorted(map(conjugate, found)) == sorted(found)


# -- laws and limits -------------------------------------------------------------------------------


def test_laws_reject_what_cannot_be():
    good = GroupSeries((24, 12, 4, 1), ("C2", "C3", "C2^2"), (24, 12), (1,))
    check_series("S4", good)
    for bad in (
        GroupSeries((24, 12, 4), ("C2", "C3"), (24, 12), (1,)),
        GroupSeries((24, 12, 4, 1), ("C2", "C3", "C4"), (24, 12), (1,)[:1]),
        GroupSeries((24, 12, 4, 1), ("C2", "C3", "C2"), (24, 12), (1,)),
        GroupSeries((24, 12, 4, 1), ("C2", "C3", "C2^2"), (24, 1), (1,)),
    ):
        if bad.chief_factors[-1:] == ("C4",):
            continue  # C4 of order 4 is not told from C2^2 by its order
        with pytest.raises(InconsistentAnswerError):
            check_series("S4", bad)
    three = SylowSubgroup(3, 3, 4, (), "C3", 6, "S3")
    check_sylow_subgroups("S4", [SylowSubgroup(2, 8, 3, (), "D8", 8, "D8"), three])
    with pytest.raises(InconsistentAnswerError, match="1 modulo 2"):
        check_sylow_subgroups("S4", [SylowSubgroup(2, 8, 2, (), "D8", 12, None), three])


def test_a_library_table_has_none_of_it():
    G = tk.group("Table(M11)")
    for ask in (G.series, G.sylow_subgroups, G.maximal_subgroups, G.automorphism_orders,
                G.schur_multiplier, G.pc_presentation):  # fmt: skip
        with pytest.raises(NotAvailable, match="only the character table"):
            ask()


@pytest.mark.gap
def test_a_time_limit_stops_gap_and_the_next_question_is_answered(gap_session):
    G = tk.group("C2 wr S6", session=gap_session)
    assert G.order == 46080
    with pytest.raises(GapTimeoutError), gap_session.time_limit(0.05):
        G.schur_multiplier()
    assert gap_session.deadline is None
    assert G.series().upper_central == (1, 2)
    assert gap_session.where("C2 wr S6", "schur_multiplier") is None


@pytest.mark.gap
def test_a_question_that_ran_into_a_limit_is_asked_again_with_a_larger_one(gap_session):
    G = tk.group("C2 wr S6", session=gap_session)
    key = AnswerKey.of(G.name, "schur_multiplier", None, questions.SCHUR_MULTIPLIER.version)
    about = time_limits.key_of(key)

    def ask(seconds: float) -> list[str]:
        met: list[str] = []
        gap_session.on_question = lambda question, _: met.append(question)
        with pytest.raises(GapTimeoutError), gap_session.time_limit(seconds, keep=True):
            G.schur_multiplier()
        gap_session.on_question = None
        return met

    G.facts  # noqa: B018 - asked before, without a limit
    assert ask(0.1) == ["schur_multiplier"]
    ask(0.1)  # once more where GAP had to start in the first
    assert gap_session.store.get(about).value == {"seconds": 0.1}
    assert ask(0.1) == ask(0.05) == []
    assert ask(0.2) == ["schur_multiplier"]
    assert gap_session.store.get(about).value == {"seconds": 0.2}
    assert gap_session.where(G.name, "schur_multiplier") is None  # no value of the question
    with pytest.raises(GapTimeoutError), gap_session.time_limit(0.05):
        G.schur_multiplier()
    assert gap_session.store.get(about).value == {"seconds": 0.2}  # nothing is kept by default
    questions.check_stored(about, {"seconds": 0.2})
    for bad in ({"seconds": -1}, {"seconds": "soon"}, [2]):
        with pytest.raises((InconsistentAnswerError, ValueError)):
            questions.check_stored(about, bad)


def test_an_answer_removes_the_record_of_its_limit(tmp_path):
    with tk.Session(Settings(tmp_path), use_bundled=False) as session:
        key = AnswerKey.of("C5", "schur_multiplier", None, questions.SCHUR_MULTIPLIER.version)
        late = GapTimeoutError("schur_multiplier", "C5", 3.0)
        other = GapTimeoutError("facts", "C5", 3.0)

        def fetch(seconds, outcome):
            def compute():
                if isinstance(outcome, Exception):
                    raise outcome
                return outcome

            with session.time_limit(seconds, keep=True):
                return session.fetch("C5", questions.SCHUR_MULTIPLIER, None, compute)

        about = time_limits.key_of(key)
        with pytest.raises(GapTimeoutError):
            fetch(10, other)  # a question on the way has its own record
        assert session.store.get(about) is None
        with pytest.raises(GapTimeoutError):
            fetch(10, late)  # it had 3 of the 10 seconds: others had the rest
        assert session.store.get(about).value == {"seconds": 3.0}
        with pytest.raises(GapTimeoutError):
            fetch(2, ())  # not asked: it would have been answered
        with pytest.raises(GapTimeoutError):
            fetch(10, late)
        assert session.store.get(about).value == {"seconds": 10}
        with pytest.raises(GapTimeoutError, match="within 10 seconds"):
            fetch(10, ())
        assert fetch(60, ()) == ()
        assert session.store.get(about) is None
        assert fetch(10, late) == ()  # stored


@pytest.mark.gap
@pytest.mark.parametrize("order", [1, 8, 12, 16, 21, 30, 36])
def test_multipliers_by_theory_agree_with_gap(order, gap_session):
    number = gap_session.ask_gap
    met = 0
    for k in range(1, 15):
        try:
            G = tk.group(f"SmallGroup({order},{k})", session=gap_session)
            known = multiplier_by_theory(G.facts)
        except (tk.errors.ToolkitError, ValueError):
            break  # there are no more
        if known is not None:
            met += 1
            found = number("schur_multiplier", {"group": G.spec.to_gap()}, subject=G.name)
            assert tuple(found) == known == G.schur_multiplier(), G.name
    assert met
