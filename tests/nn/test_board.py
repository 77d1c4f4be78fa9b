"""A network on a board with its eight symmetries and a move of passing, as a user writes it."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import toolkit as tk
from toolkit.errors import NotAvailable
from toolkit.testing import assert_equivariant


def test_moves_on_a_board_and_passing():
    squares = np.arange(64).reshape(8, 8)
    G = tk.group_from_permutations([np.rot90(squares).ravel(), np.flip(squares, 1).ravel()])
    board = G.natural_module()
    moves = board + G.trivial_module()
    net = torch.nn.Sequential(
        tk.nn.EquivariantLinear(board, board, 3, 8),
        tk.nn.Pointwise("relu", board),
        tk.nn.EquivariantLinear(board, moves, 8, 1),
    ).double()
    for layer in net:
        assert_equivariant(layer)

    def logits(x):
        y = net(x.flatten(-2).transpose(-1, -2)).squeeze(-1)
        return y[:, :64].reshape(-1, 8, 8), y[:, 64]

    x = torch.randn(5, 3, 8, 8, dtype=torch.float64)
    own, passing = logits(x)
    assert (own - own.flip(-1)).abs().max() > 1e-3
    for turns in range(4):
        for flip in (False, True):

            def moved(t, turns=turns, flip=flip):
                t = torch.rot90(t, turns, (-2, -1))
                return t.flip(-1) if flip else t

            new, still = logits(moved(x))
            assert torch.allclose(new, moved(own))
            assert torch.allclose(still, passing)


def test_the_trivial_module():
    G = tk.group("Q8")  # without natural action
    X = G.trivial_module()
    assert (X.degree, X.multiplicities, X.rank) == (1, {"L0": 1}, 1)
    assert G.regular_module() ** 0 == X
    assert G.module(X.specification) == X
    with pytest.raises(NotAvailable, match="only the character table is known"):
        tk.group("Table(M)").trivial_module()
