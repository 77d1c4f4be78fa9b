"""Random networks of several layers: which simples occur in them, against the exact answers.

A network here is made of random equivariant linear maps between random unions of transitive
modules (bruteforce.py finds their orbitals from the generators' permutations), biases, and an
activation. What is never listed must measure zero in every layer; what is listed must be seen.
"""

from __future__ import annotations

import random
from itertools import pairwise

import bruteforce
import numpy as np
import pytest
from exact_projectors import labelled_components

import toolkit as tk
from toolkit.errors import NotAvailable
from toolkit.modules.signed_module import SignedModule
from toolkit.pl.activations.activation import find_activation
from toolkit.pl.activations.registry import ACTIVATIONS
from toolkit.pl.interactions.graph import Interactions

pytestmark = pytest.mark.gap

GROUPS = (
    "C2", "C5", "C6", "C2 x C2", "S3", "C8", "C4 x C2", "D8", "Q8", "C3 x C3", "D10", "A4", "D12",
    "SmallGroup(16,3)", "C3 x S3", "AGL(1,5)", "SL(2,3)", "S4",
)  # fmt: skip
ACTIVATIONS = (*ACTIVATIONS, "polynomial(1,0,2,3)", "polynomial(0,1,1)", "t^5", "hardtanh(-1,2)")
CHANNELS, BATCH, LAYERS, DRAWS = 4, 12, 3, 12


class Place:
    """A module, its isotypic parts and its linear maps, in floating point.

    A signed module is the sign-changing functions on its cover: there an odd activation, and every
    linear map followed by ``keep``, is that of the signed module.
    """

    def __init__(self, X):
        self.module = X
        whole = X.cover if isinstance(X, SignedModule) else X
        n = whole.degree
        self.images = whole.images
        components, labels = labelled_components(whole)
        self.keep = np.eye(n)
        if isinstance(X, SignedModule):
            self.keep = (np.eye(n) - np.eye(n)[np.arange(n) ^ 1]) / 2
        parts = [(k, self.keep @ c.projector) for k, c in zip(labels, components, strict=True)]
        self.parts = {label: p for label, p in parts if np.trace(p) > 0.5}
        orbit = bruteforce.point_orbits(self.images)
        self.invariants = (orbit[:, None] == np.unique(orbit)) @ np.eye(len(np.unique(orbit)))

    def maps_to(self, other):
        """Return ``(m, n, n')`` a basis of the linear maps, vectors standing on the left."""
        both = bruteforce.orbitals(bruteforce.disjoint_union(self.images, other.images))
        n = self.keep.shape[0]
        block = both[:n, n:]
        labels = np.unique(block)
        return np.stack([(block == k) @ other.keep for k in labels])

    def measure(self, x):
        """Return per label the largest relative norm of its part in ``(batch, channels, n)``."""
        size = np.linalg.norm(x, axis=-1).max()
        if size == 0:
            return dict.fromkeys(self.parts, 0.0)
        return {
            label: np.linalg.norm(x @ p, axis=-1).max() / size for label, p in self.parts.items()
        }


def some_module(G, choice, signed):
    """Return a union of up to three transitive modules, or a signed one."""
    classes = [c for c in G.subgroup_classes() if c.index <= 12]
    if signed:
        even = [c for c in classes if c.order % 2 == 0 and G.index_two_subgroups(c)]
        if even:
            c = choice.choice(even)
            return G.signed_coset_module(c, choice.choice(G.index_two_subgroups(c)))
    X = None
    for _ in range(choice.randint(1, 3)):
        c = choice.choice(classes)
        # the trivial subgroup as a list of cosets: its table keeps the points
        part = G.coset_module(c.generators if c.order == 1 else c)
        X = part if X is None or X.degree + part.degree > 20 else X + part
    return X


def linear(x, maps, place, rng):
    """Apply a random layer to ``(batch, channels, n)``; what is 0 but for rounding becomes 0."""
    weights = rng.standard_normal((CHANNELS, x.shape[1], len(maps)))
    out = np.einsum("bcn,dcm,mnk->bdk", x, weights, maps, optimize=True)
    for column in place.invariants.T.astype(bool):
        if np.abs(out[..., column]).max() < 1e-11 * np.abs(x).max():
            out[..., column] = 0
    return out


def before_activation(x, place, bias, rng):
    """Give a layer a random scale, and its bias.

    Channels of a random scale each: kinks away from 0 are met by some.
    """
    size = np.sqrt((x**2).mean()) or 1.0
    x = x / size * 10.0 ** rng.uniform(-1, 1, (1, x.shape[1], 1))
    if bias:
        constants = rng.standard_normal((1, x.shape[1], place.invariants.shape[1]))
        constants *= 10.0 ** rng.uniform(-1, 1, (1, x.shape[1], 1))
        x = x + constants @ place.invariants.T @ place.keep
    return x


