"""Old public names of nn and interpret: they work, and name the new ones."""

import pytest
import torch

import toolkit as tk

X = tk.group("C8").regular_module()


def network() -> tk.nn.EquivariantMLP:
    return tk.nn.EquivariantMLP(X, [1, 4, 1], "relu", bias=False)


def test_the_space_of_maps_of_a_layer():
    layer = tk.nn.EquivariantLinear(X, X, 1, 1)
    with pytest.warns(DeprecationWarning, match="EquivariantLinear.hom_space"):
        assert layer.geometry is layer.hom_space
    with pytest.warns(DeprecationWarning, match=r"EquivariantLinear\.computation"):
        assert layer.path is layer.computation


def test_zero_components():
    net = network()
    new = tk.interpret.zero_components(net, ["L2"])
    with pytest.warns(DeprecationWarning, match=r"toolkit\.interpret\.zero_components"):
        old = tk.interpret.cannot_happen(net, ["L2"])
    assert old.zero == new.zero
    state = new[0].after[0]
    with pytest.warns(DeprecationWarning, match=r"OrbitSupport\.orbit"):
        assert state.part is state.orbit


def test_zero_components_of_a_lowpass_network():
    low = tk.interpret.lowpass(network(), ["L0"], torch.ones(1, 8, 1))
    with pytest.warns(DeprecationWarning, match=r"LowPass\.zero_components"):
        assert low.cannot is low.zero_components


def test_sites_of_spectra():
    found = tk.interpret.spectra(network(), torch.ones(1, 8, 1))
    with pytest.warns(DeprecationWarning, match=r"Spectra\.sites"):
        assert found.places is found.sites
    with pytest.warns(DeprecationWarning, match=r"SiteSpectrum\.site"):
        assert found["input"].place is found["input"].site
    with pytest.warns(DeprecationWarning, match=r"Spectra\(sites=...\)"):
        again = tk.interpret.Spectra(places=found.sites)
    assert again.sites is found.sites
