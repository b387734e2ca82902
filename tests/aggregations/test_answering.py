"""Law: batch value and tiles, however they were split, answer what the training rows say."""

from __future__ import annotations

import numpy as np
import pytest
from builders import (
    DAY,
    HOUR,
    START,
    a_third_of,
    batch_of,
    crowded_histories,
    features_of,
    histories,
    listed,
    plain,
    queries_of,
    stored_pages,
)
from hypothesis import given
from hypothesis import strategies as st

from chronon.aggregations import Program, answer, batch_values, fold_tiles, pages, point_in_time
from chronon.model.errors import ChrononError
from chronon.model.specs import Accuracy
from chronon.model.time import Millis
from chronon.model.types import Scalar

OFFSETS = [0, 1, 60_000, 299_999, 300_000, HOUR, HOUR + 1, 13 * HOUR, DAY - 1, DAY, 2 * DAY]


@given(
    histories(),
    st.sampled_from([0, 1, 2, 12]),
    st.tuples(st.sampled_from([1, 1_000, 60_000, 300_000]), st.sampled_from((300_000, HOUR, 2 * DAY, 12 * DAY, None))),
    st.lists(st.sampled_from(OFFSETS), min_size=1, max_size=3),
    st.integers(0, 2**25 - 1),
)
def test_answer_equals_the_training_value(
    history: tuple, batch_day: int, sizes: tuple, offsets: list[int], written_late: int
) -> None:
    (kind, events, _), (tile, window) = history, sizes
    end = Millis(START + batch_day * DAY)
    queries = [(entity, end + offset) for entity in range(3) for offset in offsets]
    features = a_third_of(features_of(kind, tuple(dict.fromkeys((HOUR, window)))), events)

    assert_served_as_trained((kind, events), features, queries, (end, tile, written_late))


@given(
    crowded_histories(),
    st.sampled_from([START, START + DAY]),
    st.tuples(st.sampled_from([1_000, 60_000, 300_000]), st.sampled_from((HOUR, 13 * HOUR, None))),
    st.integers(0, 2**50 - 1),
)
def test_answer_from_roll_ups_equals_the_training_value(
    history: tuple, end: int, sizes: tuple, written_late: int
) -> None:
    (kind, events, moments), (tile, window) = history, sizes
    queries = [(entity, START + moment) for entity in range(2) for moment in moments if START + moment >= end]
    features = a_third_of(features_of(kind, (window,)), events)

    assert_served_as_trained((kind, events), features, queries, (Millis(end), tile, written_late))


def assert_served_as_trained(history: tuple, features: tuple, queries: list, how: tuple[Millis, int, int]) -> None:
    """how: the batch end, the size of tiles, and a bit for each tile that is written before the others and again."""
    (kind, events), (end, tile, written_late) = history, how
    program = Program.compile(features, Accuracy.TEMPORAL)
    wanted = [listed(column) for column in point_in_time(program, batch_of(kind, events), queries_of(queries))]

    values = batch_values(program, batch_of(kind, events), 3, end)
    rows = fold_tiles(program, batch_of(kind, events), Millis(tile))
    late = np.array([written_late >> at & 1 == 1 for at in range(len(rows.entity))], bool)
    stored = stored_pages(program, rows, [late, ~late, late])

    for at, (entity, ts) in enumerate(queries):
        mine = [page for (owner, _), page in stored.items() if owner == entity]
        found = answer(program, values[entity], mine, Millis(ts))
        held = [e[1] for e in events if e[0] == entity and end <= e[1] - e[1] % tile < ts <= e[1]]
        assert found.exact_head is (not held)
        if found.exact_head:
            for place, feature in enumerate(features):
                assert plain(found.values[place]) == wanted[place][at], feature


def test_answer_without_a_batch_counts_tiles_from_the_batch_end_on() -> None:
    events = [(0, START - 1, 1, None), (0, START, 2, None), (0, START + 5, 4, None)]
    program = Program.compile(features_of(Scalar.LONG, (HOUR,)), Accuracy.TEMPORAL)
    place = next(i for i, o in enumerate(program.outputs) if o.call.name == "sum" and not o.reading.buckets)
    stored = stored_pages(program, fold_tiles(program, batch_of(Scalar.LONG, events), Millis(1)), [np.ones(3, bool)])

    found = answer(program, None, list(stored.values()), Millis(START + 5), Millis(START))

    assert found.values[place] == 2


def test_answer_before_the_batch_end_is_refused() -> None:
    program = Program.compile(features_of(Scalar.LONG, (HOUR,)), Accuracy.TEMPORAL)
    (value,) = batch_values(program, batch_of(Scalar.LONG, []), 1, Millis(START))

    with pytest.raises(ChrononError, match="after-batch"):
        answer(program, value, [], Millis(START - 1))


def test_value_of_another_version_is_refused() -> None:
    program = Program.compile(features_of(Scalar.LONG, (HOUR,)), Accuracy.TEMPORAL)
    (value,) = batch_values(program, batch_of(Scalar.LONG, []), 1, Millis(START))

    with pytest.raises(ChrononError, match="CHR-W008"):
        answer(program, b"\x07" + value[1:], [], Millis(START))
    with pytest.raises(ChrononError, match="CHR-W008"):
        answer(program, value, [b"\x07" + bytes(7)], Millis(START))


def test_page_of_the_version_without_roll_ups_is_refused_by_reader_and_writer() -> None:
    program = Program.compile(features_of(Scalar.LONG, (HOUR,)), Accuracy.TEMPORAL)
    rows = fold_tiles(program, batch_of(Scalar.LONG, [(0, START, 1, None)]), Millis(1))
    ((key, page),) = pages(program, rows, {}).items()
    old = b"\x01" + page[1:]

    with pytest.raises(ChrononError, match="CHR-W008"):
        answer(program, None, [old], Millis(START + 1), Millis(START))
    with pytest.raises(ChrononError, match="CHR-W008"):
        pages(program, rows, {key: old})


@given(histories())
def test_writing_tiles_again_changes_nothing(history: tuple) -> None:
    kind, events, _ = history
    program = Program.compile(a_third_of(features_of(kind, (HOUR,)), events), Accuracy.TEMPORAL)
    rows = fold_tiles(program, batch_of(kind, events), Millis(300_000))
    everything = np.ones(len(rows.entity), bool)

    once = stored_pages(program, rows, [everything])
    twice = stored_pages(program, rows, [everything, everything])

    assert once == twice
