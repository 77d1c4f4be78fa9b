"""The address and the data folder: what is written is read again, what is wrong is said."""

from __future__ import annotations

import random

import pytest
from explorer_page import settled

RANDOM = random.Random(15)
SIGNS = "aZ09 +-*/^()[]{}<>&=#%?,;:|\\\"'`~!@$_.\n\t→φ₂²😀"


def texts(count):
    return ["".join(RANDOM.choices(SIGNS, k=RANDOM.randint(1, 30))) for _ in range(count)]


@pytest.mark.slow
def test_what_is_written_is_read_again(page):
    states = [
        {"group": a, "f": b, "later": c, "view": RANDOM.choice(("graph", "map"))}
        for a, b, c in zip(texts(300), texts(300), texts(300), strict=True)
    ]
    script = """async (states) => {
        const { parse, format } = await import("/js/state.js");
        return states.map((state) => {
            const hash = format(state);
            history.replaceState(null, "", hash);
            return [parse(hash), parse(location.hash), /^#[!-~]*$/.test(hash)];
        });
    }"""
    defaults = {"bias": "0"}
    for state, (direct, through, is_plain) in zip(
        states, page.evaluate(script, states), strict=True
    ):
        assert direct == through == {**defaults, **state}
        assert is_plain


@pytest.mark.parametrize(
    ("fragment", "expected"),
    [
        ("#S4", {"group": "S4"}),
        ("#C4%20x%20S3", {"group": "C4 x S3"}),
        ("#group=S4&&f=&=x&view", {"group": "S4"}),
        ("#group=100%&f=%zz", {"group": "100%", "f": "%zz"}),
        ("#f=x+1&group=C2^5", {"f": "x+1", "group": "C2^5"}),
        ("#__proto__=x&constructor=y", {"constructor": "y"}),
        ("#group=a&group=b", {"group": "b"}),
    ],
)
def test_strange_addresses_are_read(page, fragment, expected):
    script = 'async (hash) => (await import("/js/state.js")).parse(hash)'
    found = page.evaluate(script, fragment)
    assert found == {"view": "group", "f": "relu", "bias": "0", **expected}


def test_a_change_that_changes_nothing_leaves_the_history_alone(page):
    script = """async () => {
        const { parse, patched } = await import("/js/state.js");
        const state = parse("#group=S4&simple=L2&n=12");
        return [
            patched(state, { simple: "L2", n: 12, bias: false }) === state,
            Object.isFrozen(state),
            { ...patched(state, { group: "C8", n: null, open: ["L1", "L2"] }) },
        ];
    }"""
    same, frozen, changed = page.evaluate(script)
    assert same
    assert frozen
    assert changed == {"view": "group", "f": "relu", "bias": "0", "group": "C8", "open": "L1,L2"}


def answering(path, **answer):
    def prepare(context):
        context.route(f"**/data/{path}", lambda route: route.fulfill(**answer))

    return prepare


def with_a_changed_bit(path):
    def answer(route):
        body = bytearray(route.fetch().body())
        body[len(body) // 2] ^= 1  # a digit stays a digit
        route.fulfill(body=bytes(body))

    return lambda context: context.route(f"**/data/{path}", answer)


@pytest.mark.parametrize(
    ("prepare", "words"),
    [
        (answering("manifest.json", body='{"schema": 99}'), "schema 99"),
        (answering("manifest.json", body="<html>"), "damaged"),
        (answering("shards/*", body=b"\x1f\x8bnot gzip"), "damaged"),
        (answering("names.json.gz", status=404), "status 404"),
        (with_a_changed_bit("manifest.json"), "data/manifest.json is damaged"),
        (with_a_changed_bit("shards/*"), "is damaged"),
        (with_a_changed_bit("names.json.gz"), "data/names.json.gz is damaged"),
    ],
    ids=["schema", "manifest", "shard", "names", "bit-manifest", "bit-shard", "bit-names"],
)
def test_data_that_cannot_be_read_are_said_in_a_sentence(open_page, prepare, words):
    page = open_page("#group=S4", prepare=prepare)
    assert words in page.locator("main [role=alert]").inner_text()
    page.watch.complaints.clear()


def test_an_error_in_a_view_leaves_the_others_alone(open_page):
    def prepare(context):
        context.route(
            "**/js/views/graph.js",
            lambda route: route.fulfill(
                body="export default { id: 'graph', mount() { throw new Error('broken'); } };",
                content_type="text/javascript",
            ),
        )

    page = open_page("#group=S4", prepare=prepare)
    page.keyboard.press("2")
    page.locator("main .problem", has_text="This could not be drawn: broken").wait_for()
    page.watch.expect("broken")
    page.keyboard.press("1")
    settled(page)
    assert page.locator("main h1").inner_text().strip() == "S4"
