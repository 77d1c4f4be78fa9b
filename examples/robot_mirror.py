"""A quadruped's mirror function from names, checked, and the audit of a policy that ignores it.

1. The reflection that exchanges left and right, from the names of joints and observations. A
   mirror function with one wrong sign is caught by the joints' default positions, and a function
   written by hand is compared with it, component by component.
2. A plain network imitates a controller that has the symmetry, from data in which the robot nearly
   always turns left. The audit says how far the network is from the symmetry, and what the average
   of each action with its mirrored one would change. A network between the signed modules of
   observations and actions has the symmetry by construction, whatever the data.

What was seen, in one run: the plain network is off by 0.3 of its actions between left and right.
The mean of each action with its mirrored one has a smaller error (0.120 instead of 0.143). The
equivariant network, with as many weights and the same training, has the symmetry to rounding; its
error is 0.159, larger than that of the plain one: symmetry by construction is no promise of a
smaller error after a short training.

The controller is a random equivariant function, not a robot: only the names are real.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import nn
from training import count, fit, is_quick

import toolkit as tk
from toolkit.errors import ModuleMismatchError
from toolkit.interpret import audit, mirror

if TYPE_CHECKING:
    import numpy as np

JOINTS = [f"{leg}_{part}" for leg in ("FL", "FR", "RL", "RR") for part in ("hip", "thigh", "calf")]
PAIRS = {f"{end}L_{part}": f"{end}R_{part}" for end in "FR" for part in ("hip", "thigh", "calf")}
TERMS = {
    "linear velocity": "vector",
    "angular velocity": "axial",
    "gravity": "vector",
    "command": "velocity command",
    "joint positions": "joints",
    "joint velocities": "joints",
    "last actions": "joints",
}
DEFAULTS = [0.1, 0.8, -1.5, -0.1, 0.8, -1.5, 0.1, 1.0, -1.5, -0.1, 1.0, -1.5]
ROBOT = mirror(TERMS, JOINTS, pairs=PAIRS, flips=["FL_hip", "RL_hip"])
ACTIONS = ROBOT.part("last actions")


def checks() -> None:
    """Check the mirror function, and show what a wrong one looks like."""
    ROBOT.check("joint positions", values=DEFAULTS)
    print(f"   {len(ROBOT)} observations, {len(ACTIONS)} actions; default positions are kept")
    wrong = mirror(TERMS, JOINTS, pairs=PAIRS, flips=["FL_hip"])
    try:
        wrong.check("joint positions", values=DEFAULTS)
    except ModuleMismatchError as error:
        print(f"   caught: {error}")

    def by_hand(x: np.ndarray) -> np.ndarray:
        y: np.ndarray = ROBOT(x)
        y[:, 3:6] = x[:, 3:6] * [1, -1, 1]  # as if an angular velocity were a vector
        return y

    for sentence in ROBOT.differences(by_hand):
        print(f"   by hand: {sentence}")


def controller() -> nn.Module:
    """Return a random function from observations to actions that commutes with the reflection."""
    torch.manual_seed(3)
    X, Y = ROBOT.module, ACTIONS.module
    return nn.Sequential(
        tk.nn.EquivariantLinear(X, X, 1, 2),
        nn.Tanh(),
        tk.nn.EquivariantLinear(X, Y, 2, 1),
    ).requires_grad_(requires_grad=False)


def turning_left(number: int, seed: int) -> torch.Tensor:
    """Return observations in which the commanded yaw rate is positive 19 times in 20."""
    noise = torch.Generator().manual_seed(seed)
    x = torch.randn(number, len(ROBOT), generator=noise)
    yaw = ROBOT.names.index("command.yaw")
    left = torch.rand(number, generator=noise) < 0.95
    x[:, yaw] = x[:, yaw].abs() * torch.where(left, 1.0, -1.0)
    x[:, ROBOT.names.index("angular velocity.z")] += x[:, yaw]
    return x


def policies(quick: bool) -> None:
    """Train a plain and an equivariant policy on the same data; audit the plain one."""
    teacher = controller()
    x, seen = turning_left(1000, 0), turning_left(1000, 1)

    def answers(x: torch.Tensor) -> torch.Tensor:
        y: torch.Tensor = teacher(x[..., None])[..., 0]
        return y

    torch.manual_seed(0)
    plain = nn.Sequential(nn.Linear(48, 96), nn.Tanh(), nn.Linear(96, 12))
    X, Y = ROBOT.module, ACTIONS.module
    own = nn.Sequential(
        nn.Unflatten(-1, (48, 1)),
        tk.nn.EquivariantLinear(X, X, 1, 4),
        nn.Tanh(),
        tk.nn.EquivariantLinear(X, Y, 4, 1),
        nn.Flatten(-2),
    )
    loss = nn.functional.mse_loss
    for name, model in (("plain", plain), ("equivariant", own)):
        fit(model, x, answers(x), loss, 3 if quick else 100)
        with torch.no_grad():
            errors = [float(loss(model(z), answers(z))) for z in (seen, ROBOT(seen))]
        print(
            f"   {name:<12} {count(model):>6} weights; squared error turning left {errors[0]:.4f}, "
            f"mirrored {errors[1]:.4f}"
        )
    found = audit(plain, ROBOT.group, X, Y, data=seen, targets=answers(seen), flat=True)
    print("\n   " + found.to_table().replace("\n", "\n   "))
    again = audit(own, ROBOT.group, X, Y, data=seen, flat=True)
    print(f"\n   the other one is equivariant to rounding: {again.is_equivariant}")


def main() -> None:
    """Check the mirror function, train, audit."""
    quick = is_quick(__doc__)
    print("1. The mirror function\n")
    checks()
    print("\n2. Policies\n")
    policies(quick)


if __name__ == "__main__":
    main()
