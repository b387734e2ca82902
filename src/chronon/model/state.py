"""What is deployed, as a value that planners read: snapshots, what has been computed, what is live."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from chronon.model.dayset import DaySet
from chronon.model.jobs import Digest
from chronon.model.names import ObjectId
from chronon.model.time import Day


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """One immutable version of the meaning of an object.

    fingerprint: over everything below it, `metadata` left out.
    columns:  output column → digest of its data; for a join also the left columns (digest of the left).
    left:     a join's left rows; None for a group_by.
    serving:  layout and meaning of the values in the KV store; None when nothing of it is served.
    stream:   the streaming job's meaning; None when nothing streams.
    metadata: description, tags, owners, deprecation: changes of it cause no work.
    definition: canonical JSON of the definition: what the next plan explains a change with, what the fetcher loads.
    origin:   the file that declared it.
    """

    id: ObjectId
    fingerprint: Digest
    columns: Mapping[str, Digest]
    left: Digest | None = None
    serving: Digest | None = None
    stream: Digest | None = None
    metadata: Digest
    definition: str
    origin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """Name → snapshots: what is live under stable names. serial: grows with every change of it."""

    name: str
    serial: int = 0
    snapshots: Mapping[ObjectId, Snapshot] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """What was recorded after an earlier moment of a state: everything else stands as it stood then.

    mark:       of the moment up to which this is told, see `StateStore.mark`.
    stored:     left → columns of which something was recorded. The left itself stands for all that is stored under it.
    datasets:   of values and of tiles.
    tables:     source tables of which days may have got other marks.
    came, gone: numbers of the snapshots at which one environment began and ceased to point. One that ceased and began again is in both.
    """

    mark: str
    stored: Mapping[Digest, frozenset[Digest]] = field(default_factory=dict)
    datasets: frozenset[Digest] = frozenset()
    tables: frozenset[str] = frozenset()
    came: frozenset[int] = frozenset()
    gone: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """How an environment came to one of its serials.

    state:   the serial of the state that the move made.
    plan:    which plan made it; empty when none did: the environment was destroyed.
    what:    where its snapshots were taken from, such as `promote pr-123 (serial 4)`; empty of an apply of files.
    at, who: seconds since the epoch, and who held the lock; 0 and empty of moves that an older chronon did not record.
    until:   when the next move of the environment came; None while it is the last.
    as_of:   the last day that the plan computed.  revision: the commit that it was made from; empty when none is known.
    objects: how many snapshots it pointed at.
    cleaned: when something that it alone pointed at was removed for good; None while all of it is kept.
    """

    environment: str
    serial: int
    state: int
    plan: str
    what: str
    at: float
    who: str
    until: float | None = None
    as_of: Day | None = None
    revision: str = ""
    objects: int = 0
    cleaned: float | None = None


DESTROYED = "destroyed"
"""What a move says that took an environment away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Everything recorded, as of one serial.

    computed: (left, column digest) → days that are published; a left's own rows stand under (left, left).
    uploads:  dataset → last day counted by the newest upload.
    streams:  dataset → first day that its stream has folded from; only streams that have caught up once stand here.
    positions: dataset → bytes of its topic that it has folded.
    stale:     (left, column digest) → days that were computed of rows that were corrected since: readable, and to be made again.
    stale_uploads: datasets whose newest upload is of such rows.
    within:    left → days of which every row asks on that very day; of others nothing is known.
    """

    serial: int = 0
    environments: Mapping[str, Environment] = field(default_factory=dict)
    computed: Mapping[tuple[Digest, Digest], DaySet] = field(default_factory=dict)
    uploads: Mapping[Digest, Day] = field(default_factory=dict)
    streams: Mapping[Digest, Day] = field(default_factory=dict)
    positions: Mapping[Digest, int] = field(default_factory=dict)
    stale: Mapping[tuple[Digest, Digest], DaySet] = field(default_factory=dict)
    stale_uploads: frozenset[Digest] = frozenset()
    within: Mapping[Digest, DaySet] = field(default_factory=dict)

    def environment(self, name: str) -> Environment:
        """The environment of that name; an empty one when it has never been applied."""
        return self.environments.get(name, Environment(name=name))
