"""Forces on the atoms of methane from their coordinates, by networks that know its symmetry.

The 24 symmetries of the tetrahedron exchange hydrogens and turn space. Coordinates of all atoms are
an element of ``atoms x space``, a module by matrices: 5 points times the 3-dimensional vectors.
One network gives an invariant energy, whose negative gradient is the forces; one gives the forces
directly, vectors in and vectors out; and one is a plain network for the energy with as many
weights. All are trained on the forces of a few distorted molecules.
"""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

import torch
from torch import nn
from training import count, is_quick

import toolkit as tk
from toolkit.testing import equivariance_error

if TYPE_CHECKING:
    from collections.abc import Callable

BOND = 1.087  # in Angstrom
UNIT = 0.2  # of shifts, in Angstrom: networks see numbers of about the size of 1
ATOMS = "CHHHH"
CORNERS = [[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]]
REST = torch.tensor([[0, 0, 0], *CORNERS], dtype=torch.float64) * BOND / math.sqrt(3)

G = tk.group_from_points(REST.numpy(), ATOMS, name="Td")
#: Coordinates of atoms: three numbers for the first atom, three for the second, ...
PLACES = G.natural_module() * G.space_module()


def potential(places: torch.Tensor) -> torch.Tensor:
    """Return energies ``(n,)`` in eV of molecules ``(n, 5, 3)``: Morse bonds, bent angles."""
    bonds = places[:, 1:] - places[:, :1]
    lengths = bonds.norm(dim=2)
    energy = (4.5 * (1 - torch.exp(-1.9 * (lengths - BOND))) ** 2).sum(dim=1)
    for i, j in itertools.combinations(range(4), 2):
        cosine = (bonds[:, i] * bonds[:, j]).sum(dim=1) / (lengths[:, i] * lengths[:, j])
        energy = energy + 1.6 * (torch.acos(cosine) - math.acos(-1 / 3)) ** 2
    return energy


def forces_of(energy: Callable[[torch.Tensor], torch.Tensor], x: torch.Tensor) -> torch.Tensor:
    """Return minus the gradient of a function of ``(n, 15, 1)`` that gives energies."""
    with torch.enable_grad():
        x = x if x.requires_grad else x.detach().requires_grad_()
        (gradient,) = torch.autograd.grad(energy(x).sum(), x, create_graph=True)
    return -gradient


def distorted(number: int, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Return shifts ``(n, 15, 1)`` of all atoms from their places at rest, and the forces.

    Forces are in eV for each unit of length.
    """
    noise = torch.Generator().manual_seed(seed)
    x = 0.5 * torch.randn(number, 15, 1, generator=noise, dtype=torch.float64)
    y = forces_of(lambda shifts: potential(REST + UNIT * shifts.reshape(-1, 5, 3)), x)
    return x, y.detach()


class Energy(nn.Module):
    """The forces that an energy gives: minus its gradient."""

    def __init__(self, energy: nn.Module) -> None:
        super().__init__()
        self.energy = energy

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the forces ``(n, 15, 1)``."""
        return forces_of(self.energy, x)


def train(model: nn.Module, x: torch.Tensor, y: torch.Tensor, steps: int) -> None:
    """Fit forces with Adam, all samples at once, the rate falling to 0 along a cosine."""
    optimiser = torch.optim.Adam(model.parameters(), lr=1e-2)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    for _ in range(steps):
        loss = (model(x) - y).square().mean() / y.square().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()


def main(quick: bool) -> None:
    """Train the three networks and print a table."""
    regular = G.regular_module()
    print(f"{G.title}: {G.order} symmetries; atoms x space is {PLACES.multiplicities}")
    print(f"linear maps of it that commute with them: {PLACES.rank} of {15 * 15}")
    x, y = distorted(60, 0)
    far, right = distorted(500, 1)

    torch.manual_seed(0)
    channels, steps = (4, 60) if quick else (8, 500)
    net = tk.nn.EquivariantMLP
    invariant = net([PLACES, regular, regular], [1, channels, channels], "silu", invariant_head=1)
    direct = net([PLACES, regular, regular, PLACES], [1, channels, channels, 1], "silu", bias=False)
    models = {
        "energy, invariant": Energy(invariant),
        "forces, equivariant": direct,
        "energy, plain network": Energy(plain_network(count(invariant))),
    }
    print(f"{'':24}weights  error of forces  error of symmetry")
    for name, model in models.items():
        model.double()
        train(model, x, y, steps)
        error = (model(far).detach() - right).norm() / right.norm()
        broken = equivariance_error(model, PLACES, channels=1).error
        print(f"{name:24}{count(model):7}{float(error):17.3f}{broken:19.1e}")
    worst = max(equivariance_error(m, PLACES, channels=1).error for m in list(models.values())[:2])
    print(f"forces turn with the molecule, to rounding: {worst < 1e-12}")


def plain_network(weights: int) -> nn.Sequential:
    """Return a plain network with two hidden layers of one width and about so many weights."""
    width = round((math.sqrt(18**2 + 4 * weights) - 18) / 2)
    layers = [nn.Flatten(-2), nn.Linear(15, width), nn.SiLU(), nn.Linear(width, width), nn.SiLU()]
    return nn.Sequential(*layers, nn.Linear(width, 1))


if __name__ == "__main__":
    main(is_quick(__doc__))
