"""What the fetcher has to know, as it stands in the KV store beside the values.

One record per served object and environment, replaced together in one atomic write: that write *is* the publication.
"""

from __future__ import annotations

from dataclasses import dataclass

from chronon.model.definitions import GroupBy, Join
from chronon.model.jobs import Digest
from chronon.model.time import Day, Millis, day_start

FORMAT_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """One upload that can be read. day: the last day counted in it; name: stands in the keys of its values."""

    name: str
    day: Day

    @property
    def batch_end(self) -> Millis:
        """The first instant that is not in the batch values: 00:00 of the day after."""
        return day_start(Day(self.day + 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedGroupBy:
    """A group_by whose values can be fetched.

    values: dataset of the uploads.  tiles: dataset of the pages; None where nothing streams.
    tiles_since: the first day that the pages hold; an older batch value has nothing to go on with until then.
    generations: newest first. A request for a moment before the newest batch end is answered by the newest generation
    whose batch end is not after it.
    """

    group_by: GroupBy
    values: Digest
    tiles: Digest | None
    tiles_since: Day | None = None
    generations: tuple[Generation, ...]
    format_version: int = FORMAT_VERSION


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedJoin:
    """A join whose parts are all served."""

    join: Join
    format_version: int = FORMAT_VERSION
