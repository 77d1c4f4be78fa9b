"""What the server and its workers send each other: a letter, a length, and so many bytes of JSON.

To a worker: first its settings, then one question after another, each under the letter ``q``. From
it, per question: any number of progress reports ``p`` and notes ``n``, then one answer ``a`` or one
sentence ``e``.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio
    from typing import BinaryIO

_HEAD = struct.Struct(">cQ")

#: Bytes of an answer; a longer one is refused.
LARGEST = 256 << 20


def packed(letter: str, body: bytes) -> bytes:
    r"""Return one frame.

    Examples
    --------
    >>> packed("q", b"{}")
    b'q\x00\x00\x00\x00\x00\x00\x00\x02{}'
    """
    return _HEAD.pack(letter.encode(), len(body)) + body


def read(stream: BinaryIO) -> tuple[str, bytes] | None:
    """Return the letter and the body of the next frame, ``None`` at the end of the stream."""
    head = stream.read(_HEAD.size)
    if len(head) < _HEAD.size:
        return None
    letter, length = _HEAD.unpack(head)
    body = stream.read(length)
    return (letter.decode(), body) if len(body) == length else None


async def read_from(stream: asyncio.StreamReader) -> tuple[str, bytes]:
    """Return the letter and the body of the next frame.

    Raises
    ------
    asyncio.IncompleteReadError
        If the stream ends, or announces more than :data:`LARGEST` bytes.
    """
    letter, length = _HEAD.unpack(await stream.readexactly(_HEAD.size))
    if length > LARGEST:
        import asyncio

        raise asyncio.IncompleteReadError(b"", length)
    return letter.decode(), await stream.readexactly(length)
