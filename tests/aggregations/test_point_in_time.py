"""Law: a feature at (entity, ts) is its operation over the events with floor(q - W, hop) <= ts < q."""

from __future__ import annotations

import re

import pytest
from builders import DAY, HOUR, START, VALUES, batch_of, expected, features_of, histories, listed, queries_of
from hypothesis import given

from chronon.aggregations import Program, point_in_time
from chronon.model.errors import ChrononError
from chronon.model.specs import Accuracy
from chronon.model.types import Scalar


@given(histories())
def test_point_in_time_equals_the_naive_fold_of_each_window(history: tuple[Scalar, list, list]) -> None:
    kind, events, queries = history
    features = features_of(kind)
    program = Program.compile(features, Accuracy.TEMPORAL)

    answers = point_in_time(program, batch_of(kind, events), queries_of(queries))

    for feature, answer, wanted in zip(features, answers, expected(features, events, queries, False), strict=True):
        assert listed(answer) == wanted, feature


@given(histories())
def test_snapshot_accuracy_asks_at_the_midnight_before(history: tuple[Scalar, list, list]) -> None:
    kind, events, queries = history
    features = features_of(kind, (DAY, 12 * DAY, None))
    program = Program.compile(features, Accuracy.SNAPSHOT)

    answers = point_in_time(program, batch_of(kind, events), queries_of(queries))

    for feature, answer, wanted in zip(features, answers, expected(features, events, queries, True), strict=True):
        assert listed(answer) == wanted, feature


def test_answers_have_the_declared_types_even_without_events() -> None:
    for kind in VALUES:
        features = features_of(kind, (HOUR,))
        program = Program.compile(features, Accuracy.TEMPORAL)

        answers = point_in_time(program, batch_of(kind, []), queries_of([(0, START)]))

        names = {"bool": "boolean", "int32": "int", "int64": "long", "float": "float"}
        shown = [str(a.type).replace("list<item: ", "list<").replace(", ", ",") for a in answers]
        for long, short in names.items():
            shown = [re.sub(rf"\b{long}\b", short, text) for text in shown]
        assert shown == [str(f.type) for f in features]
        assert all(a.null_count == 1 for a in answers)


@pytest.mark.parametrize("window", [301_000, 0, -HOUR])
def test_window_off_its_hop_is_refused(window: int) -> None:
    feature = features_of(Scalar.INT, (window,))[0]

    with pytest.raises(ChrononError, match="CHR-W006"):
        Program.compile((feature,), Accuracy.TEMPORAL)
