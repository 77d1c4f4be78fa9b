"""Rows as pyarrow tables, and pyarrow tables as bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from toolkit.catalog.rows.blocks import Block, LabelLists, Labels
from toolkit.catalog.schema import SCHEMA_VERSION
from toolkit.errors import NotAvailable

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import ModuleType

    import pyarrow as pa
    from pyarrow import Schema

    from toolkit.catalog.schema import Table


_FORMS = (Labels, LabelLists, list, np.ndarray)


def require_catalog_packages(*names: str) -> tuple[ModuleType, ...]:
    """Import packages of the extra ``catalog``.

    Raises
    ------
    NotAvailable
        If one is missing; the message has the command that installs it.

    Examples
    --------
    >>> (module,) = require_catalog_packages("pyarrow")
    >>> module.__name__
    'pyarrow'
    """
    from importlib import import_module

    out = []
    for name in names:
        try:
            out.append(import_module(name))
        except ModuleNotFoundError as error:
            if error.name is None or error.name.partition(".")[0] != name.partition(".")[0]:
                raise
            raise NotAvailable(
                "the catalog",
                "this",
                f"the package {name} is required: pip install 'plrep-toolkit[catalog]'",
            ) from None
    return tuple(out)


def untyped_pyarrow() -> Any:  # noqa: ANN401 - a module
    """Return pyarrow without its stubs, which know one type of array at a time."""
    import pyarrow
    import pyarrow.compute

    return pyarrow


def arrow_schema(table: Table) -> Schema:
    """Return the pyarrow schema of a table; its metadata name the table and the schema's version.

    Examples
    --------
    >>> from toolkit.catalog.schema import table
    >>> arrow_schema(table("graphs")).field("graph_hash").type
    DataType(string)
    """
    pa = untyped_pyarrow()
    lists = {"list<string>": pa.list_(pa.string()), "list<int32>": pa.list_(pa.int32())}
    schema: Schema = pa.schema(
        [pa.field(c.name, lists.get(c.type) or pa.type_for_alias(c.type)) for c in table.columns],
        metadata={"plrep.table": table.name, "plrep.schema": str(SCHEMA_VERSION)},
    )
    return schema


def arrow_table(table: Table, blocks: Iterable[Block], provenance: str | None = None) -> pa.Table:
    """Return rows as a pyarrow table.

    Parameters
    ----------
    table
        Which table of the catalog.
    blocks
        Its rows, as :func:`toolkit.catalog.rows.group.rows_of_group` makes them.
    provenance
        The value of the column ``provenance``, unless the blocks have one.

    Raises
    ------
    KeyError
        If a block lacks a column or has an unknown one.

    Examples
    --------
    >>> import toolkit as tk
    >>> from toolkit.catalog.rows.group import rows_of_group
    >>> from toolkit.catalog.schema import table
    >>> rows = rows_of_group(tk.group("C2"), activations=["abs"])
    >>> arrow_table(table("edges"), rows["edges"], "here").select(["source", "target"]).to_pylist()
    [{'source': 'L0', 'target': 'L0'}, {'source': 'L1', 'target': 'L0'}]
    """
    import pyarrow as pa

    schema = arrow_schema(table)
    names = {c.name for c in table.columns}
    found = []
    lengths = []
    for block in blocks:
        columns = dict(block.columns)
        if "provenance" in names:
            columns.setdefault("provenance", provenance)
        for column in table.columns:
            if column.merged:
                columns.setdefault(column.name, None)
        if columns.keys() != names:
            raise KeyError(
                f"rows of {table.name} need the columns {', '.join(sorted(names))}; these have "
                f"{', '.join(sorted(columns))}"
            )
        found.append(columns)
        lengths.append(block.length)
    if not found:
        return schema.empty_table()
    arrays = [_joined([c[f.name] for c in found], lengths, f.type) for f in schema]
    return pa.Table.from_arrays(arrays, schema=schema)


def _joined(columns: list[Any], lengths: list[int], kind: Any) -> Any:  # noqa: ANN401 - any types
    """Return the column of several blocks, made at once where all have it in the same form."""
    pa = untyped_pyarrow()
    form = type(columns[0])
    if any(type(c) is not form for c in columns):
        form = type(None) if not any(isinstance(c, _FORMS) for c in columns) else object
    if form is Labels or form is LabelLists:
        names: list[str] = []
        first: dict[int, int] = {}  # of blocks that share their list of names
        codes = []
        for c in columns:
            at = first.setdefault(id(c.names), len(names))
            if at == len(names):
                names += c.names
            codes.append(c.codes + np.int32(at))
        texts = pa.array(names, type=kind if form is Labels else kind.value_type)
        texts = texts.take(pa.array(np.concatenate(codes)))
        if form is Labels:
            return texts
        sizes = np.concatenate([np.diff(c.offsets) for c in columns])
        ends = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32)
        return pa.ListArray.from_arrays(pa.array(ends), texts, type=kind)
    if form is np.ndarray:
        return pa.array(np.concatenate(columns), type=kind)
    if form is list:
        return pa.array([value for c in columns for value in c], type=kind)
    if form is object:
        parts = zip(columns, lengths, strict=True)
        return pa.concat_arrays([_joined([c], [n], kind) for c, n in parts])
    values = pa.array(columns, type=kind)  # a plain value for all rows of a block
    return values.take(pa.array(np.repeat(np.arange(len(columns)), lengths)))


def to_bytes(table: pa.Table) -> bytes:
    """Return a table as one compressed Arrow IPC stream."""
    import pyarrow as pa

    sink = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(compression="lz4")
    with pa.ipc.new_stream(sink, table.schema, options=options) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue().to_pybytes())


def from_bytes(data: bytes) -> pa.Table:
    """Return the table that :func:`to_bytes` wrote.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from_bytes(to_bytes(pa.table({"x": [1, 2]}))).column("x").to_pylist()
    [1, 2]
    """
    import pyarrow as pa

    with pa.ipc.open_stream(data) as reader:
        return reader.read_all()
