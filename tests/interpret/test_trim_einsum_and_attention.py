"""Trimmed networks with ``einsum``, torch's attention and masks: on blocks, or said why not."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn import functional

from tests.interpret.test_einsum_and_attention import graph_masks
from tests.interpret.test_trim import inputs_in
from tests.interpret.test_trim_graphs import (
    Written,
    blocks,
    check,
    cyclic,
    drawn,
    layer,
    require_equal,
    sums,
)
from toolkit.interpret.trimming.trim import trim

MASKED = "its mask may distinguish points whose queries agree"
WRITTEN = "it uses numbers that are stored for every point"


def by_letters(net, x):
    scores = torch.einsum("bnc,bmc->bnm", net.a(x), net.b(x))
    return torch.einsum("bnm,bmc->bnc", scores.softmax(-1), x)


def by_letters_with_heads(net, x):
    h = net.a(x).unsqueeze(-1)
    weights = torch.einsum("bnhd,bmhd->bhnm", h, h).softmax(-1)
    return torch.einsum("bhnm,bmhd->bnhd", weights, h).flatten(-2)


def values_before_weights(net, x):
    weights = torch.einsum("bmc,bnc->bnm", net.b(x), net.a(x)).softmax(-1)
    return torch.einsum("bmc,bnm->bcn", x, 2 * weights).mT


def mixed_weights(net, x):
    weights = torch.einsum("bnc,bmd->bcdnm", net.a(x), x)
    return torch.einsum("bknm,bmc->bnk", torch.einsum("bcdnm->bcnm", weights).tanh(), x)


#: A forward, and the name of a call of it that runs on fewer points.
ON_BLOCKS = {
    "mix": (lambda net, x: torch.einsum("bnc,dc->bnd", net.a(x), net.m.weight), "einsum"),
    "mix, moved": (lambda net, x: torch.einsum("bnc,cd->dnb", net.a(x), net.m.weight), "einsum"),
    "product": (lambda net, x: torch.einsum("bnc,bnd->bnd", net.a(x), x), "einsum"),
    "square": (lambda net, x: (lambda h: torch.einsum("bnc,bnd->bnc", h, h))(net.a(x)), "einsum"),
    "gate": (lambda net, x: torch.einsum("bnc,bc->bnc", net.a(x), x.mean(-2)), "einsum"),
    "gram": (
        lambda net, x: torch.einsum("bnc,bcd->bnd", x, torch.einsum("bnc,bnd->bcd", x, net.a(x))),
        "einsum#2",
    ),
    "attention": (by_letters, "einsum#2"),
    "heads": (by_letters_with_heads, "einsum#2"),
    "values before weights": (values_before_weights, "einsum#2"),
    "self attention": (
        lambda net, x: (lambda h: functional.scaled_dot_product_attention(h, h, h))(net.a(x)),
        "scaled_dot_product_attention",
    ),
    "query by name": (
        lambda net, x: (lambda h: functional.scaled_dot_product_attention(key=x, query=h, value=h))(
            net.a(x)
        ),
        "scaled_dot_product_attention",
    ),
    "matrices": (
        lambda net, x: (lambda h: (h @ h.mT).softmax(-1) @ h)(net.a(x)),
        "matmul#2",
    ),
    "layer": (lambda net, x: (lambda h: net.t(h, h, h)[0])(net.a(x)), "t"),
    "layer, weights": (lambda net, x: net.t(net.a(x), x, x), "t"),
    "layer, no weights": (lambda net, x: net.t(x, net.a(x), x, need_weights=False)[0], "t"),
    "layer, padding": (
        lambda net, x: net.t(
            net.a(x), x, x, key_padding_mask=torch.zeros(*x.shape[:2], dtype=torch.bool)
        )[0],
        "t",
    ),
    "layer, keys for all": (lambda net, x: net.k(x, net.a(x), net.a(x))[0], "k"),
}


@pytest.mark.parametrize("make", [cyclic, sums])
@pytest.mark.parametrize("case", ON_BLOCKS)
def test_outputs_are_the_same_on_fewer_points(case, make):
    forward, name = ON_BLOCKS[case]
    X = make()
    net = Written(
        lambda net, x: forward(net, net.a(x)), a=layer(X), b=layer(X), m=nn.Linear(2, 2),
        t=nn.MultiheadAttention(2, 1, batch_first=True),
        k=nn.MultiheadAttention(2, 2, batch_first=True, add_bias_kv=True, add_zero_attn=True),
    )  # fmt: skip
    label = list(X.multiplicities)[1]
    (small,) = check(net, X, sets=[[label]])
    assert blocks(small, name) < X.degree or make is sums
    assert name not in dict(small.untrimmed)


def test_attention_along_the_middle_axis():
    X = cyclic()
    net = Written(
        lambda net, x: (lambda h: net.t(h, h, h)[0].transpose(0, 1))(net.a(x).transpose(0, 1)),
        a=layer(X), t=nn.MultiheadAttention(2, 1),
    )  # fmt: skip
    (small,) = check(net, X, sets=[["L1", "L3"]])
    assert blocks(small, "t") < X.degree


@pytest.mark.parametrize("need", [False, True])
def test_attention_at_each_point_over_something_else(need):
    """The points are the batch, and the first axis holds the tokens of each of them."""
    X = cyclic()
    net = Written(
        lambda net, x: (lambda h: net.t(h, x, h, need_weights=need)[0])(net.a(x)),
        a=layer(X), t=nn.MultiheadAttention(2, 1),
    )  # fmt: skip
    (small,) = check(net, X, sets=[["L1", "L3"]])
    assert blocks(small, "t") < X.degree
    assert small.untrimmed == ()


def test_weights_at_each_point_are_not_followed():
    X = cyclic()
    net = Written(
        lambda net, x: (lambda h: net.t(h, h, h)[1].sum(-1).mT.unsqueeze(-1) + h)(net.a(x)),
        a=layer(X), t=nn.MultiheadAttention(2, 1),
    )  # fmt: skip
    (small,) = check(net, X, sets=[["L1", "L3"]])
    assert "weights of attention at each point" in dict(small.untrimmed)["t"]


#: A forward, the name of a call that runs on all points, and why.
ON_ALL = {
    "mask": (
        lambda net, x: functional.scaled_dot_product_attention(net.a(x), x, x, net.kept),
        "scaled_dot_product_attention", MASKED,
    ),
    "mask that keeps all": (
        lambda net, x: functional.scaled_dot_product_attention(
            net.a(x), x, x, attn_mask=torch.ones(12, 12, dtype=torch.bool)
        ),
        "scaled_dot_product_attention", MASKED,
    ),
    "bias": (
        lambda net, x: functional.scaled_dot_product_attention(x, net.a(x), x, net.bias),
        "scaled_dot_product_attention", MASKED,
    ),
    "mask of a layer": (
        lambda net, x: net.t(net.a(x), x, x, attn_mask=~net.kept, need_weights=False)[0],
        "t", MASKED,
    ),
    "weights of a masked layer": (
        lambda net, x: net.t(net.a(x), x, x, attn_mask=net.bias)[1], "t", MASKED,
    ),
    "gate at every point": (
        lambda net, x: torch.einsum(
            "bnc,bnc->bnc", net.a(x), x.mean(-2, keepdim=True).expand(-1, 12, -1)
        ),
        "einsum", WRITTEN,
    ),
    "sum over points": (
        lambda net, x: torch.einsum("bnc->bc", net.a(x)), "einsum",
        "it depends on all points together",
    ),
    "matrix of points": (
        lambda net, x: torch.einsum("bnc,nm->bmc", net.a(x), net.bias), "einsum",
        "it multiplies by numbers that differ between points",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", ON_ALL)
def test_what_runs_on_all_points_says_why(case):
    forward, name, why = ON_ALL[case]
    X = cyclic()
    net = Written(
        lambda net, x: forward(net, net.a(x)),
        a=layer(X), t=nn.MultiheadAttention(2, 1, batch_first=True),
    )  # fmt: skip
    kept, bias = graph_masks(X)
    net.register_buffer("kept", kept)
    net.register_buffer("bias", bias)
    (small,) = check(net, X, sets=[["L1", "L3"]])
    assert dict(small.untrimmed)[name] == why


def test_torchs_transformer():
    X = cyclic()
    one = nn.TransformerEncoderLayer(4, 2, 8, batch_first=True, norm_first=True)
    net = drawn(Written(lambda net, x: net.b(net.t(net.a(x))), a=layer(X, 2, 4), t=one,
                        b=layer(X, 4, 2)))  # fmt: skip
    small = trim(net, ["L1", "L3"])
    x = inputs_in(X, ["L1", "L3"], 2)
    require_equal(small(x), net(x))
    assert small.untrimmed == ()
    assert blocks(small, "t.self_attn") == 4
