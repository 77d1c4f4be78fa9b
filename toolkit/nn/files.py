"""Files of weights that notice a changed bit: saved with a checksum, checked before they are read.

What ``torch.save`` writes is a ZIP archive with a CRC-32 of each record, which ``torch.load`` does
not compare; :func:`load` does, for files of anyone. safetensors files have no checksum;
:func:`save` writes the SHA-256 of all that is in one into its metadata, under
:data:`SHA256`. Other programs read such files as before.

A checksum belongs to a file, not to a ``state_dict``: averages, fine-tuned, pruned or quantised
weights, shards of a distributed run are saved as they are, and get the checksum of what they are.
Only a file that was edited in place, or was written by a program that copied the metadata of
another file, has a checksum that does not hold; ``unchecked=True`` says that this is meant.
Files without a checksum are read as they always were; :func:`file_checksum` tells.

``net.load_state_dict(tk.nn.load(file))`` notices a changed bit, and so do
:func:`toolkit.nn.from_state`, :func:`toolkit.interpret.checkpoint.layers_of_checkpoint` and
``plrep inspect``. What ``torch.load`` and ``safetensors.torch.load_file`` read was never compared,
and no network can tell.
"""

from __future__ import annotations

import hashlib
import json
import lzma
import os
import stat
import struct
import zipfile
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import torch

from toolkit.errors import CheckpointFileError, ConfigError, NotAvailable
from toolkit.files import written_whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

#: The entry of a safetensors file's metadata that holds the checksum.
SHA256 = "plrep.sha256"

_STATES = ("state_dict", "model_state_dict", "model")
_METADATA = "__metadata__"
_PIECE = 1 << 20
_FOLDER = 0x10  # the attribute of a folder in a ZIP archive's directory
_LONGEST_HEADER = 100_000_000  # that of safetensors
_AGAIN = "copy it again"
_COPY = "copy it into a regular file"
_EDITED = (
    "copy it again, or, if it was edited on purpose, accept it with unchecked=True (--unchecked)"
)


@dataclass(frozen=True)
class FileChecksum:
    """The checksum of a weight file.

    Parameters
    ----------
    kind
        ``"CRC-32"`` (for each record of a ``torch.save`` file) or ``"SHA-256"`` (for a safetensors
        file written by :func:`save`); ``None`` if the file has no checksum.
    broken
        A description of what does not match its checksum; empty if everything matches, or if there
        is no checksum.
    parts
        The number of checksums.

    Examples
    --------
    >>> import tempfile, torch, toolkit as tk
    >>> path = tempfile.mkdtemp() + "/weights.pt"
    >>> tk.nn.save({"weight": torch.zeros(3)}, path)
    >>> found = tk.nn.file_checksum(path)
    >>> found.kind, found.holds, found.broken
    ('CRC-32', True, '')
    """

    kind: str | None
    broken: str = ""
    parts: int = 0

    @property
    def holds(self) -> bool | None:
        """Whether the checksum matches; ``None`` if there is none."""
        return None if self.kind is None else not self.broken


def save(
    state: torch.nn.Module | Mapping[str, Any],
    path: str | os.PathLike[str],
    *,
    metadata: Mapping[str, str] | None = None,
) -> None:
    """Write weights into a file with a checksum; an existing file is replaced atomically.

    Parameters
    ----------
    state
        A network or its ``state_dict``, or an average or another combination of these. Except for
        safetensors, also a dictionary with further plain data.
    path
        ``.safetensors`` for safetensors, anything else for ``torch.save``.
    metadata
        Further metadata for a safetensors file.

    Raises
    ------
    ConfigError
        If a safetensors file cannot represent the state, or if metadata are given for any other
        file.
    NotAvailable
        If the package safetensors is missing.
    OSError
        If the file cannot be written.

    Examples
    --------
    >>> import tempfile, torch, toolkit as tk
    >>> X = tk.group("S4").natural_module()
    >>> layer = tk.nn.EquivariantLinear(X, X, 2, 3)
    >>> path = tempfile.mkdtemp() + "/layer.safetensors"
    >>> save(layer, path)
    >>> file_checksum(path).holds, torch.equal(load(path)["weight"], layer.weight)
    (True, True)
    """
    target = Path(path)
    found = state.state_dict() if isinstance(state, torch.nn.Module) else state
    if target.suffix == ".safetensors":
        _save_safetensors(found, target, metadata or {})
        return
    if metadata:
        raise ConfigError(f"metadata require a .safetensors file, but {str(path)!r} is not one")
    with written_whole(target) as beside, beside.open("wb") as stream, _with_crc32():
        torch.save(found, stream)


