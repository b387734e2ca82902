"""Features of entities: the rows of the snapshot before a query's day, and the images of what changed on that day.

snapshot of day d - 1 |  - old  + new         - old         + new
 rows known from here |────┼──────┼─────q1──────┼─────q2──────┼───> day d

A query at q sees the rows that became known before q and whose own time lies in floor(q - W, hop) <= ts < q; without a
window whatever their own time is. So every row is seen from one border to another, and what only adds up is a running
sum over borders, in which an image of what was before counts less than nothing. Everything else cannot take a row back:
it leaves those images out and is computed once per set of rows that some query sees.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa

from chronon.aggregations.events import QueryBatch
from chronon.aggregations.program import Output, Program
from chronon.aggregations.queries import answered, by_call, by_reading, in_type
from chronon.aggregations.ragged import expand, offsets_of
from chronon.aggregations.ranges import Locator, Ranges
from chronon.aggregations.reading import Reading
from chronon.aggregations.timeline import SortedEvents, Timeline
from chronon.aggregations.values import Ints, flat
from chronon.aggregations.windows import hop_of
from chronon.model.specs import Accuracy
from chronon.model.time import DAY, Millis

_AT_ONCE = 4_000_000
"""Rows that are looked at at a time for sets of rows: an entity with many rows and many changes has many sets."""

_FAR = np.int64(1 << 61)
"""Own times are kept within this, so that a window can be added to them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityRows:
    """Rows of snapshots and images of mutations, in any order.

    entity: int64[n], dense codes; rows of -1 (a null in the key) count for nobody.
    day:    int64[n], the day whose queries see the row: that after the snapshot's, or that of the mutation. None: there
        is one snapshot, which every query sees.
    since:  int64[n], when it became known, epoch milliseconds: queries after it see the row.
    ts:     int64[n], the row's own time, which windows and the order of `first` and `last` go by.
    weight: int64[n], 1, or -1 for the image of what was before.
    inputs: column → Arrow array of n values; inputs and buckets of the features.
    """

    entity: Ints
    day: Ints | None
    since: Ints
    ts: Ints
    weight: Ints
    inputs: Mapping[str, Any]


def entities_in_time(program: Program, rows: EntityRows, queries: QueryBatch) -> list[Any]:
    """One Arrow array per feature of the program, each in the order of the queries.

    With snapshot accuracy a query is asked at the midnight before it, when nothing of its day has changed.
    Laws: every value is that of the operation over the rows that the query sees; an operation that can be inverted
    counts what was before less than nothing, and is null where as many were taken away as there were; the others
    know no image of what was before (tests/aggregations/test_mutations.py).
    """
    asked = _asked(queries, program.accuracy, has_days=rows.day is not None)
    seen = _of_groups(rows, asked)
    answers: dict[int, Any] = {}
    for reading, members in by_reading(program).items():
        values = _values(seen, reading)
        for window in dict.fromkeys(program.outputs[place].window for place in members):
            mine = [place for place in members if program.outputs[place].window == window]
            answers |= _answers(program, mine, _bordered(values, window, program.accuracy), asked)
    return [answers[place] for place in range(len(program.outputs))]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """Queries of known entities in groups of one entity and day.

    group: int64[m].  ts: int64[m].  keys: (entity, day) of every group as two ascending columns.
    back:  Arrow places of the original queries, null for an unknown entity.
    """

    group: Ints
    ts: Ints
    keys: tuple[Ints, Ints]
    back: Any


def _asked(queries: QueryBatch, accuracy: Accuracy, *, has_days: bool) -> _Asked:
    known = np.flatnonzero(queries.entity >= 0)
    entity, ts = queries.entity[known], queries.ts[known]
    ts = ts - ts % DAY if accuracy is Accuracy.SNAPSHOT else ts
    day = ts // DAY if has_days else np.zeros_like(ts)
    order = np.lexsort((day, entity))
    changed = np.ones(len(order), np.bool_)
    changed[1:] = (np.diff(entity[order]) != 0) | (np.diff(day[order]) != 0)
    group = np.empty(len(order), np.int64)
    group[order] = np.cumsum(changed) - 1
    back = np.full(len(queries.ts), -1, np.int64)
    back[known] = np.arange(len(known))
    keys = (entity[order][changed], day[order][changed])
    return _Asked(group=group, ts=ts, keys=keys, back=pa.array(back, mask=back < 0))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """Rows that some group may see, from just before its day to its end at most. All int64[n]."""

    group: Ints
    since: Ints
    until: Ints
    ts: Ints
    weight: Ints
    inputs: Mapping[str, Any]


