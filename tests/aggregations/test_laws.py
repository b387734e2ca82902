"""Laws of every operation of the registry, with and without buckets.

zero neutral · merge associative and commutative · fold = reduce merge . map lift · decode . encode = id ·
finishing leaves the state as it is · any split of a history into batch, tiles and order gives the same bytes.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from builders import CALLS, DAY, HOUR, KINDS, START, batch_of, cells_of, queries_of, unpaired
from hypothesis import given, settings
from hypothesis import strategies as st
from merging import EVER, merge, rolled_up, stored

from chronon.aggregations import (
    Program,
    TileRows,
    answer,
    batch_values,
    encode_row,
    fold_tiles,
    operation_names,
    output_type,
    page_keys,
    pages,
    point_in_time,
)
from chronon.aggregations.fold import Items
from chronon.aggregations.packing import packed, unpacked
from chronon.aggregations.rows import concat_rows
from chronon.aggregations.upload import collapse_start
from chronon.aggregations.views import BatchView, PageView, TableView
from chronon.model.definitions import Feature
from chronon.model.errors import ChrononError
from chronon.model.specs import Accuracy, OperationCall
from chronon.model.time import Millis
from chronon.model.types import DataType, Scalar


def law(check: Callable[..., None]) -> Callable[..., None]:
    """A property of every operation: a few histories of each, hundreds over the registry."""
    return pytest.mark.parametrize("name", operation_names())(settings(max_examples=10)(given(data=st.data())(check)))


MINUTE = 60_000
TILES = (1, 1_000, MINUTE, 300_000)
"""Sizes of tiles that divide every hop of every window."""


def a_program(name: str, kind: DataType, windows: tuple = (None,)) -> Program:
    """Every call of one operation that the builders know, without and with buckets."""
    found = []
    for arguments in CALLS.get(name, [()]):
        call = OperationCall(name, arguments)
        found += [
            Feature(
                name=f"{call} {buckets} {window}",
                input="v",
                input_type=kind,
                operation=call,
                window=window,
                buckets=buckets,
                type=output_type(call, kind, buckets),
            )
            for buckets in ((), ("b",))
            for window in windows
        ]
    return Program.compile(tuple(found), Accuracy.TEMPORAL)


def takes(name: str, kind: DataType) -> bool:
    try:
        return output_type(OperationCall(name, CALLS.get(name, [()])[0]), kind) is not None
    except ChrononError:
        return False


KINDS_OF = {name: [kind for kind in KINDS if takes(name, kind)] for name in operation_names()}


def an_input_of(data: st.DataObject, name: str) -> DataType:
    return data.draw(st.sampled_from(KINDS_OF[name]))


def events_of(data: st.DataObject, kind: DataType, times: st.SearchStrategy[int], least: int = 0) -> list[tuple]:
    """Events of one entity, with times and values that come again."""
    value = st.none() | cells_of(kind)
    event = st.tuples(st.just(0), times.map(lambda t: START + t), value, st.sampled_from(["x", "é", None]))
    return data.draw(st.lists(event, min_size=least, max_size=8))


def state_of(program: Program, kind: DataType, events: list[tuple]) -> TileRows:
    """One row for everything; without events the zero: a row whose states hold nothing."""
    return fold_tiles(program, batch_of(kind, events or [(0, 0, None, None)]), EVER)


FEW_TIMES = st.integers(0, 3)


@law
def test_merge_is_associative_and_commutative_on_bytes(name: str, data: st.DataObject) -> None:
    kind = an_input_of(data, name)
    program = a_program(name, kind)
    a, b, c = (state_of(program, kind, events_of(data, kind, FEW_TIMES)) for _ in range(3))

    assert stored(program, merge(program, a, b)) == stored(program, merge(program, b, a))
    left, right = merge(program, merge(program, a, b), c), merge(program, a, merge(program, b, c))
    assert stored(program, left) == stored(program, right)


@law
def test_zero_is_neutral(name: str, data: st.DataObject) -> None:
    kind = an_input_of(data, name)
    program = a_program(name, kind)
    zero, some = state_of(program, kind, []), state_of(program, kind, events_of(data, kind, FEW_TIMES))

    assert not any(len(column) for state in zero.states for column in state.columns)
    assert stored(program, merge(program, zero, some)) == stored(program, some)
    assert stored(program, merge(program, some, zero)) == stored(program, some)


@law
def test_fold_is_the_merge_of_lifted_events_in_any_order(name: str, data: st.DataObject) -> None:
    kind = an_input_of(data, name)
    program = a_program(name, kind)
    events = events_of(data, kind, FEW_TIMES, least=1)
    lifted = [state_of(program, kind, [event]) for event in data.draw(st.permutations(events))]

    at_once = merge(program, *lifted)
    one_by_one = lifted[0]
    for state in lifted[1:]:
        one_by_one = merge(program, one_by_one, state)

    whole = stored(program, state_of(program, kind, events))
    assert stored(program, at_once) == whole
    assert stored(program, one_by_one) == whole


@law
def test_small_tiles_make_up_the_large_ones(name: str, data: st.DataObject) -> None:
    kind = an_input_of(data, name)
    program = a_program(name, kind)
    times = st.sampled_from([0, 1, 999, MINUTE, 299_999, 300_000, HOUR - 1, HOUR, DAY - 1, DAY])
    batch = batch_of(kind, events_of(data, kind, times))
    sizes = sorted(data.draw(st.sets(st.sampled_from([*TILES, HOUR]))))

    rows = fold_tiles(program, batch, Millis(1))
    for size in (*sizes, DAY):
        rows = rolled_up(program, rows, size)

    assert stored(program, rows) == stored(program, fold_tiles(program, batch, Millis(DAY)))


def items_of(program: Program, rows: TileRows) -> list[list[list[tuple]]]:
    """Per base column and row the items, with texts instead of their codes."""
    found = []
    texts = rows.texts.to_pylist()
    for column, state in zip(program.columns, rows.states, strict=True):
        cells = [part.tolist() for part in state.columns]
        for place in column.text_columns:
            cells[place] = [texts[code] for code in cells[place]]
        items = list(zip(*cells, strict=True))
        found.append([items[a:b] for a, b in zip(state.offsets[:-1], state.offsets[1:], strict=True)])
    return found


def tiles_in(page: PageView) -> list[int]:
    """The rows of a page that are tiles, in the order of time: of rows with one start the first, the others are roll-ups."""
    first: dict[int, int] = {}
    for row, start in enumerate(page.table.starts):
        first.setdefault(start, row)
    return [first[start] for start in sorted(first)]


def viewed(program: Program, table: TableView, at: int, row: int) -> list[tuple]:
    """The items of one base column in a row of a table, as the fetcher reads them."""
    cells = list(table.items(at, row, row + 1) or ())
    for place in program.columns[at].text_columns if cells else ():
        cells[place] = [table.texts[code] for code in cells[place]]
    return list(zip(*cells, strict=True))


@law
def test_unpacking_gives_back_what_was_packed(name: str, data: st.DataObject) -> None:
    kind = an_input_of(data, name)
    program = a_program(name, kind)
    events = events_of(data, kind, st.sampled_from([0, 1, 7, 1_000, 5_000]))
    owned = [(data.draw(st.integers(0, 2)), *event[1:]) for event in events]
    rows = fold_tiles(program, batch_of(kind, owned), Millis(1_000))

    section = packed(program, rows, rows.entity, 3)
    begin = np.cumsum(section.lengths) - section.lengths
    back = unpacked(program, section.words, begin, np.arange(3))

    assert [back.entity.tolist(), back.start.tolist(), back.last_ts.tolist()] == [
        rows.entity.tolist(),
        rows.start.tolist(),
        rows.last_ts.tolist(),
    ]
    assert items_of(program, back) == items_of(program, rows)
    assert packed(program, back, back.entity, 3).words.tobytes() == section.words.tobytes()


@law
def test_reader_sees_in_pages_and_batch_values_what_was_folded(name: str, data: st.DataObject) -> None:
    kind = an_input_of(data, name)
    program = a_program(name, kind)
    batch = batch_of(kind, events_of(data, kind, st.integers(0, 9)))
    rows = fold_tiles(program, batch, EVER if not data.draw(st.booleans()) else Millis(2))
    whole = items_of(program, fold_tiles(program, batch, EVER))

    (value,) = batch_values(program, batch, 1, Millis(START + DAY))
    views = [PageView(program, page) for page in pages(program, rows, {}).values()]

    collapsed = BatchView(program, value).collapsed
    for at, found in enumerate(items_of(program, rows)):
        assert [viewed(program, view.table, at, row) for view in views for row in tiles_in(view)] == found
        # A row that holds nothing is left out of a batch value.
        in_batch = [item for row in range(collapsed.rows) for item in viewed(program, collapsed, at, row)]
        assert in_batch == [item for row in whole[at] for item in row]


@law
def test_finishing_leaves_the_state_as_it_is(name: str, data: st.DataObject) -> None:
    kind = an_input_of(data, name)
    program = a_program(name, kind)
    rows = state_of(program, kind, events_of(data, kind, FEW_TIMES, least=1))
    texts = rows.texts.to_pylist()
    for output in program.outputs:
        if output.reading.levels or not rows.states[output.columns[0]].lengths[0]:
            continue
        states = [rows.states[place] for place in output.columns]
        items = tuple(Items(columns=tuple(c.tolist() for c in state.columns), texts=texts) for state in states)
        before = copy.deepcopy(items)

        results = [output.operation.finish(output.call, output.reading.type, items) for _ in range(2)]

        assert repr(results[0]) == repr(results[1])
        assert items == before


WINDOWS = (300_000, HOUR, 13 * HOUR, 2 * DAY, 3 * DAY, 12 * DAY, None)
QUERY = Millis(START + 14 * DAY)
"""Midnight: the end of one batch, and of the next two days' tiles."""


