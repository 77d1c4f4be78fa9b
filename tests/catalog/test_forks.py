"""A catalog in a forked process: it answers, and ends as any other."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

import pytest
from processes import PATIENCE

from toolkit import catalog

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork"),
    pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning"),
]

CONDITION = "order <= 30 and not abelian"

PROGRAM = """
import os
from toolkit import catalog

opened = catalog.open()
count = len(opened.find("order <= 30"))
child = os.fork()
if child == 0:
    assert len(opened.find("order <= 30")) == count
else:
    print(os.waitpid(child, 0)[1])
"""


def status_of_child(opened, expected):
    child = os.fork()
    if child == 0:
        status = 1
        try:
            status = 0 if opened.find(CONDITION).json_rows() == expected else 2
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_a_forked_child_asks_the_catalog_of_its_parent():
    with catalog.open() as opened:
        expected = opened.find(CONDITION).json_rows()
        assert status_of_child(opened, expected) == 0
        assert opened.find(CONDITION).json_rows() == expected  # the parent's is as it was


@pytest.mark.slow
def test_also_one_that_is_forked_in_mid_query():
    with catalog.open() as opened:
        expected = opened.find(CONDITION).json_rows()
        asked, over = threading.Event(), threading.Event()

        def ask():
            while not over.is_set():
                opened.sql("SELECT count(*) FROM edges WHERE source <> target")
                asked.set()

        thread = threading.Thread(target=ask)
        thread.start()
        try:
            assert asked.wait(PATIENCE)
            assert [status_of_child(opened, expected) for _ in range(3)] == [0, 0, 0]
        finally:
            over.set()
            thread.join()


def test_a_child_ends_as_any_other_program():
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, check=True)
    assert done.stdout.split() == [b"0"]
