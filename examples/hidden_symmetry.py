"""Symmetries that come with no name: the automorphisms of a molecule, and a group's own product.

1. The carbon atoms of dodecahedrane sit at the corners of a dodecahedron. The automorphism group
   of that graph, of order 120, is computed, and a network between functions on the atoms learns
   how a nonlinear diffusion spreads.
2. A plain torch network learns the multiplication table of a non-abelian group. It knows nothing
   of representations; the Fourier basis of the group shows which ones it found.
"""

from __future__ import annotations

import matplotlib as mpl
import networkx as nx
import numpy as np
import torch
from torch import nn
from training import (
    OUT,
    PALETTE,
    accuracy,
    check_zeros,
    count,
    fit,
    is_quick,
    relative_error,
    stacked_bars,
)

import toolkit as tk

MOLECULE = nx.dodecahedral_graph()
ATOMS = tk.nn.graph_module(MOLECULE)


# -- the molecule ---------------------------------------------------------------------------------


def diffused(x: torch.Tensor, time: float = 1.5, steps: int = 60) -> torch.Tensor:
    """Return du/dt = (A - 3) u + 2 (u - u^3) after a time, A the adjacency matrix."""
    A = torch.from_numpy(nx.to_numpy_array(MOLECULE)).to(x)
    for _ in range(steps):
        x = x + time / steps * (A @ x - 3 * x + 2 * (x - x**3))
    return x


