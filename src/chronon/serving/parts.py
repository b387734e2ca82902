"""One group_by of a request, compiled: which stored values an entity needs and how they become features.

Nothing here reads a store: `look_up` names the keys, `read` gets what was found under them.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chronon.aggregations import Program, answer, decode_row
from chronon.model.definitions import Feature, GroupBy
from chronon.model.errors import ChrononError
from chronon.model.serving import ServedGroupBy
from chronon.model.specs import Accuracy
from chronon.model.time import DAY, Day, Millis, day_of, day_start, instant_text
from chronon.model.types import DataType
from chronon.serving.contract import Status
from chronon.stores.kv.layout import batch_prefix, entity_key, page_key

FRESH = Millis(2 * DAY)
"""How far after its batch end a batch value can move the tail of every window: the tail hops of two days are in it."""

PAGES_AT_MOST = 64
"""Days of tiles that one answer reads. A batch end further back is stale, and the newest days are read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a part answered. values: one per column of the part; empty stands for nulls in all of them."""

    values: Sequence[object] = ()
    status: Status = Status.OK
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Where a part's answers for one moment come from, the same for every entity.

    prefix: start of the keys of the batch values.  days: of the pages, ascending.
    stale:  why any answer will be stale; empty when it will not.
    """

    at: Millis
    batch_end: Millis
    prefix: bytes
    days: range
    stale: str


@dataclass(frozen=True, slots=True, eq=False)
class Lookup:
    """The stored values that one entity's answer needs. Compared by identity: equal questions share one.

    pages: keys of the days of tiles, ascending.
    """

    reach: Reach
    batch: bytes
    pages: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PartReader:
    """A part of a join, or a group_by that is asked for by itself.

    label:   what its statuses stand under.
    columns: name of every feature in the vector, in the order of the group_by's features.
    keys:    columns of the request, in the order of the group_by's keys.  types: of the group_by's keys.
    program: None for SNAPSHOT, whose stored values are finished.
    is_long: whether a window is longer than what a batch value stays exact for.
    fault:   set when the part cannot be read at all; then `served` is None.
    """

    label: str
    columns: tuple[str, ...]
    keys: tuple[str, ...]
    types: tuple[DataType, ...]
    served: ServedGroupBy | None = None
    program: Program | None = None
    is_long: bool = False
    fault: Outcome | None = None

    def entity(self, given: Mapping[str, object]) -> bytes | Outcome:
        """The entity that a request means, or why it means none."""
        missing = [f"`{name}`" for name in self.keys if name not in given]
        if missing:
            return Outcome(status=Status.MISSING_KEY, detail=f"the request lacks {', '.join(missing)}")
        try:
            entity = entity_key([given[name] for name in self.keys], self.types, self.keys)
        except ChrononError as wrong:
            return Outcome(status=Status.BAD_KEY, detail=wrong.message)
        return Outcome(status=Status.NULL_KEY) if entity is None else entity

    def reach(self, at: Millis) -> Reach | Outcome:
        """Where the answers for a moment come from, or why there are none."""
        served = self.served
        if served is None:
            return self.fault or Outcome(status=Status.NO_BATCH)
        landed = [generation for generation in served.generations if generation.batch_end <= at]
        generation = max(landed, key=lambda one: one.day, default=None)
        if generation is None:
            return _no_generation(served, at)
        return Reach(
            at=at,
            batch_end=generation.batch_end,
            prefix=batch_prefix(served.values, generation.name),
            days=self._days(generation.batch_end, at),
            stale=self._doubt(generation.batch_end, at),
        )

    def look_up(self, entity: bytes, reach: Reach) -> Lookup:
        """The stored values that answer for an entity."""
        tiles = self.served.tiles if self.served else None
        pages = tuple(page_key(tiles, entity, Day(day)) for day in reach.days) if tiles else ()
        return Lookup(reach, reach.prefix + entity, pages)

    def read(self, lookup: Lookup, found: Mapping[bytes, bytes | None]) -> Outcome:
        """The features, from what the store had under the keys of the lookup.

        A value that cannot be decoded is this part's failure and nobody else's.
        """
        batch = found[lookup.batch]
        pages = [page for key in lookup.pages if (page := found[key]) is not None]
        if batch is None and not pages:
            return Outcome(status=Status.NO_ENTITY)
        try:
            return self._finish(lookup.reach, batch, pages)
        except Exception as damaged:  # noqa: BLE001 - damaged bytes may break any decoder; other parts still answer
            return Outcome(status=Status.READ_FAILED, detail=f"a stored value cannot be read: {damaged}")

    def _finish(self, reach: Reach, batch: bytes | None, pages: Sequence[bytes]) -> Outcome:
        status = Status.STALE if reach.stale else Status.OK
        if self.program is None:
            values = decode_row(batch) if batch is not None else ()
            return Outcome(values=values, status=status, detail=reach.stale)
        answered = answer(self.program, batch, pages, reach.at, reach.batch_end)
        if status is Status.OK and not answered.exact_head:
            detail = f"a tile also holds events from {instant_text(reach.at)} on"
            return Outcome(values=answered.values, status=Status.HEAD_INEXACT, detail=detail)
        return Outcome(values=answered.values, status=status, detail=reach.stale)

    def _days(self, batch_end: Millis, at: Millis) -> range:
        """The days whose pages count: from the batch end up to the moment, which itself does not count."""
        if self.program is None or at <= batch_end:
            return range(0)
        last = day_of(Millis(at - 1))
        return range(max(day_of(batch_end), last - PAGES_AT_MOST + 1), last + 1)

    def _doubt(self, batch_end: Millis, at: Millis) -> str:
        """Why any value of this generation is stale at that moment; empty when it is not."""
        if self.program is None:
            asked = day_start(day_of(at))
            return "" if asked == batch_end else f"{_counted(batch_end)}, asked as of {instant_text(asked)}"
        if self.served is not None and self.served.tiles is None and at > batch_end:
            return f"{_counted(batch_end)} and nothing streams"
        since = self.served.tiles_since if self.served else None
        if since is not None and day_start(since) > batch_end and at > batch_end:
            return f"{_counted(batch_end)} and tiles begin only at {instant_text(day_start(since))}"
        if at > batch_end + FRESH and self.is_long:
            return f"{_counted(batch_end)}: windows of more than two days reach too far back"
        return ""


