from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from planner_builders import a_feature, a_select, day, days, some_rows

from chronon.model.dayset import DaySet
from chronon.model.specs import Accuracy, SourceKind
from chronon.model.time import DAY, HOUR, MINUTE, Millis
from chronon.planners.days import FIRST_DAY, answerable, source_days, table_reach

EVENTS = some_rows(a_select("user"))
ENTITIES = some_rows(a_select("user"), kind=SourceKind.ENTITIES)
MUTATIONS = some_rows(a_select("user"), kind=SourceKind.MUTATIONS)


def hop_of(window: int) -> int:
    return DAY if window >= 12 * DAY else HOUR if window >= 12 * HOUR else 5 * MINUTE


def naive_source_days(asked: set[int], window: int, accuracy: Accuracy) -> set[int]:
    """Every day in which some instant lies that counts for some question: questions at each hour of a day, and its last ms."""
    found: set[int] = set()
    for one in asked:
        moments = [one * DAY] if accuracy is Accuracy.SNAPSHOT else [one * DAY + h * HOUR for h in range(24)]
        if accuracy is Accuracy.TEMPORAL:
            moments.append((one + 1) * DAY - 1)
        for at in moments:
            hop = DAY if accuracy is Accuracy.SNAPSHOT else hop_of(window)
            tail = (at - window) // hop * hop
            found.update(range(tail // DAY, (at - 1) // DAY + 1))
    return found


_windows = st.one_of(
    st.integers(1, 100).map(lambda n: n * 5 * MINUTE),
    st.integers(12, 200).map(lambda n: n * HOUR),
    st.integers(12, 40).map(lambda n: n * DAY),
)


@given(st.sets(st.integers(19_000, 19_060), min_size=1), _windows)
def test_source_days_of_temporal_questions_equal_the_naive_ones(asked: set[int], window: int) -> None:
    feature = replace(a_feature(), window=Millis(window))

    found = source_days(EVENTS, [feature], Accuracy.TEMPORAL, DaySet.days(asked))

    assert set(found) == naive_source_days(asked, window, Accuracy.TEMPORAL)


@given(st.sets(st.integers(19_000, 19_060), min_size=1), st.integers(1, 40))
def test_source_days_of_snapshot_questions_equal_the_naive_ones(asked: set[int], n_days: int) -> None:
    feature = replace(a_feature(), window=Millis(n_days * DAY))

    found = source_days(EVENTS, [feature], Accuracy.SNAPSHOT, DaySet.days(asked))

    assert set(found) == naive_source_days(asked, n_days * DAY, Accuracy.SNAPSHOT)


def test_source_days_without_a_window_begin_with_time_itself() -> None:
    found = source_days(EVENTS, [a_feature(window=None)], Accuracy.TEMPORAL, days("2024-02-01", "2024-02-03"))

    assert (found.first, found.last) == (FIRST_DAY, day("2024-02-03"))


def test_source_days_of_several_windows_follow_the_longest() -> None:
    features = [a_feature(window="1d"), a_feature(window="9d")]

    found = source_days(EVENTS, features, Accuracy.TEMPORAL, days("2024-02-10", "2024-02-10"))

    assert found == days("2024-02-01", "2024-02-10")


def test_source_days_of_entities_are_the_evenings_before() -> None:
    found = source_days(ENTITIES, [a_feature(window=None)], Accuracy.SNAPSHOT, days("2024-02-10", "2024-02-12"))

    assert found == days("2024-02-09", "2024-02-11")


def test_source_days_of_mutations_are_the_days_asked_whatever_the_window() -> None:
    feature = replace(a_feature(), window=Millis(30 * DAY))

    found = source_days(MUTATIONS, [feature], Accuracy.TEMPORAL, days("2024-03-10", "2024-03-12"))

    assert found == days("2024-03-10", "2024-03-12")


def test_answerable_when_mutations_are_read_waits_for_the_day_itself() -> None:
    reach = table_reach(MUTATIONS, {MUTATIONS.table: days("2024-03-01", "2024-03-10")})

    assert answerable(MUTATIONS, Accuracy.TEMPORAL, reach).last == day("2024-03-10")


def test_holes_of_mutations_before_their_first_day_are_holes() -> None:
    reach = table_reach(MUTATIONS, {MUTATIONS.table: days("2024-03-05", "2024-03-10")})

    assert reach.holes(days("2024-03-04", "2024-03-06"), MUTATIONS.kind) == days("2024-03-04", "2024-03-04")


def test_source_days_outside_the_range_of_the_source_are_not_read() -> None:
    rows = some_rows(a_select("user"), start="2024-02-05", end="2024-02-08")

    found = source_days(rows, [a_feature(window="7d")], Accuracy.TEMPORAL, days("2024-02-01", "2024-02-20"))

    assert found == days("2024-02-05", "2024-02-08")


def test_answerable_when_the_source_has_ended_has_no_end() -> None:
    rows = some_rows(a_select("user"), end="2024-02-08")
    reach = table_reach(rows, {"shop.orders": days("2024-01-01", "2024-02-08")})

    assert day("2030-01-01") in answerable(rows, Accuracy.TEMPORAL, reach)


def test_answerable_when_the_table_is_unknown_is_nothing() -> None:
    reach = table_reach(EVENTS, {})

    assert not answerable(EVENTS, Accuracy.TEMPORAL, reach) & days("2000-01-01", "2100-01-01")


def test_holes_of_events_before_their_first_day_are_none() -> None:
    there = days("2024-02-05", "2024-02-06") | days("2024-02-09", "2024-02-10")
    reach = table_reach(EVENTS, {"shop.orders": there})

    wanted = days("2024-01-01", "2024-02-20")

    assert reach.holes(wanted, SourceKind.EVENTS) == days("2024-02-07", "2024-02-08")
    assert reach.holes(wanted, SourceKind.ENTITIES) == days("2024-02-07", "2024-02-08") | days(
        "2024-01-01", "2024-02-04"
    )
