"""Tables of weights of a group task, read as functions on the group.

A *site* is a place where a network meets the group: the embedding of x, that of y, the
unembedding of the product. Its table has a row for each element, or for each point of a coset
space, and its neurons are functions on the group: columns of the table, or of the table times the
weights that read it. Functions on G/H are functions on G that are constant on the cosets H x.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from toolkit.errors import ModuleMismatchError
from toolkit.interpret.tasks.elements import multiplication_table, points_of_rows
from toolkit.library.group import Group
from toolkit.modules.gsets.actions import IntArray
from toolkit.modules.permutation_module import PermutationModule
from toolkit.text import group_required

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

#: The largest entry: products and squares of such numbers are added up.
LARGEST = 1e70


@dataclass(frozen=True, eq=False)
class TaskSite:
    """A site of a network on a group task.

    Parameters
    ----------
    name
        The user's name for it.
    module
        Name of the module whose points the rows are.
    rows
        ``(|G|,)`` per element, by its point in the regular module, the row of the site's table.
    functions
        ``(|G|, N)`` float64: the functions of the neurons on the group.
    """

    name: str
    module: str
    rows: IntArray
    functions: NDArray[np.float64]

    @property
    def blocks(self) -> int:
        """Number of rows of the table."""
        return int(self.rows.max()) + 1

    @property
    def is_regular(self) -> bool:
        """Whether there is a row for each element."""
        return self.blocks == len(self.rows)


@dataclass(frozen=True, eq=False)
class RowsOfSites:
    """Which row of which table belongs to which element.

    Parameters
    ----------
    products
        ``(|G|, |G|)`` the multiplication table on the points of the regular module.
    regular
        ``(|G|,)`` per element the row of a table with a row for each element.
    modules
        Per name of a site the module whose points its rows are; others have a row per element.
    """

    products: IntArray
    regular: IntArray
    modules: Mapping[str, PermutationModule]

    def of(self, name: str) -> tuple[str, IntArray]:
        """Return the name of a site's module, and per element the row of its table."""
        X = self.modules.get(name)
        if X is None:
            return "regular module", self.regular
        images = X.home.regular_module().elements.images(X)  # type: ignore[attr-defined]
        return X.name, images[:, 0]


def names_of_sites(embeddings: object) -> tuple[str, ...]:
    """Return the names of the sites.

    Raises
    ------
    ModuleMismatchError
        If there is none, or they are no mapping.

    Examples
    --------
    >>> names_of_sites({"left": 0, "right": 1})
    ('left', 'right')
    """
    if not isinstance(embeddings, Mapping) or not embeddings:
        found = "none" if isinstance(embeddings, Mapping) else type(embeddings).__name__
        raise ModuleMismatchError(
            f"embeddings= must map names of sites to tables, at least one site, found {found}"
        )
    for name in embeddings:
        if not isinstance(name, str):
            raise ModuleMismatchError(
                f"the names of sites must be strings, such as 'left', found {name!r:.40}"
            )
    return tuple(embeddings)


def rows_of_sites(
    G: Group,
    names: tuple[str, ...],
    *,
    table: ArrayLike | None = None,
    elements: ArrayLike | None = None,
    modules: Mapping[str, PermutationModule] | None = None,
) -> RowsOfSites:
    """Return which row of which table belongs to which element.

    Parameters
    ----------
    G, table, elements, modules
        As of :func:`toolkit.interpret.group_task_report`.
    names
        The names of all sites.

    Raises
    ------
    ModuleMismatchError
        If a module is not a transitive permutation module of the group, or names no site.
    """
    if not isinstance(G, Group):
        raise ModuleMismatchError(group_required(G))
    products = multiplication_table(G)
    points = points_of_rows(G, table, elements)
    regular = np.empty_like(points)
    regular[points] = np.arange(len(points))
    modules = dict(modules or {})
    for name, X in modules.items():
        if name not in names:
            raise ModuleMismatchError(
                f"modules= must name sites among {', '.join(names)}, found {name!r:.40}"
            )
        if not isinstance(X, PermutationModule) or G.regular_module().home != X.home:
            raise ModuleMismatchError(
                f"the module of the site {name!r} must be a permutation module of {G.title}, "
                f"found {X!r:.60}"
            )
        if not X.is_transitive:
            raise ModuleMismatchError(
                f"the module of the site {name!r} must be transitive, its points the cosets of a "
                f"subgroup, found {X.name}: report its orbits as separate sites"
            )
    return RowsOfSites(products, regular, modules)


def read_site(
    name: str,
    embedding: object,
    weight: object | None,
    module: str,
    rows: IntArray,
) -> TaskSite:
    """Return the functions of the neurons of one site.

    Parameters
    ----------
    name, module, rows
        As of :class:`TaskSite`.
    embedding
        ``(rows, d)`` or ``(rows,)`` real numbers, an array or a tensor.
    weight
        ``(N, d)`` as of a ``torch.nn.Linear`` that reads the embedding, or ``None`` if the columns
        of the embedding are the neurons.

    Raises
    ------
    ModuleMismatchError
        If the shapes do not fit, or an entry is not a finite real number.
    """
    values = host_array(embedding, f"the table of the site {name!r}")
    if values.ndim == 1:
        values = values[:, None]
    blocks = int(rows.max()) + 1
    if values.ndim != 2 or len(values) != blocks or not values.shape[1]:
        raise ModuleMismatchError(
            f"the table of the site {name!r} must have shape ({blocks}, d), a row for each point "
            f"of the {module}, found {values.shape}"
        )
    if weight is not None:
        matrix = host_array(weight, f"the weights of the site {name!r}")
        if matrix.ndim != 2 or matrix.shape[1] != values.shape[1] or not len(matrix):
            raise ModuleMismatchError(
                f"the weights of the site {name!r} must have shape (neurons, {values.shape[1]}), "
                f"found {matrix.shape}"
            )
        values = values @ matrix.T
    return TaskSite(name, module, rows, values[rows])


def host_array(values: Any, what: str) -> NDArray[np.float64]:  # noqa: ANN401
    """Return finite real numbers, an array or a tensor, as a float64 array on the host.

    Raises
    ------
    ModuleMismatchError
        If they are none.

    Examples
    --------
    >>> host_array([[1, 2]], "the table").tolist()
    [[1.0, 2.0]]
    """
    if getattr(values, "is_meta", False):
        raise ModuleMismatchError(
            f"{what} has no values, because it is on the device 'meta': load it first"
        )
    if hasattr(values, "detach"):
        values = values.detach().to_dense().cpu()
        values = (values.double() if not values.is_complex() else values).numpy()
    try:
        found = np.asarray(values)
        real = found.astype(np.float64) if found.dtype.kind in "biuf" else None
    except (TypeError, ValueError):
        real = None
    if real is None:
        raise ModuleMismatchError(
            f"{what} must be an array or a tensor of real numbers, found {values!r:.60}"
        )
    if not np.isfinite(real).all():
        raise ModuleMismatchError(
            f"{what} must be finite, found {int((~np.isfinite(real)).sum())} entries that are not: "
            "use a checkpoint from before they diverged"
        )
    if real.size and np.abs(real).max() > LARGEST:
        raise ModuleMismatchError(
            f"{what} must have entries up to {LARGEST:g}, because they are squared, found "
            f"{np.abs(real).max():g}: divide it by a number"
        )
    return real
