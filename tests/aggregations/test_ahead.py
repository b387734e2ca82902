"""Law: a label at (entity, ts) is its operation over the events with ts <= event < ts + W, to the millisecond.

    events     --|---|-----[---|--|-----)--|-->
    label at t             ^ t          ^ t + W, not counted

An event at the very moment of the row is counted by the label, never by a feature: none is counted by both.
"""

from __future__ import annotations

from dataclasses import replace

import naive_features as naive
import pytest
from builders import DAY, HOUR, a_third_of, batch_of, features_of, histories, listed, plain, queries_of, second_bucket
from hypothesis import given
from hypothesis import strategies as st

from chronon.aggregations import Program, point_in_time
from chronon.model.specs import Accuracy, OperationCall
from chronon.model.types import DataType, Scalar

LENGTHS = (300_000, HOUR, 13 * HOUR, 2 * DAY, 12 * DAY)


@given(histories(), st.sampled_from(LENGTHS))
def test_label_equals_the_naive_fold_of_what_comes_after(history: tuple[DataType, list, list], window: int) -> None:
    kind, events, moments = history
    features = a_third_of(features_of(kind, (window,)), events)
    program = Program.compile(features, Accuracy.TEMPORAL, is_exact=True)

    asked = [(entity, at + window) for entity, at in moments]
    answers = point_in_time(program, batch_of(kind, events), queries_of(asked))

    for feature, answer in zip(features, answers, strict=True):
        assert feature.operation is not None
        call = (feature.operation.name, feature.operation.arguments)
        wanted = []
        for entity, at in moments:
            rows = [
                (ts, value, (bucket, second_bucket(ts)))
                for of, ts, value, bucket in events
                if of == entity >= 0 and at <= ts < at + window
            ]
            frame = (None, False, len(feature.buckets), feature.elementwise)
            wanted.append(plain(naive.feature(call, feature.input_type, rows, at + window, frame)))
        assert listed(answer) == wanted, feature


@pytest.mark.parametrize("window", LENGTHS)
def test_no_event_is_counted_by_a_feature_and_a_label(window: int) -> None:
    #   19,000 d + 7 min + 1 ms is on no hop: a feature of this window begins before it, a label with it
    at = 19_000 * DAY + 7 * 60_000 + 1
    events = [(0, at + off, 1, None) for off in (-window, -1, 0, 1, window - 1, window)]
    count = next(f for f in features_of(Scalar.INT, (window,)) if f.operation == OperationCall("count"))
    batch = batch_of(Scalar.INT, events)

    (before,) = point_in_time(Program.compile((count,), Accuracy.TEMPORAL), batch, queries_of([(0, at)]))
    exact = Program.compile((replace(count, buckets=()),), Accuracy.TEMPORAL, is_exact=True)
    (after,) = point_in_time(exact, batch, queries_of([(0, at + window)]))

    assert (before.to_pylist(), after.to_pylist()) == ([2], [3])
