"""Cached attributes: one object for all threads, no lock while they are computed."""

from __future__ import annotations

import ast
import copy
import functools
import inspect
import os
import pickle  # noqa: TID251 - the test is about it
import pydoc
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from processes import PATIENCE

import toolkit
from toolkit.cached import cached_property

FILES = sorted(Path(toolkit.__file__).parent.rglob("*.py"))


class Square:
    """A square; ``meet`` is called in the middle of the computation."""

    def __init__(self, side: int, meet: object = None) -> None:
        self.side = side
        self.meet = meet

    @cached_property
    def sides(self) -> list[int]:
        """Its four sides."""
        if callable(self.meet):
            self.meet()
        return [self.side] * 4


def test_it_is_computed_once_and_kept() -> None:
    calls = []
    square = Square(3, lambda: calls.append(1))
    assert square.sides is square.sides
    assert (square.sides, calls) == ([3, 3, 3, 3], [1])
    assert vars(square)["sides"] is square.sides


def test_it_can_be_set_and_forgotten() -> None:
    square = Square(3)
    square.sides = [1]
    assert square.sides == [1]
    del square.sides
    assert square.sides == [3] * 4


def test_an_error_leaves_nothing_behind() -> None:
    square = Square(3, lambda: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        _ = square.sides
    square.meet = None
    assert square.sides == [3] * 4


def test_copies_and_pickles_take_the_value_along() -> None:
    square = Square(3)
    sides = square.sides
    assert copy.copy(square).sides is sides
    assert vars(copy.deepcopy(square))["sides"] == sides
    assert vars(pickle.loads(pickle.dumps(square)))["sides"] == sides  # noqa: S301 - our own


def test_threads_that_compute_at_once_get_one_object() -> None:
    both = threading.Barrier(2, timeout=PATIENCE)
    square = Square(3, both.wait)  # passes only while two threads are inside: no lock is held
    with ThreadPoolExecutor(2) as threads:
        first, second = threads.map(lambda _: square.sides, range(2))
    assert first is second
    assert first is square.sides


def test_two_objects_are_computed_at_once() -> None:
    both = threading.Barrier(2, timeout=PATIENCE)
    with ThreadPoolExecutor(2) as threads:
        found = threads.map(lambda side: Square(side, both.wait).sides, (1, 2))
    assert list(found) == [[1] * 4, [2] * 4]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_process_forked_in_the_middle_computes_on() -> None:
    inside, over = threading.Event(), threading.Event()

    def meet() -> None:
        inside.set()
        over.wait(PATIENCE)

    thread = threading.Thread(target=lambda: Square(1, meet).sides)
    thread.start()
    assert inside.wait(PATIENCE)
    child = os.fork()
    if child == 0:
        os._exit(0 if Square(2).sides == [2] * 4 else 1)
    over.set()
    thread.join()
    assert os.waitpid(child, 0)[1] == 0


def test_objects_without_room_for_it_are_refused() -> None:
    class Slotted:
        __slots__ = ()

        @cached_property
        def value(self) -> int:
            return 1

    with pytest.raises(TypeError, match=r"'value' needs a __dict__.*Slotted has none.*__slots__"):
        _ = Slotted().value

    class Meta(type):
        @cached_property
        def value(cls) -> int:
            return 1

    with pytest.raises(TypeError, match="'value' needs a __dict__ that can be written"):
        _ = Meta("Made", (), {}).value
    with pytest.raises(TypeError, match="in the body of a class"):
        cached_property(len).__get__([])


def test_one_method_has_one_name() -> None:
    # Python before 3.12 wraps the error of __set_name__
    with pytest.raises((TypeError, RuntimeError)):

        class Twice:
            @cached_property
            def one(self) -> int:
                return 1

            two = one


def test_a_subclass_builds_on_the_value_of_its_base() -> None:
    class Cube(Square):
        @cached_property
        def sides(self) -> list[int]:
            return [*super().sides, 0]

    cube = Cube(3)
    assert cube.sides == [3, 3, 3, 3, 0]
    assert vars(cube)["sides"] == [3, 3, 3, 3, 0]
    assert Square.sides.__get__(cube) == [3, 3, 3, 3]
    assert cube.sides == [3, 3, 3, 3, 0]


def test_tools_know_it() -> None:
    assert isinstance(Square.sides, functools.cached_property)  # noqa: TID251 - what tools look for
    assert inspect.getdoc(Square.sides) == "Its four sides."
    assert Square.sides.__module__ == __name__
    assert "Its four sides." in pydoc.render_doc(Square)
    assert Square.sides.func(Square(1)) == [1] * 4


def of_functools(text: str) -> list[int]:
    """Return the lines in which a program takes ``cached_property`` from functools."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(text))
        if (
            (isinstance(node, ast.ImportFrom) and node.module == "functools")
            and any(alias.name == "cached_property" for alias in node.names)
        )
        or (
            (isinstance(node, ast.Attribute) and node.attr == "cached_property")
            and (isinstance(node.value, ast.Name) and node.value.id == "functools")
        )
    ]


@pytest.mark.slow
def test_no_file_uses_that_of_functools() -> None:
    assert of_functools("from functools import cached_property, reduce\n") == [1]
    assert of_functools("import functools\n\n@functools.cached_property\ndef f(self): ...") == [3]
    found = {file.name: of_functools(file.read_text()) for file in FILES}
    assert {name for name, lines in found.items() if lines} == {"cached.py"}
