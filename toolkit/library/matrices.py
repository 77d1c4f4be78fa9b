"""Groups from matrices: exact ones, those over finite fields, and floats."""

from __future__ import annotations

from typing import Any

from toolkit.errors import NamingError, NotAvailable
from toolkit.library.group import Group
from toolkit.library.session import Session, session_or_default

_MOST_FLOAT_VECTORS = 10_000


def group_from_matrices(
    matrices: Any,  # noqa: ANN401
    *,
    field: str | int | None = None,
    tol: float = 1e-6,
    max_vectors: int | None = None,
    name: str | None = None,
    session: Session | None = None,
) -> Group:
    """Return the finite group that square matrices generate.

    Parameters
    ----------
    matrices
        ``(k, d, d)``: arrays or nested lists, one matrix per generator. Exact entries are ints,
        fractions, :class:`~toolkit.exact.Cyclotomic` values and texts such as ``"1/2"`` or
        ``"E(3)^2"``, E(n) being exp(2 pi i/n); floats that are whole numbers count as ints. If one
        entry is any other float or complex number, all entries are treated as floats.
    field
        ``"Z"``, ``"Q"``, ``"CF(5)"`` (the field of the fifth roots of unity), ``"R"`` and ``"C"``
        for floats, or ``"GF(9)"``, or 9, for a finite field, whose entries are written as in a
        group's name: integers modulo a prime, else 0, 1 and powers ``"z^5"``. By default the
        smallest field of characteristic 0 that holds the entries.
    tol
        For floats only: vectors count as equal if all coordinates differ by at most this much.
    max_vectors
        The largest number of vectors that the group may permute. The default is 10,000 for floats
        and the value of ``PLREP_MAX_VECTORS`` for exact matrices.
    name
        The group's name, for display.
    session
        As in :func:`toolkit.group`.

    Returns
    -------
    Group
        Its natural module is the action on the orbits of coordinate row vectors, with the matrices
        on the right; as many orbits as are needed to span the space. Its
        :attr:`~toolkit.Group.space_matrices` are the given matrices; complex matrices of size n
        become real matrices of size 2 n. Over a finite field it acts on all non-zero vectors.

    Raises
    ------
    NamingError
        If the matrices are not square, are singular, or have different sizes. If they generate an
        infinite group; the message gives the reason, which is a proof. If the limit on the number
        of vectors is reached before this is decided.

    Notes
    -----
    Exact matrices: GAP finds exact orbits that span the space, which proves that the group is
    finite. Floats: Python finds orbits that close within ``tol`` and checks them. The group is then
    the group of these permutations, and the residual says how far the matrices are from them.

    Examples
    --------
    >>> group_from_matrices([[[0, -1], [1, 0]], [[0, 1], [1, 0]]]).order
    8
    >>> from math import cos, pi, sin
    >>> c, s = cos(2 * pi / 5), sin(2 * pi / 5)
    >>> G = group_from_matrices([[[c, s], [-s, c]], [[1, 0], [0, -1]]], name="pentagon")
    >>> G.order, G.natural_module().degree, G.space_matrices.residual < 1e-9
    (10, 5, True)
    >>> group_from_matrices([[[1, 1], [0, 1]]])
    Traceback (most recent call last):
    ...
    toolkit.errors.NamingError: cannot read the group name '<[[1,1],[0,1]] | Z>': the group is
    infinite: the matrix 0 (counted from 0) has infinite order
    """
    import numpy as np

    from toolkit.groups.from_data import spec_from_permutations
    from toolkit.groups.from_matrices import check_limits, float_action, read_matrices
    from toolkit.groups.space import SpaceMatrices

    used = session_or_default(session)
    check_limits(tol, _MOST_FLOAT_VECTORS if max_vectors is None else max_vectors)
    found = read_matrices(matrices, field)
    if isinstance(found, np.ndarray):
        action = float_action(found, tol, max_vectors or _MOST_FLOAT_VECTORS)
        space = SpaceMatrices.of_floats(action.matrices, action.residual)
        return Group(spec_from_permutations(action.images), used, space=space, title=name)
    group = Group(found, used, title=name)
    if max_vectors is not None:
        group.limits = {"vectors": max_vectors}
    if found.exact_matrices() is not None:
        try:
            group.natural_module()
        except NotAvailable as error:
            hint = error.reason.replace("PLREP_MAX_VECTORS raises", "max_vectors raises")
            raise NamingError(group.name, None, hint) from None
    return group