def draw(place, sources, rng):
    """Return independent inputs ``(batch, channels, n)`` with just these simples."""
    x = np.zeros((BATCH, CHANNELS, place.keep.shape[0]))
    for label in sources:
        p = place.parts[label]
        x += rng.standard_normal(x.shape) @ p * 10.0 ** rng.uniform(-0.5, 0.5)
    # what no simple reaches is exactly 0, for functions that jump there
    x[..., sum((np.diag(place.parts[s]) for s in sources), np.zeros(x.shape[-1])) < 1e-9] = 0
    return x


def seen(measure, wanted):
    """Draw networks until all that is wanted was seen; return what was, per layer."""
    largest = [dict.fromkeys(labels, 0.0) for labels in wanted[0]]
    for attempt in range(DRAWS):
        for known, new in zip(largest, measure(attempt), strict=True):
            for label, norm in new.items():
                known[label] = max(known[label], norm)
        found = [{k for k, v in known.items() if v > 1e-9} for known in largest]
        if attempt and all(set(w) <= f for w, f in zip(wanted[1], found, strict=True)):
            break
    return found


def feed_forward(seed, session):
    """Return what a random network without skip connections shows, and what it should."""
    choice, rng = random.Random(seed), np.random.default_rng(seed)
    signed = choice.random() < 0.25
    G = tk.group(choice.choice(GROUPS), session=session)
    few = [Place(some_module(G, choice, signed)) for _ in range(2)]
    if signed and any(isinstance(p.module, SignedModule) for p in few):
        f = find_activation(choice.choice([a for a in ACTIVATIONS if find_activation(a).is_odd]))
    else:
        f = find_activation(choice.choice(ACTIVATIONS))
    places = [choice.choice(few) for _ in range(LAYERS + 1)]
    known = sorted(places[0].parts)
    sources = choice.sample(known, choice.randint(min(1, len(known)), len(known)))
    bias = choice.random() < 0.5
    layers = tk.reachable([p.module for p in places], sources, f, bias=bias)
    maps = [a.maps_to(b) for a, b in pairwise(places)]

    def measure(_):
        x = draw(places[0], sources, rng)
        out = []
        for place, m in zip(places[1:], maps, strict=True):
            x = before_activation(linear(x, m, place, rng), place, bias, rng)
            x = f(x)
            out.append(place.measure(x))
        return out

    wanted = [layer.after for layer in layers[1:]]
    found = seen(measure, ([p.parts for p in places[1:]], wanted))
    case = (G, [p.module.name for p in places], sources, f.name, bias)
    return case, found, [set(w) for w in wanted]


def residual(seed, session):
    """Return what a random network with skip connections shows, and the closure."""
    choice, rng = random.Random(seed), np.random.default_rng(seed)
    G = tk.group(choice.choice(GROUPS), session=session)
    place = Place(some_module(G, choice, choice.random() < 0.25))
    signed = isinstance(place.module, SignedModule)
    f = find_activation(
        choice.choice([a for a in ACTIVATIONS if not signed or find_activation(a).is_odd])
    )
    known = sorted(place.parts)
    sources = choice.sample(known, choice.randint(min(1, len(known)), len(known)))
    bias = choice.random() < 0.5
    wanted = tk.closure(place.module, sources, f, bias=bias)
    maps = place.maps_to(place)

    def measure(_):
        x = draw(place, sources, rng)
        for _ in range(len(wanted) + 1):
            y = before_activation(linear(x, maps, place, rng), place, bias, rng)
            y = linear(f(y), maps, place, rng)
            x = x / (np.abs(x).max() or 1.0) + y / (np.abs(y).max() or 1.0)
        return [place.measure(x)]

    (found,) = seen(measure, ([place.parts], [wanted]))
    return (G, place.module.name, sources, f.name, bias), found, set(wanted)


@pytest.mark.parametrize("part", range(4))
@pytest.mark.quick_cases(1)
def test_layer_by_layer(gap_session, part):
    for seed in range(15 * part, 15 * (part + 1)):
        case, found, wanted = feed_forward(seed, gap_session)
        assert found == wanted, (seed, case)


@pytest.mark.parametrize("part", range(4))
def test_skip_connections_reach_the_closure(gap_session, part):
    for seed in range(15 * part, 15 * (part + 1)):
        case, found, wanted = residual(seed, gap_session)
        assert found == wanted, (seed, case)


@pytest.mark.slow
@pytest.mark.parametrize("kind", [feed_forward, residual])
def test_many_networks(gap_session, kind):
    wrong = []
    for seed in range(1000, 1300):
        case, found, wanted = kind(seed, gap_session)
        if found != wanted:
            wrong.append((seed, case, found, wanted))
    assert not wrong


def test_simples_known_in_their_module_only(gap_session):
    S = tk.group("S60", session=gap_session)
    X = S.natural_module()
    assert Interactions(X, "relu").labels == ("V0", "V1")
    same = tk.reachable([X, S.natural_module()], ["V1"], "abs")
    assert same[1].after == ("V0", "V1")
    with pytest.raises(NotAvailable, match="known within each module only"):
        tk.reachable([X, X**0], ["V1"], "relu")
