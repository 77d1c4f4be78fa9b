"""The answer to a query: plain rows, and their export to other formats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from toolkit.display import Tabulated
from toolkit.errors import ConfigError
from toolkit.files import write_whole, written_whole
from toolkit.text import counted, shortened, table

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd
    import pyarrow as pa

#: A row: names of columns and plain values (int, float, str, bool, list, None).
Row = dict[str, Any]

_SHOWN_ROWS = 20
_SHOWN_WIDTH = 24
_BATCH = 4096


class Rows(Tabulated, Sequence[Row]):
    """The rows of an answer, in order: a sequence of dictionaries.

    Parameters
    ----------
    table
        The answer as a pyarrow table; it is shared, not copied.

    Examples
    --------
    >>> import pyarrow
    >>> rows = Rows(pyarrow.table({"group": ["SmallGroup(6,1)"], "order": [6]}))
    >>> rows[0], len(rows), rows.columns
    ({'group': 'SmallGroup(6,1)', 'order': 6}, 1, ('group', 'order'))
    >>> rows
    group            order
    SmallGroup(6,1)      6
    1 row
    """

    def __init__(self, table: pa.Table) -> None:
        self._table = table

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns, in order."""
        return tuple(self._table.column_names)

    def column(self, name: str) -> list[Any]:
        """Return the values of one column.

        Raises
        ------
        KeyError
            If there is no such column; the message lists all.
        """
        if name not in self.columns:
            raise KeyError(f"the answer has the columns {', '.join(self.columns)}, not {name!r}")
        values: list[Any] = self._table.column(self.columns.index(name)).to_pylist()
        return values

    def __len__(self) -> int:
        return int(self._table.num_rows)

    def __iter__(self) -> Iterator[Row]:
        for batch in self._table.to_batches(max_chunksize=_BATCH):
            yield from batch.to_pylist()

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> Rows: ...
    def __getitem__(self, index: int | slice) -> Row | Rows:
        if isinstance(index, slice):
            start, stop, step = index.indices(len(self))
            if step == 1:
                return Rows(self._table.slice(start, max(0, stop - start)))
            return Rows(self._table.take(list(range(start, stop, step))))
        if not -len(self) <= index < len(self):
            raise IndexError(f"row {index} of {len(self)}")
        row: Row = self._table.slice(index % len(self), 1).to_pylist()[0]
        return row

    def __eq__(self, other: object) -> bool:
        """Whether the columns and rows are the same; ``other`` may be a plain list of rows."""
        if isinstance(other, Rows):
            return self.columns == other.columns and list(self) == list(other)
        if isinstance(other, Sequence) and not isinstance(other, str):
            return len(other) == len(self) and all(
                isinstance(b, Mapping) and a == b for a, b in zip(self, other, strict=True)
            )
        return NotImplemented

    __hash__ = None  # type: ignore[assignment]

    # export ---------------------------------------------------------------------------------

    def to_arrow(self) -> pa.Table:
        """Return the answer as a pyarrow table."""
        return self._table

    def to_pandas(self) -> pd.DataFrame:
        """Return the answer as a pandas data frame; integer columns with nulls become floats.

        Raises
        ------
        ConfigError
            If pandas is not installed.
        """
        try:
            import pandas  # noqa: F401 - is it there?
        except ModuleNotFoundError:
            raise ConfigError("data frames need pandas: pip install pandas") from None
        frame: pd.DataFrame = self._table.to_pandas()
        return frame

    def to_csv(self, path: str | Path | None = None) -> str:
        """Return the answer as CSV with a header, and write it to a file if one is named.

        Lists are written with spaces between their items; ``None`` is an empty cell.
        """
        import csv
        import io

        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(self.columns)
        for row in self:
            writer.writerow(_cell(row[c]) for c in self.columns)
        return _written(path, out.getvalue())

    def to_json(self, path: str | Path | None = None) -> str:
        """Return the answer as a JSON array of objects, and write it to a file if one is named.

        Numbers that are not finite are written as ``null``.
        """
        import json

        rows = [dict(zip(self.columns, row, strict=True)) for row in self.json_rows()]
        text = ",\n ".join(json.dumps(row, ensure_ascii=False, allow_nan=False) for row in rows)
        return _written(path, f"[{text}]\n")

    def json_rows(self) -> list[list[object]]:
        """Return the rows as lists of JSON values; numbers that are not finite are ``None``."""
        return [[_jsonable(row[name]) for name in self.columns] for row in self]

    def to_parquet(self, path: str | Path) -> None:
        """Write the answer to a Parquet file (zstd).

        Raises
        ------
        ConfigError
            If a column has a type of DuckDB that Parquet does not have, such as UNION.
        """
        import io

        import pyarrow as pa
        import pyarrow.parquet as pq

        try:  # before an existing file is emptied
            pq.ParquetWriter(io.BytesIO(), self._table.schema).close()
        except pa.ArrowNotImplementedError as error:
            raise ConfigError(
                f"Parquet cannot hold these columns, use CSV or JSON: {error}"
            ) from None
        with written_whole(Path(path)) as beside, beside.open("wb") as file:
            pq.write_table(self._table, file, compression="zstd")

    # display --------------------------------------------------------------------------------

    def cells(self) -> list[tuple[str, list[str], bool]]:
        """Return, per column, its name, its values as short texts, and whether it has numbers."""
        rows = list(self)
        kinds = [field.type for field in self._table.schema]
        return [
            (name, [_short(row[name]) for row in rows], _is_number(kind))
            for name, kind in zip(self.columns, kinds, strict=True)
        ]

    def to_text(self, most: int | None = None) -> str:
        """Return a table of the first rows, columns side by side.

        Parameters
        ----------
        most
            Number of rows shown; ``None`` for all.
        """
        shown = self if most is None else self[:most]
        cells = shown.cells()
        rows = [self.columns, *zip(*(texts for _, texts, _ in cells), strict=True)]
        right = [i for i, (_, _, is_number) in enumerate(cells) if is_number]
        end = counted(len(self), "row")
        if len(shown) < len(self):
            end = f"{len(shown)} of {len(self)} rows"
        return "\n".join([*table(rows, right=right), end])

    def __repr__(self) -> str:
        return self.to_text(_SHOWN_ROWS)


def _written(path: str | Path | None, text: str) -> str:
    if path is not None:
        write_whole(Path(path), text)
    return text


def _cell(value: object) -> object:
    if isinstance(value, list):
        return " ".join(str(item) for item in value)
    return "" if value is None else value


def _jsonable(value: object) -> object:
    """Return a JSON value: dates and decimals as texts, numbers that are not finite as null."""
    import math

    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, list | tuple):
        return [_jsonable(item) for item in value]
    if isinstance(value, dict):
        return {str(k): _jsonable(item) for k, item in value.items()}
    return str(value)


def _short(value: object) -> str:
    if isinstance(value, float):
        text = f"{value:.6g}"
    elif isinstance(value, bool):
        text = "yes" if value else "no"
    else:
        text = str(_cell(value)).replace("\n", " ")
    return shortened(text, _SHOWN_WIDTH)


def _is_number(kind: pa.DataType) -> bool:
    import pyarrow as pa

    return bool(
        pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    )
