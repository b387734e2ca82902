"""The features of one entity now, from its batch value and the pages of the stream."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

from chronon.aggregations.fold import Fold, Items
from chronon.aggregations.joining import Columns, in_order, joined
from chronon.aggregations.program import Output, Program
from chronon.aggregations.reading import Reading
from chronon.aggregations.upload import collapse_start
from chronon.aggregations.views import BatchView, PageView, TableView
from chronon.aggregations.windows import tail_of
from chronon.model.errors import InvariantError
from chronon.model.time import Millis

Levels = tuple[str | int, ...]
"""The names of the buckets and map keys of a group, or its position in a list; empty where nothing splits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Values per output of the program; whether no tile held events at or after the moment asked for."""

    values: tuple[Any, ...]
    exact_head: bool


_EVER = range(-(1 << 63), 1 << 63)
"""Every time."""


@dataclass(frozen=True, slots=True)
class _Part:
    """Some rows of a table. own: of tiles of changes, the own times that a window counts; None: all that is there."""

    table: TableView
    lo: int
    hi: int
    own: range | None = None


def answer(
    program: Program, batch: bytes | None, pages: Sequence[bytes], at: Millis, batch_end: Millis | None = None
) -> Answer:
    """Features at `at` from an entity's batch value and its pages.

    batch: None when the entity has none; then batch_end tells up to where the batch reaches.
    pages: any order; tiles that start before the batch end are left out, they are in the batch.
    A tile counts whole as soon as it starts before `at`; when it holds events at or after it, exact_head is False.
    Law: equals `point_in_time` at `at` for batch end <= at <= batch end + 2 days when exact_head; of changes
    `entities_in_time` for batch end <= at < batch end + 1 day.
    Law: `at` is at or after the batch end; who asks looks.  Errors: CHR-W008 a value of another version.
    """
    view = None if batch is None else BatchView(program, batch)
    end = Millis(view.batch_end) if view else batch_end or Millis(0)
    if at < end:
        raise InvariantError("after-batch", f"asked at {at}, before the batch end {end}")
    stored = _Stored(batch=view, pages=_by_day(program, pages), batch_end=end)
    merged = _Merged(program, {window: _parts(program, stored, window, at) for window in program.windows})
    values = tuple(_value(program, output, merged) for output in program.outputs)
    return Answer(values=values, exact_head=_is_exact(stored, at))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stored:
    """What is stored of an entity. pages: in the order of time."""

    batch: BatchView | None
    pages: Sequence[PageView]
    batch_end: Millis


def _by_day(program: Program, pages: Sequence[bytes]) -> list[PageView]:
    return sorted((PageView(program, page) for page in pages), key=lambda view: view.table.starts[:1])


def _parts(program: Program, stored: _Stored, window: Millis | None, at: Millis) -> list[_Part]:
    """The rows that a window covers, oldest first."""
    tail = tail_of(window, program.accuracy, at)
    found = []
    if stored.batch is not None:
        collapse = collapse_start(program, window, stored.batch_end)
        place, hop = program.places[window]
        if hop is not None and tail is not None and collapse is not None:
            found.append(_rows(stored.batch.hops(hop), tail, collapse))
            if program.changes:
                found.append(_rows(stored.batch.hops(hop), max(tail, stored.batch_end), at))
        found.append(_rows(stored.batch.collapsed, place, place + 1))
    first, own = stored.batch_end if tail is None else max(tail, stored.batch_end), None
    if program.changes:
        first, own = stored.batch_end, _EVER if tail is None else range(tail, at)
    found += [_Part(page.table, lo, hi, own) for page in stored.pages for lo, hi in page.cover(first, at)]
    return [part for part in found if part.lo < part.hi]


def _rows(table: TableView, first: int, stop: int) -> _Part:
    return _Part(table, bisect_left(table.starts, first), bisect_left(table.starts, stop))


def _is_exact(stored: _Stored, at: Millis) -> bool:
    """Whether the last tile before `at` holds nothing from then on; those before it lie before its start."""
    for page in reversed(stored.pages):
        if cover := page.cover(stored.batch_end, at):
            return page.table.lasts[cover[-1][1] - 1] < at
    return True


class _Merged:
    """The merged items of (base column, window), made when first asked for."""

    def __init__(self, program: Program, parts: dict[Millis | None, list[_Part]]) -> None:
        self._program = program
        self._parts = parts
        self._made: dict[tuple[int, Millis | None], dict[Levels, Items]] = {}

    def of(self, column: int, window: Millis | None) -> dict[Levels, Items]:
        """Items by the names of their levels, in the order of these; nothing where nothing is kept."""
        key = (column, window)
        found = self._made.get(key)
        if found is None:
            found = self._made[key] = _merge(self._program, column, self._parts[window])
        return found


def _merge(program: Program, at: int, parts: Sequence[_Part]) -> dict[Levels, Items]:
    column, is_dated = program.columns[at], program.of_tiles.columns[at].is_dated
    found = [
        (part.table, items)
        for part in parts
        if (items := part.table.items(at, part.lo, part.hi))
        and (items := _counted(items, part.own) if is_dated and part.own is not None else items)
    ]
    if not found:
        return {}
    pieces, texts = _with_texts(program.texts[at], found)
    merge = _in_any_order if program.changes else joined
    prefix = column.prefix
    if not prefix:
        merged = merge(column.fold, pieces)
        return {(): Items(columns=merged, texts=texts)} if merged[0] else {}
    split: dict[tuple[int, ...], list[Columns]] = {}
    for piece in pieces:
        for level, mine in _by_level(list(zip(*piece[:prefix], strict=True)), piece[prefix:]).items():
            split.setdefault(level, []).append(mine)
    named = prefix - column.reading.is_positional
    return {
        (*(texts[code].decode() for code in level[:named]), *level[named:]): Items(columns=merged, texts=texts)
        for level in sorted(split)
        if (merged := merge(column.fold, split[level]))[0]
    }


def _in_any_order(fold: Fold, pieces: Sequence[Columns]) -> Columns:
    """Tiles of changes come in the order of the changes, not of the rows' own times."""
    return joined(fold, in_order(fold, pieces))