def _of_groups(rows: EntityRows, asked: _Asked) -> _Seen:
    """The rows of the groups that are asked for."""
    day = np.zeros_like(rows.entity) if rows.day is None else rows.day
    group = Locator(*asked.keys)(np.maximum(rows.entity, 0), day)
    place = np.minimum(group, max(len(asked.keys[0]) - 1, 0))
    if len(asked.keys[0]):
        mine = (asked.keys[0][place] == rows.entity) & (asked.keys[1][place] == day)
    else:
        mine = np.zeros(len(rows.entity), np.bool_)
    kept = np.flatnonzero(mine)
    first, end = (day[kept] * DAY - 1, (day[kept] + 1) * DAY) if rows.day is not None else (-_FAR, _FAR)
    return _Seen(
        group=place[kept],
        since=np.maximum(rows.since[kept], first),
        until=np.full(len(kept), end),
        ts=rows.ts[kept],
        weight=rows.weight[kept],
        inputs={name: flat(column).take(pa.array(kept)) for name, column in rows.inputs.items()},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Values:
    """The non-null values of one reading. line: its `entity` is the group, its `ts` the row's own time."""

    line: Timeline
    since: Ints
    until: Ints
    weight: Ints


def _values(seen: _Seen, of: Reading) -> _Values:
    """The values of a reading in the order of (group, own time, code)."""
    numbers = np.arange(len(seen.ts))
    # Rows lie on a timeline of their own numbers, so that each value tells the row that it came from.
    line, _has = SortedEvents(entity=np.zeros_like(numbers), ts=numbers, order=None, inputs=seen.inputs).timeline(of)
    row = line.ts
    order = np.lexsort((line.codes, seen.ts[row], seen.group[row]))
    row = row[order]
    line = replace(line.take(order), entity=seen.group[row], ts=seen.ts[row])
    return _Values(line=line, since=seen.since[row], until=seen.until[row], weight=seen.weight[row])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bordered:
    """Values that some query of their group sees: one at q does iff enter < q <= leave."""

    line: Timeline
    weight: Ints
    enter: Ints
    leave: Ints


def _bordered(values: _Values, window: Millis | None, accuracy: Accuracy) -> _Bordered:
    if window is None:
        enter, leave = values.since, values.until
    else:
        hop = hop_of(window, accuracy)
        ts = np.clip(values.line.ts, -_FAR, _FAR)
        enter, leave = np.maximum(values.since, ts), np.minimum(ts - ts % hop + hop + window - 1, values.until)
    kept = np.flatnonzero(enter < leave)
    return _Bordered(line=values.line.take(kept), weight=values.weight[kept], enter=enter[kept], leave=leave[kept])


def _answers(program: Program, members: Sequence[int], seen: _Bordered, asked: _Asked) -> dict[int, Any]:
    """The answers of outputs of one input and one window, by place."""
    adding = [place for place in members if _is_invertible(program.outputs[place])]
    found: dict[int, Any] = {}
    if adding:
        ranges = _running(seen, asked)
        found |= {place: answered(program.outputs[place], ranges) for place in adding}
    if others := [place for place in members if place not in found]:
        found |= _per_set(program, others, seen, asked)
    return {place: in_type(column.take(asked.back), program.outputs[place]) for place, column in found.items()}


def _is_invertible(output: Output) -> bool:
    return output.operation.is_invertible(output.call, output.reading.type)


def _running(seen: _Bordered, asked: _Asked) -> Ranges:
    """Per query the borders before it: values count where they enter, and are taken back where they leave."""
    line, n = seen.line, len(seen.enter)
    rows, at = np.tile(np.arange(n), 2), np.concatenate([seen.enter, seen.leave])
    order = np.lexsort((at, line.entity[rows]))
    weights = np.concatenate([seen.weight, -seen.weight])[order]
    line = replace(line.take(rows[order]), ts=at[order], weights=weights)
    lo = np.searchsorted(line.entity, asked.group)
    return Ranges(timeline=line, lo=lo, hi=Locator(line.entity, line.ts)(asked.group, asked.ts))


def _per_set(program: Program, members: Sequence[int], seen: _Bordered, asked: _Asked) -> dict[int, Any]:
    """The answers of operations that cannot be inverted: one for all queries that see the same values."""
    positive = np.flatnonzero(seen.weight > 0)
    line = seen.line.take(positive)
    enter, leave = seen.enter[positive], seen.leave[positive]
    borders, owners = np.concatenate([enter, leave]), np.tile(line.entity, 2)
    order = np.lexsort((borders, owners))
    passed = Locator(owners[order], borders[order])(asked.group, asked.ts)
    # Queries of one group that have passed the same borders see the same values; any of them stands for all.
    _, one, set_of = np.unique(asked.group * np.int64(len(order) + 1) + passed, return_index=True, return_inverse=True)
    parts: dict[int, list[Any]] = {place: [] for place in members}
    for ranges in _sets(line, enter, leave, _Asking(asked.group[one], asked.ts[one])):
        for places in by_call(program, members):
            found = answered(program.outputs[places[0]], ranges)
            for place in places:
                parts[place].append(found)
    return {place: pa.concat_arrays(list(map(flat, found))).take(pa.array(set_of)) for place, found in parts.items()}


@dataclass(frozen=True, slots=True)
class _Asking:
    """One query per set of values. group, ts: int64[sets]; groups ascend."""

    group: Ints
    ts: Ints


def _sets(line: Timeline, enter: Ints, leave: Ints, asking: _Asking) -> Iterator[Ranges]:
    """A range per set over the values that it holds, a bounded number of them at a time; at least one part."""
    first, stop = (np.searchsorted(line.entity, asking.group, side=side) for side in ("left", "right"))
    lengths = stop - first
    batch = np.cumsum(lengths) // _AT_ONCE
    for mine in np.split(np.arange(len(lengths)), np.flatnonzero(np.diff(batch)) + 1):
        rows, owner = expand(first[mine], lengths[mine]), np.repeat(np.arange(len(mine)), lengths[mine])
        ts = asking.ts[mine][owner]
        held = (enter[rows] < ts) & (ts <= leave[rows])
        rows, owner = rows[held], owner[held]
        bounds = offsets_of(np.bincount(owner, minlength=len(mine)))
        yield Ranges(timeline=replace(line.take(rows), entity=owner), lo=bounds[:-1], hi=bounds[1:])
