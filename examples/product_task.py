"""What the examples on group tasks share: a plain network for the product of a group."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import nn

if TYPE_CHECKING:
    import toolkit as tk


class ProductNetwork(nn.Module):
    """``logits[x, y] = output f(left[x] + right[y])``: made of torch alone, it knows no group."""

    def __init__(self, order: int, width: int) -> None:
        super().__init__()
        self.left = nn.Parameter(0.3 * torch.randn(order, width))
        self.right = nn.Parameter(0.3 * torch.randn(order, width))
        self.output = nn.Linear(width, order, bias=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the logits ``(len(x), order, order)`` of the products of some x with all y."""
        out: torch.Tensor = self.output(torch.relu(self.left[x][:, None] + self.right))
        return out

    def tables(self) -> dict[str, torch.Tensor]:
        """Return the functions of the neurons on the group, a neuron in each column."""
        return {
            "left": self.left.detach(),
            "right": self.right.detach(),
            "output": self.output.weight.detach(),
        }


def trained(G: tk.Group, width: int, steps: int, rows: int | None = None) -> ProductNetwork:
    """Train on the products of all y with ``rows`` random x in each step, by default with all x.

    Prints how many products are right.
    """
    n = G.order
    X = G.regular_module()
    product = torch.as_tensor(X.elements.images(X).T.copy())  # [x, y] is the number of x y
    torch.manual_seed(0)
    model = ProductNetwork(n, width)
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-2, weight_decay=0.3, betas=(0.9, 0.98))
    for _ in range(steps):
        x = torch.randperm(n)[:rows]
        loss = nn.functional.cross_entropy(model(x).flatten(0, 1), product[x].flatten())
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    with torch.no_grad():
        right = model(torch.arange(n)).argmax(-1) == product
    print(f"   {G.title}: {100 * float(right.double().mean()):.1f} % of the products are right\n")
    return model
