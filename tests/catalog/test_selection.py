"""Rows of one catalog in a folder of another plan."""

import shutil

import pytest

import toolkit as tk
from toolkit.catalog.files.selection import write_selection
from toolkit.catalog.plan import Plan
from toolkit.catalog.sweeps.sweep import SweepStopped
from toolkit.errors import CatalogError, ConfigError


def swept(folder, orders, **more):
    tk.catalog.sweep(folder, orders, workers=0, activations=["relu", "abs"], **more)
    return folder


def plan(orders, **more):
    return Plan.of(orders, activations=["relu", "abs"], **more)


def contents(folder):
    """Return the bytes of all files but those that know how long a group took."""
    changing = ("attempts.parquet", "SHA256SUMS")
    return {p.name: p.read_bytes() for p in folder.iterdir() if p.name not in changing}


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    return swept(tmp_path_factory.mktemp("selection") / "source", "1-12")


@pytest.mark.gap
def test_a_selection_has_the_bytes_of_a_sweep(source, tmp_path):
    before = contents(source)
    assert write_selection(source, plan("4-8"), tmp_path / "chosen") == 11
    assert contents(tmp_path / "chosen") == contents(swept(tmp_path / "swept", "4-8"))
    attempts = tk.catalog.Catalog(tmp_path / "chosen").find(None, table="attempts")
    assert attempts.column("order") == [4, 4, 5, 6, 6, 7, 8, 8, 8, 8, 8]
    assert contents(source) == before


@pytest.mark.gap
@pytest.mark.slow
def test_a_sweep_goes_on_from_a_selection(source, tmp_path):
    folder = tmp_path / "more"
    assert write_selection(source, plan("8-14"), folder) == 15
    report = tk.catalog.sweep(folder, "8-14", workers=0, activations=["relu", "abs"])
    assert report.before == 15
    assert contents(folder) == contents(swept(tmp_path / "swept", "8-14"))


@pytest.mark.gap
def test_of_a_stopped_sweep_what_was_written_is_counted(tmp_path):
    def stop(done, _):
        if done >= 2:
            raise KeyboardInterrupt

    with pytest.raises(SweepStopped):
        swept(tmp_path / "stopped", (), groups=["C2", "C3", "C5", "C7"], progress=stop)
    held = tk.catalog.Catalog(tmp_path / "stopped").find(None, "groups").to_arrow().num_rows
    everything = Plan.of(groups=["C2", "C3", "C5", "C7"], activations=["relu", "abs"])
    assert write_selection(tmp_path / "stopped", everything, tmp_path / "chosen") == held < 4


@pytest.mark.gap
def test_what_cannot_be_selected(source, tmp_path):
    with pytest.raises(ConfigError, match="has others of SmallGroup"):
        write_selection(source, plan("4-8", modules="transitive:8"), tmp_path / "modules")
    with pytest.raises(ConfigError, match="the same activations and modules"):
        write_selection(source, Plan.of("4-8", activations=["relu"]), tmp_path / "activations")
    with pytest.raises(ConfigError, match="a new folder is required"):
        write_selection(source, plan("1-12"), source)
    (tmp_path / "nothing").mkdir()
    with pytest.raises(ConfigError, match="a finished catalog is required"):
        write_selection(tmp_path / "nothing", plan("4-8"), tmp_path / "none")
    damaged = shutil.copytree(source, tmp_path / "damaged")
    (damaged / "simples.parquet").write_bytes(b"PAR1")
    with pytest.raises(CatalogError, match=r"simples\.parquet"):
        write_selection(damaged, plan("4-8"), tmp_path / "none")
    assert not (tmp_path / "none").exists()
