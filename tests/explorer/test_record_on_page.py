"""The page restores records from their columns as Python does."""

from __future__ import annotations

import threading

import pytest
from sample_site import SampleServer

import toolkit as tk
from toolkit.explorer.record import group_record, module_record
from toolkit.explorer.record.restored import restored, restored_module

READ = """
async ({ record, module }) => {
  const { restoredRecord, restoredModule } = await import("/js/restore.js");
  if (module) return restoredModule(module);
  return { ...restoredRecord(record), modules: record.modules.map(restoredModule) };
}
"""
NAMES = [
    "C1", "C8", "C2 x C2 x C6", "C60", "Q8", "S4", "A5", "SL(2,3)", "C2 wr S3", "S3 x S3",
    "Table(M11)", "Table(M)",
]  # fmt: skip


@pytest.fixture(scope="module")
def read(browser, tmp_path_factory):
    """Restore a record, or a module, in the browser."""
    server = SampleServer(tmp_path_factory.mktemp("no-data"))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    page = browser.new_page()
    page.goto(server.address + "icon.svg")
    yield lambda **given: page.evaluate(READ, {"record": None, "module": None, **given})
    page.close()
    server.shutdown()
    server.server_close()
    thread.join(timeout=10)


@pytest.mark.parametrize("name", NAMES)
def test_records(name, read) -> None:
    few = ["regular"] if tk.group(name).order > 24 else None
    record = group_record(tk.group(name), few)
    assert read(record=record) == restored(record)


def test_modules_of_several_orbits_and_with_signs(read) -> None:
    G = tk.group("S4")
    for X in (G.natural_module() + G.regular_module(), G.signed_coset_module("H8a", "H4c")):
        module = module_record(G, X)
        assert read(module=module) == restored_module(module)
