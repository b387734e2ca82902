"""Merging of tiles, composed of what the core has: `concat_rows`, `ragged.reduce` and the `canonical` of each fold."""

from __future__ import annotations

import numpy as np

from chronon.aggregations import Program, TileRows
from chronon.aggregations.packing import packed
from chronon.aggregations.program import BaseColumn
from chronon.aggregations.ragged import Gather, Ragged, offsets_of, reduce
from chronon.aggregations.rows import concat_rows
from chronon.model.time import Millis

EVER = Millis(2**50)
"""A tile that holds every event."""


def merge(program: Program, *parts: TileRows) -> TileRows:
    """One tile per entity out of all tiles of the parts."""
    return rolled_up(program, concat_rows(program, list(parts)), EVER)


def rolled_up(program: Program, rows: TileRows, size: int) -> TileRows:
    """The tiles of a larger size that these tiles make up."""
    pairs = np.stack([rows.entity, rows.start - rows.start % size])
    (entity, start), row = distinct_columns(pairs)
    last_ts = np.full(len(entity), np.iinfo(np.int64).min)
    np.maximum.at(last_ts, row, rows.last_ts)
    states = tuple(
        merged(column, state, row, len(entity)) for column, state in zip(program.columns, rows.states, strict=True)
    )
    return TileRows(entity=entity, start=start, last_ts=last_ts, states=states, texts=rows.texts)


def merged(column: BaseColumn, state: Ragged, row: np.ndarray, n: int) -> Ragged:
    """The states of n rows. row: which of them each old row belongs to."""
    owner = np.repeat(row, state.lengths)
    (owners, *levels), group = distinct_columns(np.stack([owner, *state.columns[: column.prefix]]))
    how = Gather(column.fold.rule, column.fold.keep)
    whole = column.fold.canonical(reduce(group, state.columns[column.prefix :], len(owners), how))
    mine, *levels = (np.repeat(key, whole.lengths) for key in (owners, *levels))
    return Ragged(offsets=offsets_of(np.bincount(mine, minlength=n)), columns=(*levels, *whole.columns))


def distinct_columns(table: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The different columns in their order, and which of them each column is."""
    known, place = np.unique(table, axis=1, return_inverse=True)
    return known, place.ravel()


def stored(program: Program, rows: TileRows) -> bytes:
    """The canonical bytes of rows: one table for all of them."""
    return packed(program, rows, np.zeros(len(rows.entity), np.int64), 1).words.tobytes()