def load(path: str | os.PathLike[str], *, unchecked: bool = False) -> Any:  # noqa: ANN401 - plain data
    """Return the contents of a weight file, on the CPU, after verifying its checksum.

    Parameters
    ----------
    path
        A file written by :func:`save`, ``torch.save`` or safetensors, recognised by its contents.
    unchecked
        Whether to accept a checksum that does not match, because the file was edited on purpose.

    Returns
    -------
    dict
        Tensors by name; for a ``torch.save`` file, all tensors and plain data in it. They are in
        memory, so later changes to the file do not affect them.

    Raises
    ------
    CheckpointFileError
        If the file is damaged, changes during reading, or is not a weight file.
    NotAvailable
        If the package safetensors is missing.
    OSError
        If the file cannot be opened.

    Notes
    -----
    Reading never runs code from the file. Verifying the checksum reads the file once more, at about
    a gigabyte per second.

    Examples
    --------
    >>> import tempfile, torch
    >>> path = tempfile.mkdtemp() + "/weights.pt"
    >>> torch.save({"weight": torch.zeros(3)}, path)
    >>> load(path)
    {'weight': tensor([0., 0., 0.])}
    """
    name = os.fspath(path)
    with _opened(name) as stream:
        before = _identity(stream)
        checksum = _checksum(stream, name)
        if checksum.broken and not unchecked:
            raise CheckpointFileError(name, checksum.broken, _EDITED)
        is_safetensors = _is_safetensors(stream, name)
        found = _load_safetensors(name) if is_safetensors else _load_torch(stream, name)
        now = os.stat(name)  # noqa: PTH116 - of any kind
        if _identity(stream) != before or not os.path.samestat(now, os.fstat(stream.fileno())):
            raise CheckpointFileError(name, "it changed while it was being read", "read it again")
    return found


def as_state(content: object, path: str) -> dict[str, Any]:
    """Return the ``state_dict`` among what a file holds.

    Parameters
    ----------
    content
        What :func:`load` gave.
    path
        The file, for messages.

    Raises
    ------
    CheckpointFileError
        If there is none.

    Examples
    --------
    >>> as_state({"epoch": 7, "state_dict": {"weight": 1}}, "net.pt")
    {'weight': 1}
    """
    if isinstance(content, dict):
        for name in _STATES:
            if isinstance(content.get(name), dict):
                return dict(content[name])
        if content and all(isinstance(key, str) for key in content):
            return dict(content)
    raise CheckpointFileError(
        path,
        "it contains no state_dict: a dictionary of tensors is required, or one under "
        f"{', '.join(_STATES)}; found {type(content).__name__}",
        "save model.state_dict()",
    )


def file_checksum(path: str | os.PathLike[str]) -> FileChecksum:
    """Return the checksum of a weight file, and whether it matches.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    FileChecksum
        The kind of the checksum, and whether it matches.

    Raises
    ------
    CheckpointFileError
        If the file is not a weight file.
    OSError
        If the file cannot be opened.

    Examples
    --------
    >>> import tempfile, torch
    >>> path = tempfile.mkdtemp() + "/weights.pt"
    >>> torch.save({"weight": torch.zeros(3)}, path)
    >>> file_checksum(path).kind, file_checksum(path).holds
    ('CRC-32', True)
    """
    with _opened(os.fspath(path)) as stream:
        return _checksum(stream, os.fspath(path))


def _opened(name: str) -> IO[bytes]:
    """Open a file; refuse what has no end, as some devices, or would be waited for, as pipes."""
    mode = os.stat(name).st_mode  # noqa: PTH116 - of any kind
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        raise CheckpointFileError(name, "a file is required, found a device or a pipe", _COPY)
    return open(name, "rb")  # noqa: PTH123 - the caller closes it


def _checksum(stream: IO[bytes], name: str) -> FileChecksum:
    if _is_safetensors(stream, name):
        return _checksum_of_safetensors(stream, name)
    start = stream.read(4)
    stream.seek(0)
    try:
        is_archive = zipfile.is_zipfile(stream)
    except zipfile.BadZipFile:  # it raises what it is to find out, of a changed number of disks
        is_archive = False
    if is_archive:
        return _checksum_of_archive(stream)
    if start == b"PK\3\4":
        return FileChecksum("CRC-32", "it is damaged: it was truncated, or its end was changed")
    return FileChecksum(None)


def _identity(stream: IO[bytes]) -> tuple[int, int, int]:
    found = os.fstat(stream.fileno())
    return found.st_size, found.st_mtime_ns, found.st_ctime_ns


# torch.save -------------------------------------------------------------------------------------


@contextmanager
def _with_crc32() -> Iterator[None]:
    """Have ``torch.save`` write checksums, whatever is set."""
    before = torch.serialization.get_crc32_options()
    torch.serialization.set_crc32_options(True)
    try:
        yield
    finally:
        torch.serialization.set_crc32_options(before)


def _checksum_of_archive(stream: IO[bytes]) -> FileChecksum:
    member = "its directory"
    try:
        stream.seek(0)
        with zipfile.ZipFile(stream) as archive:
            members = archive.infolist()
            if not any(one.CRC for one in members):  # torch.serialization.set_crc32_options(False)
                return FileChecksum(None)
            for one in members:
                member = one.filename
                if one.external_attr & _FOLDER and not one.is_dir():
                    raise zipfile.BadZipFile  # torch would read nothing, and leave what was there
                with archive.open(one) as record:
                    while record.read(_PIECE):
                        pass
    except (
        zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, OSError,
        RuntimeError, ValueError, OverflowError, MemoryError,
    ):  # fmt: skip
        found = f"it is damaged: {member[:60]!r} does not match its checksum"
        return FileChecksum("CRC-32", found)
    return FileChecksum("CRC-32", parts=len(members))


