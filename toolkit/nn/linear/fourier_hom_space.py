"""The equivariant maps between modules of which one is given by matrices: Fourier blocks alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from toolkit.cached import cached_property
from toolkit.library.invariant_vectors import invariant_vectors
from toolkit.library.modules.given_actions import require_action
from toolkit.modules.module import Module, hom_dimension, require_same_group
from toolkit.nn.linear.hom_space_base import HomSpace

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@final
class FourierHomSpace(HomSpace):
    """The space Hom_G(V, W) of any two real representations.

    Parameters
    ----------
    X, Y
        Modules of one group, of any kinds.

    Raises
    ------
    ModuleMismatchError
        If they are not modules of one group.

    Notes
    -----
    A representation by matrices has no points, hence no orbitals: weights are Fourier blocks, one
    matrix over End(L) for each simple L that both modules have (Schur's lemma).
    """

    has_orbitals = False

    def __init__(self, X: Module, Y: Module) -> None:
        require_same_group(X, Y)
        self.X, self.Y = X, Y
        for module in dict.fromkeys((X, Y)):
            require_action(module)

    @property
    def is_signed(self) -> bool:
        """Whether points carry signs: there are no points."""
        return False

    @property
    def factors(self) -> None:
        """The maps between the factors of outer products: not used."""
        return

    @cached_property
    def count(self) -> int:
        """The sum of m_L(X) m_L(Y) dim End(L), exactly: weights per pair of channels."""
        return hom_dimension(self.X, self.Y)

    @cached_property
    def invariants(self) -> NDArray[np.float64]:
        """``(m, bias_count)`` a basis of the elements of Y that G fixes."""
        return invariant_vectors(self.Y)

    @cached_property
    def bias_count(self) -> int:
        """Dimension of the invariant elements of Y: biases per channel."""
        return int(self.invariants.shape[1])