def _no_generation(served: ServedGroupBy, at: Millis) -> Outcome:
    if not served.generations:
        return Outcome(status=Status.NO_BATCH, detail="nothing has been uploaded yet")
    oldest = instant_text(min(generation.batch_end for generation in served.generations))
    return Outcome(
        status=Status.BEFORE_BATCH, detail=f"the oldest batch values end at {oldest}, after {instant_text(at)}"
    )


def _counted(batch_end: Millis) -> str:
    return f"batch values end at {instant_text(batch_end)}"


def part_reader(
    served: ServedGroupBy, *, label: str, columns: tuple[str, ...], given: Mapping[str, str] | None = None
) -> PartReader:
    """The reader of a served group_by. given: key of the group_by → request column; None where they are the same."""
    group_by = served.group_by
    return PartReader(
        label=label,
        columns=columns,
        keys=tuple(given[key.name] if given else key.name for key in group_by.keys),
        types=tuple(key.type for key in group_by.keys),
        served=served,
        program=_program(group_by),
        is_long=any(feature.window is not None and feature.window > FRESH for feature in group_by.features),
    )


def _program(group_by: GroupBy) -> Program | None:
    if group_by.accuracy is not Accuracy.TEMPORAL:
        return None
    return compiled(group_by.features, group_by.accuracy, changes=group_by.changes)


@functools.lru_cache(maxsize=4096)
def compiled(features: tuple[Feature, ...], accuracy: Accuracy, *, changes: bool) -> Program:
    """The program of some features: it does not depend on the generation, so a new upload compiles nothing."""
    return Program.compile(features, accuracy, changes=changes)
