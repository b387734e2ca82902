"""Work as values: a job says everything that an engine needs, and can be sent to another process.

Planners make jobs, runners do them. A job names its inputs by digest; the runner looks up their files when it starts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from chronon.model.dayset import DaySet
from chronon.model.definitions import Column, Filled, GroupBy, Part, Rows, Selected
from chronon.model.time import Day, Millis

Digest = NewType("Digest", str)
"""Hash of a meaning, as lower-case hex. Equal digests are the same data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainedInput:
    """The join output that a chained group_by reads, by digest.

    columns: column of the join → digest that holds its values; left columns have the digest of the left itself.
    """

    left: Digest
    columns: Mapping[str, Digest]


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftJob:
    """Write the left rows of a join: `row_id, ts` and the selected columns, one set of rows a day.

    row_id: 0, 1, … in the order of (ts, every selected column by name), nulls first; equal on every engine.
    """

    left: Digest
    rows: Rows
    days: DaySet


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureJob:
    """Write feature columns for the left rows of some days: `row_id` and one column per requested feature.

    group_by: with only the features that are asked for, in the order of `columns`.
    columns:  (digest, name in the join's output) per feature.
    chained:  set when the group_by reads the output of a join.
    at_end:   the left rows ask at the end of their day, at 00:00 of the next: entities do, and whoever looks up rows of the day.
    """

    left: Digest
    left_columns: tuple[Column, ...]
    group_by: GroupBy
    part: Part
    columns: tuple[tuple[Digest, str], ...]
    days: DaySet
    chained: ChainedInput | None = None
    at_end: bool = False

    @property
    def later(self) -> Millis:
        """How long after their own moment the left rows ask: of labels until their window is over, which is the same for all of them."""
        return self.part.later(self.group_by.features[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class DerivationJob:
    """Write derived columns for the left rows of some days.

    columns: those of the derivations, then those that are filled.
    inputs: column that is read → digest that holds it; left columns and `ts` have the left's digest.
    """

    left: Digest
    derivations: tuple[Selected, ...]
    columns: tuple[tuple[Digest, str], ...]
    inputs: Mapping[str, Digest]
    input_types: tuple[Column, ...]
    days: DaySet
    filled: tuple[Filled, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadJob:
    """Write the batch values of every entity of a group_by as of the end of a day into the KV store.

    dataset: the serving digest: names the values. day: the last day counted; batch end = 00:00 of the next.
    """

    dataset: Digest
    group_by: GroupBy
    day: Day
    chained: ChainedInput | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamedGroupBy:
    """One reader of a topic, and the dataset into which its tiles go."""

    dataset: Digest
    group_by: GroupBy


class Start(StrEnum):
    """Where the fold of a topic begins.

    BATCH:     with the events from the end of the batch on; tiles are made from nothing.
    SAVEPOINT: behind the savepoint of each reader, whose tiles of before stay and are added to.
    NOW:       behind all that the topic holds; there are no tiles yet, and events count from the day after its last one.
    """

    BATCH = "batch"
    SAVEPOINT = "savepoint"
    NOW = "now"


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamJob:
    """Fold the events of a topic from the start of a day on into tiles, for every group_by that reads it.

    since: of readers that go on from savepoints the last day from which one of these counts events.
    """

    topic: str
    readers: tuple[StreamedGroupBy, ...]
    since: Day
    start: Start = Start.BATCH

    @property
    def goes_on(self) -> bool:
        """Whether it begins behind savepoints."""
        return self.start is Start.SAVEPOINT


TableJob = LeftJob | FeatureJob | DerivationJob
Job = LeftJob | FeatureJob | DerivationJob | UploadJob | StreamJob


@dataclass(frozen=True, slots=True, kw_only=True)
class Fragment:
    """An immutable Parquet file with some columns of the left rows of one day.

    columns: (digest, column name in the file). `row_id` is always there; a left's fragment has `ts` too.
    path:    relative to the warehouse.
    within:  of left rows, whether every `ts` lies in the day; False where nobody has looked.
    """

    left: Digest
    day: Day
    columns: tuple[tuple[Digest, str], ...]
    path: str
    rows: int
    bytes: int
    within: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A finished upload. generation: names the values of this upload inside the dataset."""

    dataset: Digest
    day: Day
    generation: str
    keys: int
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Streamed:
    """What a stream job did until it was caught up. late: events that came after their tile had closed.

    position: bytes of the topic that had been read by now.  read: those of them that this job has read.
    """

    topic: str
    since: Day
    datasets: tuple[Digest, ...]
    events: int
    tiles: int
    late: int = 0
    position: int = 0
    read: int = 0


Output = tuple[Fragment, ...] | Upload | Streamed
