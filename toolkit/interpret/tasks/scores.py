"""The scores of neurons that are functions on a group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from toolkit.interpret.tasks.blocks import block_singular_values, energies_of_simples
from toolkit.interpret.tasks.cosets import Side, chance_of_family, coset_shares, excess
from toolkit.modules.gsets.actions import IntArray

if TYPE_CHECKING:
    from toolkit.interpret.tasks.cosets import SubgroupFamily
    from toolkit.interpret.tasks.sites import TaskSite
    from toolkit.modules.fourier.adapted import AdaptedBasis

#: A larger subgroup is preferred if its excess is at most so much below the best one.
NEAR_BEST = 0.02

#: Below this share of the largest energy of a site a neuron counts as silent.
SILENT = 1e-24


@dataclass(frozen=True, eq=False)
class NeuronScores:
    """The scores of N functions on a group; NaN, or -1 for a number, for a silent neuron.

    Parameters
    ----------
    energies
        ``(simples, N)`` float64.
    purity
        ``(N,)`` the largest share of the energy in one simple.
    simple
        ``(N,)`` the number of that simple.
    rank_one
        ``(N,)`` the share of the first singular value in the energy of the block of that simple.
    singular_values
        Per simple, in order, ``(N, m_L)`` those of all blocks, falling.
    cosets
        Per side ``(classes, N)`` the share of the variance that each class of subgroups explains;
        NaN for a constant function. Empty if coset scores were left out.
    coset_chance
        Per side ``(classes,)`` what a random function has on the average.
    """

    energies: NDArray[np.float64]
    purity: NDArray[np.float64]
    simple: IntArray
    rank_one: NDArray[np.float64]
    singular_values: tuple[NDArray[np.float64], ...]
    cosets: dict[Side, NDArray[np.float64]]
    coset_chance: dict[Side, NDArray[np.float64]]

    def best_coset(
        self, orders: NDArray[np.int_]
    ) -> tuple[list[Side | None], IntArray, NDArray[np.float64], NDArray[np.float64]]:
        """Return per neuron the coset space that explains most beyond chance.

        Parameters
        ----------
        orders
            ``(classes,)`` of the subgroups.

        Returns
        -------
        tuple
            Side, number of the class, share of the variance, and excess. Of classes whose excess
            is within 0.02 of the best one the largest subgroup is taken, as a function on G/H is
            also one on G/K for K in H.
        """
        count = self.energies.shape[1]
        names: list[Side] = list(self.cosets)
        if not names or not len(orders):
            empty = np.full(count, np.nan)
            return [None] * count, np.full(count, -1), empty, empty
        shares = np.array([self.cosets[side] for side in names])
        over = np.array([excess(self.cosets[side], self.coset_chance[side]) for side in names])
        sides: list[Side | None] = []
        best = np.full(count, -1)
        share, top = np.full(count, np.nan), np.full(count, np.nan)
        for j in range(count):
            own = over[:, :, j]
            if np.isnan(own).all():
                sides.append(None)
                continue
            near = np.where(own >= np.nanmax(own) - NEAR_BEST, orders[None, :], 0)
            rank = near + np.where(near == near.max(), np.clip(own, -1, 1) * 1e-3, 0)
            s, k = np.unravel_index(int(np.argmax(rank)), rank.shape)
            sides.append(names[s])
            best[j], share[j], top[j] = k, shares[s, k, j], own[s, k]
        return sides, best, share, top


def score_neurons(
    site: TaskSite,
    basis: AdaptedBasis,
    products: IntArray,
    families: tuple[SubgroupFamily, ...] | None,
) -> NeuronScores:
    """Return the scores of the neurons of a site.

    Parameters
    ----------
    site
        The functions.
    basis
        The Fourier basis of the regular module.
    products
        The multiplication table.
    families
        Classes of subgroups for coset scores, or ``None`` to leave them out.
    """
    functions = site.functions
    energies = energies_of_simples(basis, functions)
    whole = energies.sum(axis=0)
    silent = whole <= SILENT * max(float(whole.max(initial=0.0)), np.finfo(float).tiny)
    values = block_singular_values(basis, functions)
    squares = tuple(np.square(values[s.label]) for s in basis.simples)
    simple = np.where(silent, -1, energies.argmax(axis=0))
    everyone = np.arange(functions.shape[1])
    with np.errstate(divide="ignore", invalid="ignore"):
        purity = np.where(silent, np.nan, energies[simple, everyone] / whole)
        aligned = np.array([s[:, 0] / s.sum(axis=1) for s in squares])
    rank_one = np.where(silent, np.nan, aligned[simple, everyone])
    cosets: dict[Side, NDArray[np.float64]] = {}
    chance: dict[Side, NDArray[np.float64]] = {}
    sides: tuple[Side, ...] = ("left", "right")
    for side in sides if families is not None else ():
        assert families is not None
        cosets[side] = coset_shares(products, families, functions, side)
        cosets[side][:, silent] = np.nan
        chance[side] = np.array(
            [chance_of_family(products, family, site.rows, side) for family in families]
        )
    return NeuronScores(
        energies,
        purity,
        simple,
        rank_one,
        tuple(values[s.label] for s in basis.simples),
        cosets,
        chance,
    )
