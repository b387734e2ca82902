"""Up to which place of a topic tiles hold its events: what a stream goes on from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from chronon.model.jobs import Digest
from chronon.model.time import Day


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePlace:
    """A place in a file of a topic: behind so many lines. digest: of the bytes before it."""

    name: str
    bytes: int = 0
    lines: int = 0
    digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Savepoint:
    """What tiles hold: the lines of a topic before these places, of events from the start of a day on, and nothing else."""

    topic: str
    since: Day
    files: tuple[FilePlace, ...]

    @property
    def bytes(self) -> int:
        """Bytes of the topic that were folded."""
        return sum(place.bytes for place in self.files)

    @property
    def lines(self) -> int:
        """Lines of the topic that were folded, blank ones and those that did not fit among them."""
        return sum(place.lines for place in self.files)

    def place(self, name: str) -> FilePlace:
        """The place in a file: its beginning where nothing of it was folded."""
        return next((place for place in self.files if place.name == name), FilePlace(name=name))


@dataclass(frozen=True, slots=True, kw_only=True)
class Savepoints:
    """Those of streams whose topic has grown.

    found:  dataset → where to go on from.
    broken: dataset → why there is no going on: what was folded is not in the topic any more, or nothing tells what was.
    """

    found: Mapping[Digest, Savepoint] = field(default_factory=dict)
    broken: Mapping[Digest, str] = field(default_factory=dict)


NO_SAVEPOINTS = Savepoints()
"""Where nobody has looked."""
