"""Topics that are folders of append-only JSON lines: the embedded stand-in for a broker."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import IO

from chronon.model.errors import ChrononError
from chronon.model.savepoints import FilePlace, Savepoint
from chronon.model.time import HOUR, Millis, parse_instant
from chronon.model.verdicts import Figures

SCHEME = "file://"


def topic_folder(topic: str, streams: Path) -> Path:
    """The folder of a topic `file://name`.

    Errors: CHR-R020 for another kind of topic, CHR-R021 when there is no such folder.
    """
    name = topic.removeprefix(SCHEME)
    if name == topic or not name or "/" in name or name.startswith("."):
        raise ChrononError("CHR-R020", f"{topic!r} is no topic that can be read here", "use file://<name>")
    folder = streams / name
    if not folder.is_dir():
        raise ChrononError("CHR-R021", f"topic {topic} has no folder {folder}", "create it, or correct the topic")
    return folder


def topic_files(folder: Path) -> tuple[Path, ...]:
    """The files of a topic, by name."""
    return tuple(sorted(folder.glob("*.jsonl")))


def topic_sizes(topics: Iterable[str], streams: Path) -> Mapping[str, int]:
    """Topic → bytes that it holds now. Topics that cannot be read are left out: running them says why."""
    sizes = {}
    for topic in topics:
        folder = streams / topic.removeprefix(SCHEME)
        if topic.startswith(SCHEME) and folder.is_dir():
            sizes[topic] = sum(path.stat().st_size for path in topic_files(folder))
    return sizes


_CHUNK = 1 << 20


class Digesting:
    """The digest of a file, as far as it was read through it."""

    def __init__(self) -> None:
        self._sum = hashlib.blake2b(digest_size=16)

    def take(self, part: bytes) -> None:
        """What comes next."""
        self._sum.update(part)

    def take_from(self, file: IO[bytes], size: int) -> None:
        """The next bytes of a file, or all that there are."""
        while size > 0 and (part := file.read(min(size, _CHUNK))):
            self.take(part)
            size -= len(part)

    def text(self) -> str:
        """Of everything so far."""
        return self._sum.hexdigest()


def broken_by(savepoint: Savepoint, streams: Path) -> str:
    """Why a topic does not go on from a savepoint; empty when it does: then what is behind it is all that is new."""
    folder = streams / savepoint.topic.removeprefix(SCHEME)
    return next((why for place in savepoint.files if (why := _broken(place, folder / place.name))), "")


def _broken(place: FilePlace, path: Path) -> str:
    lines = "1 line" if place.lines == 1 else f"{place.lines:,} lines"
    if not place.bytes:
        return ""
    if not path.is_file():
        return f"{place.name} is gone, of which {lines} were folded"
    with path.open("rb") as file:
        digesting = Digesting()
        digesting.take_from(file, place.bytes)
        if file.tell() < place.bytes:
            return f"{place.name} holds {file.tell():,} bytes, and {place.bytes:,} of it were folded"
        if digesting.text() != place.digest:
            return f"{place.name} has other lines than those that were folded"
        if is_within_line(file, place) and file.readline().strip():
            return f"line {place.lines:,} of {place.name} goes on where it had ended"
    return ""


def is_within_line(file: IO[bytes], place: FilePlace) -> bool:
    """Whether the last line before a place has no end there. The file is at the place then."""
    file.seek(max(0, place.bytes - 1))
    return bool(place.bytes) and file.read(1) != b"\n"


_COUNTED = 1 << 28
"""Bytes up to which lines are counted: a quarter of a second."""

_LAST = 1 << 16
"""Bytes of a file in which its last line is sought."""


def topic_figures(
    topic: str, streams: Path, time: str, boundary: Millis, behind: Savepoint | None = None
) -> Figures | None:
    """How much of a topic there is to fold from a moment on; None where there is no such topic.

    time: the field of a line that holds its time as it is, in milliseconds or as ISO text; empty where none does.
    behind: only what comes after a savepoint, whose last event takes the place of the moment.
    """
    folder = streams / topic.removeprefix(SCHEME)
    if not topic.startswith(SCHEME) or not folder.is_dir():
        return None
    sizes = {path: path.stat().st_size for path in topic_files(folder)}
    folded = {path: behind.place(path.name).bytes if behind else 0 for path in sizes}
    size = sum(sizes.values()) - sum(folded.values())
    last = _latest(sizes, time) if time else None
    before = _latest(folded, time) if time and behind else None
    return Figures(
        bytes=size,
        events=sum(_lines(path, folded[path]) for path in sizes) if size <= _COUNTED else None,
        hours=None if last is None else max(0, -(-(last - max(boundary, before or boundary)) // HOUR)),
    )


def _lines(path: Path, start: int) -> int:
    with path.open("rb") as file:
        file.seek(start)
        return sum(bool(line.strip()) for line in file)


def _latest(ends: Mapping[Path, int], field: str) -> Millis | None:
    """The latest time of the last lines before these places."""
    return max((at for path, end in ends.items() if (at := _last_time(path, end, field)) is not None), default=None)


def _last_time(path: Path, end: int, field: str) -> Millis | None:
    """The time of the last line that has one; None where it cannot be told."""
    with path.open("rb") as file:
        start = max(0, end - _LAST)
        file.seek(start)
        lines = file.read(end - start).splitlines()
    for line in reversed(lines):
        try:
            found = json.loads(line).get(field)
        except (ValueError, AttributeError):
            continue
        if isinstance(found, int):
            return Millis(found)
        if isinstance(found, str) and (at := parse_instant(found)) is not None:
            return at
    return None
