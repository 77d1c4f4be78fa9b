"""Frozen records and their JSON: a dataclass of plain values to JSON and back, checked by type.

No class name is stored and nothing that is loaded can run code: the reader says which record it
expects, and every field is checked against its annotation.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, TypeVar

from toolkit.exact.cyclotomic import Cyclotomic

Record = TypeVar("Record")


def encode(value: object) -> Any:  # noqa: ANN401 - JSON
    """Return plain JSON data for a frozen record, a cyclotomic, a container or a plain value.

    Parameters
    ----------
    value
        The value; containers may be nested.

    Returns
    -------
    object
        Dictionaries, lists, strings, numbers, booleans and ``None``.

    Raises
    ------
    TypeError
        If ``value`` contains anything else.

    Examples
    --------
    >>> encode((1, Cyclotomic(4, ((1, 1, 1),))))
    [1, [4, [[1, 1, 1]]]]
    """
    if value is None or isinstance(value, bool | int | str | float):
        return value
    if isinstance(value, Cyclotomic):
        return value.to_json()
    if isinstance(value, Sequence):
        return [encode(item) for item in value]
    if isinstance(value, dict):
        return {str(key): encode(item) for key, item in value.items()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: encode(getattr(value, f.name)) for f in dataclasses.fields(value)}
    raise TypeError(f"a record holds plain values, records and tuples of them, not {type(value)}")


def decode(kind: type[Record], data: object) -> Record:
    """Return the record of class ``kind`` that ``data`` describes.

    Parameters
    ----------
    kind
        A frozen dataclass, a cyclotomic, or a type of plain values.
    data
        What :func:`encode` returned, or JSON data read from a file.

    Returns
    -------
    Record
        An instance of ``kind``, checked field by field.

    Raises
    ------
    ValueError
        If a field is missing or unknown, or does not have its declared type; the message names it.

    Examples
    --------
    >>> decode(tuple[int, ...], [1, 2])
    (1, 2)
    """
    reader = _reader(typing.cast("Any", kind))
    return typing.cast("Record", reader(data, kind_name(kind)))


def kind_name(kind: Any) -> str:  # noqa: ANN401 - any type form
    """Return a short name of a type for messages."""
    return getattr(kind, "__name__", str(kind))


@lru_cache(maxsize=512)
def _reader(kind: Any) -> Any:  # noqa: ANN401 - one reader per type form
    if dataclasses.is_dataclass(kind) and kind is not Cyclotomic:
        return _record_reader(kind)
    if kind is Cyclotomic:
        return lambda data, _where: Cyclotomic.from_json(data)
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is tuple and len(arguments) == 2 and arguments[1] is Ellipsis:
        return _sequence_reader(arguments[0])
    if origin is tuple:
        return _fixed_reader(tuple(_reader(a) for a in arguments))
    if origin is dict:
        return _mapping_reader(arguments[0], arguments[1])
    if origin in (typing.Union, types.UnionType):
        return _optional_reader(arguments)
    if origin is typing.Literal:
        return _literal_reader(arguments)
    if kind in (int, str, bool, float):
        return _plain_reader(kind)
    if kind is Any or kind is object:
        return lambda data, _where: data
    raise TypeError(f"records cannot hold {kind!r}")


def _plain_reader(kind: type) -> Any:  # noqa: ANN401
    def read(data: object, where: str) -> object:
        if type(data) is kind:
            return data
        if kind is float and type(data) is int:
            return float(data)
        raise ValueError(f"{where} must be {kind.__name__}, not {data!r:.60}")

    return read


def _sequence_reader(item: Any) -> Any:  # noqa: ANN401
    if item in (int, str, bool):

        def read_plain(data: object, where: str) -> object:
            if isinstance(data, list | tuple) and all(type(x) is item for x in data):
                return tuple(data)
            raise ValueError(f"{where} must be a list of {item.__name__}, not {data!r:.60}")

        return read_plain
    reader = _reader(item)

    def read(data: object, where: str) -> object:
        if not isinstance(data, list | tuple):
            raise ValueError(f"{where} must be a list, not {data!r:.60}")
        return tuple(reader(x, where) for x in data)

    return read


def _fixed_reader(readers: tuple[Any, ...]) -> Any:  # noqa: ANN401
    def read(data: object, where: str) -> object:
        if not isinstance(data, list | tuple) or len(data) != len(readers):
            raise ValueError(f"{where} must be a list of {len(readers)}, not {data!r:.60}")
        return tuple(r(x, where) for r, x in zip(readers, data, strict=True))

    return read


def _mapping_reader(key: type, item: Any) -> Any:  # noqa: ANN401
    reader = _reader(item)

    def read(data: object, where: str) -> object:
        if not isinstance(data, dict):
            raise ValueError(f"{where} must be an object, not {data!r:.60}")
        return {key(k): reader(v, where) for k, v in data.items()}

    return read


def _optional_reader(arguments: tuple[Any, ...]) -> Any:  # noqa: ANN401
    readers = [_reader(a) for a in arguments if a is not type(None)]

    def read(data: object, where: str) -> object:
        if data is None and type(None) in arguments:
            return None
        problem: ValueError | None = None
        for reader in readers:
            try:
                return reader(data, where)
            except ValueError as error:
                problem = error
        raise problem or ValueError(f"{where} must not be {data!r:.60}")

    return read


def _literal_reader(allowed: tuple[Any, ...]) -> Any:  # noqa: ANN401
    def read(data: object, where: str) -> object:
        if data in allowed:
            return data
        raise ValueError(f"{where} must be one of {allowed}, not {data!r:.60}")

    return read


def _record_reader(kind: Any) -> Any:  # noqa: ANN401
    hints = typing.get_type_hints(kind)
    readers = {f.name: _reader(hints[f.name]) for f in dataclasses.fields(kind)}
    required = {
        f.name
        for f in dataclasses.fields(kind)
        if f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING
    }

    def read(data: object, where: str) -> object:
        if not isinstance(data, dict):
            raise ValueError(f"{where} must be an object, not {data!r:.60}")
        unknown = data.keys() - readers.keys()
        missing = required - data.keys()
        if unknown or missing:
            raise ValueError(
                f"{where}: fields missing {sorted(missing)}, unknown {sorted(unknown)}"
            )
        return kind(**{name: readers[name](v, f"{where}.{name}") for name, v in data.items()})

    return read
