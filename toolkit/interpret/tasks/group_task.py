"""The report on a network that learns a group task, from its plain weights."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from toolkit.errors import GapNotFoundError, ModuleMismatchError, NotAvailable, NotCachedError
from toolkit.interpret.tasks.cosets import subgroup_families
from toolkit.interpret.tasks.report import (
    Chance,
    GroupTaskReport,
    Neuron,
    SimpleShare,
    TaskSiteReport,
)
from toolkit.interpret.tasks.scores import score_neurons
from toolkit.interpret.tasks.sites import (
    names_of_sites,
    read_site,
    rows_of_sites,
)
from toolkit.library.fourier import fourier_basis
from toolkit.library.symmetry.numbers_given import whole_number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

    from toolkit.interpret.tasks.cosets import SubgroupFamily
    from toolkit.interpret.tasks.scores import NeuronScores
    from toolkit.interpret.tasks.sites import TaskSite
    from toolkit.library.group import Group
    from toolkit.modules.fourier.adapted import AdaptedBasis
    from toolkit.modules.gsets.actions import IntArray
    from toolkit.modules.permutation_module import PermutationModule


def group_task_report(
    G: Group,
    embeddings: Mapping[str, ArrayLike],
    weights: Mapping[str, ArrayLike] | None = None,
    *,
    table: ArrayLike | None = None,
    elements: ArrayLike | None = None,
    modules: Mapping[str, PermutationModule] | None = None,
    cosets: bool = True,
    controls: int = 200,
    seed: int = 0,
) -> GroupTaskReport:
    r"""Describe the neurons of a network that has learned a group task, from its plain weights.

    The network may learn a product (x, y) -> x y, the coset of a product, or a word in several
    elements. It may be written with any library: arrays or tensors are enough.

    Parameters
    ----------
    G
        A group of order up to 2,048.
    embeddings
        For each site, under any name (``"left"``, ``"right"``, ``"output"``, ...), a table ``(|G|,
        d)`` with a row for each element: an embedding of inputs, an unembedding of outputs, or what
        a neuron adds for each input.
    weights
        For each site a matrix ``(N, d)``, such as the weight of the ``torch.nn.Linear`` that reads
        the embedding: the functions of the N neurons are the columns of ``embedding @ weight.T``.
        For a site without weights they are the columns of its table.
    table, elements
        The order of the rows, if it differs from that of ``G.regular_module()``: either the user's
        own multiplication table (of ``tk.group_from_cayley_table(table)``, or of any isomorphic
        group), or the elements as permutations of the natural points. See Notes.
    modules
        For each site a transitive permutation module X, if the rows of its table are the points of
        X, as in networks that output a coset.
    cosets
        Whether to compute coset scores.
    controls
        How many random functions are scored for comparison. Sites whose rows are the same points
        share them.
    seed
        The seed of their random numbers.

    Returns
    -------
    GroupTaskReport
        For each site the share of each simple, and for each neuron

        - *purity*: the largest share of its energy in one simple;
        - *rank one*: the share of the first singular value of the block W_L of that simple, a
          matrix over R, C or H by its type; it is 1 if and only if the neuron's component in L is a
          single matrix coefficient;
        - *coset score*: the share of its variance that the functions on left cosets x H or right
          cosets H x explain, for all classes of subgroups H other than 1 and G. The subgroup is
          chosen by the excess (share - chance) / (1 - chance). It is the largest one whose excess
          is at most 0.02 below the maximum, because noise favours small subgroups.

        The report can be shown as tables, JSON and a picture
        (:func:`toolkit.figures.draw_group_task`).

    Raises
    ------
    ModuleMismatchError
        If a table or a weight has the wrong shape or is not finite, or if the order of the rows
        does not fit the group.
    NotAvailable
        If the group is larger, or if its Fourier basis is out of reach.

    Notes
    -----
    Computed in float64. Shares of simples are the same whether the group acts from the left or from
    the right. With ``table=`` there may be several isomorphisms, which differ by automorphisms of
    the group. An outer automorphism can permute simples and classes of subgroups, so labels are
    unique only up to such a permutation. A group made from the table itself keeps its generators.

    Without ``table=`` the product of points x and y of the regular module, and of permutations,
    means "first x, then y".

    Coset scores take O(subgroups \|G\|) for each neuron and control: six seconds for the 1,453
    subgroups of S6, 200 controls and three sites of 64 neurons. If they are out of reach (more than
    20,000 subgroups, or GAP is required and missing), they are left out, and a note gives the
    reason.

    Examples
    --------
    A neuron that is constant on the cosets of a subgroup of order 3, and one in a simple of
    dimension 2:

    >>> import numpy as np, toolkit as tk
    >>> G = tk.group("S3")
    >>> sign = np.array([[1.0, 1, -1, 1, -1, -1]]).T
    >>> report = group_task_report(G, {"left": sign}, controls=0)
    >>> neuron = report["left"].neurons[0]
    >>> neuron.simple, neuron.purity, neuron.coset_class, neuron.coset_share
    ('L1', 1.0, 'H3a', 1.0)
    """
    weights = dict(weights or {})
    names = names_of_sites(embeddings)
    if set(weights) - set(names):
        raise ModuleMismatchError(
            f"weights= must name sites among {', '.join(names)}, found "
            f"{', '.join(sorted(set(weights) - set(names)))}"
        )
    controls, seed = whole_number(controls, "controls="), whole_number(seed, "seed=")
    order = rows_of_sites(G, names, table=table, elements=elements, modules=modules)
    sites = [
        read_site(name, embeddings[name], weights.get(name), *order.of(name)) for name in names
    ]
    basis = fourier_basis(G.regular_module())
    notes: list[str] = []
    families: tuple[SubgroupFamily, ...] | None = None
    if cosets:
        try:
            families = subgroup_families(G, order.products)
        except (NotAvailable, NotCachedError, GapNotFoundError) as error:
            notes.append(f"no coset scores: {error}")
    by_chance: dict[bytes, Chance] = {}  # sites with the same rows have the same random functions

    def chance(site: TaskSite) -> Chance | None:
        key = b"" if site.is_regular else site.rows.tobytes()
        if controls and key not in by_chance:
            random = np.random.default_rng(seed).normal(size=(site.blocks, controls))[site.rows]
            scores = score_neurons(replace(site, functions=random), basis, order.products, families)
            by_chance[key] = _chance(scores, families, controls, seed)
        return by_chance.get(key)

    return GroupTaskReport(
        G.title,
        G.order,
        tuple(_site_report(site, basis, order.products, families, chance(site)) for site in sites),
        tuple(notes),
        {family.label: family.order for family in families or ()},
    )


def _site_report(
    site: TaskSite,
    basis: AdaptedBasis,
    products: IntArray,
    families: tuple[SubgroupFamily, ...] | None,
    chance: Chance | None,
) -> TaskSiteReport:
    # by a power of two, so that squares of tiny numbers are exact
    scale = 2.0 ** np.floor(np.log2(np.abs(site.functions).max() or 1.0))
    scaled = replace(site, functions=site.functions / scale)
    scores = score_neurons(scaled, basis, products, families)
    labels = [s.label for s in basis.simples]
    classes = [family.label for family in families or ()]
    whole = float(scores.energies.sum()) or 1.0
    expected = _expected_shares(site, basis)
    shares = tuple(
        SimpleShare(
            s.label,
            s.dimension,
            s.type,
            s.multiplicity,
            float(scores.energies[i].sum()) / whole,
            float(expected[i]),
            int((scores.simple == i).sum()),
        )
        for i, s in enumerate(basis.simples)
    )
    return TaskSiteReport(
        site.name,
        site.module,
        shares,
        _neurons(scores, labels, families, scale),
        {
            side: {
                label: [_or_none(v) for v in row] for label, row in zip(classes, found, strict=True)
            }
            for side, found in scores.cosets.items()
        },
        {
            side: dict(zip(classes, found.tolist(), strict=True))
            for side, found in scores.coset_chance.items()
        },
        chance,
    )


def _expected_shares(site: TaskSite, basis: AdaptedBasis) -> NDArray[np.float64]:
    """Return the share of each simple in Fun X: its dimension there, over the number of points."""
    if site.is_regular:
        return np.array([s.multiplicity * s.dimension for s in basis.simples]) / site.blocks
    indicators = np.zeros((len(site.rows), site.blocks))
    size = len(site.rows) / site.blocks
    indicators[np.arange(len(site.rows)), site.rows] = size**-0.5
    coordinates = basis.analyse(indicators)
    traces = [np.square(coordinates[s.rows]).sum() for s in basis.simples]
    return np.round(traces) / site.blocks  # traces of projections that commute: dimensions


def _orders(families: tuple[SubgroupFamily, ...] | None) -> NDArray[np.int_]:
    return np.array([family.order for family in families or ()], dtype=np.int_)


def _chance(
    scores: NeuronScores,
    families: tuple[SubgroupFamily, ...] | None,
    controls: int,
    seed: int,
) -> Chance:
    def pair(values: NDArray[np.float64]) -> tuple[float, float]:
        known = values[~np.isnan(values)]
        if not known.size:
            return (float("nan"), float("nan"))
        return float(known.mean()), float(np.quantile(known, 0.95))

    over = None if not families else pair(scores.best_coset(_orders(families))[3])
    if over is not None and np.isnan(over[0]):
        over = None
    return Chance(controls, seed, pair(scores.purity), pair(scores.rank_one), over)


def _neurons(
    scores: NeuronScores,
    labels: list[str],
    families: tuple[SubgroupFamily, ...] | None,
    scale: float,
) -> tuple[Neuron, ...]:
    sides, best, share, over = scores.best_coset(_orders(families))
    whole = scores.energies.sum(axis=0)
    out = []
    for j in range(len(whole)):
        silent = scores.simple[j] < 0
        divisor = whole[j] if not silent else 1.0
        out.append(
            Neuron(
                j,
                float(whole[j] * scale**2),
                None if silent else labels[scores.simple[j]],
                _or_none(scores.purity[j]),
                _or_none(scores.rank_one[j]),
                sides[j],
                families[best[j]].label if families and best[j] >= 0 else None,
                _or_none(share[j]),
                _or_none(over[j]),
                dict(zip(labels, (scores.energies[:, j] / divisor).tolist(), strict=True)),
                {
                    label: (values[j] * scale).tolist()
                    for label, values in zip(labels, scores.singular_values, strict=True)
                },
            )
        )
    return tuple(out)


def _or_none(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
