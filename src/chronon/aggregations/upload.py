"""Batch values: what one entity's history up to the batch end contributes to any query of the next two days.

        B - W           B - W + 2d                          B
          |<- tail hops ->|<----------- collapsed --------->|<- tiles of the stream
          kept apart, so that the tail can move

Rows of a snapshot may have times of their own at or after the batch end. Those stand behind the hops, each time for
itself: a window counts them once its query has passed them. Without a window they count at once.

Tables of a value: the collapsed states (one row per window of the program), then the hops of each size that the
windows need. Words: version and kind | batch end | where each table begins | the tables.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from chronon.aggregations.events import EventBatch
from chronon.aggregations.packing import packed, slices
from chronon.aggregations.program import Program
from chronon.aggregations.ragged import Ragged, concat, run_starts
from chronon.aggregations.rows import States, TileRows, lift, with_one_dictionary
from chronon.aggregations.tiles import Timelines
from chronon.aggregations.timeline import sort_events
from chronon.aggregations.values import Ints, Mask
from chronon.aggregations.weave import Section, woven
from chronon.aggregations.windows import TAIL_BUFFER, hop_of
from chronon.model.time import Millis, floor_to

VERSION = 1
BATCH_MARK = VERSION | (ord("b") << 8)


def batch_values(program: Program, events: EventBatch, n_entities: int, batch_end: Millis) -> Sequence[bytes]:
    """One packed value per entity code 0 … n_entities - 1. Events at or after the batch end are left out.

    events: of a program of changes the rows of the last snapshot at their own times, those to come too.
    """
    lines = Timelines(sort_events(events))
    tables = [_collapsed(program, lines, n_entities, batch_end)]
    tables += [_hops(program, lines, hop, batch_end) for hop in program.hops]
    parts = [packed(program, table, table.entity, n_entities) for table in tables]
    head = np.empty((n_entities, 2 + len(parts)), np.int64)
    head[:, 0], head[:, 1] = BATCH_MARK, batch_end
    head[:, 2] = head.shape[1]
    for at, part in enumerate(parts[:-1]):
        head[:, 3 + at] = head[:, 2 + at] + part.lengths
    words, offsets = woven([Section(head.ravel(), np.full(n_entities, head.shape[1])), *parts])
    return slices(words, offsets)


def collapse_start(program: Program, window: Millis | None, batch_end: Millis) -> Millis | None:
    """Where the collapsed part of a window begins: what lies before it is kept in hops. None: at the beginning."""
    if window is None:
        return None
    hop = hop_of(window, program.accuracy)
    return min(batch_end, floor_to(Millis(batch_end - window + TAIL_BUFFER), hop))


def _collapsed(program: Program, lines: Timelines, n: int, batch_end: Millis) -> TileRows:
    """A row per (entity, window): its `start` is the place of the window in the program."""
    rows = np.add.outer(np.arange(n), np.arange(len(program.windows)) * n).ravel()
    found = []
    for at, column in enumerate(program.columns):
        line, _ = lines.of(column)
        per_window = []
        for window in program.windows:
            stop = None if window is None and program.changes else batch_end
            mine = _between(line.ts, collapse_start(program, window, batch_end), stop)
            if window not in program.windows_of[at]:
                mine[:] = False
            part = line.take(mine)
            per_window.append(lift(column, part, part.entity, n))
        ragged = concat([part.ragged for part in per_window]).take(rows)
        found.append(States(ragged=ragged, texts=line.texts, level_texts=line.level_texts))
    states, texts = with_one_dictionary(program, found)
    entity, place = np.divmod(np.arange(len(rows)), max(len(program.windows), 1))
    table = TileRows(entity=entity, start=place, last_ts=np.zeros_like(place), states=states, texts=texts)
    return table.take(np.flatnonzero(_filled(states, len(rows))))


def _hops(program: Program, lines: Timelines, hop: Millis, batch_end: Millis) -> TileRows:
    """A row per (entity, hop) of one size that lies in the tail of a window, or per moment after the batch end."""
    events = lines.events
    start = np.where(events.ts < batch_end, events.ts - events.ts % hop, events.ts)
    begins = run_starts(events.entity, start)
    row = np.repeat(np.arange(len(begins)), np.diff(np.append(begins, len(start))))
    found = []
    for at, column in enumerate(program.columns):
        line, has = lines.of(column)
        mine = np.zeros(len(line.ts), np.bool_)
        for window in program.windows_of[at]:
            if window is not None and hop_of(window, program.accuracy) == hop:
                tail = floor_to(Millis(batch_end - window), hop)
                mine |= _between(line.ts, tail, collapse_start(program, window, batch_end))
                if program.changes:
                    mine |= line.ts >= batch_end
        rows = row if has is None else np.repeat(row, has)
        found.append(lift(column, line.take(mine), rows[mine], len(begins)))
    states, texts = with_one_dictionary(program, found)
    entity, first = events.entity[begins], start[begins]
    table = TileRows(entity=entity, start=first, last_ts=np.zeros_like(first), states=states, texts=texts)
    return table.take(np.flatnonzero(_filled(states, len(begins))))


def _between(ts: Ints, start: Millis | None, stop: Millis | None) -> Mask:
    mine: Mask = np.ones(len(ts), np.bool_) if start is None else ts >= start
    return mine if stop is None else mine & (ts < stop)


def _filled(states: Sequence[Ragged], n: int) -> Mask:
    """Which rows hold anything."""
    filled = np.zeros(n, np.bool_)
    for state in states:
        filled |= state.lengths > 0
    return filled
