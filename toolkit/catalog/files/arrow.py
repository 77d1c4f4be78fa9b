"""Rows as pyarrow tables, and pyarrow tables as bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from toolkit.catalog.rows.blocks import Block, LabelLists, Labels
from toolkit.catalog.schema import SCHEMA_VERSION
from toolkit.errors import NotAvailable

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import ModuleType

    import pyarrow as pa

    from toolkit.catalog.rows.blocks import Column
    from toolkit.catalog.schema import Table


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


def arrow_schema(table: Table) -> pa.Schema:
    """Return the pyarrow schema of a table; its metadata name the table and the schema's version.

    Examples
    --------
    >>> from toolkit.catalog.schema import table
    >>> arrow_schema(table("graphs")).field("graph_hash").type
    DataType(string)
    """
    import pyarrow as pa

    texts = pa.list_(pa.string())
    return pa.schema(
        [
            pa.field(c.name, texts if c.type == "list<string>" else pa.type_for_alias(c.type))
            for c in table.columns
        ],
        metadata={"plrep.table": table.name, "plrep.schema": str(SCHEMA_VERSION)},
    )


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
    batches = []
    for block in blocks:
        columns = dict(block.columns)
        if "provenance" in names:
            columns.setdefault("provenance", provenance)
        if set(columns) != names:
            raise KeyError(
                f"rows of {table.name} need the columns {', '.join(sorted(names))}; these have "
                f"{', '.join(sorted(columns))}"
            )
        arrays = [_array(columns[f.name], f.type, block.length) for f in schema]
        batches.append(pa.record_batch(arrays, schema=schema))
    return pa.Table.from_batches(batches, schema=schema).combine_chunks()


def _array(column: Column, kind: Any, length: int) -> Any:  # noqa: ANN401 - any type, any array
    import numpy as np
    import pyarrow

    pa: Any = pyarrow  # its stubs know one type of array at a time

    if isinstance(column, Labels):
        names = pa.array(column.names, type=kind)
        return names.take(pa.array(column.codes))
    if isinstance(column, LabelLists):
        names = pa.array(column.names, type=kind.value_type)
        return pa.ListArray.from_arrays(
            pa.array(column.offsets), names.take(pa.array(column.codes)), type=kind
        )
    if isinstance(column, list | np.ndarray):
        return pa.array(column, type=kind)
    return pa.repeat(pa.scalar(column, type=kind), length)


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
