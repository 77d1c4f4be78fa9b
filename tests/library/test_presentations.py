"""Presentations: their orders against formulas, other routes of GAP, and brute force."""

from __future__ import annotations

import random
from dataclasses import replace
from math import gcd
from typing import TYPE_CHECKING

import pytest

import toolkit as tk
from toolkit.errors import ConfigError, NotAvailable
from toolkit.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.gap


def metacyclic(rng: random.Random, most: int) -> tuple[int, int, int, int]:
    """Return m, n, r, t such that a^m = 1, b^n = a^t, a^b = a^r is a group of order m n."""
    while True:
        m = rng.randint(3, most)
        r = rng.choice([x for x in range(1, m) if gcd(x, m) == 1])
        order = next(k for k in range(1, m + 1) if pow(r, k, m) == 1)
        n = order * rng.randint(1, 4)
        if n <= most:
            return m, n, r, rng.choice([t for t in range(m) if t * (r - 1) % m == 0])


SHAPES = {
    "as usual": ("a", "b"),
    "neither generator normal": ("(a*b^-1)", "b"),
    "a multiple of the other": ("a", "(b*a^3)"),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.quick_cases(1)
def test_metacyclic_groups_have_their_orders(shape: str) -> None:
    rng = random.Random(shape)
    a, b = SHAPES[shape]
    for _ in range(18):
        m, n, r, t = metacyclic(rng, 60)
        relators = f"{a}^{m}, {b}^{n}*{a}^{t - m}, {b}^-1*{a}*{b}*{a}^-{r}"
        assert tk.group(f"<a, b | {relators}>").order == m * n, relators


@pytest.mark.parametrize(
    ("relators", "order"),
    [
        ("a^128, b^2, b*a*b*a^-63", 256),  # semidihedral
        ("b^40, a^2, b*a*b^-39*a^-1", 80),
        ("a^1024, b^2, b*a*b*a^-513", 2048),  # modular
        ("a^1000, b^2*a^-500, b^-1*a*b*a", 2000),  # dicyclic
        ("a^103, b^102, b^-1*a*b*a^-5", 103 * 102),  # Frobenius
        ("a^1960, b^336*a^-175, b^-1*a*b*a^-169", 1960 * 336),
        ("a*b*a^-1*b^-2, b*a*b^-1*a^-2", 1),
        ("a^2, b^3, (a*b)^7, (a^-1*b^-1*a*b)^4", 168),
    ],
)
def test_long_relators(relators: str, order: int) -> None:
    assert tk.group(f"<a, b | {relators}>").order == order


@pytest.mark.slow
def test_orders_of_millions() -> None:
    assert tk.group("<a, b | a^1009, b^1008, b^-1*a*b*a^-11>").order == 1009 * 1008
    assert tk.group("<a, b | a^2000, b^2000, b^-1*a*b*a^-3>").order == 4_000_000


def test_the_group_is_the_one_that_its_library_number_says() -> None:
    semidihedral = tk.group("<a, b | a^128, b^2, b*a*b*a^-63>")
    assert semidihedral.small_group_id == (256, 540)
    assert tk.group("<a, b | b^40, a^2, b*a*b^-39*a^-1>").small_group_id == (80, 7)
    assert tk.group("<a, b | a^12, b^2*a^-6, b^-1*a*b*a>").small_group_id == (24, 4)
    simple = tk.group("<a, b | a^2, b^3, (a*b)^7, (a^-1*b^-1*a*b)^4>")
    assert simple.small_group_id == tk.group("PSL(2,7)").small_group_id


@pytest.mark.parametrize(
    ("relators", "reason"),
    [
        ("a^2, b^2", "the powers of a*b are a subgroup of index 2 and infinite order"),
        ("a^2, b^3, (a*b)^7", "a normal subgroup of index 168 has an infinite abelian quotient"),
        ("a^3, b^3, (a*b)^3", "its derived subgroup, of index 9, has an infinite abelian"),
    ],
)
def test_infinite_is_said_with_a_proof(relators: str, reason: str) -> None:
    with pytest.raises(NotAvailable, match="the group is infinite") as caught:
        _ = tk.group(f"<a, b | {relators}>").order
    assert reason in str(caught.value)


@pytest.mark.slow
def test_what_is_not_decided_is_said_with_the_limit_and_its_switch(tmp_path: Path) -> None:
    name = "<a, b | a^2, b^3, (a*b)^7, (a^-1*b^-1*a*b)^4>"
    few = replace(Settings.from_environment(), cache_dir=tmp_path, max_cosets=10)
    with tk.Session(few) as session, pytest.raises(NotAvailable) as caught:
        _ = tk.group(name, session=session).order
    assert "not decided within 10 cosets" in str(caught.value)
    assert "PLREP_MAX_COSETS raises" in str(caught.value)
    assert "infinite" not in str(caught.value)
    many = Settings.from_environment({"PLREP_MAX_COSETS": "2_000"})
    with tk.Session(replace(few, max_cosets=many.max_cosets)) as session:
        assert tk.group(name, session=session).order == 168


@pytest.mark.parametrize("in_memory", [False, True])
@pytest.mark.quick_cases(1)
def test_a_refusal_is_kept_and_asked_again_only_with_another_limit(
    tmp_path: Path, in_memory: bool
) -> None:
    undecided = "<a, b | a^2, b^3, (a*b)^7, (a^-1*b^-1*a*b)^4>"
    infinite = "<a, b | a^3, b^3, (a*b)^3>"
    settings = replace(Settings.from_environment(), max_cosets=10)
    if not in_memory:
        settings = replace(settings, cache_dir=tmp_path)
    with tk.Session(settings, in_memory=in_memory) as session:
        asked: list[str] = []
        session.on_question = lambda _, group: asked.append(group)
        for name in (undecided, infinite):
            reasons = set()
            for _ in range(2):
                with pytest.raises(NotAvailable) as caught:
                    _ = tk.group(name, session=session).order
                reasons.add(caught.value.reason)
            with pytest.raises(NotAvailable) as caught:
                tk.group(name, session=session).subgroup_classes()
            assert reasons == {caught.value.reason}
        assert asked == [tk.group(name).name for name in (undecided, infinite)]
    if in_memory:
        return
    later = replace(settings, max_cosets=2000)
    with tk.Session(later) as session:
        assert tk.group(undecided, session=session).order == 168
    alone = replace(later, offline=True)  # proofs hold with any limit
    with tk.Session(alone) as session, pytest.raises(NotAvailable, match="group is infinite"):
        _ = tk.group(infinite, session=session).order


@pytest.mark.parametrize(
    ("generators", "relators", "order"),
    [
        # M12: a*b acts on its cosets with order 11, so that no equations have to be solved
        ("a, b", "a^2, b^3, (a*b)^11, (a*b*a*b^-1)^6, (a*b*a*b*a*b^-1)^6, "
         "(a*b*a*b*a*b^-1*a*b^-1)^5", 95040),
        ("a, b, c, d, e", "a^2, b^2, c^2, d^2, e^2, (a*b)^3, (b*c)^3, (c*d)^3, (d*e)^3, (a*c)^2, "
         "(a*d)^2, (a*e)^2, (b*d)^2, (b*e)^2, (c*e)^2", 720),
        # the Fibonacci groups F(2,5) and F(2,7) are cyclic
        ("a, b, c, d, e", "a*b*c^-1, b*c*d^-1, c*d*e^-1, d*e*a^-1, e*a*b^-1", 11),
        ("a, b, c, d, e, f, g", "a*b*c^-1, b*c*d^-1, c*d*e^-1, d*e*f^-1, e*f*g^-1, f*g*a^-1, "
         "g*a*b^-1", 29),
    ],
)  # fmt: skip
def test_short_relators(generators: str, relators: str, order: int) -> None:
    assert tk.group(f"<{generators} | {relators}>").order == order


def test_few_points_for_a_coxeter_group() -> None:
    names = "abcdefg"
    relators = [f"{x}^2" for x in names]
    for i, x in enumerate(names):
        relators += [f"({x}*{y})^{3 if y == names[i + 1] else 2}" for y in names[i + 1 :]]
    G = tk.group(f"<{', '.join(names)} | {', '.join(relators)}>")
    assert G.order == 40320
    assert len(G.character_table) == 22  # partitions of 8
    perms = [r["perm"] for r in G.character_table.representatives if isinstance(r, dict)]
    assert len(perms) == 22
    assert max(map(len, perms)) <= 8


def test_a_fibonacci_group_is_proved_infinite() -> None:
    relators = "a*b*c^-1, b*c*d^-1, c*d*e^-1, d*e*f^-1, e*f*a^-1, f*a*b^-1"
    with pytest.raises(NotAvailable, match="its derived subgroup, of index 16, has an infinite"):
        _ = tk.group(f"<a, b, c, d, e, f | {relators}>").order


def test_the_setting_is_checked() -> None:
    for bad in ("0", "-5", "many", "1e6"):
        with pytest.raises(ConfigError, match="PLREP_MAX_COSETS must be a positive integer"):
            Settings.from_environment({"PLREP_MAX_COSETS": bad})


def test_the_relators_hold_in_what_is_built() -> None:
    """Images of the generators on the elements: the relators are the identity there."""
    G = tk.group("<a, b | a^3, b^3, (a*b)^4, (a^-1*b)^5>")
    assert G.order == 1080
    a, b = G.regular_module().images.tolist()
    points = list(range(1080))

    def product(*words: list[int]) -> list[int]:
        return [images(words, x) for x in points]

    def images(words: tuple[list[int], ...], x: int) -> int:
        for word in words:
            x = word[x]
        return x

    back = sorted(points, key=a.__getitem__)
    for relator in ([a] * 3, [b] * 3, [a, b] * 4, [back, b] * 5):
        assert product(*relator) == points
    # and nothing smaller: the orbit of a point is everything
    reached, queue = {0}, [0]
    for x in queue:
        for y in (a[x], b[x]):
            if y not in reached:
                reached.add(y)
                queue.append(y)
    assert len(reached) == 1080
