"""Pages: the tiles of one entity and UTC day in one value, with their roll-ups.

A tile replaces the one of the same start, or is added to it: who folds on from a savepoint has only the later events of it.

Words: version and kind | where the rows of each coarser level begin | one table of all rows, level by level.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from chronon.aggregations.packing import packed, slices, unpacked
from chronon.aggregations.program import Program
from chronon.aggregations.ragged import run_starts
from chronon.aggregations.rollups import SIZES, added_up, rolled_up, tiles_of
from chronon.aggregations.rows import TileRows, concat_rows
from chronon.aggregations.weave import Section, woven
from chronon.model.errors import ChrononError
from chronon.model.time import DAY, Day

VERSION = 2
PAGE_MARK = VERSION | (ord("p") << 8)
PAGE_HEAD = 1 + len(SIZES)
"""Words before the table."""

PageKey = tuple[int, Day]
"""An entity code of the caller, and a UTC day: that of the events, or on which changes happened."""


def page_keys(rows: TileRows) -> list[PageKey]:
    """The pages that rows belong to, sorted: what the caller has to read before it calls `pages`."""
    day = rows.start // DAY
    first = run_starts(rows.entity, day)
    return [(e, Day(d)) for e, d in zip(rows.entity[first].tolist(), day[first].tolist(), strict=True)]


def pages(
    program: Program, rows: TileRows, old: Mapping[PageKey, bytes], *, adding: bool = False
) -> dict[PageKey, bytes]:
    """The new content of every page that the rows belong to.

    rows: sorted by (entity, start).  old: what is stored; pages that do not exist are left out.
    adding: rows hold other events than what is stored, and count beside it; else a row takes the place of a stored one.
    Laws: writing the same rows again changes nothing; the order of the writes does not matter between different tiles.
    Adding the tiles of some events to those of others gives the bytes of the tiles of all of them.
    Errors: CHR-W008 a page of another version.
    """
    keys, program = page_keys(rows), program.of_tiles
    stored = {key: old[key] for key in keys if key in old}
    if stored:
        both = concat_rows(program, [_stored_tiles(program, stored), rows])
        rows = added_up(program, both) if adding else _upserted(both)
    rows, level = rolled_up(program, rows)
    day = rows.start // DAY
    first = run_starts(rows.entity, day)
    n = len(first)
    owner = np.repeat(np.arange(n), np.diff(np.append(first, len(day))))
    levels = len(SIZES) + 1
    counts = np.bincount(owner * levels + level, minlength=n * levels).reshape(n, levels)
    head = np.column_stack([np.full(n, PAGE_MARK), np.cumsum(counts[:, :-1], axis=1)])
    words, offsets = woven([Section(head.ravel(), np.full(n, PAGE_HEAD)), packed(program, rows, owner, n)])
    return dict(zip(keys, slices(words, offsets), strict=True))


def merge_page(program: Program, page: bytes | None, rows: TileRows) -> bytes:
    """One page with rows of its entity and day put in."""
    (key,) = page_keys(rows)
    return pages(program, rows, {} if page is None else {key: page})[key]


def _stored_tiles(program: Program, stored: Mapping[PageKey, bytes]) -> TileRows:
    for page in stored.values():
        check_mark(page, PAGE_MARK)
    words = np.frombuffer(b"".join(stored.values()), "<i8")
    lengths = np.array([len(page) // 8 for page in stored.values()], np.int64)
    begin = np.cumsum(lengths) - lengths + PAGE_HEAD
    return tiles_of(unpacked(program, words, begin, np.array([entity for entity, _ in stored], np.int64)))


def _upserted(rows: TileRows) -> TileRows:
    """Rows in order, of those with equal (entity, start) the last given."""
    order = np.lexsort((rows.start, rows.entity))
    entity, start = rows.entity[order], rows.start[order]
    stops = np.append(run_starts(entity, start)[1:], len(order))
    return rows.take(order[stops - 1])


def check_mark(value: bytes, mark: int) -> None:
    """Refuses a value that another version wrote. Errors: CHR-W008."""
    if len(value) < 8 or len(value) % 8 or int.from_bytes(value[:8], "little") != mark:
        shown = value[:1].hex() or "nothing"
        message = f"a stored value begins with version {shown}, this program reads version {mark & 0xFF}"
        raise ChrononError("CHR-W008", message, "upload the batch and restart the stream with this version")
