"""One function for all data in which a symmetry may be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, overload

from toolkit.errors import ModuleMismatchError

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence

    from toolkit.library.session import Session
    from toolkit.library.symmetry.equivariance_tests import EquivarianceReport
    from toolkit.library.symmetry.found import FoundSymmetry
    from toolkit.modules.module import Module

_KINDS = ("graph", "matrix", "points", "layer", "function", "hidden")


@overload
def find_symmetry(
    data: object,
    *,
    kind: Literal["graph"] | None = None,
    tol: float | None = None,
    ignore: Iterable[Hashable] = (),
    name: str | None = None,
    session: Session | None = None,
) -> FoundSymmetry: ...
@overload
def find_symmetry(
    data: object,
    *,
    kind: Literal["matrix"],
    tol: float | None = None,
    name: str | None = None,
    session: Session | None = None,
) -> FoundSymmetry: ...
@overload
def find_symmetry(
    data: object,
    *,
    kind: Literal["points"],
    labels: Sequence[object] | None = None,
    tol: float | None = None,
    translations: bool = True,
    name: str | None = None,
    session: Session | None = None,
) -> FoundSymmetry: ...
@overload
def find_symmetry(
    data: object,
    *,
    kind: Literal["layer"] | None = None,
    bias: object = None,
    tol: float | None = None,
    shuffles: int = 0,
    seed: int = 0,
    name: str | None = None,
    session: Session | None = None,
) -> FoundSymmetry: ...
@overload
def find_symmetry(
    data: object,
    outputs: object,
    *,
    modules: tuple[Module, Module],
    kind: Literal["function"] | None = None,
    level: float = 0.05,
    contradiction: float = 0.001,
    draws: int = 199,
    seed: int = 0,
    degree: int = 1,
    max_index: int | None = None,
) -> EquivarianceReport: ...
@overload
def find_symmetry(
    data: Callable[[Any], Any],
    *,
    inputs: object,
    module: Module,
    kind: Literal["hidden"] | None = None,
    draws: int = 19,
    seed: int = 0,
    threshold: float = 0.9,
) -> FoundSymmetry: ...
def find_symmetry(
    data: Any,
    outputs: Any = None,
    *,
    kind: str | None = None,
    **options: Any,
) -> FoundSymmetry | EquivarianceReport:
    """Find the symmetry group of the given data, with its modules and the evidence for it.

    Parameters
    ----------
    data
        - a networkx graph, all of whose attributes are kept
          (:func:`~toolkit.library.symmetry.graphs.symmetry_of_graph`);
        - with ``kind="matrix"`` a square matrix, preserved by simultaneous permutations of rows and
          columns (:func:`~toolkit.library.symmetry.matrices.symmetry_of_matrix`);
        - with ``kind="points"`` points in space, permuted by isometries
          (:func:`~toolkit.library.symmetry.points.symmetry_of_points`);
        - with ``kind="layer"`` a weight matrix, or a layer that has one, preserved by pairs of
          permutations of rows and columns
          (:func:`~toolkit.library.symmetry.layers.symmetry_of_layer`);
        - inputs of a function, with ``outputs`` and ``modules=(X, Y)``: tests of all subgroups of
          a proposed group (:func:`~toolkit.library.symmetry.functions.symmetry_of_function`);
        - a function from inputs to the activations of a hidden layer, with ``inputs`` and
          ``module`` (:func:`~toolkit.library.symmetry.hidden_layers.symmetry_of_hidden_layer`).
    outputs
        The outputs of a function that is known by samples.
    kind
        ``"graph"``, ``"matrix"``, ``"points"``, ``"layer"``, ``"function"`` or ``"hidden"``; needed
        for arrays that could be read in several ways.
    **options
        The options of the functions named above: ``tol``, ``labels``, ``translations``, ``bias``,
        ``shuffles``, ``modules``, ``level``, ``degree``, ``inputs``, ``module``, ``threshold``,
        ``draws``, ``seed``, ``name``, ``session``, ...

    Returns
    -------
    FoundSymmetry or EquivarianceReport
        ``.group`` is the group, ``.modules`` its modules, ready for layers.

    Raises
    ------
    ModuleMismatchError
        If the kind is unknown, missing or does not fit the data, or if it does not have an option
        that is given.

    Notes
    -----
    Integers, fractions and names are compared exactly. If floats are compared, the report gives the
    tolerance that was used and the difference that remains after averaging. Tensors are read as
    arrays, without importing torch.

    Examples
    --------
    >>> import networkx as nx
    >>> find_symmetry(nx.petersen_graph()).order
    120
    >>> find_symmetry([[1, 2], [2, 1]], kind="layer").order
    2
    >>> find_symmetry([[1, 2], [2, 1]])
    Traceback (most recent call last):
    ...
    toolkit.errors.ModuleMismatchError: an array can be read in several ways: give kind="matrix" (a
    square matrix), kind="points" (a row for each point) or kind="layer" (outputs by inputs)
    """
    chosen = kind or _kind_of(data, outputs, options)
    if chosen not in _KINDS:
        known = ", ".join(map(repr, _KINDS))
        raise ModuleMismatchError(f"kind must be one of {known}, found {chosen!r:.40}")
    if (chosen == "function") != (outputs is not None):
        raise ModuleMismatchError(
            'outputs and kind="function" belong together: find_symmetry(x, y, modules=(X, Y)); '
            f"found kind={chosen!r} {'without' if outputs is None else 'with'} outputs"
        )
    search = _search(chosen)
    _require_options(search, chosen, options)
    if chosen == "function":
        return search(data, outputs, **options)  # type: ignore[no-any-return]
    return search(data, **options)  # type: ignore[no-any-return]


def _kind_of(data: Any, outputs: Any, options: dict[str, Any]) -> str:  # noqa: ANN401
    if outputs is not None:
        return "function"
    if hasattr(data, "adjacency") and hasattr(data, "is_directed"):
        return "graph"
    if "module" in options or "inputs" in options:
        return "hidden"
    if hasattr(data, "weight") and not hasattr(data, "dtype"):
        return "layer"
    raise ModuleMismatchError(
        'an array can be read in several ways: give kind="matrix" (a square matrix), '
        'kind="points" (a row for each point) or kind="layer" (outputs by inputs)'
    )


def _search(kind: str) -> Callable[..., Any]:
    if kind == "graph":
        from toolkit.library.symmetry.graphs import symmetry_of_graph

        return symmetry_of_graph
    if kind == "matrix":
        from toolkit.library.symmetry.matrices import symmetry_of_matrix

        return symmetry_of_matrix
    if kind == "points":
        from toolkit.library.symmetry.points import symmetry_of_points

        return symmetry_of_points
    if kind == "layer":
        from toolkit.library.symmetry.layers import symmetry_of_layer

        return symmetry_of_layer
    if kind == "function":
        from toolkit.library.symmetry.functions import symmetry_of_function

        return symmetry_of_function
    from toolkit.library.symmetry.hidden_layers import symmetry_of_hidden_layer

    return symmetry_of_hidden_layer


def _require_options(search: Callable[..., Any], kind: str, options: dict[str, Any]) -> None:
    import inspect

    parameters = inspect.signature(search).parameters
    own = [name for name in list(parameters)[1:] if name != "outputs"]
    unknown = [name for name in options if name not in own]
    if unknown:
        raise ModuleMismatchError(
            f"kind={kind!r} takes the options {', '.join(own)}, found {', '.join(unknown)}"
        )
    missing = [
        name
        for name in own
        if parameters[name].default is inspect.Parameter.empty and name not in options
    ]
    if missing:
        raise ModuleMismatchError(f"kind={kind!r} needs the options {', '.join(missing)}")
