"""Fourier bases as JSON records, with arrays as base64 text of little-endian bytes."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from toolkit.errors import InconsistentAnswerError
from toolkit.modules.fourier.abelian_subgroup import AbelianSubgroup
from toolkit.modules.fourier.adapted import TOLERANCE, Certificate, FourierSimple
from toolkit.modules.fourier.basis import FourierBasis
from toolkit.modules.fourier.weight_spaces import weight_spaces

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from toolkit.modules.permutation_module import PermutationModule

Scalar = TypeVar("Scalar", bound=np.generic)


@dataclass(frozen=True)
class StoredBasis:
    """A Fourier basis in the store: arrays as base64 text of little-endian bytes."""

    orders: tuple[int, ...]
    words: tuple[tuple[int, ...], ...]
    simples: tuple[tuple[str, int, str, int, int], ...]
    complex_entries: bool
    shape: tuple[int, int]
    functionals: str
    characters: str
    real_rows: str
    imaginary_rows: str
    imaginary_signs: str
    orthogonality: float
    equivariance: float


def _text(array: NDArray[Scalar], dtype: str) -> str:
    return base64.b64encode(np.ascontiguousarray(array, dtype=dtype).tobytes()).decode("ascii")


def _array(text: str, dtype: str) -> NDArray[Any]:
    return np.frombuffer(base64.b64decode(text), dtype=dtype)


def stored_basis(basis: FourierBasis, subgroup: AbelianSubgroup) -> StoredBasis:
    """Return the record of a basis."""
    entries = np.iscomplexobj(basis.functionals)
    k, width = basis.functionals.shape
    return StoredBasis(
        orders=subgroup.orders,
        words=subgroup.words,
        simples=tuple(
            (s.label, s.dimension, s.type, s.multiplicity, s.start) for s in basis.simples
        ),
        complex_entries=entries,
        shape=(k, width),
        functionals=_text(basis.functionals, "<c16" if entries else "<f8"),
        characters=_text(basis.characters, "<i4"),
        real_rows=_text(basis.real_rows, "<i4"),
        imaginary_rows=_text(basis.imaginary_rows, "<i4"),
        imaginary_signs=_text(basis.imaginary_signs, "<i1"),
        orthogonality=basis.certificate.orthogonality,
        equivariance=basis.certificate.equivariance,
    )


def restored_basis(stored: StoredBasis, group: str, X: PermutationModule) -> FourierBasis:
    """Return the basis of a record, bit for bit."""
    kind = "<c16" if stored.complex_entries else "<f8"
    functionals = _array(stored.functionals, kind).reshape(stored.shape)
    subgroup = AbelianSubgroup(stored.words, stored.orders)
    return FourierBasis(
        group,
        X.name,
        tuple(FourierSimple(*s) for s in stored.simples),  # type: ignore[arg-type]
        weight_spaces(subgroup, X.images),
        functionals.astype(np.complex128 if stored.complex_entries else np.float64),
        _array(stored.characters, "<i4").astype(np.intp),
        _array(stored.real_rows, "<i4").astype(np.intp),
        _array(stored.imaginary_rows, "<i4").astype(np.intp),
        _array(stored.imaginary_signs, "<i1").astype(np.int8),
        X.images,
        None,
        Certificate(stored.orthogonality, stored.equivariance),
    )


def check_stored_basis(group: str, stored: StoredBasis) -> None:
    """Check the sizes, the orthogonality and the certificate of a stored basis.

    Raises
    ------
    InconsistentAnswerError
        If a law fails.
    """
    n = sum(dimension * m for _, dimension, _, m, _ in stored.simples)
    kind = "<c16" if stored.complex_entries else "<f8"
    functionals = _array(stored.functionals, kind).reshape(stored.shape)
    real_rows = _array(stored.real_rows, "<i4")
    imaginary_rows = _array(stored.imaginary_rows, "<i4")
    rows = np.concatenate([real_rows, imaginary_rows[imaginary_rows >= 0]])
    if not np.array_equal(np.sort(rows), np.arange(n)):
        raise InconsistentAnswerError(group, f"one functional for each of {n} rows", str(rows.size))
    characters = _array(stored.characters, "<i4")
    allowed = TOLERANCE * max(1.0, float(np.sqrt(n)))
    worst = max(stored.orthogonality, stored.equivariance)
    for own in np.split(functionals, np.flatnonzero(np.diff(characters)) + 1):
        worst = max(worst, float(np.abs(own @ own.conj().T - np.eye(len(own))).max()))
    if not worst <= allowed:
        raise InconsistentAnswerError(
            group, f"a Fourier basis with deviations below {allowed:.1e}", f"{worst:.1e}"
        )