def states(number: int, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Return random functions on the atoms, and what they become."""
    x = torch.randn(number, len(MOLECULE), 1, generator=torch.Generator().manual_seed(seed))
    return x, diffused(x)


class Plain(nn.Module):
    """A perceptron on all atoms at once."""

    def __init__(self, goal: int) -> None:
        super().__init__()
        n = len(MOLECULE)
        wide = 1
        while n * (wide + 1) + (wide + 1) * (wide + 2) + (wide + 2) * n <= goal:
            wide += 1
        self.layers = nn.Sequential(
            nn.Linear(n, wide), nn.Tanh(), nn.Linear(wide, wide), nn.Tanh(), nn.Linear(wide, n)
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return ``(..., 20, 1)``."""
        y: torch.Tensor = self.layers(x.squeeze(-1))
        return y.unsqueeze(-1)


def molecule(quick: bool) -> dict[str, dict[str, float]]:
    """Learn the diffusion; return the spectrum of the network by place."""
    print("1. Dodecahedrane: 20 atoms, order of the automorphism group:", end=" ")
    print(tk.group_from_graph(MOLECULE).order)
    print("   simples on the atoms, with their dimensions:", end=" ")
    simples = tk.fourier_basis(ATOMS).simples
    print(", ".join(f"{s.label} ({s.dimension})" for s in simples))
    opposite = nx.diameter(MOLECULE)
    far = {u: next(v for v, d in row.items() if d == opposite)
           for u, row in nx.all_pairs_shortest_path_length(MOLECULE)}  # fmt: skip
    swap = [far[u] for u in MOLECULE]
    basis = tk.fourier_basis(ATOMS)
    even = [s.label for s in simples
            if abs(basis.matrix[s.rows] - basis.matrix[s.rows][:, swap]).max() < 1e-9]  # fmt: skip
    odd = [s.label for s in simples if s.label not in even]
    print(f"   even under the antipode: {' '.join(even)}; odd: {' '.join(odd)}")
    lattice = tk.closed_sets(ATOMS, "tanh")
    print("   closed under tanh, an odd function:", " ".join(lattice))
    pairs = {tuple(sorted({i, swap[i]})) for i in range(len(swap))}
    folded = nx.quotient_graph(nx.Graph(MOLECULE), [set(p) for p in pairs])
    same = nx.is_isomorphic(nx.Graph(folded), nx.petersen_graph())
    print(f"   even functions live on the 10 pairs of atoms, the Petersen graph: {same}\n")

    channels, epochs = (6, 5) if quick else (16, 60)
    torch.manual_seed(0)
    net = tk.nn.EquivariantMLP(ATOMS, [1, channels, channels, 1], "tanh", bias=False)
    plain = Plain(count(net))
    x_test, y_test = states(500, seed=1)
    print(f"   |output - diffusion| / |diffusion|; weights: {count(net)} and {count(plain)}\n")
    print("   samples   equivariant   plain MLP")
    for number in (64,) if quick else (32, 128, 512, 2048):
        x, y = states(number, seed=0)
        rounds = epochs * max(1, 1024 // number) if not quick else epochs
        errors = []
        for model in (net, plain):
            torch.manual_seed(number)
            for part in model.modules():
                if isinstance(part, nn.Linear | tk.nn.EquivariantLinear):
                    part.reset_parameters()
            fit(model, x, y, nn.functional.mse_loss, rounds, rate=1e-2)
            errors.append(relative_error(model, x_test, y_test))
        print(f"   {number:>7}   {errors[0]:11.3f}   {errors[1]:9.3f}")
    print("\n   Zeros: the network is odd, and so are odd functions on the atoms; even ones, too")
    mirror = x_test[:, swap]
    print("   odd: ", check_zeros(net, odd, x_test - mirror))
    print("   even:", check_zeros(net, even, x_test + mirror))
    found = tk.interpret.spectra(net, x_test)
    print(f"\n{found.to_table()}\n")
    return found.shares


# -- the group's own product ----------------------------------------------------------------------


class Product(nn.Module):
    """From two elements' numbers to a score for each element: two embeddings, a hidden layer."""

    def __init__(self, order: int, width: int) -> None:
        super().__init__()
        self.left = nn.Embedding(order, width)
        self.right = nn.Embedding(order, width)
        self.activation = tk.nn.Pointwise("square")
        self.out = nn.Linear(width, order, bias=False)

    def forward(self, pairs: torch.Tensor) -> torch.Tensor:
        """Return scores ``(..., order)`` of pairs ``(..., 2)``."""
        y: torch.Tensor = self.out(
            self.activation(self.left(pairs[..., 0]) + self.right(pairs[..., 1]))
        )
        return y


def weight_shares(model: Product, X: tk.PermutationModule) -> dict[str, float]:
    """Return the share of each simple in the left embedding, functions on the group."""
    energies = tk.fourier_basis(X).energies(model.left.weight.detach().double().numpy())
    whole = sum(float(e.sum()) for e in energies.values())
    return {label: float(e.sum()) / whole for label, e in energies.items()}


def multiplication_table(X: tk.PermutationModule) -> torch.Tensor:
    """Return ``(n, n)`` the number of the product g h of the elements with numbers g and h.

    Element q is the one that takes point 0 of the regular module to point q; X.images are those
    of generators.
    """
    found = {0: np.arange(X.degree)}
    new = [0]
    while new:
        q = new.pop()
        for generator in X.images:
            image = generator[found[q]]  # q, then the generator
            if int(image[0]) not in found:
                found[int(image[0])] = image
                new.append(int(image[0]))
    return torch.from_numpy(np.stack([found[q] for q in range(X.degree)], axis=1).astype("int64"))


def product(name: str, quick: bool) -> dict[str, dict[str, float]]:
    """Learn the table of a group; return the spectrum of the embedding by epoch."""
    G = tk.group(name)
    X = G.regular_module()
    table = multiplication_table(X)
    n = G.order
    pairs = torch.cartesian_prod(torch.arange(n), torch.arange(n))
    answers = table.flatten()
    order = torch.randperm(n * n, generator=torch.Generator().manual_seed(0))
    cut = int(0.6 * n * n)
    train, test = order[:cut], order[cut:]
    torch.manual_seed(1)
    model = Product(n, 24 if quick else 256)
    with torch.no_grad():
        model.left.weight.mul_(0.3)
        model.right.weight.mul_(0.3)
    columns = {"start": weight_shares(model, X)}
    print(f"   {'steps':>8}  {'trained on':>10}  {'held out':>8}")
    looks = (10, 20) if quick else (100, 200, 400, 800, 1600, 2400)
    # decay at a rate that does not fall: memory fades long after the answers are right
    optimiser = torch.optim.AdamW(model.parameters(), lr=5e-3, weight_decay=0.5, betas=(0.9, 0.98))
    for step in range(1, looks[-1] + 1):
        loss = nn.functional.cross_entropy(model(pairs[train]), answers[train])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        if step in looks:
            seen, new = (accuracy(model, pairs[p], answers[p]) for p in (train, test))
            print(f"   {step:>8}  {100 * seen:10.1f}  {100 * new:8.1f}")
            columns[f"{step}\nsteps"] = weight_shares(model, X)
    print("\n   share of the left embedding in each simple, percent (dim^2 / |G| at the start)\n")
    labels = [s.label for s in G.simples]
    dims = [f"{s.label} ({s.dimension})" for s in G.simples]
    print("   " + f"{'':<12}" + "".join(f"{d:>9}" for d in dims))
    for when, shares in columns.items():
        cells = "".join(f"{100 * shares[label]:9.2f}" for label in labels)
        print("   " + f"{when.replace(chr(10), ' '):<12}" + cells)
    return columns


def draw(
    by_place: dict[str, dict[str, float]], by_epoch: dict[str, dict[str, float]], name: str
) -> None:
    """Draw the molecule and both spectra."""
    import matplotlib.pyplot as plt

    plt.rcParams.update({"font.size": 9})
    figure, (left, middle, right) = plt.subplots(
        1, 3, figsize=(12, 3.9), width_ratios=(1, 1.5, 1.5), layout="constrained"
    )
    # a simple of dimension 3 puts the atoms into space; seen from far away, slightly turned
    basis = tk.fourier_basis(ATOMS)
    space = basis.matrix[basis.simple("L4").rows].T
    turn = np.linalg.qr(np.random.default_rng(5).normal(size=(3, 3)))[0]
    space = space @ turn
    space = space[:, :2] / (2.2 - space[:, 2:])
    places = dict(zip(MOLECULE, space, strict=True))
    depth = basis.matrix[basis.simple("L4").rows].T @ turn[:, 2]
    near = {u: float(d) for u, d in zip(MOLECULE, depth, strict=True)}
    for u, v in sorted(MOLECULE.edges, key=lambda e: near[e[0]] + near[e[1]]):
        front = (near[u] + near[v]) / (2 * max(near.values())) / 2 + 0.5
        left.plot(*np.stack([places[u], places[v]]).T, color="#2b2f36", alpha=0.2 + 0.8 * front,
                  lw=1 + 1.2 * front, zorder=front)  # fmt: skip
    size = [30 + 60 * (d / max(near.values()) / 2 + 0.5) for d in near.values()]
    left.scatter(*space.T, s=size, color=PALETTE[0], zorder=2)
    left.set_axis_off()
    left.set_aspect("equal")
    left.margins(0.12)
    left.set_title("120 symmetries")
    dims = {s.label: f"{s.label}, dim {s.dimension}" for s in tk.fourier_basis(ATOMS).simples}
    names = {
        p: p.replace("layers.1 ", "tanh 1\n").replace("layers.3 ", "tanh 2\n") for p in by_place
    }
    stacked_bars(middle, {names[p]: s for p, s in by_place.items()}, dims)
    middle.set_title("functions on the atoms, by place")
    dims = {s.label: f"{s.label}, dim {s.dimension}" for s in tk.group(name).simples}
    stacked_bars(right, by_epoch, dims)
    right.set_title(f"embedding of {name}, while it learns the product")
    right.set_ylabel("")
    for axes in (middle, right):
        axes.legend(frameon=False, loc="center left", bbox_to_anchor=(1.0, 0.5), fontsize=8)
    figure.savefig(OUT / "hidden_symmetry.png", dpi=100)
    plt.close(figure)


def main() -> None:
    """Learn on the molecule, learn a table, draw."""
    quick = is_quick(__doc__)
    mpl.use("Agg")
    by_place = molecule(quick)
    name = "S4" if quick else "A5"
    print(f"2. The multiplication table of {name}, by a plain network that sees 60 % of it\n")
    by_epoch = product(name, quick)
    draw(by_place, by_epoch, name)
    print(f"\n   drawn: {OUT / 'hidden_symmetry.png'}")


if __name__ == "__main__":
    main()
