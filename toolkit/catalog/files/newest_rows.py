"""The rows of groups in several sources: of each group those of the last source that has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from toolkit.catalog.files.recent import Recent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    import pyarrow as pa

    #: Rows of one table, in pieces that are read when they are needed.
    Source: TypeAlias = list[Callable[[], pa.Table]]

#: Pieces of a table that are in memory at the same time: sources are nearly in the order of groups.
_KEPT_PIECES = 8
#: About how many rows are handed on at once, and at most how many groups.
_ROWS_AT_ONCE = 30_000
_GROUPS_AT_ONCE = 256


class NewestRows:
    """The rows of a table, by group.

    Parameters
    ----------
    sources
        The oldest first. In each the rows of a group stand together.
    """

    def __init__(self, sources: list[Source]) -> None:
        import pyarrow.compute

        pc: Any = pyarrow.compute
        self._sources = sources
        self._kept: Recent[tuple[int, int], pa.Table] = Recent(_KEPT_PIECES)
        self._where: dict[str, list[tuple[int, int, int, int]]] = {}
        for i, source in enumerate(sources):
            found: dict[str, list[tuple[int, int, int, int]]] = {}
            for j in range(len(source)):
                runs = pc.run_end_encode(self._piece(i, j).column("group").combine_chunks())
                ends = runs.run_ends.to_pylist()
                for name, start, end in zip(
                    runs.values.to_pylist(), [0, *ends], ends, strict=False
                ):
                    found.setdefault(name, []).append((i, j, start, end))
            self._where |= found

    def _piece(self, i: int, j: int) -> pa.Table:
        return self._kept.get((i, j), self._read)

    def _read(self, place: tuple[int, int]) -> pa.Table:
        i, j = place
        return self._sources[i][j]().combine_chunks()

    def count(self, name: str) -> int:
        """Return how many rows a group has."""
        return sum(end - start for _, _, start, end in self._where.get(name, ()))

    def take(self, names: Iterable[str]) -> pa.Table:
        """Return the rows of groups, in this order; of a group that is in no source, none."""
        import pyarrow as pa

        runs: list[tuple[int, int, int, int]] = []
        for name in names:
            for i, j, start, end in self._where.get(name, ()):
                if runs and runs[-1][:2] == (i, j) and runs[-1][3] == start:
                    runs[-1] = (i, j, runs[-1][2], end)  # neighbours, as they mostly are
                else:
                    runs.append((i, j, start, end))
        if not runs:
            pieces = [one for source in self._sources for one in source]
            return pieces[0]().slice(0, 0) if pieces else pa.table({})
        return pa.concat_tables([self._piece(i, j).slice(a, b - a) for i, j, a, b in runs])

    def batches(self, names: Iterable[str]) -> Iterator[list[str]]:
        """Cut a list of groups so that about 30,000 rows of this table, or fewer, come together.

        A group with more rows is alone.
        """
        batch: list[str] = []
        rows = 0
        for name in names:
            count = self.count(name)
            if batch and (rows + count > _ROWS_AT_ONCE or len(batch) == _GROUPS_AT_ONCE):
                yield batch
                batch, rows = [], 0
            batch.append(name)
            rows += count
        if batch:
            yield batch
