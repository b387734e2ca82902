"""Tiles of changes: what the images of a stretch of time add to the snapshot of the batch's day, and what they take.

tile of changes  | 10:00 - old(created March) + new(created March) | 10:05 + new(created at noon) |
its states         March: −1 old +1 new                              12:00: +1 new

A tile holds what happened in its time, so a new batch drops whole days of them. What a window asks for is the rows' own
time: it is the outermost level of the states, in steps of the smallest hop of the windows that read them. A row of the
past counts from its change on, whatever the query; one of the future from its own time on, which is kept as it is.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from chronon.aggregations.mutations import EntityRows
from chronon.aggregations.program import BaseColumn, Program
from chronon.aggregations.ragged import run_starts
from chronon.aggregations.reading import Reading
from chronon.aggregations.rows import States, TileRows, lift, with_one_dictionary
from chronon.aggregations.timeline import SortedEvents, Timeline
from chronon.aggregations.values import Ints, flat
from chronon.model.time import Millis


@dataclass(frozen=True, slots=True, kw_only=True)
class Images:
    """Images of changes, each of some row of a table of states. tile: int64[n], that row. The others as in `EntityRows`."""

    tile: Ints
    since: Ints
    ts: Ints
    weight: Ints
    inputs: dict[str, Any]
    made: dict[Reading, Timeline] = field(default_factory=dict)

    def of(self, reading: Reading) -> Timeline:
        """The non-null values of a reading; `entity` is the tile and `ts` the number of the image."""
        if reading not in self.made:
            # Images lie on a timeline of their own numbers, so that each value tells the image that it came from.
            numbers = np.arange(len(self.tile))
            events = SortedEvents(entity=np.zeros_like(numbers), ts=numbers, order=None, inputs=self.inputs)
            line, _ = events.timeline(reading)
            self.made[reading] = replace(line, entity=self.tile[line.ts])
        return self.made[reading]


def fold_changes(program: Program, rows: EntityRows, tile: Millis) -> TileRows:
    """The tiles of images of changes: every (entity, tile) in which something changed has a row.

    tile: milliseconds, of the time at which changes happened.
    Law: what a snapshot and the tiles since then answer at q is what `entities_in_time` says of the same rows at q
    (tests/aggregations/test_images.py).
    """
    known = np.flatnonzero(rows.entity >= 0)
    order = known[np.lexsort((rows.since[known], rows.entity[known]))]
    entity, since = rows.entity[order], rows.since[order]
    start = since - since % tile
    begins = run_starts(entity, start)
    sizes = np.diff(np.append(begins, len(start)))
    images = Images(
        tile=np.repeat(np.arange(len(begins)), sizes),
        since=since,
        ts=rows.ts[order],
        weight=rows.weight[order],
        inputs={name: flat(column).take(order) for name, column in rows.inputs.items()},
    )
    found = [lift_images(column, images, len(begins)) for column in program.of_tiles.columns]
    states, texts = with_one_dictionary(program.of_tiles, found)
    last = since[begins + sizes - 1]
    return TileRows(entity=entity[begins], start=start[begins], last_ts=last, states=states, texts=texts)


def lift_images(column: BaseColumn, images: Images, n: int) -> States:
    """The states of n tiles of changes."""
    line = images.of(column.reading)
    weight = images.weight[line.ts]
    if column.images is not None and column.images.takes_back:
        line = replace(line, weights=weight)
    else:
        line = line.take(weight > 0)
    number = line.ts
    own = images.ts[number]
    if column.images is not None and (hop := column.images.hop) is not None:
        # A row of the past is there as soon as its change is, so only the tails of windows look at its own time.
        dated = np.where(own <= images.since[number], own - own % hop, own)
        line = replace(line, levels=(dated, *line.levels), level_texts=(None, *line.level_texts))
    line = replace(line, ts=own)
    line = line.take(np.lexsort((line.codes, own, line.entity)))
    return lift(column, line, line.entity, n)
