"""What becomes of a stream when its group_by changes: as values of a plan."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from chronon.model.jobs import Digest
from chronon.model.names import ObjectId
from chronon.model.time import Day, day_text


class Verdict(StrEnum):
    """KEEP: its tiles are what the new definition asks for.  RESTART: what the topic got since their savepoint is added to them.

    PARTIAL: new tiles from the day after the last event on.  REPLAY: new tiles from the end of the batch on.  DROP: nobody reads them any more.
    """

    KEEP = "keep"
    RESTART = "restart"
    PARTIAL = "partial"
    REPLAY = "replay"
    DROP = "drop state"


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """Another verdict, and why it is not the one. complete: values would be whole at once."""

    verdict: Verdict
    complete: bool
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What there is to fold of a topic. bytes: of its lines.  events: lines.  hours: from the end of the batch to the last event.

    Behind a savepoint hours count from the last event that is folded.
    None: nobody can tell without reading everything.
    """

    bytes: int
    events: int | None = None
    hours: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamChange:
    """The cheapest verdict whose values are complete at once, for one object whose stream changes or works.

    since:   the first day of which events are folded; None where none is.
    old, new: what tiles are named by, before and now; None without a stream.
    figures: of the topic, where it is folded and somebody has looked.
    others:  what else could be done, the cheapest first.
    """

    object: ObjectId
    topic: str
    verdict: Verdict
    reason: str
    since: Day | None = None
    old: Digest | None = None
    new: Digest | None = None
    figures: Figures | None = None
    others: tuple[Option, ...] = ()

    @property
    def whence(self) -> str:
        """From where the topic is folded, in words with a blank before them; empty where it is not."""
        if self.verdict is Verdict.RESTART:
            return " from savepoint"
        if self.verdict is Verdict.PARTIAL:
            return " from now on"
        return "" if self.since is None else f" from {day_text(self.since)} 00:00 UTC"
