"""The index: the files that the next commit would hold, as they were when git looked at them last.

Source: the documentation of git's index format, versions 2 to 4.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from chronon.loaders.git.places import UnreadableError

_ENTRY = struct.Struct(">10I20sH")
_HEAD = 12
"""The bytes before the first entry: a mark, the version, how many entries there are."""
_EXTENDED, _ASSUMED, _STAGE, _SKIPPED, _INTENDED = 0x4000, 0x8000, 0x3000, 0x4000, 0x2000


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of the index.

    stat:     seconds and nanoseconds of change and of writing, inode, size.
    is_sure:  whether nobody has to look at the file: it is not checked out, or said not to change.
    is_plain: whether it is neither in conflict nor only announced.
    """

    path: bytes
    mode: int
    sha: bytes
    stat: tuple[int, int, int, int, int, int]
    is_sure: bool
    is_plain: bool


@dataclass(frozen=True, slots=True)
class Index:
    """entries: in order.  trees: folder → its tree, of those that nothing was changed in since.  written: nanoseconds."""

    entries: tuple[Entry, ...] = ()
    trees: Mapping[bytes, bytes] = field(default_factory=dict)
    written: int = 0


def read_index(file: Path) -> Index:
    """The index in a file; empty without one. Errors: UnreadableError."""
    try:
        content, written = file.read_bytes(), file.stat().st_mtime_ns
    except FileNotFoundError:
        return Index()
    if content[:4] != b"DIRC" or len(content) < _HEAD:
        raise UnreadableError(f"{file} is no index")
    version, count = struct.unpack_from(">II", content, 4)
    if version not in {2, 3, 4}:
        raise UnreadableError(f"{file} has version {version}")
    try:
        entries, end = _entries(content, version, count)
        return Index(tuple(entries), _trees(content, end), written)
    except (struct.error, IndexError, ValueError) as cause:
        raise UnreadableError(f"{file} is damaged") from cause


def _entries(content: bytes, version: int, count: int) -> tuple[list[Entry], int]:
    found: list[Entry] = []
    place, path = _HEAD, b""
    for _ in range(count):
        start = place
        change, change_ns, written, written_ns, _dev, inode, mode, _uid, _gid, size, sha, flags = _ENTRY.unpack_from(
            content, place
        )
        place += _ENTRY.size
        more = 0
        if flags & _EXTENDED:
            (more,) = struct.unpack_from(">H", content, place)
            place += 2
        if version == 4:
            stripped, place = _number(content, place)
            end = content.index(b"\0", place)
            path = path[: len(path) - stripped] + content[place:end]
            place = end + 1
        else:
            end = content.index(b"\0", place)
            path = content[place:end]
            place = start + (end - start + 8) // 8 * 8
        stat = (change, change_ns, written, written_ns, inode, size)
        is_plain = not flags & _STAGE and not more & _INTENDED
        found.append(Entry(path, mode, sha, stat, bool(flags & _ASSUMED or more & _SKIPPED), is_plain))
    return found, place


def _number(content: bytes, place: int) -> tuple[int, int]:
    """A number of variable length, and the place behind it."""
    byte = content[place]
    value = byte & 127
    while byte & 128:
        place += 1
        byte = content[place]
        value = ((value + 1) << 7) | (byte & 127)
    return value, place + 1


def _trees(content: bytes, place: int) -> Mapping[bytes, bytes]:
    """The trees that the index knows. Errors: UnreadableError of an extension that changes what entries mean."""
    found: dict[bytes, bytes] = {}
    while place < len(content) - 20:
        name, (size,) = content[place : place + 4], struct.unpack_from(">I", content, place + 4)
        body = content[place + 8 : place + 8 + size]
        if name == b"TREE":
            found |= dict(_cached(body))
        elif not name[:1].isupper():
            raise UnreadableError(f"an index with the extension {name!r}")
        place += 8 + size
    return found


def _cached(body: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Folder → tree, of those that are valid. Each one is followed by the folders in it."""
    place = 0
    open_folders: list[tuple[bytes, int]] = []
    while place < len(body):
        end = body.index(b"\0", place)
        line = body.index(b"\n", end)
        entries, _blank, inside = body[end + 1 : line].partition(b" ")
        while open_folders and not open_folders[-1][1]:
            open_folders.pop()
        path = body[place:end]
        if open_folders:
            above, left = open_folders[-1]
            open_folders[-1] = (above, left - 1)
            path = above + b"/" + path if above else path
        place = line + 1
        if int(entries) >= 0:
            yield path, body[place : place + 20]
            place += 20
        open_folders.append((path, int(inside)))
