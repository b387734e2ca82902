"""Law: a feature at (entity, ts) is its operation over the events with floor(q - W, hop) <= ts < q."""

from __future__ import annotations

import pytest
from builders import (
    DAY,
    HOUR,
    KINDS,
    START,
    WINDOWS,
    a_third_of,
    batch_of,
    expected,
    features_of,
    histories,
    listed,
    queries_of,
)
from hypothesis import given
from hypothesis import strategies as st

from chronon.aggregations import Program, arrow_type, point_in_time
from chronon.model.errors import ChrononError
from chronon.model.specs import Accuracy
from chronon.model.types import DataType, Scalar


@given(histories(), st.sampled_from(WINDOWS), st.sampled_from(WINDOWS))
def test_point_in_time_equals_the_naive_fold_of_each_window(
    history: tuple[DataType, list, list], window: int | None, other: int | None
) -> None:
    kind, events, queries = history
    features = a_third_of(features_of(kind, tuple(dict.fromkeys((window, other)))), events)
    program = Program.compile(features, Accuracy.TEMPORAL)

    answers = point_in_time(program, batch_of(kind, events), queries_of(queries))

    for feature, answer, wanted in zip(features, answers, expected(features, events, queries, False), strict=True):
        assert listed(answer) == wanted, feature


@given(histories())
def test_snapshot_accuracy_asks_at_the_midnight_before(history: tuple[DataType, list, list]) -> None:
    kind, events, queries = history
    features = a_third_of(features_of(kind, (12 * DAY, None)), events)
    program = Program.compile(features, Accuracy.SNAPSHOT)

    answers = point_in_time(program, batch_of(kind, events), queries_of(queries))

    for feature, answer, wanted in zip(features, answers, expected(features, events, queries, True), strict=True):
        assert listed(answer) == wanted, feature


def test_answers_have_the_declared_types_even_without_events() -> None:
    for kind in KINDS:
        features = features_of(kind, (HOUR,))
        program = Program.compile(features, Accuracy.TEMPORAL)

        answers = point_in_time(program, batch_of(kind, []), queries_of([(0, START)]))

        assert [a.type for a in answers] == [arrow_type(f.type) for f in features]
        assert all(a.null_count == 1 for a in answers)


@pytest.mark.parametrize("window", [301_000, 0, -HOUR])
def test_window_off_its_hop_is_refused(window: int) -> None:
    feature = features_of(Scalar.INT, (window,))[0]

    with pytest.raises(ChrononError, match="window-of-hops"):
        Program.compile((feature,), Accuracy.TEMPORAL)