def _counted(items: Columns, own: range) -> Columns | None:
    """The items whose own time, their first column, counts; without it. None when there are none."""
    times, *rest = items
    if own is _EVER:
        return tuple(rest)
    kept = [row for row, time in enumerate(times) if time in own]
    if len(kept) == len(times):
        return tuple(rest)
    return tuple([column[row] for row in kept] for column in rest) if kept else None


def _by_level(levels: Sequence[tuple[int, ...]], rest: Sequence[list[int]]) -> dict[tuple[int, ...], Columns]:
    rows: dict[tuple[int, ...], list[int]] = {}
    for row, level in enumerate(levels):
        rows.setdefault(level, []).append(row)
    return {level: tuple([column[row] for row in mine] for column in rest) for level, mine in rows.items()}


def _with_texts(
    places: tuple[int, ...], found: Sequence[tuple[TableView, Columns]]
) -> tuple[list[Columns], list[bytes]]:
    """The pieces with their text columns over one sorted list of texts."""
    pieces = [items for _, items in found]
    if not places:
        return pieces, []
    if len(found) == 1:
        return pieces, found[0][0].texts
    texts = sorted({text for table, _ in found for text in table.texts})
    place = {text: at for at, text in enumerate(texts)}
    recoded = []
    for table, items in found:
        new = [place[text] for text in table.texts]
        recoded.append(tuple([new[code] for code in c] if at in places else c for at, c in enumerate(items)))
    return recoded, texts


_NOTHING = tuple(Items(columns=tuple([] for _ in range(width)), texts=[]) for width in range(4))
"""A fold that kept nothing of a group, by its width."""


def _value(program: Program, output: Output, merged: _Merged) -> Any:
    folds = [(merged.of(place, output.window), _NOTHING[program.columns[place].fold.width]) for place in output.columns]
    finish, call, kind = output.operation.finish, output.call, output.reading.type
    # The first fold has an item for every group that holds a value, so it tells which groups there are.
    found = {
        level: finish(call, kind, tuple(fold.get(level, nothing) for fold, nothing in folds)) for level in folds[0][0]
    }
    if output.reading.levels:
        return _nested({level: value for level, value in found.items() if value is not None}, output.reading)
    value = found.get(())
    return None if isinstance(value, float) and not isfinite(value) else value


def _nested(found: dict[Levels, Any], reading: Reading) -> Any:
    """Values by the names of their levels as maps of maps; of positions as lists that end with the last value."""
    if not found:
        return None
    whole: dict[Any, Any] = {}
    for level, value in found.items():
        place = whole
        for name in level[:-1]:
            place = place.setdefault(name, {})
        place[level[-1]] = value
    return _listed(whole, reading.levels - 1) if reading.is_positional else whole


def _listed(values: dict[Any, Any], depth: int) -> Any:
    """The innermost of nested maps, which are by position, as lists."""
    if depth:
        return {name: _listed(inner, depth - 1) for name, inner in values.items()}
    return [values.get(position) for position in range(max(values) + 1)]
