"""One bound for the memory of an answer in this process, decided before it is taken."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

import toolkit as tk
from toolkit.errors import ConfigError, NotAvailable
from toolkit.memory import in_units, require_memory
from toolkit.modules.fourier import basis as bases
from toolkit.modules.fourier.basis import certify
from toolkit.modules.gsets.orbitals import Orbitals


def test_the_bound_is_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    require_memory("S4", "a table", 2 * 1024**3)
    monkeypatch.setenv("PLREP_MEMORY", "1g")
    with pytest.raises(NotAvailable) as caught:
        require_memory("S4", "a table", 2 * 1024**3, "ask for less")
    assert str(caught.value) == (
        "no answer to 'a table' about S4: it takes 2.15 GB of memory, but one answer may take at "
        "most 1.07 GB (PLREP_MEMORY raises that); ask for less"
    )
    monkeypatch.setenv("PLREP_MEMORY", "much")
    with pytest.raises(ConfigError, match="PLREP_MEMORY must be a size such as '4g'"):
        require_memory("S4", "a table", 1)


def test_sizes_of_all_kinds_have_words() -> None:
    assert [in_units(size) for size in (0, 1, 5040**2 * 8)] == ["0 bytes", "1 bytes", "203 MB"]
    assert in_units(10**5000) == "2^16609 bytes or more"


def test_a_large_map_is_refused_before_it_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    X = tk.group("C2700").regular_module()
    assert X.spherical_table
    monkeypatch.setenv("PLREP_MEMORY", "256m")
    tracemalloc.start()
    try:
        with pytest.raises(NotAvailable, match=r"it takes 28. MB of memory.*PLREP_MEMORY raises"):
            tk.pl_map(X, "L1", "L2", "relu")
        assert tracemalloc.get_traced_memory()[1] < 1 << 26
    finally:
        tracemalloc.stop()


def test_a_basis_in_blocks_is_the_basis(monkeypatch: pytest.MonkeyPatch) -> None:
    X = tk.group("S4").regular_module()
    whole = tk.fourier_basis(X)
    assert isinstance(whole, bases.FourierBasis)
    monkeypatch.setattr(bases, "COLUMNS", 5)
    vars(whole).pop("matrix", None)
    certified = certify(whole)
    assert certified.worst < 1e-14
    np.testing.assert_allclose(whole.matrix @ whole.matrix.T, np.eye(24), atol=1e-14)
    broken = whole.matrix.copy()
    broken[20] = -broken[20]
    vars(whole)["matrix"] = broken
    with pytest.raises(tk.errors.InconsistentAnswerError, match="from equivariance"):
        certify(whole)
    del vars(whole)["matrix"]


def test_other_large_arrays_are_refused_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLREP_MEMORY", "256m")
    X = tk.group("C4200").regular_module()
    basis = tk.layer_basis(X, X)
    with pytest.raises(NotAvailable, match=r"one matrix of them.*it takes 282 MB.*PLREP_MEMORY"):
        basis.expand(np.zeros((1, 4200)))
    pairs = np.zeros(6_000_000, dtype=np.int64)
    with pytest.raises(NotAvailable, match=r"'the orbitals of 6,000,000 pairs'.*it takes 288 MB"):
        Orbitals(X.images).labels_at(pairs, pairs)
    with pytest.raises(NotAvailable, match=r"the matrices of .*it takes 2\.56 GB of memory"):
        tk.group([[*range(1, 4000), 0]] * 20).natural_module().matrices  # noqa: B018


def test_a_layer_that_is_too_large_is_refused_before_it_is_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import toolkit.nn

    X = tk.group([[*range(1, 30_000), 0]]).natural_module()
    monkeypatch.setenv("PLREP_MEMORY", "512m")
    with pytest.raises(NotAvailable, match="the labels of 900,000,000 matrix entries"):
        toolkit.nn.EquivariantLinear(X, X, 1, 1)
