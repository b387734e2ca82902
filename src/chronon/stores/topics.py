"""Topics that are folders of append-only JSON lines: the embedded stand-in for a broker."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from chronon.model.errors import ChrononError
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


_COUNTED = 1 << 28
"""Bytes up to which lines are counted: a quarter of a second."""

_LAST = 1 << 16
"""Bytes of a file in which its last line is sought."""


def topic_figures(topic: str, streams: Path, time: str, boundary: Millis) -> Figures | None:
    """How much of a topic there is to fold from a moment on; None where there is no such topic.

    time: the field of a line that holds its time as it is, in milliseconds or as ISO text; empty where none does.
    """
    folder = streams / topic.removeprefix(SCHEME)
    if not topic.startswith(SCHEME) or not folder.is_dir():
        return None
    files = topic_files(folder)
    size = sum(path.stat().st_size for path in files)
    last = max((at for path in files if (at := _last_time(path, time)) is not None), default=None) if time else None
    return Figures(
        bytes=size,
        events=sum(map(_lines, files)) if size <= _COUNTED else None,
        hours=None if last is None else max(0, -(-(last - boundary) // HOUR)),
    )


def _lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(bool(line.strip()) for line in file)


def _last_time(path: Path, field: str) -> Millis | None:
    """The time of the last line that has one; None where it cannot be told."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - _LAST))
        lines = file.read().splitlines()
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