def times_around_the_borders() -> st.SearchStrategy[int]:
    """Times on and beside the tails of all windows, the ends of the collapsed parts and the batch ends."""
    tails = [14 * DAY - window for window in WINDOWS if window]
    borders = [*tails, 12 * DAY, 13 * DAY, 13 * DAY + HOUR, 0]
    return st.sampled_from([border + step for border in borders for step in (-1, 0, 1)])


def pages_of(program: Program, kind: DataType, events: list[tuple], data: st.DataObject) -> list[bytes]:
    """Pages of tiles whose size changes from hour to hour, written in any order and partly twice."""
    # A tile must not straddle a tail, so those of an hour are for windows whose tails move by hours or days.
    allowed = TILES if any(window and window < 12 * HOUR for window in program.windows) else (*TILES, HOUR)
    sizes = {hour: data.draw(st.sampled_from(allowed)) for hour in sorted({e[1] // HOUR for e in events})}
    parts = [
        fold_tiles(program, batch_of(kind, mine), Millis(size))
        for size in sorted(set(sizes.values()))
        if (mine := [event for event in events if sizes[event[1] // HOUR] == size])
    ]
    if not parts:
        return []
    rows = concat_rows(program, parts)
    n = len(rows.entity)
    written: dict[Any, bytes] = {}
    for picked in ([data.draw(st.integers(0, n - 1))], data.draw(st.permutations(range(n)))):
        for at in picked:
            one = rows.take(np.array([at]))
            (key,) = page_keys(one)
            written |= pages(program, one, {key: written[key]} if key in written else {})
    assert set(written) == set(page_keys(rows.take(np.lexsort((rows.start, rows.entity)))))
    return data.draw(st.permutations(list(written.values())))


@law
def test_any_split_into_batch_and_tiles_gives_the_same_bytes_of_the_answer(name: str, data: st.DataObject) -> None:
    kind = an_input_of(data, name)
    program = a_program(name, kind, some_windows(data))
    events = events_of(data, kind, times_around_the_borders())
    columns = point_in_time(program, batch_of(kind, events), queries_of([(0, QUERY)]))
    trained = encode_row([python(column) for column in columns])
    end = Millis(QUERY - data.draw(st.integers(0, 2)) * DAY)
    (value,) = batch_values(program, batch_of(kind, data.draw(st.permutations(events))), 1, end)
    # The stream has what the batch does not; the day before is still there, and must not count twice.
    streamed = [event for event in events if event[1] >= end - DAY]

    found = answer(program, value, pages_of(program, kind, streamed, data), QUERY)

    assert found.exact_head
    assert encode_row(found.values) == trained


def some_windows(data: st.DataObject) -> tuple[int | None, ...]:
    return tuple(data.draw(st.lists(st.sampled_from(WINDOWS), min_size=1, max_size=3, unique=True)))


def python(column: Any) -> Any:
    """The one value of a column, as an answer has it: Arrow lists the entries of a map."""
    (value,) = column.to_pylist()
    return unpaired(value, column.type)


@law
def test_batch_value_does_not_depend_on_the_order_of_events(name: str, data: st.DataObject) -> None:
    kind = an_input_of(data, name)
    program = a_program(name, kind, some_windows(data))
    events = events_of(data, kind, times_around_the_borders())

    values = [
        batch_values(program, batch_of(kind, mine), 1, QUERY) for mine in (events, data.draw(st.permutations(events)))
    ]

    assert values[0] == values[1]


@law
def test_tile_replaces_what_was_written_of_it_before(name: str, data: st.DataObject) -> None:
    kind = an_input_of(data, name)
    program = a_program(name, kind)
    events = events_of(data, kind, times_around_the_borders(), least=1)
    early = events[: data.draw(st.integers(1, len(events)))]
    first, whole = (fold_tiles(program, batch_of(kind, mine), Millis(300_000)) for mine in (early, events))

    old = pages(program, first, {})
    new = pages(program, whole, {key: old[key] for key in page_keys(whole) if key in old})

    assert new == pages(program, whole, {})


@law
def test_tiles_of_later_events_are_added_to_those_of_before_to_the_last_byte(name: str, data: st.DataObject) -> None:
    kind = an_input_of(data, name)
    program = a_program(name, kind)
    events = events_of(data, kind, times_around_the_borders(), least=1)
    part_of = data.draw(st.lists(st.integers(0, 3), min_size=len(events), max_size=len(events)))
    found: dict[Any, bytes] = {}

    for part in range(4):
        if mine := [event for event, at in zip(events, part_of, strict=True) if at == part]:
            later = fold_tiles(program, batch_of(kind, mine), Millis(300_000))
            found |= pages(program, later, {key: found[key] for key in page_keys(later) if key in found}, adding=True)

    assert found == pages(program, fold_tiles(program, batch_of(kind, events), Millis(300_000)), {})


@law
def test_answering_twice_gives_the_same_and_leaves_what_is_stored(name: str, data: st.DataObject) -> None:
    kind = an_input_of(data, name)
    program = a_program(name, kind, some_windows(data))
    events = events_of(data, kind, times_around_the_borders())
    end = Millis(QUERY - DAY)
    (value,) = batch_values(program, batch_of(kind, events), 1, end)
    page_bytes = list(pages(program, fold_tiles(program, batch_of(kind, events), Millis(MINUTE)), {}).values())
    before = copy.deepcopy((value, page_bytes))

    first, second = (answer(program, value, page_bytes, QUERY) for _ in range(2))

    assert encode_row(first.values) == encode_row(second.values)
    assert (value, page_bytes) == before


def test_no_window_collapses_what_its_tail_can_still_leave() -> None:
    #   B - W             B - W + 2 d               B
    #     |<--- hops ------>|<----- collapsed ------>|     the tail moves two days before the next upload
    program = a_program("count", Scalar.LONG, WINDOWS)

    for window in program.windows:
        if window is not None:
            assert collapse_start(program, window, QUERY) == min(QUERY, QUERY - window + 2 * DAY)
