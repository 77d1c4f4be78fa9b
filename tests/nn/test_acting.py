"""Elements of a group at work on tensors, against matrices of all elements."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import toolkit as tk
from toolkit.errors import ModuleMismatchError
from toolkit.nn import act
from toolkit.testing.equivariance import moved


def modules() -> dict[str, tk.PermutationModule | tk.SignedModule | tk.LinearModule]:
    S4, Q8 = tk.group("S4"), tk.group("Q8")
    X = S4.natural_module()
    i = [[0, 1, 0, 0], [-1, 0, 0, 0], [0, 0, 0, 1], [0, 0, -1, 0]]
    j = [[0, 0, 1, 0], [0, 0, 0, -1], [-1, 0, 0, 0], [0, 1, 0, 0]]
    skew = tk.group("C2").linear_module([[[1, 1], [0, -1]]])
    return {
        "pairs": X**2,
        "signed": Q8.signed_module_from_matrices([i, j]),
        "linear": S4.simple_module("L3"),
        "mixed": X + S4.simple_module("L2"),
        "not orthogonal": skew,
        "trivial": tk.group("C1").regular_module(),
    }


@pytest.mark.gap
@pytest.mark.parametrize("name", list(modules()))
def test_every_element_acts_by_its_matrix(name: str) -> None:
    X = modules()[name]
    x = torch.randn(2, 3, X.degree, 5, dtype=torch.float64)
    for word in tk.group(X.group).regular_module().elements.words:
        matrix = np.eye(X.degree)
        for g in word:
            matrix = matrix @ X.matrices[g]
        torch.testing.assert_close(act(X, word, x), torch.from_numpy(matrix) @ x)
        inverse = [~g for g in reversed(word)]
        torch.testing.assert_close(act(X, [*word, *inverse], x), x)
        torch.testing.assert_close(act(X, inverse, act(X, word, x)), x)
    for g in range(len(X.matrices)):
        torch.testing.assert_close(act(X, g, x), moved(X, g, x))
        torch.testing.assert_close(act(X, np.int64(g), x), act(X, [g], x))
    assert torch.equal(act(X, [], x), x)


@pytest.mark.parametrize("name", ["pairs", "signed"])
def test_types_and_gradients(name: str) -> None:
    X = modules()[name]
    for dtype in (torch.float32, torch.bfloat16):
        assert act(X, [0, ~1], torch.zeros(0, X.degree, 2, dtype=dtype)).dtype == dtype
    x = torch.randn(2, X.degree, 2, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: act(X, [0, ~1], x), x)


@pytest.mark.parametrize("name", ["signed", "linear"])
def test_compiled_code_breaks_its_graph_and_goes_on(name: str) -> None:
    X = modules()[name]
    x = torch.randn(2, X.degree, 2)
    compiled = torch.compile(lambda x: act(X, [0, ~1], x + 1).exp(), backend="eager")
    torch.testing.assert_close(compiled(x), act(X, [0, ~1], x + 1).exp())


def test_what_is_no_element_is_refused() -> None:
    X = tk.group("S4").natural_module()
    x = torch.zeros(4, 1)
    for element in (2, ~2, [0, 2], "0", 0.0, None, True):
        with pytest.raises(ModuleMismatchError, match="an element of S4 is a generator from 0 to"):
            act(X, element, x)  # type: ignore[arg-type]
    with pytest.raises(ModuleMismatchError, match="the input must have shape"):
        act(X, 0, torch.zeros(3, 1))
