"""Topics that are folders of append-only JSON lines: the embedded stand-in for a broker."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from chronon.model.errors import ChrononError

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
