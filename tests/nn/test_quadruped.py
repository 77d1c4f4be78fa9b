"""A newcomer's robot: a quadruped with two mirror symmetries, signed joints beside plain feet."""

from __future__ import annotations

import torch

import toolkit as tk
from toolkit.testing import assert_equivariant

# legs: front left, front right, hind left, hind right; joints: hip, thigh, knee of each
LEFT_RIGHT = [1, 0, 3, 2]
FRONT_HIND = [2, 3, 0, 1]
#: A hip turns sideways: left and right have opposite signs. Thigh and knee swing fore and aft.
SIGNS = {"left right": [-1, 1, 1], "front hind": [1, -1, -1]}


def joints(legs: list[int]) -> list[int]:
    return [3 * leg + joint for leg in legs for joint in range(3)]


def test_an_actor_and_a_critic() -> None:
    G = tk.group("C2 x C2")
    legs = [LEFT_RIGHT, FRONT_HIND]
    angles = G.signed_module_from_images(
        [joints(images) for images in legs], [sign * 4 for sign in SIGNS.values()], "joints"
    )
    feet = G.module_from_images(legs, "feet")
    # velocity of the trunk: forward, to the left, up
    velocity = G.linear_module([[[1, 0, 0], [0, -1, 0], [0, 0, 1]],
                                [[-1, 0, 0], [0, 1, 0], [0, 0, 1]]], "velocity")  # fmt: skip
    observed = angles + feet + velocity
    assert observed.degree == 12 + 4 + 3
    hidden = G.regular_module()
    actor = tk.nn.EquivariantMLP([observed, hidden, hidden, angles], [1, 32, 32, 1])
    critic = tk.nn.EquivariantMLP([observed, hidden], [1, 32], invariant_head=1)
    x = torch.randn(64, 19, 1)
    assert actor(x).shape == (64, 12, 1)
    assert critic(x).shape == (64, 1)
    assert_equivariant(actor)
    assert_equivariant(critic)
    # the left-right mirror by hand: legs swap, hips change their sign, so does sideways velocity
    mirrored = x.clone()
    mirrored[:, :12] = x[:, joints(LEFT_RIGHT)] * torch.tensor([-1.0, 1, 1]).repeat(4)[:, None]
    mirrored[:, 12:16] = x[:, 12:16][:, LEFT_RIGHT]
    mirrored[:, 17] = -x[:, 17]
    expected = actor(x)[:, joints(LEFT_RIGHT)] * torch.tensor([-1.0, 1, 1]).repeat(4)[:, None]
    torch.testing.assert_close(actor(mirrored), expected, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(critic(mirrored), critic(x), rtol=1e-4, atol=1e-5)