def _load_torch(stream: IO[bytes], name: str) -> Any:  # noqa: ANN401 - plain data
    try:
        return torch.load(stream, map_location="cpu", weights_only=True)
    except (MemoryError, KeyboardInterrupt):
        raise
    except Exception as error:
        raise CheckpointFileError(
            name,
            "a torch.save file with only tensors and plain data is required "
            f"({type(error).__name__})",
            "save model.state_dict()",
        ) from error


# safetensors ------------------------------------------------------------------------------------


def _is_safetensors(stream: IO[bytes], name: str) -> bool:
    """Whether it is a safetensors file: by its ending, or by its first bytes."""
    stream.seek(0)
    start = stream.read(9)
    stream.seek(0)
    return name.endswith(".safetensors") or (
        len(start) == 9
        and start[8:] == b"{"
        and int.from_bytes(start[:8], "little") <= _LONGEST_HEADER
    )


def _header(stream: IO[bytes], name: str) -> dict[str, Any]:
    """Return the header of a safetensors file, and leave the stream where the numbers begin."""
    size = os.fstat(stream.fileno()).st_size
    length = int.from_bytes(stream.read(8), "little")
    try:
        if not 0 < length <= min(size - 8, _LONGEST_HEADER):
            raise ValueError
        header = json.loads(stream.read(length))
        if not isinstance(header, dict) or not isinstance(header.get(_METADATA, {}), dict):
            raise TypeError
    except (ValueError, TypeError, RecursionError):
        raise CheckpointFileError(
            name, "it is damaged or not a safetensors file: its header cannot be read", _AGAIN
        ) from None
    return header


def _digest(header: Mapping[str, Any], stream: IO[bytes]) -> str:
    """Return the SHA-256 of a header without its checksum, and of all numbers."""
    metadata = {k: v for k, v in header.get(_METADATA, {}).items() if k != SHA256}
    text = json.dumps({**header, _METADATA: metadata}, sort_keys=True, separators=(",", ":"))
    out = hashlib.sha256(text.encode("utf-8", "surrogatepass"))
    while piece := stream.read(_PIECE):
        out.update(piece)
    return out.hexdigest()


def _checksum_of_safetensors(stream: IO[bytes], name: str) -> FileChecksum:
    header = _header(stream, name)
    known = header.get(_METADATA, {}).get(SHA256)
    if known is None:
        return FileChecksum(None)
    same = _digest(header, stream) == known
    broken = "" if same else f"it is damaged or was edited: its checksum {SHA256} does not match"
    return FileChecksum("SHA-256", broken, 1)


def _save_safetensors(state: Mapping[str, Any], target: Path, metadata: Mapping[str, str]) -> None:
    write = _safetensors(str(target)).save_file
    found: dict[str, Any] = dict(state) if hasattr(state, "items") else {"the state": state}
    wrong = [key for key, value in found.items() if not isinstance(value, torch.Tensor)]
    if wrong:
        raise ConfigError(
            f"a safetensors file holds tensors by name, and {str(wrong[0])[:60]!r} is a "
            f"{type(found[wrong[0]]).__name__}: save it as .pt"
        )
    empty = "0" * 64
    with written_whole(target) as beside:
        try:
            tensors = {key: value.detach().contiguous() for key, value in found.items()}
            write(tensors, beside, metadata={**metadata, SHA256: empty})
        except (RuntimeError, ValueError, TypeError) as error:
            said = str(error).split("\n")[0].strip()[:200]
            raise ConfigError(
                f"these tensors cannot be written as safetensors ({said}): save them as .pt"
            ) from None
        with beside.open("r+b") as stream:
            header = _header(stream, str(target))
            digest = _digest(header, stream)
            stream.seek(0)
            length = int.from_bytes(stream.read(8), "little")
            stream.seek(0)
            head = stream.read(8 + length)
            entry = f'"{SHA256}":"'.encode()
            stream.seek(head.index(entry + empty.encode()) + len(entry))
            stream.write(digest.encode())


def _load_safetensors(name: str) -> dict[str, Any]:
    load_file = _safetensors(name).load_file
    try:
        tensors: dict[str, torch.Tensor] = load_file(name)
    except (MemoryError, KeyboardInterrupt):
        raise
    except Exception as error:  # SafetensorError, and what torch says of sizes
        said = str(error).split("\n")[0].strip()[:120]
        raise CheckpointFileError(
            name, f"it is not a complete safetensors file ({said})", _AGAIN
        ) from error
    # load_file gives views of the mapped file, which change with it
    return {key: value.clone() for key, value in tensors.items()}


def _safetensors(name: str) -> Any:  # noqa: ANN401 - a module
    try:
        import safetensors.torch
    except ImportError as error:
        raise NotAvailable(
            name, "its tensors", "the package safetensors is required: pip install safetensors"
        ) from error
    return safetensors.torch
