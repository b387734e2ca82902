"""Roll-ups: the tiles of a page merged per 5 minutes, hour and day, so that a reader merges a few rows in place of all.

    level 0, tiles    a b c                  a, b, c of one minute each
          1, 5 min    A        d   e         A = a + b + c;  d and e are alone in their 5 minutes
          2, hour
          3, day      H                 f    H = A + d + e;  f is alone in its hour, H and f are two in their day

Where a stretch of the next size holds fewer than three rows they move up as they are. So every tile is stored once, and
a page of scattered tiles is hardly longer than its tiles (docs/adr/0006-roll-ups.md).
Roll-ups follow from the tiles alone: whoever writes a page makes them anew.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from chronon.aggregations.program import BaseColumn, Program
from chronon.aggregations.ragged import Gather, Ragged, concat, offsets_of, reduce, run_starts
from chronon.aggregations.rows import TileRows
from chronon.aggregations.values import Ints
from chronon.aggregations.windows import FIVE_MINUTES
from chronon.model.time import DAY, HOUR, Millis

SIZES = (FIVE_MINUTES, HOUR, DAY)
"""A row of level k lies within one stretch of SIZES[k - 1]; tiles are no longer than the first of them."""

WORTH = 3
"""The fewest rows that are merged into a roll-up."""


def rolled_up(program: Program, rows: TileRows) -> tuple[TileRows, Ints]:
    """Tiles and roll-ups, page by page and level by level within; and the level of each.

    rows: tiles sorted by (entity, start). A roll-up has the start of its first tile and the last ts of its last one.
    Law: a roll-up equals the tile of its size over the same events (tests/aggregations/test_rollups.py).
    """
    levels = []
    for size in SIZES:
        finer, rows = _split(program, rows, size)
        levels.append(finer)
    levels.append(rows)
    found = _stacked(levels)
    level = np.repeat(np.arange(len(levels)), [len(part.start) for part in levels])
    # Stable: within a level the rows stay in the order of time.
    order = np.lexsort((level, found.start // DAY, found.entity))
    return found.take(order), level[order]


def tiles_of(rows: TileRows) -> TileRows:
    """The tiles of what `rolled_up` returned, sorted by (entity, start).

    A roll-up starts with its first tile, which stands at a finer level: of rows with one start the first is the tile.
    """
    order = np.lexsort((rows.start, rows.entity))
    return rows.take(order[run_starts(rows.entity[order], rows.start[order])])


def added_up(program: Program, rows: TileRows) -> TileRows:
    """One row per (entity, start): those of equal ones merged. rows: in any order, with any number of each."""
    rows = rows.take(np.lexsort((rows.start, rows.entity)))
    starts = run_starts(rows.entity, rows.start)
    return _merged(program, rows, starts, np.append(starts[1:], len(rows.start)))


def _split(program: Program, rows: TileRows, size: Millis) -> tuple[TileRows, TileRows]:
    """The rows that are merged into roll-ups of one size; and these with the rows that are too few, in order."""
    starts, stops = _stretches(rows, size)
    is_merged = np.repeat(stops - starts >= WORTH, stops - starts)
    finer = rows.take(np.flatnonzero(is_merged))
    if not len(finer.start):
        return finer, rows
    coarser = _stacked([rows.take(np.flatnonzero(~is_merged)), _merged(program, finer, *_stretches(finer, size))])
    return finer, coarser.take(np.lexsort((coarser.start, coarser.entity)))


def _stretches(rows: TileRows, size: Millis) -> tuple[Ints, Ints]:
    """The rows [start, stop) of every stretch of an entity that has any."""
    starts = run_starts(rows.entity, rows.start // size)
    return starts, np.append(starts, len(rows.start))[1:]


def _merged(program: Program, rows: TileRows, starts: Ints, stops: Ints) -> TileRows:
    """One row of the rows [start, stop) each."""
    group = np.repeat(np.arange(len(starts)), stops - starts)
    return TileRows(
        entity=rows.entity[starts],
        start=rows.start[starts],
        last_ts=np.maximum.reduceat(rows.last_ts, starts),
        states=tuple(
            _merged_states(column, state, np.repeat(group, state.lengths), len(starts))
            for column, state in zip(program.columns, rows.states, strict=True)
        ),
        texts=rows.texts,
    )


def _merged_states(column: BaseColumn, state: Ragged, group: Ints, n: int) -> Ragged:
    """The states of n groups of rows. group: int64[items], the group of every item."""
    fold, prefix = column.fold, column.prefix
    merged = reduce(group, state.columns, n, Gather(fold.rule, fold.keep, prefix))
    if not prefix:
        return fold.canonical(merged)
    # What a fold calls a state is the items of one bucket here.
    owner = np.repeat(np.arange(n), merged.lengths)
    first = run_starts(owner, *merged.columns[:prefix])
    inner = Ragged(offsets=np.append(first, len(owner)), columns=merged.columns[prefix:])
    found = fold.canonical(inner)
    owner, *names = (np.repeat(part[first], found.lengths) for part in (owner, *merged.columns[:prefix]))
    return Ragged(offsets=offsets_of(np.bincount(owner, minlength=n)), columns=(*names, *found.columns))


def _stacked(parts: Sequence[TileRows]) -> TileRows:
    """All rows, those of the first part first; the parts share their texts."""
    return TileRows(
        entity=np.concatenate([part.entity for part in parts]),
        start=np.concatenate([part.start for part in parts]),
        last_ts=np.concatenate([part.last_ts for part in parts]),
        states=tuple(concat(column) for column in zip(*(part.states for part in parts), strict=True)),
        texts=parts[0].texts,
    )
