"""To which module, and to which simple of it, rows of some groups belong."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from toolkit.catalog.files.arrow import untyped_pyarrow
from toolkit.errors import CatalogError

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pyarrow import Table

    Integers = NDArray[np.int64]
    #: An array or a chunked array of pyarrow.
    Texts: TypeAlias = Any

_LABEL = re.compile(r"L(0|[1-9][0-9]{0,8})")


class ModulesOfRows:
    """The modules of some groups, numbered as they first occur.

    Parameters
    ----------
    contents
        All rows of the groups in the table ``contents``.

    Attributes
    ----------
    module
        The number of the module of each row.
    position
        The position of each row among those of its module.
    sizes
        How many rows each module has.

    Examples
    --------
    >>> import pyarrow as pa
    >>> names = {"group": ["C2", "C2", "C1"], "label": ["L0", "L1", "L0"]}
    >>> found = ModulesOfRows(pa.table({**names, "module": ["regular"] * 3}))
    >>> found.module.tolist(), found.position.tolist(), found.sizes.tolist()
    ([0, 0, 1], [0, 1, 0], [2, 1])
    >>> edges = pa.table({"group": ["C1", "C2"], "module": ["regular"] * 2, "source": ["L0", "L1"]})
    >>> found.rows_of(edges, "source").tolist(), found.modules_of(edges).tolist()
    ([2, 1], [1, 0])
    """

    def __init__(self, contents: Table) -> None:
        self.contents = contents
        group, groups = codes_of(contents.column("group"))
        name, names = codes_of(contents.column("module"))
        self._groups, self._names = ({x: i for i, x in enumerate(xs)} for xs in (groups, names))
        key = group.astype(np.int64) * len(names) + name
        _, first, inverse = np.unique(key, return_index=True, return_inverse=True)
        rank = np.empty(len(first), dtype=np.int64)
        rank[np.argsort(first)] = np.arange(len(first))
        self.module: Integers = rank[inverse]
        self.sizes: Integers = np.bincount(self.module, minlength=len(first))
        by = np.argsort(self.module, kind="stable")
        starts = np.cumsum(self.sizes) - self.sizes
        self.position = np.empty(len(key), dtype=np.int64)
        self.position[by] = np.arange(len(key)) - np.repeat(starts, self.sizes)
        self._of_key = np.full(len(groups) * len(names) + 1, -1, dtype=np.int64)  # unknown: last
        self._of_key[key] = self.module
        numbers = label_numbers(contents.column("label"))
        self._width = int(numbers.max(initial=0)) + 1
        self._row = np.full(len(first) * self._width + 1, -1, dtype=np.int64)
        self._row[self.module * self._width + numbers] = np.arange(len(key))

    def modules_of(self, rows: Table) -> Integers:
        """Return the number of the module that each row of a table belongs to, -1 for others."""
        group, groups = codes_of(rows.column("group"))
        name, names = codes_of(rows.column("module"))
        g = np.array([self._groups.get(x, -1) for x in groups], dtype=np.int64)[group]
        m = np.array([self._names.get(x, -1) for x in names], dtype=np.int64)[name]
        found: Integers = self._of_key[
            np.where((g < 0) | (m < 0), len(self._of_key) - 1, g * len(self._names) + m)
        ]
        return found

    def rows_of(self, rows: Table, column: str) -> Integers:
        """Return which row of ``contents`` has the simple that a column names, -1 for none."""
        module, label = self.modules_of(rows), label_numbers(rows.column(column))
        known = (module >= 0) & (label < self._width)
        found: Integers = self._row[
            np.where(known, module * self._width + label, len(self._row) - 1)
        ]
        return found


def label_numbers(texts: Texts) -> NDArray[np.int32]:
    """Return the numbers of labels, 12 for ``L12``; CatalogError for other texts."""
    codes, names = codes_of(texts)
    return np.array([_label_number(name) for name in names], dtype=np.int32)[codes]


@lru_cache(maxsize=4096)
def _label_number(name: str | None) -> int:
    found = _LABEL.fullmatch(name or "")
    if found is None:
        raise CatalogError(
            "a part", f"a label such as L12 is required, found {name!r:.40}", "sweep again"
        )
    return int(found[1])


def codes_of(texts: Texts) -> tuple[NDArray[np.int32], list[str]]:
    """Return texts as positions in a list of different ones."""
    pa = untyped_pyarrow()
    if isinstance(texts, pa.ChunkedArray) and texts.num_chunks == 1:
        texts = texts.chunk(0)
    found = texts.dictionary_encode()
    if isinstance(found, pa.ChunkedArray):
        found = found.unify_dictionaries().combine_chunks()
        if isinstance(found, pa.ChunkedArray):  # none, or an older pyarrow
            found = found.chunk(0) if found.num_chunks else pa.array([], "string")
            found = found.dictionary_encode() if not hasattr(found, "dictionary") else found
    return found.indices.to_numpy(zero_copy_only=False), found.dictionary.to_pylist()
