"""States of many rows: the tiles, hops or collapsed windows of many entities, column by column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from chronon.aggregations.fold import Run
from chronon.aggregations.program import BaseColumn, Program
from chronon.aggregations.ragged import Ragged, concat, offsets_of, run_starts
from chronon.aggregations.timeline import Timeline
from chronon.aggregations.values import Ints, union_texts


@dataclass(frozen=True, slots=True, kw_only=True)
class TileRows:
    """Rows sorted by (entity, start), no pair twice.

    entity:  int64[n], codes of the caller.  start: int64[n], begin of the tile or hop, epoch milliseconds.
    last_ts: int64[n], the greatest ts of any event in it; of images of changes the last moment at which one was made.
    states:  per base column of the program the states of the n rows.
    texts:   sorted distinct strings that all text columns of all states index.
    """

    entity: Ints
    start: Ints
    last_ts: Ints
    states: tuple[Ragged, ...]
    texts: Any

    def take(self, rows: Ints) -> TileRows:
        """These rows, in their order."""
        return TileRows(
            entity=self.entity[rows],
            start=self.start[rows],
            last_ts=self.last_ts[rows],
            states=tuple(state.take(rows) for state in self.states),
            texts=self.texts,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class States:
    """States of one base column, with dictionaries of its own for its levels and its values."""

    ragged: Ragged
    texts: Any = None
    level_texts: tuple[Any, ...] = ()

    def texts_of(self, column: BaseColumn, place: int) -> Any:
        """The dictionary of one of its text columns."""
        return self.level_texts[place] if place < column.prefix else self.texts


def lift(column: BaseColumn, line: Timeline, row: Ints, n: int) -> States:
    """The states of n rows from a timeline. row: int64[values], ascending, which row each value belongs to."""
    if not line.levels:
        starts = run_starts(row)
        found = column.fold.lift(_run(line, starts))
        return States(ragged=found.take(_places(row[starts], n)), texts=line.texts)
    order = np.lexsort((*reversed(line.levels), row))
    line, row = line.take(order), row[order]
    starts = run_starts(row, *line.levels)
    found = column.fold.lift(_run(line, starts))
    owner, *levels = (np.repeat(part[starts], found.lengths) for part in (row, *line.levels))
    ragged = Ragged(offsets=offsets_of(np.bincount(owner, minlength=n)), columns=(*levels, *found.columns))
    return States(ragged=ragged, texts=line.texts, level_texts=line.level_texts)


def _run(line: Timeline, starts: Ints) -> Run:
    return Run(codes=line.codes, ts=line.ts, starts=starts, type=line.type, texts=line.texts, weights=line.weights)


def _places(rows: Ints, n: int) -> Ints:
    """For each of n rows its place among `rows`, -1 where it is not there."""
    places = np.full(n, -1, np.int64)
    places[rows] = np.arange(len(rows))
    return places


def with_one_dictionary(program: Program, states: Sequence[States]) -> tuple[tuple[Ragged, ...], Any]:
    """The states with all their text columns over one dictionary."""
    uses = [
        (at, place, state.texts_of(column, place))
        for at, (column, state) in enumerate(zip(program.columns, states, strict=True))
        for place in column.text_columns
    ]
    known = {id(texts): texts for _, _, texts in uses if texts is not None}
    texts, recodes = union_texts(list(known.values()))
    recode_of = dict(zip(known, recodes, strict=True))
    found = [state.ragged for state in states]
    for at, place, mine in uses:
        if mine is not None:
            found[at] = recoded(found[at], place, recode_of[id(mine)])
    return tuple(found), texts


def recoded(ragged: Ragged, place: int, recode: Ints) -> Ragged:
    """The items with one column translated."""
    columns = list(ragged.columns)
    columns[place] = recode[columns[place]]
    return replace(ragged, columns=tuple(columns))


def concat_rows(program: Program, parts: Sequence[TileRows]) -> TileRows:
    """All rows, those of the first part first; not sorted."""
    texts, recodes = union_texts([part.texts for part in parts])
    states = []
    for at, column in enumerate(program.columns):
        mine = [part.states[at] for part in parts]
        for place in column.text_columns:
            mine = [recoded(state, place, recode) for state, recode in zip(mine, recodes, strict=True)]
        states.append(concat(mine))
    return TileRows(
        entity=np.concatenate([part.entity for part in parts]),
        start=np.concatenate([part.start for part in parts]),
        last_ts=np.concatenate([part.last_ts for part in parts]),
        states=tuple(states),
        texts=texts,
    )
