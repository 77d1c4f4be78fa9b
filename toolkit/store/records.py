"""Answers in the bytes of a damaged file, found without SQLite.

Neither header, schema nor tree of pages is trusted: every place of the file, and of the
write-ahead log beside it, that looks like the header of a row is tried, and a row counts if its own
checksum holds. So a page that nothing leads to any more still gives its rows.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
from typing import TYPE_CHECKING, NamedTuple

from toolkit.store.entries import DamagedRowError, Row, check_row

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_PAGE = 4096  # the size of pages that SQLite chooses, where the file does not say another
_LOG_HEADER, _FRAME_HEADER = 32, 24
_CHUNK = 256  # pages read at once
_MOST_TRIES = 200_000  # how many pairs of a damaged row and a key of the index are tried

_VARINT = rb"([\x80-\xff]{0,4}[\x00-\x7f])"
_INTEGER = rb"([\x01-\x06\x08\x09])"
#: The header of a row: its length, then the kind and length of each column; the lookahead lets
#: headers overlap, since only one of them is true. The first column takes no bytes, the checksum
#: 32, whatever a changed bit says of their kind.
_ROW = re.compile(
    rb"(?=([\x0d-\x3f])[\x00\x08\x09\x0c\x0d]"
    + 3 * _VARINT
    + rb"([\x00-\x0d])"
    + _VARINT
    + rb"[\x4c\x4d]"
    + 3 * _VARINT
    + rb"([\x01-\x09])"
    + _VARINT
    + rb")",
    re.DOTALL,
)
#: The header of a row of the index: the four columns of the key, then the number of the row.
_KEY = re.compile(rb"(?=([\x06-\x1f])" + 3 * _VARINT + 2 * _INTEGER + rb")", re.DOTALL)
_INTEGER_BYTES = (0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0)  # kinds 10 and 11 are never written

Key = tuple[str, str, str, int]


class Found(NamedTuple):
    """What was found in a damaged file.

    Parameters
    ----------
    rows
        The sound rows; of several with one key the one that was computed last.
    damaged
        How many places hold a row that is damaged itself.
    """

    rows: tuple[Row, ...]
    damaged: int


def rows_in_file(path: Path) -> Found:
    """Return the sound rows in a file and in the write-ahead log beside it.

    Parameters
    ----------
    path
        Any file at all; it is only read, and what cannot be read is passed over.

    Notes
    -----
    Exact: a row is returned only if its checksum holds over key, answer and origin. Rows that were
    removed or replaced may still be in unused parts of the file; they are sound, too.
    """
    scan = _Scan()
    with contextlib.ExitStack() as stack:
        main = _Bytes(path)
        stack.callback(main.close)
        log = _Bytes(path.with_name(path.name + "-wal"))
        stack.callback(log.close)
        late = _Bytes(path.with_name(path.name + ".late-wal"))
        stack.callback(late.close)
        sizes = [int.from_bytes(main.read(16, 2), "big")]
        sizes += [int.from_bytes(file.read(8, 4), "big") for file in (log, late)]
        for pages in dict.fromkeys(map(_page_size, sizes)):
            logs = _Frames(log, pages), _Frames(late, pages)
            for offset, chunk in _chunks(main, 0, pages):
                scan.take(chunk, offset, pages, main, logs[0])
            for frames in logs:
                for number in range(frames.count):
                    scan.take(frames.page(number), number * pages, pages, main, frames, number)
        scan.use_index()
    return Found(tuple(scan.rows.values()), len(scan.broken))


class _Scan:
    """The rows found so far."""

    def __init__(self) -> None:
        self.rows: dict[Key, Row] = {}
        self.broken: dict[bytes, Row] = {}
        self.keys: set[Key] = set()
        self.seen: set[tuple[Key, bytes]] = set()

    def take(
        self,
        data: bytes,
        offset: int,
        pages: int,
        main: _Bytes,
        frames: _Frames,
        frame: int | None = None,
    ) -> None:
        """Take the rows that begin in ``data``, which begins at ``offset`` of its file."""
        for match in _ROW.finditer(data):
            lengths = _lengths_of_row(match)
            if lengths is None:
                continue
            start = match.start()
            page_end = start - (start + offset) % pages + pages
            local = data[start:page_end]
            for content in _contents(local, lengths, pages, main, frames, frame):
                row = _row(content, lengths)
                if row is not None and self._take(row):
                    break
        for match in _KEY.finditer(data):
            key = _key_of_index(data, match)
            if key is not None:
                self.keys.add(key)

    def _take(self, row: Row) -> bool:
        """Take a row; return whether it was sound."""
        key = row[:4]
        mark = (key, row.checksum)
        if mark in self.seen:
            return True
        try:
            check_row(row)
        except DamagedRowError:
            self.broken[row.checksum] = row
            return False
        self.seen.add(mark)
        self.broken.pop(row.checksum, None)
        before = self.rows.get(key)
        if before is None or before.created <= row.created:
            self.rows[key] = row
        return True

    def use_index(self) -> None:
        """Give a row whose key alone is damaged the key that the index kept for it."""
        tries = _MOST_TRIES
        missing = self.keys - self.rows.keys()
        for row in list(self.broken.values()):
            for key in missing:
                tries -= 1
                if tries < 0:
                    return
                group, question, arguments, version = key
                named = row._replace(
                    group_key=group, question=question, arguments=arguments, version=version
                )
                if self._take(named):
                    missing.discard(key)
                    break


class _Bytes:
    """A regular file that is read by place; what cannot be read is empty."""

    def __init__(self, path: Path) -> None:
        self.length, self._file = 0, -1
        with contextlib.suppress(OSError):
            if path.is_file():  # to open a named pipe would wait for ever
                self._file = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
                self.length = os.fstat(self._file).st_size

    def read(self, offset: int, count: int) -> bytes:
        """Return what is at a place."""
        if self._file < 0 or offset >= self.length:
            return b""
        try:
            os.lseek(self._file, offset, os.SEEK_SET)
            return os.read(self._file, count)
        except (OSError, OverflowError):
            return b""

    def written_from(self, offset: int) -> int:
        """Return the first place from ``offset`` on where something was written."""
        try:
            return os.lseek(self._file, offset, os.SEEK_DATA)
        except AttributeError:  # the system does not tell
            return offset
        except OSError as error:
            return self.length if error.errno == errno.ENXIO else offset

    def close(self) -> None:
        """Close it."""
        if self._file >= 0:
            os.close(self._file)


class _Frames:
    """The pages in a write-ahead log, each with its number and the end of its transaction."""

    def __init__(self, log: _Bytes, pages: int) -> None:
        self._log, self._pages = log, pages
        self._step = _FRAME_HEADER + pages
        count = max(0, -(-(log.length - _LOG_HEADER - _FRAME_HEADER) // self._step))
        self._of: dict[int, list[int]] = {}
        self._end: list[int] = []
        self.count = 0
        for number in range(count):
            place = _LOG_HEADER + number * self._step
            if number % _CHUNK == 0 and log.written_from(place) > place + _CHUNK * self._step:
                break  # the rest was never written
            self.count = number + 1
            head = log.read(_LOG_HEADER + number * self._step, 8)
            self._of.setdefault(int.from_bytes(head[:4], "big"), []).append(number)
            if any(head[4:]):  # the last frame of a transaction
                self._end += [number] * (number + 1 - len(self._end))
        self._end += [self.count] * (self.count - len(self._end))

    def page(self, number: int) -> bytes:
        """Return the page in one frame."""
        place = _LOG_HEADER + number * self._step + _FRAME_HEADER
        return self._log.read(place, self._pages)

    def latest(self, page: int, frame: int | None) -> bytes:
        """Return a page as the transaction of a frame left it; empty if it is not in the log."""
        numbers = self._of.get(page, [])
        if frame is not None:
            numbers = [n for n in numbers if n <= self._end[frame]]
        return self.page(numbers[-1]) if numbers else b""


def _contents(
    local: bytes,
    lengths: list[int],
    pages: int,
    main: _Bytes,
    frames: _Frames,
    frame: int | None,
) -> Iterator[bytes]:
    """Yield what the whole record may be: pages that its rest is on may exist more than once."""
    total = sum(lengths)
    if total <= pages - 35:
        yield local[:total]
        return
    least = (pages - 12) * 32 // 255 - 23
    here = least + (total - least) % (pages - 4)
    if here > pages - 35:
        here = least
    first = int.from_bytes(local[here : here + 4], "big")
    rest = total - here
    if len(local) < here or rest > main.length + frames.count * pages:
        return

    def from_file(page: int) -> bytes:
        return main.read((page - 1) * pages, pages) if page else b""

    def from_log(page: int) -> bytes:
        return frames.latest(page, frame) or from_file(page)

    def newest(page: int) -> bytes:
        return frames.latest(page, None) or from_file(page)

    sources = [from_log, newest, from_file] if frames.count else [from_file]
    if frame is None:
        sources.reverse()
    for source in sources:
        for linked in (True, False):
            parts, page = [local[:here]], first
            for _ in range(-(-rest // (pages - 4))):
                data = source(page)
                if not data:
                    break
                parts.append(data[4:])
                # where the link is damaged, pages that were written together follow each other
                page = int.from_bytes(data[:4], "big") if linked else page + 1
            yield b"".join(parts)[:total]


def _chunks(file: _Bytes, offset: int, pages: int) -> Iterator[tuple[int, bytes]]:
    while offset < file.length:
        offset = max(offset, file.written_from(offset) // pages * pages)
        data = file.read(offset, _CHUNK * pages)
        if data:
            yield offset, data
            offset += len(data) if len(data) % pages == 0 else _CHUNK * pages
        else:  # a place on the disk that cannot be read: page by page around it
            for place in range(offset, min(file.length, offset + _CHUNK * pages), pages):
                yield place, file.read(place, pages)
            offset += _CHUNK * pages


def _lengths_of_row(match: re.Match[bytes]) -> list[int] | None:
    """Return the lengths of header and columns, or ``None`` if it is no header of a row."""
    length, *columns = match.groups()
    if length[0] != 2 + 1 + sum(map(len, columns)):
        return None
    lengths = [_length(_number(column)) for column in columns]
    return [length[0], *lengths[:5], 32, *lengths[5:]]


def _row(content: bytes, lengths: list[int]) -> Row | None:
    """Return the row in the bytes of a record, or ``None`` if some are missing."""
    if len(content) < sum(lengths):
        return None
    header, *cells = _cut(content, lengths)
    match = _ROW.match(header)
    if match is None:
        return None
    version_kind, seconds_kind = match.group(5)[0], match.group(10)[0]
    texts = [_text(cells[number]) for number in (0, 1, 2, 6, 7, 8, 10)]
    group, question, arguments, gap, packages, scripts, created = texts
    seconds = cells[9]
    if seconds_kind == 7:
        import struct

        time = float(struct.unpack(">d", seconds)[0])
    else:
        time = float(_integer(seconds_kind, seconds))
    return Row(
        group,
        question,
        arguments,
        _integer(version_kind, cells[3]),
        cells[4],
        cells[5],
        gap,
        packages,
        scripts,
        time,
        created,
    )


def _key_of_index(data: bytes, match: re.Match[bytes]) -> Key | None:
    length, *columns = match.groups()
    if length[0] != 1 + sum(map(len, columns)):
        return None
    *texts, version, row = [_number(column) for column in columns]
    if any(kind < 13 or kind % 2 == 0 or kind > 4096 for kind in texts):
        return None
    lengths = [length[0], *((k - 13) // 2 for k in texts), _INTEGER_BYTES[version]]
    content = data[match.start() : match.start() + sum(lengths)]
    if len(content) < sum(lengths):
        return None
    _, group, question, arguments, number = _cut(content, lengths)
    del row
    return _text(group), _text(question), _text(arguments), _integer(version, number)


def _cut(content: bytes, lengths: list[int]) -> list[bytes]:
    cells, place = [], 0
    for length in lengths:
        cells.append(content[place : place + length])
        place += length
    return cells


def _length(kind: int) -> int:
    """Return how many bytes a column takes.

    A changed bit makes bytes of a text, or an integer of one with as many bytes: the kind itself
    decides nothing.
    """
    return (kind - 12) // 2 if kind >= 12 else _INTEGER_BYTES[kind]


def _number(varint: bytes) -> int:
    value = 0
    for byte in varint:
        value = value << 7 | byte & 0x7F
    return value


def _integer(kind: int, data: bytes) -> int:
    return kind - 8 if kind >= 8 else int.from_bytes(data, "big", signed=True)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _page_size(claimed: int) -> int:
    """Return the size of pages; the header writes 65536 as 1."""
    size = 65536 if claimed == 1 else claimed
    return size if 512 <= size <= 65536 and size & (size - 1) == 0 else _PAGE
