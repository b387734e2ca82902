"""Features at moments in the past: every query's window is an index range over sorted events.

events of an entity    --|--|-----|--|---|----|--|-->  ts
window of a query at q      [=================)
                            ^ floor(q - W, hop)  ^ q, not counted
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from chronon.aggregations.buckets import joint_codes, split
from chronon.aggregations.columns import taken
from chronon.aggregations.events import EventBatch, QueryBatch
from chronon.aggregations.fast import compiled
from chronon.aggregations.parts import Part, cut, in_threads
from chronon.aggregations.program import Output, Program
from chronon.aggregations.ragged import offsets_of
from chronon.aggregations.ranges import Locator, Ranges
from chronon.aggregations.reading import Reading
from chronon.aggregations.results import nested
from chronon.aggregations.timeline import SortedEvents, sort_events, sort_order
from chronon.aggregations.values import Ints, arrow_type, flat, present
from chronon.model.specs import Accuracy, OperationCall
from chronon.model.time import DAY, Millis
from chronon.model.types import Scalar


def point_in_time(program: Program, events: EventBatch, queries: QueryBatch, threads: int = 1) -> list[Any]:
    """One Arrow array per feature of the program, each in the order of the queries.

    threads: how many share the work; the bits are the same for any number.
    Law: every value is that of the operation over the events with floor(q - W, hop) <= ts < q; with snapshot accuracy
    q is the midnight before the query; of an exact program q - W is not rounded (tests/aggregations/test_point_in_time.py).
    """
    compiled(len(events.ts) + len(queries.ts))
    asked, back = _asked(queries, program.accuracy)
    batch = cut(program, events, asked, threads)
    order = batch.largest_first
    found = dict(zip(order, in_threads(lambda at: _answers(program, batch.part(at)), order, threads), strict=True))
    columns = list(zip(*(found[at] for at in range(len(found))), strict=True))
    return in_threads(lambda column: _back(pa.concat_arrays(column), back), columns, threads)


def _answers(program: Program, part: Part) -> list[Any]:
    """One Arrow array per feature for the queries of a part."""
    ordered, asked = sort_events(part.events), part.queries
    windows = _windows(program, ordered, asked)
    answers: dict[int, Any] = {}
    for reading, members in by_reading(program).items():
        ranges = _ranges(ordered, reading, windows, [program.outputs[place].window for place in members])
        for places in by_call(program, members):
            found = answered(program.outputs[places[0]], ranges.ranges)
            for place in places:
                answers[place] = _cut(found, program.outputs[place], ranges.windows, len(asked.ts))
    return [answers[place] for place in range(len(program.outputs))]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Windowed:
    """Ranges of some windows, one after the other in the order of `windows`."""

    windows: tuple[Millis | None, ...]
    ranges: Ranges


def _back(answers: Any, places: Ints) -> Any:
    """The answers in the order of the original queries."""
    if (places < 0).any():
        return answers.take(pa.array(places, mask=places < 0))
    return taken(answers, places)


def _asked(queries: QueryBatch, accuracy: Accuracy) -> tuple[QueryBatch, Ints]:
    """The queries of known entities sorted by (entity, ts), and the places of all queries among them, -1: unknown."""
    known = np.flatnonzero(queries.entity >= 0)
    ts = queries.ts - queries.ts % DAY if accuracy is Accuracy.SNAPSHOT else queries.ts
    order = known[sort_order(queries.entity[known], ts[known])]
    back = np.full(len(ts), -1, np.int64)
    back[order] = np.arange(len(order))
    return QueryBatch(entity=queries.entity[order], ts=ts[order]), back


def _windows(program: Program, ordered: SortedEvents, asked: QueryBatch) -> dict[Millis | None, tuple[Ints, Ints]]:
    """Per window the ranges [lo, hi) of the queries over all events."""
    locate = Locator(ordered.entity, ordered.ts)
    head = locate(asked.entity, asked.ts)
    found: dict[Millis | None, tuple[Ints, Ints]] = {}
    for window in program.windows:
        if window is None:
            first = locate(asked.entity, np.full(len(asked.ts), np.iinfo(np.int64).min >> 1))
        else:
            tail = asked.ts - window
            first = locate(asked.entity, tail - tail % program.step(window))
        found[window] = (first, head)
    return found


def by_reading(program: Program) -> dict[Reading, list[int]]:
    """The outputs over the same values, together."""
    grouped: dict[Reading, list[int]] = {}
    for place, output in enumerate(program.outputs):
        grouped.setdefault(output.reading, []).append(place)
    return grouped


def by_call(program: Program, members: Sequence[int]) -> list[list[int]]:
    """The outputs that differ in nothing but their windows, together."""
    grouped: dict[OperationCall, list[int]] = {}
    for place in members:
        grouped.setdefault(program.outputs[place].call, []).append(place)
    return list(grouped.values())


def _ranges(
    ordered: SortedEvents,
    reading: Reading,
    found: dict[Millis | None, tuple[Ints, Ints]],
    lengths: Sequence[Millis | None],
) -> _Windowed:
    windows = tuple(window for window in found if window in set(lengths))
    line, has = ordered.timeline(reading)
    lo, hi = (np.concatenate([found[window][side] for window in windows]) for side in (0, 1))
    if has is not None:
        before = offsets_of(has)
        lo, hi = before[lo], before[hi]
    return _Windowed(windows=windows, ranges=Ranges(timeline=line, lo=lo, hi=hi, windows=len(windows)))


def answered(output: Output, ranges: Ranges) -> Any:
    """The results of one operation over ranges of its reading, split by its levels; null for empty ranges."""
    if not ranges.timeline.levels:
        return output.operation.over(output.call, ranges)
    parts = split(ranges, joint_codes(ranges.timeline.levels))
    items = flat(output.operation.over(output.call, parts.ranges))
    kept = present(items)
    owner = parts.owner[kept]
    levels = [level[parts.ranges.lo[kept]] for level in parts.ranges.timeline.levels]
    return nested(owner, levels, ranges.timeline.level_texts, items.filter(pa.array(kept)), len(ranges.lo))


def _cut(found: Any, output: Output, windows: tuple[Millis | None, ...], n: int) -> Any:
    """The answers of one feature in its type; found holds n of each window."""
    return in_type(found.slice(windows.index(output.window) * n, n), output)


def in_type(answer: Any, output: Output) -> Any:
    """Results as values of the feature."""
    wanted = arrow_type(output.type)
    answer = answer if answer.type == wanted else answer.cast(wanted)
    return cleaned(answer) if output.type in {Scalar.FLOAT, Scalar.DOUBLE} else answer


def cleaned(numbers: Any) -> Any:
    """Results that are no finite number become null. Source: airbnb/chronon, finalize of a row aggregator."""
    finite = pc.is_finite(numbers)
    return numbers if pc.all(finite).as_py() in {True, None} else pc.if_else(finite, numbers, None)
