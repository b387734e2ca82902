"""Cuts a batch into parts of whole entities: small enough for the caches, independent, so that threads can share them.

An entity's answers depend on its own events alone, so neither the cut nor the number of threads can change a bit.
Events that no window of any query can hold are left out here, before anything is sorted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from chronon.aggregations.columns import taken
from chronon.aggregations.events import EventBatch, QueryBatch
from chronon.aggregations.fast import compiled
from chronon.aggregations.program import Program
from chronon.aggregations.ragged import offsets_of, run_starts
from chronon.aggregations.values import Ints, Mask, flat

PART_ROWS = 250_000
"""Events and queries of a part, where no entity has more: its columns then stay in the caches."""

_MOST_PARTS = 60_000
_EARLIEST, _LATEST = np.iinfo(np.int64).min, np.iinfo(np.int64).max

Job = TypeVar("Job")
Done = TypeVar("Done")


def in_threads(work: Callable[[Job], Done], jobs: Sequence[Job], threads: int) -> list[Done]:
    """What the work makes of every job, in their order. The loops of NumPy, Arrow and numba run side by side."""
    if threads == 1 or len(jobs) < 2:
        return [work(job) for job in jobs]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, jobs))


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The queries of some entities, and the events that their windows can hold. Entities count from 0 in both."""

    events: EventBatch
    queries: QueryBatch


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A batch and where it is cut.

    queries: sorted by (entity, ts); part p has those in [bounds[p], bounds[p + 1]).
    entities: the first entity of every part.
    rows:     per part the rows of its events, in stretches of the batch: of each their rows, ascending, and entities.
    """

    events: EventBatch
    columns: Mapping[str, Any]
    queries: QueryBatch
    entities: Ints
    bounds: Ints
    rows: Sequence[Sequence[_Rows]]

    def part(self, at: int) -> Part:
        """One part, its columns copied together."""
        first, mine = self.entities[at], slice(self.bounds[at], self.bounds[at + 1])
        rows = np.concatenate([piece.rows for piece in self.rows[at]])
        return Part(
            events=EventBatch(
                entity=np.concatenate([piece.entity for piece in self.rows[at]]) - first,
                ts=self.events.ts[rows],
                inputs={name: taken(column, rows) for name, column in self.columns.items()},
                is_sorted=self.events.is_sorted,
            ),
            queries=QueryBatch(entity=self.queries.entity[mine] - first, ts=self.queries.ts[mine]),
        )

    @property
    def largest_first(self) -> list[int]:
        """The parts by their size: the greatest one must not be the last to begin."""
        sizes = np.diff(self.bounds) + np.array([sum(len(piece.rows) for piece in rows) for rows in self.rows])
        largest: list[int] = np.argsort(-sizes, kind="stable").tolist()
        return largest


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rows:
    """Some rows of the batch, and their entities."""

    rows: Ints
    entity: Ints


def cut(program: Program, events: EventBatch, queries: QueryBatch, threads: int) -> Cut:
    """The batch, cut between entities. queries: of known entities, sorted by (entity, ts)."""
    reach = _reach(program, events, queries)
    edges = np.linspace(0, len(events.ts), threads + 1).astype(np.int64).tolist()

    def reached(at: int) -> _Rows:
        entity, ts = (column[edges[at] : edges[at + 1]] for column in (events.entity, events.ts))
        fast = compiled(len(ts))
        rows = fast.reached(entity, ts, reach) if fast else reached_rows(entity, ts, reach)
        return _Rows(rows=rows + edges[at], entity=entity[rows])

    pieces = in_threads(reached, range(threads), threads)
    part_of = _part_of(pieces, queries, len(reach))
    starts = np.flatnonzero(np.diff(part_of, prepend=-1))
    split = in_threads(lambda piece: _split(piece, part_of, len(starts)), pieces, threads)
    return Cut(
        events=events,
        columns={name: flat(column) for name, column in events.inputs.items()},
        queries=queries,
        entities=starts,
        bounds=np.searchsorted(queries.entity, np.append(starts, len(reach))),
        rows=list(zip(*split, strict=True)),
    )


def _reach(program: Program, events: EventBatch, queries: QueryBatch) -> Ints:
    """Per entity the instants [first, stop) that its windows can hold: int64[entities + 1, 2].

    Nothing for entities that nobody asks for, nor for the last, which stands for the entity -1.
    """
    n = max(int(events.entity.max(initial=-1)), int(queries.entity.max(initial=-1))) + 2
    reach = np.empty((n, 2), np.int64)
    reach[:] = _LATEST, _EARLIEST
    begins = run_starts(queries.entity)
    asked, earliest = queries.entity[begins], queries.ts[begins]
    if None in program.windows:
        reach[asked, 0] = _EARLIEST
    else:
        tails = [earliest - w - (earliest - w) % program.step(w) for w in program.windows if w is not None]
        reach[asked, 0] = np.minimum.reduce(tails) if tails else earliest
    reach[asked, 1] = queries.ts[np.append(begins, len(queries.ts))[1:] - 1]
    return reach


def _part_of(pieces: Sequence[_Rows], queries: QueryBatch, n: int) -> npt.NDArray[np.uint16]:
    """The part of every entity: consecutive ones share a part until it is full; numbers without a gap."""
    sizes = np.bincount(queries.entity, minlength=n)
    for piece in pieces:
        sizes += np.bincount(piece.entity, minlength=n)
    before = np.cumsum(sizes) - sizes
    full = max(PART_ROWS, int(sizes.sum()) // _MOST_PARTS)
    new: Mask = np.diff(before // full, prepend=0) > 0
    return np.cumsum(new).astype(np.uint16)


def reached_rows(entity: Ints, ts: Ints, reach: Ints) -> Ints:
    """The rows whose ts lies in [first, stop) of their entity."""
    return np.flatnonzero((ts >= reach[:, 0][entity]) & (ts < reach[:, 1][entity]))


def _split(piece: _Rows, part_of: npt.NDArray[np.uint16], n_parts: int) -> list[_Rows]:
    """The rows of every part."""
    part = part_of[piece.entity]
    fast = compiled(len(part))
    split = fast.split_rows if fast else split_rows
    rows, entity, edges = split(piece.rows, piece.entity, part, n_parts)
    return [_Rows(rows=rows[a:b], entity=entity[a:b]) for a, b in pairwise(edges.tolist())]


def split_rows(rows: Ints, entity: Ints, part: npt.NDArray[np.uint16], n: int) -> tuple[Ints, Ints, Ints]:
    """The rows and entities by their part, in their order within one; and where each of the n parts begins."""
    edges = offsets_of(np.bincount(part, minlength=n))
    if (part[1:] < part[:-1]).any():
        order = np.argsort(part, kind="stable")
        rows, entity = rows[order], entity[order]
    return rows, entity, edges
